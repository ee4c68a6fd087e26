"""Tables of an EP17 experiment: results of blanks and of low samples, and detected replicates per dose.

Columns are those of the standard's worked example. Whatever is not certain in a cell is an error that names
it; so is a result that stands twice, since it would count twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from mrdkit.errors import InputError
from mrdkit.files import Row, Table, read_table
from mrdkit.stats import DoseHits

__all__ = ["LotHits", "LotResult", "LotRows", "T", "read_hits", "read_results"]

RESULT_COLUMNS = ("lot", "day", "sample", "replicate", "value")
HIT_COLUMNS = ("lot", "concentration", "positives", "total")


@dataclass(frozen=True, slots=True, kw_only=True)
class LotResult:
    """One result of a blank or low sample."""

    lot: str
    sample: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LotHits:
    """Detected replicates at one concentration with one lot."""

    lot: str
    hits: DoseHits


T = TypeVar("T", LotResult, LotHits)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRows(Generic[T]):
    """The rows of one table; `file` is its path as the user gave it."""

    file: str
    rows: tuple[T, ...]

    def by_lot(self) -> dict[str, tuple[T, ...]]:
        """Return the rows of each lot, lots in order of their first row."""
        lots: dict[str, list[T]] = {}
        for row in self.rows:
            lots.setdefault(row.lot, []).append(row)
        return {lot: tuple(rows) for lot, rows in lots.items()}


def read_results(path: Path) -> LotRows[LotResult]:
    """Read results of blanks or low samples: lot, day, sample, replicate, value.

    Raises:
        InputError: the table is damaged or empty, a cell is no number, or a result stands twice.
    """
    table = read_table(path, required=RESULT_COLUMNS)
    seen: dict[tuple[str, ...], int] = {}
    for row in table.rows:
        key = tuple(row.required(column) for column in RESULT_COLUMNS[:-1])
        if seen.setdefault(key, row.number) != row.number:
            raise row.error(
                "the result stands twice",
                code="ROW_REPEATED",
                column="replicate",
                found=f"lot, day, sample and replicate of row {seen[key]}",
                remedy="keep one of them, or number the replicates",
            )
    return _rows(table, _result)


def read_hits(path: Path) -> LotRows[LotHits]:
    """Read detected replicates: lot, concentration, positives, total.

    Raises:
        InputError: the table is damaged or empty, a cell is no number, or more were positive than measured.
    """
    return _rows(read_table(path, required=HIT_COLUMNS), _hits)


def _rows(table: Table, make: Callable[[Row], T]) -> LotRows[T]:
    if not table.rows:
        raise InputError(
            "the table has no rows",
            code="TABLE_WITHOUT_ROWS",
            file=table.file,
            expected="at least one result",
        )
    return LotRows(file=table.file, rows=tuple(make(row) for row in table.rows))


def _result(row: Row) -> LotResult:
    return LotResult(lot=row.required("lot"), sample=row.required("sample"), value=row.decimal("value"))


def _hits(row: Row) -> LotHits:
    lot, dose = row.required("lot"), row.decimal("concentration", at_least=0.0)
    positives, total = row.count("positives"), row.count("total")
    if total == 0:
        raise row.error("nothing was measured", code="TOTAL_ZERO", column="total", expected="at least 1")
    if positives > total:
        raise row.error(
            "more replicates are positive than were measured",
            code="POSITIVES_GT_TOTAL",
            column="positives",
            expected=f"at most {total}",
            found=str(positives),
        )
    return LotHits(lot=lot, hits=DoseHits(dose=dose, hits=positives, total=total))
