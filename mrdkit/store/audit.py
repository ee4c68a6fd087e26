"""The audit trail: links, each chained to the one before it by its hash.

A link says who did what, when (UTC), to which row, what was there before and what after, why, and by which
version of the software, and holds the digest of the whole row, so that a changed, removed or smuggled row is
found. Every version of a value has a link of its own, a study and a batch too. Rows that come with a batch
and have no versions (specimens, calls, pictures, queries) share one link per batch and table, which holds the
digest of all of them. It supports 21 CFR Part 11 record keeping (11.10(e): secure, computer-generated,
time-stamped; changes do not obscure what was there before).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Table, select

from mrdkit.store import schema
from mrdkit.store.canonical import canonical, digest_of, digest_of_text
from mrdkit.store.cells import Columns, objects_of, texts_of
from mrdkit.store.versioned import BROUGHT

__all__ = [
    "BEFORE_ALL",
    "Added",
    "Stamp",
    "chained",
    "digest_of_rows",
    "hashes_of_links",
    "head_of",
    "key_names",
    "key_of_batch",
]

#: What the first link of a chain follows.
BEFORE_ALL = "0" * 64
_OF_CHAIN = frozenset({"previous_hash", "hash"})


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
class Added:
    """Rows of one table that a batch adds, and what each changed.

    Attributes:
        columns: cells of all columns; `texts` has the same in canonical JSON.
        actions: of each row: create, amend or delete.
        old: of each row, the canonical object of what it changed; None for nothing. `new` alike.
    """

    table: Table
    columns: Columns
    texts: Columns
    actions: Sequence[str]
    old: Sequence[str | None]
    new: Sequence[str | None]


def head_of(connection: Connection) -> tuple[int, str]:
    """Return number and hash of the last link of the chain."""
    table = schema.audit
    found = connection.execute(select(table.c.number, table.c.hash).order_by(table.c.number.desc()).limit(1))
    last = found.first()
    return (0, BEFORE_ALL) if last is None else (last.number, last.hash)


def chained(added: Iterable[Added], head: tuple[int, str], batch: int, stamp: Stamp) -> Columns:
    """Return the columns of the links of new rows, behind the head of the chain."""
    links: Columns = {
        name: [] for name in ("action", "table_name", "row_key", "old", "new", "reason", "row_hash")
    }
    for rows in added:
        part = _link_of_batch(rows, batch) if rows.table in BROUGHT else _links(rows, stamp)
        table = str(rows.table.name)  # SQLAlchemy's own kind of text: SQLite would ask each row what it is
        for name, cells in {**part, "table_name": [table] * len(part["row_key"])}.items():
            links[name] += cells
    first, previous = head
    count = len(links["row_key"])
    links["number"] = list(range(first + 1, first + 1 + count))
    for name, cell in (("batch", batch), ("at", stamp.at), ("who", stamp.who), ("tool", stamp.tool)):
        links[name] = [cell] * count
    hashes = list(hashes_of_links(texts_of(schema.audit, links), previous))
    return {**links, "previous_hash": [previous, *hashes][:count], "hash": hashes}


def _links(rows: Added, stamp: Stamp) -> Mapping[str, Sequence[str | None]]:
    """Return a link for each row."""
    return {
        "action": rows.actions,
        "row_key": objects_of(rows.texts, key_names(rows.table)),
        "old": rows.old,
        "new": rows.new,
        "reason": [None if action == "create" else stamp.reason for action in rows.actions],
        "row_hash": [digest_of_text(text) for text in objects_of(rows.texts, rows.texts)],
    }


def _link_of_batch(rows: Added, batch: int) -> Mapping[str, Sequence[str | None]]:
    """Return the one link of rows that have no versions."""
    digests = [digest_of_text(text) for text in objects_of(rows.texts, rows.texts)]
    return {
        "action": ["create"],
        "row_key": [key_of_batch(batch)],
        "old": [None],
        "new": [canonical({"rows": len(digests)})],
        "reason": [None],
        "row_hash": [digest_of_rows(digests)],
    }


def key_of_batch(batch: int) -> str:
    """Return by what a link names the rows that a batch brought to a table."""
    return canonical({"batch": batch})


def digest_of_rows(digests: Iterable[str]) -> str:
    """Return the digest of many rows, in whatever order they stand, from the digest of each."""
    return digest_of(sorted(digests))


def hashes_of_links(texts: Mapping[str, Sequence[str]], previous: str) -> Iterator[str]:
    """Yield the hash of each link: the sha256 of its canonical object without the hash itself.

    Args:
        texts: of all columns of the links but `previous_hash` and `hash`.
        previous: hash of the link before the first.
    """
    names = texts.keys() - _OF_CHAIN
    before = objects_of(texts, (name for name in names if name < "previous_hash"))
    after = objects_of(texts, (name for name in names if name > "previous_hash"))
    for start, end in zip(before, after, strict=True):
        previous = digest_of_text(f'{start[:-1]},"previous_hash":"{previous}",{end[1:]}')
        yield previous


@cache
def key_names(table: Table) -> tuple[str, ...]:
    """Return the names of a table's primary key."""
    return tuple(column.name for column in table.primary_key)
