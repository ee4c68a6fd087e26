"""DATA bytes of the rare storages of FCS, put together value by value and without the reader's code."""

import struct
from collections.abc import Sequence

__all__ = ["as_bit_stream", "as_fixed_text", "in_byte_order"]


def as_bit_stream(events: Sequence[Sequence[int]], bits: Sequence[int]) -> bytes:
    """Return all values as one stream of bits, most significant first, filled up with zeros."""
    stream = "".join(
        f"{value:0{width}b}" for event in events for value, width in zip(event, bits, strict=True)
    )
    stream += "0" * (-len(stream) % 8)
    return bytes(int(stream[i : i + 8], 2) for i in range(0, len(stream), 8))


def as_fixed_text(events: Sequence[Sequence[float]], widths: Sequence[int]) -> bytes:
    """Return values as text, each right-justified in its number of characters."""
    return "".join(
        str(value).rjust(width) for event in events for value, width in zip(event, widths, strict=True)
    ).encode()


def in_byte_order(
    events: Sequence[Sequence[float]], *, numbers: Sequence[str], order: Sequence[int]
) -> bytes:
    """Return values whose byte of rank order[i], 1 the least significant, stands at place i.

    `numbers` are I for an integer of as many bytes as `order` has, B for a single byte, F or D.
    """
    data = bytearray()
    for event in events:
        for value, number in zip(event, numbers, strict=True):
            if number == "B":
                data.append(int(value))
                continue
            floats = {"F": "<f", "D": "<d"}
            plain = (
                int(value).to_bytes(len(order), "little")
                if number == "I"
                else struct.pack(floats[number], value)
            )
            data += bytes(plain[rank - 1] for rank in order)
    return bytes(data)
