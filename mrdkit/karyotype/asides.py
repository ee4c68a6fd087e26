"""Cells that are told of beside the clones: nonclonal and polyploid ones, as a section or in the brackets.

`nonclonal[2]` and `4n[1]` are sections of their own and count in the total alone; `[20,one is 4n]` speaks of
one of the twenty. What is said of nonclonal cells is read as items; words that are not understood stay
unread.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mrdkit.karyotype.items import Item, parse_item
from mrdkit.karyotype.layout import Population, Section, split_fields

__all__ = ["Aside", "Remark", "asides_of", "remark_of"]

_Kind: TypeAlias = Literal["nonclonal", "polyploid"]

_CELLS = re.compile(r"(?:cp ?)?(\d{1,4})", re.ASCII | re.IGNORECASE)
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = rf"(?P<number>{'|'.join(_NUMBERS)}|\d{{1,2}})"
_WITH = r"(?:w/|with) ?"
_CHANGES = r"(?: (?:abnormalit(?:y|ies)|changes?|cells?))?"
_POLYPLOID = r"(?:(?P<level>[1-8])n|tetraploid)(?: cells?)?"
_ASIDE = re.compile(
    rf"{_NUMBER} (?:cells? )?"
    rf"(?:(?:is |are )(?P<polyploid>{_POLYPLOID})|{_WITH}(?:an? )?non-?clonal{_CHANGES})",
    re.ASCII | re.IGNORECASE,
)
_NONCLONAL = re.compile(
    rf"non-?clonal(?:{_CHANGES}|(?P<clone> {_WITH}(?:the )?clonal{_CHANGES})| {_WITH}(?P<items>.+))",
    re.ASCII | re.IGNORECASE,
)
_LISTED = re.compile(r"(?:,| and | & )(?: ?and )?", re.IGNORECASE)
_POLYPLOID_SECTION = re.compile(_POLYPLOID, re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A remark on some cells of a clone: how many, and what they are."""

    n: int
    kind: _Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A section that is no clone.

    Attributes:
        position: its first character, from 1.
        text: as written.
        cells: its metaphases, None where they are not written.
        kind: what its cells are, or `unread`.
        items: what is said of nonclonal cells, as far as it was read.
        of_clone: the cells also carry the abnormalities of a clone.
    """

    position: int
    text: str
    population: Population
    cells: int | None
    kind: _Kind | Literal["unread"]
    items: tuple[Item, ...] = ()
    of_clone: bool = False

    @property
    def understood(self) -> bool:
        """Whether all of it was read."""
        return self.kind != "unread" and all(item.understood for item in self.items)


def asides_of(words: Iterable[str], cells: int | None) -> tuple[tuple[Aside, ...], tuple[str, ...]]:
    """Return the asides in the brackets of a clone, and the words that are none."""
    found: list[Aside] = []
    unread: list[str] = []
    for word in words:
        parts = [_ASIDE.fullmatch(part.strip()) for part in word.split(",")]
        asides = [_aside(part) for part in parts if part]
        if len(asides) == len(parts) and cells is not None and all(aside.n <= cells for aside in asides):
            found += asides
        else:
            unread.append(word)
    return tuple(found), tuple(unread)


def remark_of(section: Section) -> Remark:
    """Return what a section says that is no clone."""
    fields = split_fields(section.text)
    text = ",".join(field.text for field in fields)
    brackets = [bracket for field in fields for bracket in field.brackets]
    counted = _CELLS.fullmatch(brackets[0].strip()) if len(brackets) == 1 else None
    plain = not any(field.remark for field in fields) and (counted is not None or not brackets)
    nonclonal = _NONCLONAL.fullmatch(text) if plain else None
    polyploid = plain and _POLYPLOID_SECTION.fullmatch(text) is not None
    last = _CELLS.match(fields[-1].brackets[-1].strip()) if fields[-1].brackets else None
    return Remark(
        position=section.position,
        text=section.text.strip(),
        population=section.population,
        cells=int(last[1]) if last else None,
        kind="nonclonal" if nonclonal else "polyploid" if polyploid else "unread",
        items=_items(nonclonal),
        of_clone=nonclonal is not None and nonclonal["clone"] is not None,
    )


def _aside(found: re.Match[str]) -> Aside:
    number = found["number"].lower()
    n = _NUMBERS.index(number) + 1 if number in _NUMBERS else int(number)
    return Aside(n=n, kind="polyploid" if found["polyploid"] else "nonclonal")


def _items(nonclonal: re.Match[str] | None) -> tuple[Item, ...]:
    if nonclonal is None or not nonclonal["items"]:
        return ()
    return tuple(parse_item(part.strip()) for part in _LISTED.split(nonclonal["items"]))
