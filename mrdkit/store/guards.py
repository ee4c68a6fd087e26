"""What the database itself refuses: to change or remove a row, by whatever program it is asked.

A trigger stands before every UPDATE and DELETE. REPLACE is an insert that removes: SQLite fires no DELETE
trigger for it unless the connection asks for recursive triggers, so an INSERT whose key is there is refused
as well. Tables of results and audit have no rowid by which a row could be replaced.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, Table, text

from mrdkit.store import schema

__all__ = ["CURRENT_VIEW", "guard", "lost_guards"]

#: What is valid now: the last version of each result, without the deleted ones.
CURRENT_VIEW = """\
CREATE VIEW results_current AS
SELECT * FROM results AS one
WHERE one.action <> 'delete'
AND NOT EXISTS (SELECT 1 FROM results AS later
                WHERE later.result_id = one.result_id AND later.version > one.version)"""

_FUNCTION = """\
CREATE OR REPLACE FUNCTION results_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"""


def guard(connection: Connection, tables: tuple[str, ...]) -> None:
    """Put the guards before tables."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_FUNCTION))
    for name in tables:
        for statement in _statements(connection, schema.metadata.tables[name]).values():
            connection.execute(text(statement))


def lost_guards(connection: Connection) -> tuple[str, ...]:
    """Return the names of guards that are not there as they were made, or that are switched off."""
    expected = {
        name: statement
        for table in schema.metadata.sorted_tables
        for name, statement in _statements(connection, table).items()
    }
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        found = {row.name: row.sql for row in connection.execute(text(query))}
        return tuple(name for name, statement in expected.items() if found.get(name) != statement)
    query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    enabled = set(connection.execute(text(query)).scalars())
    return tuple(name for name in expected if name not in enabled)


def _statements(connection: Connection, table: Table) -> dict[str, str]:
    made = _for_sqlite if connection.dialect.name == "sqlite" else _for_postgresql
    return dict(made(table))


def _for_sqlite(table: Table) -> Iterator[tuple[str, str]]:
    refused = f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
    for verb in ("update", "delete"):
        name = f"{table.name}_no_{verb}"
        yield name, f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table.name} {refused}"
    same = " AND ".join(f"{column.name} = NEW.{column.name}" for column in table.primary_key)
    name = f"{table.name}_no_replace"
    there = f"WHEN EXISTS (SELECT 1 FROM {table.name} WHERE {same})"  # noqa: S608 - our own names
    yield name, f"CREATE TRIGGER {name} BEFORE INSERT ON {table.name} {there} {refused}"


def _for_postgresql(table: Table) -> Iterator[tuple[str, str]]:
    for verb, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
        name = f"{table.name}_no_{verb}"
        when = f"BEFORE {verb.upper()} ON {table.name} FOR EACH {each}"
        yield name, f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION results_append_only()"
