"""Write everything that a run found: tables, reports, the database. Each file appears whole or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from mrdkit.export import StudyTables, write_tables
from mrdkit.files import write_text
from mrdkit.patient.records import PatientRecord
from mrdkit.report import report_file_name
from mrdkit.result_rows import QueryRow
from mrdkit.results import Json, as_json
from mrdkit.store import (
    DATABASE,
    Contents,
    StoredCall,
    add_to_database,
    is_address_of,
    write_database,
)
from mrdkit.study.answers import Answer, failure_rows, not_measured, note_rows, stored_calls
from mrdkit.study.assemble import cohort_page, cohort_texts, endpoints_of, patient_page, patient_records
from mrdkit.study.load import Study
from mrdkit.study.problems import Problem
from mrdkit.study.review import is_not_evaluable, needs_review, review_rows, subject_of
from mrdkit.study.specimens import SUBJECT_UNKNOWN
from mrdkit.study.tasks import Failure
from mrdkit.version import __version__

__all__ = ["BACKGROUNDS", "Summary", "Target", "publish", "remove_partial_files"]

BACKGROUNDS = "backgrounds"
TABLES = "tables"
REPORTS = "reports"
_COHORT_REPORT = "cohort.html"
_COHORT_TEXTS = ("os.svg", "rfs.svg", "mrdkit_*_mqc.json")
_PATIENT_REPORTS = report_file_name("").replace(".", "*.")
#: Names of files that are being written: a dot, the name with its suffix, a dot, eight random letters.
_PARTIAL = ".*.*." + "[a-z0-9_]" * 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The counts of one run.

    Attributes:
        files: entries of the plan; each is done, skipped (done by an earlier run) or failed.
        calls: calls of all entries and all responses.
        needs_review: calls that a person must look at, the not evaluable ones included.
        problems: problems of the study's tables, the failed entries not counted again.
        faulty_rows: rows of clinical tables that cannot be read, or whose subject is unknown.
        new_results: results that an external database got, new or as another version; None without one.
    """

    study_id: str
    subjects: int
    files: int
    done: int
    skipped: int
    failed: int
    calls: int
    needs_review: int
    not_evaluable: int
    problems: int
    faulty_rows: int
    new_results: int | None

    @property
    def complete(self) -> bool:
        """Every row could be read and every item gave a result that can be evaluated."""
        return self.failed == 0 and self.not_evaluable == 0 and self.faulty_rows == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a run's results go.

    Attributes:
        db: address of a database that they are added to; None for a file of the output folder.
        reason: why values that it has change.
        user: who adds them; the name of the account where None.
    """

    db: str | None = None
    reason: str | None = None
    user: str | None = None


def publish(
    out: Path, study: Study, answers: tuple[Answer, ...], problems: tuple[Problem, ...], *, target: Target
) -> Summary:
    """Write tables, reports and database of a run, and return its counts.

    Raises:
        StoreError: the external database refuses.
    """
    file_calls = stored_calls(answers)
    records = _records(study, answers, file_calls)
    responses = tuple(StoredCall(call=call) for record in records for call in record.responses)
    calls = (*file_calls, *responses)
    table_problems = _without_failures(problems, answers)
    queries = _queries(answers, table_problems, calls)
    endpoints = endpoints_of(records)
    contents = Contents(
        study_id=study.config.id,
        software_version=__version__,
        settings=_settings(study, answers),
        records=records,
        calls=calls,
        queries=queries,
    )
    # The database first: where it refuses, nothing else is changed either.
    new_results = _keep(out / DATABASE, contents, target)
    tables = StudyTables(
        study_id=study.config.id,
        records=records,
        calls=tuple(stored.call for stored in calls),
        endpoints=endpoints,
        queries=queries,
    )
    write_tables(out / TABLES, tables)
    _write_reports(out / REPORTS, study, records, file_calls, queries=queries)
    return _summary(study, answers, calls, table_problems, new_results)


def remove_partial_files(out: Path) -> None:
    """Remove what a killed run left half-written; the caller holds the ledger, so nobody else writes here."""
    for folder in (out, out / BACKGROUNDS, out / TABLES, out / REPORTS):
        for partial in folder.glob(_PARTIAL):
            if partial.is_file():
                partial.unlink()


def _keep(path: Path, contents: Contents, target: Target) -> int | None:
    if target.db is None:
        write_database(path, contents)
        return None
    added = add_to_database(target.db, contents, reason=target.reason, who=target.user)
    if not is_address_of(target.db, path):
        path.unlink(missing_ok=True)
    return added.new + added.amended


def _records(
    study: Study, answers: tuple[Answer, ...], calls: tuple[StoredCall, ...]
) -> tuple[PatientRecord, ...]:
    """Return every patient, in the order of subjects.csv, with what was not measured and why."""
    return tuple(
        replace(
            record,
            not_measured=(*record.not_measured, *not_measured(answers, record.subject.subject_id)),
        )
        for record in patient_records(study, [stored.call for stored in calls])
    )


def _queries(
    answers: tuple[Answer, ...], problems: Iterable[Problem], calls: Iterable[StoredCall]
) -> tuple[QueryRow, ...]:
    """Return all that somebody must look at: failures, problems of tables, notes, calls to review."""
    return (
        *failure_rows(answers),
        *(_problem_row(problem) for problem in problems),
        *note_rows(answers),
        *review_rows(stored.call for stored in calls),
    )


def _problem_row(problem: Problem) -> QueryRow:
    return QueryRow(
        kind="problem",
        file=problem.file,
        row=problem.row,
        code=problem.code,
        subject_id=problem.subject,
        visit=None,
        assay=None,
        message=problem.message,
    )


def _without_failures(problems: Iterable[Problem], answers: Iterable[Answer]) -> tuple[Problem, ...]:
    """Leave out the problems that are failures of entries: those stand there already."""
    failed = {
        (answer.entry.table, answer.entry.row, answer.result.code)
        for answer in answers
        if isinstance(answer.result, Failure)
    }
    return tuple(each for each in problems if (each.file, each.row, each.code) not in failed)


def _settings(study: Study, answers: Iterable[Answer]) -> Json:
    """Return what names the run: the configuration and the content of every input."""
    files = [[answer.entry.table, answer.entry.row, answer.entry.sha256] for answer in answers]
    return {"config": as_json(study.config), "tables": as_json(study.digests), "files": as_json(files)}


def _write_reports(
    folder: Path,
    study: Study,
    records: tuple[PatientRecord, ...],
    calls: tuple[StoredCall, ...],
    *,
    queries: tuple[QueryRow, ...],
) -> None:
    pages = {report_file_name(record.subject.subject_id): record for record in records}
    for name, record in pages.items():
        own = [stored for stored in calls if subject_of(stored.call) == record.subject.subject_id]
        pictures = tuple(picture for stored in own for picture in stored.figures)
        write_text(folder / name, patient_page(study, record, pictures))
    write_text(folder / _COHORT_REPORT, cohort_page(study, records, queries))
    texts = cohort_texts(records)
    for name, text in texts.items():
        write_text(folder / name, text)
    for pattern in (_PATIENT_REPORTS, *_COHORT_TEXTS):
        for stale in folder.glob(pattern):
            if stale.name not in {*pages, *texts}:
                stale.unlink()


def _summary(
    study: Study,
    answers: tuple[Answer, ...],
    calls: tuple[StoredCall, ...],
    problems: tuple[Problem, ...],
    new_results: int | None,
) -> Summary:
    failed = sum(isinstance(answer.result, Failure) for answer in answers)
    skipped = sum(answer.skipped and not isinstance(answer.result, Failure) for answer in answers)
    return Summary(
        study_id=study.config.id,
        subjects=len(study.subject_ids),
        files=len(answers),
        done=len(answers) - failed - skipped,
        skipped=skipped,
        failed=failed,
        calls=len(calls),
        needs_review=sum(needs_review(stored.call) for stored in calls),
        not_evaluable=sum(is_not_evaluable(stored.call) for stored in calls),
        problems=len(problems),
        faulty_rows=sum(each in study.problems or each.code == SUBJECT_UNKNOWN for each in problems),
        new_results=new_results,
    )
