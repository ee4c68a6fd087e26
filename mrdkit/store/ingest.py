"""The one way into the database: a batch, whole or not at all.

A batch is checked, compared with what is stored, and added in one transaction that no other ingest can
overlap. The same batch twice adds nothing. What the store has for a subject and the batch has not is
counted and left alone, unless a person retracts it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select

from mrdkit.result_rows import SCHEMA_VERSION
from mrdkit.store import schema
from mrdkit.store.audit import Added, Stamp, chained, head_of
from mrdkit.store.canonical import canonical, digest_of
from mrdkit.store.cells import Columns, Row, column_names, columns_of, object_text, present_of, texts_of
from mrdkit.store.check import check_rows
from mrdkit.store.collecting import no_collection
from mrdkit.store.contents import Contents
from mrdkit.store.documents import prove_call, prove_record
from mrdkit.store.inserting import insert_columns
from mrdkit.store.rows import Rows, rows_of, say_content
from mrdkit.store.versioned import BROUGHT, NAMED_BY_CONTENT, VERSIONED, Versioned
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
        audit_rows: links that the audit trail got.
        head: hash of its last link now; noted elsewhere, it proves later that no end was cut off.
    """

    study_id: str
    batch: int | None
    new: int
    amended: int
    deleted: int
    unchanged: int
    absent: int
    audit_rows: int
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What a batch would add, before it has a number; changes are by table, parents first."""

    changes: Mapping[str, Sequence[Change]]
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
    with no_collection():
        return _ingest(connection, contents, stamp, retract=retract)


def _ingest(connection: Connection, contents: Contents, stamp: Stamp, *, retract: bool) -> Ingested:
    rows = rows_of(contents)
    check_rows(rows)
    say_content(rows)
    plan = _plan(connection, contents, rows, retract=retract)
    every = [change for changes in plan.changes.values() for change in changes]
    need_reason(every, stamp.reason)
    _prove_records(plan.changes["results_records"], rows)
    head = head_of(connection)
    if not every and _is_known(connection, contents.study_id, plan.contents_hash):
        return _report(rows, plan, batch=None, links=0, head=head[1])
    number = _next_number(connection)
    added = _added(connection, contents, rows, plan, number=number, stamp=stamp)
    links = chained(_inserted(connection, added), head, number, stamp)
    insert_columns(connection, schema.audit, links)
    return _report(rows, plan, batch=number, links=len(links["hash"]), head=links["hash"][-1])


def _plan(connection: Connection, contents: Contents, rows: Rows, *, retract: bool) -> _Plan:
    subjects = frozenset(record.subject.subject_id for record in contents.records)
    changes: dict[str, list[Change]] = {}
    missing = 0
    versions: dict[str, dict[str, int]] = {}
    for name in (*_DERIVED_IN_ORDER, *sorted(VERSIONED.keys() - set(_DERIVED_IN_ORDER))):
        spec, given = VERSIONED[name], rows.versioned[name]
        stored = stored_versions(connection, spec, rows.study_id)
        _name_versions(name, rows, versions)
        found = changes_of(connection, spec, given, stored)
        gone = absent_keys(spec, given, stored, subjects)
        missing += len(gone) if name in ("results", "results_events") else 0
        changes[name] = found + (tombstones(connection, spec, stored, gone) if retract else [])
        versions[name] = _versions(spec.key, stored, found)
    return _Plan(changes=changes, absent=missing, contents_hash=_hash_of(contents, rows))


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
            row["inputs"] = canonical([f"{key}@{current[key]}" for key in rows.looked_at[row["result_id"]]])


def _hash_of(contents: Contents, rows: Rows) -> str:
    """Return the digest of all that a batch says, whatever the store knew before it."""
    said = [sorted(row[spec.key] for row in rows.versioned[name]) for name, spec in sorted(VERSIONED.items())]
    return digest_of([contents.software_version, contents.settings, rows.queries, *said, sorted(rows.calls)])


def _is_known(connection: Connection, study_id: str, contents_hash: str) -> bool:
    table = schema.batches
    query = select(table.c.number).where(table.c.study_id == study_id, table.c.contents_hash == contents_hash)
    return connection.execute(query.limit(1)).first() is not None


def _next_number(connection: Connection) -> int:
    last = connection.execute(select(func.max(schema.batches.c.number))).scalar()
    return (last or 0) + 1


def _added(
    connection: Connection, contents: Contents, rows: Rows, plan: _Plan, *, number: int, stamp: Stamp
) -> Iterator[Added]:
    """Yield every row to add, parents before children."""
    if not those_there(connection, schema.studies.c.study_id, [contents.study_id]):
        yield _created(schema.studies, [{"study_id": contents.study_id}], {})
    batch: Row = {
        "number": number,
        "study_id": contents.study_id,
        "contents_hash": plan.contents_hash,
        "software_version": contents.software_version,
        "store_version": schema.STORE_VERSION,
        "results_version": SCHEMA_VERSION,
        "settings": canonical(contents.settings),
    }
    yield _created(schema.batches, [batch], {})
    brought = {**_brought(connection, rows, plan), schema.queries: rows.queries}
    for table in BROUGHT:
        if brought[table]:
            yield _created(table, brought[table], {"batch": number})
    for name, changes in plan.changes.items():
        if changes:
            yield _changed(VERSIONED[name], changes, number, stamp)


def _inserted(connection: Connection, added: Iterable[Added]) -> Iterator[Added]:
    """Insert each table's rows as they come: their cells and texts need not wait for those of the others."""
    for part in added:
        insert_columns(connection, part.table, part.columns)
        yield part


