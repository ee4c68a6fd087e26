"""All versions of one stored value: what each said, what it changed, who made it, when and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Select, select

from mrdkit.errors import InputError, StoreError
from mrdkit.results import Json
from mrdkit.store import schema
from mrdkit.store.canonical import canonical
from mrdkit.store.cells import Row, json_of
from mrdkit.store.engine import Source, engine_of, reading
from mrdkit.store.migrate import require_current
from mrdkit.store.versioned import VERSIONED, Versioned
from mrdkit.store.versions import difference

__all__ = ["History", "Version", "find_results", "history_of"]

_SHORTEST = 6  # characters that may stand for a whole identity
_SHOWN = tuple(
    "result_id version action subject_id visit specimen_id assay analyte method result value unit".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version.

    Attributes:
        at: moment in UTC; None in the file of a run.
        values: what it said; empty for a deletion.
        changes: column -> what it held before and holds now, against the version before.
    """

    version: int
    action: str
    at: str | None
    who: str
    reason: str | None
    tool: str
    batch: int
    values: Mapping[str, Json]
    changes: Mapping[str, Mapping[str, Json]]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One stored value and its versions, the first one first.

    Attributes:
        about: the natural key: whose, which visit, which assay and analyte.
    """

    result_id: str
    table: str
    about: Mapping[str, Json]
    versions: tuple[Version, ...]


def history_of(source: Source, result_id: str) -> History:
    """Return all versions of a result, or of another versioned row by its key.

    Args:
        source: the database.
        result_id: identity, or the first characters of it, at least six.

    Raises:
        InputError: nothing has this identity, or several things have.
    """
    with reading(engine_of(source, read_only=True)) as connection:
        require_current(connection)
        spec, key = _one(connection, result_id)
        query = select(spec.table).where(spec.table.c[spec.key] == key).order_by(spec.table.c.version)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        links = _links(connection, spec, rows)
    about: dict[str, Any] = {name: rows[0][name] for name in spec.natural}
    pairs = zip([None, *rows[:-1]], rows, links, strict=True)
    return History(
        result_id=key,
        table=spec.table.name,
        about={name: json_of(spec.table, name, value) for name, value in about.items()},
        versions=tuple(_version(spec, before, row, link) for before, row, link in pairs),
    )


def find_results(
    source: Source, *, subject_id: str | None = None, visit: str | None = None, assay: str | None = None
) -> tuple[Mapping[str, Json], ...]:
    """Return the last version of results, by subject, visit and assay; those that were deleted included.

    Raises:
        InputError: there is no such file.
        StoreError: the database cannot be read.
    """
    table = schema.results
    asked = {"subject_id": subject_id, "visit": visit, "assay": assay}
    given = [table.c[name] == value for name, value in asked.items() if value is not None]
    order = [table.c[name] for name in ("subject_id", "visit", "assay", "result_id", "version")]
    with reading(engine_of(source, read_only=True)) as connection:
        require_current(connection)
        query = select(*(table.c[name] for name in _SHOWN)).where(*given).order_by(*order)
        last = {row["result_id"]: dict(row) for row in connection.execute(query).mappings()}
    return tuple(last.values())


def _one(connection: Connection, wanted: str) -> tuple[Versioned, str]:
    if len(wanted) < _SHORTEST or not set(wanted) <= set("0123456789abcdef"):
        raise InputError(
            "this is no identity of a result",
            code="RESULT_UNKNOWN",
            expected=f"at least {_SHORTEST} hexadecimal digits",
            found=wanted[:80],
            remedy="mrdkit db list shows them",
        )
    found = [
        (spec, key)
        for spec in VERSIONED.values()
        for key in connection.execute(_keys(spec, wanted)).scalars()
    ]
    if len(found) != 1:
        raise InputError(
            "several stored values have this beginning" if found else "the database has no such value",
            code="RESULT_AMBIGUOUS" if found else "RESULT_UNKNOWN",
            found=wanted[:80],
            remedy="mrdkit db list shows the identities of results",
        )
    return found[0]


def _keys(spec: Versioned, wanted: str) -> Select[str]:
    column: Column[str] = spec.table.c[spec.key]
    return select(column).where(column.startswith(wanted), spec.table.c.version == 1).limit(2)


def _links(connection: Connection, spec: Versioned, rows: Iterable[Row]) -> list[Row]:
    """Return the audit row of each version."""
    table = schema.audit
    wanted = [canonical({spec.key: row[spec.key], "version": row["version"]}) for row in rows]
    batches = {row["batch"] for row in rows}
    query = select(table).where(table.c.table_name == spec.table.name, table.c.batch.in_(batches))
    found = {link["row_key"]: dict(link) for link in connection.execute(query).mappings()}
    if not found.keys() >= set(wanted):
        raise StoreError(
            "a version is in no link of the audit trail",
            code="AUDIT_BROKEN",
            remedy="mrdkit db verify says more",
        )
    return [found[key] for key in wanted]


def _version(spec: Versioned, before: Row | None, row: Row, link: Row) -> Version:
    shown = (*spec.content, *(name for name in ("reasons", "software_version") if name in row))
    old, new = difference(spec, before, row) if before is not None else ({}, {})
    deleted = row["action"] == "delete"

    def shown_of(name: str, cell: Any) -> Json:  # noqa: ANN401 - of any column
        return json_of(spec.table, name, cell)

    return Version(
        version=row["version"],
        action=row["action"],
        at=link["at"],
        who=link["who"],
        reason=row["reason"],
        tool=link["tool"],
        batch=row["batch"],
        values={} if deleted else {name: shown_of(name, row[name]) for name in shown},
        changes={
            name: {"old": shown_of(name, old[name]), "new": shown_of(name, cell)}
            for name, cell in new.items()
        },
    )
