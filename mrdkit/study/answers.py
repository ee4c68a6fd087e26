"""What became of each entry of the plan, as run.json says it."""

from dataclasses import dataclass
from typing import Literal

from mrdkit.result_rows import QueryRow
from mrdkit.store import StoredCall
from mrdkit.study.plan import Entry
from mrdkit.study.tasks import Failure, Outcome

__all__ = ["Answer", "FileResult", "failure_rows", "file_result", "not_measured", "note_rows", "stored_calls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One entry with its outcome or failure; `skipped` where an earlier run had done it."""

    entry: Entry
    result: Outcome | Failure
    skipped: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """One entry of run.json; `error` is one sentence with file, place and reason, None where none.

    Attributes:
        path: file relative to the study.
        seconds: time of work in this run, 0 where there was none.
    """

    path: str
    sha256: str | None
    assay: str
    subject_id: str | None
    status: Literal["done", "failed", "skipped"]
    error: str | None
    seconds: float
    code: str | None
    visit: str | None
    specimen_id: str | None
    table: str
    row: int


def file_result(answer: Answer) -> FileResult:
    """Return an answer as run.json says it."""
    entry, failure = answer.entry, answer.result if isinstance(answer.result, Failure) else None
    return FileResult(
        path=entry.path,
        sha256=entry.sha256,
        assay=entry.assay,
        subject_id=entry.specimen.subject_id,
        status="failed" if failure else "skipped" if answer.skipped else "done",
        error=_sentence(entry, failure) if failure else None,
        seconds=round(answer.seconds, 3),
        code=failure.code if failure else None,
        visit=entry.specimen.visit,
        specimen_id=entry.specimen.specimen_id,
        table=entry.table,
        row=entry.row,
    )


def stored_calls(answers: tuple[Answer, ...]) -> tuple[StoredCall, ...]:
    """Return the calls of all entries in the plan's order; pictures stand with the first call of an entry."""
    return tuple(
        StoredCall(
            call=call,
            role=answer.entry.role,
            replicate=answer.entry.replicate,
            instrument=answer.result.instrument,
            figures=answer.result.pictures if number == 0 else (),
        )
        for answer in answers
        if isinstance(answer.result, Outcome)
        for number, call in enumerate(answer.result.calls)
    )


def failure_rows(answers: tuple[Answer, ...]) -> tuple[QueryRow, ...]:
    """Return one query per entry that gave no result."""
    return tuple(
        _query(answer.entry, "failure", answer.result.code, _sentence(answer.entry, answer.result))
        for answer in answers
        if isinstance(answer.result, Failure)
    )


def note_rows(answers: tuple[Answer, ...]) -> tuple[QueryRow, ...]:
    """Return one query per note of an entry."""
    return tuple(
        _query(answer.entry, "review", note.code, note.message)
        for answer in answers
        if isinstance(answer.result, Outcome)
        for note in answer.result.notes
    )


def not_measured(answers: tuple[Answer, ...], subject_id: str) -> tuple[str, ...]:
    """Return one sentence per entry of a subject that gave no result, for the patient's report."""
    return tuple(
        _missing(answer.entry, answer.result)
        for answer in answers
        if isinstance(answer.result, Failure) and answer.entry.specimen.subject_id == subject_id
    )


def _missing(entry: Entry, failure: Failure) -> str:
    specimen = f", specimen {entry.specimen.specimen_id}" if entry.specimen.specimen_id else ""
    return (
        f"{entry.assay} at {entry.specimen.visit or 'an unknown visit'}{specimen}: not measured, "
        f"{failure.reason} ({failure.code})"
    )


def _sentence(entry: Entry, failure: Failure) -> str:
    where = ", ".join(part for part in (entry.path, failure.place) if part)
    return f"{where}: {failure.reason}"


def _query(entry: Entry, kind: Literal["failure", "review"], code: str, message: str) -> QueryRow:
    return QueryRow(
        kind=kind,
        file=entry.path or entry.table,
        row=entry.row,
        code=code,
        subject_id=entry.specimen.subject_id,
        visit=entry.specimen.visit,
        assay=entry.assay,
        message=message,
    )
