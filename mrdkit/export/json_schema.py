"""The JSON Schema of every output table: one object per row, in the form of the CSV and Parquet files.

Type, unit and codes come from the columns, the meaning from reference/tables/columns.toml.
"""

import json
from collections.abc import Mapping
from functools import cache

from mrdkit.export.columns import TABLES, TABLES_VERSION, Column, Kind
from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.results import Json

__all__ = ["TableTexts", "schema_of", "schema_text", "texts_of"]

_TYPES: Mapping[Kind, str] = {
    "text": "string",
    "number": "number",
    "count": "integer",
    "truth": "boolean",
    "date": "string",
    "list": "string",
}


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ColumnText:
    """What one column means; `unit` of its numbers, `codes` where it has a closed list of words."""

    meaning: str
    unit: str = ""
    codes: tuple[str, ...] = ()


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TableTexts(Rule):
    """Meanings by column, or by `table.column` where a table's differs; `table`: what a row of it is."""

    table: Mapping[str, str]
    column: Mapping[str, ColumnText]


@cache
def _texts() -> TableTexts:
    return read_rule("tables", "columns", TableTexts)


def texts_of(table: str, column: Column) -> ColumnText:
    """Return what a column of a table means.

    Raises:
        KeyError: it is not written down.
    """
    found = _texts().column
    return found.get(f"{table}.{column.name}") or found[column.name]


def schema_of(table: str) -> Json:
    """Return the schema of one row of a table."""
    columns = TABLES[table]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"mrdkit {table}",
        "description": _texts().table[table],
        "version": str(TABLES_VERSION),
        "type": "object",
        "additionalProperties": False,
        "required": [column.name for column in columns],
        "properties": {column.name: _property(table, column) for column in columns},
    }


def schema_text(table: str) -> str:
    """Return the schema as it is written."""
    return json.dumps(schema_of(table), ensure_ascii=False, indent=2) + "\n"


def _property(table: str, column: Column) -> Json:
    text = texts_of(table, column)
    kind = _TYPES[column.kind]
    found: dict[str, Json] = {"description": text.meaning, "type": [kind, "null"]}
    if text.codes:
        found["enum"] = [*text.codes, None]
    if column.kind == "date":
        found["format"] = "date"
    if column.kind == "list":
        found["x-separator"] = "|"
    if text.unit:
        found["x-unit"] = text.unit
    return found
