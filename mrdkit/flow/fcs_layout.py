"""How an event stands in the file: as $PnB declares, or in the only way that the DATA segment's size allows.

$PnB may contradict what was stored (10 bits declared, 16 stored, in older Beckman list-mode files). Values
may also be packed without regard to bytes, which is defined only for bytes in falling order of significance:
one stream of bits, the most significant first. Source: FCS 3.1, $PnB and $PnR; integers count with the bits
that $PnR needs, because instruments leave other bits undefined.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mrdkit.flow.channel import Channel
from mrdkit.flow.decode import ColumnFormat, Layout, NumberType
from mrdkit.flow.fcs_channel import FLOAT_BITS, StoredAs
from mrdkit.flow.fcs_parameters import Parameters

__all__ = ["Encoding", "Storage", "declared_storage", "empty_layout", "other_storages", "packed_storage"]

Encoding: TypeAlias = Literal["plain", "packed", "text"]

_WIDTHS = range(1, 9)  # bytes
_ROUNDED_WIDTHS = (1, 2, 4, 8)  # bytes
_INFERRED_WIDTHS = (1, 2, 3, 4, 8)  # bytes; others are read only where they are declared
_SMALLEST_RANGE = 2.0
_ALL_BITS_COUNT = 2.0**53  # ranges from here on were rounded when they were read


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """One way in which events may stand in the file.

    Attributes:
        encoding: plain: whole bytes; packed: a stream of bits; text: ASCII characters.
        event_bits: bits of one event in the file.
        layout: the event as it is decoded: the one in the file where that is plain.
    """

    encoding: Encoding
    event_bits: int
    layout: Layout

    def n_bytes(self, n_events: int) -> int:
        """Return the bytes that so many events take in the file."""
        return -(-n_events * self.event_bits // 8)


def declared_storage(parameters: Parameters) -> Storage | None:
    """Return the storage that $PnB declares, None where it is none of whole bytes or contradicts the type."""
    if parameters.are_text:
        characters = sum(channel.bits for channel in parameters.channels)
        return Storage(encoding="text", event_bits=8 * characters, layout=empty_layout(parameters))
    return _plain(parameters, lambda channel, _: channel.bits // 8 if channel.bits % 8 == 0 else 0)


def other_storages(parameters: Parameters) -> tuple[Storage, ...]:
    """Return the distinct storages of whole bytes that could stand behind a wrong $PnB.

    Integers: each rounded up to whole bytes, or all of one width that is not too small for $PnR. Floats have
    the width of their type. None where the order of bytes is not known for any width.
    """
    if parameters.are_text or not parameters.byte_order.is_monotone:
        return ()
    candidates = [_plain(parameters, _rounded_up)]
    if "I" in parameters.numbers:
        candidates += [_plain(parameters, _uniform(width)) for width in _INFERRED_WIDTHS]
    declared = declared_storage(parameters)
    distinct = dict.fromkeys(storage for storage in candidates if storage is not None and storage != declared)
    return tuple(distinct)


def packed_storage(parameters: Parameters) -> Storage | None:
    """Return the storage of values packed without regard to bytes, None where $PnB declares none."""
    bits = [channel.bits for channel in parameters.channels]
    if set(parameters.numbers) != {"I"} or not any(width % 8 for width in bits):
        return None
    layout = _layout(
        parameters, [_column(channel, "I", -(-channel.bits // 8)) for channel in parameters.channels]
    )
    return Storage(encoding="packed", event_bits=sum(bits), layout=layout)


def empty_layout(parameters: Parameters) -> Layout:
    """Return the layout of float64 values, as which events without one of their own are kept."""
    return Layout(
        columns=tuple(ColumnFormat(number="D", width=8) for _ in parameters.channels), big_endian=False
    )


def _plain(parameters: Parameters, width_of: Callable[[Channel, StoredAs], int]) -> Storage | None:
    columns = []
    for channel, number in zip(parameters.channels, parameters.numbers, strict=True):
        width = width_of(channel, number)
        if number == "A" or width not in _possible_widths(number):
            return None
        columns.append(_column(channel, number, width))
    layout = _layout(parameters, columns)
    return Storage(encoding="plain", event_bits=8 * layout.event_bytes, layout=layout)


def _possible_widths(number: NumberType) -> range:
    width = FLOAT_BITS.get(number, 0) // 8
    return range(width, width + 1) if width else _WIDTHS


def _rounded_up(channel: Channel, number: StoredAs) -> int:
    if number != "I":
        return FLOAT_BITS.get(number, 0) // 8
    return next((width for width in _ROUNDED_WIDTHS if 8 * width >= channel.bits), 0)


def _uniform(width: int) -> Callable[[Channel, StoredAs], int]:
    def width_of(channel: Channel, number: StoredAs) -> int:
        if number != "I":
            return FLOAT_BITS.get(number, 0) // 8
        too_small = channel.range >= _SMALLEST_RANGE and _needed_bits(channel, 8) > 8 * width
        return 0 if too_small else width

    return width_of


def _needed_bits(channel: Channel, width: int) -> int:
    """Return how many bits of an integer count: the smallest b with 2**b >= $PnR, at most 8 * width."""
    if channel.range < _SMALLEST_RANGE or channel.range >= _ALL_BITS_COUNT:
        return 8 * width
    whole = int(channel.range)
    least = whole if whole == channel.range else whole + 1
    return min((least - 1).bit_length(), 8 * width)


def _column(channel: Channel, number: NumberType, width: int) -> ColumnFormat:
    if number == "I":
        return ColumnFormat(number=number, width=width, mask=2 ** _needed_bits(channel, width) - 1)
    return ColumnFormat(number=number, width=width)


def _layout(parameters: Parameters, columns: list[ColumnFormat]) -> Layout:
    return Layout(columns=tuple(columns), big_endian=parameters.byte_order.name == "big")
