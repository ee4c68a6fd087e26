"""One allele by hand: the annotated variant of a position, REF and ALT, without reads."""

from mrdkit.errors import InputError, UsageError
from mrdkit.results import Tp53Variant
from mrdkit.tp53.annotate import annotate_allele
from mrdkit.tp53.annotated import AlleleRow
from mrdkit.tp53.counting import judge_row
from mrdkit.tp53.depth import Depth
from mrdkit.tp53.gene import Build, load_gene
from mrdkit.tp53.policy import load_policy
from mrdkit.tp53.records import is_chromosome_17

__all__ = ["name_allele"]

_REFUSED = {
    "rejected": ("REF_MISMATCH", "REF differs from the TP53 reference"),
    "no_change": ("NO_CHANGE", "REF and ALT are the same"),
    "outside": ("OUTSIDE_GENE", "the position lies outside the TP53 transcript"),
    "unresolved": ("UNRESOLVED_ALLELE", "ALT is not made of A, C, G and T"),
}


def name_allele(build: Build, chrom: str, position: int, ref: str, alt: str) -> Tp53Variant:
    """Return the names of one allele; no reads are known, so that it is not counted.

    Raises:
        UsageError: the chromosome is not 17, or its accession is of the other build.
        InputError: REF differs from the reference, or the allele is no change of TP53.
    """
    _check_chromosome(build, chrom)
    found = annotate_allele(build, position, ref, alt)
    if found.status in _REFUSED:
        code, what = _REFUSED[found.status]
        raise InputError(what, code=code, place=f"{build} {chrom}:{position}", found=f"{ref[:20]}>{alt[:20]}")
    row = AlleleRow(
        chrom=chrom,
        pos=position,
        ref=ref,
        alt=alt,
        annotation=found,
        depth=Depth(),
        genotype="none",
        filter=None,
        normal_vaf=None,
        phase=None,
    )
    return judge_row(row, load_policy()).variant


def _check_chromosome(build: Build, chrom: str) -> None:
    accessions = load_gene().build(build).accessions
    if not is_chromosome_17(chrom) or ("." in chrom and chrom.upper() not in accessions):
        raise UsageError(
            "the chromosome is not 17 of this build",
            code="CHROMOSOME_UNKNOWN",
            expected=", ".join(("17", "chr17", *accessions)),
            found=chrom[:40],
        )
