"""The words of an ISCN FISH string: probes, numbers of copies, relations.

A multiplier stands behind its probe, with a sign for times or a capital X; a range stays a range, `amp` is
more than can be counted, `c` is constitutional.
Source: ISCN 2024 section 7.3 in our own words.
"""

import re
from typing import Literal, NamedTuple

from mrdkit.fish.probes import End

__all__ = [
    "COPIES",
    "LONGEST_ITEM",
    "Copies",
    "Name",
    "Relation",
    "Total",
    "copies_of",
    "name_of",
    "with_copies",
]

COPIES = r"(\d{1,3})(?: *[~-] *(\d{1,3}))? *(c)?"
_INSIDE = re.compile(
    rf"(.*?) *(?:(?:[\u00d7x*]|[\u00d7*] *| +[xX] *){COPIES}| +(amp)|(?<=[\dA-Z@])(amp))", re.ASCII
)
_CAPITAL = re.compile(rf"(.{{3,}}?)X{COPIES}", re.ASCII)
_NAME = re.compile(r"(?:([35]) *' *-? *)?([A-Za-z][\w.:@+/-]*(?: [A-Za-z][\w.:@+/-]*)?)?", re.ASCII)

_RELATION_WORD = re.compile(r"(?:^| )(?:sep|con)(?: |$)", re.IGNORECASE)

LONGEST_ITEM = 200  # characters; a probe and its multiplier have about twenty


class Copies(NamedTuple):
    """A number of copies, a range of them, or more than can be counted (`high` is None)."""

    low: int
    high: int | None
    constitutional: bool = False

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high


class Name(NamedTuple):
    """A probe: the gene, empty where only the end is written, and the end of a break-apart probe."""

    gene: str
    end: End | None


class Total(NamedTuple):
    """Copies of one probe."""

    name: Name
    copies: Copies
    at: int


class Relation(NamedTuple):
    """How often probes lie apart (`sep`) or together (`con`) in a nucleus."""

    kind: Literal["sep", "con"]
    names: tuple[Name, ...]
    copies: Copies
    at: int


def with_copies(text: str, outside: Copies | None) -> tuple[str, Copies | None]:
    """Return a probe and its multiplier; one inside and outside the bracket is none."""
    if outside is None:
        return _split_copies(text)
    twice = len(text) <= LONGEST_ITEM and _INSIDE.fullmatch(text)
    return text, None if twice else outside


def _split_copies(text: str) -> tuple[str, Copies | None]:
    """Return a probe without the multiplier that stands with it; a capital X counts behind a whole name."""
    found = None
    if len(text) <= LONGEST_ITEM:
        found = _INSIDE.fullmatch(text) or _CAPITAL.fullmatch(text)
    return (found[1], copies_of(found, 2)) if found else (text, None)


def copies_of(found: re.Match[str], first: int) -> Copies:
    """Return the copies of a match of `COPIES` whose first group is `first`; no number is `amp`."""
    low, high, constitutional = found[first], found[first + 1], found[first + 2]
    if low is None:
        return Copies(0, None)
    bounds = sorted((int(low), int(high or low)))
    return Copies(bounds[0], bounds[1], bool(constitutional))


def name_of(text: str) -> Name | None:
    """Return a probe, None where the text is none."""
    found = _NAME.fullmatch(text.strip())
    if found is None or not found[0] or _RELATION_WORD.search(found[0]):
        return None
    end: End | None = None
    if found[1]:
        end = "3prime" if found[1] == "3" else "5prime"
    return Name((found[2] or "").removeprefix("LSI "), end)
