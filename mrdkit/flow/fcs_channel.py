"""One parameter ($Pn keywords): its name, width, range, amplification and gain.

Refused is what a guess would turn into other numbers: no width, no range where it tells which bits of an
integer count or how it is scaled, an amplification of integers that cannot be read.
Source: FCS 2.0 to 3.2, parameter keywords.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from mrdkit.errors import InputError
from mrdkit.flow.channel import Channel, FcsWarning
from mrdkit.flow.fcs_keywords import real_number, real_numbers, whole_number

__all__ = ["FLOAT_BITS", "StoredAs", "parse_channel"]

StoredAs: TypeAlias = Literal["I", "F", "D", "A"]

FLOAT_BITS = {"F": 32, "D": 64}

_INTEGERS = {"I", "A"}
_MOST_BITS = 64
_SMALLEST_RANGE = 2.0  # a range below it would mask every bit away
_LINEAR = (0.0, 0.0)


def parse_channel(
    keywords: Mapping[str, str], n: int, number: StoredAs, warnings: list[FcsWarning]
) -> Channel:
    """Return parameter n, and append each doubt about it to `warnings`.

    Its bits are characters where values are ASCII text, 0 where they have no fixed width ($PnB *).

    Raises:
        InputError: its values could not be decoded or scaled exactly.
    """
    name = keywords.get(f"$P{n}N", "").strip()
    if not name:
        warnings.append(
            FcsWarning(code="NAME_MISSING", message=f"$P{n}N is missing; the column is called P{n}")
        )
    return Channel(
        index=n,
        name=name or f"P{n}",
        label=keywords.get(f"$P{n}S", "").strip(),
        bits=_bits(keywords, n, number),
        range=_range(keywords, n, number, warnings),
        amplification=_amplification(keywords, n, number, warnings),
        gain=_gain(keywords, n, warnings),
    )


def _bits(keywords: Mapping[str, str], n: int, number: StoredAs) -> int:
    written = keywords.get(f"$P{n}B", "").strip()
    bits = whole_number(written)
    if number in FLOAT_BITS and (not written or written == "*"):
        return FLOAT_BITS[number]
    if number == "A" and written == "*":
        return 0
    if not bits or bits > _MOST_BITS:
        raise InputError(
            "the width of a parameter's values is missing or impossible",
            code="BITS_INVALID",
            place=f"$P{n}B",
            expected="1 to 64 characters, or * for all parameters" if number == "A" else "1 to 64 bits",
            found=ascii(written[:40]) if written else "nothing",
        )
    return bits


def _range(keywords: Mapping[str, str], n: int, number: StoredAs, warnings: list[FcsWarning]) -> float:
    written = keywords.get(f"$P{n}R", "").strip()
    value = real_number(written)
    logarithmic = (real_numbers(keywords.get(f"$P{n}E", "0,0"), count=2) or _LINEAR)[0] > 0
    unusable = value is None or value < _SMALLEST_RANGE
    if (number == "I" and value is None) or (number in _INTEGERS and logarithmic and unusable):
        raise InputError(
            "an integer parameter has no usable range, so its bits or its scale are unknown",
            code="RANGE_INVALID",
            place=f"$P{n}R",
            expected="a number",
            found=ascii(written[:40]) if written else "nothing",
        )
    if value is None or (number == "I" and unusable):
        message = f"$P{n}R is no usable range; no bit of the values was masked"
        warnings.append(FcsWarning(code="RANGE_UNUSABLE", message=message))
    return value if value is not None else 0.0


def _amplification(
    keywords: Mapping[str, str], n: int, number: StoredAs, warnings: list[FcsWarning]
) -> tuple[float, float]:
    written = keywords.get(f"$P{n}E", "0,0")
    pair = real_numbers(written, count=2)
    valid = pair is not None and pair[0] >= 0 and pair[1] >= 0
    if number in _INTEGERS and not valid:
        raise InputError(
            "the amplification of an integer parameter cannot be read",
            code="AMPLIFICATION_INVALID",
            place=f"$P{n}E",
            expected="two numbers such as 4,1",
            found=ascii(written[:40]),
        )
    if f"$P{n}E" not in keywords and number in _INTEGERS:
        message = f"$P{n}E is missing; the values are taken as linear"
        warnings.append(FcsWarning(code="AMPLIFICATION_MISSING", message=message))
    if number in FLOAT_BITS and (pair is None or pair[0] != 0):
        message = f"$P{n}E is not 0,0 although the values are floating point; it was not applied"
        warnings.append(FcsWarning(code="AMPLIFICATION_IGNORED", message=message))
    if pair is None or not valid:
        return _LINEAR
    return pair[0], pair[1]


def _gain(keywords: Mapping[str, str], n: int, warnings: list[FcsWarning]) -> float | None:
    if f"$P{n}G" not in keywords:
        return None
    gain = real_number(keywords[f"$P{n}G"])
    if gain is not None and gain > 0:
        return gain
    message = f"$P{n}G is not a number above 0 and was not applied"
    warnings.append(FcsWarning(code="GAIN_IGNORED", message=message))
    return None
