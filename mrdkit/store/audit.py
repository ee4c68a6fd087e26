"""The audit trail: one row per row of every other table, each chained to the one before it by its hash.

It says who did what, when (UTC), to which row, what was there before and what after, why, and by which
version of the software. It holds the digest of the whole row, so that a changed, removed or smuggled row is
found. It supports 21 CFR Part 11 record keeping (11.10(e): secure, computer-generated, time-stamped;
changes do not obscure what was there before).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select

from mrdkit.results import Json
from mrdkit.store import schema
from mrdkit.store.canonical import digest_of
from mrdkit.store.inserting import key_names
from mrdkit.store.rows import Row

__all__ = ["BEFORE_ALL", "Entry", "Stamp", "chained", "head_of", "key_of"]

#: What the first row of a chain follows.
BEFORE_ALL = "0" * 64


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


def head_of(connection: Connection) -> tuple[int, str]:
    """Return number and hash of the last row of the chain."""
    table = schema.audit
    found = connection.execute(select(table.c.number, table.c.hash).order_by(table.c.number.desc()).limit(1))
    last = found.first()
    return (0, BEFORE_ALL) if last is None else (last.number, last.hash)


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
            "row_key": key_of(entry.table, entry.row),
            "old": entry.old,
            "new": entry.new,
            "reason": None if entry.action == "create" else stamp.reason,
            "tool": stamp.tool,
            "row_hash": digest_of(entry.row),
            "previous_hash": previous,
        }
        previous = digest_of(row)
        yield {**row, "hash": previous}


def key_of(table: Table, row: Mapping[str, Any]) -> dict[str, Json]:
    """Return the primary key of a row, by which the audit trail names it."""
    return {name: row[name] for name in key_names(table)}
