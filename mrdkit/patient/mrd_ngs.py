"""Sequencing MRD of one specimen, at 1e-4, 1e-5 and 1e-6.

Negative at a threshold needs that the input reaches it: by the one-sided 95 % Poisson limit of the cells, or
by the vendor's limit of detection; the result says which. What was detected is never negative at the deepest
threshold. Source: trial definitions, section 2.2; sequencing definitions, section 6.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mrdkit.patient.findings import REVIEW, Finding, flags_of
from mrdkit.patient.mrd_reading import (
    NO_CLONE,
    MrdNumbers,
    MrdReading,
    delivered_word,
    found_of,
    numbers_of,
)
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.mrd_words import words_at_thresholds
from mrdkit.patient.records import ExternalResult
from mrdkit.results import THRESHOLDS_NGS, MrdStatus, NgsMrdCall, TrackedTarget
from mrdkit.stats import garwood, zero_count_upper_limit

__all__ = ["ngs_of_call", "ngs_of_external"]

_DEEPEST = min(THRESHOLDS_NGS, key=lambda name: THRESHOLDS_NGS[name])
_PER_MILLION = 1e-6
_Words = tuple[Mapping[str, str], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sensitivity:
    """What the input can see; a Poisson limit must lie below a threshold, a vendor's may equal it."""

    limit: float | None
    vendor: bool

    def reaches(self, threshold: float) -> bool:
        if self.limit is None:
            return False
        return self.limit <= threshold if self.vendor else self.limit < threshold


def ngs_of_call(call: NgsMrdCall, visit: str) -> MrdReading:
    """Read a call of this software."""
    status = {name: call.status.get(name, MrdStatus.NOT_EVALUABLE).value for name in THRESHOLDS_NGS}
    status, findings = _never_negative_when_detected(status, detected=bool(call.detected))
    driving = _driving(call)
    measurement = MrdMeasurement(
        method="ngs",
        visit=visit,
        specimen_id=call.specimen.specimen_id,
        collected_on=call.specimen.collected_on,
        fraction=_of_million(call.mrd_per_million),
        ci_low=_of_million(driving.ci_low if driving else None),
        ci_high=_of_million(driving.ci_high if driving else None),
        limit=call.upper_limit if call.detected is False else None,
        detected=call.detected,
        status=status,
        source="mrdkit",
        flags=tuple(dict.fromkeys((*call.flags, *flags_of(findings)))),
        lod=_of_million(driving.lod if driving else None),
        loq=_of_million(driving.loq if driving else None),
        quantifiable=call.quantifiable,
        specimen_type=call.specimen.specimen_type,
        basis=call.driving_target,
    )
    return MrdReading(status=status, overall=_overall(status), measurement=measurement, findings=findings)


def ngs_of_external(result: ExternalResult) -> MrdReading:
    """Read a result made elsewhere: its word, checked against its numbers, or derived from them."""
    numbers = numbers_of(result)
    sensitivity = _sensitivity(numbers)
    status, findings = _words_of_external(result, numbers, sensitivity)
    findings = (*numbers.findings, *_which_limit(numbers, sensitivity), *findings)
    low, high = _interval(numbers)
    found = found_of(result, numbers)
    measurement = MrdMeasurement(
        method="ngs",
        visit=result.visit,
        specimen_id=result.specimen_id,
        collected_on=result.collected_on,
        fraction=numbers.fraction,
        ci_low=low,
        ci_high=high,
        limit=sensitivity.limit if found is False else None,
        detected=found,
        status=status,
        source=result.source,
        flags=flags_of(findings),
        lod=numbers.lod,
    )
    return MrdReading(status=status, overall=_overall(status), measurement=measurement, findings=findings)


def _driving(call: NgsMrdCall) -> TrackedTarget | None:
    """Return the target that makes the value; None of plasma, whose interval and limits are per mL."""
    if call.mrd_per_million is None:
        return None
    return next((one for one in call.tracking if one.target_id == call.driving_target), None)


def _of_million(per_million: float | None) -> float | None:
    return None if per_million is None else per_million * _PER_MILLION


def _overall(status: Mapping[str, str]) -> str:
    return "positive" if "positive" in status.values() else status[_DEEPEST]


def _sensitivity(numbers: MrdNumbers) -> _Sensitivity:
    if numbers.lod is not None:
        return _Sensitivity(limit=numbers.lod, vendor=True)
    if numbers.denominator and not numbers.refused:
        return _Sensitivity(limit=zero_count_upper_limit(numbers.denominator), vendor=False)
    return _Sensitivity(limit=None, vendor=False)


def _which_limit(numbers: MrdNumbers, sensitivity: _Sensitivity) -> tuple[Finding, ...]:
    if numbers.refused or sensitivity.limit is None:
        return ()
    if sensitivity.vendor:
        reason = f"Sequencing is judged by the stated limit of detection, {sensitivity.limit:.3g}."
        return (Finding(flag="LOD_STATED", reason=reason),)
    reason = f"Sequencing is judged by the 95 % Poisson limit of {numbers.denominator:g} cells."
    return (Finding(flag="LOD_POISSON", reason=reason),)


