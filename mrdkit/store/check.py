"""Whether the rows of a batch fit the tables: a batch with one row that does not is rejected whole.

Checked are kinds, required cells, finite numbers, text that a database can hold, words of the schema,
intervals and counts, and that no key stands twice. Each finding names table, row, column and code.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Column, Table

from mrdkit.errors import InputError
from mrdkit.results import Json, MrdStatus
from mrdkit.store import schema
from mrdkit.store.column_types import Bytes, Day, Document, Number, Truth, Whole, Words
from mrdkit.store.documents import ASSAYS
from mrdkit.store.rows import Row, Rows
from mrdkit.store.versioned import VERSIONED

__all__ = ["BatchError", "RowProblem", "check_rows", "problems_of"]

_MOST = 2**63
_KINDS: Mapping[type, tuple[type, ...]] = {
    Words: (str,),
    Whole: (int,),
    Number: (float,),
    Truth: (bool,),
    Day: (date,),
    Document: (dict, list),
    Bytes: (bytes,),
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
#: Columns with whole documents, which were proved to come back as they were when they were made.
_PROVED = frozenset({"document", "record"})
#: Columns that only a tombstone leaves empty.
_REQUIRED: Mapping[str, frozenset[str]] = {
    "results": frozenset({"flags", "reasons", "inputs", "rules", "software_version"}),
    "results_assay_runs": frozenset({"call_id", "inputs", "rules", "software_version"}),
    "results_records": frozenset({"best_response", "record"}),
    "results_events": frozenset({"date"}),
}
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
        seen: set[str] = set()
        for number, row in enumerate(content, start=1):
            yield from _of_row(table, number, row, seen)


def _of_row(table: Table, number: int, row: Row, seen: set[str]) -> Iterator[RowProblem]:
    for column, kind, required in _columns(table):
        value = row.get(column.name)
        if value is None:
            if required:
                yield _problem(
                    table,
                    number,
                    row,
                    column=column.name,
                    code="CELL_EMPTY",
                    message="a required cell is empty",
                )
        elif not _fits_at_once(value, kind) and column.name not in _PROVED:
            for code, message in _of_cell(table, column, row):
                yield _problem(table, number, row, column=column.name, code=code, message=message)
    if table is schema.results:
        for name, code, message in _of_result(row):
            yield _problem(table, number, row, column=name, code=code, message=message)
    if table.name in VERSIONED:
        name = VERSIONED[table.name].key
        if row[name] in seen:
            yield _problem(
                table, number, row, column=name, code="DUPLICATE_ROW", message="the batch has this row twice"
            )
        seen.add(row[name])


@cache
def _columns(table: Table) -> tuple[tuple[Column[Any], type | None, bool], ...]:
    """Return each column with its kind, None where a cell has to be one of some words."""
    return tuple(
        (
            column,
            None if (table.name, column.name) in _WORDS else type(column.type),
            column.name not in _FILLED
            and (not column.nullable or column.name in _REQUIRED.get(table.name, ())),
        )
        for column in table.columns
    )


def _fits_at_once(value: Any, kind: type | None) -> bool:  # noqa: ANN401 - a cell of any column
    """Tell without further questions of most cells that they fit."""
    match value:
        case str():
            return kind is Words and value.isascii() and "\0" not in value
        case float():
            return kind is Number and 0.0 < value < math.inf
        case bool():
            return kind is Truth
        case int():
            return kind is Whole and 0 <= value < _MOST
        case list():
            return kind is Document and all(isinstance(one, str) and one.isascii() for one in value)
        case _:
            return False


def _of_cell(table: Table, column: Column[Any], row: Row) -> Iterator[tuple[str, str]]:
    row[column.name] = value = _widened(column, row[column.name])
    if not isinstance(value, _KINDS[type(column.type)]) or (
        isinstance(value, bool) and not isinstance(column.type, Truth)
    ):
        yield "KIND", f"a cell holds {type(value).__name__}"
    elif isinstance(value, str):
        yield from _of_text(value, _WORDS.get((table.name, column.name)))
    elif isinstance(value, float) and not math.isfinite(value):
        yield "NOT_FINITE", "a number is not finite"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _of_number(value, column.name)
    elif isinstance(value, dict | list) and not _has_json(value):
        yield "NOT_JSON", "a list or document holds what JSON cannot"


def _widened(column: Column[Any], value: Any) -> Any:  # noqa: ANN401 - a cell of any column
    """Return a number as the column gives it back: a float, without the sign of a zero."""
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MOST
    if isinstance(column.type, Number) and (whole or isinstance(value, float)):
        return float(value) + 0.0
    return value


def _of_text(text: str, words: frozenset[str] | None) -> Iterator[tuple[str, str]]:
    if "\0" in text or not _is_unicode(text):
        yield "TEXT_INVALID", "a text holds a character that no database can keep"
    elif words is not None and text not in words:
        yield "WORD_UNKNOWN", f"{text[:40]!r} is no word of this column"


def _of_number(value: float, name: str) -> Iterator[tuple[str, str]]:
    if abs(value) >= _MOST and isinstance(value, int):
        yield "TOO_LARGE", "a count has more than 64 bits"
    elif value < 0 and name in _NOT_NEGATIVE:
        yield "NEGATIVE", "a count or amount is negative"


def _of_result(row: Row) -> Iterator[tuple[str, str, str]]:
    low, high, result = row.get("ci_low"), row.get("ci_high"), row.get("result")
    if isinstance(low, float) and isinstance(high, float) and low > high:
        yield "ci_low", "INTERVAL", "the interval ends before it begins"
    if str(row.get("analyte")).startswith(_STATUS) and result not in _STATUSES:
        yield "result", "WORD_UNKNOWN", "a status is none of the four words"


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _has_json(value: Json) -> bool:
    match value:
        case dict():
            return all(_is_unicode(name) and _has_json(one) for name, one in value.items())
        case list():
            return all(map(_has_json, value))
        case str():
            return _is_unicode(value)
        case float():
            return math.isfinite(value)
        case _:
            return value is None or isinstance(value, int)


def _problem(table: Table, number: int, row: Row, *, column: str, code: str, message: str) -> RowProblem:
    parts = (row.get(name) for name in ("subject_id", "visit", "assay", "analyte"))
    key = ", ".join(str(part)[:100] for part in parts if part is not None)
    return RowProblem(table=table.name, row=number, key=key or "-", column=column, code=code, message=message)
