"""What one item of a clone says: +8, t(9;22)(q34;q11.2), +mar1, 3~5mar, del(9)(p13), -7 or -8.

An item that this grammar does not read is kept as written and marked as not understood; nothing is concluded
from it. Source: ISCN 2024 in our own words.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

__all__ = ["Item", "Segment", "parse_item"]

_CHROMOSOME = r"(?:[1-9]|1\d|2[0-2]|X|Y)"
_SUFFIX = r"(?P<germ>\?c|c\?|c)?(?:[x\u00d7](?P<times>[2-9]))?"
_COPIES = r"(?:(?P<low>\d{1,2})(?:~(?P<high>\d{1,2}))?)?"
_NUMERIC = re.compile(rf"(?P<sign>[+-])(?P<doubt>\??)(?P<chromosome>{_CHROMOSOME}){_SUFFIX}", re.ASCII)
_UNKNOWN_ORIGIN = re.compile(
    rf"(?P<sign>[+-])(?P<doubt>\??){_COPIES}(?P<kind>mar|r)(?P<number>\d{{0,2}}){_SUFFIX}", re.ASCII
)
_MINUTES = re.compile(rf"\+?(?P<doubt>\??){_COPIES}(?P<kind>dmin)", re.ASCII)
_PREFIX = re.compile(r"(?P<sign>[+-]?)(?P<doubt>\??)(?P<word>(?:psu |der )?)")
_SEGMENT = re.compile(r"(?P<name>[a-z]+)\((?P<chromosomes>[^()]*)\)(?:\((?P<bands>[^()]*)\))?")
_TAIL = re.compile(_SUFFIX)
_ONE_CHROMOSOME = re.compile(rf"\??{_CHROMOSOME}|\?", re.ASCII)
_BAND = r"\??(?:[pq]\??(?:\d{1,2}\??(?:\.\d{1,3})?\??|ter)?|cen)"
_BREAKPOINT = re.compile(rf"(?:{_BAND}){{1,3}}|\?", re.ASCII)

_STRUCTURAL = {
    *("t", "del", "add", "dup", "inv", "ins", "i", "idic", "dic", "r", "ider", "der", "trp", "qdp", "hsr"),
    *("tas", "trc", "rob"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One operation such as t(4;11)(q21;q23); `bands` has one entry per chromosome, or none."""

    name: str
    chromosomes: tuple[str, ...]
    bands: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item as written and as read.

    Attributes:
        text: as written, without cell numbers.
        kind: `number` for a whole chromosome, else the name of the first operation, `mar`, `r`, `dmin`,
            `inc`, or `unknown`.
        sign: `+`, `-` or empty.
        segments: the operations of a structural change.
        chromosome: of a whole-chromosome change.
        low: least number of copies that the item adds, removes or names.
        high: largest such number.
        constitutional: marked `c`.
        doubtful: a `?` or an alternative stands in it.
        understood: whether the grammar read all of it.
        cells: metaphases in which the item itself was seen, where written.
        position: character of the cleaned text at which it begins, from 1.
        problem: why the item cannot be right, or None.
    """

    text: str
    kind: str
    sign: str = ""
    segments: tuple[Segment, ...] = ()
    chromosome: str | None = None
    low: int = 1
    high: int = 1
    constitutional: bool = False
    doubtful: bool = False
    understood: bool = True
    cells: int | None = None
    position: int = 0
    problem: str | None = None

    @property
    def is_loss(self) -> bool:
        """Whether a whole chromosome is lost."""
        return self.kind == "number" and self.sign == "-"


@lru_cache(maxsize=2048)
def parse_item(text: str) -> Item:
    """Return an item; one that is not read is marked so.

    >>> parse_item("+3~5mar").high
    5
    """
    if text == "inc":
        return Item(text=text, kind="inc")
    if " or " in text:
        return _alternative(text)
    if found := _NUMERIC.fullmatch(text):
        return _read(found, text, kind="number", chromosome=found["chromosome"])
    if found := _UNKNOWN_ORIGIN.fullmatch(text) or _MINUTES.fullmatch(text):
        return _read(found, text, kind=found["kind"])
    return _structural(text)


def _read(found: re.Match[str], text: str, *, kind: str, chromosome: str | None = None) -> Item:
    parts = found.groupdict()
    germ = parts.get("germ") or ""
    low = int(parts.get("low") or parts.get("times") or 1)
    high = int(parts.get("high") or low)
    return Item(
        text=text,
        kind=kind,
        sign=parts.get("sign") or "",
        chromosome=chromosome,
        low=min(low, high),
        high=max(low, high),
        constitutional=germ == "c",
        doubtful="?" in text,
        understood="?" not in germ,
    )


def _alternative(text: str) -> Item:
    first, *others = (parse_item(part.strip()) for part in text.split(" or ", maxsplit=3))
    same = all((item.kind, item.sign) == (first.kind, first.sign) for item in others)
    known = first.kind == "number" and same and not any(item.constitutional for item in (first, *others))
    if not known:
        return Item(text=text, kind="unknown", understood=False)
    return replace(first, text=text, chromosome=None, doubtful=True)


def _structural(text: str) -> Item:
    unknown = Item(text=text, kind="unknown", understood=False)
    prefix = _PREFIX.match(text)
    if prefix is None:
        return unknown
    at, segments, whole = prefix.end(), list[Segment](), True
    while found := _SEGMENT.match(text, at):
        segment, read = _segment(found)
        segments.append(segment)
        whole = whole and read
        at = found.end()
    tail = _TAIL.fullmatch(text, at)
    if not segments or segments[0].name not in _STRUCTURAL:
        return unknown
    word = prefix["word"].strip()
    return Item(
        text=text,
        kind=f"{word} {segments[0].name}" if word else segments[0].name,
        sign=prefix["sign"],
        segments=tuple(segments),
        low=int((tail and tail["times"]) or 1),
        high=int((tail and tail["times"]) or 1),
        constitutional=tail is not None and tail["germ"] == "c",
        doubtful="?" in text,
        understood=whole and tail is not None and "?" not in (tail["germ"] or ""),
        problem=_problem(segments),
    )


def _segment(found: re.Match[str]) -> tuple[Segment, bool]:
    chromosomes = tuple(found["chromosomes"].split(";"))
    bands = tuple(found["bands"].split(";")) if found["bands"] is not None else ()
    read = (
        found["name"] in _STRUCTURAL
        and all(_ONE_CHROMOSOME.fullmatch(chromosome) for chromosome in chromosomes)
        and all(_BREAKPOINT.fullmatch(band) for band in bands)
        and len(bands) in (0, len(chromosomes))
    )
    return Segment(name=found["name"], chromosomes=chromosomes, bands=bands), read


def _problem(segments: list[Segment]) -> str | None:
    for segment in segments:
        if segment.name != "t":
            continue
        if len(segment.chromosomes) == 1:
            return "a translocation needs two chromosomes"
        if segment.bands and len(segment.bands) != len(segment.chromosomes):
            return "a translocation needs a breakpoint on each of its chromosomes"
    return None
