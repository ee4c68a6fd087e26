"""The ledger of a run: which task gave which outcome, by the digest of everything the outcome depends on.

Only the parent process writes, one transaction per finished task, so that a killed run loses the tasks that
were under way and nothing else. A failure is written down but tried again by the next run.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from mrdkit.errors import InputError, UsageError
from mrdkit.study.tasks import Failure

__all__ = ["LEDGER", "Ledger", "open_ledger"]

LEDGER = "ledger.sqlite"

_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS outcome (
    key TEXT PRIMARY KEY,
    content BLOB,
    code TEXT,
    place TEXT,
    reason TEXT,
    CHECK ((content IS NULL) = (code IS NOT NULL AND reason IS NOT NULL))
) WITHOUT ROWID
"""


class Ledger:
    """An open ledger; see `open_ledger`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def done(self, keys: Iterable[str]) -> frozenset[str]:
        """Return those of the keys that have an outcome."""
        found = self._connection.execute("SELECT key FROM outcome WHERE content IS NOT NULL")
        return frozenset(keys) & {key for (key,) in found}

    def record(self, key: str, content: bytes) -> None:
        """Write an outcome down, in one transaction."""
        self._write(key, content, None, None, None)

    def record_failure(self, key: str, failure: Failure) -> None:
        """Write a failure down, in one transaction."""
        self._write(key, None, failure.code, failure.place, failure.reason)

    def content(self, key: str) -> bytes | None:
        """Return the outcome of a key, None where there is none."""
        row = self._connection.execute("SELECT content FROM outcome WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def failure(self, key: str) -> Failure | None:
        """Return the failure of a key, None where it did not fail."""
        row = self._connection.execute(
            "SELECT code, place, reason FROM outcome WHERE key = ? AND content IS NULL", (key,)
        ).fetchone()
        return None if row is None else Failure(code=row[0], place=row[1], reason=row[2])

    def _write(self, *values: str | bytes | None) -> None:
        with self._connection:
            self._connection.execute(
                "INSERT INTO outcome VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
                "content = excluded.content, code = excluded.code, "
                "place = excluded.place, reason = excluded.reason",
                values,
            )


@contextmanager
def open_ledger(folder: Path) -> Iterator[Ledger]:
    """Open the ledger of an output folder, alone: no second run may write there at the same time.

    Raises:
        UsageError: another run holds it, or it cannot be written.
        InputError: the file is no ledger of this version.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LEDGER
    try:
        with closing(sqlite3.connect(path, timeout=1.0)) as connection:
            _prepare(connection, path)
            yield Ledger(connection)
    except sqlite3.OperationalError as error:
        raise UsageError(
            "the ledger of finished tasks cannot be written",
            code="OUTPUT_UNWRITABLE",
            file=path,
            found=error.sqlite_errorname,
            remedy="check the permissions and the space left, or name another folder with -o",
        ) from None


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_SCHEMA)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        raise UsageError(
            "another run is writing to this folder",
            code="OUTPUT_IN_USE",
            file=path,
            remedy="wait for it, or name another folder with -o",
        ) from None
    except sqlite3.DatabaseError as error:
        raise _unreadable(path, error.sqlite_errorname) from None
    if version not in (0, _VERSION):
        raise _unreadable(path, f"version {version}")


def _unreadable(path: Path, found: str) -> InputError:
    return InputError(
        "the file is no ledger of this version",
        code="LEDGER_UNREADABLE",
        file=path,
        found=found,
        remedy="remove it: every task is then done again",
    )
