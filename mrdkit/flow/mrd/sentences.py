"""A flow MRD call in words: what was counted, what follows, and how gates came about."""

from collections.abc import Iterator

from mrdkit.flow.mrd.decision import Decision
from mrdkit.flow.mrd.detect import Found
from mrdkit.flow.mrd.evaluable_tube import EvaluableTube
from mrdkit.flow.mrd.panel import Panel

__all__ = ["sentences_of"]


def sentences_of(
    decision: Decision, panel: Panel, found: Found | None, tube: EvaluableTube | None
) -> tuple[str, ...]:
    """Return the sentences that follow the problems of a tube: what decides first, gates last."""
    gates = () if tube is None else (finding.sentence for finding in tube.gating.findings.values())
    if found is None or tube is None or decision.fraction is None or decision.sensitivity is None:
        return tuple(gates)
    return (*_quantity(decision, panel, found, tube), _verdict(decision, panel), *gates)


def _quantity(decision: Decision, panel: Panel, found: Found, tube: EvaluableTube) -> Iterator[str]:
    whole = tube.gating.counts[panel.rule.denominator_gate]
    n_target = int(found.target.sum())
    yield f"{n_target} target events of {whole} {panel.rule.denominator} cells ({decision.fraction:.2e})."
    if found.detection is not None and found.detection.method == "diagnosis":
        yield (
            f"The fraction is corrected for {found.detection.n_expected:.1f} normal cells expected among the "
            f"called ones and for a recall of {100.0 * found.detection.recall:.0f} %."
        )
    if found.measured is not None:
        yield (
            f"Limit of blank: {found.measured.lob_events} events beside {found.n_hematogones} hematogones."
        )


def _verdict(decision: Decision, panel: Panel) -> str:
    rules = panel.rule.events
    limit, reached = f"{rules.threshold_at_least_fraction:.0e}", f"{decision.sensitivity:.2e}"
    match decision.state:
        case "positive":
            return f"At least {limit} and at least {rules.loq_at_least_events} events: positive."
        case "detected_below":
            return f"A cluster, but below {limit} or below {rules.loq_at_least_events} events."
        case "insufficient":
            return f"No cluster; at a sensitivity of {reached}, {limit} is not excluded."
        case _:
            return f"No cluster of {rules.lod_at_least_events} events at a sensitivity of {reached}."
