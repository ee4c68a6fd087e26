"""What the cells of a sequence table mean: words, whole numbers, real numbers, or nothing.

A cell that says nothing (empty, `NA`, `null`, `no data` ...) is no value; a cell that says something else
than its column must hold is an error that names the line. Nothing is ever rounded or guessed.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.ngs.source import TableHead
from mrdkit.ngs.table import Coded, RawTable

__all__ = ["LARGEST_COUNT", "Cells", "said"]

LARGEST_COUNT = 10**10  # templates or reads of one row; their sum stays far below 64 bits

_LARGEST_INDEX = 2**31 - 1
_NOT_A_NUMBER = float("nan")
_NOT_SAID = frozenset(
    {"", "na", "n/a", "nan", "null", "none", "unresolved", "no data", "unknown", "not available"}
)
_TRUE = frozenset({"t", "true", "1"})
_FALSE = frozenset({"f", "false", "0"})

T = TypeVar("T")


def said(text: str) -> str | None:
    """Return what a cell says, None where it says nothing."""
    text = text.strip()
    return None if text.casefold() in _NOT_SAID else text


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """The cells of one table, with where they stand."""

    head: TableHead
    raw: RawTable

    def words(self, column: str | None) -> Coded[str | None]:
        """Return the words of a column; none where the table lacks it."""
        return self._read(column, lambda text: text, None, "text")

    def truths(self, column: str | None) -> Coded[bool | None]:
        """Return T or F."""
        return self._read(column, _truth, None, "T or F, or nothing")

    def reals(self, column: str | None) -> Coded[float]:
        """Return numbers, NaN where nothing is said."""
        return self._read(column, _real, _NOT_A_NUMBER, "a number, or nothing")

    def indexes(self, column: str | None, missing: int) -> NDArray[np.int32]:
        """Return (n_rows,) whole numbers, of any sign."""
        found = self._read(column, _index, missing, "a whole number, or nothing")
        return found.array(np.int32)

    def counts(self, column: str) -> Coded[int | None]:
        """Return whole numbers of at least 0."""
        return self._read(column, _count, None, "a whole number, at least 0")

    def invalid(self, column: str, row: int, expected: str) -> InputError:
        """Return the error for a cell that its column must not hold."""
        return InputError(
            "a cell does not hold what its column must hold",
            code="CELL_INVALID",
            file=self.head.path,
            place=f"line {self.head.n_lines + row + 1}, column {column}",
            expected=expected,
        )

    def _read(
        self, column: str | None, meaning: Callable[[str], T | None], nothing: T, expected: str
    ) -> Coded[T]:
        """Return what each text means; `meaning` returns None for a text that may not stand here."""
        if column is None:
            return Coded(codes=np.zeros(self.raw.n_rows, dtype=np.uint16), values=(nothing,))
        cells = self.raw.cells[column]
        wrong: list[int] = []
        values: list[T] = []
        for number, text in enumerate(cells.values):
            words = said(self._decoded(text, column, number))
            value = nothing if words is None else meaning(words)
            if words is not None and value is None:
                wrong.append(number)
            values.append(nothing if value is None else value)
        if wrong:
            raise self.invalid(column, min(map(cells.first_row, wrong)), expected)
        return Coded(codes=cells.codes, values=tuple(values))

    def _decoded(self, text: bytes, column: str, number: int) -> str:
        try:
            return text.decode("utf-8")
        except UnicodeDecodeError:
            row = self.raw.cells[column].first_row(number)
            raise InputError(
                "the table cannot be read as text",
                code="TABLE_INVALID",
                file=self.head.path,
                place=f"line {self.head.n_lines + row + 1}, column {column}",
                expected="UTF-8 text, tab-separated",
            ) from None


def _truth(text: str) -> bool | None:
    if text.casefold() in _TRUE:
        return True
    return False if text.casefold() in _FALSE else None


def _real(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def _index(text: str) -> int | None:
    value = _real(text)
    return int(value) if value is not None and value.is_integer() and abs(value) < _LARGEST_INDEX else None


def _count(text: str) -> int | None:
    """Return a whole number; `5.0` is one, and nothing is ever rounded."""
    value = _real(text)
    return int(value) if value is not None and value.is_integer() and 0 <= value <= LARGEST_COUNT else None
