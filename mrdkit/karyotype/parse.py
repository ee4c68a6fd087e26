"""The clones of a karyotype as written, before anything is inherited or judged.

A clone is a count, sex chromosomes or a reference to another clone, items, and metaphases in square brackets;
52(26,X,+14,...)x2 is a doubled set, of which the single one is in round brackets. Other sections (nonclonal
cells, 4n cells) are remarks. Source: ISCN 2024 in our own words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from mrdkit.karyotype.asides import Aside, Remark, asides_of, remark_of
from mrdkit.karyotype.items import Item, parse_item
from mrdkit.karyotype.layout import Field, Population, Section, sections_of, split_fields, unreadable

__all__ = ["Karyotype", "ParsedClone", "Reference", "parse_karyotype"]

_HEAD = re.compile(r"(\d{1,3})(?:~(\d{1,3}))?(?:<([1-8]?)n>)?", re.ASCII)
_LEVEL = re.compile(r"<([1-8]?)n>", re.ASCII)
_SEX = re.compile(r"\??(?:[XY]{1,8}|U)(?:\?c|c\?|c|\?)?")
_REFERENCE = re.compile(r"(idem|sdl|sl)(\d{0,2})(?: ?[xX\u00d7] ?([2-4]))?", re.ASCII)
_CELLS = re.compile(r"(cp ?)?(\d{1,4})(?:(?:[,;][,; ]*| +(?!\d))(.*))?", re.ASCII | re.IGNORECASE)
_MULTIPLE = re.compile(r"(\d{2,3}(?:~\d{2,3})?)\((\d{2}(?:~\d{2})?,.*)\)[x\u00d7]([2-4])", re.ASCII)
_NORMAL_WORDS = re.compile(
    r"[ ;,(-]*(?:an? )?(?:apparently )?normal(?: (?P<sex>fe?male))?(?: karyotype)?\)?", re.IGNORECASE
)
_RECIPIENT_WORDS = ("recipient", "patient", "host")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """`idem`, `sl` or `sdl`: which clone is meant, and by what it is multiplied."""

    word: str
    number: int | None
    times: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedClone:
    """One clone as written; its items are placed from its own first character on.

    Attributes:
        single_low: least count of the single set, where the clone is written as a multiple of one.
        single_high: largest such count.
        times: by what the clone referred to, or the set in round brackets, is multiplied.
        asides: remarks on single cells in the brackets, such as `one is 4n`.
        remarks: words that were not understood.
    """

    population: Population
    count_low: int
    count_high: int
    single_low: int | None = None
    single_high: int | None = None
    times: int = 1
    level: int | None
    sex: str | None
    reference: Reference | None
    items: tuple[Item, ...]
    cells: int | None
    composite: bool
    asides: tuple[Aside, ...]
    remarks: tuple[str, ...]

    @property
    def modal(self) -> int | str:
        """The stated count, or the range as in 43~46."""
        same = self.count_low == self.count_high
        return self.count_low if same else f"{self.count_low}~{self.count_high}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Karyotype:
    """Clones, other sections and the FISH parts (with position), each in the order of the text.

    Attributes:
        clones: the clones.
        positions: the first character of each in the cleaned text, from 1.
        remarks: sections that are no clone.
        techniques: position and text of the parts of other techniques.
    """

    clones: tuple[ParsedClone, ...]
    positions: tuple[int, ...]
    remarks: tuple[Remark, ...]
    techniques: tuple[tuple[int, str], ...]


def parse_karyotype(text: str) -> Karyotype:
    """Return the clones of a cleaned karyotype.

    Raises:
        InputError: the text is no karyotype, its brackets or separators are wrong, or a donor is named on the
            recipient's side.
    """
    clones: list[ParsedClone] = []
    positions: list[int] = []
    remarks: list[Remark] = []
    techniques: list[tuple[int, str]] = []
    for section in sections_of(text):
        _check_side(section)
        clone = _clone(section.text, section.population)
        first = not any(other.population == section.population for other in clones)
        if clone is None and first:
            raise unreadable(
                "no clone such as 46,XX[20] stands here", code="NOT_A_KARYOTYPE", position=section.position
            )
        if clone is None:
            remarks.append(remark_of(section))
        else:
            clones.append(clone)
            positions.append(section.position)
        if section.technique:
            techniques.append((section.position + len(section.text), section.technique))
    return Karyotype(
        clones=tuple(clones),
        positions=tuple(positions),
        remarks=tuple(remarks),
        techniques=tuple(techniques),
    )


@lru_cache(maxsize=4096)
def _clone(text: str, population: Population) -> ParsedClone | None:
    """Return the clone that a section is; a laboratory writes many of them again and again."""
    multiple = _multiple(text, population)
    head = None if multiple else _head(split_fields(text))
    if head is None:
        return multiple
    low, high, level, fields = head
    sex, reference, rest = _kind(fields)
    if sex is None and reference is None:
        return None
    cells, composite, remarks = _cells(fields)
    asides, unread = asides_of(remarks, cells)
    words = [field.remark for field in fields if field.remark]
    if not rest:
        words = [word for word in words if not _says_normal(word, sex or "")]
    return ParsedClone(
        population=population,
        count_low=low,
        count_high=high,
        times=reference.times if reference else 1,
        level=level,
        sex=sex,
        reference=reference,
        items=tuple(_item(field, last=field is fields[-1]) for field in rest),
        cells=cells,
        composite=composite,
        asides=asides,
        remarks=(*unread, *(word for word in words if not _names_side(word, population))),
    )


def _head(fields: Sequence[Field]) -> tuple[int, int, int | None, Sequence[Field]] | None:
    """Return least and largest count, ploidy level and the fields behind them, None where no count stands."""
    head, *rest = fields
    found = _HEAD.fullmatch(head.text)
    if found is None or head.brackets or not rest:
        return None
    level = found[3]  # <n> is <1n>
    if (own_level := _LEVEL.fullmatch(rest[0].text)) and rest[1:]:
        level, rest = own_level[1], rest[1:]
    low, high = sorted((int(found[1]), int(found[2] or found[1])))
    return low, high, None if level is None else int(level or 1), rest


def _multiple(text: str, population: Population) -> ParsedClone | None:
    """Return the clone that 52(26,X,+14,...)x2[10] describes, None where it is written otherwise."""
    if _MULTIPLE.match(text) is None:
        return None
    head, *others = split_fields(text)
    found = _MULTIPLE.fullmatch(head.text)
    if found is None or others:
        return None
    single = _clone(found[2] + text[len(head.text) :], population)
    if single is None or single.reference is not None or single.times > 1:
        return None
    low, high = sorted(int(count) for count in (found[1].split("~") * 2)[:2])
    return replace(
        single,
        items=tuple(replace(item, position=item.position + found.start(2)) for item in single.items),
        count_low=low,
        count_high=high,
        single_low=single.count_low,
        single_high=single.count_high,
        times=int(found[3]),
    )


def _names_side(word: str, population: Population) -> bool:
    """Return whether a word behind a clone only says whose cells it describes, on the right side of //."""
    own = ("donor",) if population == "donor" else _RECIPIENT_WORDS
    return word.lower().strip("()").removesuffix(" cells").removeprefix("of ") in own


