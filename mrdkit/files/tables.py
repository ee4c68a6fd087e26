"""Hand-made CSV tables: what the laboratory wrote, cell by cell, as text.

Nothing is converted here: `<5`, `0-1` and `0.30` mean different things to different readers, and a float
would have lost them. Extra columns are kept; a missing required column is an error that names it.
"""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from mrdkit.errors import InputError
from mrdkit.files.content import read_content

__all__ = ["Row", "Table", "read_table"]

_LARGEST_TABLE = 512 * 1024 * 1024  # bytes
_LONGEST_HEADER = 1024 * 1024  # characters, in which a separator is looked for
_LARGEST_NUMBER = 1e100  # beyond anything measured; squares and sums of such numbers stay finite
_MOST_DIGITS = 18  # of a count; it has to fit 64 bits
_OTHER_SEPARATORS = ";\t|"  # of cells, in files that are no CSV


class Row(NamedTuple):
    """One line of a table.

    Attributes:
        file: the table's path as the user gave it.
        number: line of the file on which the row ends, the header being line 1.
        cells: column name -> text without surrounding blanks; every column is present.
    """

    file: str
    number: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Return a cell's text, empty where the column is absent."""
        return self.cells.get(column, "")

    def required(self, column: str) -> str:
        """Return a cell's text.

        Raises:
            InputError: the cell is empty.
        """
        text = self.text(column)
        if not text:
            raise self.error("a required cell is empty", code="CELL_EMPTY", column=column)
        return text

    def date(self, column: str) -> date | None:
        """Return a cell as a date, or None where it is empty.

        Raises:
            InputError: the cell is not an ISO 8601 date.
        """
        text = self.text(column)
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise self.error(
                "the cell is not a date",
                code="DATE_INVALID",
                column=column,
                expected="an ISO 8601 date such as 2024-03-31",
                found=repr(text[:40]),
            ) from None

    def count(self, column: str) -> int:
        """Return a cell as a whole number of at least zero.

        Raises:
            InputError: the cell is empty, negative or not a whole number.
        """
        text = self.required(column)
        if not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS:
            raise self.error(
                "the cell is not a count",
                code="COUNT_INVALID",
                column=column,
                expected=f"a whole number of at least 0, of at most {_MOST_DIGITS} digits",
                found=repr(text[:40]),
            )
        return int(text)

    def decimal(
        self, column: str, *, at_least: float = -_LARGEST_NUMBER, at_most: float = _LARGEST_NUMBER
    ) -> float:
        """Return a cell as a finite number, such as `12.5` or `1e-4`.

        Raises:
            InputError: the cell is empty or anything else, or the number is out of bounds.
        """
        text = self.required(column)
        try:
            number = float(text) if text.isascii() and "_" not in text else math.nan
        except ValueError:
            number = math.nan
        if not at_least <= number <= at_most:
            raise self.error(
                "the cell is not a number that it can be",
                code="NUMBER_INVALID",
                column=column,
                expected=f"a number from {at_least:g} to {at_most:g}, such as 0.5 or 1e-4",
                found=repr(text[:40]),
            )
        return number

    def error(
        self,
        what: str,
        *,
        code: str,
        column: str,
        expected: str | None = None,
        found: str | None = None,
        remedy: str | None = None,
    ) -> InputError:
        """Return a named error that points at one cell of this row."""
        return InputError(
            what,
            code=code,
            file=self.file,
            place=f"row {self.number}, column {column}",
            expected=expected,
            found=found,
            remedy=remedy,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it was written: its columns in order and its rows in order."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path, *, required: Sequence[str], separators: str = ",") -> Table:
    """Read a UTF-8 CSV with a header, plain or gzip-compressed.

    A byte order mark, empty lines, the header once more (tables put end to end), and what spreadsheets add
    are allowed: cells without text under no column name, behind the last one. Of several separators, the one
    that finds the required columns counts.

    Raises:
        InputError: unreadable, not UTF-8, no header, a repeated or missing column, or a row with more or
            fewer cells than the header.
    """
    text = _text_of(path)
    mark = _separator(text, separators, required)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=mark)
    try:
        filled = (cells for cells in reader if any(map(str.strip, cells)))
        header = next(filled, [])
        columns = _without_empty_end([name.strip() for name in header])
        _check_columns(path, columns, required)
        file = str(path)
        rows = tuple([_row(file, reader.line_num, columns, cells) for cells in filled if cells != header])
    except csv.Error as error:
        raise InputError(
            "the table is not valid CSV",
            code="TABLE_INVALID",
            file=path,
            place=f"row {reader.line_num}",
            found=str(error),
            remedy="check the quotation marks",
        ) from None
    return Table(file=str(path), columns=columns, rows=rows)


