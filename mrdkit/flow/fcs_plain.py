"""Rare ways of storing integers and floats, turned once into the plain bytes that the kernels read.

Values whose bytes stand in a mixed order become little endian; values packed without regard to bytes (big
endian, most significant bit first, without a gap between events) become whole bytes. Each is one copy.
Source: FCS 2.0 to 3.1, $BYTEORD and $PnB.
"""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.decode import Layout

__all__ = ["reordered", "unpacked"]

_BITS_AT_ONCE = 2**20
_BYTE = 8


def reordered(raw: NDArray[np.uint8], layout: Layout, order: Sequence[int]) -> NDArray[np.uint8]:
    """Return values of mixed byte order as little endian ones.

    Args:
        raw: (n_events * event_bytes,) bytes in the file.
        layout: columns of single bytes or of as many as `order` has.
        order: rank of each byte of a value as it stands in the file, from 1, the least significant.
    """
    stands_at = np.argsort(order)
    source = np.concatenate(
        [
            offset + (stands_at if column.width > 1 else np.zeros(1, dtype=np.intp))
            for offset, column in zip(layout.offsets, layout.columns, strict=True)
        ]
    )
    return np.take(raw.reshape(-1, layout.event_bytes), source, axis=1).reshape(-1)


def unpacked(raw: NDArray[np.uint8], layout: Layout, bits: Sequence[int], n_events: int) -> NDArray[np.uint8]:
    """Return values packed bit by bit as big endian ones of whole bytes.

    Args:
        raw: (ceil(n_events * sum(bits) / 8),) bytes in the file.
        layout: columns of just so many bytes that the bits of each fit.
        bits: of each value.
        n_events: number of events.
    """
    ends = accumulate(column.width for column in layout.columns)
    target = np.concatenate(
        [np.arange(_BYTE * end - width, _BYTE * end) for end, width in zip(ends, bits, strict=True)]
    )
    event_bits = len(target)
    plain = np.empty((n_events, layout.event_bytes), dtype=np.uint8)
    step = max(_BITS_AT_ONCE // event_bits // _BYTE, 1) * _BYTE  # events that end with a whole byte
    for first in range(0, n_events, step):
        count = min(step, n_events - first)
        block = raw[first * event_bits // _BYTE : -(-(first + count) * event_bits // _BYTE)]
        spread = np.zeros((count, _BYTE * layout.event_bytes), dtype=np.uint8)
        spread[:, target] = np.unpackbits(block, count=count * event_bits).reshape(count, event_bits)
        plain[first : first + count] = np.packbits(spread, axis=1)
    return plain.reshape(-1)
