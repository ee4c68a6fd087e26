"""Columns of a sequence table, read in one pass: sequences end to end, every other cell as one of few texts.

Every row must have one field per column name: a row with more or fewer is a damaged file, never a shorter
sample. Cells are kept as distinct texts and a number per row, so that what a text means is decided once for
each text, however many rows hold it. Empty lines may stand at the end only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from mrdkit._ext import table as kernel
from mrdkit.errors import InputError
from mrdkit.ngs.source import PADDING, TableHead, TableText

__all__ = ["LONGEST_SEQUENCE", "Coded", "RawTable", "read_columns"]

LONGEST_SEQUENCE = 10_000  # nucleotides

_ROWS_AT_ONCE = 8192
_MOST_ROWS = 2**31 - 2
_FIRST_TEXTS = 512
_FIRST_POOL = 16 * 1024  # bytes
_FIRST_BASES = 1024**2
_ROOM = 1.05  # for a rest of the file whose sequences are longer than the first ones
_LARGEST_POOL = 1024**3  # bytes of distinct texts in a column
_SMALL_CODES = 2**16
_EMPTY_LINES = b"\r\n"

T = TypeVar("T")
U = TypeVar("U")
Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coded(Generic[T]):
    """One value per row: row i has values[codes[i]].

    Attributes:
        codes: (n_rows,) small whole numbers.
        values: distinct ones in the order in which they first appear; `None` says nothing.
    """

    codes: NDArray[Any] = field(repr=False)
    values: tuple[T, ...]

    def at(self, row: int) -> T:
        """Return the value of a row."""
        return self.values[int(self.codes[row])]

    def array(self, dtype: type[Number]) -> NDArray[Number]:
        """Return (n_rows,) values of numbers."""
        of_values = np.array(self.values, dtype=dtype)
        return np.asarray(of_values[self.codes] if len(self.codes) else of_values[:0], dtype=dtype)

    def mapped(self, meaning: Callable[[T], U]) -> "Coded[U]":
        """Return what each value means."""
        return Coded(codes=self.codes, values=tuple(meaning(value) for value in self.values))

    def first_row(self, value: int) -> int:
        """Return the first row that has the value of this number."""
        return int(np.argmax(self.codes == value))

    def taken(self, rows: NDArray[np.int64]) -> "Coded[T]":
        """Return the values of these rows."""
        return Coded(codes=self.codes[rows], values=self.values)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawTable:
    """What a table says, its cells not yet read as anything but text.

    Attributes:
        n_rows: rows of the table.
        bases: letters A, C, G, T, N of all sequences end to end.
        offsets: (n_rows + 1,) where each begins, and the end of the last.
        cells: column name -> its texts.
    """

    n_rows: int
    bases: NDArray[np.uint8] = field(repr=False)
    offsets: NDArray[np.int64] = field(repr=False)
    cells: Mapping[str, Coded[bytes]] = field(repr=False)


def read_columns(text: TableText, *, sequence: str, columns: Sequence[str]) -> RawTable:
    """Read some columns of a table, and prove that every row is whole.

    Args:
        text: the open table.
        sequence: column of nucleotides.
        columns: the other columns to read, each in the table.

    Raises:
        InputError: a column name stands twice, a row is not whole, or a cell is no sequence.
    """
    _check_names(text.head)
    texts = {name: _Texts(text.head) for name in columns}
    sequences = _Sequences(text.head, sequence)
    reading = _Reading(text.head, {sequence: sequences, **texts})
    for buffer, stop in text.blocks():
        reading.add(buffer, stop)
        sequences.expect(text.unread / stop)
    bases, offsets = sequences.finished()
    return RawTable(
        n_rows=reading.n_rows,
        bases=bases,
        offsets=offsets,
        cells={name: texts.pop(name).finished() for name in columns},
    )


class _Reader(Protocol):
    """Takes the cells of one column, some rows at a time; `row` is the first of them."""

    def add(
        self, text: NDArray[np.uint8], begins: NDArray[np.int32], ends: NDArray[np.int32], row: int
    ) -> None: ...


class _Reading:
    """The rows of a table that were read so far."""

    def __init__(self, head: TableHead, readers: Mapping[str, _Reader]) -> None:
        columns = head.columns
        names = [name for name in columns if name in readers]
        numbers = [columns.index(name) for name in names]
        ends = {number + 1: i for i, number in enumerate(numbers) if number + 1 < len(columns)}
        begins = {number: i for i, number in enumerate(numbers) if number > 0}
        tabs = [[tab, ends.get(tab, -1), begins.get(tab, -1)] for tab in sorted({*ends, *begins})]
        bounds = [0, int(0 in numbers), int(len(columns) - 1 in numbers)]
        self.n_rows = 0
        self._head = head
        self._readers = [readers[name] for name in names]
        self._tabs = np.array([*tabs, bounds], dtype=np.int32)
        self._begins = np.zeros((len(names), _ROWS_AT_ONCE), dtype=np.int32)
        self._ends = np.zeros_like(self._begins)
        self._ended = False

    def add(self, buffer: NDArray[np.uint8], stop: int) -> None:
        """Read the rows of one block."""
        position = 0
        while position < stop:
            text = buffer[position : stop + PADDING]
            n, used = kernel.split_rows(
                text, stop - position, len(self._head.columns), self._tabs, self._begins, self._ends
            )
            if n == 0 or self._ended:
                self._check_end(buffer[position:stop])
                return
            for i, reader in enumerate(self._readers):
                reader.add(text, self._begins[i, :n], self._ends[i, :n], self.n_rows)
            self.n_rows += n
            position += used
        if self.n_rows > _MOST_ROWS:
            raise _too_large(self._head, f"at most {_MOST_ROWS} rows")

    def _check_end(self, rest: NDArray[np.uint8]) -> None:
        """Accept empty lines where nothing else follows; anything else is a row that is not whole."""
        if rest.tobytes().strip(_EMPTY_LINES):
            raise InputError(
                "a row is not whole: it has more or fewer fields than the column names",
                code="ROW_TRUNCATED",
                file=self._head.path,
                place=f"line {self._head.n_lines + self.n_rows + 1}",
                expected=f"{len(self._head.columns)} fields",
                remedy="transfer the file again",
            )
        self._ended = True


class _Growing:
    """An array that grows; large pieces of memory go back to the system, many small ones would not."""

    def __init__(self, size: int, dtype: type[np.generic]) -> None:
        self._values: NDArray[Any] = np.empty(size, dtype=dtype)
        self.used = 0

    def reserve(self, size: int) -> None:
        """Make room for so many values in all."""
        if size > len(self._values):
            larger = np.empty(size, dtype=self._values.dtype)
            larger[: self.used] = self.values
            self._values = larger

    def free(self, n: int) -> NDArray[Any]:
        """Return room for `n` further values."""
        if self.used + n > len(self._values):
            self.reserve(max(self.used + n, 2 * len(self._values)))
        return self._values[self.used : self.used + n]

    def add(self, values: NDArray[Any]) -> None:
        """Add values; the array takes their type where they need a larger one."""
        if values.dtype.itemsize > self._values.dtype.itemsize:
            self._values = self._values.astype(values.dtype)
        self.free(len(values))[:] = values
        self.used += len(values)

    @property
    def values(self) -> NDArray[Any]:
        """What was added."""
        return self._values[: self.used]


class _Texts:
    """The distinct texts of one column, met so far."""

    def __init__(self, head: TableHead) -> None:
        self._head = head
        self._slots = np.full(2 * _FIRST_TEXTS, -1, dtype=np.int32)
        self._keys = np.zeros((_FIRST_TEXTS, 3), dtype=np.uint64)
        self._pool_ends = np.zeros(_FIRST_TEXTS + 1, dtype=np.int64)
        self._pool = np.zeros(_FIRST_POOL, dtype=np.uint8)
        self._known = 0
        self._codes = _Growing(_ROWS_AT_ONCE, np.uint16)

    def add(
        self, text: NDArray[np.uint8], begins: NDArray[np.int32], ends: NDArray[np.int32], row: int
    ) -> None:
        """Number the texts of some rows."""
        del row
        codes = np.empty(len(begins), dtype=np.int32)
        done = 0
        while done < len(codes):
            done, self._known = kernel.encode(
                text,
                begins,
                ends,
                done,
                self._slots,
                self._keys,
                self._pool_ends,
                self._pool,
                self._known,
                codes,
            )
            if done < len(codes):
                self._grow()
        self._codes.add(codes.astype(np.uint16) if self._known <= _SMALL_CODES else codes)

    def _grow(self) -> None:
        if len(self._pool) >= _LARGEST_POOL:
            raise _too_large(self._head, f"at most {_LARGEST_POOL} bytes of different texts in a column")
        more = len(self._keys)
        self._pool = np.concatenate([self._pool, np.zeros_like(self._pool)])
        self._pool_ends = np.concatenate([self._pool_ends, np.zeros(more, dtype=np.int64)])
        self._keys = np.concatenate([self._keys, np.zeros_like(self._keys)])
        self._slots = np.full(2 * len(self._keys), -1, dtype=np.int32)
        kernel.place(self._keys, self._known, self._slots)

    def finished(self) -> Coded[bytes]:
        """Return the column."""
        pool, bounds = self._pool.tobytes(), self._pool_ends.tolist()
        values = tuple(pool[bounds[i] : bounds[i + 1]] for i in range(self._known))
        return Coded(codes=self._codes.values, values=values)


class _Sequences:
    """The nucleotides met so far, end to end."""

    def __init__(self, head: TableHead, column: str) -> None:
        self._head = head
        self._column = column
        self._bases = _Growing(_FIRST_BASES, np.uint8)
        self._lengths = _Growing(_ROWS_AT_ONCE, np.int32)
        self._expected = False

    def add(
        self, text: NDArray[np.uint8], begins: NDArray[np.int32], ends: NDArray[np.int32], row: int
    ) -> None:
        """Copy the sequences of some rows."""
        size = int((ends - begins).sum(dtype=np.int64))
        lengths = np.empty(len(begins), dtype=np.int64)
        done = kernel.gather(text, begins, ends, LONGEST_SEQUENCE, self._bases.free(size), lengths)
        if done < len(lengths):
            raise InputError(
                "a cell does not hold what its column must hold",
                code="CELL_INVALID",
                file=self._head.path,
                place=f"line {self._head.n_lines + row + done + 1}, column {self._column}",
                expected=f"1 to {LONGEST_SEQUENCE} letters out of A, C, G, T, N",
            )
        self._lengths.add(lengths.astype(np.int32))
        self._bases.used += size

    def expect(self, more: float) -> None:
        """Make room once for a rest of the file that is so many times what came with the first block."""
        if not self._expected:
            self._expected = True
            self._bases.reserve(int(self._bases.used * (1.0 + _ROOM * more)))

    def finished(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return letters, and where each sequence begins."""
        offsets = np.zeros(self._lengths.used + 1, dtype=np.int64)
        np.cumsum(self._lengths.values, out=offsets[1:])
        return self._bases.values, offsets


def _check_names(head: TableHead) -> None:
    repeated = sorted({name for name in head.columns if head.columns.count(name) > 1})[:5]
    if repeated:
        raise InputError(
            "a column name stands twice",
            code="COLUMN_REPEATED",
            file=head.path,
            place="column names",
            found=", ".join(repr(name) for name in repeated),
            remedy="keep one of them",
        )


def _too_large(head: TableHead, expected: str) -> InputError:
    return InputError(
        "the table is larger than a sequence table can be",
        code="TABLE_TOO_LARGE",
        file=head.path,
        expected=expected,
    )
