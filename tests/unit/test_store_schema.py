"""The tables are those of their documentation, and the migrations make exactly these tables."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from postgresql_server import new_database
from sqlalchemy import create_engine
from store_batches import batch, connected

from mrdkit.result_rows import ResultRow
from mrdkit.store import add_to_database, init_database, schema, verify_database
from mrdkit.store.migrate import VERSION_TABLE
from mrdkit.store.versioned import VERSIONED

PAGE = Path(__file__).parents[2] / "docs" / "schema" / f"store-v{schema.STORE_VERSION}.md"
COMMON = ("version", "action", "reason", "content_hash", "batch")


def documented(heading: str) -> list[tuple[str, str]]:
    (section,) = re.findall(
        rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    rows = re.findall(r"^\| (\w+) \| (\w+!?) \| \S.* \|$", section, re.MULTILINE)
    return [(name, kind) for name, kind in rows if name != "column"]


def columns(table: str, names: list[str]) -> list[tuple[str, str]]:
    found = schema.metadata.tables[table].columns
    return [(name, type(found[name].type).__name__ + ("" if found[name].nullable else "!")) for name in names]


@pytest.mark.parametrize("table", sorted(schema.metadata.tables))
def test_every_column_stands_in_the_documentation(table: str) -> None:
    names = [column.name for column in schema.metadata.tables[table].columns]
    if table in VERSIONED:
        names = [name for name in names if name not in COMMON]
    if table == "results":
        names = names[: names.index("subject_id")]
    assert documented(table) == columns(table, names)


@pytest.mark.parametrize("table", sorted(VERSIONED))
def test_every_versioned_table_begins_with_the_documented_columns(table: str) -> None:
    heading = "What every versioned table begins with"
    assert documented(heading) == columns(table, list(COMMON))


def test_the_documentation_knows_no_other_table() -> None:
    headings = re.findall(r"^## ((?:results|audit)\w*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted([*schema.metadata.tables, "results_current"])


def test_the_long_table_ends_with_the_documented_result_columns() -> None:
    names = [column.name for column in schema.results.columns]
    assert names[-len(ResultRow.__dataclass_fields__) :] == list(ResultRow.__dataclass_fields__)


def test_the_migrations_make_these_tables_on_sqlite(tmp_path: Path) -> None:
    init_database(tmp_path / "migrated.sqlite")
    engine = create_engine(f"sqlite:///{tmp_path}/modelled.sqlite")
    schema.metadata.create_all(engine)
    engine.dispose()
    assert table_texts(tmp_path / "migrated.sqlite") == table_texts(tmp_path / "modelled.sqlite")


def table_texts(path: Path) -> dict[str, frozenset[str]]:
    """Return the definitions of each table, in whatever order they stand."""
    connection = sqlite3.connect(path)
    query = "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
    found = {name: frozenset(re.split(r",?\s*\n\s*", sql)) for name, sql in connection.execute(query)}
    connection.close()
    found.pop(VERSION_TABLE, None)
    return found


def test_the_migrations_make_these_tables_on_postgresql(postgresql: str) -> None:
    url = new_database(postgresql)
    init_database(url)
    with connected(url) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, schema.metadata) == []


def test_tables_are_strict_and_have_no_rowid(tmp_path: Path) -> None:
    init_database(tmp_path / "store.sqlite")
    connection = sqlite3.connect(tmp_path / "store.sqlite")
    found = connection.execute(
        "SELECT name, wr, strict FROM pragma_table_list WHERE type = 'table'"
    ).fetchall()
    (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()
    ours = {name: (wr, strict) for name, wr, strict in found if name in schema.metadata.tables}
    assert set(ours) == set(schema.metadata.tables)
    assert set(ours.values()) == {(1, 1)}
    assert journal == "wal"


def _page_size(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (found,) = connection.execute("PRAGMA page_size").fetchone()
    return int(found)


def test_a_new_file_has_large_pages_and_an_older_one_keeps_its_own(tmp_path: Path) -> None:
    new, old = tmp_path / "new.sqlite", tmp_path / "old.sqlite"
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("PRAGMA page_size=4096")
        connection.execute("PRAGMA user_version=1")  # now it has a page
    for path in (new, old):
        assert add_to_database(f"sqlite:///{path}", batch("S1")).batch == 1
        assert verify_database(path).intact
    assert (_page_size(new), _page_size(old)) == (16_384, 4_096)
