"""Cells in canonical JSON, column by column: what rows are hashed as, and what the audit trail shows of them.

The text of a row is the canonical JSON of the object with a member per column. It is put together from the
texts of its cells, so that a cell is turned into text once, whatever it is hashed or shown in.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import Table

from mrdkit.results import Json, as_json
from mrdkit.store.column_types import Bytes, Day, Document, Number, Truth, Whole, Words

__all__ = [
    "Columns",
    "Row",
    "column_names",
    "columns_of",
    "json_of",
    "kind_of",
    "object_text",
    "objects_of",
    "present_of",
    "texts_of",
]

#: A row: column -> cell. A document stands as its canonical text.
Row: TypeAlias = dict[str, Any]
#: Many rows of one table: column -> its cells, or their texts, in the order of the rows.
Columns: TypeAlias = dict[str, list[Any]]


def _day(value: date | str) -> str:
    return f'"{value}"'


def _truth(value: int) -> str:
    return {0: "false", 1: "true"}.get(value, str(value))


def _bytes(value: bytes) -> str:
    return f'"{hashlib.sha256(value).hexdigest()}"'


_TEXT: Mapping[type, Callable[[Any], str]] = {
    Words: encode_basestring,
    Whole: str,
    Number: float.__repr__,
    Truth: _truth,
    Day: _day,
    Document: str,
    Bytes: _bytes,
}


@cache
def column_names(table: Table) -> tuple[str, ...]:
    """Return the names of a table's columns."""
    return tuple(column.name for column in table.columns)


@cache
def kind_of(table: Table, name: str) -> type:
    """Return the type of a column."""
    return type(table.c[name].type)


def columns_of(rows: Sequence[Row], names: Iterable[str]) -> Columns:
    """Return some columns of rows; a column that a row does not name is empty there."""
    wanted = tuple(names)
    found: Iterable[Iterable[Any]]
    try:
        # A getter of two names or more gives a tuple.
        several = rows and wanted[1:]
        found = zip(*map(itemgetter(*wanted), rows), strict=True) if several else _by_name(rows, wanted)
    except KeyError:  # rarely: one cell at a time takes three times as long
        found = _by_name(rows, wanted)
    return dict(zip(wanted, map(list, found), strict=True))


def _by_name(rows: Sequence[Row], names: Iterable[str]) -> list[list[Any]]:
    return [[row.get(name) for row in rows] for name in names]


def texts_of(table: Table, columns: Mapping[str, Sequence[Any]]) -> Columns:
    """Return the text of every cell, in canonical JSON."""
    return {name: _texts(kind_of(table, name), cells) for name, cells in columns.items()}


def _texts(kind: type, cells: Sequence[Any]) -> list[str]:
    text = _TEXT[kind]
    return ["null" if cell is None else text(cell) for cell in cells]


def objects_of(texts: Mapping[str, Sequence[str]], names: Iterable[str]) -> list[str]:
    """Return for each row the canonical object of some columns, from the texts of their cells."""
    ordered = sorted(names)
    frame = "{" + ",".join(f'"{name}":%s' for name in ordered) + "}"
    return [frame % row for row in zip(*(texts[name] for name in ordered), strict=True)]


def present_of(texts: Mapping[str, Sequence[str]], names: Iterable[str]) -> list[str]:
    """Return for each row the canonical object of those of some columns that are not empty."""
    members = (
        [None if text == "null" else f'"{name}":{text}' for text in texts[name]] for name in sorted(names)
    )
    return ["{" + ",".join(filter(None, row)) + "}" for row in zip(*members, strict=True)]


def object_text(table: Table, cells: Mapping[str, Any]) -> str:
    """Return the canonical object of some cells of one row."""
    members = [
        head + ("null" if cells[name] is None else text(cells[name]))
        for name, head, text in _members(table, tuple(cells))
    ]
    return "{" + ",".join(members) + "}"


@cache
def _members(table: Table, names: tuple[str, ...]) -> tuple[tuple[str, str, Callable[[Any], str]], ...]:
    """Return of each column, in canonical order: name, how its member begins, what writes its cells."""
    return tuple((name, f'"{name}":', _TEXT[kind_of(table, name)]) for name in sorted(names))


def json_of(table: Table, name: str, cell: Any) -> Json:  # noqa: ANN401 - of any column
    """Return a cell as a JSON value: a document taken apart."""
    return json.loads(cell) if cell is not None and kind_of(table, name) is Document else as_json(cell)
