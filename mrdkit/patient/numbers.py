"""Plain numbers of a table: finite, not negative, or a named error of the cell."""

from datetime import date

from mrdkit.files import Row

__all__ = ["optional_count", "optional_number", "required_date"]


def optional_number(row: Row, column: str) -> float | None:
    """Return a cell as a finite number of at least zero, or None where it is empty.

    Raises:
        InputError: the cell is anything else.
    """
    return row.decimal(column, at_least=0.0) if row.text(column) else None


def optional_count(row: Row, column: str) -> int | None:
    """Return a cell as a whole number of at least zero, or None where it is empty.

    Raises:
        InputError: the cell is anything else.
    """
    return row.count(column) if row.text(column) else None


def required_date(row: Row, column: str) -> date:
    """Return a cell as a date.

    Raises:
        InputError: the cell is empty or no ISO 8601 date.
    """
    found = row.date(column)
    if found is None:
        raise row.error("a required cell is empty", code="CELL_EMPTY", column=column)
    return found
