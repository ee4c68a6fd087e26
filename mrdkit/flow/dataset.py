"""One data set of an FCS file as plain values: channels, events, keywords and each repair of reading it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Channel", "FcsDataset", "FcsWarning", "Spillover"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One parameter.

    Attributes:
        index: n of $PnN, from 1.
        name: $PnN, a repeated one with `_2`, `_3` ... behind it.
        label: $PnS, empty where the file has none.
        bits: $PnB.
        range: $PnR.
        amplification: $PnE as (decades, value at zero).
        gain: $PnG, None where absent or not a number.
    """

    index: int
    name: str
    label: str
    bits: int
    range: float
    amplification: tuple[float, float]
    gain: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spillover:
    """A square spillover matrix: rows are fluorochromes, columns detectors, both in `channels` order."""

    channels: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FcsWarning:
    """A repair or a doubt that travels with the data: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FcsDataset:
    """One data set: what the file says, and the events behind it.

    Attributes:
        index: position in the file, from 0.
        version: "2.0", "3.0", "3.1" or "3.2".
        text: keywords in upper case -> values as written.
        n_events: whole events read.
        n_events_declared: $TOT, None where absent.
        sha256: digest of the whole file.
        events: (n_events, n_channels) numbers in the file, integers masked to the bits $PnR needs; read-only.
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
    sha256: str
    events: NDArray[np.float64] = field(repr=False)

    def linear(self) -> NDArray[np.float64]:
        """Return (n_events, n_channels) linear values."""
        return self.events

    def linear_column(self, position: int) -> NDArray[np.float64]:
        """Return one column of `linear()`, counted from 0."""
        column: NDArray[np.float64] = self.events[:, position]
        return column
