"""One MRD result as the response profile reads it, and the numbers of a result made elsewhere.

Status words are those of the command line. Source: trial definitions, section 2.2.
"""

from collections.abc import Mapping
from typing import NamedTuple

from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.records import ExternalResult

__all__ = [
    "DELIVERED_WORDS",
    "NOT_TESTED",
    "NO_CLONE",
    "MrdNumbers",
    "MrdReading",
    "delivered_word",
    "found_of",
    "numbers_of",
]

NOT_TESTED = "not_tested"
NO_CLONE = "no_trackable_clone"
_BELOW_LOD = "detected_below_lod"

#: Words that laboratories deliver -> status word.
DELIVERED_WORDS: Mapping[str, str] = {
    "positive": "positive",
    "pos": "positive",
    "detected": "positive",
    _BELOW_LOD: "indeterminate",
    "negative": "negative",
    "neg": "negative",
    "undetectable": "negative",
    "not_detected": "negative",
    "indeterminate": "indeterminate",
    "insufficient": "indeterminate",
    "not_evaluable": "not_evaluable",
    NO_CLONE: "not_evaluable",
}

_UNITS: Mapping[str, float] = {
    "fraction": 1.0,
    "percent": 1e-2,
    "%": 1e-2,
    "per_million": 1e-6,
    "permillion": 1e-6,
    "/10^6": 1e-6,
    "ppm": 1e-6,
}


class MrdReading(NamedTuple):
    """One result under one profile.

    Attributes:
        status: threshold -> status word.
        overall: the one word of the method: at 1e-4 for flow, at its deepest threshold for sequencing.
        measurement: the point of the time line; its `detected` and `fraction` keep "undetectable" and "below
            1e-4" apart.
        findings: codes and sentences.
    """

    status: Mapping[str, str]
    overall: str
    measurement: MrdMeasurement
    findings: tuple[Finding, ...]


class MrdNumbers(NamedTuple):
    """Numbers of a delivered result.

    Attributes:
        fraction: residual fraction, None where not given or its unit is not known.
        lod: limit of detection that can be true, None where not given.
        denominator: nucleated events or cells.
        detected: whether anything was found, None where no number says so.
        refused: the numbers contradict each other; nothing may be concluded from them.
    """

    numerator: int | None
    denominator: float | None
    fraction: float | None
    lod: float | None
    detected: bool | None
    refused: bool
    findings: tuple[Finding, ...]


def delivered_word(text: str) -> str | None:
    """Return the status word of a cell; None where it is empty, "" where it is not known."""
    word = _as_delivered(text)
    return DELIVERED_WORDS.get(word, "") if word else None


def found_of(result: ExternalResult, numbers: MrdNumbers) -> bool | None:
    """Tell whether disease was found: by its numbers, else by the word; None where neither says."""
    if numbers.refused or numbers.detected is not None:
        return numbers.detected
    if _as_delivered(result.status) == _BELOW_LOD:
        return True
    return {"positive": True, "negative": False}.get(delivered_word(result.status) or "")


def numbers_of(result: ExternalResult) -> MrdNumbers:
    """Return the numbers of a delivered result, and what is wrong with them."""
    fraction, of_unit = _fraction(result)
    wrong = _contradictions(result, fraction)
    lod, of_lod = _lod(result)
    found = result.value if result.numerator is None else result.numerator
    return MrdNumbers(
        numerator=result.numerator,
        denominator=result.denominator,
        fraction=None if wrong else fraction,
        lod=None if wrong else lod,
        detected=None if wrong or found is None else found > 0,
        refused=bool(wrong),
        findings=(*wrong, *of_unit, *of_lod),
    )


def _as_delivered(text: str) -> str:
    return "_".join(text.casefold().split())


def _contradictions(result: ExternalResult, share: float | None) -> tuple[Finding, ...]:
    count, total = result.numerator, result.denominator
    if total == 0:
        return (
            Finding(flag="ZERO_DENOMINATOR", reason="No cell was counted; nothing can be concluded."),
            REVIEW,
        )
    if count is not None and total is not None and count > total:
        reason = f"{count} residual cells of {total:g} are impossible."
        return (Finding(flag="CLUSTER_GT_TOTAL", reason=reason), REVIEW)
    if (share is not None and share > 1.0) or (result.lod is not None and result.lod > 1.0):
        return (Finding(flag="RANGE", reason="A fraction above 1 is impossible."), REVIEW)
    return ()


def _fraction(result: ExternalResult) -> tuple[float | None, tuple[Finding, ...]]:
    if result.numerator is not None and result.denominator:
        return result.numerator / result.denominator, ()
    if result.value is None or result.numerator is not None:
        return None, ()
    if result.value == 0.0:
        return 0.0, ()
    factor = _UNITS.get("_".join((result.unit or "").casefold().split()))
    if factor is None:
        reason = f"The value's unit {result.unit or ''!r} is not known and is not guessed."
        return None, (Finding(flag="UNIT_UNKNOWN", reason=reason), REVIEW)
    return result.value * factor, ()


def _lod(result: ExternalResult) -> tuple[float | None, tuple[Finding, ...]]:
    """Return the stated limit, but never a smaller one than a single cell of the denominator."""
    if result.lod is None or not result.denominator:
        return result.lod, ()
    one_cell = 1.0 / result.denominator
    if result.lod >= one_cell:
        return result.lod, ()
    reason = f"The stated limit {result.lod:g} is less than one cell of {result.denominator:g}."
    return one_cell, (Finding(flag="LOD_IMPLAUSIBLE", reason=reason), REVIEW)
