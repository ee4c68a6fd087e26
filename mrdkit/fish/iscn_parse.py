"""An ISCN FISH string of any edition -> signals per nucleus, cell numbers, recipient and donor.

Read leniently, refused exactly: brackets, cell numbers and relations that cannot be right reject the string
with the place; a clone that is not understood is listed and decides nothing, and the string is then never
normal. The result of one gene never leaks to another, nor the donor's to the patient.
Source: ISCN 2024 chapter 7 in our own words; project decision on what is called.
"""

from collections.abc import Iterable, Sequence

from mrdkit.errors import InputError
from mrdkit.fish.iscn_calls import calls_of, is_normal, normal_of
from mrdkit.fish.iscn_cells import CloneCells, chimera_nuclei, totals_of
from mrdkit.fish.iscn_layout import Layout, Part, Segment, lay_out
from mrdkit.fish.iscn_patterns import ClonePatterns, patterns_of_clone
from mrdkit.fish.iscn_result import IscnClone, IscnEdition, IscnResult
from mrdkit.fish.iscn_segment import ReadSegment, read_segment
from mrdkit.fish.rules import FishRule

__all__ = ["parse_iscn"]

_REASONS = {
    "RELATION_MISSING": "Both ends of a gene are written without sep or con.",
    "TOTALS_MISSING": "A relation is written without the copies of its probes.",
    "PROBE_ORDER": "The ends of a gene do not stand in the order pter to qter.",
    "ZERO_NUCLEI": "A pattern is written for no nucleus; it does not count.",
    "CELLS_MISSING": "Cell numbers are missing.",
    "CONSTITUTIONAL": "Constitutional copies are not counted as abnormal.",
    "TECHNIQUE_MISSING": "The technique is not named; it is read as nuc ish.",
    "METAPHASE": "Metaphase FISH: only rearranged chromosomes are written.",
    "DONOR_CELLS": "Donor cells are a population of their own.",
    "KARYOTYPE_NOT_READ": "The karyotype in front of the FISH result is not read here.",
    "NOT_READ": "What is not understood is listed and decides nothing.",
}


def parse_iscn(text: str, rule: FishRule) -> IscnResult:
    """Read one string. Whatever the text, the answer is a result; an unreadable one is rejected."""
    try:
        return _read(text, rule)
    except InputError as error:
        return _rejected(text, f"{error.code}: {error}")


def _read(text: str, rule: FishRule) -> IscnResult:
    layout = lay_out(text)
    segments, unparsed = _segments(layout.segments)
    if not segments:
        error = "ISCN_NOT_UNDERSTOOD: position 1: no clone is understood"
        return _rejected(text, error, tuple(map(_placed, unparsed)))
    patterns = [patterns_of_clone(read, rule) for read in segments]
    cells = [_cells(read, found) for read, found in zip(segments, patterns, strict=True)]
    totals = totals_of(cells)
    clones = [_clone(*parts, rule) for parts in zip(segments, patterns, totals, strict=True)]
    normal, nuclei = normal_of(clones), chimera_nuclei(cells)
    unknown = bool(unparsed) or any(map(_is_open, segments, patterns))
    missed = (*unparsed, *layout.rest)
    flags = tuple(dict.fromkeys(_flags(layout, segments, patterns, clones, partly=bool(missed))))
    unread = [part.text for part in unparsed]
    return IscnResult(
        text=text,
        edition=_edition(layout, segments),
        status="partly" if unknown or missed else "parsed",
        clones=tuple(clones),
        calls=calls_of(zip(patterns, clones, strict=True), rule, nuclei=nuclei, unread=unread),
        normal=None if normal and unknown else normal,
        nuclei=nuclei,
        karyotype=layout.karyotype,
        error=None,
        unparsed=tuple(map(_placed, missed)),
        flags=flags,
        reasons=tuple(_REASONS[flag] for flag in flags),
    )


def _placed(part: Part) -> str:
    return f"position {part.at + 1}: {part.text}"


