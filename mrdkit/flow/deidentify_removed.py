"""What a de-identified file leaves out: every value that stood in the input, and what it may be called.

Besides the keywords that the reader hands out there are values that it passes over: a keyword's second value,
supplemental TEXT that TEXT overrules, ANALYSIS, and OTHER segments. Their bytes are searched for keywords,
since nobody guarantees how they are written. Source: FCS 2.0 to 3.2, HEADER, TEXT, ANALYSIS, OTHER.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.deidentify_policy import Policy, family_of
from mrdkit.flow.deidentify_scan import Removed
from mrdkit.flow.fcs_chain import Part
from mrdkit.flow.fcs_header import HEADER_BYTES
from mrdkit.flow.fcs_keywords import whole_number
from mrdkit.flow.fcs_spillover import parse_spillover

__all__ = ["removed_keywords", "removed_segments"]

_LARGEST_SEGMENT = 64 * 1024 * 1024  # bytes
_OFFSET_BYTES = 8
_KEYWORD = re.compile(r"[ -~]{2,64}")
_VENDOR = "a keyword that the policy does not know"


def removed_keywords(
    text: Mapping[str, str], written: Mapping[str, str], policy: Policy, *, pseudonym: str
) -> Iterator[Removed]:
    """Yield the values of a data set that were not written again.

    Args:
        text: keywords of the input.
        written: keywords of the output.
        policy: what is looked for.
        pseudonym: a keyword that was the pseudonym already has lost nothing.
    """
    names = {value.strip() for key, value in text.items() if key in written and family_of(key) == "$PnN"}
    for keyword, value in text.items():
        if written.get(keyword) == value or value.strip() == pseudonym == written.get(keyword):
            continue
        if policy.kinds.get(family_of(keyword)) == "layout" and not any(map(str.isalpha, value)):
            continue
        if policy.class_of(keyword) == "vendor" and _says_channels(value, names):
            continue
        yield from _removed(keyword, value, policy)


def removed_segments(content: NDArray[np.uint8], part: Part, policy: Policy) -> Iterator[Removed]:
    """Yield what stands behind identifying keywords anywhere in TEXT, ANALYSIS and OTHER segments.

    Args:
        content: bytes from the start of the data set.
        part: the data set.
        policy: which keywords identify.
    """
    delimiter = content[part.text.first : part.text.first + 1].tobytes()
    for first, last in dict.fromkeys(_segments(content, part)):
        if not HEADER_BYTES <= first < last < len(content) or last - first >= _LARGEST_SEGMENT:
            continue
        segment = content[first : last + 1].tobytes()
        for separator in dict.fromkeys((delimiter, segment[:1])):
            yield from _pairs(segment, separator, policy)


def _segments(content: NDArray[np.uint8], part: Part) -> Iterator[tuple[int, int]]:
    yield part.text.first, part.text.last or 0
    if part.header.analysis is not None:
        yield part.header.analysis.first, part.header.analysis.last or 0
    for kind in ("STEXT", "ANALYSIS"):
        first, last = (whole_number(part.keywords.get(f"${end}{kind}")) for end in ("BEGIN", "END"))
        yield first or 0, last or 0
    between = content[HEADER_BYTES : part.text.first].tobytes()
    for i in range(0, len(between) - 2 * _OFFSET_BYTES + 1, 2 * _OFFSET_BYTES):
        offsets = between[i : i + 2 * _OFFSET_BYTES].decode("latin-1")
        first, last = whole_number(offsets[:_OFFSET_BYTES]), whole_number(offsets[_OFFSET_BYTES:])
        yield first or 0, last or 0


def _pairs(segment: bytes, separator: bytes, policy: Policy) -> Iterator[Removed]:
    """Yield each piece that follows an identifying keyword, whichever piece the pairs begin with."""
    pieces = segment.split(separator)
    for keyword, value in pairwise(pieces):
        name = keyword.replace(b"\0", b"").decode("latin-1").strip().upper()
        if _KEYWORD.fullmatch(name) and policy.class_of(name) == "identity":
            yield from _removed(name, value.decode("latin-1"), policy)
            yield from _removed(name, value.decode("utf-8", errors="ignore"), policy)


def _removed(keyword: str, value: str, policy: Policy) -> Iterator[Removed]:
    kind = policy.class_of(keyword)
    if kind == "technical":
        return
    yield Removed(
        origin=policy.public_name(keyword) or _VENDOR,
        value=value,
        strict=kind == "identity",
        specimen_label=policy.is_specimen_label(keyword),
    )


def _says_channels(value: str, names: set[str]) -> bool:
    """Tell whether a value only repeats the names of channels, alone or in a matrix."""
    return parse_spillover(value) is not None or {part.strip() for part in value.split(",")} <= names
