"""One sample of a sponsor's delivery, and what is known to be wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from mrdkit.ngs.findings import Finding
from mrdkit.results import MrdStatus

__all__ = ["REVIEW", "SummaryRow", "with_findings"]

#: A person must look at the row before it is used.
REVIEW = "REVIEW"

#: Findings that a reader may take note of; any other asks for a person.
_NOTES = frozenset(
    {
        "ABOVE_ONE_PER_CELL",
        "DETECTED_BELOW_1E6",
        "DUPLICATE_ROW",
        "INDETERMINATE_ABOVE_THRESHOLD",
        "STATUS_MISSING",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryRow:
    """One sample as delivered.

    Attributes:
        row: line of the file.
        visit: the study's name of the visit, where the map has one; else as delivered.
        status: threshold -> status word; None where the delivery has no column for it.
        as_delivered: text of each cell that was read, by threshold and by field.
        collapsed: one word by `collapse_rule`; None without a rule.
        detected: whether anything was found; None where neither count nor words say so, or they disagree.
    """

    row: int
    subject_id: str
    sample_id: str | None
    visit: str
    collected_on: date | None
    specimen_type: str | None
    mrd_per_million: float | None
    screening_per_million: float | None
    cells: float | None
    status: Mapping[str, MrdStatus | None]
    as_delivered: Mapping[str, str | None]
    collapsed: MrdStatus | None
    collapse_rule: str | None
    detected: bool | None
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


def with_findings(row: SummaryRow, findings: Iterable[Finding]) -> SummaryRow:
    """Return the row with further findings; any but a note asks for a person."""
    found = tuple(findings)
    codes = dict.fromkeys((*row.flags, *(code for code, _ in found)))
    review = (REVIEW,) if codes.keys() - _NOTES else ()
    return replace(
        row,
        flags=(*(code for code in codes if code != REVIEW), *review),
        reasons=(*row.reasons, *(sentence for _, sentence in found)),
    )
