"""The output tables of a study, as Parquet and as CSV: stable columns, ISO dates, the same bytes each time.

These are machine exports: text cells stay as they are, also those that begin with = + - @. A spreadsheet must
import them as text; README.txt beside them says so. Lists are joined by `|` (a `|` inside becomes `/`).
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import polars as pl

from mrdkit.cohort.times import CLOCKS, FollowUp, LeftOut, outcome_of
from mrdkit.export.columns import TABLES, TABLES_VERSION, Column, Kind
from mrdkit.export.json_schema import schema_text
from mrdkit.export.values import FORMULA_SIGNS
from mrdkit.files import write_bytes
from mrdkit.patient.mrd_points import point_of
from mrdkit.patient.records import PatientRecord
from mrdkit.result_rows import QueryRow, ResultRow, result_rows
from mrdkit.results import (
    Call,
    FishCall,
    FlowMrdCall,
    Json,
    KaryotypeCall,
    NgsMrdCall,
    ResponseCall,
    Specimen,
    Tp53Call,
    as_json,
)

__all__ = ["StudyTables", "study_frames", "write_tables"]

_TYPES: Mapping[Kind, type[pl.DataType]] = {
    "text": pl.String,
    "number": pl.Float64,
    "count": pl.Int64,
    "truth": pl.Boolean,
    "date": pl.Date,
    "list": pl.String,
}
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
_RESULT_FIELDS = tuple(each.name for each in fields(ResultRow))
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
    documents: dict[str, list[object]] = {name: [] for name in TABLES}
    for call in tables.calls:
        documents[_OF_CALL[type(call)]] += _documents(call)
        documents["results"] += [_plain(row) for row in result_rows(call)]
    documents["cbc_marrow"] = [row for record in tables.records for row in _counts(record)]
    documents["response_best"] = [_best(record) for record in tables.records]
    documents["mrd_timeline"] = [row for record in tables.records for row in _timeline(record)]
    documents["mrd_trend"] = [row for record in tables.records for row in _trend(record)]
    documents["mrd_concordance"] = [row for record in tables.records for row in _concordance(record)]
    documents["external_results"] = [as_json(row) for record in tables.records for row in record.external]
    documents["cohort_summary"] = [dict(row) for row in tables.endpoints]
    documents["time_to_event"] = [row for record in tables.records for row in _times(record)]
    documents["queries"] = [as_json(row) for row in tables.queries]
    return {name: _frame(tables.study_id, TABLES[name], rows) for name, rows in documents.items()}


def _plain(row: ResultRow) -> dict[str, object]:
    """Return the fields of a row as they are: there are many, and none lies deeper."""
    return {name: getattr(row, name) for name in _RESULT_FIELDS}


def _documents(call: Call) -> Iterator[object]:
    """Yield one document per row; TP53 has one per variant, and one without where there is none."""
    names = {column.keys[0] for column in TABLES[_OF_CALL[type(call)]]}
    document = {each.name: as_json(getattr(call, each.name)) for each in fields(call) if each.name in names}
    if not isinstance(call, ResponseCall):
        document |= {each.name: as_json(getattr(call.specimen, each.name)) for each in fields(Specimen)}
    if isinstance(call, Tp53Call):
        for variant in call.variants or (None,):
            yield {**document, "variant": as_json(variant)}
    else:
        yield document


def _counts(record: PatientRecord) -> Iterator[Json]:
    """Yield the assessments of a patient, then the serial counts, as written."""
    for assessment in record.assessments:
        yield _of_subject(record, {"row_source": "assessments"}, assessment)
    for count in record.blood_counts:
        yield _of_subject(record, {"row_source": "blood_counts", "cbc_date": count.date}, count)


def _timeline(record: PatientRecord) -> Iterator[Json]:
    """Yield every MRD measurement of a patient, whoever made it, with where it stands in its series."""
    for measured in record.mrd:
        yield _of_subject(record, measured, point_of(measured))


def _trend(record: PatientRecord) -> Iterator[Json]:
    """Yield every change of MRD between two days of one series."""
    for trend in record.mrd_trends:
        series = {"method": trend.method, "material": trend.material}
        for step in trend.steps:
            yield _of_subject(record, series, step)


def _concordance(record: PatientRecord) -> Iterator[Json]:
    """Yield flow beside sequencing, for every visit that has both."""
    for comparison in record.mrd_comparisons:
        yield _of_subject(record, comparison)


def _times(record: PatientRecord) -> Iterator[Json]:
    """Yield the time of each survival endpoint that applies to a patient, or why there is none."""
    for clock in CLOCKS:
        match outcome_of(record, clock):
            case FollowUp() as found:
                yield _of_subject(record, found, {"time_d": found.days})
            case LeftOut() as missing:
                yield _of_subject(record, missing, {"left_out": missing.code})
            case None:
                pass


def _of_subject(record: PatientRecord, *parts: object) -> Json:
    """Return several records as one document of a patient."""
    documents = [as_json(part) for part in parts]
    merged: dict[str, Json] = {"subject_id": record.subject.subject_id}
    for document in documents:
        merged |= document if isinstance(document, dict) else {}
    return merged


def _best(record: PatientRecord) -> Json:
    subject = record.subject
    return as_json(
        {
            "subject_id": subject.subject_id,
            "best_response": record.best_response,
            "best_response_visit": record.best_response_visit,
            "treatment_start": subject.treatment_start,
            "arm": subject.arm,
            "salvage": subject.salvage,
            "not_measured": record.not_measured,
        }
    )


def _frame(study_id: str, columns: Sequence[Column], documents: Iterable[object]) -> pl.DataFrame:
    rows = [
        [
            _value(column, _at(document, column.keys)) if column.name != "study_id" else study_id
            for column in columns
        ]
        for document in documents
    ]
    schema = {column.name: _TYPES[column.kind] for column in columns}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _at(document: object, keys: Sequence[str]) -> object:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _value(column: Column, value: object) -> str | float | bool | date | None:
    match column.kind, value:
        case _, None:
            return None
        case "list", list() | tuple():
            return "|".join(_item(item) for item in value)
        case "date", str() | date():
            return value if isinstance(value, date) else date.fromisoformat(value)
        case "number", int() | float():
            return float(value)
        case "count" | "truth", int():
            return value
        case "text", str() | int() | float():
            return str(value)
        case _:
            raise TypeError(f"column {column.name} cannot hold {type(value).__name__}")


def _item(value: object) -> str:
    match value:
        case {"role": role, "sha256": digest}:
            text = f"{role}:{digest}"
        case {"id": name, "version": version}:
            text = f"{name}@{version}"
        case _:
            text = str(value)
    return text.replace("|", "/")
