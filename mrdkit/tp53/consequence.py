"""What one described edit does to the gene: one consequence term and the protein change.

A description with an intron position, one that spans an exon border, an insertion point exactly on a border
and the loss of a whole exon have no predictable protein: `p.?`. A silent change that covers the last base of
a coding exon is `splice_last_base`: such TP53 changes are known to break splicing (c.375G>A is the classic).
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from mrdkit.tp53.gene import Gene, reverse_complement
from mrdkit.tp53.hgvs import Described, Place
from mrdkit.tp53.normalise import Edit
from mrdkit.tp53.protein import UNPREDICTED, CodingEdit, ProteinKind, predict

__all__ = ["Effect", "Term", "effect_of"]

#: Every consequence that a change with an exact description can have.
Term: TypeAlias = Literal[
    "missense",
    "nonsense",
    "frameshift",
    "inframe_indel",
    "start_lost",
    "stop_lost",
    "synonymous",
    "splice_last_base",
    "splice_site",
    "splice_site_utr5",
    "splice_region",
    "intronic",
    "utr5",
    "utr3",
]
_SPLICE_SITE = 2  # bases at each end of an intron
_SPLICE_REGION = 8
_REVIEWED_INTRON = 1  # between the untranslated exon 1 and exon 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One consequence term, the protein description, and the flags that belong to the change itself.

    Attributes:
        codons: codon numbers that the change touches; empty outside the coding sequence.
    """

    consequence: str
    hgvs_p: str
    codons: range = range(0)
    flags: tuple[str, ...] = ()


def effect_of(gene: Gene, edit: Edit, described: Described) -> Effect:
    """Return the effect of an edit that lies inside the transcript."""
    first, last = described.first, described.last
    if not first.in_exon or not last.in_exon or first.number != last.number:
        return _splicing(gene, first, last)
    if described.kind != "sub" and _reaches_splicing(gene, described):
        return _splicing(gene, first, last)
    change = _coding_edit(gene, edit, described)
    if change.end <= 0:
        return Effect(consequence="utr5", hgvs_p=UNPREDICTED)
    if change.start >= gene.coding_length:
        return Effect(consequence="utr3", hgvs_p=UNPREDICTED)
    protein = predict(gene, change)
    return _with_last_base(gene, change, protein.kind, protein.text, first.number)


def _coding_edit(gene: Gene, edit: Edit, described: Described) -> CodingEdit:
    """Return the edit in 0-based coding coordinates; a duplication inserts after its last base."""
    offset = gene.coding_offset + 1
    inserted = reverse_complement(edit.inserted)
    end = described.last.transcript - offset + 1
    if described.kind == "dup":
        return CodingEdit(start=end, end=end, inserted=inserted)
    if described.kind == "ins":
        return CodingEdit(start=end - 1, end=end - 1, inserted=inserted)
    return CodingEdit(start=described.first.transcript - offset, end=end, inserted=inserted)


def _with_last_base(gene: Gene, change: CodingEdit, kind: ProteinKind, text: str, exon: int) -> Effect:
    start, end = change.start, change.end
    covered = start < gene.exons[exon - 1].transcript_end - gene.coding_offset <= end
    covered = covered and exon != gene.exons[-1].number
    last_touched = min(end if end > start else start + 1, gene.coding_length)
    codons = range(start // 3 + 1 if start > 0 else 1, (last_touched - 1) // 3 + 2)
    if covered and kind is ProteinKind.SYNONYMOUS:
        return Effect(consequence="splice_last_base", hgvs_p=text, codons=codons)
    flags = ("SPLICE_CONCERN",) if covered else ()
    return Effect(consequence=kind.value, hgvs_p=text, codons=codons, flags=flags)


def _splicing(gene: Gene, first: Place, last: Place) -> Effect:
    """Return the effect of a change with no predictable protein."""
    site = _touches_splice_site(first, last)
    if not site:
        nearest = min(abs(place.offset) for place in (first, last))
        term = "splice_region" if nearest <= _SPLICE_REGION else "intronic"
        return Effect(consequence=term, hgvs_p=UNPREDICTED)
    if _only_before_coding(gene, first, last):
        return Effect(consequence="splice_site_utr5", hgvs_p=UNPREDICTED, flags=("REVIEW",))
    return Effect(consequence="splice_site", hgvs_p=UNPREDICTED)


def _touches_splice_site(first: Place, last: Place) -> bool:
    if first.in_exon or last.in_exon or _intron(first) != _intron(last):
        return True
    return min(abs(first.offset), abs(last.offset)) <= _SPLICE_SITE


def _only_before_coding(gene: Gene, first: Place, last: Place) -> bool:
    """Tell a change whose every named base lies before the start codon, around intron 1 only."""
    return all(
        place.transcript <= gene.coding_offset and (place.in_exon or _intron(place) == _REVIEWED_INTRON)
        for place in (first, last)
    )


def _intron(place: Place) -> int:
    """Return the number of the intron of a base; that of an exon's base is not asked for."""
    return place.number if place.offset > 0 else place.number - 1


def _reaches_splicing(gene: Gene, described: Described) -> bool:
    """Tell a change within an exon whose splicing is not known all the same.

    That is a duplication with its insertion point on the border behind the exon, and a change of every base.
    """
    exon = gene.exons[described.first.number - 1]
    to_the_end = described.last.transcript == exon.transcript_end
    if described.kind == "dup":
        return to_the_end and exon.number != gene.exons[-1].number
    return to_the_end and described.first.transcript == exon.transcript_start
