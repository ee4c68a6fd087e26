"""How many bytes each column takes: as declared, or as the only width that the DATA segment's size allows.

$PnB may contradict what was stored (10 bits declared, 16 stored, in older Beckman list-mode files). Values
that are packed without regard to bytes are refused. Source: FCS 3.1, $PnB and $PnR; integers count with the
bits that $PnR needs, because instruments leave other bits undefined.
"""

from mrdkit.flow.channel import Channel
from mrdkit.flow.decode import ColumnFormat, Layout, NumberType
from mrdkit.flow.fcs_parameters import Parameters

__all__ = ["declared_layout", "needed_bits", "other_layouts", "packed_bits"]

_WIDTHS = (1, 2, 3, 4, 8)  # bytes
_SMALLEST_RANGE = 2.0
_FLOAT_BYTES = {"F": 4, "D": 8}


def needed_bits(channel: Channel, width: int) -> int:
    """Return how many bits of an integer count: the smallest b with 2**b >= $PnR, at most 8 * width."""
    if channel.range < _SMALLEST_RANGE:
        return 8 * width
    whole = int(channel.range)
    least = whole if whole == channel.range else whole + 1
    return min((least - 1).bit_length(), 8 * width)


def declared_layout(parameters: Parameters) -> Layout | None:
    """Return the layout that $PnB declares, None where it is none of whole bytes or contradicts the type."""
    columns = []
    for channel, number in zip(parameters.channels, parameters.numbers, strict=True):
        width, rest = divmod(channel.bits, 8)
        expected = _WIDTHS if number == "I" else (_FLOAT_BYTES[number],)
        if rest or width not in expected:
            return None
        columns.append(_column(channel, number, width))
    return _layout(parameters, columns)


def other_layouts(parameters: Parameters) -> tuple[Layout, ...]:
    """Return the distinct layouts of whole bytes that could stand behind a wrong $PnB.

    Integers: each rounded up to whole bytes, or all of one width; never a width too small for $PnR. Floats
    have the width of their type.
    """
    candidates = [_rounded_up(parameters), *(_uniform(parameters, width) for width in _WIDTHS)]
    declared = declared_layout(parameters)
    distinct = dict.fromkeys(layout for layout in candidates if layout is not None and layout != declared)
    return tuple(distinct)


def packed_bits(parameters: Parameters) -> int | None:
    """Return the bits of one event where values may be packed without regard to bytes, else None."""
    bits = [channel.bits for channel in parameters.channels]
    packed = set(parameters.numbers) == {"I"} and any(width % 8 for width in bits)
    return sum(bits) if packed else None


def _rounded_up(parameters: Parameters) -> Layout | None:
    columns = []
    for channel, number in zip(parameters.channels, parameters.numbers, strict=True):
        widths = [width for width in (1, 2, 4, 8) if 8 * width >= channel.bits]
        width = widths[0] if number == "I" and widths else _FLOAT_BYTES.get(number, 0)
        if not width:
            return None
        columns.append(_column(channel, number, width))
    return _layout(parameters, columns)


def _uniform(parameters: Parameters, width: int) -> Layout | None:
    if "I" not in parameters.numbers:
        return None
    columns = []
    for channel, number in zip(parameters.channels, parameters.numbers, strict=True):
        if number == "I" and needed_bits(channel, 8) > 8 * width and channel.range >= _SMALLEST_RANGE:
            return None
        columns.append(_column(channel, number, width if number == "I" else _FLOAT_BYTES[number]))
    return _layout(parameters, columns)


def _column(channel: Channel, number: NumberType, width: int) -> ColumnFormat:
    if number == "I":
        return ColumnFormat(number=number, width=width, mask=2 ** needed_bits(channel, width) - 1)
    return ColumnFormat(number=number, width=width)


def _layout(parameters: Parameters, columns: list[ColumnFormat]) -> Layout:
    return Layout(columns=tuple(columns), big_endian=parameters.byte_order == "big")
