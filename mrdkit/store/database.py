"""Where results are kept: a SQLite file made whole for each run, or a database that results are added to.

The file is built beside its place from sorted rows and renamed: the same study gives the same bytes. An
external database only grows; a value that differs from the stored one is refused, since no clinical value
changes without a reason given by a person.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from mrdkit.errors import InputError, StoreError, UsageError
from mrdkit.patient.records import PatientRecord
from mrdkit.store import schema
from mrdkit.store.contents import Contents, TableRows, table_rows
from mrdkit.store.documents import record_from_document

__all__ = [
    "add_to_database",
    "check_address",
    "connected_to",
    "is_address_of",
    "records_of_file",
    "write_database",
]

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
_LIVE = ("foreign_keys=ON", "recursive_triggers=ON", "journal_mode=WAL")
_BUILT = ("foreign_keys=ON", "journal_mode=MEMORY")


def write_database(path: Path, contents: Contents) -> None:
    """Write a SQLite file with everything in `contents`, whole or not at all.

    Raises:
        StoreError: a row does not fit the tables.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        with _connected(_sqlite(partial, _BUILT)) as connection:
            for table, rows in _in_order(table_rows(contents)):
                _insert(connection, table, rows)
        partial.chmod(0o644)
        _flush(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def add_to_database(url: str, contents: Contents) -> int:
    """Add what is missing to an external database, all of it or nothing; return how many results were new.

    Args:
        url: `sqlite:////absolute/path` or `postgresql://...`.
        contents: what a run found; results that the database has with the same content are left alone.

    Raises:
        UsageError: the address is not one of these, or its driver is not installed.
        StoreError: a stored value differs, or the database refuses; nothing was changed.
    """
    rows = table_rows(contents)
    with _connected(_external(url)) as connection:
        new = _new_results(connection, rows[schema.results.name])
        wanted = {
            schema.results.name: new,
            schema.calls.name: _used(rows, schema.calls, "call_id", new),
            schema.figures.name: _used(rows, schema.figures, "call_id", new),
            schema.specimens.name: _used(rows, schema.specimens, "specimen_key", new),
        }
        for table, all_rows in _in_order(rows):
            _insert(connection, table, _missing(connection, table, wanted.get(table.name, all_rows)))
    return len(new)


@contextmanager
def connected_to(url: str) -> Iterator[Connection]:
    """Hand out one transaction on the database of an address that is there already.

    Raises:
        UsageError: the address is none, or its driver is not installed.
        InputError: there is no such file.
        StoreError: the database refuses.
    """
    engine = _external(url)
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        raise InputError("there is no results database", code="FILE_MISSING", file=engine.url.database)
    with _connected(engine, create=False) as connection:
        yield connection


def check_address(url: str) -> None:
    """Refuse what is no address of a results database, without connecting to it.

    Raises:
        UsageError: the address is not one of these, or its driver is not installed.
    """
    _external(url).dispose()


def is_address_of(url: str, path: Path) -> bool:
    """Tell whether an address of a results database names this very file."""
    parsed = make_url(url)
    return parsed.drivername == "sqlite" and _absolute(parsed.database).resolve() == path.resolve()


def records_of_file(path: Path) -> tuple[PatientRecord, ...]:
    """Return the patients of a `results.sqlite`, sorted by subject.

    Raises:
        InputError: there is no such file, or it is no results database of this version.
    """
    if not path.is_file():
        raise InputError(
            "there is no results database",
            code="FILE_MISSING",
            file=path,
            remedy="run the study first: mrdkit run STUDY -o OUT",
        )
    table = schema.patients
    try:
        with _connected(_sqlite(path, ("query_only=ON",)), create=False) as connection:
            found = connection.execute(select(table.c.record).order_by(table.c.subject_id)).scalars().all()
        return tuple(record_from_document(document) for document in found)
    except (StoreError, ValueError):
        raise InputError(
            "the file is no results database of this version", code="STORE_UNREADABLE", file=path
        ) from None


def _sqlite(path: Path, pragmas: tuple[str, ...]) -> Engine:
    engine = create_engine(f"sqlite:///{path.absolute()}")

    def set_pragmas(connection: Any, _: object) -> None:  # noqa: ANN401 - a driver's own connection
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", set_pragmas)
    return engine


def _external(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    driver = _DRIVERS.get(parsed.drivername) if parsed is not None else None
    if parsed is None or driver is None:
        raise UsageError(
            "this is no address of a results database",
            code="DB_URL_INVALID",
            expected="sqlite:////absolute/path or postgresql://user@host/name",
        )
    if driver == "sqlite":
        return _sqlite(_absolute(parsed.database), _LIVE)
    try:
        return create_engine(parsed.set(drivername=driver))
    except (ModuleNotFoundError, NoSuchModuleError):
        raise UsageError(
            "the PostgreSQL driver is not installed", code="DB_DRIVER_MISSING", remedy="pip install psycopg"
        ) from None


def _absolute(database: str | None) -> Path:
    if not database or not Path(database).is_absolute():
        raise UsageError(
            "the address names no absolute path", code="DB_URL_INVALID", expected="sqlite:////absolute/path"
        )
    return Path(database)


@contextmanager
def _connected(engine: Engine, *, create: bool = True) -> Iterator[Connection]:
    """Hand out one transaction; a failure of the database rolls it back and is named."""
    try:
        with engine.begin() as connection:
            if create:
                schema.metadata.create_all(connection)
            yield connection
    except SQLAlchemyError as error:
        raise StoreError(
            "the results database refuses",
            code="STORE_REFUSED",
            found=type(getattr(error, "orig", error)).__name__,
            remedy="check that it is reachable, writable and made by this version; nothing was changed",
        ) from error
    finally:
        engine.dispose()


def _in_order(rows: TableRows) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    for table in schema.metadata.sorted_tables:
        yield table, [dict(row) for row in rows[table.name]]


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _new_results(connection: Connection, rows: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    stored = _latest_hashes(connection)
    changed = [
        row for row in rows if stored.get(row["result_id"], row["content_hash"]) != row["content_hash"]
    ]
    if changed:
        first = changed[0]
        raise StoreError(
            f"{len(changed)} stored result(s) would change; nothing was changed",
            code="RESULT_CHANGED",
            place=", ".join(str(first[name]) for name in ("subject_id", "visit", "assay", "analyte")),
            remedy="a stored value changes only with a reason given by a person",
        )
    return [row for row in rows if row["result_id"] not in stored]


def _latest_hashes(connection: Connection) -> dict[str, str]:
    table = schema.results
    latest = (
        select(table.c.result_id, func.max(table.c.version).label("version"))
        .group_by(table.c.result_id)
        .subquery()
    )
    found = connection.execute(
        select(table.c.result_id, table.c.content_hash).join(
            latest, (table.c.result_id == latest.c.result_id) & (table.c.version == latest.c.version)
        )
    )
    return {row.result_id: row.content_hash for row in found}


def _used(rows: TableRows, table: Table, key: str, new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = {row[key] for row in new}
    return [dict(row) for row in rows[table.name] if row[key] in wanted]


def _missing(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    keys = list(table.primary_key)
    stored = {tuple(found) for found in connection.execute(select(*keys))}
    return [row for row in rows if tuple(row[key.name] for key in keys) not in stored]


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
