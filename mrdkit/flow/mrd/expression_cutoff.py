"""What is asked of tubes about antigens, and the cut-off of each marker.

The cut-off is a quantile of a population of the same tube that lacks the marker, as the panel names it, or of
the blasts of a control tube (fluorescence minus one, isotype). There is no default: a marker with neither is
refused, and so is a negative population that is not negative.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError, RuleError, UsageError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.engine import coordinates
from mrdkit.flow.gating import GatingResult
from mrdkit.flow.mrd.blast_tube import blast_tube, sentence_of
from mrdkit.flow.mrd.evaluability import Problem
from mrdkit.flow.mrd.expression import Cutoff, cutoff_of
from mrdkit.flow.mrd.expression_rules import ExpressionRule, ExpressionSettings, axis_of
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.strategy import Dimension

__all__ = [
    "Control",
    "Question",
    "controls_of",
    "cutoff_for",
    "linear_values",
    "marker_axis",
    "positive_negatives",
]

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Control:
    """A tube whose blasts lack a marker: their compensated linear values and the file they come from."""

    marker: str
    values: F64 = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of every tube.

    Attributes:
        panel: how the tubes were measured.
        markers: of the panel, in the order of the answer.
        settings: the reference file.
        controls: marker -> its control tube, in place of the panel's rule.

    Raises:
        UsageError: no marker, or one named twice or unknown to the panel.
        RuleError: a marker has neither a rule in the panel nor a control.
    """

    panel: Panel
    markers: tuple[str, ...]
    settings: ExpressionSettings
    controls: Mapping[str, Control]

    def __post_init__(self) -> None:
        """Refuse what no tube could answer."""
        if not self.markers or len(set(self.markers)) != len(self.markers):
            raise UsageError(
                "each marker must be named once",
                code="MARKERS_UNCLEAR",
                found=", ".join(self.markers) or "none",
            )
        for marker in self.markers:
            marker_axis(self.panel, marker)
            if marker not in self.controls and self.rule(marker) is None:
                raise RuleError(
                    "the panel does not say which cells are negative for the marker",
                    code="CUTOFF_RULE_MISSING",
                    file=self.panel.rule.id,
                    place="[[expression]]",
                    found=marker,
                    remedy="add an [[expression]] table to the panel, or give a control tube",
                )

    def rule(self, marker: str) -> ExpressionRule | None:
        """Return the panel's rule for a marker."""
        return next((rule for rule in self.panel.rule.expression if rule.marker == marker), None)


def marker_axis(panel: Panel, marker: str) -> Dimension:
    """Return the axis of a marker.

    Raises:
        UsageError: the panel has none.
    """
    axis = axis_of(panel.axes, marker)
    if axis is None:
        raise UsageError(
            "the panel has no axis for this marker",
            code="MARKER_UNKNOWN",
            file=panel.rule.id,
            expected=", ".join(m.name for m in panel.rule.marker if axis_of(panel.axes, m.name)),
            found=marker,
        )
    return axis


def controls_of(
    dataset: FcsDataset, panel: Panel, markers: Sequence[str], settings: ExpressionSettings
) -> dict[str, Control]:
    """Return the values of a control tube's own blasts for each marker that it serves.

    Raises:
        InputError: its blasts cannot be told.
        UsageError: the panel has no axis for a marker.
    """
    tube = blast_tube(dataset, panel, settings.blasts)
    if tube.gating is None or tube.numbers is None:
        raise InputError(
            "the blasts of the control tube cannot be told",
            code="CONTROL_NOT_EVALUABLE",
            found=" ".join(problem.reason for problem in tube.problems),
        )
    controls = {}
    for marker in markers:
        values = linear_values(dataset, tube.gating, marker_axis(panel, marker))[tube.numbers]
        controls[marker] = Control(marker=marker, values=values, sha256=dataset.sha256)
    return controls


def cutoff_for(values: F64, gating: GatingResult, marker: str, question: Question) -> Cutoff:
    """Return a marker's cut-off in a tube.

    Args:
        values: (n_events,) compensated linear values of the whole tube.
        gating: the panel's gates in it.
        marker: of the question.
        question: which source the cut-off has.

    Raises:
        InputError: too few negative cells, or a control whose cells are not negative.
    """
    control, rule = question.controls.get(marker), question.rule(marker)
    if control is None:
        assert rule is not None  # noqa: S101  # checked by the question
        return _internal(values, gating, rule)
    rules = question.settings.control
    cutoff = cutoff_of(control.values, rules.quantile, at_least=rules.at_least_events, source="control")
    if rule is not None:
        _require_negative(cutoff, rule, marker_axis(question.panel, marker))
    return cutoff


def _internal(values: F64, gating: GatingResult, rule: ExpressionRule) -> Cutoff:
    return cutoff_of(
        values[gating.membership(rule.negative_gate)],
        rule.quantile,
        at_least=rule.at_least_events,
        source=f"internal_negative:{rule.negative_gate}",
    )


def _require_negative(cutoff: Cutoff, rule: ExpressionRule, axis: Dimension) -> None:
    """Refuse a cut-off so high that the cells it comes from are not negative.

    Raises:
        InputError: it is that high.
    """
    assert axis.transform is not None  # noqa: S101  # checked by the panel
    display = float(axis.transform.apply(np.array([cutoff.value]))[0])
    if not display <= rule.cutoff_at_most:
        raise InputError(
            f"the cells that should lack {rule.marker} are not negative",
            code="NEGATIVE_CELLS_POSITIVE",
            expected=f"a cut-off of at most {rule.cutoff_at_most:g} on the axis",
            found=f"{display:.3g} by {cutoff.method}",
            remedy="look at the labels, the compensation and those cells",
        )


def positive_negatives(dataset: FcsDataset, panel: Panel, gating: GatingResult) -> Iterator[Problem]:
    """Yield each population of the panel's rules that carries what it should lack.

    One of them is enough to doubt every label of the tube: two exchanged antibodies look like this.
    """
    for rule in panel.rule.expression:
        axis = marker_axis(panel, rule.marker)
        try:
            cutoff = _internal(linear_values(dataset, gating, axis), gating, rule)
        except InputError:
            continue  # an absent marker or a small population is told where the marker is asked for
        try:
            _require_negative(cutoff, rule, axis)
        except InputError as error:
            yield Problem(code=error.code, consequence="not_evaluable", reason=sentence_of(error))


def linear_values(dataset: FcsDataset, gating: GatingResult, axis: Dimension) -> F64:
    """Return (n_events,) compensated linear values."""
    return np.asarray(coordinates(dataset, gating.strategy, (replace(axis, transform=None),))[0])
