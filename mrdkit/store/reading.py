"""One study as the results database holds it, as one batch: its patients, its calls, what to look at."""

from pathlib import Path

from sqlalchemy import Connection, select

from mrdkit.errors import InputError, UsageError
from mrdkit.patient.records import PatientRecord
from mrdkit.result_rows import QueryRow
from mrdkit.store import schema
from mrdkit.store.contents import Contents, StoredCall
from mrdkit.store.database import connected_to, records_of_file
from mrdkit.store.documents import call_from_document, record_from_document

__all__ = ["read_contents", "read_records", "study_ids"]


def read_contents(source: str, *, study_id: str | None = None) -> Contents:
    """Return one study of a results database; pictures are left out.

    Args:
        source: `sqlite:////absolute/path` or `postgresql://...`.
        study_id: which study; may be left out where the database holds one.

    Raises:
        UsageError: the address is none, or the study is not clear.
        InputError: the database has no such study.
        StoreError: the database refuses.
    """
    with connected_to(source) as connection:
        run_id = _run(connection, study_id)
        runs, queries = schema.runs, schema.queries
        run = connection.execute(select(runs).where(runs.c.run_id == run_id)).mappings().one()
        rows = connection.execute(
            select(queries).where(queries.c.run_id == run_id).order_by(queries.c.number)
        ).mappings()
        names = QueryRow.__dataclass_fields__
        return Contents(
            study_id=run["study_id"],
            software_version=run["software_version"],
            settings=run["settings"],
            records=_records(connection, run_id),
            calls=_calls(connection, run_id),
            queries=tuple(QueryRow(**{name: row[name] for name in names}) for row in rows),
        )


def read_records(source: Path | str, *, study_id: str | None = None) -> tuple[PatientRecord, ...]:
    """Return the patients of a results database, sorted by subject.

    Args:
        source: path of a `results.sqlite`, or the address of a database.
        study_id: which study of a database; may be left out where it holds one.

    Raises:
        InputError: there is no such file or study, or it is no results database of this version.
        UsageError: the address is none, or the study is not clear.
    """
    if isinstance(source, Path):
        return records_of_file(source)
    with connected_to(source) as connection:
        return _records(connection, _run(connection, study_id))


def study_ids(source: str) -> tuple[str, ...]:
    """Return the studies of a results database, sorted."""
    with connected_to(source) as connection:
        return tuple(sorted(set(connection.execute(select(schema.runs.c.study_id)).scalars())))


def _records(connection: Connection, run_id: str) -> tuple[PatientRecord, ...]:
    table = schema.patients
    found = select(table.c.record).where(table.c.run_id == run_id).order_by(table.c.subject_id)
    return tuple(record_from_document(document) for document in connection.execute(found).scalars())


def _calls(connection: Connection, run_id: str) -> tuple[StoredCall, ...]:
    of_run = select(schema.results.c.call_id).where(schema.results.c.run_id == run_id)
    calls = schema.calls
    found = connection.execute(select(calls).where(calls.c.call_id.in_(of_run)).order_by(calls.c.call_id))
    return tuple(StoredCall(call=call_from_document(row.assay, row.document)) for row in found)


def _run(connection: Connection, study_id: str | None) -> str:
    stored = connection.execute(select(schema.runs.c.study_id, schema.runs.c.run_id)).all()
    wanted = [row for row in stored if study_id in (None, row.study_id)]
    names = sorted({row.study_id for row in stored})
    if not wanted:
        raise InputError(
            "the database has no such study",
            code="STUDY_UNKNOWN",
            expected="one of " + ", ".join(names) if names else "results of a study",
            found=study_id,
        )
    if len(wanted) > 1:
        raise UsageError(
            "the database holds several studies or runs",
            code="STUDY_AMBIGUOUS",
            expected="one of " + ", ".join(names),
            remedy="--study ID",
        )
    return str(wanted[0].run_id)
