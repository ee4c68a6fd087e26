"""Addresses, connections and transactions: what stands above this module sees one kind of database.

A writer has the database to itself from the first statement on (SQLite: BEGIN IMMEDIATE; PostgreSQL: an
advisory lock), so that two ingests never decide on what the other is about to change.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from mrdkit.errors import InputError, StoreError, UsageError

__all__ = ["Source", "check_address", "engine_of", "is_address_of", "new_file", "reading", "writing"]

#: A results database: its address, or the path of its SQLite file.
Source: TypeAlias = str | Path

_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_SAFE = ("foreign_keys=ON", "recursive_triggers=ON", "trusted_schema=OFF", "cache_size=-131072")
#: Bytes of a page of a new SQLite file. A table without rowids keeps a quarter of a page of a row in place,
#: and the rest on a page of its own: 4,096 bytes, as is usual, are too few for a call and for many links.
_PAGE = 16_384
_LOCK = 7_305_617_205_911_045_444  # of all ingests of one PostgreSQL database
_PATIENCE = 300.0  # seconds that an ingest waits for the others before it


def check_address(url: str) -> None:
    """Refuse what is no address of a results database, without connecting to it.

    Raises:
        UsageError: the address is not one of these, or its driver is not installed.
    """
    engine_of(url).dispose()


def is_address_of(url: str, path: Path) -> bool:
    """Tell whether an address of a results database names this very file."""
    parsed = make_url(url)
    return parsed.drivername == "sqlite" and _file_of(parsed).resolve() == path.resolve()


def engine_of(source: Source, *, read_only: bool = False) -> Engine:
    """Return an engine for an address, or for the path of a SQLite file.

    Raises:
        UsageError: the address is not one of these, or its driver is not installed.
    """
    if isinstance(source, Path):
        return _sqlite(source, read_only=read_only)
    parsed = _parsed(source)
    driver = _DRIVERS.get(parsed.drivername) if parsed is not None else None
    if parsed is None or driver is None:
        raise UsageError(
            "this is no address of a results database",
            code="DB_URL_INVALID",
            expected="sqlite:////absolute/path or postgresql://user@host/name",
        )
    if driver == "sqlite":
        return _sqlite(_file_of(parsed), read_only=read_only)
    return _postgresql(parsed.set(drivername=driver))


def new_file(path: Path) -> Engine:
    """Return an engine for a SQLite file that this process alone is making."""
    return _sqlite(path, journal="MEMORY")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Hand out the one transaction that may write; a failure rolls all of it back and is named.

    Raises:
        StoreError: the database refuses.
    """
    with _named(engine), engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Hand out a transaction that sees one state of the database.

    Raises:
        StoreError: the database refuses.
    """
    with _named(engine), engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        yield connection


@contextmanager
def _named(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:
        cause = getattr(error, "orig", error)
        raise StoreError(
            "the results database refuses",
            code="STORE_REFUSED",
            found=f"{type(cause).__name__}{_word_of(cause)}",
            remedy="check that it is reachable, writable and made by this version; nothing was changed",
        ) from error
    finally:
        engine.dispose()


def _word_of(cause: object) -> str:
    """Return the database's own code of an error; its text may quote a row."""
    word = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return f" ({word})" if word else ""


def _parsed(url: str) -> URL | None:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        return None


def _file_of(url: URL) -> Path:
    """Return the file of a SQLite address; one that says more than a file would be misunderstood."""
    name = url.database or ""
    if not Path(name).is_absolute() or "\0" in name or url.query or url.host:
        raise UsageError(
            "the address is not that of a file",
            code="DB_URL_INVALID",
            expected="sqlite:////absolute/path, without options",
        )
    return Path(name)


def _postgresql(url: URL) -> Engine:
    try:
        engine = create_engine(url)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise UsageError(
            "the PostgreSQL driver is not installed",
            code="DB_DRIVER_MISSING",
            remedy="pip install 'mrdkit[postgresql]'",
        ) from None
    event.listen(engine, "connect", _leave_documents_as_text)
    return engine


def _leave_documents_as_text(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's connection
    adapters = connection.adapters
    as_text = adapters.get_loader(adapters.types["text"].oid, 0)
    adapters.register_loader("json", as_text)


def _sqlite(path: Path, *, read_only: bool = False, journal: str = "WAL") -> Engine:
    if read_only and not _is_file(path):
        raise InputError(
            "there is no results database",
            code="FILE_MISSING",
            file=path,
            remedy="run the study first: mrdkit run STUDY -o OUT",
        )
    engine = create_engine(
        URL.create("sqlite", database=str(path.absolute())),
        connect_args={"timeout": _PATIENCE},
    )

    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions begin where we say so
        for pragma in _SAFE:
            connection.execute(f"PRAGMA {pragma}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        else:
            connection.execute(f"PRAGMA page_size={_PAGE}")  # a file that has pages keeps them as they are
            _set_journal(connection, journal)

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have
        return False


def _set_journal(connection: sqlite3.Connection, journal: str) -> None:
    """Set the journal; a file that others are just opening says so, and is asked again."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute(f"PRAGMA journal_mode={journal}")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
