"""One operation of a structural change, such as t(4;11)(q21;q23), in the short or the detailed form.

In the detailed form, der(22)(22pter->22q11.2::9q34->9qter), each `::` is a junction of two breakpoints and is
read as an operation of its own. `rea` is the old symbol of a rearrangement of unknown kind. Source: ISCN 1978
to 2024 in our own words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from mrdkit.karyotype.bands import band_exists
from mrdkit.karyotype.short_form import spelled_out

__all__ = ["CHROMOSOME", "UNKNOWN_KIND", "Problem", "Segment", "breakpoints", "read_segment", "segment_at"]

CHROMOSOME = r"(?:[1-9]|1\d|2[0-2]|X|Y)(?!\d)"
_OPERATIONS = frozenset(
    "t del add dup inv ins i idic dic r ider der trp qdp hsr tas trc rob fis neo rea".split()
)
_SEGMENT = re.compile(
    r"(?P<word>(?:dir |inv |psu )?)(?P<name>[a-z]+)\((?P<chromosomes>[^()]*)\)(?:\((?P<bands>[^()]*)\))?"
)
_ONE_CHROMOSOME = re.compile(rf"\??{CHROMOSOME}|\?", re.ASCII)
# Each text is matched in one way at most: a text that fails then fails fast.
_NUMBER = r"\??\d(?:\??\d)?\??(?:\.\d{1,3}\??)?"
_ARM = rf"(?:[pq](?:{_NUMBER}(?:[~-][pq]?\d{{1,2}}(?:\.\d{{1,3}})?)?|ter|\?)?|cen)"
_BAND = rf"\??{_ARM}"
_BREAKPOINT = re.compile(rf"(?:{_BAND}){{1,3}}|\?", re.ASCII)
_END = rf"(?:(?:\??{CHROMOSOME})?{_BAND}|ss?|stk|hsr|\?)"
_PIECE = rf"{_END}(?:->{_END})?"
_DETAILED = re.compile(rf":?{_PIECE}(?:::?{_PIECE})*:?(?:;:?{_PIECE}(?:::?{_PIECE})*:?)*", re.ASCII)
_PLACE = re.compile(rf"(?P<chromosome>{CHROMOSOME})?(?P<band>{_BAND})", re.ASCII)
_ARM_BAND = re.compile(r"\??[pq][^pq]*")
_JOIN, _INSERT, _UNKNOWN = "t", "ins", "?"
#: The operation that says only that a chromosome is changed.
UNKNOWN_KIND = "rea"
_WITHIN = "junction"


class Problem(NamedTuple):
    """Why an operation cannot be right."""

    code: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One operation; `bands` has one entry per chromosome, or none.

    Attributes:
        name: t, del, inv ...; `junction` joins two breakpoints of one chromosome.
        chromosomes: as written, `?` for an unknown one.
        bands: breakpoints of each chromosome, such as q13q33.
        problem: why it cannot be right, or None.
        detailed: it is a junction within the detailed form of another operation.
    """

    name: str
    chromosomes: tuple[str, ...]
    bands: tuple[str, ...]
    problem: Problem | None = None
    detailed: bool = False

    @property
    def known(self) -> bool:
        """Whether the operation is one of ISCN's."""
        return self.name in _OPERATIONS

    @property
    def places(self) -> frozenset[tuple[str, str]]:
        """Chromosome and whole band of each written breakpoint: (22, q11) for 22q11.2."""
        pairs = zip(self.chromosomes, self.bands, strict=False)
        return frozenset(
            (name.strip("?"), band.partition(".")[0].replace("?", ""))
            for name, bands in pairs
            for band in breakpoints(bands)
        )


def segment_at(text: str, at: int) -> re.Match[str] | None:
    """Return the operation that begins at a character, None where none does."""
    return _SEGMENT.match(text, at)


def breakpoints(bands: str) -> list[str]:
    """Return the breakpoints of one chromosome.

    >>> breakpoints("q13q33")
    ['q13', 'q33']
    """
    return _ARM_BAND.findall(bands)


def read_segment(found: re.Match[str]) -> tuple[tuple[Segment, ...], bool]:
    """Return the operation, the junctions of its detailed form, and whether all of it was read."""
    name, chromosomes = found["name"], tuple(found["chromosomes"].split(";"))
    known = name in _OPERATIONS and all(_ONE_CHROMOSOME.fullmatch(each) for each in chromosomes)
    written = found["bands"]
    if written is not None and ("->" in written or "::" in written):
        joined = tuple(_junctions(written, chromosomes))
        plain = Segment(name=name, chromosomes=chromosomes, bands=())
        return (plain, *joined), known and _DETAILED.fullmatch(written) is not None
    bands = tuple(written.split(";")) if written is not None else ()
    if written is None and (spelled := spelled_out(name, chromosomes)):
        (chromosomes, bands), known = spelled, True
    if name == _INSERT and len(chromosomes) == 1 and len(bands) > 1 and bands[-1] == _UNKNOWN:
        chromosomes = (*chromosomes, _UNKNOWN)  # ins(7)(q22;?): what was inserted is of unknown origin
    read = all(_BREAKPOINT.fullmatch(band) for band in bands) and len(bands) in (0, len(chromosomes))
    problem = _problem(name, chromosomes, bands)
    return (Segment(name=name, chromosomes=chromosomes, bands=bands, problem=problem),), known and read


def _problem(name: str, chromosomes: tuple[str, ...], bands: tuple[str, ...]) -> Problem | None:
    if name == _JOIN and len(chromosomes) == 1:
        return Problem("BREAKPOINTS", "a translocation needs two chromosomes")
    if name == _JOIN and bands and len(bands) != len(chromosomes):
        return Problem("BREAKPOINTS", "a translocation needs a breakpoint on each of its chromosomes")
    for chromosome, written in zip(chromosomes, bands, strict=False):
        for band in breakpoints(written):
            if not band_exists(chromosome, band):
                return Problem("BAND_UNKNOWN", f"chromosome {chromosome} has no band {band}")
    return None


def _junctions(written: str, chromosomes: tuple[str, ...]) -> Iterator[Segment]:
    for number, part in enumerate(written.split(";")):
        own = chromosomes[min(number, len(chromosomes) - 1)]
        ends = [piece.split("->") for piece in part.strip(":").split("::")]
        for one, other in pairwise(ends):
            left, right = _place(one[-1], own), _place(other[0], own)
            name = _WITHIN if left[0] == right[0] else _JOIN
            joined, bands = (left[0], right[0]), (left[1], right[1])
            problem = _problem(name, joined, bands)
            yield Segment(name=name, chromosomes=joined, bands=bands, problem=problem, detailed=True)


def _place(end: str, own: str) -> tuple[str, str]:
    found = _PLACE.fullmatch(end)
    return (found["chromosome"] or own, found["band"]) if found else ("?", "?")
