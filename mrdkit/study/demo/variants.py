"""Synthetic VCF files of TP53 on GRCh38: reference blocks, the codon 72 polymorphism, hotspot changes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mrdkit.files import write_text
from mrdkit.tp53.gene import load_gene

__all__ = ["write_vcf"]

DEPTH = 620
SPLICE_BASES = 2  # of each intron, beside the coding bases
POLYMORPHISM = (7_676_154, "G", "C")  # c.215C>G p.(Pro72Arg), common and benign
HOTSPOTS = {
    "R175H": (7_675_088, "C", "T"),
    "R213*": (7_674_894, "G", "A"),
    "R248Q": (7_674_220, "C", "T"),
    "R248W": (7_674_221, "G", "A"),
    "R273H": (7_673_802, "C", "T"),
}
HEADER = (
    "##fileformat=VCFv4.2",
    "##source=synthetic",
    '##FILTER=<ID=PASS,Description="All filters passed">',
    '##ALT=<ID=NON_REF,Description="Any other allele">',
    '##INFO=<ID=END,Number=1,Type=Integer,Description="Last position of the block">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads per allele">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Least depth of the block">',
    "##contig=<ID=chr17,length=83257441>",
)


def write_vcf(path: Path, *, fractions: dict[str, float], rng: np.random.Generator) -> None:
    """Write one sample's gVCF: every coding base is covered, so that wild type can be said.

    Args:
        path: file to write.
        fractions: name of a hotspot change -> its variant allele fraction.
        rng: source of all randomness.
    """
    alleles = {POLYMORPHISM: 0.5} | {HOTSPOTS[name]: fraction for name, fraction in fractions.items()}
    variants = {position: (ref, alt, share) for (position, ref, alt), share in alleles.items()}
    lines = [
        line
        for span in sorted(load_gene().coding_spans(), key=lambda span: span.start)
        for line in _span(span.start - SPLICE_BASES, span.end + SPLICE_BASES, variants, rng)
    ]
    columns = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT SAMPLE".replace(" ", "\t")
    write_text(path, "\n".join([*HEADER, columns, *lines]) + "\n")


def _span(
    start: int, end: int, variants: dict[int, tuple[str, str, float]], rng: np.random.Generator
) -> Iterator[str]:
    """Yield the records of one stretch: a variant where there is one, a reference block between."""
    inside = sorted(position for position in variants if start <= position <= end)
    for position in inside:
        if start < position:
            yield _block(start, position - 1)
        yield _variant(position, *variants[position], rng)
        start = position + 1
    if start <= end:
        yield _block(start, end)


def _block(start: int, end: int) -> str:
    first = load_gene().bases(start, start)
    fields = ("chr17", start, ".", first, "<NON_REF>", ".", ".", f"END={end}", "GT:DP:MIN_DP")
    return "\t".join(str(field) for field in (*fields, f"0/0:{DEPTH}:{DEPTH // 2}"))


def _variant(position: int, ref: str, alt: str, fraction: float, rng: np.random.Generator) -> str:
    depth = int(rng.poisson(DEPTH))
    reads = int(rng.binomial(depth, fraction))
    fields = ("chr17", position, ".", ref, f"{alt},<NON_REF>", ".", "PASS", ".", "GT:AD:DP")
    return "\t".join(str(field) for field in (*fields, f"0/1:{depth - reads},{reads},0:{depth}"))
