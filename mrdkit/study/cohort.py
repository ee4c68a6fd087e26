"""The patients of a study's folder, or of the results of a run, for analyses of the whole cohort.

A study is read from its tables: clinical rows, FISH counts, karyotypes, results made elsewhere. Its
laboratory files are not analysed here; `mrdkit run` does that, and its results are read as they are.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mrdkit.errors import InputError, MrdkitError
from mrdkit.patient.records import Assessment, BloodCount, Event, ExternalResult, PatientRecord
from mrdkit.results import Call
from mrdkit.store import DATABASE, read_records
from mrdkit.study.analyse import analyse
from mrdkit.study.assemble import check_criteria, patient_records, targeted_by
from mrdkit.study.config import STUDY_FILE
from mrdkit.study.load import ASSESSMENTS, BLOOD_COUNTS, EVENTS, EXTERNAL, SUBJECTS, Study, load_study
from mrdkit.study.manifest import Manifest
from mrdkit.study.plan import Entry, Job, plan_study
from mrdkit.study.specimens import SUBJECT_UNKNOWN
from mrdkit.study.tasks import Failure, failure_of

__all__ = ["CohortFailure", "CohortInput", "read_cohort"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortFailure:
    """One row or patient that the numbers are not about."""

    path: str
    error: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortInput:
    """The patients, what could not be read, and what a reader must know of all numbers."""

    records: tuple[PatientRecord, ...]
    failures: tuple[CohortFailure, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


def read_cohort(path: Path) -> CohortInput:
    """Read the patients of a study's folder, or of a run's output folder.

    Raises:
        InputError: it is neither, or the study cannot be used.
    """
    if (path / STUDY_FILE).is_file():
        return _of_study(path)
    if (path / DATABASE).is_file():
        return _with_failures(read_records(path / DATABASE), (), path)
    raise InputError(
        "this is neither a study nor the results of a run",
        code="COHORT_MISSING",
        file=path,
        expected=f"a folder with {STUDY_FILE}, or one with {DATABASE}",
        remedy="name the folder of the study, or the one given to mrdkit run with -o",
    )


def _of_study(folder: Path) -> CohortInput:
    study = load_study(folder)
    _refuse_unusable(study)
    check_criteria(study)
    tables = replace(study, manifest=Manifest())
    results = [(entry, _work(entry)) for entry in plan_study(tables, targeted_by(tables))]
    calls = [call for _, found in results if not isinstance(found, Failure) for call in found]
    refused = tuple(
        CohortFailure(
            path=str(folder / entry.path), error=found.code, message=f"row {entry.row}: {found.reason}"
        )
        for entry, found in results
        if isinstance(found, Failure)
    )
    failures = (*_rows(study), *_strangers(study), *refused)
    read = _with_failures(patient_records(tables, calls), failures, folder)
    unread = len(study.manifest.rows) + len(study.manifest.refused)
    if not unread:
        return read
    remedy = "run the study and summarise its output"
    reason = f"{unread} laboratory file(s) of the manifest are not analysed here: {remedy}."
    return replace(read, flags=(*read.flags, "FILES_NOT_ANALYSED"), reasons=(*read.reasons, reason))


def _refuse_unusable(study: Study) -> None:
    first = next((problem for problem in study.problems if problem.severity == "error"), None)
    if first is not None:
        raise InputError(first.message, code=first.code, file=study.folder / first.file)


def _work(entry: Entry) -> tuple[Call, ...] | Failure:
    """Return the calls of one row of FISH counts or karyotypes."""
    if not isinstance(entry.work, Job):
        return entry.work
    try:
        return analyse(entry.work.task).calls
    except MrdkitError as error:
        return failure_of(error, file=entry.path)


def _rows(study: Study) -> Iterator[CohortFailure]:
    for problem in study.problems:
        where = "" if problem.row is None else f"row {problem.row}: "
        yield CohortFailure(
            path=str(study.folder / problem.file), error=problem.code, message=where + problem.message
        )


def _strangers(study: Study) -> Iterator[CohortFailure]:
    """Name rows of nobody: a misspelt id would otherwise take a death from a patient without a word."""
    known = set(study.subject_ids)
    tables: Mapping[str, Iterable[Event | Assessment | BloodCount | ExternalResult]] = {
        EVENTS: study.events.rows,
        ASSESSMENTS: study.assessments.rows,
        BLOOD_COUNTS: study.blood_counts.rows,
        EXTERNAL: study.external.rows,
    }
    for name, rows in tables.items():
        for subject_id in dict.fromkeys(row.subject_id for row in rows if row.subject_id not in known):
            yield CohortFailure(
                path=str(study.folder / name),
                error=SUBJECT_UNKNOWN,
                message=f"subject {subject_id!r} is not in {SUBJECTS}",
            )


def _with_failures(
    records: tuple[PatientRecord, ...], failures: tuple[CohortFailure, ...], path: Path
) -> CohortInput:
    """Add the patients whose dates contradict each other: survival is not about them."""
    contradicting = tuple(
        CohortFailure(path=str(path), error="DATE_ORDER", message=f"{record.subject.subject_id}: {reason}")
        for record in records
        for reason in record.reasons
        if "DATE_ORDER" in record.flags and reason.startswith("Contradicting dates")
    )
    return CohortInput(records=records, failures=(*failures, *contradicting), flags=(), reasons=())
