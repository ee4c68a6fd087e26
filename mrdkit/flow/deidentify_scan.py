"""Is a removed value still there? Every removed value is looked for in everything that is written.

A value of a keyword that carried identity is looked for whole and word by word, any other removed one whole;
as UTF-8, Latin-1 and UTF-16 of both byte orders, in capitals or not. Not looked for: what is too short, and
what says only what channels, dyes and cytometers are called. Where it is found decides: in free text it is
refused; among numbers (DATA, ranges, matrices), where short ones are found by chance, it is refused from a
length on and counted below it. Rules: reference/flow/deidentification.toml.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from mrdkit.flow.deidentify_policy import Policy
from mrdkit.flow.deidentify_search import Searcher
from mrdkit.flow.dyes import is_dye

__all__ = [
    "Finding",
    "Needle",
    "Place",
    "PlaceKind",
    "Removed",
    "find",
    "is_chance",
    "is_generic_word",
    "needles_of",
    "patterns_of",
]

PlaceKind: TypeAlias = Literal["text", "numbers", "date", "pseudonym", "data"]

_WORD = re.compile(r"[^\W_]+")
# Parts of a word that are words themselves: capitals within it, its letters, its digits.
_PARTS = (re.compile(r"[A-Z][a-z]{3,}"), re.compile(r"[^\W\d_]{4,}"), re.compile(r"\d{6,}"))
_MARKER = re.compile(r"CD\d+[A-Z]?")
_LETTER = re.compile(r"[^\W\d_]")
_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
_SHORT_NUMBER = 3  # digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """One value that was removed.

    Attributes:
        origin: what may be said of where it came from: a keyword of the policy, `subject_id`, `file name`.
        value: never printed.
        strict: whether it carried identity, so that each word counts.
        specimen_label: whether it may hold the pseudonym already.
    """

    origin: str
    value: str
    strict: bool
    specimen_label: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Needle:
    """One text to look for, and the removed value that it is, or is a word of."""

    text: str
    removed: Removed

    @property
    def is_number(self) -> bool:
        """Whether it has no letter, so that it may stand among numbers by chance."""
        return _LETTER.search(self.text) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A part of the output: its name, what stands there, and its bytes in small letters."""

    name: str
    kind: PlaceKind
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A removed value found: where, how often, and whether it may be chance."""

    needle: Needle
    place: Place
    count: int
    chance: bool


def needles_of(removed: Iterable[Removed], policy: Policy) -> tuple[Needle, ...]:
    """Return what is looked for, each text once, and with the strictest origin that it has."""
    found: dict[str, Needle] = {}
    for value in sorted(removed, key=lambda one: one.specimen_label):
        for text in _texts(value, policy):
            found.setdefault(text.casefold(), Needle(text=text, removed=value))
    return tuple(found.values())


def find(
    needles: Sequence[Needle], places: Sequence[Place], policy: Policy, pseudonym: str
) -> Iterator[Finding]:
    """Yield every needle that is found in a place."""
    patterns = [(needle, patterns_of(needle.text)) for needle in needles]
    searcher = Searcher(pattern for _, variants in patterns for pattern in variants)
    for place in places:
        counts = searcher.counts(place.content)
        for needle, variants in patterns if counts else ():
            count = sum(counts[pattern] for pattern in variants)
            if count and not _is_expected(needle, place, policy, pseudonym):
                chance = is_chance(needle, place.kind, policy)
                yield Finding(needle=needle, place=place, count=count, chance=chance)


def _texts(removed: Removed, policy: Policy) -> Iterator[str]:
    least = policy.rule.value_characters_at_least
    whole = removed.value.replace("\0", "").strip("\ufeff\xff\xfe \t\r\n")
    words = _WORD.findall(whole)
    if len(whole) >= least and not _is_generic_value(words, policy):
        number = _LETTER.search(whole) is None
        if removed.strict or not number or len(whole) >= policy.rule.chance_characters_below:
            yield whole
    if removed.strict:
        parts = [part for word in words for pattern in _PARTS for part in pattern.findall(word)]
        long = [word for word in (*words, *parts) if len(word) >= least]
        yield from (word for word in long if not is_generic_word(word, policy))


def _is_generic_value(words: Sequence[str], policy: Policy) -> bool:
    """Tell whether a value says nothing but what channels and cytometers are called."""
    rest = [word for word in words if not is_generic_word(word, policy)]
    if all(len(word) == 1 or (word.isdigit() and len(word) <= _SHORT_NUMBER) for word in rest):
        return len(rest) < len(words) or not words
    return False


def is_generic_word(word: str, policy: Policy) -> bool:
    """Tell a word of channels, markers, dyes and cytometers, which identifies nobody."""
    bare = word.strip("0123456789")
    names = (word, bare)
    return (
        len(set(word.casefold())) == 1
        or any(name.casefold() in policy.generic or is_dye(name.upper()) for name in names)
        or _MARKER.fullmatch(word.upper()) is not None
    )


@lru_cache(maxsize=65_536)
def patterns_of(text: str) -> frozenset[bytes]:
    """Return the bytes, in small letters, that a text may stand as."""
    patterns = set()
    for variant in (text, text.lower(), text.upper(), text.casefold()):
        for form in (variant, unicodedata.normalize("NFC", variant), unicodedata.normalize("NFD", variant)):
            patterns |= {form.encode(encoding, errors="ignore").lower() for encoding in _ENCODINGS}
    return frozenset(pattern for pattern in patterns if len(pattern) >= len(text))


def _is_expected(needle: Needle, place: Place, policy: Policy, pseudonym: str) -> bool:
    """Tell whether a place repeats a value by its nature: a specimen's pseudonym, the year of a date."""
    match place.kind:
        case "pseudonym":
            removed = needle.removed
            return removed.specimen_label and pseudonym.casefold() in removed.value.casefold()
        case "date":
            return needle.is_number and len(needle.text) < policy.rule.chance_characters_below
        case _:
            return False


def is_chance(needle: Needle, kind: PlaceKind, policy: Policy) -> bool:
    """Tell whether a text may stand in a place of this kind by chance."""
    if len(needle.text) >= policy.rule.chance_characters_below or kind == "text":
        return False
    return kind == "data" or needle.is_number
