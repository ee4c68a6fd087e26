"""The one way into the database: a batch, whole or not at all.

A batch is checked, compared with what is stored, and added in one transaction that no other ingest can
overlap. The same batch twice adds nothing. What the store has for a subject and the batch has not is
counted and left alone, unless a person retracts it.
"""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, func, select

from mrdkit.result_rows import SCHEMA_VERSION
from mrdkit.store import schema
from mrdkit.store.audit import Entry, Stamp, chained, head_of
from mrdkit.store.canonical import digest_of
from mrdkit.store.check import check_rows
from mrdkit.store.contents import Contents
from mrdkit.store.inserting import column_names, insert_rows
from mrdkit.store.rows import Row, Rows, rows_of
from mrdkit.store.versioned import VERSIONED
from mrdkit.store.versions import (
    Change,
    Stored,
    absent_keys,
    changes_of,
    difference,
    need_reason,
    stored_versions,
    those_there,
    tombstones,
)

if TYPE_CHECKING:
    from mrdkit.results import Json

__all__ = ["Ingested", "ingest"]

#: Runs before results before assessments: each names the exact version of the one before.
_DERIVED_IN_ORDER = ("results_assay_runs", "results", "results_assessments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What one ingest did.

    Attributes:
        batch: number of the batch, None where it added nothing.
        new: results that were not there; amended: results with another version; deleted: retracted ones.
        unchanged: results of the batch that were there already.
        absent: results and events of the batch's subjects that the store has and the batch has not.
    """

    study_id: str
    batch: int | None
    new: int
    amended: int
    deleted: int
    unchanged: int
    absent: int
    audit_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What a batch would add, before it has a number."""

    changes: tuple[Change, ...]
    absent: int
    contents_hash: str


def ingest(connection: Connection, contents: Contents, stamp: Stamp, *, retract: bool = False) -> Ingested:
    """Add a batch inside the transaction of a connection that alone may write.

    Args:
        connection: to a database of this version.
        contents: the batch.
        stamp: who, when, why.
        retract: give what is absent a tombstone.

    Raises:
        BatchError: a row does not fit; its `problems` name every one.
        StoreError: a stored value would change without a reason.
    """
    with _no_collection():
        return _ingest(connection, contents, stamp, retract=retract)


def _ingest(connection: Connection, contents: Contents, stamp: Stamp, *, retract: bool) -> Ingested:
    rows = rows_of(contents)
    check_rows(rows)
    plan = _plan(connection, contents, rows, retract=retract)
    need_reason(plan.changes, stamp.reason)
    if not plan.changes and _is_known(connection, contents.study_id, plan.contents_hash):
        return _report(rows, plan, batch=None, audit_rows=0)
    number = _next_number(connection)
    entries = list(_entries(connection, contents, rows, plan, number=number, stamp=stamp))
    _insert(connection, entries)
    links = list(chained(entries, head_of(connection), number, stamp))
    insert_rows(connection, schema.audit, links)
    return _report(rows, plan, batch=number, audit_rows=len(links))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector from looking again and again at a hundred thousand rows in use."""
    wanted = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if wanted:
            gc.enable()


def _plan(connection: Connection, contents: Contents, rows: Rows, *, retract: bool) -> _Plan:
    subjects = frozenset(record.subject.subject_id for record in contents.records)
    changes: list[Change] = []
    missing = 0
    versions: dict[str, dict[str, int]] = {}
    for name in (*_DERIVED_IN_ORDER, *sorted(VERSIONED.keys() - set(_DERIVED_IN_ORDER))):
        spec, given = VERSIONED[name], rows.versioned[name]
        stored = stored_versions(connection, spec, rows.study_id)
        _name_versions(name, rows, versions)
        found = changes_of(connection, spec, given, stored, rows.said)
        gone = absent_keys(spec, given, stored, subjects)
        missing += len(gone) if name in ("results", "results_events") else 0
        changes += found + (tombstones(connection, spec, stored, gone) if retract else [])
        versions[name] = _versions(spec.key, stored, found)
    return _Plan(changes=tuple(changes), absent=missing, contents_hash=_hash_of(contents, rows))


def _versions(key: str, stored: Mapping[str, Stored], found: Iterable[Change]) -> dict[str, int]:
    return {name: one.version for name, one in stored.items()} | {
        change.row[key]: change.row["version"] for change in found
    }


def _name_versions(table: str, rows: Rows, versions: Mapping[str, Mapping[str, int]]) -> None:
    """Say which version of a run gave a result, and which versions of results a response rests on."""
    if table == "results":
        for row in rows.versioned[table]:
            row["assay_run_version"] = versions["results_assay_runs"][row["assay_run_key"]]
    if table == "results_assessments":
        current = versions["results"]
        for row in rows.versioned[table]:
            row["result_version"] = current[row["result_id"]]
            row["inputs"] = [f"{key}@{current[key]}" for key in rows.looked_at[row["result_id"]]]


def _hash_of(contents: Contents, rows: Rows) -> str:
    """Return the digest of all that a batch says, whatever the store knew before it."""
    said = [sorted(row[spec.key] for row in rows.versioned[name]) for name, spec in sorted(VERSIONED.items())]
    queries: list[Json] = [dict(row) for row in rows.queries]
    return digest_of([contents.software_version, contents.settings, queries, *said, sorted(rows.calls)])


def _is_known(connection: Connection, study_id: str, contents_hash: str) -> bool:
    table = schema.batches
    query = select(table.c.number).where(table.c.study_id == study_id, table.c.contents_hash == contents_hash)
    return connection.execute(query.limit(1)).first() is not None


def _next_number(connection: Connection) -> int:
    last = connection.execute(select(func.max(schema.batches.c.number))).scalar()
    return (last or 0) + 1


def _entries(
    connection: Connection, contents: Contents, rows: Rows, plan: _Plan, *, number: int, stamp: Stamp
) -> Iterator[Entry]:
    """Yield every row to add, parents before children."""
    batch = {
        "number": number,
        "study_id": contents.study_id,
        "contents_hash": plan.contents_hash,
        "software_version": contents.software_version,
        "store_version": schema.STORE_VERSION,
        "results_version": SCHEMA_VERSION,
        "settings": contents.settings,
    }
    known = those_there(connection, schema.studies.c.study_id, [contents.study_id])
    if contents.study_id not in known:
        yield Entry(table=schema.studies, row={"study_id": contents.study_id}, action="create")
    yield Entry(table=schema.batches, row=batch, action="create")
    yield from _once(connection, rows, plan, number)
    for change in plan.changes:
        yield _entry(change, number, stamp)
    for row in rows.queries:
        yield Entry(table=schema.queries, row={"batch": number, **row}, action="create")


def _once(connection: Connection, rows: Rows, plan: _Plan, number: int) -> Iterator[Entry]:
    """Yield what is kept by its digest and is needed by a new row: specimens, calls, pictures."""
    added = [change.row for change in plan.changes if change.action != "delete"]
    calls = {row["call_id"] for row in added if row.get("call_id")}
    keys = {row["specimen_key"] for row in added if row.get("specimen_key")}
    keys |= {rows.specimens[key]["parent_key"] for key in keys} - {None}
    pictures = {key for key, row in rows.figures.items() if row["call_id"] in calls}
    for table, every, wanted in (
        (schema.specimens, rows.specimens, keys),
        (schema.calls, rows.calls, calls),
        (schema.figures, rows.figures, pictures),
    ):
        there = those_there(connection, next(iter(table.primary_key)), wanted)
        for key in sorted(wanted - there, key=lambda one: _parents_first(every[one])):
            yield Entry(table=table, row={**every[key], "batch": number}, action="create")


def _parents_first(row: Row) -> tuple[bool, str]:
    return row.get("parent_key") is not None, str(next(iter(row.values())))


def _entry(change: Change, number: int, stamp: Stamp) -> Entry:
    table = change.spec.table
    reason = None if change.action == "create" else stamp.reason
    row = {name: change.row.get(name) for name in column_names(table)}
    old, new = difference(change.spec, change.before, change.row)
    whole = {**row, "batch": number, "reason": reason}
    return Entry(table=table, row=whole, action=change.action, old=old, new=new)


def _insert(connection: Connection, entries: Iterable[Entry]) -> None:
    by_table: dict[Table, list[dict[str, Any]]] = {}
    for entry in entries:
        by_table.setdefault(entry.table, []).append(entry.row)
    for table in schema.metadata.sorted_tables:
        if table in by_table:
            insert_rows(connection, table, by_table[table])


def _report(rows: Rows, plan: _Plan, *, batch: int | None, audit_rows: int) -> Ingested:
    done = [change.action for change in plan.changes if change.spec.table is schema.results]
    given = len(rows.versioned["results"])
    return Ingested(
        study_id=rows.study_id,
        batch=batch,
        new=done.count("create"),
        amended=done.count("amend"),
        deleted=done.count("delete"),
        unchanged=given - done.count("create") - done.count("amend"),
        absent=plan.absent,
        audit_rows=audit_rows,
    )
