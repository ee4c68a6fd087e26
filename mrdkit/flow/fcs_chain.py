"""The data sets of one file: HEADER and TEXT of each, found along $NEXTDATA.

$NEXTDATA counts from the start of its own data set; 0 or nothing ends the chain, and so does a place where no
FCS HEADER stands (with a flag). A data set begins behind the TEXT of the one before it, so a chain ends.
Source: FCS 2.0 to 3.1, $NEXTDATA and supplemental TEXT.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.channel import FcsWarning
from mrdkit.flow.fcs_header import HEADER_BYTES, Header, Span, parse_header
from mrdkit.flow.fcs_keywords import whole_number
from mrdkit.flow.fcs_parameters import missing_keywords
from mrdkit.flow.fcs_text import TextSegment, parse_text

__all__ = ["Part", "read_chain"]

_MOST_DATA_SETS = 1_000
_BROKEN_CHAIN = FcsWarning(
    code="NEXTDATA_INVALID", message="$NEXTDATA points at no byte where a further data set begins"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One data set before its parameters are read.

    Attributes:
        index: position in the file, from 0.
        start: first byte in the file.
        end: byte behind it: the next data set's start, or the file's end.
        header: its HEADER.
        text: TEXT as it stands, from the start of the data set; its `last` is the final delimiter.
        keywords: of TEXT, and of supplemental TEXT where TEXT lacks them.
        warnings: each repair.
    """

    index: int
    start: int
    end: int
    header: Header
    text: Span
    keywords: Mapping[str, str]
    warnings: tuple[FcsWarning, ...]


def read_chain(content: NDArray[np.uint8], *, only_to: int | None = None) -> tuple[Part, ...]:
    """Return the data sets of a file in order.

    Args:
        content: the whole file.
        only_to: stop behind this data set, so that a damaged one further on does not matter.

    Raises:
        InputError: a HEADER or TEXT cannot be read; the place names the data set.
    """
    parts: list[Part] = []
    start = 0
    while True:
        try:
            part = _read_part(content[start:], index=len(parts), start=start)
        except InputError as error:
            raise _in_data_set(error, len(parts)) if parts else error from None
        parts.append(part)
        written = part.keywords.get("$NEXTDATA", "").strip()
        step = whole_number(written) if written else 0
        if step == 0:
            return tuple(parts)
        if step is None or not _begins_at(content, part, step) or len(parts) == _MOST_DATA_SETS:
            parts[-1] = replace(part, warnings=(*part.warnings, _BROKEN_CHAIN))
            return tuple(parts)
        parts[-1] = replace(part, end=start + step)
        if part.index == only_to:
            return tuple(parts)
        start += step


def _begins_at(content: NDArray[np.uint8], part: Part, step: int) -> bool:
    """Tell whether a HEADER stands so many bytes behind the start of a data set."""
    place = part.start + step
    return step > (part.text.last or 0) and content[place : place + 3].tobytes() == b"FCS"


def _read_part(content: NDArray[np.uint8], *, index: int, start: int) -> Part:
    header = parse_header(content[:HEADER_BYTES].tobytes())
    last = header.text.last or 0
    if last >= len(content):
        raise InputError(
            "the file ends within its TEXT segment",
            code="TEXT_TRUNCATED",
            place="TEXT",
            expected=f"at least {last + 1} bytes",
            found=f"{len(content)} bytes",
            remedy="the file was not copied or exported whole; get it again",
        )
    text = parse_text(
        content[header.text.first : last + 1].tobytes(),
        next_byte=content[last + 1 : last + 2].tobytes(),
        missing=missing_keywords,
    )
    off_by_one = any(warning.code == "TEXT_END_OFF_BY_ONE" for warning in text.warnings)
    supplement, notes = _supplemental_text(content, text, header.text)
    return Part(
        index=index,
        start=start,
        end=start + len(content),
        header=header,
        text=Span(first=header.text.first, last=last + off_by_one),
        keywords={**supplement, **text.keywords},
        warnings=(*text.warnings, *notes),
    )


def _supplemental_text(
    content: NDArray[np.uint8], text: TextSegment, primary: Span
) -> tuple[Mapping[str, str], tuple[FcsWarning, ...]]:
    """Return the keywords of a supplemental TEXT; one that is TEXT itself adds none."""
    first = whole_number(text.keywords.get("$BEGINSTEXT"))
    last = whole_number(text.keywords.get("$ENDSTEXT"))
    if not first or not last or (first >= primary.first and last <= (primary.last or 0) + 1):
        return {}, ()
    if not HEADER_BYTES <= first < last <= len(content):  # an end behind the file by one byte is no harm
        message = "the supplemental TEXT is declared outside the file and was not read"
        return {}, (FcsWarning(code="STEXT_INVALID", message=message),)
    keywords, cut, readable = _readable_supplement(
        content[first : last + 1].tobytes(), next_byte=content[last + 1 : last + 2].tobytes()
    )
    added = {key: value for key, value in keywords.items() if key not in text.keywords}
    used = FcsWarning(code="STEXT_USED", message=f"{len(added)} keywords were taken from a supplemental TEXT")
    if readable:
        return added, (used, *cut)
    message = "what is declared as supplemental TEXT is no text of keywords; nothing was taken from it"
    return {}, (used, FcsWarning(code="STEXT_UNREADABLE", message=message))


def _readable_supplement(
    segment: bytes, *, next_byte: bytes
) -> tuple[Mapping[str, str], tuple[FcsWarning, ...], bool]:
    """Return its keywords, the flag of a last value without its end, and whether it is text of keywords.

    A value that goes on behind the declared end is left out: it may be a part of a number.
    """
    try:
        supplement = parse_text(segment, next_byte=next_byte)
    except InputError:
        return {}, (), False
    unpaired = any(warning.code == "TEXT_UNPAIRED_KEYWORD" for warning in supplement.warnings)
    cut = tuple(warning for warning in supplement.warnings if warning.code == "TEXT_NOT_TERMINATED")
    whole = len(supplement.keywords) - bool(cut and next_byte)
    keywords = dict(islice(supplement.keywords.items(), whole))
    return keywords, cut, not unpaired and not supplement.bad_keywords


def _in_data_set(error: InputError, index: int) -> InputError:
    place = f"data set {index}" + (f", {error.place}" if error.place else "")
    return InputError(
        error.what,
        code=error.code,
        file=error.file,
        place=place,
        expected=error.expected,
        found=error.found,
        remedy=error.remedy,
    )