def _is_open(read: ReadSegment, found: ClonePatterns) -> bool:
    """Tell whether signals of a clone stay unknown; a metaphase result never writes them all."""
    return not read.event and any(gene.fusions is None for gene in found.genes)


def _segments(segments: Sequence[Segment]) -> tuple[list[ReadSegment], list[Part]]:
    """Return the clones; brackets with a comma behind and no cell numbers belong to the next ones."""
    found: list[ReadSegment] = []
    unparsed: list[Part] = []
    for segment in segments:
        read = read_segment(segment)
        if read is None:
            unparsed.append(segment.part)
        elif found and _belongs_to_next(found[-1], read):
            found.append(_joined(found.pop(), read))
        else:
            found.append(read)
    return found, unparsed


def _belongs_to_next(one: ReadSegment, following: ReadSegment) -> bool:
    here, there = one.segment, following.segment
    same = (here.section, here.population) == (there.section, there.population)
    return same and one.cells is None and there.hybridisation == here.hybridisation + 1


def _joined(one: ReadSegment, other: ReadSegment) -> ReadSegment:
    other.totals = one.totals + other.totals
    other.relations = one.relations + other.relations
    other.derivatives = one.derivatives + other.derivatives
    other.inside = one.inside + other.inside
    other.event = one.event or other.event
    other.band = one.band or other.band
    return other


def _cells(read: ReadSegment, found: ClonePatterns) -> CloneCells:
    where = read.segment
    genes = frozenset(gene.gene for gene in found.genes)
    return CloneCells(read.cells, where.section, where.hybridisation, genes, where.population)


def _clone(read: ReadSegment, found: ClonePatterns, total: int | None, rule: FishRule) -> IscnClone:
    return IscnClone(
        patterns=tuple(gene.written() for gene in found.genes),
        relations=found.relations,
        population=read.segment.population,
        technique=read.segment.technique,
        hybridisation=read.segment.hybridisation + 1,
        event=read.event or None,
        n=read.cells.n if read.cells else None,
        total=total,
        normal=is_normal(read, found, rule),
    )


def _edition(layout: Layout, segments: Sequence[ReadSegment]) -> IscnEdition | None:
    """Return the edition by the place of the multipliers, else by the blank behind `nuc ish`."""
    inside = {place for read in segments for place in read.inside}
    if any(read.band and read.segment.technique == "nuc ish" for read in segments):
        return "2016"
    if len(inside) > 1:
        return "mixed"
    if inside:
        return "2020" if inside == {True} else "2024"
    if not layout.named:
        return None
    return "2024" if layout.spaced else "2020"


def _flags(
    layout: Layout,
    segments: Sequence[ReadSegment],
    patterns: Sequence[ClonePatterns],
    clones: Sequence[IscnClone],
    *,
    partly: bool,
) -> Iterable[str]:
    for found in patterns:
        yield from found.flags
    for clone in clones:
        yield from _of_clone(clone)
    if any(read.segment.technique == "ish" for read in segments):
        yield "METAPHASE"
    if any(clone.population == "donor" for clone in clones):
        yield "DONOR_CELLS"
    if not layout.named:
        yield "TECHNIQUE_MISSING"
    if layout.karyotype:
        yield "KARYOTYPE_NOT_READ"
    if partly:
        yield "NOT_READ"


def _of_clone(clone: IscnClone) -> Iterable[str]:
    if not clone.n:
        yield "CELLS_MISSING" if clone.n is None else "ZERO_NUCLEI"
    if any(pattern.constitutional for pattern in clone.patterns):
        yield "CONSTITUTIONAL"


def _rejected(text: str, error: str, unparsed: Sequence[str] = ()) -> IscnResult:
    return IscnResult(
        text=text,
        edition=None,
        status="rejected",
        clones=(),
        calls=(),
        normal=None,
        nuclei=None,
        karyotype=None,
        error=error,
        unparsed=tuple(unparsed),
        flags=("REJECTED",),
        reasons=("The string is not read.",),
    )
