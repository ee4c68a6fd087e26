"""Sequencing delivered with a word for each threshold: the words stand, unless the row denies them.

A threshold without a word is taken from its neighbours: what is negative at a deeper one is negative here,
what is positive at a higher one is positive here, what is positive at a deeper one is judged by its value. A
word that the count, the input or a deeper word denies becomes indeterminate and is to be looked at. Source:
sequencing definitions, section 6.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import TypeAlias

from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.mrd_reading import MrdNumbers, delivered_word
from mrdkit.patient.records import ExternalResult
from mrdkit.results import THRESHOLDS_NGS

__all__ = ["words_at_thresholds"]

_HIGHEST_FIRST = sorted(THRESHOLDS_NGS, key=lambda name: -THRESHOLDS_NGS[name])
_DENIED = ("positive", "indeterminate")  # at a higher threshold, by a negative word at a deeper one
_Doubt: TypeAlias = tuple[str, Finding]  # a threshold and why its word does not stand


def words_at_thresholds(
    result: ExternalResult, numbers: MrdNumbers, reaches: Callable[[float], bool]
) -> tuple[dict[str, str], tuple[Finding, ...]] | None:
    """Return a word for every threshold; None where the thresholds were not delivered apart.

    Args:
        result: the row.
        numbers: its numbers, which do not contradict each other.
        reaches: tells whether its input can see a fraction.
    """
    cells = {"1e-4": result.status_1e4, "1e-5": result.status_1e5, "1e-6": result.status_1e6}
    delivered = {name: delivered_word(text) for name, text in cells.items() if text}
    if not delivered:
        return None
    words = {name: word or "not_evaluable" for name, word in delivered.items()}
    unknown = [cells[name][:40] for name, word in delivered.items() if not word]
    doubts = (*_between(words), *_of_numbers(words, numbers, reaches))
    words |= {name: "indeterminate" for name, _ in doubts}
    findings = [
        Finding(flag="STATUS_UNKNOWN", reason=f"The delivered status {text!r} is not known.")
        for text in unknown
    ]
    findings += [finding for _, finding in doubts]
    return (
        {name: words.get(name) or _implied(name, words, numbers) for name in THRESHOLDS_NGS},
        (*findings, *((REVIEW,) if findings else ()), *_not_stated(words, numbers)),
    )


def _between(words: Mapping[str, str]) -> Iterator[_Doubt]:
    for higher, deeper in combinations([name for name in _HIGHEST_FIRST if name in words], 2):
        if words[deeper] == "negative" and words[higher] in _DENIED:
            reason = f"Sequencing was delivered as {words[higher]} at {higher} and negative at {deeper}."
            yield deeper, Finding(flag="STATUS_CONTRADICTS_THRESHOLDS", reason=reason)


def _of_numbers(
    words: Mapping[str, str], numbers: MrdNumbers, reaches: Callable[[float], bool]
) -> Iterator[_Doubt]:
    for name, word in words.items():
        threshold, value = THRESHOLDS_NGS[name], numbers.fraction
        too_high = word == "negative" and value is not None and value >= threshold
        if too_high or (word == "positive" and numbers.detected is False):
            reason = f"Sequencing was delivered as {word} at {name}; its count says otherwise."
            yield name, Finding(flag="STATUS_CONTRADICTS_COUNT", reason=reason)
        elif word == "negative" and _stated(numbers) and not reaches(threshold):
            reason = f"Sequencing was delivered as negative at {name}, with too few cells to exclude it."
            yield name, Finding(flag="INSUFFICIENT_SENSITIVITY", reason=reason)


def _implied(name: str, words: Mapping[str, str], numbers: MrdNumbers) -> str:
    """Return the word of a threshold that was not delivered."""
    place = _HIGHEST_FIRST.index(name)
    deeper = {words.get(other) for other in _HIGHEST_FIRST[place + 1 :]}
    higher = {words.get(other) for other in _HIGHEST_FIRST[:place]}
    if "negative" in deeper:
        return "negative"
    if "positive" in higher:
        return "positive"
    if "positive" in deeper and numbers.fraction is not None:
        return "positive" if numbers.fraction >= THRESHOLDS_NGS[name] else "negative"
    return "not_evaluable" if set(words.values()) == {"not_evaluable"} else "indeterminate"


def _stated(numbers: MrdNumbers) -> bool:
    return numbers.lod is not None or bool(numbers.denominator)


def _not_stated(words: Mapping[str, str], numbers: MrdNumbers) -> tuple[Finding, ...]:
    if _stated(numbers) or "negative" not in words.values():
        return ()
    reason = "Sequencing was delivered as negative without cells or a limit of detection."
    return (Finding(flag="SENSITIVITY_NOT_STATED", reason=reason),)
