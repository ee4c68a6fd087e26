"""Which rows of a batch are new, which supersede a stored version, which are there already.

Nothing is decided by the clock or by the order of rows: the same content as the last version is left alone,
another content is the next version, a row that a person retracts gets a version without values (a
tombstone).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Table, select

from mrdkit.errors import StoreError
from mrdkit.results import Json
from mrdkit.store.canonical import digest_of, plain
from mrdkit.store.rows import Row
from mrdkit.store.versioned import Versioned

__all__ = [
    "Change",
    "Stored",
    "absent_keys",
    "changes_of",
    "difference",
    "need_reason",
    "stored_versions",
    "those_there",
    "tombstones",
]

_AT_ONCE = 500  # keys in one question; SQLite takes 32,766


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The last stored version of one row."""

    version: int
    content_hash: str
    deleted: bool
    subject_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One version to add, and the one before it."""

    spec: Versioned
    row: Row
    before: Row | None

    @property
    def action(self) -> str:
        """create, amend or delete."""
        action: str = self.row["action"]
        return action


def stored_versions(connection: Connection, spec: Versioned, study_id: str) -> dict[str, Stored]:
    """Return the last version of every row of a study."""
    names = (spec.key, "version", "content_hash", "action", "subject_id")
    query = select(*(spec.table.c[name] for name in names)).where(spec.table.c.study_id == study_id)
    last: dict[str, Stored] = {}
    for key, version, content_hash, action, subject_id in connection.execute(query):
        if key not in last or last[key].version < version:
            last[key] = Stored(
                version=version, content_hash=content_hash, deleted=action == "delete", subject_id=subject_id
            )
    return last


def changes_of(
    connection: Connection,
    spec: Versioned,
    rows: Iterable[Row],
    stored: Mapping[str, Stored],
    said: Mapping[str, Json],
) -> list[Change]:
    """Return the rows that are no stored version yet, in the order of their keys.

    Args:
        connection: where the versions before them stand.
        spec: the table.
        rows: of a batch.
        stored: last version of each key.
        said: content of a row by its key, where that is not its columns.
    """
    found = [row for row in (_next(spec, one, stored, said) for one in rows) if row is not None]
    before = _last_rows(
        connection, spec, stored, [row[spec.key] for row in found if row["action"] != "create"]
    )
    ordered = sorted(found, key=lambda row: str(row[spec.key]))
    return [Change(spec=spec, row=row, before=before.get(row[spec.key])) for row in ordered]


def _next(spec: Versioned, row: Row, stored: Mapping[str, Stored], said: Mapping[str, Json]) -> Row | None:
    key = row[spec.key]
    content = said[key] if key in said else {name: row.get(name) for name in spec.content}
    last, digest = stored.get(key), digest_of(content)
    if last is None:
        return {**row, "version": 1, "action": "create", "content_hash": digest}
    if last.deleted or last.content_hash != digest:
        return {**row, "version": last.version + 1, "action": "amend", "content_hash": digest}
    return None


def absent_keys(
    spec: Versioned, rows: Iterable[Row], stored: Mapping[str, Stored], subjects: frozenset[str]
) -> list[str]:
    """Return the keys that the store has for these subjects and the batch has not."""
    given = {row[spec.key] for row in rows}
    return sorted(
        key
        for key, one in stored.items()
        if one.subject_id in subjects and not one.deleted and key not in given
    )


def tombstones(
    connection: Connection, spec: Versioned, stored: Mapping[str, Stored], keys: list[str]
) -> list[Change]:
    """Return a version without values for each of these keys."""
    before = _last_rows(connection, spec, stored, keys)
    return [Change(spec=spec, row=_tombstone(spec, row), before=row) for row in before.values()]


def _tombstone(spec: Versioned, row: Row) -> Row:
    kept = {name: row[name] for name in spec.kept}
    return {**kept, "version": row["version"] + 1, "action": "delete", "content_hash": digest_of(None)}


def need_reason(changes: Iterable[Change], reason: str | None) -> None:
    """Refuse to change what was stated without a reason given by a person.

    Raises:
        StoreError: there is none.
    """
    changed = [change for change in changes if change.spec.reasoned and change.action != "create"]
    if not changed or (reason is not None and reason.strip()):
        return
    first = changed[0]
    names = ("subject_id", "visit", "event", "number", "assay", "analyte")
    old, new = difference(first.spec, first.before, first.row)
    raise StoreError(
        f"{len(changed)} stored value(s) would change; nothing was changed",
        code="RESULT_CHANGED",
        place=", ".join(str(first.row[name]) for name in names if first.row.get(name) is not None),
        expected=str(dict(sorted((old or {}).items())))[:300],
        found=str(dict(sorted((new or {}).items())))[:300],
        remedy="a stored value changes only with a reason given by a person: --reason TEXT",
    )


def difference(
    spec: Versioned, before: Row | None, row: Row
) -> tuple[dict[str, Json] | None, dict[str, Json] | None]:
    """Return what a version changes: the columns that differ, with what they held before and hold now.

    A first version has no before: the columns that hold something are all new.
    """
    if before is None and not spec.reasoned:
        return None, None
    if before is None:
        return None, {name: _json(row[name]) for name in spec.content if row.get(name) is not None}
    differ = [name for name in spec.content if before.get(name) != row.get(name)]
    old = {name: _json(before.get(name)) for name in differ}
    return old, {name: _json(row.get(name)) for name in differ}


def _json(cell: Any) -> Json:  # noqa: ANN401 - of any column
    return plain(cell) if isinstance(cell, date) else cell


def those_there(connection: Connection, column: Column[Any], keys: Iterable[str]) -> set[str]:
    """Return those of the keys that a column has."""
    found: set[str] = set()
    for some in _portions(keys):
        found.update(connection.execute(select(column).where(column.in_(some))).scalars())
    return found


def _last_rows(
    connection: Connection, spec: Versioned, stored: Mapping[str, Stored], keys: list[str]
) -> dict[str, Row]:
    column: Column[Any] = spec.table.c[spec.key]
    found: dict[str, Row] = {}
    for some in _portions(keys):
        for row in _rows(connection, spec.table, column, some):
            if row["version"] == stored[row[spec.key]].version:
                found[row[spec.key]] = row
    return found


def _rows(connection: Connection, table: Table, column: Column[Any], keys: list[str]) -> Iterator[Row]:
    query = select(table).where(column.in_(keys)).order_by(*table.primary_key)
    return (dict(row) for row in connection.execute(query).mappings())


def _portions(keys: Iterable[str]) -> Iterator[list[str]]:
    every = sorted(keys)
    return (every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE))
