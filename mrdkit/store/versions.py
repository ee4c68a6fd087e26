"""Which rows of a batch are new, which supersede a stored version, which are there already.

Nothing is decided by the clock or by the order of rows: the same content as the last version is left alone,
another content is the next version, a row that a person retracts gets a version without values (a
tombstone).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Table, select

from mrdkit.errors import StoreError
from mrdkit.store.canonical import digest_of, digest_of_text
from mrdkit.store.cells import Row, columns_of, objects_of, texts_of
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

_AT_ONCE = 5_000  # keys in one question; SQLite takes 32,766


class Stored(NamedTuple):
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

    @property
    def is_tombstone(self) -> bool:
        """Whether it takes the row back."""
        return self.action == "delete"


def stored_versions(connection: Connection, spec: Versioned, study_id: str) -> dict[str, Stored]:
    """Return the last version of every row of a study."""
    names = (spec.key, "version", "content_hash", "action", "subject_id")
    query = select(*(spec.table.c[name] for name in names)).where(spec.table.c.study_id == study_id)
    last: dict[str, Stored] = {}
    for key, version, content_hash, action, subject_id in connection.execute(query).all():
        known = last.get(key)
        if known is None or known.version < version:
            last[key] = Stored(version, content_hash, action == "delete", subject_id)
    return last


def changes_of(
    connection: Connection, spec: Versioned, rows: list[Row], stored: Mapping[str, Stored]
) -> list[Change]:
    """Return the rows that are no stored version yet, in the order of their keys.

    Args:
        connection: where the versions before them stand.
        spec: the table.
        rows: of a batch; one whose content is not in its columns says its digest.
        stored: last version of each key.
    """
    hashed = zip(rows, _content_hashes(spec, rows), strict=True)
    found = [new for row, digest in hashed if (new := _next(spec, row, digest, stored)) is not None]
    before = _last_rows(
        connection, spec, stored, [row[spec.key] for row in found if row["action"] != "create"]
    )
    ordered = sorted(found, key=lambda row: str(row[spec.key]))
    return [Change(spec=spec, row=row, before=before.get(row[spec.key])) for row in ordered]


def _content_hashes(spec: Versioned, rows: list[Row]) -> list[str]:
    if rows and "content_hash" in rows[0]:
        return [row["content_hash"] for row in rows]
    texts = texts_of(spec.table, columns_of(rows, spec.content))
    return [digest_of_text(text) for text in objects_of(texts, spec.content)]


def _next(spec: Versioned, row: Row, digest: str, stored: Mapping[str, Stored]) -> Row | None:
    """Return a row as the version that is due, if one is: the row itself, as copies of all would be many."""
    last = stored.get(row[spec.key])
    if last is None:
        row |= {"version": 1, "action": "create", "content_hash": digest}
        return row
    if last.deleted or last.content_hash != digest:
        row |= {"version": last.version + 1, "action": "amend", "content_hash": digest}
        return row
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
    old, new = difference(first.spec, first.before or {}, first.row)
    raise StoreError(
        f"{len(changed)} stored value(s) would change; nothing was changed",
        code="RESULT_CHANGED",
        place=", ".join(str(first.row[name]) for name in names if first.row.get(name) is not None),
        expected=_shown(old),
        found=_shown(new),
        remedy="a stored value changes only with a reason given by a person: --reason TEXT",
    )


def _shown(cells: Row) -> str:
    return str({name: str(cell) if isinstance(cell, date) else cell for name, cell in sorted(cells.items())})[
        :300
    ]


def difference(spec: Versioned, before: Row, row: Row) -> tuple[Row, Row]:
    """Return what a version changes: the columns that differ, as they were before and are now."""
    differ = [name for name in spec.content if before.get(name) != row.get(name)]
    return {name: before.get(name) for name in differ}, {name: row.get(name) for name in differ}


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
