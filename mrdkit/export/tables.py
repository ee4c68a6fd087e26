"""The output tables of a study, as Parquet and as CSV: stable columns, ISO dates, the same bytes each time.

These are machine exports: text cells stay as they are, also those that begin with = + - @. A spreadsheet must
import them as text; README.txt beside them says so.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from mrdkit.cohort.times import CLOCKS, FollowUp, LeftOut, outcome_of
from mrdkit.export.columns import TABLES, TABLES_VERSION
from mrdkit.export.frames import RowParts, frame_of
from mrdkit.export.json_schema import schema_text
from mrdkit.export.values import FORMULA_SIGNS
from mrdkit.files import write_bytes
from mrdkit.patient.mrd_points import point_of
from mrdkit.patient.records import PatientRecord
from mrdkit.result_rows import QueryRow, result_rows
from mrdkit.results import (
    Call,
    FishCall,
    FlowMrdCall,
    Json,
    KaryotypeCall,
    NgsMrdCall,
    ResponseCall,
    Tp53Call,
)

__all__ = ["StudyTables", "study_frames", "write_tables"]

_OF_CALL: Mapping[type[Call], str] = {
    FlowMrdCall: "mrd_flow",
    NgsMrdCall: "mrd_ngs",
    FishCall: "fish_crlf2",
    Tp53Call: "tp53_variant",
    KaryotypeCall: "karyotype",
    ResponseCall: "response_timepoint",
}
_README = f"""\
Tables of one study, each as Parquet and as CSV (UTF-8, header, ISO dates, empty cell = not applicable).
Machine exports: text cells are raw, also those that begin with = + - @. A spreadsheet imports them as text.
Lists are joined by |. Columns: <table>.schema.json and docs/schema/tables-v{TABLES_VERSION}.md.
"""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # by which spreadsheets know UTF-8


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyTables:
    """What the tables are made of, each in the order in which it is to stand.

    Attributes:
        endpoints: rows of the cohort summary, as JSON records.
    """

    study_id: str
    records: tuple[PatientRecord, ...]
    calls: tuple[Call, ...]
    endpoints: tuple[Mapping[str, Json], ...]
    queries: tuple[QueryRow, ...]


def write_tables(folder: Path, tables: StudyTables, *, spreadsheet: bool = False) -> tuple[Path, ...]:
    """Write every table as `<name>.parquet`, `.csv` and `.schema.json`; empty ones have their header.

    Args:
        folder: where to.
        tables: what they are made of.
        spreadsheet: also write `spreadsheet/<name>.csv`, in which no text cell is run as a formula.
    """
    contents: dict[str, bytes] = {"README.txt": _README.encode()}
    for name, frame in study_frames(tables).items():
        parquet = io.BytesIO()
        frame.write_parquet(parquet, compression="zstd")
        contents[f"{name}.parquet"] = parquet.getvalue()
        contents[f"{name}.csv"] = frame.write_csv().encode()
        contents[f"{name}.schema.json"] = schema_text(name).encode()
        if spreadsheet:
            contents[f"spreadsheet/{name}.csv"] = _BYTE_ORDER_MARK + _escaped(frame).write_csv().encode()
    for name, content in contents.items():
        write_bytes(folder / name, content)
    return tuple(folder / name for name in contents)


def _escaped(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table whose text cells a spreadsheet shows instead of running them."""
    texts = [pl.col(name) for name, kind in frame.schema.items() if kind == pl.String]
    return frame.with_columns(_shown(column) for column in texts)


def _shown(column: pl.Expr) -> pl.Expr:
    risky = column.str.contains(f"^[{re.escape(''.join(FORMULA_SIGNS))}]")
    return pl.when(risky).then(pl.concat_str(pl.lit("'"), column)).otherwise(column).name.keep()


def study_frames(tables: StudyTables) -> dict[str, pl.DataFrame]:
    """Return every table by its name."""
    rows: dict[str, list[RowParts]] = {name: [] for name in TABLES}
    for call in tables.calls:
        rows[_OF_CALL[type(call)]] += _of_call(call)
        rows["results"] += [(row,) for row in result_rows(call)]
    for record in tables.records:
        for name, make in _OF_RECORD.items():
            rows[name] += make(record)
    rows["cohort_summary"] = [(dict(row),) for row in tables.endpoints]
    rows["queries"] = [(row,) for row in tables.queries]
    return {name: frame_of(tables.study_id, TABLES[name], each) for name, each in rows.items()}


def _of_call(call: Call) -> Iterator[RowParts]:
    """Yield one row per call; TP53 has one per variant, and one without where there is none."""
    if isinstance(call, ResponseCall):
        yield (call,)
    elif isinstance(call, Tp53Call):
        for variant in call.variants or (None,):
            yield (call, call.specimen, {"variant": variant})
    else:
        yield (call, call.specimen)


def _counts(record: PatientRecord) -> Iterator[RowParts]:
    """Yield the assessments of a patient, then the serial counts, as written."""
    for assessment in record.assessments:
        yield ({"row_source": "assessments"}, assessment)
    for count in record.blood_counts:
        yield ({"row_source": "blood_counts", "cbc_date": count.date}, count)


def _best(record: PatientRecord) -> Iterator[RowParts]:
    yield (record, record.subject)


def _timeline(record: PatientRecord) -> Iterator[RowParts]:
    """Yield every MRD measurement of a patient, whoever made it, with where it stands in its series."""
    for measured in record.mrd:
        yield (_whose(record), measured, point_of(measured))


def _trend(record: PatientRecord) -> Iterator[RowParts]:
    """Yield every change of MRD between two days of one series."""
    for trend in record.mrd_trends:
        series = {**_whose(record), "method": trend.method, "material": trend.material}
        for step in trend.steps:
            yield (series, step)


def _concordance(record: PatientRecord) -> Iterator[RowParts]:
    """Yield flow beside sequencing, for every visit that has both."""
    for comparison in record.mrd_comparisons:
        yield (_whose(record), comparison)


def _external(record: PatientRecord) -> Iterator[RowParts]:
    for row in record.external:
        yield (row,)


def _times(record: PatientRecord) -> Iterator[RowParts]:
    """Yield the time of each survival endpoint that applies to a patient, or why there is none."""
    for clock in CLOCKS:
        match outcome_of(record, clock):
            case FollowUp() as found:
                yield (found, {"time_d": found.days})
            case LeftOut() as missing:
                yield (missing, {"left_out": missing.code})
            case None:
                pass


def _whose(record: PatientRecord) -> dict[str, object]:
    return {"subject_id": record.subject.subject_id}


_OF_RECORD: Mapping[str, Callable[[PatientRecord], Iterator[RowParts]]] = {
    "cbc_marrow": _counts,
    "response_best": _best,
    "mrd_timeline": _timeline,
    "mrd_trend": _trend,
    "mrd_concordance": _concordance,
    "external_results": _external,
    "time_to_event": _times,
}