def _words_of_external(result: ExternalResult, numbers: MrdNumbers, sensitivity: _Sensitivity) -> _Words:
    delivered = delivered_word(result.status)
    if numbers.refused:
        return _all("not_evaluable"), ()
    if "_".join(result.status.casefold().split()) == NO_CLONE:
        reason = "No clone of the patient can be tracked."
        return _all("not_evaluable"), (Finding(flag="NO_TRACKABLE_CLONE", reason=reason),)
    if at_thresholds := words_at_thresholds(result, numbers, sensitivity.reaches):
        words, findings = at_thresholds
        words, detected = _never_negative_when_detected(words, detected=bool(numbers.detected))
        return words, (*findings, *detected)
    if delivered == "":
        reason = f"The delivered status {result.status[:40]!r} is not known."
        return _all("not_evaluable"), (Finding(flag="STATUS_UNKNOWN", reason=reason), REVIEW)
    if delivered is None:
        return _derived(numbers, sensitivity)
    return _delivered(delivered, numbers, sensitivity)


def _all(word: str) -> Mapping[str, str]:
    return dict.fromkeys(THRESHOLDS_NGS, word)


def _derived(numbers: MrdNumbers, sensitivity: _Sensitivity) -> _Words:
    if numbers.detected is None or sensitivity.limit is None:
        reason = "Sequencing MRD has no count, or nothing that it refers to."
        return _all("not_evaluable"), (Finding(flag="NO_RESULT", reason=reason),)
    if not numbers.detected:
        return _nothing_found(sensitivity)
    if numbers.fraction is None:
        return {**_all("indeterminate"), _DEEPEST: "positive"}, ()
    return _found(numbers.fraction, sensitivity)


def _nothing_found(sensitivity: _Sensitivity) -> _Words:
    words = {
        name: "negative" if sensitivity.reaches(threshold) else "indeterminate"
        for name, threshold in THRESHOLDS_NGS.items()
    }
    if words[_DEEPEST] == "negative":
        return words, ()
    reason = f"Sequencing found nothing, with too few cells to exclude {_DEEPEST}."
    return words, (Finding(flag="INSUFFICIENT_SENSITIVITY", reason=reason),)


def _found(fraction: float, sensitivity: _Sensitivity) -> _Words:
    words = {}
    for name, threshold in THRESHOLDS_NGS.items():
        seen = "negative" if sensitivity.reaches(threshold) else "indeterminate"
        words[name] = "positive" if fraction >= threshold else seen
    if sensitivity.limit is not None and fraction < sensitivity.limit:
        reason = "Sequencing detected the clone below its limit of detection."
        words = {name: "negative" if word == "negative" else "indeterminate" for name, word in words.items()}
        return {**words, _DEEPEST: "indeterminate"}, (Finding(flag="DETECTED_BELOW_LOD", reason=reason),)
    return _never_negative_when_detected(words, detected=True)


def _never_negative_when_detected(
    status: dict[str, str], *, detected: bool
) -> tuple[dict[str, str], tuple[Finding, ...]]:
    if not detected or status[_DEEPEST] != "negative":
        return status, ()
    reason = f"Sequencing detected the clone below {_DEEPEST}; that is not negative."
    return {**status, _DEEPEST: "indeterminate"}, (Finding(flag="DETECTED_BELOW_1E6", reason=reason),)


def _delivered(word: str, numbers: MrdNumbers, sensitivity: _Sensitivity) -> _Words:
    match word:
        case "negative":
            return _delivered_negative(numbers, sensitivity)
        case "positive":
            return _delivered_positive(numbers, sensitivity)
    words, _ = _derived(numbers, sensitivity)
    return {**(_all(word) if "not_evaluable" in words.values() else words), _DEEPEST: word}, ()


def _delivered_negative(numbers: MrdNumbers, sensitivity: _Sensitivity) -> _Words:
    if numbers.detected:
        words, findings = _derived(numbers, sensitivity)
        return words, (*findings, _contradiction("negative"), REVIEW)
    if sensitivity.limit is not None:
        return _nothing_found(sensitivity)
    reason = "Sequencing was delivered as negative without cells or a limit of detection."
    return _all("negative"), (Finding(flag="SENSITIVITY_NOT_STATED", reason=reason),)


def _delivered_positive(numbers: MrdNumbers, sensitivity: _Sensitivity) -> _Words:
    if numbers.detected is False:
        return _all("indeterminate"), (_contradiction("positive"), REVIEW)
    if numbers.fraction is None or sensitivity.limit is None:
        return {**_all("indeterminate"), _DEEPEST: "positive"}, ()
    return _found(numbers.fraction, sensitivity)


def _contradiction(word: str) -> Finding:
    reason = f"Sequencing was delivered as {word}; its count says otherwise."
    return Finding(flag="STATUS_CONTRADICTS_COUNT", reason=reason)


def _interval(numbers: MrdNumbers) -> tuple[float | None, float | None]:
    if numbers.refused or numbers.numerator is None or not numbers.denominator:
        return None, None
    low, high = garwood(numbers.numerator)
    return low / numbers.denominator, high / numbers.denominator
