"""TEXT of an FCS data set: delimited keywords and values.

The first byte is the delimiter. A doubled delimiter inside a value is an escaped one; some writers also leave
values empty, which the standard forbids and which looks the same. TEXT is read with escapes first. If that
reading has a fault (a keyword with the delimiter in it, a required keyword missing ...), two further readings
are tried, and the one with the fewest faults is taken, in this order of preference:

1. escapes: a doubled delimiter is always an escaped one;
2. empty after keyword: a doubled delimiter ends a keyword with an empty value, and is an escape in values;
3. empty: every delimiter separates.

Source: FCS 3.1, TEXT segment; the escape rule's ambiguity is recorded in the flag TEXT_EMPTY_VALUE.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mrdkit.errors import InputError
from mrdkit.flow.channel import FcsWarning

__all__ = ["TextSegment", "parse_text"]

_LARGEST_TEXT = 64 * 1024 * 1024  # bytes
_MOST_DELIMITERS = 100_000
_PADDING = b" \0\r\n\t"
_KEYWORD = re.compile(r"[ -~]+")
# Two values for one of these leave open how the data are to be read.
_STRUCTURAL = re.compile(
    r"\$(PAR|TOT|MODE|DATATYPE|BYTEORD|TIMESTEP|NEXTDATA|(BEGIN|END)S?(DATA|TEXT)|COMP"
    r"|P\d+(B|R|N|E|G|S|DATATYPE|TYPE))|\$?SPILL(OVER)?"
)

_Escapes = Literal["escapes", "empty after keyword", "empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSegment:
    """Keywords in upper case with their values as written.

    Attributes:
        keywords: upper case -> value.
        warnings: each repair of reading them.
        bad_keywords: how many keywords hold the delimiter or are not printable ASCII.
    """

    keywords: Mapping[str, str]
    warnings: tuple[FcsWarning, ...]
    bad_keywords: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    pairs: tuple[tuple[str, str], ...]
    faults: int
    bad_keywords: int
    unpaired: bool
    terminated: bool
    empty_values: bool


def parse_text(
    segment: bytes,
    *,
    next_byte: bytes = b"",
    missing: Callable[[Mapping[str, str]], int] = lambda _: 0,
) -> TextSegment:
    """Read a TEXT or supplemental TEXT segment.

    Args:
        segment: the bytes from the first to the last as declared.
        next_byte: the byte behind the declared end, which may be the final delimiter.
        missing: counts the required keywords that a reading lacks.

    Raises:
        InputError: empty, absurdly large, or one keyword with two values that decide how data are read.
    """
    _check_size(segment)
    delimiter = segment[:1]
    body, off_by_one = _body(segment, delimiter, next_byte)
    reading = _best(body, delimiter, missing)
    keywords, repeated = _as_mapping(reading.pairs)
    notes = (
        (off_by_one, "TEXT_END_OFF_BY_ONE", "TEXT ends one byte behind its declared end"),
        (not reading.terminated, "TEXT_NOT_TERMINATED", "the last value of TEXT has no delimiter behind it"),
        (reading.unpaired, "TEXT_UNPAIRED_KEYWORD", "the last keyword of TEXT has no value and was left out"),
        (reading.empty_values, "TEXT_EMPTY_VALUE", "TEXT has empty values, which the standard forbids"),
        (bool(repeated), "KEYWORD_REPEATED", "the first value was kept of " + ", ".join(repeated)),
    )
    warnings = tuple(FcsWarning(code=code, message=message) for applies, code, message in notes if applies)
    return TextSegment(keywords=keywords, warnings=warnings, bad_keywords=reading.bad_keywords)


def _check_size(segment: bytes) -> None:
    if not segment:
        raise InputError("the TEXT segment is empty", code="TEXT_EMPTY")
    if len(segment) > _LARGEST_TEXT or segment.count(segment[:1]) > _MOST_DELIMITERS:
        raise InputError(
            "the TEXT segment is absurdly large",
            code="TEXT_TOO_LARGE",
            expected=f"at most {_LARGEST_TEXT} bytes and {_MOST_DELIMITERS} delimiters",
            found=f"{len(segment)} bytes and {segment.count(segment[:1])} delimiters",
        )


def _body(segment: bytes, delimiter: bytes, next_byte: bytes) -> tuple[bytes, bool]:
    """Return what stands behind the first delimiter without padding, and whether one more byte was needed."""
    if segment.endswith(delimiter):
        return segment[1:], False
    stripped = segment.rstrip(_PADDING)
    if len(stripped) > 1 and stripped.endswith(delimiter):
        return stripped[1:], False
    if next_byte == delimiter:
        return segment[1:] + delimiter, True
    return stripped[1:], False


def _best(body: bytes, delimiter: bytes, missing: Callable[[Mapping[str, str]], int]) -> _Reading:
    best = _reading(body, delimiter, "escapes", missing)
    alternatives: tuple[_Escapes, ...] = ("empty after keyword", "empty")
    for escapes in alternatives:
        if not best.faults:
            break
        other = _reading(body, delimiter, escapes, missing)
        best = other if other.faults < best.faults else best
    return best


def _reading(
    body: bytes, delimiter: bytes, escapes: _Escapes, missing: Callable[[Mapping[str, str]], int]
) -> _Reading:
    tokens, terminated = _tokens(body.split(delimiter), delimiter, escapes)
    unpaired = len(tokens) % 2 == 1
    keys = [_decoded(key).strip().upper() for key in tokens[0::2]]
    values = [_decoded(value) for value in tokens[1::2]]
    bad_keywords = sum(
        delimiter in token or not _KEYWORD.fullmatch(key)
        for token, key in zip(tokens[0::2], keys, strict=True)
    )
    pairs = tuple(zip(keys, values, strict=False))
    return _Reading(
        pairs=pairs,
        bad_keywords=bad_keywords,
        faults=bad_keywords + unpaired + (not terminated) + missing(dict(pairs)),
        unpaired=unpaired,
        terminated=terminated,
        empty_values=any(not value for value in values),
    )


def _tokens(pieces: Sequence[bytes], delimiter: bytes, escapes: _Escapes) -> tuple[list[bytes], bool]:
    """Join the pieces between single delimiters to tokens; also tell whether a delimiter ended the last one.

    Two delimiters in a row are an empty piece between two others. The empty piece behind the last
    delimiter of TEXT is no token.
    """
    tokens: list[bytes] = []
    token = [pieces[0]]
    last = len(pieces) - 1
    i = 0
    while i < last:
        doubled = not pieces[i + 1] and i + 2 <= last
        is_keyword = len(tokens) % 2 == 0
        if doubled and (escapes == "escapes" or (escapes == "empty after keyword" and not is_keyword)):
            token += [delimiter, pieces[i + 2]]
            i += 2
            continue
        tokens.append(b"".join(token))
        if doubled and escapes == "empty after keyword":
            tokens.append(b"")
            i += 1
        i += 1
        token = [pieces[i]]
    unfinished = b"".join(token)
    if unfinished:
        tokens.append(unfinished)
    return tokens, not unfinished


def _decoded(token: bytes) -> str:
    try:
        return token.decode("utf-8")
    except UnicodeDecodeError:
        return token.decode("latin-1")


def _as_mapping(pairs: Sequence[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """Return each keyword's first value, and the keywords that stand there again with another one."""
    keywords: dict[str, str] = {}
    repeated: dict[str, None] = {}
    for key, value in pairs:
        if keywords.setdefault(key, value).strip() == value.strip():
            continue
        if _STRUCTURAL.fullmatch(key):
            raise InputError(
                "a keyword that decides how the data are read has two values",
                code="KEYWORD_CONFLICT",
                place=key,
                expected=ascii(keywords[key][:40]),
                found=ascii(value[:40]),
                remedy="export the file again from the cytometer",
            )
        repeated[key] = None
    return keywords, list(repeated)
