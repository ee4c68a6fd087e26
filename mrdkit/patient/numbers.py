"""Plain numbers of a table: finite, not negative, or a named error of the cell."""

import math
from datetime import date

from mrdkit.files import Row

__all__ = ["optional_count", "optional_number", "required_date"]


def optional_number(row: Row, column: str) -> float | None:
    """Return a cell as a finite number of at least zero, or None where it is empty.

    Raises:
        InputError: the cell is anything else.
    """
    text = row.text(column)
    if not text:
        return None
    try:
        number = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0.0):
        raise row.error(
            "the cell is not a number that it can be",
            code="NUMBER_INVALID",
            column=column,
            expected="a number of at least 0, such as 12.5 or 1e-4",
            found=repr(text[:40]),
        )
    return number


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
