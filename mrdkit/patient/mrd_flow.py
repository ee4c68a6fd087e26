"""Flow MRD of one specimen under a response profile.

Negative needs that nothing was found and a limit of detection of at most 1e-4. What a cluster found below
1e-4 means is the profile's decision: the trial counts it as positive. Source: trial definitions, section 2.2.
"""

from mrdkit.patient.criteria import Criteria
from mrdkit.patient.findings import REVIEW, Finding, flags_of
from mrdkit.patient.mrd_reading import MrdNumbers, MrdReading, delivered_word, found_of, numbers_of
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.records import ExternalResult
from mrdkit.results import THRESHOLDS_FLOW, FlowMrdCall, MrdStatus
from mrdkit.stats import clopper_pearson

__all__ = ["flow_of_call", "flow_of_external"]

_Word = tuple[str, tuple[Finding, ...]]

_INSUFFICIENT = Finding(
    flag="INSUFFICIENT_SENSITIVITY", reason="Flow found nothing, with too few cells to exclude MRD of 1e-4."
)
_BELOW = Finding(flag="BELOW_1E4", reason="Flow found a cluster below 1e-4.")


def flow_of_call(call: FlowMrdCall, visit: str, criteria: Criteria) -> MrdReading:
    """Read a call of this software."""
    word, findings = _word_of_state(call, criteria)
    measurement = MrdMeasurement(
        method="flow",
        visit=visit,
        specimen_id=call.specimen.specimen_id,
        collected_on=call.specimen.collected_on,
        fraction=call.fraction,
        ci_low=call.ci_low,
        ci_high=call.ci_high,
        limit=(call.sensitivity or call.lod) if call.detected is False else None,
        detected=call.detected,
        status={criteria.mrd.flow_threshold: word},
        source="mrdkit",
        flags=tuple(dict.fromkeys((*call.flags, *flags_of(findings)))),
        lod=call.lod,
        loq=call.loq,
        quantifiable=call.quantifiable,
        specimen_type=call.specimen.specimen_type,
        basis=call.panel,
    )
    return MrdReading(
        status={criteria.mrd.flow_threshold: word}, overall=word, measurement=measurement, findings=findings
    )


def flow_of_external(result: ExternalResult, criteria: Criteria) -> MrdReading:
    """Read a result made elsewhere: its word, checked against its numbers, or derived from them."""
    numbers = numbers_of(result)
    word, findings = _word_of_external(result, numbers, criteria)
    interval, found = _interval(numbers), found_of(result, numbers)
    findings = (*numbers.findings, *findings)
    measurement = MrdMeasurement(
        method="flow",
        visit=result.visit,
        specimen_id=result.specimen_id,
        collected_on=result.collected_on,
        fraction=numbers.fraction,
        ci_low=interval[0],
        ci_high=interval[1],
        limit=numbers.lod if found is False else None,
        detected=found,
        status={criteria.mrd.flow_threshold: word},
        source=result.source,
        flags=flags_of(findings),
        lod=numbers.lod,
    )
    return MrdReading(
        status={criteria.mrd.flow_threshold: word}, overall=word, measurement=measurement, findings=findings
    )


def _word_of_state(call: FlowMrdCall, criteria: Criteria) -> _Word:
    match call.state:
        case "detected_below":
            threshold = THRESHOLDS_FLOW[criteria.mrd.flow_threshold]
            if call.fraction is not None and call.fraction >= threshold:
                found = Finding(flag="BELOW_LOQ", reason="Flow found a cluster that cannot be quantified.")
                return "positive", (found,)
            return criteria.mrd.flow_detected_below, (_BELOW,)
        case "insufficient":
            return "indeterminate", (_INSUFFICIENT,)
        case _:
            return call.status.get(criteria.mrd.flow_threshold, MrdStatus.NOT_EVALUABLE).value, ()


