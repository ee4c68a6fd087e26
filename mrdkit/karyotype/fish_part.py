"""The part of another technique behind a karyotype: kept as written, read only as normal or abnormal.

Interphase FISH is normal where every probe is seen twice and nothing else is said: two signals of each, a Y
and an X once each. Relations (`sep`, `con`), other numbers and amplification are abnormal, and so is what
metaphase FISH tells of a change. Arrays, sequences, several populations and everything else are not read.
Calls of FISH are made elsewhere, from counts.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["FishPart", "FishReading", "read_fish_part"]

FishReading: TypeAlias = Literal["normal", "abnormal", "not_read"]

_INTERPHASE = re.compile(r"\. ?nuc\.? ?ish ?", re.IGNORECASE)
_METAPHASE = re.compile(r"\. ?(?:metaph\.? ?)?ish ?", re.IGNORECASE)
_TIMES = r"[x\u00d7]\d{1,2}(?:~\d{1,2})?"
_PROBE = r"[A-Za-z0-9'\u2032.\- ]+"
_BANDS = r"(?:(?:\d{1,2}|[XY])(?:[pq][\d.]*|cen)+ ?)?"  # in front of the probe, until 2016
_GROUP = re.compile(
    rf"{_BANDS}\((?P<probes>[^()]*)\)(?P<times>{_TIMES})?(?:\[(?P<nuclei>\d+(?:/\d+)?)\])?[,/ ]?"
)
_ONE = re.compile(rf"(?P<name>{_PROBE}?)(?P<times>{_TIMES})?")
_TWICE = re.compile(r"[x\u00d7]2")
_ONCE = re.compile(r"[x\u00d7]1")
_RELATION = re.compile(r"\b(?:sep|con|amp)\b", re.IGNORECASE)
_OF_X = re.compile(r"DXZ\d|(?:CEP ?)?X|AR|STS", re.IGNORECASE)
_OF_Y = re.compile(r"DYZ\d|(?:CEP ?)?Y|SRY", re.IGNORECASE)
_CHANGE = re.compile(
    # Exactly one bracket per round, so that no text can be split in many ways.
    r"(?:(?:[+-]?(?:psu |der )?[a-z]+|[+-]?(?:\d{1,2}|[XY]))?\([^()]*\)"
    rf"(?:{_TIMES})?(?:\[\d+(?:/\d+)?\])?[,/ ]?)+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FishPart:
    """A part as written, from its dot on, and how it was read."""

    text: str
    reading: FishReading


def read_fish_part(text: str) -> FishPart:
    """Read one part.

    >>> read_fish_part(".nuc ish(CRLF2)x2[200]").reading
    'normal'
    >>> read_fish_part(".nuc ish(CRLF2x2)(3'CRLF2 sep 5'CRLF2x1)[85/200]").reading
    'abnormal'
    """
    return FishPart(text=text, reading=_reading(text))


def _reading(text: str) -> FishReading:
    if "//" in text:
        return "not_read"
    if found := _INTERPHASE.match(text):
        return _interphase(text[found.end() :])
    if found := _METAPHASE.match(text):
        return "abnormal" if _CHANGE.fullmatch(text, found.end()) else "not_read"
    return "not_read"


def _interphase(text: str) -> FishReading:
    groups = list(_GROUP.finditer(text))
    if not groups or "".join(group[0] for group in groups) != text:
        return "not_read"
    normal = [_is_normal(group["probes"], group["times"]) for group in groups]
    if None in normal:
        return "not_read"
    return "normal" if all(normal) else "abnormal"


def _is_normal(probes: str, times: str | None) -> bool | None:
    """Return whether the probes of one bracket are in normal number, None where that is not written."""
    if _RELATION.search(probes):
        return False
    found = [_ONE.fullmatch(probe.strip()) for probe in probes.split(",")]
    copies = [(one["name"].strip(), one["times"] or times) for one in found if one]
    if len(copies) != len(found) or any(number is None for _, number in copies):
        return None
    names = [name for name, _ in copies]
    male = any(_OF_Y.fullmatch(name) for name in names)
    return all(_is_usual(name, number or "", male=male) for name, number in copies)


def _is_usual(name: str, times: str, *, male: bool) -> bool:
    once = _OF_Y.fullmatch(name) or (male and _OF_X.fullmatch(name))
    return (_ONCE if once else _TWICE).fullmatch(times) is not None
