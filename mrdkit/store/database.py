"""Where results are kept: a SQLite file made whole for each run, or a database that results are added to.

Both are filled by the same ingest. The file of a run is made beside its place from sorted rows and renamed:
the same study gives the same bytes, so its audit trail holds no clock and no person. A database only grows;
no stored value changes without a reason given by a person.
"""

import getpass
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from mrdkit.errors import StoreError, UsageError
from mrdkit.store.audit import Stamp
from mrdkit.store.contents import Contents
from mrdkit.store.engine import Source, engine_of, new_file, reading, writing
from mrdkit.store.ingest import Ingested, ingest
from mrdkit.store.migrate import grant_ingest, prepare, require_current, upgrade
from mrdkit.store.reading import read_contents
from mrdkit.store.verify import Verification, verify
from mrdkit.version import __version__

__all__ = ["DATABASE", "add_to_database", "ingest_run", "init_database", "verify_database", "write_database"]

#: Name of the file in a run's output folder.
DATABASE = "results.sqlite"
_TOOL = f"mrdkit {__version__}"
_LONGEST = 2_000  # characters of a reason or a name


def write_database(path: Path, contents: Contents) -> None:
    """Write a SQLite file with everything in `contents`, whole or not at all.

    Raises:
        BatchError: a row does not fit the tables.
        StoreError: the database refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        with writing(new_file(partial)) as connection:
            prepare(connection)
            ingest(connection, contents, Stamp(who="mrdkit run", at=None, reason=None, tool=_TOOL))
        partial.chmod(0o644)
        _flush(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def add_to_database(
    url: Source,
    contents: Contents,
    *,
    reason: str | None = None,
    who: str | None = None,
    retract: bool = False,
) -> Ingested:
    """Add what is missing to a database, all of it or nothing.

    Args:
        url: `sqlite:////absolute/path` or `postgresql://...`, or the path of a SQLite file;
            the tables are made where it is empty.
        contents: one batch; results that the database has with the same content are left alone.
        reason: why stored values change; without one a change is refused.
        who: adds them; the name of the account where not given.
        retract: give results of these subjects that the batch has no longer a tombstone; needs a reason.

    Raises:
        UsageError: the address is not one of these, its driver is not installed, or the account has no
            name.
        BatchError: a row does not fit the tables; nothing was changed.
        StoreError: a stored value would change without a reason, or the database refuses; nothing was
            changed.
    """
    engine = engine_of(url)
    stamp = Stamp(who=_who(who), at=_now(), reason=_reason(reason), tool=_TOOL)
    with writing(engine) as connection:
        prepare(connection)
        return ingest(connection, contents, stamp, retract=retract)


def ingest_run(
    out: Path,
    url: Source,
    *,
    reason: str | None = None,
    who: str | None = None,
    retract: bool = False,
    study_id: str | None = None,
) -> Ingested:
    """Add the results of a run to a database, after its own file was found to be as the run wrote it.

    Args:
        out: output folder of a run, or its `results.sqlite`.
        url: the database.
        reason: as of `add_to_database`, as the others.
        who: adds them.
        retract: mark what the run has no longer as deleted.
        study_id: the study, where the file holds several.

    Raises:
        InputError: there are no results, or they are of another version.
        StoreError: the file was changed after the run, a value would change without a reason, or the database
            refuses; nothing was changed.
    """
    path = out / DATABASE if out.is_dir() else out
    found = verify_database(path)
    if not found.intact:
        raise StoreError(
            f"the results were changed after the run: {found.message}",
            code="AUDIT_BROKEN",
            file=path,
            place=found.table,
            remedy="run the study again: mrdkit run STUDY -o OUT",
        )
    contents = read_contents(path, study_id=study_id)
    return add_to_database(url, contents, reason=reason, who=who, retract=retract)


def init_database(url: Source, *, ingest_role: str | None = None) -> str:
    """Make the tables, or bring them up to date; return their version.

    Args:
        url: the database.
        ingest_role: PostgreSQL role that is let read and add rows, and nothing else.

    Raises:
        UsageError: the address or the role is none.
        StoreError: the database refuses, or has tables of a version not known here.
    """
    with writing(engine_of(url)) as connection:
        version = upgrade(connection)
        if ingest_role is not None:
            grant_ingest(connection, ingest_role)
        return version


def verify_database(source: Source, *, head: str | None = None) -> Verification:
    """Recompute the audit trail of a database; see `verify`.

    Raises:
        InputError: there is no such file.
        StoreError: it cannot be read, or has tables of another version.
    """
    with reading(engine_of(source, read_only=True)) as connection:
        require_current(connection)
        return verify(connection, head=head)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _who(who: str | None) -> str:
    try:
        name = getpass.getuser() if who is None else who.strip()
    except (KeyError, OSError):
        name = ""
    if not name or len(name) > _LONGEST or not name.isprintable():
        raise UsageError(
            "the audit trail needs the name of who adds results",
            code="DB_USER_MISSING",
            remedy="--user NAME or MRDKIT_USER",
        )
    return name


def _reason(reason: str | None) -> str | None:
    if reason is None:
        return None
    text = reason.strip()
    if not text or len(text) > _LONGEST or "\0" in text:
        raise UsageError(
            "this is no reason",
            code="REASON_INVALID",
            expected=f"a sentence of at most {_LONGEST} characters",
        )
    return text


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
