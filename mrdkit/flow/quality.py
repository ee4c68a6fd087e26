"""How much of each column lies outside what the cytometer could measure.

Counts only; what follows from them is for the analysis. Events at or above $PnR are clipped, events at the
smallest negative value stand at a floor, and values that are no numbers can stand in no gate.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mrdkit.flow.dataset import FcsDataset

__all__ = ["ChannelQuality", "channel_quality"]

_ON_A_FLOOR = 2  # one event at the smallest value is only the smallest


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelQuality:
    """Events of one column that are no ordinary measurement.

    Attributes:
        n_clipped: at the highest value of an integer column, or at or above $PnR of a float column.
        n_at_floor: at the smallest value, if it is negative and shared.
        n_not_finite: NaN or infinite.
    """

    n_clipped: int
    n_at_floor: int
    n_not_finite: int


def channel_quality(dataset: FcsDataset) -> Iterator[ChannelQuality]:
    """Give the counts of each column in order, decoding one column at a time."""
    for position, channel in enumerate(dataset.channels):
        stored = dataset.stored_columns([position])[0]
        finite = stored[np.isfinite(stored)]
        highest = channel.range - 1.0 if dataset.is_integer(position) else channel.range
        smallest = float(finite.min()) if finite.size else 0.0
        at_floor = int((finite == smallest).sum()) if smallest < 0 else 0
        yield ChannelQuality(
            n_clipped=int((finite >= highest).sum()) if channel.range > 0 else 0,
            n_at_floor=at_floor if at_floor >= _ON_A_FLOOR else 0,
            n_not_finite=int(stored.size - finite.size),
        )
