"""Flow MRD of one tube at 1e-4: the call, and the events that it rests on.

Order: markers, gates, what makes the tube not evaluable (with every reason), target cells, then the decision
from counts and background. Where the panel has a target gate and no background is given, the limit of blank
is null and the call says so (BACKGROUND_NOT_MEASURED). Source: ALL MRD terms, Hematology 2021:718;
alternatives to a targeted antigen: Verbeek, Br J Haematol 2022;197:76.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError, RuleError, UsageError
from mrdkit.files.rules import Rule, read_rule
from mrdkit.flow.adaptive import DataGateRules
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.gating import GatingResult, apply_gating
from mrdkit.flow.mrd.background import Background
from mrdkit.flow.mrd.decision import Decision, decide, not_evaluable
from mrdkit.flow.mrd.detect import Found, by_gate, by_phenotype
from mrdkit.flow.mrd.detection_rules import read_detector_settings
from mrdkit.flow.mrd.evaluability import Problem, unchecked_codes
from mrdkit.flow.mrd.evaluable_tube import EvaluableTube, evaluable_tube
from mrdkit.flow.mrd.features import features_of
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.mrd.sentences import sentences_of
from mrdkit.flow.mrd.visible import as_gates
from mrdkit.results import THRESHOLDS_FLOW, Evidence, FlowMrdCall, InputDigest, RuleUsed, Specimen
from mrdkit.version import __version__

__all__ = ["Assessment", "assess_flow_mrd", "call_flow_mrd"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assessment:
    """A call and what it was made from.

    Attributes:
        call: the call.
        gating: the panel's gates, visible gates below the lineage gate; None where gating failed.
        target: (n_events,) the target cells; None where gating failed.
    """

    call: FlowMrdCall
    gating: GatingResult | None = field(repr=False)
    target: NDArray[np.bool_] | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Findings:
    """What was found on the way to the decision; flags and reasons in the order of finding."""

    decision: Decision
    tube: EvaluableTube | None = None
    found: Found | None = None
    flags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def call_flow_mrd(
    dataset: FcsDataset,
    panel: Panel,
    *,
    specimen: Specimen,
    targeted: frozenset[str] = frozenset(),
    background: Background | None = None,
) -> FlowMrdCall:
    """Call one tube; see `assess_flow_mrd`."""
    return assess_flow_mrd(dataset, panel, specimen=specimen, targeted=targeted, background=background).call


def assess_flow_mrd(
    dataset: FcsDataset,
    panel: Panel,
    *,
    specimen: Specimen,
    targeted: frozenset[str] = frozenset(),
    background: Background | None = None,
) -> Assessment:
    """Call one tube and keep the events that the call rests on.

    Args:
        dataset: the tube's events, as read.
        panel: the panel that it was measured with.
        specimen: whose material it is.
        targeted: antigens that the patient's therapy was directed against, such as CD19.
        background: limits of blank of this panel, made for the patient where there is a diagnosis tube.

    Returns:
        The call. What a tube lacks makes it `not_evaluable` with a reason; it is never an exception.

    Raises:
        RuleError: the panel cannot be applied to any tube.
        UsageError: the panel needs a background and none was given, or it is another panel's.
    """
    _check_background(panel, background)
    findings = _findings(dataset, panel, targeted, background)
    tube, found, decision = findings.tube, findings.found, findings.decision
    gating = None if tube is None else _with_visible_gates(dataset, panel, tube.gating, found)
    interval = decision.interval
    call = FlowMrdCall(
        specimen=specimen,
        state=decision.state,
        status=dict.fromkeys(THRESHOLDS_FLOW, decision.status),
        detected=decision.detected,
        quantifiable=decision.quantifiable,
        n_target=None if found is None else int(found.target.sum()),
        n_denominator=None if tube is None else tube.gating.counts[panel.rule.denominator_gate],
        denominator=panel.rule.denominator,
        n_hematogones=None if found is None else found.n_hematogones,
        fraction=decision.fraction,
        ci_low=None if interval is None else interval.low,
        ci_high=None if interval is None else interval.high,
        lob=decision.lob,
        lod=decision.lod,
        loq=decision.loq,
        sensitivity=decision.sensitivity,
        lineage_arms=() if tube is None else tube.lineage.arms,
        gates=() if gating is None else gating.gate_counts(),
        panel=panel.rule.id,
        flags=tuple(dict.fromkeys(_flags(dataset, panel, findings, background))),
        reasons=(*findings.reasons, *sentences_of(decision, panel, found, tube)),
        evidence=_evidence(dataset, panel, tube, background),
        n_blanks=None if background is None else len(background.blanks),
        provisional=None if background is None else background.provisional,
        detection=None if found is None else found.detection,
    )
    return Assessment(call=call, gating=gating, target=None if found is None else found.target)


def _check_background(panel: Panel, background: Background | None) -> None:
    if background is None:
        if panel.rule.detection is not None:
            raise UsageError(
                "the panel finds leukemic cells by phenotype, which needs the limits of blank",
                code="BACKGROUND_REQUIRED",
                place=f"panel {panel.rule.id}",
                remedy="make them with mrdkit flow background and give them as --background",
            )
    elif (background.panel, background.panel_version) != (panel.rule.id, panel.rule.version):
        raise UsageError(
            "the background was made for another panel",
            code="BACKGROUND_OF_OTHER_PANEL",
            place="--background",
            expected=f"panel {panel.rule.id}, version {panel.rule.version}",
            found=f"panel {background.panel}, version {background.panel_version}",
        )


def _findings(
    dataset: FcsDataset, panel: Panel, targeted: frozenset[str], background: Background | None
) -> _Findings:
    tube: EvaluableTube | None = None
    try:
        tube = evaluable_tube(dataset, panel, targeted)
        found = _target_cells(dataset, tube, panel, background)
    except RuleError:
        raise
    except InputError as error:
        sentence = str(error)
        reasons = [problem.reason for problem in tube.problems] if tube is not None else []
        return _Findings(
            decision=not_evaluable(error.code),
            tube=tube,
            flags=() if tube is None else tuple(problem.code for problem in tube.problems),
            reasons=(*reasons, f"{sentence[0].upper()}{sentence[1:]}."),
        )
    problems = (*tube.problems, *found.problems)
    unchecked = unchecked_codes(dataset, panel, tube.gating)
    return _Findings(
        decision=_decision(tube, found, problems, panel),
        tube=tube,
        found=found,
        flags=(*(problem.code for problem in problems), *unchecked, *found.flags),
        reasons=(*(problem.reason for problem in problems), *found.reasons),
    )


def _target_cells(
    dataset: FcsDataset, tube: EvaluableTube, panel: Panel, background: Background | None
) -> Found:
    if panel.rule.detection is None or background is None:
        return by_gate(tube, panel, background)
    return by_phenotype(dataset, tube, panel, background)


def _decision(tube: EvaluableTube, found: Found, problems: tuple[Problem, ...], panel: Panel) -> Decision:
    grave = [problem for problem in problems if problem.consequence == "not_evaluable"]
    if grave:
        return not_evaluable(*(problem.code for problem in grave))
    return decide(
        int(found.target.sum()),
        tube.gating.counts[panel.rule.denominator_gate],
        panel.rule.events,
        representative=not problems,
        measured=found.measured,
    )


def _with_visible_gates(
    dataset: FcsDataset, panel: Panel, gating: GatingResult, found: Found | None
) -> GatingResult:
    """Return the gating with the visible gates below the lineage gate."""
    rules = panel.rule.detection
    if found is None or found.visible is None or rules is None or not found.visible.pairs:
        return gating
    axes = {feature.name: feature.dimension for feature in features_of(panel)}
    shown = as_gates(found.visible, gating.paths[rules.lineage_gate], axes)
    strategy = replace(gating.strategy, gates=(*gating.strategy.gates, *shown))
    return replace(apply_gating(dataset, strategy), findings=gating.findings, flags=gating.flags)


def _flags(
    dataset: FcsDataset, panel: Panel, findings: _Findings, background: Background | None
) -> Iterator[str]:
    yield from (warning.code for warning in dataset.warnings)
    tube = findings.tube
    if tube is not None:
        yield from _policy_flags(dataset, panel)
        yield from tube.gating.flags
        yield from tube.lineage.flags
    yield from findings.flags
    yield from findings.decision.flags
    yield from _background_flags(dataset, background)
    if panel.rule.detection is None:
        adapted = tube is not None and bool(tube.gating.findings)
        yield "GATES_FOUND_IN_DATA" if adapted else "FIXED_GATES"


def _background_flags(dataset: FcsDataset, background: Background | None) -> Iterator[str]:
    if background is None:
        yield "BACKGROUND_NOT_MEASURED"
        return
    if background.provisional:
        yield "BACKGROUND_PROVISIONAL"
    if dataset.cytometer not in {blank.cytometer for blank in background.blanks}:
        yield "CYTOMETER_NOT_IN_BACKGROUND"
    if dataset.sha256 in {blank.sha256 for blank in background.blanks}:
        yield "TUBE_IS_A_BLANK"


def _policy_flags(dataset: FcsDataset, panel: Panel) -> Iterator[str]:
    """Yield what the panel does instead of using the matrix in the file."""
    match panel.rule.compensation:
        case "file":
            return
        case "panel":
            yield "PANEL_MATRIX_USED"
        case "already_compensated":
            yield "NOT_COMPENSATED_HERE"
    if dataset.spillover is not None:
        yield "FILE_SPILLOVER_IGNORED"


def _evidence(
    dataset: FcsDataset, panel: Panel, tube: EvaluableTube | None, background: Background | None
) -> Evidence:
    rules: list[Rule] = [panel.rule, panel.strategy.limits]
    if tube is not None and tube.gating.findings:
        rules.append(read_rule("flow", "data_driven_gates", DataGateRules))
    if background is not None:
        rules.append(read_detector_settings())
    inputs = [InputDigest(role="followup", sha256=dataset.sha256)]
    if background is not None:
        if background.patient is not None:
            inputs.append(InputDigest(role="diagnosis", sha256=background.patient.diagnosis_sha256))
        inputs += [InputDigest(role="blank", sha256=blank.sha256) for blank in background.blanks]
    return Evidence(
        inputs=tuple(inputs),
        rules=tuple(RuleUsed(id=rule.id, version=rule.version, source=rule.source) for rule in rules),
        software_version=__version__,
    )
