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

_BODY = "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END"
_FUNCTION = f"""\
CREATE OR REPLACE FUNCTION results_append_only() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$"""
#: What PostgreSQL keeps as the type of a trigger: 2 before, 1 each row, 8 DELETE, 16 UPDATE, 32 TRUNCATE.
_TYPES = {"update": 2 + 1 + 16, "delete": 2 + 1 + 8, "truncate": 2 + 32}
_TRIGGERS = """\
SELECT t.tgname, c.relname, t.tgtype, p.prosrc
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr::text = ''
AND pg_table_is_visible(c.oid)"""


def guard(connection: Connection, tables: tuple[str, ...]) -> None:
    """Put the guards before tables."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_FUNCTION))
    for name in tables:
        made = _for_sqlite if connection.dialect.name == "sqlite" else _for_postgresql
        for _, statement in made(schema.metadata.tables[name]):
            connection.execute(text(statement))


def lost_guards(connection: Connection) -> tuple[str, ...]:
    """Return the names of guards that are not there as they were made, or that are switched off."""
    lost = _lost_on_sqlite if connection.dialect.name == "sqlite" else _lost_on_postgresql
    return tuple(lost(connection))


def _lost_on_sqlite(connection: Connection) -> Iterator[str]:
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    found = {row.name: row.sql for row in connection.execute(text(query))}
    for table in schema.metadata.sorted_tables:
        for name, statement in _for_sqlite(table):
            if found.get(name) != statement:
                yield name


def _lost_on_postgresql(connection: Connection) -> Iterator[str]:
    found = {tuple(row) for row in connection.execute(text(_TRIGGERS))}
    for table in schema.metadata.sorted_tables:
        for verb, kind in _TYPES.items():
            name = f"{table.name}_no_{verb}"
            if (name, table.name, kind, _BODY) not in found:
                yield name


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
