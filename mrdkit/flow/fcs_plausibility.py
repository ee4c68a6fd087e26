"""Do bytes, read as events, look like measurements?

Used only to compare two places of which one is wrong: values that are not finite, far too small or above
$PnR, and a Time that runs backwards, are what misplaced bytes look like.
"""

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.channel import Channel
from mrdkit.flow.decode import ColumnFormat, Layout, PackedEvents
from mrdkit.flow.scaling import is_time

__all__ = ["implausible_fraction", "unused_bits_fraction"]

_EVENTS_LOOKED_AT = 4096
_SMALLEST_MEASURED = 1e-12  # blanks read as float32 are 1e-19, small integers 1e-44


def implausible_fraction(events: PackedEvents, channels: tuple[Channel, ...]) -> float:
    """Return the fraction of the first values that do not look measured; 0 where there are none."""
    head = _unmasked_head(events)
    values = head.matrix()
    if not values.size:
        return 0.0
    masks = [column.mask for column in events.layout.columns]
    doubtful = sum(
        _doubtful(values[:, i], channel, column, masks[i])
        for i, (channel, column) in enumerate(zip(channels, head.layout.columns, strict=True))
    )
    return doubtful / values.size


def unused_bits_fraction(events: PackedEvents) -> float:
    """Return the fraction of the first integers with bits that $PnR does not need; 0 where there are none."""
    values = _unmasked_head(events).matrix()
    masks = [(i, column.mask) for i, column in enumerate(events.layout.columns) if column.number == "I"]
    beyond = sum(int((values[:, i] > mask).sum()) for i, mask in masks)
    return beyond / (len(values) * len(masks)) if masks and len(values) else 0.0


def _unmasked_head(events: PackedEvents) -> PackedEvents:
    columns = tuple(
        ColumnFormat(number=column.number, width=column.width) for column in events.layout.columns
    )
    layout = Layout(columns=columns, big_endian=events.layout.big_endian)
    n_events = min(events.n_events, _EVENTS_LOOKED_AT)
    return PackedEvents(raw=events.raw[: n_events * layout.event_bytes], n_events=n_events, layout=layout)


def _doubtful(values: NDArray[np.float64], channel: Channel, column: ColumnFormat, mask: int) -> int:
    if column.number == "I":
        doubtful = values > mask
    else:
        size = np.abs(values)
        too_small = (size > 0) & (size < _SMALLEST_MEASURED)
        doubtful = (
            ~np.isfinite(values) | too_small | (size > (channel.range if channel.range > 0 else np.inf))
        )
    if is_time(channel, {}):
        doubtful[1:] |= ~(np.diff(values) >= 0)
    return int(doubtful.sum())
