"""Where the parts of an ISCN FISH string lie: techniques, populations, hybridisations, clones.

`46,XX[20].nuc ish (A)x2[50]//(A)x1[350]` has a karyotype part, one technique and two populations: recipient
before `//`, donor behind. A comma outside brackets starts another hybridisation, a slash another clone.
Nothing is interpreted here; every part keeps its place in the text. Signs of all editions and of word
processors are read alike, one for one, so that places stay places.
Source: ISCN 2024 sections 7.1, 7.3.1, 7.3.3 and 7.6 in our own words.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from mrdkit.errors import InputError

__all__ = ["Layout", "Part", "Population", "Segment", "Technique", "lay_out", "refused"]

Population: TypeAlias = Literal["recipient", "donor"]
Technique: TypeAlias = Literal["nuc ish", "ish"]

_LONGEST = 10_000  # characters; the longest panels of a laboratory have a few hundred
_SIGNS: dict[int, int | str] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "\u2032\u2018\u2019\u02b9\u00b4`\u02bc\u201b"), "'"),
    **dict.fromkeys(map(ord, "\u2715\u2716\u2a09\u2217"), "\u00d7"),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u223c\u02dc\u301c"), "~"),
    **dict.fromkeys([*range(0x09, 0x0E), 0xA0, *range(0x2000, 0x2010), 0x202F, 0x2060, 0x3000, 0xFEFF], " "),
}
_TECHNIQUE = re.compile(r"(?<![^\W_])(?:(nuc)(?:lear)?[ .]*)?(rev +)?ish(?![^\W_])", re.IGNORECASE)
_OTHER_TECHNIQUE = re.compile(r"[.\]] *(?=(?:arr|sseq|seq|rsa|mlpa|ogm|rev +ish)\b)", re.IGNORECASE)
_KARYOTYPE = re.compile(r" *\d\d(?:[~-]\d\d)? *(?:,|<)", re.ASCII)
_BAND_END = re.compile(r"(?:^|[\s,/;])(?:\d{1,2}|[XY])(?:[pq][\d.]*|cen)+ *$", re.ASCII)
_PAIRS = {")": "(", "]": "["}


class Part(NamedTuple):
    """A piece of the text and the place of its first character, from 0."""

    text: str
    at: int

    def cut(self, start: int, end: int | None = None) -> "Part":
        """Return a piece of this piece, without blanks around it."""
        piece = self.text[start:end]
        return Part(piece.strip(), self.at + start + len(piece) - len(piece.lstrip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One clone of one hybridisation."""

    part: Part
    technique: Technique
    population: Population
    section: int
    hybridisation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The parts of a string.

    Attributes:
        segments: the clones, in the order of the text.
        karyotype: the banding result in front, as written.
        spaced: a blank stands behind the name of the first technique.
        named: a technique is named at all.
        rest: parts of other techniques, not read here.
    """

    segments: tuple[Segment, ...]
    karyotype: str | None
    spaced: bool
    named: bool
    rest: tuple[Part, ...]


def refused(what: str, code: str, at: int, *, expected: str | None = None, found: str = "") -> InputError:
    """Return the error of one place of a string."""
    return InputError(
        what,
        code=code,
        place=f"position {at + 1}",
        expected=expected,
        found=repr(found[:40]) if found else None,
    )


def lay_out(text: str) -> Layout:
    """Return the parts of a string.

    Raises:
        InputError: too long, no FISH result, an unbalanced bracket, an empty clone or a second `//`.
    """
    if len(text) > _LONGEST:
        raise refused("the text is too long for a FISH result", "ISCN_TOO_LONG", _LONGEST)
    plain = html.unescape(text).translate(_SIGNS)
    found = list(_TECHNIQUE.finditer(plain))
    if not found:
        return _unnamed(plain)
    before = Part(plain, 0).cut(0, found[0].start()).text.rstrip(". ")
    segments, rest = _read_sections(_sections(plain, found), donor=before.startswith("//"))
    after = plain[found[0].end() : found[0].end() + 1]
    return Layout(
        segments=tuple(segments),
        karyotype=before.strip("/ ") or None,
        spaced=after == " ",
        named=True,
        rest=tuple(rest),
    )


def _read_sections(
    sections: Sequence[tuple[Technique | None, Part]], *, donor: bool
) -> tuple[list[Segment], list[Part]]:
    """Return the clones of all techniques, and the parts that are no FISH result."""
    segments: list[Segment] = []
    rest: list[Part] = []
    for number, (technique, whole) in enumerate(sections):
        if technique is None:
            rest.append(whole)
            continue
        body, others = _without_others(whole)
        rest += others
        last = number == len(sections) - 1
        read, donor = _populations(body, technique, number, donor=donor, last=last)
        segments += read
    return segments, rest


def _unnamed(plain: str) -> Layout:
    part = Part(plain, 0).cut(0)
    if not part.text.startswith(("(", "//")):
        raise refused("the text is no FISH result", "ISCN_NO_FISH", 0, expected="nuc ish", found=part.text)
    segments, _ = _populations(part, "nuc ish", 0, donor=False)
    return Layout(segments=tuple(segments), karyotype=None, spaced=False, named=False, rest=())


def _sections(plain: str, found: list[re.Match[str]]) -> list[tuple[Technique | None, Part]]:
    ends = [*(match.start() for match in found[1:]), len(plain)]
    return [
        (
            None if match[2] else "nuc ish" if match[1] else "ish",
            Part(plain, 0).cut(match.end(), end),
        )
        for match, end in zip(found, ends, strict=True)
    ]


def _without_others(body: Part) -> tuple[Part, list[Part]]:
    """Return a body without the results of other techniques behind it."""
    other = _OTHER_TECHNIQUE.search(body.text)
    if other is None:
        return body, []
    keep = other.start() + (body.text[other.start()] == "]")
    return body.cut(0, keep), [body.cut(other.end())]


def _populations(
    body: Part, technique: Technique, section: int, *, donor: bool, last: bool = True
) -> tuple[list[Segment], bool]:
    """Return the clones of one technique, and whether what follows is the donor's."""
    if not last and not body.text.endswith("//"):
        body = body.cut(0, len(body.text.rstrip("/,; ")))
    pieces = _split(body)
    doubles = [at for at, mark in pieces if mark == "//"]
    if len(doubles) > 1:
        raise refused("donor cells are set apart twice", "ISCN_TWO_DONORS", body.at + doubles[1])
    if not doubles:
        population: Population = "donor" if donor else "recipient"
        return list(_segments(body, technique, population, section)), donor
    at = doubles[0]
    left, right = body.cut(0, at), body.cut(at + 2)
    segments = list(_segments(left, technique, "recipient", section))
    if _KARYOTYPE.match(right.text) or (not last and not right.text):
        return segments, True
    segments += _segments(right, technique, "donor", section)
    if not segments:
        raise refused("neither recipient nor donor has a result", "ISCN_EMPTY", body.at)
    return segments, False


