"""Which channel of a diagnosis tube answers to which channel of another tube of the same panel.

A marker of the panel by its label, on whatever detector; any other channel by its name, if the labels agree
too. Time belongs to the tube that the cells are put into. Each fluorescence channel must be part of both
tubes' spillover matrices, or of neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mrdkit.errors import InputError, RuleError
from mrdkit.flow.columns import channel_named, column_of
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.mrd.evaluability import NOT_COMPENSATED
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.plan import Matrix, plan_of
from mrdkit.flow.scaling import is_log_amplified, is_time
from mrdkit.flow.strategy import FILE_MATRIX

__all__ = ["Correspondence", "correspondence", "matrix_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """Columns (from 0) of the diagnosis tube for those of the other tube.

    Attributes:
        fluorescence: one per detector of the other tube's matrix, in its order.
        plain: column of the other tube -> column of the diagnosis tube, outside the matrices; Time is none.
        other_detectors: markers that the two tubes measure on detectors of different names.
    """

    fluorescence: tuple[int, ...]
    plain: Mapping[int, int]
    other_detectors: tuple[str, ...]


def matrix_of(dataset: FcsDataset, panel: Panel) -> Matrix:
    """Return the file's own spillover matrix, checked.

    Raises:
        InputError: there is none, it leaves out a marker, or it is refused.
        RuleError: the panel does not compensate by the file's matrix.
    """
    if panel.rule.compensation != "file":
        raise RuleError(
            "cells can only be carried from one spillover to another by the matrices of the files",
            code="PANEL_COMPENSATION",
            place=f"panel {panel.rule.id}, compensation",
            expected='"file"',
            found=f'"{panel.rule.compensation}"',
        )
    plan = plan_of(
        dataset, panel.strategy, tuple(axis for axis in panel.axes.values() if axis.by == "marker")
    )
    for code in NOT_COMPENSATED:
        if code in plan.flags:
            raise InputError(
                "the tube cannot be part of a dilution", code=code, found=NOT_COMPENSATED[code].rstrip(".")
            )
    return plan.matrices[FILE_MATRIX]


def correspondence(diagnosis: FcsDataset, normal: FcsDataset, panel: Panel) -> Correspondence:
    """Return the channels of the diagnosis tube that answer to those of another tube.

    Raises:
        InputError: a channel has no answer, or a channel stores logarithms.
        RuleError: as `matrix_of`.
    """
    markers = _markers(diagnosis, normal, panel)
    answers = {
        column: markers[column] if column in markers else _of_same_name(diagnosis, normal, column)
        for column, channel in enumerate(normal.channels)
        if not is_time(channel, normal.text)
    }
    own, others = matrix_of(normal, panel).detectors, matrix_of(diagnosis, panel).detectors
    for column, answer in answers.items():
        _check_matrices(normal, column, in_own=column in own, in_other=answer in others)
        _check_linear(normal, column)
    return Correspondence(
        fluorescence=tuple(answers[column] for column in own),
        plain={column: answer for column, answer in answers.items() if column not in own},
        other_detectors=tuple(
            normal.channels[column].label
            for column, answer in markers.items()
            if normal.channels[column].name != diagnosis.channels[answer].name
        ),
    )


def _markers(diagnosis: FcsDataset, normal: FcsDataset, panel: Panel) -> dict[int, int]:
    required = {marker.name for marker in panel.rule.marker if marker.required}
    return {
        column_of(normal, axis): column_of(diagnosis, axis)
        for axis in panel.axes.values()
        if axis.by == "marker" and axis.spellings[0] in required
    }


def _of_same_name(diagnosis: FcsDataset, normal: FcsDataset, column: int) -> int:
    channel = normal.channels[column]
    answer = channel_named(diagnosis, channel.name)
    label = None if answer is None else diagnosis.channels[answer].label
    if answer is None or label is None or label.casefold().split() != channel.label.casefold().split():
        raise InputError(
            "no channel of the diagnosis tube answers to a channel of this tube",
            code="CHANNELS_DIFFER",
            place=f"channel {channel.name}",
            expected=f"one channel {channel.name} labelled {channel.label!r}",
            found="none" if label is None else f"the label {label!r}",
            remedy="use tubes of the same panel, or correct the labels ($PnS)",
        )
    return answer


def _check_matrices(normal: FcsDataset, column: int, *, in_own: bool, in_other: bool) -> None:
    if in_own != in_other:
        raise InputError(
            "a channel is compensated in one of the two tubes only",
            code="MATRICES_DIFFER",
            place=f"channel {normal.channels[column].name}",
            expected="a channel of both spillover matrices or of neither",
            found="only the matrix of " + ("this tube" if in_own else "the diagnosis tube"),
        )


def _check_linear(normal: FcsDataset, column: int) -> None:
    channel = normal.channels[column]
    if is_log_amplified(channel, integer=normal.is_integer(column)):
        raise InputError(
            "cells cannot be put into a file that stores logarithms",
            code="VALUES_NOT_WRITABLE",
            place=f"$P{channel.index}E",
            expected="linear values",
        )
