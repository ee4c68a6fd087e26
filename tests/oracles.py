"""Slow, readable twins of the kernels; each is what its kernel must equal."""

import math
import struct
from collections.abc import Sequence

# --- ext/fcs_decode.pyx ------------------------------------------------------------------------------------


def decoded_events(
    raw: bytes, columns: Sequence[tuple[str, int, int]], *, big_endian: bool
) -> list[list[float]]:
    """Decode whole events; each column is (number type I, F or D; bytes; mask)."""
    order = ">" if big_endian else "<"
    events = []
    place = 0
    while place < len(raw):
        event = []
        for number, width, mask in columns:
            value = raw[place : place + width]
            place += width
            if number == "I":
                event.append(float(int.from_bytes(value, "big" if big_endian else "little") & mask))
            else:
                event.append(float(struct.unpack(order + ("f" if number == "F" else "d"), value)[0]))
        events.append(event)
    return events


def same_number(a: float, b: float) -> bool:
    """Tell whether two values are the same number, or both are none."""
    return a == b or (math.isnan(a) and math.isnan(b))
