"""HEADER of an FCS data set: the version and where the segments stand.

Source: FCS 2.0 to 3.2, HEADER: bytes 0-5 the version, 10-57 six offsets of 8 ASCII bytes, counted from the
first byte of the data set; a last byte belongs to its segment. An offset of more than 8 digits is written
as 0 (some writers put 99999999) and stands in TEXT instead.
"""

import re
from dataclasses import dataclass

from mrdkit.errors import InputError

__all__ = ["HEADER_BYTES", "Header", "Span", "parse_header"]

HEADER_BYTES = 58

_VERSIONS = {b"FCS2.0": "2.0", b"FCS3.0": "3.0", b"FCS3.1": "3.1", b"FCS3.2": "3.2"}
_TOO_LARGE_FOR_HEADER = 99_999_999
_NUMBER = re.compile(rb"\d{1,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """First and last byte of a segment, from the start of its data set; `last` is None where not stated."""

    first: int
    last: int | None

    @property
    def size(self) -> int | None:
        """Number of bytes, None where the last one is not stated."""
        return None if self.last is None else self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the HEADER says; a segment that it does not place is None."""

    version: str
    text: Span
    data: Span | None
    analysis: Span | None


def parse_header(content: bytes) -> Header:
    """Read the 58 bytes of a HEADER.

    Raises:
        InputError: not an FCS HEADER, a version that is not supported, or TEXT offsets that are not numbers.
    """
    if len(content) < HEADER_BYTES or not content.startswith(b"FCS"):
        raise InputError(
            "the file does not begin with an FCS HEADER",
            code="NOT_FCS",
            place="byte 0",
            expected=f"at least {HEADER_BYTES} bytes that begin with FCS",
            found=f"{len(content)} bytes" if len(content) < HEADER_BYTES else "another file type",
            remedy="export the file again from the cytometer",
        )
    version = _VERSIONS.get(content[:6])
    if version is None:
        raise InputError(
            "this FCS version is not supported",
            code="VERSION_UNSUPPORTED",
            place="byte 0",
            expected="FCS2.0, FCS3.0, FCS3.1 or FCS3.2",
            found=ascii(content[:6].decode("latin-1")),
        )
    numbers = [_offset(content[10 + 8 * i : 18 + 8 * i]) for i in range(6)]
    text_first, text_last, *others = numbers
    if not text_first or not text_last or not HEADER_BYTES <= text_first < text_last:
        raise InputError(
            "the HEADER does not place the TEXT segment",
            code="HEADER_INVALID",
            place="bytes 10 to 25",
            expected=f"two growing offsets of at least {HEADER_BYTES}",
            found=ascii(content[10:26].decode("latin-1")),
        )
    return Header(
        version=version,
        text=Span(first=text_first, last=text_last),
        data=_span(others[0], others[1]),
        analysis=_span(others[2], others[3]),
    )


def _offset(field: bytes) -> int | None:
    stripped = field.strip(b" \0")
    return int(stripped) if _NUMBER.fullmatch(stripped) else None


def _span(first: int | None, last: int | None) -> Span | None:
    if not first or first >= _TOO_LARGE_FOR_HEADER:
        return None
    stated = bool(last) and last != _TOO_LARGE_FOR_HEADER
    return Span(first=first, last=last if stated else None)
