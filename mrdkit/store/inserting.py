"""Many rows into one table, by what the driver is fast at: one prepared statement, or COPY on PostgreSQL.

Cells go in column by column, turned by the column's own type; SQLAlchemy's way through every single row takes
several times as long.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Table

__all__ = ["insert_columns"]


def insert_columns(connection: Connection, table: Table, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert the rows that these columns make up."""
    names = ", ".join(f'"{name}"' for name in columns)
    turned = (_turned(table.c[name].type, connection.dialect, cells) for name, cells in columns.items())
    rows = zip(*turned, strict=True)
    if connection.dialect.name == "postgresql":
        _copy(connection, f'COPY "{table.name}" ({names}) FROM STDIN', rows)
    else:
        marks = ", ".join("?" * len(columns))
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608 - our own names
        driver: Any = connection.connection.driver_connection
        driver.executemany(statement, rows)


def _turned(kind: Any, dialect: Dialect, cells: Sequence[Any]) -> Iterable[Any]:  # noqa: ANN401 - any type
    turn = kind.dialect_impl(dialect).bind_processor(dialect)
    return cells if turn is None else map(turn, cells)


def _copy(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
