"""One variant file, read and annotated: every TP53 allele of the chosen sample, and what was read beside it.

Knows no policy: whether a row counts is decided in `counting.py`. `*`, `<NON_REF>` and an ALT equal to REF
keep their place among the alleles of a record and give no row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from mrdkit.errors import MrdkitError
from mrdkit.files import sha256_of
from mrdkit.tp53.annotate import Annotation, annotate_allele
from mrdkit.tp53.build import find_build
from mrdkit.tp53.coverage import Covered
from mrdkit.tp53.depth import Depth, allele_depth, record_depth
from mrdkit.tp53.gene import Build, Gene, load_gene
from mrdkit.tp53.phase import Phase, phase_of
from mrdkit.tp53.records import VcfRecord, is_chromosome_17, is_ignored
from mrdkit.tp53.samples import Columns, choose_columns
from mrdkit.tp53.supplied import supplied_names
from mrdkit.tp53.vcf import VcfContent, read_vcf

__all__ = ["AlleleRow", "AnnotatedVcf", "Genotype", "annotate_vcf"]

Genotype = Literal["carried", "reference", "missing", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlleleRow:
    """One alternate allele of one record in the chosen sample.

    Attributes:
        genotype: whether GT holds the allele; `missing` where it is `.`; `none` where there is no GT.
        normal_vaf: VAF of the allele in the file's normal sample, where it has one.
        supplied: the file's own names of the allele; never used.
        merged_from: `POS-REF-ALT` of the records that were merged into this row; empty for one record.
    """

    chrom: str
    pos: int
    ref: str
    alt: str
    annotation: Annotation
    depth: Depth
    genotype: Genotype
    filter: str | None
    normal_vaf: Fraction | None
    phase: Phase | None
    supplied: str | None = None
    merged_from: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether no filter of the caller stands against the row."""
        return self.filter is None or self.filter.upper() == "PASS"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedVcf:
    """One file's TP53 content.

    Attributes:
        n_records: records in the file; `n_outside` of them do not touch TP53.
        covered: depth that the records themselves give evidence of.
        flags: what the reader met: NO_FILEFORMAT, NO_FINAL_NEWLINE, BUILD_DOUBTFUL.
    """

    sha256: str
    build: Build
    build_evidence: str
    sample: str | None
    n_records: int
    n_outside: int
    rows: tuple[AlleleRow, ...]
    covered: tuple[Covered, ...]
    flags: tuple[str, ...]


def annotate_vcf(path: Path, build: Build | None = None, sample: str | None = None) -> AnnotatedVcf:
    """Read a VCF or BCF file and annotate every TP53 allele of one sample.

    Args:
        path: VCF (plain, gzip, BGZF) or BCF, told apart by content.
        build: the build, where the file does not say; a contradiction with the file is an error.
        sample: name of the sample column, where the file has several.

    Raises:
        InputError: unreadable, truncated, or of a build that is not certain or not supported.
        UsageError: several samples and no way to choose.
    """
    try:
        return _annotated(path, build, sample)
    except MrdkitError as error:
        raise error.in_file(path) from None


def _annotated(path: Path, build: Build | None, sample: str | None) -> AnnotatedVcf:
    gene = load_gene()
    content = read_vcf(path)
    columns = choose_columns(content.header, sample)
    found = find_build(gene, content, build)
    records = [record for record in content.records if _touches(gene, found.build, record)]
    rows = tuple(row for record in records for row in _rows(found.build, record, columns))
    return AnnotatedVcf(
        sha256=sha256_of(path),
        build=found.build,
        build_evidence=found.evidence,
        sample=columns.name,
        n_records=content.n_records,
        n_outside=content.n_records - len(records),
        rows=rows,
        covered=tuple(_covered(gene, found.build, records, columns)),
        flags=_file_flags(content, doubtful=found.doubtful),
    )


def _file_flags(content: VcfContent, *, doubtful: bool) -> tuple[str, ...]:
    flags = {
        "BUILD_DOUBTFUL": doubtful,
        "NO_FILEFORMAT": not content.header.has_format_line,
        "NO_FINAL_NEWLINE": not content.terminated,
    }
    return tuple(flag for flag, holds in flags.items() if holds)


def _touches(gene: Gene, build: Build, record: VcfRecord) -> bool:
    low, high = gene.from_grch38(build, gene.gene_start), gene.from_grch38(build, gene.gene_end)
    if any(low <= mate <= high for mate in record.mates()):
        return True
    return is_chromosome_17(record.chrom) and record.pos <= high and record.reach >= low


def _rows(build: Build, record: VcfRecord, columns: Columns) -> Iterator[AlleleRow]:
    n_alleles = sum(not is_ignored(alt) for alt in record.alts)
    for allele, alt in enumerate(record.alts, start=1):
        if is_ignored(alt):
            continue
        annotation = annotate_allele(build, _position(record), record.ref, alt)
        if annotation.status in {"no_change", "outside"}:
            continue
        fields = record.fields(columns.tumor)
        normal = columns.normal
        yield AlleleRow(
            chrom=record.chrom,
            pos=record.pos,
            ref=record.ref,
            alt=alt,
            annotation=annotation,
            depth=allele_depth(record, columns.tumor, allele),
            genotype=_genotype(record, fields.get("GT"), allele),
            filter=_filter(record, fields.get("FT")),
            normal_vaf=None if normal is None else allele_depth(record, normal, allele).vaf,
            phase=phase_of(fields, allele, is_only=n_alleles == 1),
            supplied=supplied_names(record, alt),
        )


def _position(record: VcfRecord) -> int:
    """Return where a record stands on chromosome 17; a breakend elsewhere stands where its mate is."""
    return record.pos if is_chromosome_17(record.chrom) else record.mates()[0]


def _genotype(record: VcfRecord, genotype: str | None, allele: int) -> Genotype:
    if "GT" not in record.formats:
        return "none"
    called = [] if genotype is None else genotype.replace("|", "/").split("/")
    if str(allele) in called:
        return "carried"
    return "missing" if not called or "." in called else "reference"


def _filter(record: VcfRecord, of_sample: str | None) -> str | None:
    """Return FILTER; the sample's own filter stands in where the record passed and the sample did not."""
    passed = record.filter is None or record.filter.upper() == "PASS"
    if passed and of_sample is not None and of_sample.upper() != "PASS":
        return of_sample
    return record.filter


def _covered(gene: Gene, build: Build, records: list[VcfRecord], columns: Columns) -> Iterator[Covered]:
    for record in records:
        if not is_chromosome_17(record.chrom):
            continue
        fields = record.fields(columns.tumor)
        depth = record_depth(record, columns.tumor)
        called = "GT" not in record.formats or "." not in fields.get("GT", ".")
        passed = _filter(record, fields.get("FT")) in {None, "PASS"}
        if depth is not None and called and (passed or not record.is_reference_block):
            end = record.end if record.is_reference_block else record.pos + len(record.ref) - 1
            yield Covered(
                start=gene.to_grch38(build, record.pos), end=gene.to_grch38(build, end), depth=depth
            )