def _segments(body: Part, technique: Technique, population: Population, section: int) -> Iterator[Segment]:
    text = body.text.rstrip(".,; ")
    if not text:
        return
    start = hybridisation = 0
    for at, mark in [*_split(Part(text, body.at)), (len(text), "")]:
        part = body.cut(start, at)
        if not part.text:
            raise refused("a clone is empty", "ISCN_EMPTY_CLONE", body.at + at)
        yield Segment(
            part=part,
            technique=technique,
            population=population,
            section=section,
            hybridisation=hybridisation,
        )
        start = at + len(mark)
        hybridisation += mark in (",", ";")


def _split(body: Part) -> list[tuple[int, str]]:
    """Return the separators outside brackets and their places; a slash between two bands is none.

    Raises:
        InputError: ISCN_BRACKET.
    """
    text, marks, opened = body.text, [], list[tuple[str, int]]()
    skip = -1
    for at, sign in enumerate(text):
        if at == skip:
            continue
        if sign in "([":
            opened.append((sign, at))
        elif sign in _PAIRS:
            if not opened or opened.pop()[0] != _PAIRS[sign]:
                raise refused("a bracket is closed that was not opened", "ISCN_BRACKET", body.at + at)
        elif opened or sign not in ",;/":
            continue
        elif text.startswith("//", at):
            marks.append((at, "//"))
            skip = at + 1
        elif not _BAND_END.search(text[max(0, at - 12) : at]):
            marks.append((at, sign))
    if opened:
        raise refused(
            "a bracket is not closed", "ISCN_BRACKET", body.at + opened[-1][1], found=text[opened[-1][1] :]
        )
    return marks
