"""Whether a database is still what was written into it: the chain, every row, and the guards."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection, Table

from mrdkit.results import Json
from mrdkit.store import schema
from mrdkit.store.audit import BEFORE_ALL, digest_of_rows, hashes_of_links, key_names, key_of_batch
from mrdkit.store.canonical import digest_of_text
from mrdkit.store.cells import Columns, column_names, objects_of, texts_of
from mrdkit.store.collecting import no_collection
from mrdkit.store.guards import lost_guards
from mrdkit.store.versioned import BROUGHT, NAMED_BY_CONTENT, content_names

__all__ = ["Verification", "verify"]

_AT_ONCE = 5_000  # rows in memory
#: Table and key of a row -> number of its link, and the digest that stands there.
_Said: TypeAlias = dict[tuple[str, str], tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a check of the whole database found.

    Attributes:
        intact: every link, row and guard is as it was made.
        rows: rows of the audit trail.
        head: hash of the last one; note it elsewhere, and a later check can ask for it.
        broken_at: number of the first broken link; None where none is, or where no link is concerned.
        table: of the row concerned, with `row_key`.
        message: what is wrong, None where nothing is.
    """

    intact: bool
    rows: int
    head: str
    broken_at: int | None
    table: str | None
    row_key: Json
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Break:
    """One thing that is not as it was made; `number` of the link, 0 where no link knows it."""

    number: int
    table: str | None
    row_key: Json
    message: str


class _Chain:
    """The audit trail as far as it was read: its head, and what each link says of its row."""

    def __init__(self) -> None:
        self.rows = 0
        self.head = BEFORE_ALL
        self.heads: set[str] = set()
        self.said: _Said = {}

    def follow(self, links: Columns) -> _Break | None:
        """Take the next links, or return why one does not follow."""
        texts = texts_of(schema.audit, links)
        hashes = hashes_of_links(texts, self.head)
        whole = zip(links["number"], links["previous_hash"], links["hash"], hashes, strict=True)
        for place, (number, previous, stored, expected) in enumerate(whole):
            self.rows += 1
            if number != self.rows or previous != self.head:
                return self._broken(links, place, "the chain has a gap before this link")
            if stored != expected:
                return self._broken(links, place, "this link of the audit trail was changed")
            self.head = stored
            self.heads.add(stored)
            key = links["table_name"][place], links["row_key"][place]
            self.said[key] = number, links["row_hash"][place]
        return None

    def _broken(self, links: Columns, place: int, message: str) -> _Break:
        key = _taken_apart(links["row_key"][place])
        return _Break(number=self.rows, table=links["table_name"][place], row_key=key, message=message)


def verify(connection: Connection, *, head: str | None = None) -> Verification:
    """Recompute the chain and every row's digest, and name the first that is not as it was made.

    Args:
        connection: to a database of this version.
        head: hash that was noted earlier; it has to be in the chain, or the chain's end was cut off.
    """
    with no_collection():
        return _verify(connection, head)


def _verify(connection: Connection, head: str | None) -> Verification:
    chain = _Chain()
    found = next(
        (broken for links in _read(connection, schema.audit) if (broken := chain.follow(links))), None
    )
    if found is None:
        found = _first_wrong_row(connection, chain) or _lost(connection, chain, head)
    return Verification(
        intact=found is None,
        rows=chain.rows,
        head=chain.head,
        broken_at=found.number or None if found else None,
        table=found.table if found else None,
        row_key=found.row_key if found else None,
        message=found.message if found else None,
    )


def _first_wrong_row(connection: Connection, chain: _Chain) -> _Break | None:
    """Return the first link whose row is not as it was written, or else a row that no link knows."""
    unseen = dict(chain.said)
    broken: list[_Break] = []
    for table in schema.metadata.sorted_tables:
        if table in BROUGHT:
            broken += _wrong_batches(connection, table, unseen)
        elif table is not schema.audit:
            broken += _wrong_rows(connection, table, unseen)
    for (name, key), (number, _) in unseen.items():
        message = f"the row was removed after it was written: {key}"
        broken.append(_Break(number=number, table=name, row_key=_taken_apart(key), message=message))
    return min(broken, key=lambda one: one.number or chain.rows + 1, default=None)


