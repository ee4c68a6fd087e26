"""What only shows where the rows of a delivery stand side by side: repeats, swaps, two values at screening.

Nothing is dropped or joined here. Rows of one subject, sample and visit that say the same are one result
written twice; where they differ, nobody can tell which is true, and both are to be looked at.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from mrdkit.ngs.findings import Finding
from mrdkit.ngs.summary_row import SummaryRow, with_findings

__all__ = ["compared"]

_Key: TypeAlias = tuple[object, ...]


def compared(rows: Sequence[SummaryRow]) -> tuple[SummaryRow, ...]:
    """Return the rows in their order, each with what the others say about it."""
    results = _grouped(rows, _result)
    samples = _grouped([row for row in rows if row.sample_id], lambda row: (row.sample_id,))
    subjects = _grouped(rows, lambda row: (row.subject_id,))
    return tuple(
        with_findings(
            row,
            (
                *_repeated(row, results[_result(row)]),
                *_swapped(row, samples.get((row.sample_id,), ())),
                *_screening(row, subjects[(row.subject_id,)]),
            ),
        )
        for row in rows
    )


def _grouped(
    rows: Sequence[SummaryRow], key: Callable[[SummaryRow], _Key]
) -> dict[_Key, tuple[SummaryRow, ...]]:
    found: dict[_Key, list[SummaryRow]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return {each: tuple(group) for each, group in found.items()}


def _result(row: SummaryRow) -> _Key:
    """Return whose result a row is; without a sample, its day and kind of specimen stand for it."""
    sample: _Key = (row.sample_id,) if row.sample_id else (row.collected_on, row.specimen_type)
    return (row.subject_id, row.visit, *sample)


def _content(row: SummaryRow) -> _Key:
    return (row.specimen_type, *row.as_delivered.items())


def _repeated(row: SummaryRow, same: Sequence[SummaryRow]) -> Iterator[Finding]:
    others = [other for other in same if other.row != row.row]
    differing = [other.row for other in others if _content(other) != _content(row)]
    if differing:
        yield (
            "DUPLICATE_DIFFERS",
            f"The same subject, sample and visit stand otherwise in {_rows(differing)}.",
        )
    elif earlier := [other.row for other in others if other.row < row.row]:
        yield "DUPLICATE_ROW", f"Repeats {_rows(earlier)}."


def _swapped(row: SummaryRow, of_sample: Sequence[SummaryRow]) -> Iterator[Finding]:
    if others := [other.row for other in of_sample if other.subject_id != row.subject_id]:
        yield "SAMPLE_OF_TWO_SUBJECTS", f"The sample stands under another subject in {_rows(others)}."


def _screening(row: SummaryRow, of_subject: Sequence[SummaryRow]) -> Iterator[Finding]:
    values = {other.screening_per_million for other in of_subject} - {None}
    if len(values) > 1 and row.screening_per_million is not None:
        yield "SCREENING_DIFFERS", "The subject's rows name different counts at screening."


def _rows(numbers: Sequence[int]) -> str:
    return ("row " if len(numbers) == 1 else "rows ") + ", ".join(map(str, numbers))