def _text_of(path: Path) -> str:
    content = read_content(path, at_most=_LARGEST_TABLE, too_large="TABLE_TOO_LARGE")
    if (zero := content.find(b"\0")) >= 0:
        raise _no_text(path, zero)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_text(path, error.start) from None


def _separator(text: str, separators: str, required: Sequence[str]) -> str:
    """Return the separator whose header has most required columns, then most columns; else the first."""

    def worth(mark: str) -> tuple[int, int]:
        names = _header(text, mark)
        return len(names & set(required)), len(names)

    return max(separators, key=worth) if len(separators) > 1 else separators


def _header(text: str, mark: str) -> set[str]:
    reader = csv.reader(io.StringIO(text[:_LONGEST_HEADER], newline=""), strict=True, delimiter=mark)
    try:
        return {name.strip() for name in next((cells for cells in reader if any(cells)), [])}
    except csv.Error:
        return set()


def _no_text(path: Path, byte: int) -> InputError:
    return InputError(
        "the table is not UTF-8 text",
        code="TABLE_NOT_TEXT",
        file=path,
        place=f"byte {byte}",
        remedy="save it as CSV UTF-8",
    )


def _without_empty_end(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the cells up to the last one that has text."""
    filled = [number for number, cell in enumerate(cells, start=1) if cell.strip()]
    return tuple(cells[: filled[-1]]) if filled else ()


def _check_columns(path: Path, columns: tuple[str, ...], required: Sequence[str]) -> None:
    if not columns:
        raise InputError(
            "the table is empty",
            code="TABLE_EMPTY",
            file=path,
            expected="a header with the columns " + ", ".join(required),
        )
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    missing = [name for name in required if name not in columns]
    if repeated:
        raise InputError(
            "a column name stands twice",
            code="COLUMN_REPEATED",
            file=path,
            place="header",
            found=", ".join(name or "an empty name" for name in repeated),
            remedy="keep one of them",
        )
    if missing:
        raise InputError(
            "a required column is missing",
            code="COLUMN_MISSING",
            file=path,
            place="header",
            expected=", ".join(missing),
            found=", ".join(columns),
            remedy=_remedy_of(columns),
        )


def _remedy_of(columns: tuple[str, ...]) -> str:
    if len(columns) == 1 and any(mark in columns[0] for mark in _OTHER_SEPARATORS):
        return "save the table with commas between the cells"
    return "add the column, its cells may be empty where nothing is known, or correct its name"


def _row(file: str, number: int, columns: tuple[str, ...], cells: Sequence[str]) -> Row:
    if len(cells) > len(columns) and not any(map(str.strip, cells[len(columns) :])):
        cells = cells[: len(columns)]
    if len(cells) != len(columns):
        raise InputError(
            "a row does not have the header's number of cells",
            code="ROW_LENGTH",
            file=file,
            place=f"row {number}",
            expected=f"{len(columns)} cells",
            found=f"{len(cells)}",
            remedy="quote cells that hold the separator",
        )
    return Row(file=file, number=number, cells=dict(zip(columns, map(str.strip, cells), strict=True)))
