"""HGVS descriptions of one edit: `c.` on NM_000546.6 and `g.` on chromosome 17 of GRCh38.

Source: HGVS nomenclature (DNA recommendations). A duplication beats an insertion, an inversion beats a
deletion-insertion; no bases stand after `del` or `dup`; inserted bases are written on the strand described.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from mrdkit.tp53.gene import Gene, reverse_complement
from mrdkit.tp53.normalise import Edit, right_aligned

__all__ = ["Described", "Kind", "Place", "describe_c", "describe_g", "locate"]

Kind = Literal["sub", "del", "dup", "ins", "inv", "delins"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One base of the gene, named from the nearest exon edge.

    Attributes:
        transcript: transcript position of the base itself, or of the nearest exon edge.
        offset: 0 in an exon; +n after, -n before that edge in an intron.
        number: number of the exon that the base belongs to or is counted from.
        in_exon: whether the base belongs to the transcript.
        name: the position as HGVS writes it, such as `375+1`, `-28` or `*1`.
    """

    transcript: int
    offset: int
    number: int
    in_exon: bool
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A `c.` description with the places it names; `first` is 5' of `last` in the transcript."""

    text: str
    kind: Kind
    first: Place
    last: Place


@cache
def locate(gene: Gene, position: int) -> Place:
    """Return the name of one GRCh38 position between the ends of the transcript; asked again, it is free.

    Raises:
        ValueError: the position lies outside the transcript.
    """
    if not gene.gene_start <= position <= gene.gene_end:
        raise ValueError(f"{position} lies outside the transcript")
    for exon, following in zip(gene.exons, (*gene.exons[1:], None), strict=True):
        if position >= exon.start:
            return _place(gene, exon.transcript_start + exon.end - position, 0, exon.number)
        if following and position > following.end:
            after, before = exon.start - position, position - following.end
            # An intron of odd length has a middle base; it counts from the exon before it.
            if after <= before:
                return _place(gene, exon.transcript_end, after, exon.number)
            return _place(gene, following.transcript_start, -before, following.number)
    raise AssertionError("exons cover the transcript from end to end")


def describe_c(gene: Gene, edit: Edit) -> Described:
    """Return the `c.` description of a left-aligned edit that lies inside the transcript."""
    kind, start, end = _classified(gene, edit, duplicated_from=edit.start)
    if kind == "ins":
        start, end = edit.start - 1, edit.start
    last = locate(gene, start)
    first = last if start == end else locate(gene, end)
    where = first.name if start == end else f"{first.name}_{last.name}"
    if kind == "sub":
        change = f"{reverse_complement(gene.bases(start, start))}>{reverse_complement(edit.inserted)}"
    else:
        change = kind + (reverse_complement(edit.inserted) if kind in {"ins", "delins"} else "")
    return Described(text=f"c.{where}{change}", kind=kind, first=first, last=last)


def describe_g(gene: Gene, edit: Edit) -> str:
    """Return the `g.` description on GRCh38, accession included."""
    shifted = right_aligned(gene, edit)
    kind, start, end = _classified(gene, shifted, duplicated_from=shifted.start - len(shifted.inserted))
    if kind == "ins":
        start, end = shifted.end, shifted.start
    where = str(start) if start == end else f"{start}_{end}"
    if kind == "sub":
        change = f"{gene.bases(start, start)}>{edit.inserted}"
    else:
        change = kind + (shifted.inserted if kind in {"ins", "delins"} else "")
    return f"{gene.accession}:g.{where}{change}"


def _classified(gene: Gene, edit: Edit, *, duplicated_from: int) -> tuple[Kind, int, int]:
    """Return the kind of an edit and the positions of the reference bases that its name covers."""
    inserted, start, end = edit.inserted, edit.start, edit.end
    if start == end and len(inserted) == 1:
        return "sub", start, end
    if not inserted:
        return "del", start, end
    if not edit.n_deleted:
        duplicated_to = duplicated_from + len(inserted) - 1
        inside = duplicated_from >= gene.start and duplicated_to <= gene.end
        if inside and gene.bases(duplicated_from, duplicated_to) == inserted:
            return "dup", duplicated_from, duplicated_to
        return "ins", start, end
    if reverse_complement(gene.bases(start, end)) == inserted:
        return "inv", start, end
    return "delins", start, end


def _place(gene: Gene, transcript: int, offset: int, number: int) -> Place:
    coding = transcript - gene.coding_offset
    if coding < 1:
        name = str(coding - 1)
    elif coding <= gene.coding_length:
        name = str(coding)
    else:
        name = f"*{coding - gene.coding_length}"
    return Place(
        transcript=transcript,
        offset=offset,
        number=number,
        in_exon=offset == 0,
        name=f"{name}{offset:+d}" if offset else name,
    )
