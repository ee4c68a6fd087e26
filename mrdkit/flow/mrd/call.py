"""Flow MRD of one tube at 1e-4, with the gates of a panel: the call.

Order: markers, gates, what makes the tube not evaluable (with every reason), then the decision from counts.
No background file exists in this version, so the limit of blank is null and the call says so
(BACKGROUND_NOT_MEASURED). Source: ALL MRD terms, Hematology 2021:718; alternatives to a targeted antigen:
Verbeek, Br J Haematol 2022;197:76.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mrdkit.errors import InputError, RuleError
from mrdkit.files.rules import Rule, read_rule
from mrdkit.flow.adaptive import DataGateRules
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.gating import GatingResult, apply_gating
from mrdkit.flow.mrd.decision import Decision, decide, not_evaluable
from mrdkit.flow.mrd.evaluability import (
    compensation_problems,
    require_markers,
    tube_problems,
    unchecked_codes,
)
from mrdkit.flow.mrd.lineage import Lineage, lineage_of
from mrdkit.flow.mrd.panel import Panel
from mrdkit.results import THRESHOLDS_FLOW, Evidence, FlowMrdCall, InputDigest, RuleUsed, Specimen
from mrdkit.version import __version__

__all__ = ["call_flow_mrd"]

_POLICY_FLAGS = {
    "file": (),
    "panel": ("PANEL_MATRIX_USED",),
    "already_compensated": ("NOT_COMPENSATED_HERE",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    """What was found on the way to the decision; flags and reasons in the order of finding."""

    decision: Decision
    gating: GatingResult | None = None
    lineage: Lineage | None = None
    flags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def call_flow_mrd(
    dataset: FcsDataset, panel: Panel, *, specimen: Specimen, targeted: frozenset[str] = frozenset()
) -> FlowMrdCall:
    """Call one tube.

    Args:
        dataset: the tube's events, as read.
        panel: the fixed-gate panel that it was measured with.
        specimen: whose material it is.
        targeted: antigens that the patient's therapy was directed against, such as CD19.

    Returns:
        The call. What a tube lacks makes it `not_evaluable` with a reason; it is never an exception.

    Raises:
        RuleError: the panel cannot be applied to any tube.
    """
    found = _findings(dataset, panel, targeted)
    decision, gating, lineage = found.decision, found.gating, found.lineage
    counts: Mapping[str, int] = {} if gating is None else gating.counts
    warnings = tuple(warning.code for warning in dataset.warnings)
    adapted = gating is not None and bool(gating.findings)
    by_gates = "GATES_FOUND_IN_DATA" if adapted else "FIXED_GATES"
    flags = (*warnings, *found.flags, *decision.flags, "BACKGROUND_NOT_MEASURED", by_gates)
    interval = decision.interval
    return FlowMrdCall(
        specimen=specimen,
        state=decision.state,
        status=dict.fromkeys(THRESHOLDS_FLOW, decision.status),
        detected=decision.detected,
        quantifiable=decision.quantifiable,
        n_target=counts.get(panel.rule.target_gate),
        n_denominator=counts.get(panel.rule.denominator_gate),
        denominator=panel.rule.denominator,
        n_hematogones=counts.get(panel.rule.hematogone_gate),
        fraction=decision.fraction,
        ci_low=None if interval is None else interval.low,
        ci_high=None if interval is None else interval.high,
        lob=None,
        lod=decision.lod,
        loq=decision.loq,
        sensitivity=decision.sensitivity,
        lineage_arms=() if lineage is None else lineage.arms,
        gates=() if gating is None else gating.gate_counts(),
        panel=panel.rule.id,
        flags=tuple(dict.fromkeys(flags)),
        reasons=(*found.reasons, *_sentences(decision, panel, counts)),
        evidence=_evidence(dataset, panel, adapted=adapted),
    )


def _findings(dataset: FcsDataset, panel: Panel, targeted: frozenset[str]) -> _Findings:
    try:
        require_markers(dataset, panel)
        gating = apply_gating(dataset, panel.strategy)
    except RuleError:
        raise
    except InputError as error:
        sentence = str(error)
        return _Findings(
            decision=not_evaluable(error.code), reasons=(f"{sentence[0].upper()}{sentence[1:]}.",)
        )
    lineage = lineage_of(panel, gating.counts, targeted)
    problems = (*compensation_problems(gating), *tube_problems(dataset, panel, gating, lineage))
    grave = [problem for problem in problems if problem.consequence == "not_evaluable"]
    codes = [problem.code for problem in problems]
    if grave:
        decision = not_evaluable(*(problem.code for problem in grave))
    else:
        decision = decide(
            gating.counts[panel.rule.target_gate],
            gating.counts[panel.rule.denominator_gate],
            panel.rule.events,
            representative=not problems,
        )
    unchecked = unchecked_codes(dataset, panel, gating)
    return _Findings(
        decision=decision,
        gating=gating,
        lineage=lineage,
        flags=(
            *_policy_flags(dataset, panel),
            *gating.flags,
            *lineage.flags,
            *codes,
            *unchecked,
        ),
        reasons=(
            *(finding.sentence for finding in gating.findings.values()),
            *(problem.reason for problem in problems),
        ),
    )


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


def _sentences(decision: Decision, panel: Panel, counts: Mapping[str, int]) -> tuple[str, ...]:
    """Return the decision in words."""
    if decision.state == "not_evaluable" or decision.fraction is None or decision.lod is None:
        return ()
    rules = panel.rule.events
    n, whole = counts[panel.rule.target_gate], counts[panel.rule.denominator_gate]
    quantity = f"{n} target events of {whole} {panel.rule.denominator} cells ({decision.fraction:.2e})"
    limit, reached = f"{rules.threshold_at_least_fraction:.0e}", f"{decision.lod:.2e}"
    verdict = {
        "positive": f"at least {limit} and at least {rules.loq_at_least_events} events: positive.",
        "detected_below": f"a cluster, but below {limit} or below {rules.loq_at_least_events} events.",
        "insufficient": f"no cluster; at a sensitivity of {reached}, {limit} is not excluded.",
        "negative": f"no cluster of {rules.lod_at_least_events} events at a sensitivity of {reached}.",
    }
    return (f"{quantity}: {verdict[decision.state]}",)


def _evidence(dataset: FcsDataset, panel: Panel, *, adapted: bool) -> Evidence:
    rules: list[Rule] = [panel.rule, panel.strategy.limits]
    if adapted:
        rules.append(read_rule("flow", "data_driven_gates", DataGateRules))
    return Evidence(
        inputs=(InputDigest(role="followup", sha256=dataset.sha256),),
        rules=tuple(RuleUsed(id=rule.id, version=rule.version, source=rule.source) for rule in rules),
        software_version=__version__,
    )
