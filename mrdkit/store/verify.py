"""Whether a database is still what was written into it: the chain, every row, and the guards."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table, select

from mrdkit.results import Json
from mrdkit.store import schema
from mrdkit.store.audit import BEFORE_ALL, key_of
from mrdkit.store.canonical import canonical, digest_of
from mrdkit.store.guards import lost_guards
from mrdkit.store.rows import Row

__all__ = ["Verification", "verify"]

_AT_ONCE = 5_000  # rows in memory


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
        self.said: dict[tuple[str, str], tuple[int, str]] = {}

    def follow(self, link: Row) -> _Break | None:
        """Take the next link, or return why it does not follow."""
        self.rows += 1
        if link["number"] != self.rows or link["previous_hash"] != self.head:
            return self._broken(link, "the chain has a gap before this link")
        if digest_of({name: cell for name, cell in link.items() if name != "hash"}) != link["hash"]:
            return self._broken(link, "this link of the audit trail was changed")
        self.head = link["hash"]
        self.heads.add(self.head)
        self.said[link["table_name"], canonical(link["row_key"])] = (self.rows, link["row_hash"])
        return None

    def _broken(self, link: Row, message: str) -> _Break:
        return _Break(number=self.rows, table=link["table_name"], row_key=link["row_key"], message=message)


def verify(connection: Connection, *, head: str | None = None) -> Verification:
    """Recompute the chain and every row's digest, and name the first that is not as it was made.

    Args:
        connection: to a database of this version.
        head: hash that was noted earlier; it has to be in the chain, or the chain's end was cut off.
    """
    chain = _Chain()
    found = next((broken for link in _read(connection, schema.audit) if (broken := chain.follow(link))), None)
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
        if table is not schema.audit:
            broken += _wrong_rows(connection, table, unseen)
    for (name, key), (number, _) in unseen.items():
        message = f"the row was removed after it was written: {key}"
        broken.append(_Break(number=number, table=name, row_key=None, message=message))
    return min(broken, key=lambda one: one.number or chain.rows + 1, default=None)


def _wrong_rows(
    connection: Connection, table: Table, unseen: dict[tuple[str, str], tuple[int, str]]
) -> Iterator[_Break]:
    for row in _read(connection, table):
        key: Json = key_of(table, row)
        number, digest = unseen.pop((table.name, canonical(key)), (0, ""))
        if number == 0:
            yield _Break(
                number=0, table=table.name, row_key=key, message="no link of the chain knows this row"
            )
        elif digest_of(row) != digest:
            message = "the row was changed after it was written"
            yield _Break(number=number, table=table.name, row_key=key, message=message)


def _lost(connection: Connection, chain: _Chain, head: str | None) -> _Break | None:
    """Return what the chain itself cannot show: an end that was cut off, a guard that was taken away."""
    if head is not None and head not in chain.heads:
        message = "the noted head is not in the chain: its end was cut off"
        return _Break(number=0, table="audit", row_key=None, message=message)
    for guard in lost_guards(connection):
        message = f"the database lost its guard {guard}, or it was changed"
        return _Break(number=0, table=None, row_key=None, message=message)
    return None


def _read(connection: Connection, table: Table) -> Iterator[Row]:
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=_AT_ONCE)
    with connection.execute(query) as rows:
        for row in rows.mappings():
            yield dict(row)
