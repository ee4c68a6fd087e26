"""A delivery as results made elsewhere: the columns that a study reads, and what was delivered beside them.

One row per sample, as `external_results.csv` of a study has it, with the word of each threshold. A cell that
could not be read is written as delivered, so that the study refuses that row by name too. A row that repeats
another is written once. No column of the delivery but those of the map is written.
"""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from mrdkit.errors import UsageError
from mrdkit.files import write_bytes, write_csv
from mrdkit.ngs.summary_row import SummaryRow
from mrdkit.results import THRESHOLDS_NGS, MrdStatus

__all__ = ["RESULT_COLUMNS", "check_results_name", "write_summary_results"]

#: The columns of external_results.csv, then what is kept beside them.
RESULT_COLUMNS = (
    *("subject_id", "visit", "specimen_id", "collected_on", "assay", "status", "value", "unit", "numerator"),
    *("denominator", "lod", "source", "status_1e4", "status_1e5", "status_1e6"),
    *("specimen_type", "detected", "collapsed", "collapse_rule", "flags"),
)

_NUMBERS = ("value", "numerator", "denominator", "lod")
_SUFFIXES = (".csv", ".parquet")
_REPEAT = "DUPLICATE_ROW"


def check_results_name(path: Path) -> None:
    """Refuse a name whose suffix names no format.

    Raises:
        UsageError: neither .csv nor .parquet.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise UsageError(
            "the format of the results is not known",
            code="SUFFIX_UNKNOWN",
            place="--output",
            expected="a name that ends in " + " or ".join(_SUFFIXES),
            found=path.name,
        )


def write_summary_results(path: Path, rows: Iterable[SummaryRow], *, source: str) -> None:
    """Write the rows as CSV or Parquet, by the suffix; `source` names who delivered them."""
    cells = [_cells(row, source) for row in rows if _REPEAT not in row.flags]
    if path.suffix.lower() == ".csv":
        write_csv(path, RESULT_COLUMNS, cells)
    else:
        write_bytes(path, _parquet(cells))


def _cells(row: SummaryRow, source: str) -> tuple[str, ...]:
    status = {name: _word(row, name) for name in THRESHOLDS_NGS}
    value = _number(row, "per_million", row.mrd_per_million, "COUNT_INVALID")
    return (
        row.subject_id,
        row.visit,
        row.sample_id or "",
        _day(row),
        "ngs_mrd",
        next((word for word in reversed(status.values()) if word), ""),
        value,
        "per_million" if value else "",
        "",
        _number(row, "cells", row.cells, "CELLS_INVALID"),
        "",
        source,
        *status.values(),
        row.specimen_type or "",
        "" if row.detected is None else str(row.detected).lower(),
        row.collapsed or "",
        row.collapse_rule or "",
        "|".join(row.flags),
    )


def _word(row: SummaryRow, threshold: str) -> str:
    """Return the word; one that the map does not know stays as delivered."""
    word = row.status[threshold]
    if word is MrdStatus.NOT_EVALUABLE and "STATUS_UNKNOWN" in row.flags:
        return row.as_delivered[threshold] or word
    return word or ""


def _number(row: SummaryRow, field: str, value: float | None, unreadable: str) -> str:
    if value is None:
        return (row.as_delivered[field] or "") if unreadable in row.flags else ""
    return str(int(value)) if value.is_integer() else repr(value)


def _day(row: SummaryRow) -> str:
    if row.collected_on is None:
        return (row.as_delivered["collected_on"] or "") if "DATE_INVALID" in row.flags else ""
    return row.collected_on.isoformat()


def _parquet(cells: Sequence[Sequence[str]]) -> bytes:
    """Return typed columns: what is no number or no day is null there, and named in `flags`."""
    table = pl.DataFrame(
        [[cell or None for cell in row] for row in cells],
        schema=dict.fromkeys(RESULT_COLUMNS, pl.String()),
        orient="row",
    ).with_columns(
        pl.col(_NUMBERS).cast(pl.Float64, strict=False),
        pl.col("collected_on").str.to_date("%Y-%m-%d", strict=False),
        pl.col("detected").eq("true"),
    )
    content = io.BytesIO()
    table.write_parquet(content)
    return content.getvalue()
