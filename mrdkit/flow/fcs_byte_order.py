"""In which order the bytes of one value stand ($BYTEORD).

The keyword gives each byte of a value, in the order written, its rank of significance: 1 is the least
significant. A rising or falling order is that of any width; any other permutation of 1 to n tells nothing
about values of another width than n bytes, so those are refused. Single bytes need no order.
Source: FCS 2.0 to 3.1, $BYTEORD.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mrdkit.errors import InputError
from mrdkit.flow.fcs_keywords import whole_number

__all__ = ["ByteOrder", "parse_byte_order"]

_MOST_BYTES = 8
_SINGLE_BYTE = 8  # bits


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteOrder:
    """The order of the bytes of a value.

    Attributes:
        name: "little", "big", or $BYTEORD as written where it is neither.
        mixed: rank of each byte as it stands in the file, for values of so many bytes; empty where the order
            is little, big, or of no meaning because all values are single bytes.
    """

    name: str
    mixed: tuple[int, ...] = ()

    @property
    def is_monotone(self) -> bool:
        """Tell whether the order holds for values of any width."""
        return self.name in {"little", "big"}


def parse_byte_order(written: str, integer_bits: Sequence[int], float_bits: Sequence[int]) -> ByteOrder:
    """Return the order of the bytes of these values.

    Args:
        written: $BYTEORD, empty where absent.
        integer_bits: $PnB of each integer parameter.
        float_bits: bits of each floating point parameter.

    Raises:
        InputError: the order of some value's bytes is not told.
    """
    written = written.strip()
    ranks = [whole_number(part) for part in written.split(",", _MOST_BYTES)]
    order = tuple(rank for rank in ranks if rank is not None)
    rising = tuple(range(1, len(ranks) + 1))
    if tuple(sorted(order)) == rising and 1 < len(order) <= _MOST_BYTES:
        if order == rising:
            return ByteOrder(name="little")
        if order == rising[::-1]:
            return ByteOrder(name="big")
        whole = {8 * len(order)}
        if set(float_bits) <= whole and set(integer_bits) <= whole | {_SINGLE_BYTE}:
            return ByteOrder(name=written, mixed=order)
    if not float_bits and set(integer_bits) <= {_SINGLE_BYTE}:
        return ByteOrder(name=written)
    raise InputError(
        "the byte order is missing or tells nothing about values of this width",
        code="BYTE_ORDER_UNSUPPORTED",
        place="$BYTEORD",
        expected="1,2,3,4 or 4,3,2,1, or a permutation of as many bytes as each value has",
        found=ascii(written[:40]) if written else "nothing",
    )
