"""One allele, annotated: key, HGVS, consequence, expert-panel class. Knows no depth and no policy.

Names that a caller or a source supplies are never trusted; everything is computed from POS, REF and ALT.
"""

from dataclasses import dataclass, replace
from typing import Literal

from mrdkit.tp53.benign import PanelClass, panel_class
from mrdkit.tp53.consequence import effect_of
from mrdkit.tp53.function import FunctionalClass, load_missense_table
from mrdkit.tp53.gene import Build, Gene, load_gene
from mrdkit.tp53.hgvs import describe_c, describe_g
from mrdkit.tp53.normalise import Edit, Problem, normalise, vcf_key
from mrdkit.tp53.protein import UNPREDICTED

__all__ = ["Annotation", "annotate_allele"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What is known of one allele from the reference alone.

    Attributes:
        status: `annotated`; `rejected` where REF disagrees with the reference; `structural` and
            `unresolved` where no base-exact change is known; `no_change`; `outside` the transcript.
        key: normalised, left-aligned `17-POS-REF-ALT` on GRCh38.
        codons: codon numbers touched, for neighbours in one codon.
        exon: number of the exon that all of the change lies in; None in an intron and over a border.
    """

    status: Literal["annotated", "rejected", "structural", "unresolved", "no_change", "outside"]
    key: str
    hgvs_g: str
    hgvs_c: str
    hgvs_p: str
    transcript: str
    consequence: str
    class_: PanelClass | None = None
    codons: range = range(0)
    exon: int | None = None
    hotspot: bool = False
    functional_class: FunctionalClass | None = None
    flags: tuple[str, ...] = ()


def annotate_allele(build: Build, position: int, ref: str, alt: str) -> Annotation:
    """Return the annotation of one chromosome 17 allele, whatever its spelling.

    Args:
        build: the build that `position` (1-based) is counted on.
        position: position of the first base of `ref`.
        ref: reference bases as written.
        alt: one alternate allele as written.
    """
    gene = load_gene()
    edit = normalise(gene, build, position, ref, alt)
    if isinstance(edit, Problem):
        return _unnamed(gene, gene.to_grch38(build, position), ref, alt, edit)
    annotation = _annotated(gene, edit)
    if not ref.upper().strip("ACGT"):
        return annotation
    return replace(annotation, flags=("IUPAC_REF", *annotation.flags))


def _annotated(gene: Gene, edit: Edit) -> Annotation:
    key, hgvs_g = vcf_key(gene, edit), describe_g(gene, edit)
    low, high = (edit.start - 1, edit.start) if edit.end < edit.start else (edit.start, edit.end)
    if high < gene.gene_start or low > gene.gene_end:
        return _bare(gene, "outside", key, hgvs_g, "unresolved")
    if low < gene.gene_start or high > gene.gene_end:
        return _over_the_end(gene, low, high, key, hgvs_g)
    described = describe_c(gene, edit)
    effect = effect_of(gene, edit, described)
    first, last, known = described.first, described.last, load_missense_table()
    missense = effect.consequence == "missense"
    return Annotation(
        status="annotated",
        key=key,
        hgvs_g=hgvs_g,
        hgvs_c=described.text,
        hgvs_p=effect.hgvs_p,
        transcript=gene.transcript,
        consequence=effect.consequence,
        class_=panel_class(key, effect.hgvs_p),
        codons=effect.codons,
        exon=first.number if first.in_exon and last.in_exon and first.number == last.number else None,
        hotspot=missense and known.is_hotspot(effect.hgvs_p),
        functional_class=known.classes.get(effect.hgvs_p) if missense else None,
        flags=effect.flags,
    )


def _over_the_end(gene: Gene, low: int, high: int, key: str, hgvs_g: str) -> Annotation:
    """Return a change over an end of the transcript: without c. name, structural once it may be coding."""
    coding = gene.coding_spans()
    bare = _bare(gene, "structural", key, hgvs_g, "structural", flags=("SPANS_TRANSCRIPT_END",))
    if high < coding[-1].start:
        return replace(bare, status="annotated", consequence="utr3")
    if low > coding[0].end:
        return replace(bare, status="annotated", consequence="utr5")
    return bare


def _unnamed(gene: Gene, start: int, ref: str, alt: str, problem: Problem) -> Annotation:
    """Return the annotation of an allele that has no base-exact normalised form."""
    key = f"17-{start}-{ref.upper()}-{alt.upper()}"
    hgvs_g = f"{gene.accession}:g.?"
    match problem:
        case Problem.NO_CHANGE:
            return _bare(gene, "no_change", key, hgvs_g, "unresolved")
        case Problem.REF_MISMATCH:
            return _bare(gene, "rejected", key, hgvs_g, "unresolved", flags=("REF_MISMATCH",))
        case Problem.STRUCTURAL:
            return _bare(gene, "structural", key, hgvs_g, "structural", flags=("STRUCTURAL",))
        case Problem.OUTSIDE_SEGMENT:
            if start > gene.gene_end or start + len(ref) - 1 < gene.gene_start:
                return _bare(gene, "outside", key, hgvs_g, "unresolved")
            return _bare(gene, "structural", key, hgvs_g, "structural", flags=("SPANS_TRANSCRIPT_END",))
        case _:
            return _bare(gene, "unresolved", key, hgvs_g, "unresolved", flags=("UNRESOLVED_ALLELE",))


def _bare(
    gene: Gene,
    status: Literal["rejected", "structural", "unresolved", "no_change", "outside"],
    key: str,
    hgvs_g: str,
    consequence: str,
    *,
    flags: tuple[str, ...] = (),
) -> Annotation:
    return Annotation(
        status=status,
        key=key,
        hgvs_g=hgvs_g,
        hgvs_c="c.?",
        hgvs_p=UNPREDICTED,
        transcript=gene.transcript,
        consequence=consequence,
        flags=flags,
    )
