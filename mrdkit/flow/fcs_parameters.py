"""The parameters ($Pn keywords) of a data set: what each column is called, stored as and scaled by.

Decides what is refused because a guess would change numbers: no or an unknown $DATATYPE or mode, a data type
of one parameter ($PnDATATYPE) where the version does not know that keyword, ASCII text beside other types or
of partly fixed width. Source: FCS 2.0 to 3.2, parameter keywords.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mrdkit.errors import InputError
from mrdkit.flow.channel import Channel, FcsWarning
from mrdkit.flow.fcs_byte_order import ByteOrder, parse_byte_order
from mrdkit.flow.fcs_channel import FLOAT_BITS, StoredAs, parse_channel
from mrdkit.flow.fcs_keywords import whole_number

__all__ = ["Parameters", "missing_keywords", "parse_parameters"]

_NUMBER_TYPES: Mapping[str, StoredAs] = {"I": "I", "F": "F", "D": "D", "A": "A"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """All parameters of one data set.

    Attributes:
        channels: names, ranges and scales; their bits are characters where the values are ASCII text, and 0
            where such values have no fixed width ($PnB *).
        numbers: how each is stored; all are A or none is.
        byte_order: order of the bytes of a value.
        warnings: doubts about names and scales.
    """

    channels: tuple[Channel, ...]
    numbers: tuple[StoredAs, ...]
    byte_order: ByteOrder
    warnings: tuple[FcsWarning, ...]

    @property
    def are_text(self) -> bool:
        """Tell whether the values are written as ASCII text."""
        return self.numbers[0] == "A"


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
        parse_channel(keywords, n, number, warnings)
        for n, number in zip(range(1, count + 1), numbers, strict=True)
    ]
    _check_text_widths(channels, numbers)
    return Parameters(
        channels=_distinct(channels, warnings),
        numbers=numbers,
        byte_order=_byte_order(keywords, channels, numbers),
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


def _data_type(text: str | None, *, place: str) -> StoredAs:
    letter = (text or "").strip().upper()
    if letter in _NUMBER_TYPES:
        return _NUMBER_TYPES[letter]
    raise InputError(
        "the data type is missing or unknown",
        code="DATATYPE_INVALID",
        place=place,
        expected="I, F, D or A",
        found=ascii(letter[:40]) if letter else "nothing",
        remedy="export the file again from the cytometer",
    )


def _number_type(keywords: Mapping[str, str], n: int, default: StoredAs, version: str) -> StoredAs:
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
    if own != default and "A" in (own, default):
        raise InputError(
            "values of one event are partly ASCII text",
            code="DATATYPE_AMBIGUOUS",
            place=key,
            expected=f"{default}, as $DATATYPE says",
            found=own,
        )
    return own


def _check_text_widths(channels: Sequence[Channel], numbers: Sequence[StoredAs]) -> None:
    free = [channel.index for channel in channels if not channel.bits]
    if "A" in numbers and free and len(free) < len(channels):
        raise InputError(
            "some values of an event have a fixed width and some have not",
            code="BITS_INVALID",
            place=f"$P{free[0]}B",
            expected="a number of characters for every parameter, or * for all",
            found="*",
        )


def _byte_order(
    keywords: Mapping[str, str], channels: Sequence[Channel], numbers: Sequence[StoredAs]
) -> ByteOrder:
    written = keywords.get("$BYTEORD", "")
    if "A" in numbers:
        return ByteOrder(name=written.strip())
    integers = [channel.bits for channel, number in zip(channels, numbers, strict=True) if number == "I"]
    return parse_byte_order(written, integers, [FLOAT_BITS[number] for number in numbers if number != "I"])


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
