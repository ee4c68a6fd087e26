"""Do bytes, read as events, look like measurements?

Values that are not finite, far too small or large, or have bits that $PnR does not need are what bytes look
like that are misplaced, of another width or in another order. Above $PnR, and a Time that runs backwards, are
further doubts, which only tell which of two places is wrong. A data set of mostly misread values is flagged.
"""

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.channel import Channel, FcsWarning
from mrdkit.flow.decode import ColumnFormat, Layout, PackedEvents
from mrdkit.flow.scaling import is_time

__all__ = ["implausible_fraction", "misread_fraction", "misread_warnings"]

_EVENTS_LOOKED_AT = 4096
_SMALLEST_MEASURED = 1e-12  # blanks read as float32 are 1e-19, small integers 1e-44
_LARGEST_MEASURED = 1e12
_MOSTLY = 0.5


def implausible_fraction(events: PackedEvents, channels: tuple[Channel, ...]) -> float:
    """Return the fraction of the first values that do not look measured; 0 where there are none."""
    values = _unmasked_head(events)
    doubtful = _misread(values, events.layout)
    for i, (channel, column) in enumerate(zip(channels, events.layout.columns, strict=True)):
        if column.number != "I" and channel.range > 0:
            doubtful[:, i] |= np.abs(values[:, i]) > channel.range
        if is_time(channel, {}):
            doubtful[1:, i] |= ~(values[1:, i] >= values[:-1, i])
    return float(doubtful.mean()) if doubtful.size else 0.0


def misread_fraction(events: PackedEvents) -> float:
    """Return the fraction of the first values that no cytometer stores; 0 where there are none."""
    misread = _misread(_unmasked_head(events), events.layout)
    return float(misread.mean()) if misread.size else 0.0


def misread_warnings(events: PackedEvents) -> tuple[FcsWarning, ...]:
    """Return a flag where most values are none that a cytometer stores."""
    if misread_fraction(events) <= _MOSTLY:
        return ()
    message = (
        "most values are no numbers, far too small or large, or have bits beyond $PnR; "
        "the data may be misplaced, or stored otherwise than declared"
    )
    return (FcsWarning(code="VALUES_IMPLAUSIBLE", message=message),)


def _unmasked_head(events: PackedEvents) -> NDArray[np.float64]:
    columns = tuple(
        ColumnFormat(number=column.number, width=column.width) for column in events.layout.columns
    )
    layout = Layout(columns=columns, big_endian=events.layout.big_endian)
    n_events = min(events.n_events, _EVENTS_LOOKED_AT)
    raw = events.raw[: n_events * layout.event_bytes]
    return PackedEvents(raw=raw, n_events=n_events, layout=layout).matrix()


def _misread(values: NDArray[np.float64], layout: Layout) -> NDArray[np.bool_]:
    misread = np.zeros(values.shape, dtype=np.bool_)
    for i, column in enumerate(layout.columns):
        size = np.abs(values[:, i])
        if column.number == "I":
            misread[:, i] = size > column.mask
        else:
            misread[:, i] = ~(size <= _LARGEST_MEASURED) | ((size > 0) & (size < _SMALLEST_MEASURED))
    return misread
