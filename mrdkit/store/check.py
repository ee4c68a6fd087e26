"""Whether the rows of a batch fit the tables: a batch with one row that does not is rejected whole.

Checked are kinds, required cells, finite numbers, text that a database can hold, words of the schema,
intervals and counts, and that no key stands twice. Each finding names table, row, column and code. A table is
looked at column by column first; only one with a doubt is gone through cell by cell, to name what is wrong.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Column, Table

from mrdkit.errors import InputError
from mrdkit.results import MrdStatus
from mrdkit.store import schema
from mrdkit.store.cells import Row, column_names, columns_of, kind_of
from mrdkit.store.column_types import Bytes, Day, Document, Number, Truth, Whole, Words
from mrdkit.store.documents import ASSAYS
from mrdkit.store.rows import Rows
from mrdkit.store.versioned import VERSIONED

__all__ = ["BatchError", "RowProblem", "check_rows", "problems_of"]

_MOST = 2**63
_KINDS: Mapping[type, type] = {
    Words: str,
    Whole: int,
    Number: float,
    Truth: bool,
    Day: date,
    Document: str,
    Bytes: bytes,
}
_WORDS: Mapping[tuple[str, str], frozenset[str]] = {
    ("results", "assay"): frozenset(ASSAYS),
    ("results_calls", "assay"): frozenset(ASSAYS),
    ("results_assessments", "responder"): frozenset({"Y", "N", "NE"}),
    ("results_queries", "kind"): frozenset({"failure", "problem", "review"}),
    ("results_figures", "section"): frozenset({"quality", "gating", "visible"}),
}
_STATUS = "mrd_status_"
_STATUSES = frozenset(str(status) for status in MrdStatus)
#: Columns that ingest fills in.
_FILLED = frozenset({"version", "action", "reason", "content_hash", "batch", "assay_run_version"})
#: Columns that only a tombstone leaves empty.
_REQUIRED: Mapping[str, frozenset[str]] = {
    "results": frozenset({"flags", "reasons", "inputs", "rules", "software_version"}),
    "results_assay_runs": frozenset({"call_id", "inputs", "rules", "software_version"}),
    "results_records": frozenset({"best_response", "record"}),
    "results_events": frozenset({"date"}),
}
#: Cells of a result that are looked at together.
_OF_RESULT = ("analyte", "result", "ci_low", "ci_high")
_NOT_NEGATIVE = ("numerator", "denominator", "age")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """One cell that does not fit.

    Attributes:
        row: number of the row in its table of the batch, from 1.
        key: what the row is about: subject, visit, assay, analyte, as far as it says.
    """

    table: str
    row: int
    key: str
    column: str
    code: str
    message: str


class BatchError(InputError):
    """A batch that does not fit the tables; `problems` names each row."""

    def __init__(self, problems: tuple[RowProblem, ...]) -> None:
        first = problems[0]
        super().__init__(
            f"{first.message}; the batch is rejected whole",
            code="BATCH_INVALID",
            place=f"{first.table}, row {first.row} ({first.key}), column {first.column}",
            found=f"{len(problems)} problem(s)",
            remedy="nothing was changed; the report names every row",
        )
        self.problems = problems

    def __reduce__(self) -> tuple[object, ...]:
        """Let a worker process hand the error to its parent."""
        return BatchError, (self.problems,)


def check_rows(rows: Rows) -> None:
    """Refuse a batch whose rows do not fit.

    Raises:
        BatchError: the message names the first problem, `problems` all of them.
    """
    found = tuple(problems_of(rows))
    if found:
        raise BatchError(found)


def problems_of(rows: Rows) -> Iterator[RowProblem]:
    """Yield every problem, table by table."""
    tables: tuple[tuple[Table, Iterable[Row]], ...] = (
        *((spec.table, rows.versioned[name]) for name, spec in VERSIONED.items()),
        (schema.specimens, rows.specimens.values()),
        (schema.calls, rows.calls.values()),
        (schema.figures, rows.figures.values()),
        (schema.queries, rows.queries),
    )
    if not rows.study_id.strip():
        yield _problem(
            schema.studies, 1, {}, column="study_id", code="CELL_EMPTY", message="the study has no name"
        )
    for table, content in tables:
        every = list(content)
        if every and not _fit(table, every):
            seen: set[str] = set()
            for number, row in enumerate(every, start=1):
                yield from _of_row(table, number, row, seen)


def _fit(table: Table, rows: list[Row]) -> bool:
    """Tell of most tables at once that nothing is wrong; where in doubt, no."""
    columns = columns_of(rows, (name for name in column_names(table) if name not in _FILLED))
    if not all(_fits(table, table.c[name], cells) for name, cells in columns.items()):
        return False
    key = VERSIONED[table.name].key if table.name in VERSIONED else None
    if key is not None and len(set(columns[key])) != len(rows):
        return False
    if table is not schema.results:
        return True
    named = zip(*(columns[name] for name in _OF_RESULT), strict=True)
    return not any(True for one in named for _ in _of_result(*one))


def _fits(table: Table, column: Column[Any], cells: list[Any]) -> bool:
    kind = _KINDS[kind_of(table, column.name)]
    found = set(map(type, cells))
    if not found <= {kind, type(None)} or (type(None) in found and _is_required(table, column)):
        return False
    held = set(cells) - {None}
    if kind is str:
        words = _WORDS.get((table.name, column.name), held)
        return held <= words and not any(_of_text("".join(held), None))
    return kind not in (int, float) or not any(True for one in held for _ in _of_number(one, column.name))


def _of_row(table: Table, number: int, row: Row, seen: set[str]) -> Iterator[RowProblem]:
    for column in table.columns:
        value = row.get(column.name)
        if value is not None:
            found = _of_cell(table, column, value)
        elif _is_required(table, column):
            found = iter([("CELL_EMPTY", "a required cell is empty")])
        else:
            continue
        for code, message in found:
            yield _problem(table, number, row, column=column.name, code=code, message=message)
    if table is schema.results:
        for name, code, message in _of_result(*(row.get(name) for name in _OF_RESULT)):
            yield _problem(table, number, row, column=name, code=code, message=message)
    if table.name in VERSIONED:
        name = VERSIONED[table.name].key
        key = row[name]
        if not isinstance(key, str):  # named above: a key of another kind is none
            return
        if key in seen:
            yield _problem(
                table, number, row, column=name, code="DUPLICATE_ROW", message="the batch has this row twice"
            )
        seen.add(key)


@cache
def _is_required(table: Table, column: Column[Any]) -> bool:
    needed = not column.nullable or column.name in _REQUIRED.get(table.name, ())
    return needed and column.name not in _FILLED


def _of_cell(table: Table, column: Column[Any], value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    kind = kind_of(table, column.name)
    if not isinstance(value, _KINDS[kind]) or (isinstance(value, bool) and kind is not Truth):
        yield "KIND", f"a cell holds {type(value).__name__}"
    elif isinstance(value, str):
        yield from _of_text(value, _WORDS.get((table.name, column.name)))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _of_number(value, column.name)


def _of_text(text: str, words: frozenset[str] | None) -> Iterator[tuple[str, str]]:
    if "\0" in text or not _is_unicode(text):
        yield "TEXT_INVALID", "a text holds a character that no database can keep"
    elif words is not None and text not in words:
        yield "WORD_UNKNOWN", f"{text[:40]!r} is no word of this column"


def _of_number(value: float, name: str) -> Iterator[tuple[str, str]]:
    if not math.isfinite(value):
        yield "NOT_FINITE", "a number is not finite"
    elif abs(value) >= _MOST and isinstance(value, int):
        yield "TOO_LARGE", "a count has more than 64 bits"
    elif value < 0 and name in _NOT_NEGATIVE:
        yield "NEGATIVE", "a count or amount is negative"


def _of_result(analyte: object, result: object, low: object, high: object) -> Iterator[tuple[str, str, str]]:
    if isinstance(low, float) and isinstance(high, float) and low > high:
        yield "ci_low", "INTERVAL", "the interval ends before it begins"
    if str(analyte).startswith(_STATUS) and result not in _STATUSES:
        yield "result", "WORD_UNKNOWN", "a status is none of the four words"


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _problem(table: Table, number: int, row: Row, *, column: str, code: str, message: str) -> RowProblem:
    parts = (row.get(name) for name in ("subject_id", "visit", "assay", "analyte"))
    key = ", ".join(str(part)[:100] for part in parts if part is not None)
    return RowProblem(table=table.name, row=number, key=key or "-", column=column, code=code, message=message)
