"""Make the tables of a new database, bring those of an older one up to date, refuse those of a newer one."""

from collections.abc import Iterable

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from mrdkit.errors import StoreError, UsageError
from mrdkit.store import schema

__all__ = ["VERSION_TABLE", "grant_ingest", "has_tables", "prepare", "require_current", "upgrade"]

VERSION_TABLE = "results_schema_version"


def prepare(connection: Connection) -> None:
    """Make the tables where the database is empty, and otherwise ask for those of this version.

    Raises:
        StoreError: the tables are of another version.
    """
    if has_tables(connection):
        require_current(connection)
    else:
        upgrade(connection)


def upgrade(connection: Connection) -> str:
    """Bring the tables to this version, in the caller's transaction; return the version.

    Raises:
        StoreError: they are of a version that this software does not know.
    """
    config = _config(connection)
    scripts = ScriptDirectory.from_config(config)
    found = _revision(connection)
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise _other_version(found)
    command.upgrade(config, "head")
    return str(scripts.get_current_head())


def require_current(connection: Connection) -> None:
    """Refuse tables of another version.

    Raises:
        StoreError: the message says how to bring them up to date.
    """
    found = _revision(connection)
    if found is None and not has_tables(connection):
        raise StoreError(
            "the database holds no results yet",
            code="STORE_EMPTY",
            remedy="mrdkit db init makes its tables, mrdkit db ingest adds the results of a run",
        )
    if found != ScriptDirectory.from_config(_config(connection)).get_current_head():
        raise _other_version(found)


def has_tables(connection: Connection) -> bool:
    """Tell whether the database has any table of ours."""
    ours = {*schema.metadata.tables, VERSION_TABLE}
    return not ours.isdisjoint(inspect(connection).get_table_names())


def grant_ingest(connection: Connection, role: str) -> None:
    """Let a role of PostgreSQL read and add rows, and nothing else; make it where it is not there.

    Raises:
        UsageError: the database has no roles, or this is no name of one.
    """
    if connection.dialect.name != "postgresql":
        raise UsageError(
            "only PostgreSQL has roles", code="DB_ROLE_UNKNOWN", remedy="leave --ingest-role out"
        )
    if not role.isidentifier():
        raise UsageError(
            "this is no name of a role",
            code="DB_ROLE_INVALID",
            expected="letters, digits and _",
            found=role[:60],
        )
    there = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first()
    name = connection.dialect.identifier_preparer.quote(role)
    if there is None:
        connection.execute(text(f"CREATE ROLE {name} NOLOGIN"))
    for statement in _grants(name, (table.name for table in schema.metadata.sorted_tables)):
        connection.execute(text(statement))


def _grants(role: str, tables: Iterable[str]) -> Iterable[str]:
    names = ", ".join(sorted(tables))
    yield f"REVOKE ALL ON {names} FROM {role}"
    yield f"GRANT SELECT, INSERT ON {names} TO {role}"
    yield f"GRANT SELECT ON results_current, {VERSION_TABLE} TO {role}"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "mrdkit.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _other_version(found: str | None) -> StoreError:
    return StoreError(
        "the results database has tables of another version",
        code="STORE_VERSION",
        found=found or "no version",
        remedy="mrdkit db init brings older ones up to date; newer ones need a newer mrdkit",
    )
