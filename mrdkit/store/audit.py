"""The audit trail: one row per row of every other table, each chained to the one before it by its hash.

It says who did what, when (UTC), to which row, what was there before and what after, why, and by which version of the
software. It holds the digest of the whole row, so that a changed, removed or smuggled row is found.
It supports 21 CFR Part 11 record keeping (11.10(e): secure, computer-generated, time-stamped; changes do not obscure
what was there before).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select

from mrdkit.results import Json
from mrdkit.store import schema
from mrdkit.store.canonical import canonical, digest_of
from mrdkit.store.guards import lost_guards
from mrdkit.store.rows import Row

__all__ = ["Entry", "Stamp", "Verification", "chained", "head_of", "verify"]

#: What the first row of a chain follows.
_BEFORE_ALL = "0" * 64
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who ingests, when and why, and by what.

    Attributes:
        at: moment, UTC, ISO 8601; None in the file of a run, which is made anew and holds no clock.
        reason: why something changes; needed where it does.
    """

    who: str
    at: str | None
    reason: str | None
    tool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One inserted row, and what it changed."""

    table: Table
    row: Row
    action: str
    old: dict[str, Json] | None = None
    new: dict[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a check of the whole database found.

    Attributes:
        intact: every link, row and guard is as it was made.
        rows: rows of the audit trail.
        head: hash of the last one; note it elsewhere, and a later check can ask for it.
        broken_at: number of the first broken link, None where none is or where it is not about a link.
        table: of the row concerned, with `row_key`.
        message: what is wrong, None where nothing is.
    """

    intact: bool
    rows: int
    head: str
    broken_at: int | None = None
    table: str | None = None
    row_key: Json = None
    message: str | None = None


def head_of(connection: Connection) -> tuple[int, str]:
    """Return number and hash of the last row of the chain."""
    table = schema.audit
    found = connection.execute(select(table.c.number, table.c.hash).order_by(table.c.number.desc()).limit(1))
    last = found.first()
    return (0, _BEFORE_ALL) if last is None else (last.number, last.hash)


def chained(entries: Iterable[Entry], head: tuple[int, str], batch: int, stamp: Stamp) -> Iterator[Row]:
    """Yield the audit rows of new entries, behind the head of the chain."""
    number, previous = head
    for entry in entries:
        number += 1
        row: Row = {
            "number": number,
            "batch": batch,
            "at": stamp.at,
            "who": stamp.who,
            "action": entry.action,
            "table_name": entry.table.name,
            "row_key": _key_of(entry.table, entry.row),
            "old": entry.old,
            "new": entry.new,
            "reason": None if entry.action == "create" else stamp.reason,
            "tool": stamp.tool,
            "row_hash": digest_of(entry.row),
            "previous_hash": previous,
        }
        previous = digest_of(row)
        yield {**row, "hash": previous}


def verify(connection: Connection, *, head: str | None = None) -> Verification:
    """Recompute the chain and every row's digest, and name the first that is not as it was made.

    Args:
        connection: a database of this version.
        head: hash that was noted earlier; it has to be in the chain, or its end was cut off.
    """
    rows: dict[tuple[str, str], tuple[int, str]] = {}
    number, previous, head_seen = 0, _BEFORE_ALL, head is None
    for row in _read(connection, schema.audit):
        number += 1
        known = {"rows": number, "head": previous, "broken_at": number, "table": row["table_name"]}
        if row["number"] != number or row["previous_hash"] != previous:
            return Verification(
                intact=False, row_key=row["row_key"], message="the chain has a gap before this link", **known
            )
        if digest_of({name: value for name, value in row.items() if name != "hash"}) != row["hash"]:
            return Verification(
                intact=False, row_key=row["row_key"], message="this link of the audit trail was changed", **known
            )
        previous = row["hash"]
        head_seen = head_seen or previous == head
        rows[row["table_name"], canonical(row["row_key"])] = (number, row["row_hash"])
    known = {"rows": number, "head": previous}
    if not head_seen:
        return Verification(intact=False, message="the noted head is not in the chain: its end was cut off", **known)
    lost = lost_guards(connection)
    return _of_rows(connection, rows, known) or Verification(
        intact=not lost, message=f"the database lost its guard {lost[0]}" if lost else None, **known
    )


def _of_rows(
    connection: Connection, rows: dict[tuple[str, str], tuple[int, str]], known: Mapping[str, Any]
) -> Verification | None:
    """Return the first link whose row is not as it was written, or a row that no link knows."""
    broken: list[tuple[int, str, Json, str]] = []
    for table in schema.metadata.sorted_tables:
        if table is schema.audit:
            continue
        for row in _read(connection, table):
            key = _key_of(table, row)
            number, digest = rows.pop((table.name, canonical(key)), (0, ""))
            if number == 0:
                broken.append((known["rows"] + 1, table.name, key, "a row is in no link of the audit trail"))
            elif digest_of(row) != digest:
                broken.append((number, table.name, key, "the row was changed after it was written"))
    broken += [
        (number, table, key, "the row was removed after it was written")
        for (table, key), (number, _) in rows.items()
    ]
    if not broken:
        return None
    number, name, key, message = min(broken, key=lambda one: one[:2])
    at = number if number <= known["rows"] else None
    return Verification(intact=False, broken_at=at, table=name, row_key=key, message=message, **known)


def _read(connection: Connection, table: Table) -> Iterator[Row]:
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=_AT_ONCE)
    for row in connection.execute(query).mappings():
        yield dict(row)


def _key_of(table: Table, row: Mapping[str, Any]) -> dict[str, Json]:
    return {column.name: row[column.name] for column in table.primary_key}
