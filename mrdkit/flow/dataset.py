"""One data set of an FCS file as plain values: channels, events, keywords and each repair of reading it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.channel import Channel, FcsWarning
from mrdkit.flow.decode import ColumnFormat, Layout, PackedEvents
from mrdkit.flow.scaling import scale

__all__ = ["Channel", "FcsDataset", "FcsWarning", "Spillover"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spillover:
    """A square spillover matrix: rows are fluorochromes, columns detectors, both in `channels` order."""

    channels: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FcsDataset:
    """One data set: what the file says, and the events behind it.

    Attributes:
        index: position in the file, from 0.
        version: "2.0", "3.0", "3.1" or "3.2".
        text: keywords in upper case -> values as written.
        n_events: whole events read.
        n_events_declared: $TOT, None where absent.
        digest: computes the digest of the whole file; called late, since that takes longer than reading.
        events: the numbers in the file: packed as in the file, or an (n_events, n_channels) array of them in
            which integers are masked to the bits $PnR needs.
        data: (n_bytes,) uint8, the DATA bytes of these events as they stand in the file; None for a data set
            that was not read from one.
    """

    index: int
    version: str
    cytometer: str | None
    text: Mapping[str, str] = field(repr=False)
    channels: tuple[Channel, ...]
    n_events: int
    n_events_declared: int | None
    data_type: Literal["I", "F", "D", "A", "mixed"]
    byte_order: str
    offsets_used: Literal["header", "text"]
    spillover: Spillover | None
    warnings: tuple[FcsWarning, ...]
    digest: Callable[[], str] = field(repr=False)
    events: PackedEvents | NDArray[Any] = field(repr=False)
    data: NDArray[np.uint8] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse events whose shape is not (n_events, n_channels)."""
        if self.events.shape != (self.n_events, len(self.channels)):
            expected = (self.n_events, len(self.channels))
            raise ValueError(f"events must have shape {expected}, got {self.events.shape}")

    @property
    def sha256(self) -> str:
        """Digest of the whole file, 64 hexadecimal digits."""
        return self.digest()

    def packed(self) -> PackedEvents:
        """Return the events as bytes with their layout, which kernels read without a copy of the file."""
        if isinstance(self.events, PackedEvents):
            return self.events
        values = np.ascontiguousarray(self.events, dtype="<f8")
        layout = Layout(columns=(ColumnFormat(number="D", width=8),) * len(self.channels), big_endian=False)
        return PackedEvents(raw=values.view(np.uint8).reshape(-1), n_events=self.n_events, layout=layout)

    def stored(self) -> NDArray[np.float64]:
        """Return the numbers in the file as a new float64 array (n_events, n_channels).

        Integers are masked to the bits that $PnR needs. Source: FCS 3.1, $PnR.
        """
        if isinstance(self.events, PackedEvents):
            return self.events.matrix()
        return np.array(self.events, dtype=np.float64, order="C")

    def linear(self) -> NDArray[np.float64]:
        """Return linear values as a new float64 array (n_events, n_channels), Time in seconds.

        Amplification ($PnE) is applied to integer data, else the gain ($PnG); see `mrdkit.flow.scaling`.
        """
        values = self.stored()
        for position, channel in enumerate(self.channels):
            scale(values[:, position], channel, self.text, integer=self.is_integer(position))
        return values

    def stored_columns(self, positions: Sequence[int]) -> NDArray[np.float64]:
        """Return columns of `stored()`, counted from 0, as the rows of a new (n_positions, n_events) array.

        Only these columns are decoded, and each is contiguous.

        Raises:
            IndexError: there is no such column.
        """
        if isinstance(self.events, PackedEvents):
            return self.events.columns(positions)
        return np.array(self.events[:, list(positions)].T, dtype=np.float64, order="C")

    def linear_columns(self, positions: Sequence[int]) -> NDArray[np.float64]:
        """Return columns of `linear()` as `stored_columns` returns those of `stored()`.

        Raises:
            IndexError: there is no such column.
        """
        values = self.stored_columns(positions)
        for row, position in zip(values, positions, strict=True):
            scale(row, self.channels[position], self.text, integer=self.is_integer(position))
        return values

    def is_integer(self, position: int) -> bool:
        """Tell whether a column, counted from 0, holds integers in the file, also ones written as text."""
        if self.data_type != "mixed":
            return self.data_type in {"I", "A"}
        own = self.text.get(f"$P{self.channels[position].index}DATATYPE", self.text.get("$DATATYPE", ""))
        return own.strip().upper() == "I"
