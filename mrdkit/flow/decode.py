"""Events as the file holds them, turned into float64 when they are asked for.

Decides nothing about meaning: a layout says where each column of an event stands, as what it is stored and
which bits of an integer count. Source: FCS 3.1, DATA segment, $DATATYPE I, F and D in list mode.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mrdkit._ext.fcs_decode import decode_columns, decode_events

__all__ = ["ColumnFormat", "Layout", "NumberType", "PackedEvents"]

NumberType: TypeAlias = Literal["I", "F", "D"]

_Kernel: TypeAlias = Callable[
    [
        NDArray[np.uint8],
        int,
        NDArray[np.int64],
        NDArray[np.int64],
        NDArray[np.uint64],
        bool,
        NDArray[np.float64],
    ],
    None,
]
_INTEGER_BYTES = range(1, 9)
_FLOAT_KIND = {"F": 104, "D": 108}
_FLOAT_BYTES = {"F": 4, "D": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFormat:
    """How one column of an event is stored.

    Attributes:
        number: I unsigned integer, F float32, D float64.
        width: bytes of one value.
        mask: bits of an integer that count; of no meaning for F and D.
    """

    number: NumberType
    width: int
    mask: int = 2**64 - 1

    def __post_init__(self) -> None:
        """Refuse a width that the number type cannot have."""
        allowed = _INTEGER_BYTES if self.number == "I" else (_FLOAT_BYTES[self.number],)
        if self.width not in allowed:
            raise ValueError(f"a column of type {self.number} cannot have {self.width} bytes")
        if not 0 <= self.mask < 2**64:
            raise ValueError(f"a mask has at most 64 bits, got {self.mask}")

    @property
    def kind(self) -> int:
        """The kernel's number for this storage."""
        return self.width if self.number == "I" else _FLOAT_KIND[self.number]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns of one event, one behind the other without gaps."""

    columns: tuple[ColumnFormat, ...]
    big_endian: bool

    @property
    def event_bytes(self) -> int:
        """Bytes of one event."""
        return sum(column.width for column in self.columns)

    @property
    def offsets(self) -> tuple[int, ...]:
        """First byte of each column in its event."""
        return tuple(accumulate((column.width for column in self.columns[:-1]), initial=0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackedEvents:
    """Whole events in the bytes of a file.

    Attributes:
        raw: (n_events * event_bytes,) uint8, contiguous; a view, not a copy, of the file.
        n_events: number of events.
        layout: what stands where.
        check_source: called before each decoding; raises where the bytes are no longer those first read.
    """

    raw: NDArray[np.uint8] = field(repr=False)
    n_events: int
    layout: Layout
    check_source: Callable[[], None] = field(default=lambda: None, repr=False)

    def __post_init__(self) -> None:
        """Refuse bytes that do not hold exactly the events announced; the kernel relies on it."""
        if self.raw.dtype != np.uint8 or self.raw.ndim != 1 or not self.raw.flags.c_contiguous:
            raise ValueError("raw must be one contiguous row of bytes")
        if self.n_events < 0 or self.raw.size != self.n_events * self.layout.event_bytes:
            raise ValueError(
                f"{self.n_events} events of {self.layout.event_bytes} bytes do not make {self.raw.size} bytes"
            )

    @property
    def shape(self) -> tuple[int, int]:
        """(n_events, n_channels)."""
        return self.n_events, len(self.layout.columns)

    def matrix(self) -> NDArray[np.float64]:
        """Return all values as a new (n_events, n_channels) float64 array."""
        out = np.empty(self.shape, dtype=np.float64)
        self._decode(decode_events, range(len(self.layout.columns)), out)
        return out

    def columns(self, positions: Sequence[int]) -> NDArray[np.float64]:
        """Return columns, counted from 0, as the rows of a new (n_positions, n_events) float64 array.

        Raises:
            IndexError: there is no such column.
        """
        last = len(self.layout.columns) - 1
        for position in positions:
            if not 0 <= position <= last:
                raise IndexError(f"there is no column {position}, only 0 to {last}")
        out = np.empty((len(positions), self.n_events), dtype=np.float64)
        self._decode(decode_columns, positions, out)
        return out

    def _decode(self, kernel: _Kernel, positions: Sequence[int], out: NDArray[np.float64]) -> None:
        self.check_source()
        columns = [self.layout.columns[position] for position in positions]
        offsets = self.layout.offsets
        kernel(
            self.raw,
            self.layout.event_bytes,
            np.array([offsets[position] for position in positions], dtype=np.int64),
            np.array([column.kind for column in columns], dtype=np.int64),
            np.array([column.mask for column in columns], dtype=np.uint64),
            self.layout.big_endian,
            out,
        )
