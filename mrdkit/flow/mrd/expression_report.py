"""Antigens on the blasts of a diagnosis or relapse tube: figures, flags, the diagnosis beside later tubes."""

from dataclasses import dataclass, replace
from typing import Literal

from mrdkit.errors import InputError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.mrd.blast_tube import BlastTube, blast_tube
from mrdkit.flow.mrd.expression import MarkerExpression, expression_of, limit_flags
from mrdkit.flow.mrd.expression_change import MarkerChange, change_of
from mrdkit.flow.mrd.expression_cutoff import (
    Question,
    cutoff_for,
    linear_values,
    marker_axis,
    positive_negatives,
)
from mrdkit.flow.mrd.expression_rules import ExpressionSettings
from mrdkit.flow.mrd.lineage import squeezed
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.strategy import Dimension, dimensions_of
from mrdkit.results import Evidence, InputDigest, RuleUsed
from mrdkit.version import __version__

__all__ = ["ExpressionReport", "compared_with", "expression_report"]

_CHANGED = {"lost": "LOSS", "reduced": "REDUCED", "gained": "GAIN"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionReport:
    """Antigens on the blasts of one tube.

    Attributes:
        state: not_evaluable where no antigen could be told.
        n_blasts: None where they could not be told from normal cells.
        blasts_percent: of the denominator.
        denominator: what that is.
        markers: as asked, in that order.
        comparison: with the diagnosis; None where none was given.
        panel: its id.
        flags: limits reached and missed, losses, doubts.
        reasons: the same in words, where a word is needed.
        evidence: files and rules.
    """

    state: Literal["evaluable", "not_evaluable"]
    n_blasts: int | None
    blasts_percent: float | None
    denominator: Literal["nucleated", "mononuclear"]
    markers: tuple[MarkerExpression, ...]
    comparison: tuple[MarkerChange, ...] | None
    panel: str
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    evidence: Evidence


def expression_report(dataset: FcsDataset, question: Question) -> ExpressionReport:
    """Tell the antigens on the blasts of one tube.

    Returns:
        The report. What a tube or a marker lacks is named in it, never an exception.
    """
    panel = question.panel
    tube = _tube(dataset, question)
    found, flags, reasons = [], [], [problem.reason for problem in tube.problems]
    for marker in question.markers:
        answer, doubts, doubt_reasons = _answer(tube, marker, question)
        found.append(answer)
        flags += doubts
        reasons += doubt_reasons
    n = None if tube.numbers is None else len(tube.numbers)
    whole = 0 if tube.gating is None else tube.gating.counts[panel.rule.denominator_gate]
    codes = (problem.code for problem in tube.problems)
    return ExpressionReport(
        state="not_evaluable" if tube.problems else "evaluable",
        n_blasts=n,
        blasts_percent=100.0 * n / whole if n is not None and whole else None,
        denominator=panel.rule.denominator,
        markers=tuple(found),
        comparison=None,
        panel=panel.rule.id,
        flags=tuple(dict.fromkeys((*tube.flags, *codes, *flags))),
        reasons=tuple(dict.fromkeys(reasons)),
        evidence=_evidence(dataset, question),
    )


def compared_with(
    diagnosis: ExpressionReport, later: ExpressionReport, settings: ExpressionSettings
) -> ExpressionReport:
    """Return the report of a later tube with the same patient's diagnosis beside it."""
    first = {marker.marker: marker for marker in diagnosis.markers}
    pairs = tuple(change_of(first[marker.marker], marker, settings.change) for marker in later.markers)
    flags = [f"{_CHANGED[p.change]}_{squeezed(p.marker)}" for p in pairs if p.change in _CHANGED]
    inputs = (*later.evidence.inputs, *(replace(i, role="diagnosis") for i in diagnosis.evidence.inputs[:1]))
    missing = diagnosis.state == "not_evaluable"
    return replace(
        later,
        comparison=pairs,
        flags=(*later.flags, *flags, *(["DIAGNOSIS_NOT_EVALUABLE"] if missing else [])),
        reasons=(*later.reasons, *(f"Diagnosis: {reason}" for reason in diagnosis.reasons)),
        evidence=replace(later.evidence, inputs=inputs),
    )


def _tube(dataset: FcsDataset, question: Question) -> BlastTube:
    """Return the tube and its blasts; none of them where a negative population is positive."""
    tube = blast_tube(dataset, question.panel, question.settings.blasts)
    if tube.gating is None or tube.numbers is None:
        return tube
    problems = tuple(positive_negatives(dataset, question.panel, tube.gating))
    return replace(tube, numbers=None, problems=problems) if problems else tube


def _answer(
    tube: BlastTube, marker: str, question: Question
) -> tuple[MarkerExpression, list[str], list[str]]:
    """Return a marker's figures, flags and reasons."""
    if tube.gating is None or tube.numbers is None:
        return MarkerExpression(marker=marker), [], []
    axis = marker_axis(question.panel, marker)
    try:
        values = linear_values(tube.dataset, tube.gating, axis)
        cutoff = cutoff_for(values, tube.gating, marker, question)
        least = question.settings.blasts.at_least_events
        found = expression_of(marker, values[tube.numbers], cutoff, axis.transform, at_least=least)
    except InputError as error:
        return MarkerExpression(marker=marker), [f"NOT_EVALUABLE_{squeezed(marker)}"], [f"{marker}: {error}."]
    unchecked = [f"CONTROL_NOT_CHECKED_{squeezed(marker)}"] if question.rule(marker) is None else []
    gated = [f"GATED_ON_{squeezed(marker)}"] if axis in _gated_on(question.panel) else []
    return found, [*limit_flags(found, question.settings.limit), *unchecked, *gated], []


def _gated_on(panel: Panel) -> set[Dimension]:
    """Return the axes that the blasts were gated on, so that their percentage proves little."""
    paths = {gate_id: path for path, gate_id in panel.strategy.ids.items()}
    path = paths.get(panel.rule.target_gate or "", ())
    gates = [gate for gate in panel.strategy.gates if gate.path == path[: len(gate.path)]]
    return {axis for gate in gates for axis in dimensions_of(gate) if isinstance(axis, Dimension)}


def _evidence(dataset: FcsDataset, question: Question) -> Evidence:
    controls = [InputDigest(role=f"control:{c.marker}", sha256=c.sha256) for c in question.controls.values()]
    rules = (question.panel.rule, question.settings)
    return Evidence(
        inputs=(InputDigest(role="tube", sha256=dataset.sha256), *controls),
        rules=tuple(RuleUsed(id=rule.id, version=rule.version, source=rule.source) for rule in rules),
        software_version=__version__,
    )
