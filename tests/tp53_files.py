"""Small variant files for the TP53 tests, written line by line so that a test may spoil any part of them."""

from collections.abc import Sequence
from pathlib import Path

import pysam

from mrdkit.results import Specimen, Tp53Call
from mrdkit.tp53 import annotate_vcf, call_tp53, load_policy, read_coverage
from mrdkit.tp53.gene import Build, load_gene

GENE = load_gene()
COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
R175H = ("17", "7675088", ".", "C", "T", ".", "PASS", ".")


def contig(build: Build = "GRCh38", name: str = "17") -> str:
    return f"##contig=<ID={name},length={GENE.build(build).chromosome_length}>"


def vcf(
    records: Sequence[Sequence[str]], *, samples: Sequence[str] = ("S",), meta: Sequence[str] = ()
) -> str:
    """Return a GRCh38 file unless `meta` says otherwise."""
    columns = (*COLUMNS, "FORMAT", *samples) if samples else COLUMNS
    header = ["##fileformat=VCFv4.2", *(meta or [contig()]), "\t".join(columns)]
    return "\n".join([*header, *("\t".join(record) for record in records)]) + "\n"


def write(folder: Path, text: str, name: str = "a.vcf") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def as_bgzf(source: Path, target: Path) -> Path:
    pysam.tabix_compress(str(source), str(target), force=True)
    return target


def as_bcf(source: Path, target: Path) -> Path:
    with (
        pysam.VariantFile(str(source)) as read,
        pysam.VariantFile(str(target), "wb", header=read.header) as out,
    ):
        for record in read:
            out.write(record)
    return target


def full_coverage(folder: Path, *, depth: int = 100, beside: int = 2, build: Build = "GRCh38") -> Path:
    """Write a BED that covers every coding base and the bases beside each coding exon."""
    rows = (
        (
            "chr17",
            str(GENE.from_grch38(build, span.start) - 1 - beside),
            str(GENE.from_grch38(build, span.end) + beside),
            str(depth),
        )
        for span in GENE.coding_spans()
    )
    return write(folder, "\n".join("\t".join(row) for row in rows) + "\n", "coverage.bed")


def call(path: Path, *, bed: Path | None = None, assume_covered: bool = False) -> Tp53Call:
    annotated = annotate_vcf(path)
    coverage = None if bed is None else read_coverage(bed, annotated.build)
    return call_tp53(
        annotated, load_policy(), specimen=Specimen(), coverage=coverage, assume_covered=assume_covered
    )