def _created(table: Table, rows: Sequence[Row], same: Row) -> Added:
    columns, nothing = _columns(table, rows, same), [None] * len(rows)
    return Added(
        table=table,
        columns=columns,
        texts=texts_of(table, columns),
        actions=["create"] * len(rows),
        old=nothing,
        new=nothing,
    )


def _columns(table: Table, rows: Sequence[Row], same: Row) -> Columns:
    """Return all columns of rows, those of `same` with one cell for all of them."""
    own = columns_of(rows, (name for name in column_names(table) if name not in same))
    return {**own, **{name: [cell] * len(rows) for name, cell in same.items()}}


def _changed(spec: Versioned, changes: Sequence[Change], number: int, stamp: Stamp) -> Added:
    rows = [change.row for change in changes]
    columns = _columns(spec.table, rows, {"batch": number, "reason": None})
    actions = columns["action"]
    columns["reason"] = [None if action == "create" else stamp.reason for action in actions]
    texts = texts_of(spec.table, columns)
    old: list[str | None] = [None] * len(changes)
    # A first version has no before: what it holds is all new.
    new: list[str | None] = [*present_of(texts, spec.content)] if spec.reasoned else [*old]
    for place, change in enumerate(changes):
        if change.before is not None:
            pair = difference(spec, change.before, change.row)
            old[place], new[place] = (object_text(spec.table, cells) for cells in pair)
    return Added(table=spec.table, columns=columns, texts=texts, actions=actions, old=old, new=new)


def _brought(connection: Connection, rows: Rows, plan: _Plan) -> dict[Table, list[Row]]:
    """Return the specimens, calls and pictures that a new row names and the store has not."""
    new = [change.row for changes in plan.changes.values() for change in changes if not change.is_tombstone]
    calls = {row["call_id"] for row in new if row.get("call_id")}
    calls.update(name for row in new for name in rows.calls_of.get(row.get("record_key", ""), ()))
    keys = {row["specimen_key"] for row in new if row.get("specimen_key")}
    keys |= {rows.specimens[key]["parent_key"] for key in keys} - {None}
    pictures = {key for key, row in rows.figures.items() if row["call_id"] in calls}
    named = zip(
        NAMED_BY_CONTENT, (rows.specimens, rows.calls, rows.figures), (keys, calls, pictures), strict=True
    )
    missing = {table: _missing(connection, table, every, wanted) for table, every, wanted in named}
    _prove_calls(missing[schema.calls], rows)
    return missing


def _prove_calls(added: Sequence[Row], rows: Rows) -> None:
    """Refuse to store a call whose text does not give it back; a text that is there was proved before."""
    texts = {row["call_id"]: row["document"] for row in added}
    for name, call in rows.written:
        if name in texts:
            prove_call(call, texts[name])


def _prove_records(changes: Sequence[Change], rows: Rows) -> None:
    """Refuse to store a record whose text does not give it back; the same key twice was refused before."""
    for change in changes:
        if not change.is_tombstone:
            prove_record(rows.records[change.row["record_key"]], change.row["record"])


def _missing(connection: Connection, table: Table, every: Mapping[str, Row], wanted: set[str]) -> list[Row]:
    there = those_there(connection, next(iter(table.primary_key)), wanted)
    rows = [every[key] for key in sorted(wanted - there)]
    return sorted(rows, key=lambda row: row.get("parent_key") is not None)  # parents first


def _report(rows: Rows, plan: _Plan, *, batch: int | None, links: int, head: str) -> Ingested:
    done = [change.action for change in plan.changes[schema.results.name]]
    given = len(rows.versioned["results"])
    return Ingested(
        study_id=rows.study_id,
        batch=batch,
        new=done.count("create"),
        amended=done.count("amend"),
        deleted=done.count("delete"),
        unchanged=given - done.count("create") - done.count("amend"),
        absent=plan.absent,
        audit_rows=links,
        head=head,
    )