def _wrong_rows(connection: Connection, table: Table, unseen: _Said) -> Iterator[_Break]:
    for columns in _read(connection, table):
        texts = texts_of(table, columns)
        keys = objects_of(texts, key_names(table))
        for key, text in zip(keys, objects_of(texts, texts), strict=True):
            number, digest = unseen.pop((table.name, key), (0, ""))
            if number == 0:
                message = "no link of the chain knows this row"
            elif digest_of_text(text) != digest:
                message = "the row was changed after it was written"
            else:
                continue
            yield _Break(number=number, table=table.name, row_key=_taken_apart(key), message=message)


def _wrong_batches(connection: Connection, table: Table, unseen: _Said) -> Iterator[_Break]:
    """Yield rows that are not what names them, and batches whose rows are not those that they brought."""
    digests: dict[int, list[str]] = {}
    wrong: dict[int, str] = {}
    for columns in _read(connection, table):
        texts = texts_of(table, columns)
        for batch, text in zip(columns["batch"], objects_of(texts, texts), strict=True):
            digests.setdefault(batch, []).append(digest_of_text(text))
        wrong |= _not_what_names_them(table, columns["batch"], texts)
    for batch, found in digests.items():
        number, digest = unseen.pop((table.name, key_of_batch(batch)), (0, ""))
        if number == 0 or digest != digest_of_rows(found):
            key = wrong.get(batch, key_of_batch(batch))
            message = (
                "no link of the chain knows this row"
                if number == 0
                else "the row was changed after it was written"
                if batch in wrong
                else "a row of this batch was changed, added or removed after it was written"
            )
            yield _Break(number=number, table=table.name, row_key=_taken_apart(key), message=message)


def _not_what_names_them(table: Table, batches: Sequence[int], texts: Columns) -> dict[int, str]:
    """Return for each batch the key of a row whose content has another digest than its name."""
    if table not in NAMED_BY_CONTENT:
        return {}
    (name,) = key_names(table)
    held = zip(batches, texts[name], objects_of(texts, content_names(table)), strict=True)
    return {batch: f'{{"{name}":{key}}}' for batch, key, text in held if key != f'"{digest_of_text(text)}"'}


def _taken_apart(key: str) -> Json:
    """Return a row's key as a JSON value; one that was tampered with, as it stands."""
    try:
        value: Json = json.loads(key)
    except ValueError:
        return key
    return value


def _lost(connection: Connection, chain: _Chain, head: str | None) -> _Break | None:
    """Return what the chain itself cannot show: an end that was cut off, a guard that was taken away."""
    if head is not None and head not in chain.heads:
        message = "the noted head is not in the chain: its end was cut off"
        return _Break(number=0, table="audit", row_key=None, message=message)
    for guard in lost_guards(connection):
        message = f"the database lost its guard {guard}, or it was changed"
        return _Break(number=0, table=None, row_key=None, message=message)
    return None


def _read(connection: Connection, table: Table) -> Iterator[Columns]:
    """Yield the cells of a table as they are stored, many rows at a time, in the order of their keys."""
    names = column_names(table)
    order = ", ".join(key_names(table))
    listed = ", ".join(f'"{name}"' for name in names)
    query = f'SELECT {listed} FROM "{table.name}" ORDER BY {order}'  # noqa: S608 - our own names
    with connection.execution_options(yield_per=_AT_ONCE).exec_driver_sql(query) as rows:
        for some in rows.partitions(_AT_ONCE):
            yield dict(zip(names, map(list, zip(*some, strict=True)), strict=True))
