"""What one item of a clone says: +8, t(9;22)(q34;q11.2), +mar1, 3~5mar, del(9)(p13), 9qh+, 5q-, -7 or -8.

An item that this grammar does not read is kept as written and marked as not understood; nothing is concluded
from it. Source: ISCN 2024 in our own words.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from mrdkit.karyotype.segments import CHROMOSOME, UNKNOWN_KIND, Problem, Segment, read_segment, segment_at

__all__ = ["Item", "parse_item"]

#: Marked c, or said to be inherited or new in the germ line.
_GERM_LINE = ("c", "dn", "mat", "pat", "inh", "dmat", "dpat", "dinh")
_SUFFIX = rf"(?P<germ>\?c|c\?|{'|'.join(_GERM_LINE)})?(?:[x\u00d7](?P<times>[2-9]))?"
_COPIES = r"(?:(?P<low>\d{1,2})(?:~(?P<high>\d{1,2}))?)?"
_NUMERIC = re.compile(rf"\??(?P<sign>[+-])(?P<doubt>\??)(?P<chromosome>{CHROMOSOME}){_SUFFIX}", re.ASCII)
_UNKNOWN_ORIGIN = re.compile(
    rf"(?P<sign>[+-])(?P<doubt>\??){_COPIES}(?P<kind>mar|r)(?P<number>\d{{0,2}}){_SUFFIX}", re.ASCII
)
_MINUTES = re.compile(rf"\+?(?P<doubt>\??){_COPIES}(?P<kind>dmin)", re.ASCII)
_VARIANT = re.compile(rf"{CHROMOSOME}(?:(?:[pq]|cen)?(?:h|stk|ss|s)[+-])+c?", re.ASCII)
#: 5q- and 14q+, of the first editions.
_OF_AN_ARM = re.compile(rf"(?P<chromosome>{CHROMOSOME})(?P<arm>[pq])(?P<change>[+-])", re.ASCII)
_PREFIX = re.compile(r"(?P<sign>[+-]?)(?P<doubt>\??)(?:der |psu |dir |inv )*")
_TAIL = re.compile(_SUFFIX)
_MOST_ALTERNATIVES = 4
_INNER_OR = re.compile(r"\(([^()]*) or ([^()]*)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item as written and as read.

    Attributes:
        text: as written, without cell numbers.
        kind: `number` for a whole chromosome, else the name of the first operation, `mar`, `r`, `dmin`,
            `inc`, `variant` (of a heterochromatic region), or `unknown`.
        sign: `+`, `-` or empty.
        segments: the operations of a structural change.
        chromosome: of a whole-chromosome change.
        low: least number of copies that the item adds, removes or names.
        high: largest such number.
        constitutional: marked `c` or by its inheritance, or a variant, which a person is born with.
        doubtful: a `?` or an alternative stands in it, or a rearrangement of unknown kind.
        understood: whether the grammar read all of it.
        cells: metaphases in which the item itself was seen, where written.
        position: character of its clone at which it begins, from 1.
        problem: why the item cannot be right, or None.
        alternatives: what else it may be, where `or` stands in it.
        abbreviated: a structural change without any band, which may have been written in full before.
        named: every chromosome that its segments name, and `?` where one is in doubt.
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
    problem: Problem | None = None
    alternatives: tuple["Item", ...] = ()
    abbreviated: bool = False
    named: frozenset[str] = frozenset()

    @property
    def is_loss(self) -> bool:
        """Whether a whole chromosome is lost."""
        return self.kind == "number" and self.sign == "-"

    @property
    def chromosomes(self) -> tuple[str, ...]:
        """The chromosomes that a structural change replaces; empty for others."""
        return self.segments[0].chromosomes if self.segments else ()

    @property
    def own_changes(self) -> tuple[Segment, ...]:
        """What happened: for a derivative the operations behind `der`, else all of them."""
        return self.segments[1:] if self.kind == "der" and len(self.segments) > 1 else self.segments

    @property
    def change(self) -> tuple[object, ...]:
        """What identifies the change in another sample, at the resolution of whole bands."""
        if not self.segments:
            return (self.text,)
        return tuple((each.name, each.chromosomes, each.places) for each in self.own_changes)


@lru_cache(maxsize=4096)
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
    if _VARIANT.fullmatch(text):
        return Item(text=text, kind="variant", constitutional=True)
    return _of_an_arm(text) or _structural(text)


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
        constitutional=germ in _GERM_LINE,
        doubtful="?" in text,
        understood="?" not in germ,
    )


def _alternative(text: str) -> Item:
    unknown = Item(text=text, kind="unknown", understood=False)
    readings = _spelled_out(text)
    if len(readings) > _MOST_ALTERNATIVES or any(" or " in reading for reading in readings):
        return unknown
    first, *others = (parse_item(reading) for reading in readings)
    same = all((item.kind, item.sign) == (first.kind, first.sign) for item in others)
    certain = all(item.understood and not item.constitutional for item in (first, *others))
    if not (others and same and certain):
        return unknown
    return replace(
        first,
        text=text,
        chromosome=None,
        doubtful=True,
        alternatives=tuple(others),
        named=first.named.union(*(item.named for item in others)),
    )


def _spelled_out(text: str) -> list[str]:
    """Return both readings of add(19)(p13 or q13), and each of -7 or -8."""
    inner = _INNER_OR.search(text)
    if inner is None:
        return [part.strip() for part in text.split(" or ")]
    before, behind = text[: inner.start()], text[inner.end() :]
    return [f"{before}({choice.strip()}){behind}" for choice in inner.groups()]


def _named(segments: Iterable[Segment]) -> Iterator[str]:
    for name in (name for segment in segments for name in segment.chromosomes):
        yield from ("?", name.strip("?")) if "?" in name else (name,)


def _of_an_arm(text: str) -> Item | None:
    """Return the change of an arm that 5q- or 14q+ says."""
    found = _OF_AN_ARM.fullmatch(text)
    if found is None:
        return None
    change = "add" if found["change"] == "+" else "del"
    return replace(_structural(f"{change}({found['chromosome']})({found['arm']})"), text=text)


def _structural(text: str) -> Item:
    prefix = _PREFIX.match(text)
    segments, whole, end = _segments(text, prefix.end() if prefix else 0)
    if prefix is None or not segments or not segments[0].known:
        return Item(text=text, kind="unknown", understood=False)
    tail = _TAIL.fullmatch(text, end)
    copies = int((tail and tail["times"]) or 1)
    germ = (tail and tail["germ"]) or ""
    return Item(
        text=text,
        kind=segments[0].name,
        sign=prefix["sign"],
        segments=segments,
        low=copies,
        high=copies,
        constitutional=germ in _GERM_LINE,
        doubtful="?" in text or any(each.name == UNKNOWN_KIND for each in segments),
        understood=whole and tail is not None and "?" not in germ,
        abbreviated=not any(each.bands for each in segments),
        problem=next((each.problem for each in segments if each.problem), None),
        named=frozenset(_named(segments)),
    )


def _segments(text: str, at: int) -> tuple[tuple[Segment, ...], bool, int]:
    """Return the operations from a character on, whether all were read, and where they end."""
    segments, whole = list[Segment](), True
    while found := segment_at(text, at):
        added, read = read_segment(found)
        segments += added
        whole = whole and read
        at = found.end()
    return tuple(segments), whole, at
