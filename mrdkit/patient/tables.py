"""The hand-made tables of a study, row by row, cells as written. No clinical rule is applied here.

A row that cannot be read is an error that names file, row and column; the other rows are read. A missing
column concerns every row and refuses the table. Columns: the "study" section of the command-line contract.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Generic, Literal, TypeVar, cast

from mrdkit.errors import InputError
from mrdkit.files import Row, Table, read_table
from mrdkit.patient.numbers import optional_count, optional_number, required_date
from mrdkit.patient.records import Assessment, BloodCount, Event, EventKind, ExternalResult, Subject
from mrdkit.results import Specimen

__all__ = [
    "KaryotypeRow",
    "ReadRows",
    "RowError",
    "read_assessments",
    "read_blood_counts",
    "read_events",
    "read_external_results",
    "read_karyotypes",
    "read_subjects",
]

T = TypeVar("T")

_SUBJECTS = (
    "subject_id",
    "sex",
    "age",
    "treatment_start",
    "arm",
    "salvage",
    "cr1_duration_months",
    "prior_sct",
)
_OPTIONAL_OF_ASSESSMENTS = frozenset({"blasts_unit", "pb_blasts_leukemic", "cns", "regenerating"})
_ASSESSMENTS = tuple(field.name for field in fields(Assessment))
_BLOOD_COUNTS = tuple(field.name for field in fields(BloodCount))
_EVENTS = ("subject_id", "date", "event", "detail")
_AT_THRESHOLDS = ("status_1e4", "status_1e5", "status_1e6")
_EXTERNAL = tuple(field.name for field in fields(ExternalResult) if field.name not in _AT_THRESHOLDS)
_KARYOTYPES = ("subject_id", "visit", "specimen_id", "collected_on", "karyotype")
_ASSAYS = ("flow_mrd", "ngs_mrd", "tp53", "crlf2_fish", "crlf2_flow")

_Assay = Literal["flow_mrd", "ngs_mrd", "tp53", "crlf2_fish", "crlf2_flow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """One row that gave no value, and whose it was (empty where that is not readable either)."""

    subject_id: str
    error: InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class KaryotypeRow:
    """One row of karyotypes.csv."""

    subject_id: str
    specimen: Specimen
    text: str
    place: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRows(Generic[T]):
    """The rows that could be read, in the order of the file, and the errors of the others."""

    rows: tuple[T, ...]
    errors: tuple[RowError, ...] = ()


def read_subjects(path: Path) -> ReadRows[Subject]:
    """Read subjects.csv; columns that mrdkit does not know are kept as `extra`.

    Raises:
        InputError: the table cannot be read, or a required column is missing.
    """
    seen: set[str] = set()

    def subject(row: Row) -> Subject:
        subject_id = row.required("subject_id")
        if subject_id in seen:
            raise row.error("the subject stands twice", code="SUBJECT_REPEATED", column="subject_id")
        seen.add(subject_id)
        return _subject(row)

    return _rows(read_table(path, required=_SUBJECTS), subject)


def read_events(path: Path) -> ReadRows[Event]:
    """Read events.csv.

    Raises:
        InputError: the table cannot be read, or a required column is missing.
    """
    return _rows(read_table(path, required=_EVENTS), _event)


def read_assessments(path: Path) -> ReadRows[Assessment]:
    """Read assessments.csv, cells as written: what a cell means is decided by the classifier.

    Raises:
        InputError: the table cannot be read, or a required column is missing.
    """
    required = [name for name in _ASSESSMENTS if name not in _OPTIONAL_OF_ASSESSMENTS]

    def assessment(row: Row) -> Assessment:
        return Assessment(**_cells(row, _ASSESSMENTS))

    return _rows(read_table(path, required=required), assessment)


def read_blood_counts(path: Path) -> ReadRows[BloodCount]:
    """Read blood_counts.csv, counts as written.

    Raises:
        InputError: the table cannot be read, or a required column is missing.
    """

    def blood_count(row: Row) -> BloodCount:
        row.required("subject_id")
        cells = _cells(row, tuple(name for name in _BLOOD_COUNTS if name != "date"))
        return BloodCount(date=required_date(row, "date"), **cells)

    return _rows(read_table(path, required=_BLOOD_COUNTS), blood_count)


def read_karyotypes(path: Path) -> ReadRows[KaryotypeRow]:
    """Read karyotypes.csv: the texts as written, each with its specimen.

    Raises:
        InputError: the table cannot be read, or a required column is missing.
    """
    return _rows(read_table(path, required=_KARYOTYPES), _karyotype)


def read_external_results(path: Path) -> ReadRows[ExternalResult]:
    """Read external_results.csv: results made elsewhere, status words as delivered.

    Raises:
        InputError: the table cannot be read, or a required column is missing.
    """
    return _rows(read_table(path, required=_EXTERNAL), _external)


def _rows(table: Table, make: Callable[[Row], T]) -> ReadRows[T]:
    rows: list[T] = []
    errors: list[RowError] = []
    for row in table.rows:
        try:
            rows.append(make(row))
        except InputError as error:
            errors.append(RowError(subject_id=row.text("subject_id"), error=error))
    return ReadRows(rows=tuple(rows), errors=tuple(errors))


def _cells(row: Row, names: tuple[str, ...]) -> dict[str, str]:
    return {name: row.text(name) for name in names}


def _subject(row: Row) -> Subject:
    extra: Mapping[str, str] = {name: cell for name, cell in row.cells.items() if name not in _SUBJECTS}
    return Subject(
        subject_id=row.required("subject_id"),
        sex=row.text("sex") or None,
        age=optional_number(row, "age"),
        treatment_start=row.date("treatment_start"),
        arm=row.text("arm") or None,
        salvage=row.text("salvage") or None,
        cr1_duration_months=optional_number(row, "cr1_duration_months"),
        prior_sct=row.text("prior_sct") or None,
        extra=extra,
    )


def _event(row: Row) -> Event:
    subject_id = row.required("subject_id")
    day = required_date(row, "date")
    word = row.required("event")
    try:
        kind = EventKind(word.casefold())
    except ValueError:
        raise row.error(
            "the event is not known",
            code="EVENT_UNKNOWN",
            column="event",
            expected="one of " + ", ".join(EventKind),
            found=repr(word[:40]),
        ) from None
    return Event(subject_id=subject_id, date=day, kind=kind, detail=row.text("detail"))


def _karyotype(row: Row) -> KaryotypeRow:
    subject_id = row.required("subject_id")
    specimen = Specimen(
        subject_id=subject_id,
        visit=row.required("visit"),
        specimen_id=row.text("specimen_id") or None,
        collected_on=row.date("collected_on"),
    )
    return KaryotypeRow(subject_id=subject_id, specimen=specimen, text=row.text("karyotype"), place=row)


def _external(row: Row) -> ExternalResult:
    assay = row.required("assay").casefold()
    if assay not in _ASSAYS:
        raise row.error(
            "the assay is not known",
            code="ASSAY_UNKNOWN",
            column="assay",
            expected="one of " + ", ".join(_ASSAYS),
            found=repr(assay[:40]),
        )
    return ExternalResult(
        subject_id=row.required("subject_id"),
        visit=row.required("visit"),
        specimen_id=row.text("specimen_id") or None,
        collected_on=row.date("collected_on"),
        assay=cast("_Assay", assay),
        status=row.text("status"),
        value=optional_number(row, "value"),
        unit=row.text("unit") or None,
        numerator=optional_count(row, "numerator"),
        denominator=optional_number(row, "denominator"),
        lod=optional_number(row, "lod"),
        source=row.text("source"),
        **_cells(row, _AT_THRESHOLDS),
    )
