"""Cells of trial formats: numbers without an exponent, text of printable ASCII, cells safe in a spreadsheet.

A spreadsheet runs a cell that begins with = + - @, a tab or a carriage return as a formula. Only files that
are meant for one are escaped; machines read values as they are. Source: platform facts, security.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["FORMULA_SIGNS", "Note", "ascii_text", "number_text", "spreadsheet_cell", "spreadsheet_row"]

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One value that a format could not carry as it was, or does not have.

    Attributes:
        place: data set and variable, or file and column.
        code: stable UPPER_SNAKE name.
        message: what was found and what was written.
    """

    place: str
    subject_id: str
    code: str
    message: str


def number_text(value: float) -> str:
    """Return every digit of a number, without exponent.

    >>> number_text(3e-05), number_text(120.0)
    ('0.00003', '120')
    """
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0") if "." in text else text


def ascii_text(text: str) -> str:
    r"""Return text in printable ASCII; what is not becomes `\xNN`, `\uNNNN`, and can be read back.

    >>> ascii_text("Zyklus 1 \u2013 Tag 28")
    'Zyklus 1 \\u2013 Tag 28'
    """
    return text.encode("unicode_escape").decode("ascii").replace("\x7f", r"\x7f")


def spreadsheet_cell(text: str) -> str:
    """Return a text cell that a spreadsheet shows instead of running it.

    >>> spreadsheet_cell("=cmd()")
    "'=cmd()"
    """
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def spreadsheet_row(cells: Iterable[object]) -> list[object]:
    """Return one row for a spreadsheet; numbers stay numbers."""
    return [spreadsheet_cell(cell) if isinstance(cell, str) else cell for cell in cells]
