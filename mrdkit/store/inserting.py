"""Many rows into one table, by what the driver is fast at: one prepared statement, or COPY on PostgreSQL.

Values are turned by the columns' own types; SQLAlchemy's way through every single row takes twice the time.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, Dialect, Table

from mrdkit.store.rows import Row

__all__ = ["column_names", "insert_rows", "key_names"]

_Turn: TypeAlias = Callable[[Any], Any] | None


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; a column that a row does not name stays empty."""
    if not rows:
        return
    names = column_names(table)
    turns = [_turn(column.type, connection.dialect) for column in table.columns]
    pairs = list(zip(names, turns, strict=True))
    values = (
        tuple(row.get(name) if turn is None else turn(row.get(name)) for name, turn in pairs) for row in rows
    )
    columns = ", ".join(f'"{name}"' for name in names)
    if connection.dialect.name == "postgresql":
        _copy(connection, f'COPY "{table.name}" ({columns}) FROM STDIN', values)
    else:
        marks = ", ".join("?" * len(names))
        statement = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'  # noqa: S608 - our own names
        connection.exec_driver_sql(statement, list(values))


def _copy(connection: Connection, statement: str, values: Iterable[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for one in values:
            copy.write_row(one)


@cache
def column_names(table: Table) -> tuple[str, ...]:
    """Return the names of a table's columns."""
    return tuple(column.name for column in table.columns)


@cache
def key_names(table: Table) -> tuple[str, ...]:
    """Return the names of a table's primary key."""
    return tuple(column.name for column in table.primary_key)


def _turn(kind: Any, dialect: Dialect) -> _Turn:  # noqa: ANN401 - a type of any column
    turn: _Turn = kind.dialect_impl(dialect).bind_processor(dialect)
    return turn
