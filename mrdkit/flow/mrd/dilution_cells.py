"""The leukemic cells of a diagnosis tube as another tube of the panel would have measured them.

Compensated by their own tube's matrix, moved to where the normal populations of the other tube stand (one
factor per marker, optional), spread over its detectors by its matrix, brought to its stored numbers and cut
off where its scales end. What a tube's detectors did to a cell's noise stays as it was measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError, RuleError
from mrdkit.flow.columns import column_of
from mrdkit.flow.compensation import compensate, observed_by
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.gating import apply_gating
from mrdkit.flow.mrd.alignment import Alignment, align, landmark_reference
from mrdkit.flow.mrd.blasts import find_blasts
from mrdkit.flow.mrd.detection_rules import read_detector_settings
from mrdkit.flow.mrd.dilution_channels import Correspondence, correspondence, matrix_of
from mrdkit.flow.mrd.evaluability import damage_problems, require_markers
from mrdkit.flow.mrd.features import features_of
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.mrd.tube import Tube, tube_of
from mrdkit.flow.quality_margin import scale_ends, top_of_scale
from mrdkit.flow.scaling import unscaled

__all__ = ["Leukemia", "NormalTube", "TransferredCells", "leukemia_of", "normal_tube", "transferred"]

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leukemia:
    """The leukemic cells of one diagnosis tube.

    Attributes:
        dataset: the tube.
        tube: its lineage gate and landmarks.
        numbers: (n,) numbers of the cells in the file, rising.
        n_saturated: cells at the top of a scale, whose true values are not known.
        flags: doubts about how they were found.
    """

    dataset: FcsDataset = field(repr=False)
    tube: Tube = field(repr=False)
    numbers: NDArray[np.intp] = field(repr=False)
    n_saturated: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NormalTube:
    """A tube without leukemic cells.

    Attributes:
        dataset: the tube.
        tube: its landmarks.
        denominator: (n,) numbers of its denominator gate's events, rising.
    """

    dataset: FcsDataset = field(repr=False)
    tube: Tube = field(repr=False)
    denominator: NDArray[np.intp] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TransferredCells:
    """Leukemic cells in the stored numbers of another tube.

    Attributes:
        columns: of that tube, all but Time.
        stored: (n_cells, n_columns) their stored numbers.
        clipped: (n_cells,) whether a value was cut off at an end of its scale.
        shifts: marker axis -> decades by which the diagnosis tube stands above the other tube.
        aligned: whether the cells were moved by the shifts.
        other_detectors: markers that the two tubes measure on detectors of different names.
        problems: codes of what speaks against comparing the tubes, where the cells were not moved.
    """

    columns: tuple[int, ...]
    stored: F64 = field(repr=False)
    clipped: NDArray[np.bool_] = field(repr=False)
    shifts: Mapping[str, float]
    aligned: bool
    other_detectors: tuple[str, ...]
    problems: tuple[str, ...]


def leukemia_of(diagnosis: FcsDataset, panel: Panel) -> Leukemia:
    """Find the leukemic cells of a diagnosis tube.

    Raises:
        InputError: the tube is damaged, not compensated, cannot be gated or holds too few of them.
        RuleError: the panel does not detect by phenotype, or not by the file's matrix.
    """
    _check_panel(panel)
    _check_sound(diagnosis, panel)
    found = find_blasts(diagnosis, panel)
    looked_at = found.gating.columns
    top = np.logical_or.reduce([top_of_scale(diagnosis, column)[found.numbers] for column in looked_at])
    return Leukemia(
        dataset=diagnosis,
        tube=tube_of(diagnosis, panel, found.gating),
        numbers=found.numbers,
        n_saturated=int(np.count_nonzero(top)),
        flags=found.flags,
    )


def normal_tube(normal: FcsDataset, panel: Panel) -> NormalTube:
    """Gate a tube without leukemic cells.

    Raises:
        InputError: the tube is damaged, not compensated or cannot be gated.
        RuleError: as `leukemia_of`.
    """
    _check_panel(panel)
    _check_sound(normal, panel)
    require_markers(normal, panel)
    gating = apply_gating(normal, panel.strategy)
    if not gating.counts[panel.rule.denominator_gate]:
        raise InputError("the denominator gate holds no event", code="ZERO_DENOMINATOR")
    return NormalTube(
        dataset=normal,
        tube=tube_of(normal, panel, gating),
        denominator=np.flatnonzero(gating.membership(panel.rule.denominator_gate)),
    )


def transferred(leukemia: Leukemia, normal: NormalTube, panel: Panel, *, aligned: bool) -> TransferredCells:
    """Return the leukemic cells as a normal tube would have measured them.

    Args:
        leukemia: the cells.
        normal: the tube that they shall be put into.
        panel: of both tubes.
        aligned: move the cells by the shift between the tubes' normal populations.

    Raises:
        InputError: the tubes' channels or normal populations do not correspond.
    """
    pairs = correspondence(leukemia.dataset, normal.dataset, panel)
    alignment = _alignment(leukemia, normal, panel, aligned=aligned)
    values = _linear(leukemia, normal, panel, pairs, alignment.shifts if aligned else {})
    columns = tuple(sorted(values))
    stored = np.empty((len(leukemia.numbers), len(columns)))
    clipped = np.zeros(len(stored), dtype=np.bool_)
    for place, column in enumerate(columns):
        own = _stored(normal.dataset, column, values[column])
        stored[:, place] = _cut(normal.dataset, column, own)
        clipped |= stored[:, place] != own
    return TransferredCells(
        columns=columns,
        stored=stored,
        clipped=clipped,
        shifts=alignment.shifts,
        aligned=aligned,
        other_detectors=pairs.other_detectors,
        problems=tuple(problem.code for problem in alignment.problems),
    )


def _check_panel(panel: Panel) -> None:
    if panel.rule.detection is None:
        raise RuleError(
            "the panel does not find leukemic cells by phenotype",
            code="PANEL_WITHOUT_DETECTION",
            place=f"panel {panel.rule.id}",
            expected="a panel with [detection]",
        )


def _check_sound(dataset: FcsDataset, panel: Panel) -> None:
    matrix_of(dataset, panel)
    for problem in damage_problems(dataset, panel):
        raise InputError(
            "the tube cannot be part of a dilution", code=problem.code, found=problem.reason.rstrip(".")
        )


def _alignment(leukemia: Leukemia, normal: NormalTube, panel: Panel, *, aligned: bool) -> Alignment:
    rules = panel.rule.detection
    assert rules is not None  # noqa: S101  # checked by _check_panel
    reference = landmark_reference([normal.tube.landmarks])
    settings = read_detector_settings()
    alignment = align(leukemia.tube, features_of(panel), reference, rules.alignment, settings)
    for problem in alignment.problems:
        if aligned or problem.code != "BATCH_SHIFT":
            raise InputError(
                "the diagnosis tube cannot be compared with this tube",
                code=problem.code,
                found=problem.reason.rstrip("."),
                remedy="use tubes of one cytometer, stained alike",
            )
    return alignment


def _linear(
    leukemia: Leukemia,
    normal: NormalTube,
    panel: Panel,
    pairs: Correspondence,
    shifts: Mapping[str, float],
) -> dict[int, F64]:
    """Return (n_cells,) linear values of each column of the normal tube."""
    diagnosis, cells = leukemia.dataset, leukemia.numbers
    theirs, own = matrix_of(diagnosis, panel), matrix_of(normal.dataset, panel)
    seen = diagnosis.linear_columns(theirs.detectors)[:, cells]
    wanted = [theirs.detectors.index(column) for column in pairs.fluorescence]
    true = compensate(seen, theirs.compensation, wanted)
    true *= _factors(normal.dataset, panel, own.detectors, shifts)[:, None]
    values = dict(zip(own.detectors, observed_by(true, own.compensation), strict=True))
    plain = diagnosis.linear_columns(tuple(pairs.plain.values()))[:, cells]
    return values | dict(zip(pairs.plain, plain, strict=True))


def _factors(
    normal: FcsDataset, panel: Panel, detectors: tuple[int, ...], shifts: Mapping[str, float]
) -> F64:
    by_column = {
        column_of(normal, feature.dimension): 10.0 ** -shifts.get(feature.name, 0.0)
        for feature in features_of(panel)
    }
    return np.array([by_column.get(column, 1.0) for column in detectors])


def _stored(normal: FcsDataset, column: int, linear: F64) -> F64:
    if not np.isfinite(linear).all():
        raise InputError(
            "leukemic cells hold values that are no numbers",
            code="NOT_FINITE_VALUES",
            place=f"channel {normal.channels[column].name}",
            found=f"{int(np.count_nonzero(~np.isfinite(linear)))} cells",
        )
    return unscaled(linear, normal.channels[column], normal.text, integer=normal.is_integer(column))


def _cut(normal: FcsDataset, column: int, stored: F64) -> F64:
    """Return stored numbers within the scale of the tube's column."""
    ends = scale_ends(normal, column, normal.stored_columns([column])[0])
    floor = 0.0 if normal.is_integer(column) else ends.floor
    if ends.top is None and floor is None:
        return stored
    return np.clip(stored, floor, ends.top)