def _says_normal(word: str, sex: str) -> bool:
    """Return whether a word behind a clone without changes only says that it is normal, of the right sex."""
    found = _NORMAL_WORDS.fullmatch(word)
    said = found["sex"] if found else None
    return found is not None and (said is None or (said.lower() == "male") == ("Y" in sex))


def _kind(fields: Sequence[Field]) -> tuple[str | None, Reference | None, Sequence[Field]]:
    """Return sex chromosomes, reference and the fields behind them; `46,XX,sl,...` has both."""
    sex, rest = None, fields
    if _SEX.fullmatch(rest[0].text):
        sex, rest = rest[0].text, rest[1:]
    if rest and (found := _REFERENCE.fullmatch(rest[0].text)):
        number = int(found[2]) if found[2] else None
        times = int(found[3] or 1)
        reference = Reference(word=found[1], number=number, times=times, text=rest[0].text)
        return sex, reference, rest[1:]
    return sex, None, rest


def _item(field: Field, *, last: bool) -> Item:
    inner = field.brackets[:-1] if last else field.brackets
    found = _CELLS.fullmatch(inner[0]) if len(inner) == 1 else None
    cells = int(found[2]) if found and not found[1] else None
    return _item_at(field.text, field.position, cells)


@lru_cache(maxsize=8192)
def _item_at(text: str, position: int, cells: int | None) -> Item:
    return replace(parse_item(text), position=position, cells=cells)


def _cells(fields: Sequence[Field]) -> tuple[int | None, bool, tuple[str, ...]]:
    """Return the clone's metaphases, whether it is composite, and what was not read in the brackets."""
    inner = [bracket for field in fields[:-1] for bracket in field.brackets]
    own = fields[-1].brackets
    # Of two brackets the last one is the clone's only in a composite; else it may count the nuclei of a FISH.
    several = bool(inner) or len(own) > 1
    if not own or (several and not own[-1].lower().startswith("cp")):
        return None, False, tuple(f"[{bracket}]" for bracket in (*inner, *own))
    found = _CELLS.fullmatch(own[-1].strip())
    if found is None:
        return None, False, (f"[{own[-1]}]",)
    return int(found[2]), bool(found[1]), (found[3],) if found[3] else ()


def _check_side(section: Section) -> None:
    """Refuse cells that are named the donor's or the recipient's on the wrong side of //, or without it."""
    words = section.text.lower()
    if section.population == "recipient" and ("donor" in words or words.startswith("chi ")):
        raise unreadable(
            "cells are named a donor's or a chimera's but stand on the recipient's side of //",
            code="DONOR_WITHOUT_SEPARATOR",
            position=section.position,
        )
    if section.population == "donor" and any(name in words for name in _RECIPIENT_WORDS):
        raise unreadable(
            "cells are named the recipient's but stand on the donor's side of //",
            code="RECIPIENT_BEHIND_SEPARATOR",
            position=section.position,
        )
