"""What one clone of an ISCN FISH string says: brackets of probes with their copies, relations, cell numbers.

The multiplier stands outside the bracket (2024, one for all probes) or inside (2020, or where the probes
differ); a band in front, as older editions write it, says nothing here. `None` means that the text is not
understood, which is never an empty result.
Source: ISCN 2024 sections 7.2.1, 7.3.1 and 7.3.4 in our own words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from mrdkit.fish.iscn_layout import Part, Segment, refused
from mrdkit.fish.iscn_words import (
    COPIES,
    LONGEST_ITEM,
    Copies,
    Name,
    Relation,
    Total,
    copies_of,
    name_of,
    with_copies,
)

__all__ = ["Cells", "ReadSegment", "read_segment"]

_BANDS = re.compile(r"(?:(?:\d{1,2}|[XY])(?:[pq][\d.]*|cen)*|cen\d{1,2})(?: *[/;,] *|(?= *\()| *$)", re.ASCII)
_OUTSIDE = re.compile(rf" *(?:[\u00d7xX*] *{COPIES}(?!\w)|(amp)(?!\w))", re.ASCII)
_CLOSE_RELATION = re.compile(r"(sep|con) *(?=[35] *')", re.IGNORECASE)
_RELATION = re.compile(r"(?<! ) +(sep|con) +", re.IGNORECASE)
_CELLS = re.compile(r" *(?:cp)? *(\d{1,6})(?: *(?:/|of) *(\d{1,6}))? *(?:nuclei|cells)? *", re.ASCII)
_EVENT = re.compile(r"[\w?.;~ ()+-]*", re.ASCII)
_SIGNAL = re.compile(r"(.+?) *(\++|-+|\u00d7? *0)", re.ASCII)


class Cells(NamedTuple):
    """Cell numbers of a clone as written: `[n]` or `[n/total]`."""

    n: int
    total: int | None
    at: int


@dataclass(slots=True, kw_only=True)
class ReadSegment:
    """One clone as written.

    Attributes:
        segment: where it stands.
        totals: copies of probes.
        relations: how often probes lie together or apart.
        derivatives: of a metaphase result, the probes seen on each rearranged chromosome, with their signal.
        event: the rearrangement that a metaphase result names.
        cells: the cell numbers.
        inside: for every bracket that tells editions apart, whether its multiplier stands inside.
        band: a band stands in front.
    """

    segment: Segment
    totals: list[Total] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    derivatives: list[dict[Name, bool]] = field(default_factory=list)
    event: str = ""
    cells: Cells | None = None
    inside: list[bool] = field(default_factory=list)
    band: bool = False


def read_segment(segment: Segment) -> ReadSegment | None:
    """Return one clone, or None where it is not understood."""
    read, part = ReadSegment(segment=segment), segment.part
    at = _skip_bands(read, part.text)
    if segment.technique == "ish" and not part.text.startswith("(", at):
        at = _skip_event(read, part.text, at)
    while at < len(part.text):
        sign = part.text[at]
        if sign == " ":
            at += 1
            continue
        end = _closing(part.text, at)
        if read.cells is not None or end is None:
            return None
        content = part.cut(at + 1, end)
        if sign == "[":
            read.cells, at = _cells(content), end + 1
            if read.cells is None:
                return None
        else:
            after = _bracket(read, content, part.text, end + 1)
            if after is None:
                return None
            at = after
    return read if read.totals or read.relations or read.derivatives or read.event else None


def _skip_bands(read: ReadSegment, text: str) -> int:
    at = 0
    while found := _BANDS.match(text, at):
        read.band = True
        at = found.end()
    return at


def _skip_event(read: ReadSegment, text: str, at: int) -> int:
    """Step over the rearrangement of a metaphase result: all brackets but the last one, which has signals."""
    signals = text.rfind("(", 0, text.find("[") if "[" in text else len(text))
    event = text[at : max(signals, at)].strip()
    if event and signals > at and _EVENT.fullmatch(event):
        read.event = event
        return signals
    return at


def _closing(text: str, at: int) -> int | None:
    """Return the place of the bracket that closes the one at a place, None where none opens there."""
    if text[at] not in "([":
        return None
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] in "([") - (text[place] in ")]")
        if not depth:
            return place
    return None


def _cells(content: Part) -> Cells | None:
    found = _CELLS.fullmatch(content.text)
    if found is None:
        return None
    cells = Cells(int(found[1]), int(found[2]) if found[2] else None, content.at)
    if cells.total is not None and cells.n > cells.total:
        raise refused(
            "more nuclei are abnormal than were scored", "ISCN_CELLS", content.at, found=content.text
        )
    if cells.total == 0 or (cells.total is None and cells.n == 0):
        raise refused("no nucleus was scored", "ISCN_CELLS", content.at, found=content.text)
    return cells


def _bracket(read: ReadSegment, content: Part, text: str, at: int) -> int | None:
    """Read one bracket and the multiplier behind it; return where it ends, None if not understood."""
    outside = _OUTSIDE.match(text, at)
    after = outside.end() if outside else at
    copies = copies_of(outside, 1) if outside else None
    if read.event or (read.segment.technique == "ish" and _signals(read, content)):
        understood = copies is None and (bool(read.derivatives) or _signals(read, content))
        return after if understood else None
    if _RELATION.search(content.text) or _CLOSE_RELATION.search(content.text):
        return after if _relation(read, content, copies) else None
    items = list(_items(content))
    totals = [_total(item, copies) for item in items]
    if any(total is None for total in totals):
        return None
    read.totals += [total for total in totals if total is not None]
    if len(items) == 1:
        read.inside.append(copies is None)
    return after


def _items(content: Part) -> Iterator[Part]:
    start = 0
    for comma in [*(found.start() for found in re.finditer(",", content.text)), len(content.text)]:
        yield content.cut(start, comma)
        start = comma + 1


def _total(item: Part, outside: Copies | None) -> Total | None:
    text, copies = with_copies(item.text, outside)
    name = name_of(text)
    return None if name is None or copies is None else Total(name, copies, item.at)


def _relation(read: ReadSegment, content: Part, outside: Copies | None) -> bool:
    text, copies = with_copies(_CLOSE_RELATION.sub(r" \1 ", content.text), outside)
    first, *rest = _RELATION.split(text)
    kinds, names = {kind.casefold() for kind in rest[::2]}, [name_of(one) for one in (first, *rest[1::2])]
    if copies is None or None in names or len(kinds) != 1:
        return False
    known = tuple(name for name in names if name is not None)
    read.relations.append(Relation("sep" if kinds == {"sep"} else "con", known, copies, content.at))
    read.inside.append(outside is None)
    return True


def _signals(read: ReadSegment, content: Part) -> bool:
    """Read the signals of rearranged chromosomes, such as `3'A-,5'A+;3'A+`."""
    derivatives: list[dict[Name, bool]] = []
    for chromosome in content.text.split(";"):
        seen: dict[Name, bool] = {}
        for item in chromosome.split(","):
            found = _SIGNAL.fullmatch(item.strip()[:LONGEST_ITEM])
            name = name_of(found[1]) if found else None
            if found is None or name is None:
                return False
            seen[name] = found[2].startswith("+")
        derivatives.append(seen)
    read.derivatives = derivatives
    return True
