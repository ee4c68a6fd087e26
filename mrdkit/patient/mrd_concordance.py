"""Flow beside sequencing of one visit: do they agree at the threshold of flow, and on what was found.

Sequencing sees deeper, so sequencing alone is the expected way to differ; flow alone is not, and a person
must look. Source of the expected shares: `reference/mrd/concordance.toml`.
"""

from collections.abc import Sequence

from mrdkit.patient.findings import Finding, flags_of, reasons_of
from mrdkit.patient.mrd_concordance_findings import ConcordanceRule, Pair, concordance_rule, pair_findings
from mrdkit.patient.mrd_points import found, speaker
from mrdkit.patient.mrd_records import Agreement, MrdComparison, MrdMeasurement, MrdPoint
from mrdkit.patient.specimens import material_of
from mrdkit.results import THRESHOLDS_FLOW

__all__ = ["compare", "comparison_findings"]

_SIDES = {"positive": True, "negative": False}


def compare(
    visit: str, flow: Sequence[MrdMeasurement], ngs: Sequence[MrdMeasurement], *, unclear: str = ""
) -> MrdComparison:
    """Compare the results of one visit; of several by one method the one that speaks is taken.

    Args:
        visit: label of the visit.
        flow: results by flow, at least one.
        ngs: results by sequencing, at least one.
        unclear: why the two may be of different specimens; nothing is concluded then.
    """
    pair = _pair(flow, ngs, unclear)
    findings = pair_findings(pair)
    days = pair.flow.measurement.collected_on, pair.ngs.measurement.collected_on
    return MrdComparison(
        visit=visit,
        flow_on=days[0],
        ngs_on=days[1],
        days_apart=None if days[0] is None or days[1] is None else (days[1] - days[0]).days,
        threshold=concordance_rule().threshold,
        flow_at_threshold=pair.words[0],
        ngs_at_threshold=pair.words[1],
        at_threshold=pair.at_threshold,
        flow_found=pair.seen[0],
        ngs_found=pair.seen[1],
        detection=pair.detection,
        within_reach=pair.within_reach,
        difference_log10=None if pair.unclear else _difference(pair.flow, pair.ngs),
        flags=flags_of(findings),
        reasons=reasons_of(findings),
    )


def comparison_findings(flow: Sequence[MrdMeasurement], ngs: Sequence[MrdMeasurement]) -> tuple[Finding, ...]:
    """Return what a reader of the visit must know of its results by both methods, at least one each."""
    return pair_findings(_pair(flow, ngs, ""))


def _pair(flow: Sequence[MrdMeasurement], ngs: Sequence[MrdMeasurement], unclear: str) -> Pair:
    one, other = (speaker(results) for results in (flow, ngs))
    unclear = unclear or _other_material(one, other)
    rule = concordance_rule()
    words = _flow_word(one, rule), other.measurement.status.get(rule.threshold, "not_evaluable")
    seen = found(one.measurement), found(other.measurement)
    sides = _SIDES.get(words[0]), _SIDES.get(words[1])
    return Pair(
        flow=one,
        ngs=other,
        words=words,
        seen=seen,
        at_threshold="not_comparable" if unclear else _agreement(sides),
        detection="not_comparable" if unclear else _agreement(seen),
        within_reach=None if unclear else _within_reach(one, other, seen),
        unclear=unclear,
    )


def _other_material(one: MrdPoint, other: MrdPoint) -> str:
    flow, ngs = (material_of(point.measurement.specimen_type) for point in (one, other))
    return "" if flow == ngs else f"Flow is of {flow}, sequencing of {ngs}: not comparable."


def _flow_word(point: MrdPoint, rule: ConcordanceRule) -> str:
    """Return the side of the threshold by value; what a small cluster means for a response is not asked."""
    measured, threshold = point.measurement, THRESHOLDS_FLOW[rule.threshold]
    if point.state != "detected" or measured.fraction is None:
        return measured.status.get(rule.threshold, "not_evaluable")
    if measured.fraction >= threshold:
        return "positive"
    return "negative" if measured.lod is not None and measured.lod <= threshold else "indeterminate"


def _agreement(answers: tuple[bool | None, bool | None]) -> Agreement:
    match answers:
        case True, True:
            return "concordant_positive"
        case False, False:
            return "concordant_negative"
        case True, False:
            return "flow_only"
        case False, True:
            return "ngs_only"
        case _:
            return "not_comparable"


def _within_reach(one: MrdPoint, other: MrdPoint, seen: tuple[bool | None, bool | None]) -> bool | None:
    """Tell whether the method that found nothing could have seen what the other found."""
    if _agreement(seen) not in ("flow_only", "ngs_only"):
        return None
    silent, loud = (other, one) if seen[0] else (one, other)
    if silent.log10 is None or loud.log10 is None:
        return None
    return silent.log10 <= loud.log10


def _difference(one: MrdPoint, other: MrdPoint) -> float | None:
    quantified = [
        point.log10
        for point in (one, other)
        if point.state == "detected" and point.measurement.quantifiable is not False
    ]
    first, second = quantified if len(quantified) > 1 else (None, None)
    return None if first is None or second is None else second - first
