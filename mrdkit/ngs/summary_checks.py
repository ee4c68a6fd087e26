"""Where a delivered row contradicts itself: its words, its count, and the cells that it rests on.

Nothing is corrected: the words stay as delivered, and each contradiction has a code. A word at a threshold
says that the value is at least the threshold (positive), or below it and that the assay could have seen it
(negative). Source: sequencing facts, section 6.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import combinations

from mrdkit.ngs.findings import Finding
from mrdkit.ngs.summary_cells import ReadCells
from mrdkit.results import THRESHOLDS_NGS, MrdStatus
from mrdkit.stats import zero_count_upper_limit

__all__ = ["contradictions", "per_million"]

_DEEPEST = min(THRESHOLDS_NGS, key=lambda name: THRESHOLDS_NGS[name])
_ONE_PER_CELL = 1e6
#: Words at a higher threshold that a negative one at a deeper threshold denies.
_DENIED = (MrdStatus.POSITIVE, MrdStatus.INDETERMINATE)


def contradictions(found: ReadCells) -> tuple[Finding, ...]:
    """Return code and sentence of each contradiction of one row, always in this order."""
    words = {name: word for name, word in found.status.items() if word is not None}
    value = found.mrd_per_million
    return (
        *_between_thresholds(words),
        *(() if value is None else _of_count(words, value)),
        *(() if found.cells is None else _of_cells(words, value, found.cells)),
    )


def per_million(threshold: str) -> float:
    """Return a threshold in templates per million cells: 1e-5 is exactly 10."""
    return float(Decimal(threshold).scaleb(6))


def _between_thresholds(words: Mapping[str, MrdStatus]) -> Iterator[Finding]:
    for higher, deeper in combinations(sorted(words, key=per_million, reverse=True), 2):
        if words[deeper] is MrdStatus.NEGATIVE and words[higher] in _DENIED:
            yield (
                "STATUS_CONTRADICTS_THRESHOLDS",
                f"{words[higher]} at {higher} and negative at {deeper} cannot both be true.",
            )


def _of_count(words: Mapping[str, MrdStatus], value: float) -> Iterator[Finding]:
    for threshold, word in words.items():
        least = per_million(threshold)
        at_least = f"{value:g} per million is at least {least:g}, the threshold {threshold}"
        if word is MrdStatus.POSITIVE and value == 0.0:
            yield "STATUS_CONTRADICTS_COUNT", f"Positive at {threshold} with nothing found."
        elif word is MrdStatus.POSITIVE and value < least:
            sentence = f"Positive at {threshold} with {value:g} per million, less than {least:g}."
            yield "POSITIVE_BELOW_THRESHOLD", sentence
        elif word is MrdStatus.NEGATIVE and value >= least:
            yield "STATUS_CONTRADICTS_COUNT", f"{at_least}, and was delivered as negative."
        elif word is MrdStatus.INDETERMINATE and value >= least:
            yield "INDETERMINATE_ABOVE_THRESHOLD", f"{at_least}, and was delivered as indeterminate."
    if words.get(_DEEPEST) is MrdStatus.NEGATIVE and 0.0 < value < per_million(_DEEPEST):
        yield (
            "DETECTED_BELOW_1E6",
            f"{value:g} per million were found and delivered as negative at {_DEEPEST}.",
        )
    if value > _ONE_PER_CELL:
        yield "ABOVE_ONE_PER_CELL", f"{value:g} per million are more than one per cell; not clipped."


def _of_cells(words: Mapping[str, MrdStatus], value: float | None, cells: float) -> Iterator[Finding]:
    limit = zero_count_upper_limit(cells)
    for threshold, word in words.items():
        if word is MrdStatus.NEGATIVE and not value and limit >= THRESHOLDS_NGS[threshold]:
            yield (
                "NEGATIVE_BEYOND_CELLS",
                f"Negative at {threshold} with {cells:g} cells, whose 95 % limit is {limit:.3g}.",
            )
