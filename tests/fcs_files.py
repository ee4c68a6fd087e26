"""FCS files for tests, put together byte by byte and without the reader's code."""

import struct
from collections.abc import Mapping, Sequence

__all__ = ["fcs_bytes", "packed"]

_FLOATS = {"F": "f", "D": "d"}


def packed(
    events: Sequence[Sequence[float]],
    *,
    numbers: Sequence[str],
    bits: Sequence[int],
    big_endian: bool = False,
) -> bytes:
    """Return events as DATA bytes: per column I (unsigned, `bits` wide), F or D."""
    order: str = ">" if big_endian else "<"
    data = bytearray()
    for event in events:
        for value, number, width in zip(event, numbers, bits, strict=True):
            if number == "I":
                data += int(value).to_bytes(width // 8, "big" if big_endian else "little")
            else:
                data += struct.pack(order + _FLOATS[number], value)
    return bytes(data)


def fcs_bytes(
    events: Sequence[Sequence[float]],
    *,
    version: str = "3.1",
    number: str = "F",
    bits: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    ranges: Sequence[float] | None = None,
    big_endian: bool = False,
    keywords: Mapping[str, str | None] | None = None,
    data: bytes | None = None,
    header_data: tuple[int, int] | None = None,
    delimiter: str = "/",
    gap: int = 0,
    tail: bytes = b"",
    next_data: bool = False,
) -> bytes:
    """Return one data set: HEADER, TEXT, `gap` blanks, DATA, `tail`.

    Args:
        events: rows of values; all of type `number` unless `data` is given.
        version: "2.0" writes no DATA offsets into TEXT.
        number: $DATATYPE.
        bits: $PnB, by default 32 (64 for D).
        names: $PnN, by default C1, C2 ...
        ranges: $PnR, by default 262144.
        big_endian: byte order of DATA.
        keywords: further keywords, or other values for those above; None leaves one out.
        data: DATA bytes in place of those of `events`.
        header_data: DATA offsets of HEADER in place of the true ones.
        delimiter: of TEXT; values are written as they are, so escape it yourself.
        gap: blanks between TEXT and DATA.
        tail: bytes behind DATA, such as a check word.
        next_data: let $NEXTDATA point at the end of what is returned.
    """
    columns = len(events[0]) if events else len(names or ranges or bits or [0, 0])
    widths = list(bits or [64 if number == "D" else 32] * columns)
    content = (
        packed(events, numbers=[number] * columns, bits=widths, big_endian=big_endian)
        if data is None
        else data
    )
    text: dict[str, str | None] = {
        "$PAR": str(columns),
        "$TOT": str(len(events)),
        "$MODE": "L",
        "$DATATYPE": number,
        "$BYTEORD": "4,3,2,1" if big_endian else "1,2,3,4",
        "$NEXTDATA": "0",
    }
    for i in range(columns):
        text[f"$P{i + 1}N"] = names[i] if names else f"C{i + 1}"
        text[f"$P{i + 1}B"] = str(widths[i])
        text[f"$P{i + 1}R"] = str(ranges[i]) if ranges else "262144"
        text[f"$P{i + 1}E"] = "0,0"
    if version != "2.0":
        text |= {"$BEGINDATA": "0" * 10, "$ENDDATA": "0" * 10}
    if next_data:
        text["$NEXTDATA"] = "0" * 10
    text |= keywords or {}
    size = len(_text(text, delimiter))
    first = 58 + size + gap
    last = first + len(content) - 1
    true = {"$BEGINDATA": first, "$ENDDATA": last, "$NEXTDATA": last + 1 + len(tail)}
    for key, place in true.items():
        if text.get(key) == "0" * 10:
            text[key] = str(place).zfill(10)
    offsets = (58, 57 + size, *(header_data or (first, last)), 0, 0)
    header = f"FCS{version}    ".encode() + b"".join(str(n).rjust(8).encode() for n in offsets)
    return header + _text(text, delimiter) + b" " * gap + content + tail


def _text(keywords: Mapping[str, str | None], delimiter: str) -> bytes:
    pairs = (f"{key}{delimiter}{value}{delimiter}" for key, value in keywords.items() if value is not None)
    return (delimiter + "".join(pairs)).encode("utf-8")