def _word_of_external(result: ExternalResult, numbers: MrdNumbers, criteria: Criteria) -> _Word:
    delivered = delivered_word(result.status)
    if numbers.refused:
        return "not_evaluable", ()
    if delivered == "":
        reason = f"The delivered status {result.status[:40]!r} is not known."
        return "not_evaluable", (Finding(flag="STATUS_UNKNOWN", reason=reason), REVIEW)
    if delivered is None:
        return _derived(numbers, criteria)
    if delivered == "negative":
        return _delivered_negative(numbers, criteria)
    if delivered == "positive":
        return _delivered_positive(numbers, criteria)
    return delivered, ()


def _derived(numbers: MrdNumbers, criteria: Criteria) -> _Word:
    if numbers.detected is None:
        reason = "Flow MRD has neither a status nor a count."
        return "not_evaluable", (Finding(flag="NO_RESULT", reason=reason),)
    return _found(numbers, criteria) if numbers.detected else _nothing_found(numbers, criteria)


def _nothing_found(numbers: MrdNumbers, criteria: Criteria) -> _Word:
    if numbers.lod is None:
        reason = "Flow found nothing, and its limit of detection is not stated."
        return "indeterminate", (Finding(flag="LOD_MISSING", reason=reason), REVIEW)
    if numbers.lod <= THRESHOLDS_FLOW[criteria.mrd.flow_threshold]:
        return "negative", ()
    return "indeterminate", (_INSUFFICIENT,)


def _found(numbers: MrdNumbers, criteria: Criteria) -> _Word:
    below = numbers.fraction is None or numbers.fraction < THRESHOLDS_FLOW[criteria.mrd.flow_threshold]
    if _smaller_than_a_cluster(numbers):
        reason = "Flow found fewer events than the smallest cluster."
        return "indeterminate", (Finding(flag="BELOW_LOD", reason=reason), REVIEW)
    if not below:
        return "positive", ()
    if numbers.lod is None:
        reason = "Flow found events below 1e-4, and its limit of detection is not stated."
        return "indeterminate", (Finding(flag="LOD_MISSING", reason=reason), REVIEW)
    return criteria.mrd.flow_detected_below, (_BELOW,)


def _smaller_than_a_cluster(numbers: MrdNumbers) -> bool:
    if numbers.lod is None:
        return False
    if numbers.numerator is not None and numbers.denominator:
        # The smallest cluster is a whole number of events; the stated limit may be rounded.
        return numbers.numerator < max(1, round(numbers.lod * numbers.denominator))
    return numbers.fraction is not None and numbers.fraction < numbers.lod


def _delivered_negative(numbers: MrdNumbers, criteria: Criteria) -> _Word:
    if numbers.detected:
        word, findings = _found(numbers, criteria)
        if word == "negative":
            return word, findings
        reason = f"Flow was delivered as negative; its count makes it {word}."
        return word, (*findings, Finding(flag="STATUS_CONTRADICTS_COUNT", reason=reason), REVIEW)
    if numbers.lod is None:
        reason = "Flow was delivered as negative without a limit of detection."
        return "negative", (Finding(flag="SENSITIVITY_NOT_STATED", reason=reason),)
    return _nothing_found(numbers, criteria)


def _delivered_positive(numbers: MrdNumbers, criteria: Criteria) -> _Word:
    if numbers.detected is False:
        reason = "Flow was delivered as positive with a count of 0."
        return "indeterminate", (Finding(flag="STATUS_CONTRADICTS_COUNT", reason=reason), REVIEW)
    threshold = THRESHOLDS_FLOW[criteria.mrd.flow_threshold]
    if numbers.fraction is not None and numbers.fraction < threshold:
        return criteria.mrd.flow_detected_below, (_BELOW,)
    return "positive", ()


def _interval(numbers: MrdNumbers) -> tuple[float | None, float | None]:
    whole = numbers.denominator is not None and numbers.denominator.is_integer()
    if numbers.refused or numbers.numerator is None or not numbers.denominator or not whole:
        return None, None
    return clopper_pearson(numbers.numerator, int(numbers.denominator))
