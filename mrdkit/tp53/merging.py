"""Neighbours on one haplotype, merged into the one change that they are.

Variants of one codon that a file writes as several phased records are one deletion-insertion: their common
protein change is another than those of its parts. The same holds where no base lies between them. Changes
further apart stay separate. Source: HGVS nomenclature (DNA, deletion-insertion).
The reads of the merged change are those of the part with the lowest VAF.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from mrdkit.tp53.annotate import annotate_allele
from mrdkit.tp53.annotated import AlleleRow
from mrdkit.tp53.gene import Build, Gene, load_gene
from mrdkit.tp53.normalise import Edit, edit_of_key, right_aligned
from mrdkit.tp53.phase import in_cis

__all__ = ["merged_row", "neighbours_in_cis"]


def neighbours_in_cis(rows: Sequence[AlleleRow]) -> Iterator[tuple[AlleleRow, ...]]:
    """Yield every run of two or more rows that are neighbours on one haplotype, in order of position."""
    phased = [row for row in rows if row.annotation.status == "annotated" and in_cis(row.phase, row.phase)]
    phased.sort(key=lambda row: (str(row.phase), _edit(row).start, _edit(row).end))
    run: list[AlleleRow] = []
    for row in phased:
        if run and not (in_cis(run[-1].phase, row.phase) and _are_neighbours(run[-1], row)):
            yield from _several(run)
            run = []
        run.append(row)
    yield from _several(run)


def merged_row(build: Build, parts: Sequence[AlleleRow]) -> AlleleRow | None:
    """Return the one change that neighbours on one haplotype are, or None where they do not fit together.

    Args:
        build: the build of the file that the rows are from.
        parts: a run of `neighbours_in_cis`.
    """
    gene = load_gene()
    edits = [_edit(row) for row in parts]
    if not all(_are_disjoint(gene, first, second) for first, second in pairwise(edits)):
        return None
    start, end, alt = edits[0].start, edits[-1].end, _combined(gene, edits)
    annotation = annotate_allele("GRCh38", start, gene.bases(start, end), alt)
    if annotation.status != "annotated":
        return None
    _, position, ref, alt = annotation.key.split("-")
    weakest = min(parts, key=_fraction)
    return replace(
        weakest,
        pos=gene.from_grch38(build, int(position)),
        ref=ref,
        alt=alt,
        annotation=replace(annotation, flags=(*annotation.flags, "PHASE_MERGED")),
        filter=next((row.filter for row in parts if not row.passed), weakest.filter),
        normal_vaf=min((row.normal_vaf for row in parts if row.normal_vaf is not None), default=None),
        supplied=None,
        merged_from=tuple(f"{row.pos}-{row.ref}-{row.alt}" for row in parts),
    )


def _several(run: list[AlleleRow]) -> Iterator[tuple[AlleleRow, ...]]:
    if len(run) > 1:
        yield tuple(run)


def _edit(row: AlleleRow) -> Edit:
    return edit_of_key(row.annotation.key)


def _are_neighbours(first: AlleleRow, second: AlleleRow) -> bool:
    adjoin = _edit(second).start <= _edit(first).end + 1
    return adjoin or bool(set(first.annotation.codons) & set(second.annotation.codons))


def _are_disjoint(gene: Gene, first: Edit, second: Edit) -> bool:
    """Tell two edits that give one result in whatever of their equivalent places they are made."""
    both_insert_here = first.n_deleted == second.n_deleted == 0 and first.start == second.start
    return right_aligned(gene, first).end < second.start and not both_insert_here


def _combined(gene: Gene, edits: Sequence[Edit]) -> str:
    """Return what stands in place of the bases from the first edit's start to the last one's end."""
    between = (gene.bases(one.end + 1, following.start - 1) for one, following in pairwise(edits))
    return edits[0].inserted + "".join(
        kept + following.inserted for kept, following in zip(between, edits[1:], strict=True)
    )


def _fraction(row: AlleleRow) -> Fraction:
    """Return the VAF; one that is not known comes before all others."""
    return Fraction(-1) if row.depth.vaf is None else row.depth.vaf
