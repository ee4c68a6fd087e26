"""The tables of a study folder as patient records: assessments.csv, and beside it what stands there.

A table that cannot be read refuses the whole command, since every answer could depend on it. A row that
cannot be read is a failure, and every response of its subject asks for a review.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from mrdkit.files import sha256_of
from mrdkit.karyotype import call_karyotype, items_known_from, read_karyotype_rule
from mrdkit.patient.criteria import Criteria
from mrdkit.patient.history import is_baseline
from mrdkit.patient.records import (
    Assessment,
    BloodCount,
    Event,
    EventKind,
    ExternalResult,
    PatientRecord,
    Subject,
)
from mrdkit.patient.sequence import in_order_of_time
from mrdkit.patient.tables import (
    ReadRows,
    RowError,
    read_assessments,
    read_blood_counts,
    read_events,
    read_external_results,
    read_karyotypes,
    read_subjects,
)
from mrdkit.patient.timeline import build_record
from mrdkit.patient.visits import evidence_of
from mrdkit.results import THRESHOLDS_NGS, Call, InputDigest, KaryotypeCall, ResponseCall, Specimen

__all__ = [
    "FolderFailure",
    "FolderResponses",
    "Tables",
    "classify_folder",
    "read_tables",
    "records_of",
    "with_karyotypes",
]

T = TypeVar("T")
_Row = TypeVar("_Row", Assessment, BloodCount, Event, ExternalResult)

_SUBJECTS, _EVENTS = "subjects.csv", "events.csv"
_BLOOD_COUNTS, _EXTERNAL = "blood_counts.csv", "external_results.csv"
_KARYOTYPES = "karyotypes.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What a folder's tables say; `subjects` is None where there is no subjects.csv."""

    assessments: tuple[Assessment, ...]
    subjects: tuple[Subject, ...] | None
    events: tuple[Event, ...]
    blood_counts: tuple[BloodCount, ...]
    external: tuple[ExternalResult, ...]
    errors: tuple[RowError, ...]
    inputs: tuple[InputDigest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFailure:
    """One row, or one patient's dates, that gave no answer."""

    file: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderResponses:
    """The responses in the order of assessments.csv, then the patients without any under treatment."""

    responses: tuple[ResponseCall, ...]
    failures: tuple[FolderFailure, ...]


def read_tables(assessments: Path) -> Tables:
    """Read an assessments table and the tables beside it.

    Raises:
        InputError: a table cannot be read, or a required column is missing.
    """
    folder = assessments.parent
    rows = read_assessments(assessments)
    subjects = _beside(folder / _SUBJECTS, read_subjects)
    events = _beside(folder / _EVENTS, read_events)
    counts = _beside(folder / _BLOOD_COUNTS, read_blood_counts)
    external = _beside(folder / _EXTERNAL, read_external_results)
    found = {"assessments": assessments} | {
        name.removesuffix(".csv"): folder / name
        for name in (_SUBJECTS, _EVENTS, _BLOOD_COUNTS, _EXTERNAL)
        if (folder / name).exists()
    }
    others = (subjects, events, counts, external)
    return Tables(
        assessments=rows.rows,
        subjects=subjects.rows if subjects else None,
        events=events.rows if events else (),
        blood_counts=counts.rows if counts else (),
        external=external.rows if external else (),
        errors=(*rows.errors, *(error for table in others if table for error in table.errors)),
        inputs=tuple(InputDigest(role=role, sha256=sha256_of(path)) for role, path in sorted(found.items())),
    )


def records_of(tables: Tables, criteria: Criteria, calls: Sequence[Call] = ()) -> tuple[PatientRecord, ...]:
    """Return one record per subject, in the order of subjects.csv, then of first assessment."""
    events, counts = _by_subject(tables.events), _by_subject(tables.blood_counts)
    assessments, external = _by_subject(tables.assessments), _by_subject(tables.external)
    own_calls, refused = _calls_by_subject(calls), _refused(tables)
    return tuple(
        build_record(
            subject,
            events=events.get(subject.subject_id, ()),
            assessments=assessments.get(subject.subject_id, ()),
            blood_counts=counts.get(subject.subject_id, ()),
            calls=own_calls.get(subject.subject_id, ()),
            external=external.get(subject.subject_id, ()),
            criteria=criteria,
            inputs=tables.inputs,
            refused=tuple(dict.fromkeys((*refused.get(subject.subject_id, ()), *refused.get("", ())))),
        )
        for subject in _subjects(tables)
    )


def classify_folder(assessments: Path, criteria: Criteria) -> FolderResponses:
    """Classify every assessment of a table.

    Args:
        assessments: the table.
        criteria: the response profile.

    Raises:
        InputError: a table cannot be read, or a required column is missing.
    """
    tables = read_tables(assessments)
    tables, calls = with_karyotypes(tables, assessments.parent / _KARYOTYPES)
    records = records_of(tables, criteria, calls)
    answers: dict[int, ResponseCall] = {}
    places = {id(row): index for index, row in enumerate(tables.assessments)}
    rows = _by_subject(tables.assessments)
    for record in records:
        mine = rows.get(record.subject.subject_id, ())
        for row, call in zip(in_order_of_time(mine), record.responses, strict=True):
            answers[places[id(row)]] = call
    never = [_never_assessed(record, tables, criteria) for record in records if _ended_unassessed(record)]
    events = str(assessments.parent / _EVENTS)
    return FolderResponses(
        responses=(*(answers[index] for index in sorted(answers)), *never),
        failures=(
            *(_of_row(error) for error in tables.errors),
            *_of_strangers(tables, calls, assessments.parent),
            *(failure for record in records for failure in _of_dates(record, events)),
        ),
    )


def with_karyotypes(tables: Tables, path: Path) -> tuple[Tables, tuple[KaryotypeCall, ...]]:
    """Call every text of karyotypes.csv; a row that cannot be read is an error of its subject.

    Raises:
        InputError: the table cannot be read, or a required column is missing.
    """
    if not path.exists():
        return tables, ()
    found, rule = read_karyotypes(path), read_karyotype_rule()
    first = [call_karyotype(row.text, specimen=row.specimen, rule=rule) for row in found.rows]
    calls = tuple(
        call_karyotype(row.text, specimen=row.specimen, rule=rule, known_items=_known(row.specimen, first))
        for row in found.rows
    )
    digest = InputDigest(role="karyotypes", sha256=sha256_of(path))
    return replace(tables, errors=(*tables.errors, *found.errors), inputs=(*tables.inputs, digest)), calls


def _known(specimen: Specimen, calls: Iterable[KaryotypeCall]) -> tuple[str, ...]:
    """Return the changes that an earlier sample of the same subject had; one metaphase with one is clonal."""
    return items_known_from(
        call
        for call in calls
        if call.specimen.subject_id == specimen.subject_id and _is_earlier(call.specimen, specimen)
    )


def _is_earlier(one: Specimen, other: Specimen) -> bool:
    if one.collected_on is not None and other.collected_on is not None:
        return one.collected_on < other.collected_on
    return is_baseline(one.visit or "") and not is_baseline(other.visit or "")


def _by_subject(rows: Iterable[_Row]) -> Mapping[str, Sequence[_Row]]:
    found: dict[str, list[_Row]] = {}
    for row in rows:
        found.setdefault(row.subject_id, []).append(row)
    return found


def _calls_by_subject(calls: Iterable[Call]) -> Mapping[str, Sequence[Call]]:
    found: dict[str, list[Call]] = {}
    for call in calls:
        subject_id = call.subject_id if isinstance(call, ResponseCall) else call.specimen.subject_id
        if subject_id is not None:
            found.setdefault(subject_id, []).append(call)
    return found


def _beside(path: Path, read: Callable[[Path], ReadRows[T]]) -> ReadRows[T] | None:
    return read(path) if path.exists() else None


def _subjects(tables: Tables) -> tuple[Subject, ...]:
    known = {subject.subject_id: subject for subject in tables.subjects or ()}
    for row in tables.assessments:
        if row.subject_id not in known:
            known[row.subject_id] = _only_named(row.subject_id)
    return tuple(known.values())


def _only_named(subject_id: str) -> Subject:
    return Subject(
        subject_id=subject_id,
        sex=None,
        age=None,
        treatment_start=None,
        arm=None,
        salvage=None,
        cr1_duration_months=None,
        prior_sct=None,
        extra={},
    )


def _refused(tables: Tables) -> Mapping[str, Sequence[str]]:
    """Return why rows of each subject could not be read; a row without subject could be anybody's."""
    named = {subject.subject_id for subject in tables.subjects or ()}
    found: dict[str, list[str]] = {}
    for error in tables.errors:
        # The path is left out: the same tables elsewhere must give the same result.
        table = Path(error.error.file or "").name
        reason = f"A row of {table} was refused ({error.error.code})."
        found.setdefault(error.subject_id, []).append(reason)
    for row in tables.assessments:
        if tables.subjects is not None and row.subject_id not in named:
            found.setdefault(row.subject_id, []).append(f"The subject has no readable row in {_SUBJECTS}.")
    return found


def _ended_unassessed(record: PatientRecord) -> bool:
    """Tell whether no row answers for a patient: none at all, or left with nothing but the baseline."""
    if any("BASELINE" not in call.flags for call in record.responses):
        return False
    left = any(event.kind in (EventKind.DEATH, EventKind.OFF_STUDY) for event in record.events)
    return left or not record.responses


def _never_assessed(record: PatientRecord, tables: Tables, criteria: Criteria) -> ResponseCall:
    """Answer for a patient without a row: not evaluable, no responder, in every denominator."""
    return ResponseCall(
        subject_id=record.subject.subject_id,
        visit="",
        course=None,
        marrow_date=None,
        response="NE",
        responder=record.responder,
        cytogenetic_response="not_applicable",
        mrd_flow="not_tested",
        mrd_ngs=dict.fromkeys(THRESHOLDS_NGS, "not_tested"),
        mrd_combined="not_tested",
        flags=record.flags,
        reasons=record.reasons,
        criteria=criteria.id,
        evidence=evidence_of(record.calls, criteria, tables.inputs),
    )


def _of_row(error: RowError) -> FolderFailure:
    return FolderFailure(file=error.error.file or "", code=error.error.code, message=str(error.error))


def _of_strangers(tables: Tables, calls: Sequence[Call], folder: Path) -> Iterable[FolderFailure]:
    """Name results of nobody: a misspelt id would otherwise leave a patient untested without a word."""
    if tables.subjects is None:
        return
    known = {subject.subject_id for subject in _subjects(tables)}
    found = {
        _EVENTS: _by_subject(tables.events),
        _BLOOD_COUNTS: _by_subject(tables.blood_counts),
        _EXTERNAL: _by_subject(tables.external),
        _KARYOTYPES: _calls_by_subject(calls),
    }
    for name, rows in found.items():
        for subject_id in rows:
            if subject_id not in known:
                message = f"{folder / name}: subject {subject_id!r} is neither in {_SUBJECTS} nor assessed"
                yield FolderFailure(file=str(folder / name), code="SUBJECT_UNKNOWN", message=message)


def _of_dates(record: PatientRecord, events: str) -> tuple[FolderFailure, ...]:
    return tuple(
        FolderFailure(file=events, code="DATE_ORDER", message=f"{record.subject.subject_id}: {reason}")
        for reason in record.reasons
        if reason.startswith("Contradicting dates")
    )
