"""The parameters ($Pn keywords) of a data set: what each column is called, stored as and scaled by.

Decides what is refused because a guess would change numbers: no or an unknown $DATATYPE, byte order or mode,
an integer column without range or with unreadable amplification, a data type of one parameter ($PnDATATYPE)
where the version does not know that keyword. Source: FCS 2.0 to 3.2, parameter keywords.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mrdkit.errors import InputError
from mrdkit.flow.channel import Channel, FcsWarning
from mrdkit.flow.decode import NumberType
from mrdkit.flow.fcs_keywords import real_number, real_numbers, whole_number

__all__ = ["Parameters", "missing_keywords", "parse_parameters"]

_ENDIAN = {
    "1,2,3,4": "little",
    "4,3,2,1": "big",
    "1,2": "little",
    "2,1": "big",
    "1,2,3,4,5,6,7,8": "little",
    "8,7,6,5,4,3,2,1": "big",
}
_NUMBER_TYPES: Mapping[str, NumberType] = {"I": "I", "F": "F", "D": "D"}
_FLOAT_BITS = {"F": 32, "D": 64}
_MOST_BITS = 64
_SINGLE_BYTE = 8  # bits, which have no order of bytes
_SMALLEST_RANGE = 2.0  # a range below it would mask every bit away
_LINEAR = (0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """All parameters of one data set.

    Attributes:
        channels: names, ranges and scales.
        numbers: how each is stored.
        byte_order: "little", "big", or $BYTEORD as written where single bytes leave it without meaning.
        warnings: doubts about names and scales.
    """

    channels: tuple[Channel, ...]
    numbers: tuple[NumberType, ...]
    byte_order: str
    warnings: tuple[FcsWarning, ...]


def missing_keywords(keywords: Mapping[str, str]) -> int:
    """Count the keywords that decoding needs and that are not there."""
    general = sum(key not in keywords for key in ("$PAR", "$DATATYPE", "$BYTEORD"))
    count = whole_number(keywords.get("$PAR"))
    if count is None or count > len(keywords):
        return general + 1
    return general + sum(f"$P{n}{what}" not in keywords for n in range(1, count + 1) for what in "NBR")


def parse_parameters(keywords: Mapping[str, str], *, version: str) -> Parameters:
    """Read $PAR, $MODE, $DATATYPE, $BYTEORD and the $Pn keywords.

    Raises:
        InputError: one of them is missing or says what cannot be decoded exactly.
    """
    count = _parameter_count(keywords)
    _check_mode(keywords)
    default = _data_type(keywords.get("$DATATYPE"), place="$DATATYPE")
    numbers = tuple(_number_type(keywords, n, default, version) for n in range(1, count + 1))
    warnings: list[FcsWarning] = []
    channels = [
        _channel(keywords, n, number, warnings)
        for n, number in zip(range(1, count + 1), numbers, strict=True)
    ]
    return Parameters(
        channels=_distinct(channels, warnings),
        numbers=numbers,
        byte_order=_byte_order(
            keywords, [(c.bits, number) for c, number in zip(channels, numbers, strict=True)]
        ),
        warnings=tuple(warnings),
    )


def _parameter_count(keywords: Mapping[str, str]) -> int:
    count = whole_number(keywords.get("$PAR"))
    if not count or count > len(keywords):  # each parameter needs several keywords
        raise InputError(
            "the number of parameters is missing or impossible",
            code="PARAMETERS_INVALID",
            place="$PAR",
            expected="at least 1, with keywords for each",
            found=ascii(keywords.get("$PAR", "nothing")[:40]),
        )
    return count


def _check_mode(keywords: Mapping[str, str]) -> None:
    mode = keywords.get("$MODE", "L").strip().upper()
    if mode != "L":
        raise InputError(
            "only list mode is supported",
            code="MODE_UNSUPPORTED",
            place="$MODE",
            expected="L",
            found=ascii(mode[:40]),
            remedy="export the events, not a histogram",
        )


def _data_type(text: str | None, *, place: str) -> NumberType:
    letter = (text or "").strip().upper()
    if letter in _NUMBER_TYPES:
        return _NUMBER_TYPES[letter]
    raise InputError(
        "events stored as ASCII are not supported"
        if letter == "A"
        else "the data type is missing or unknown",
        code="ASCII_DATA_UNSUPPORTED" if letter == "A" else "DATATYPE_INVALID",
        place=place,
        expected="I, F or D",
        found=ascii(letter[:40]) if letter else "nothing",
        remedy="export the file again as binary FCS",
    )


def _number_type(keywords: Mapping[str, str], n: int, default: NumberType, version: str) -> NumberType:
    key = f"$P{n}DATATYPE"
    if key not in keywords:
        return default
    own = _data_type(keywords[key], place=key)
    if own != default and version != "3.2":
        raise InputError(
            "a parameter has a data type of its own in a version that does not know this",
            code="DATATYPE_AMBIGUOUS",
            place=key,
            expected=f"$DATATYPE {default}, or version 3.2",
            found=f"{own} in version {version}",
        )
    return own


def _byte_order(keywords: Mapping[str, str], stored: list[tuple[int, NumberType]]) -> str:
    written = keywords.get("$BYTEORD", "").strip()
    order = _ENDIAN.get("".join(written.split()))
    if order is not None:
        return order
    if all(bits == _SINGLE_BYTE and number == "I" for bits, number in stored):
        return written
    raise InputError(
        "the byte order is missing or not supported",
        code="BYTE_ORDER_UNSUPPORTED",
        place="$BYTEORD",
        expected="1,2,3,4 or 4,3,2,1",
        found=ascii(written[:40]) if written else "nothing",
    )


def _channel(keywords: Mapping[str, str], n: int, number: NumberType, warnings: list[FcsWarning]) -> Channel:
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


def _bits(keywords: Mapping[str, str], n: int, number: NumberType) -> int:
    written = keywords.get(f"$P{n}B", "").strip()
    bits = whole_number(written)
    if bits is None and number != "I" and (not written or written == "*"):
        return _FLOAT_BITS[number]
    if not bits or bits > _MOST_BITS:
        raise InputError(
            "the number of bits of a parameter is missing or impossible",
            code="BITS_INVALID",
            place=f"$P{n}B",
            expected="1 to 64",
            found=ascii(written[:40]) if written else "nothing",
        )
    return bits


def _range(keywords: Mapping[str, str], n: int, number: NumberType, warnings: list[FcsWarning]) -> float:
    written = keywords.get(f"$P{n}R", "").strip()
    value = real_number(written)
    logarithmic = (real_numbers(keywords.get(f"$P{n}E", "0,0"), count=2) or _LINEAR)[0] > 0
    if number == "I" and (value is None or (logarithmic and value < _SMALLEST_RANGE)):
        raise InputError(
            "an integer parameter has no usable range, so its bits or its scale are unknown",
            code="RANGE_INVALID",
            place=f"$P{n}R",
            expected="a number",
            found=ascii(written[:40]) if written else "nothing",
        )
    if value is None or (number == "I" and value < _SMALLEST_RANGE):
        message = f"$P{n}R is no usable range; no bit of the values was masked"
        warnings.append(FcsWarning(code="RANGE_UNUSABLE", message=message))
    return value if value is not None else 0.0


def _amplification(
    keywords: Mapping[str, str], n: int, number: NumberType, warnings: list[FcsWarning]
) -> tuple[float, float]:
    written = keywords.get(f"$P{n}E", "0,0")
    pair = real_numbers(written, count=2)
    valid = pair is not None and pair[0] >= 0 and pair[1] >= 0
    if number == "I" and not valid:
        raise InputError(
            "the amplification of an integer parameter cannot be read",
            code="AMPLIFICATION_INVALID",
            place=f"$P{n}E",
            expected="two numbers such as 4,1",
            found=ascii(written[:40]),
        )
    if f"$P{n}E" not in keywords and number == "I":
        message = f"$P{n}E is missing; the values are taken as linear"
        warnings.append(FcsWarning(code="AMPLIFICATION_MISSING", message=message))
    if number != "I" and (pair is None or pair[0] != 0):
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


def _distinct(channels: list[Channel], warnings: list[FcsWarning]) -> tuple[Channel, ...]:
    """Give a repeated $PnN a number behind it that no other column has."""
    taken = {channel.name for channel in channels}
    times: dict[str, int] = {}
    distinct = []
    for channel in channels:
        name = channel.name
        number = times[channel.name] = times.get(channel.name, 0) + 1
        while number > 1 and name in taken:
            name = f"{channel.name}_{number}"
            number += 1
        taken.add(name)
        distinct.append(replace(channel, name=name))
    repeated = [name for name, number in times.items() if number > 1]
    if repeated:
        message = "more than one column is called " + ", ".join(repeated)
        warnings.append(FcsWarning(code="DUPLICATE_NAMES", message=message))
    return tuple(distinct)
