"""Read the TP53 records of one VCF or BCF file; every record of the file is looked at.

VCF text is read line by line, whatever its container, since no typed reader takes what callers write (a
missing `##fileformat`, AF declared Integer, undefined tags) and none keeps decimals exact. BCF is read
through pysam, which only this module knows. A line with too few columns, a bad position or a cut stream is
an error: a file is read whole or not at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.tp53.container import Block, Container, blocks_of, container_of, truncated
from mrdkit.tp53.gene import BUILDS, Gene, load_gene
from mrdkit.tp53.records import (
    FIXED_COLUMNS,
    VcfHeader,
    VcfRecord,
    is_chromosome_17,
    parse_record,
)

__all__ = ["VcfContent", "read_vcf"]

_LARGEST_HEADER = 64 << 20  # bytes
_LONGEST_POSITION = 10  # digits
_ODD_NAME = re.compile(
    r"(?i)(hs|chromosome|chrom|chr)?[._ -]?0*17"
    r"|.*[^a-z0-9]chr(om(osome)?)?[._ -]?0*17|.*(NC_000017|CM000679).*"
)
_ACCESSION = re.compile(r"(?i)(NC_|CM|CP)\d+\.\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class VcfContent:
    """What one file says about TP53.

    Attributes:
        records: records that touch the gene's window on either build, in file order.
        chromosomes: names under which chromosome 17 or an accession stands in the records.
        n_records: number of records in the whole file.
        terminated: whether the last line ends with a line feed.
    """

    header: VcfHeader
    records: tuple[VcfRecord, ...]
    chromosomes: tuple[str, ...]
    n_records: int
    terminated: bool


def read_vcf(path: Path) -> VcfContent:
    """Return the header and the TP53 records of a VCF (plain, gzip, BGZF) or BCF file.

    Raises:
        InputError: missing, truncated, damaged, or not a variant file.
    """
    container = container_of(path)
    scan = _Scan(path, load_gene())
    for block in _bcf_blocks(path) if container is Container.BCF else blocks_of(path, container):
        scan.take(block)
    return scan.content()


class _Scan:
    """The state of one pass over a file."""

    def __init__(self, path: Path, gene: Gene) -> None:
        self._path = path
        self._windows = tuple(
            (gene.from_grch38(build, gene.gene_start), gene.from_grch38(build, gene.gene_end))
            for build in BUILDS
        )
        self._highest = max(high for _, high in self._windows)
        self._meta: list[str] = []
        self._meta_bytes = 0
        self._samples: tuple[str, ...] | None = None
        self._n_tabs = 0
        self._records: list[VcfRecord] = []
        self._on_17: dict[bytes, bool] = {}
        self._chromosomes: list[str] = []
        self._n_records = 0
        self._n_lines = 0
        self._terminated = True

    def take(self, block: Block) -> None:
        """Take in the next lines of the file."""
        self._terminated = block.terminated
        for line in block.lines:
            self._n_lines += 1
            if self._samples is None:
                self._take_header(line.rstrip(b"\r"), self._n_lines)
            else:
                self._take_record(line)

    def content(self) -> VcfContent:
        """Return what the whole pass has found."""
        if self._samples is None:
            raise _not_vcf(self._path, None, "no #CHROM line")
        return VcfContent(
            header=VcfHeader(meta=tuple(self._meta), samples=self._samples),
            records=tuple(self._records),
            chromosomes=tuple(self._chromosomes),
            n_records=self._n_records,
            terminated=self._terminated,
        )

    def _take_header(self, line: bytes, number: int) -> None:
        self._meta_bytes += len(line)
        if self._meta_bytes > _LARGEST_HEADER:
            raise _not_vcf(self._path, f"line {number}", "a header that does not end")
        text = line.decode("utf-8", errors="replace")
        if text.startswith("##"):
            self._meta.append(text[2:])
        elif text.startswith("#CHROM"):
            self._samples = self._columns(text.split("\t"), number)
        elif text:
            raise _not_vcf(self._path, f"line {number}", "a line before #CHROM that is no header")

    def _columns(self, columns: list[str], number: int) -> tuple[str, ...]:
        n_fixed = len(FIXED_COLUMNS)
        samples = tuple(columns[n_fixed + 1 :])
        expected = [*FIXED_COLUMNS, "FORMAT"] if len(columns) > n_fixed else list(FIXED_COLUMNS)
        if columns[: n_fixed + 1] != expected:
            raise _not_vcf(self._path, f"line {number}", "other columns than VCF's, or no tabs between them")
        if len(set(samples)) < len(samples):
            raise InputError(
                "two sample columns have the same name",
                code="SAMPLE_REPEATED",
                file=self._path,
                place=f"line {number}",
                remedy="rename one of them",
            )
        self._n_tabs = len(columns) - 1
        return samples

    def _take_record(self, line: bytes) -> None:
        """Look at one record; this runs for every line of the file and does little for most."""
        chrom, _, rest = line.partition(b"\t")
        pos = rest.partition(b"\t")[0]
        if line.count(b"\t") != self._n_tabs or not pos.isdigit() or len(pos) > _LONGEST_POSITION:
            self._refuse_unless_blank(line)
            return
        self._n_records += 1
        on_17 = self._on_17.get(chrom)
        if on_17 is None:
            on_17 = self._on_17[chrom] = self._is_17(chrom)
        if (on_17 and int(pos) <= self._highest) or b"[" in line or b"]" in line:
            cells = line.rstrip(b"\r").decode("utf-8", errors="replace").split("\t")
            record = parse_record(cells, f"line {self._n_lines}")
            if self._touches(record, on_17=on_17):
                self._records.append(record)

    def _refuse_unless_blank(self, line: bytes) -> None:
        if line.strip():
            n = line.count(b"\t") + 1
            columns = f"{n} columns, where the header has {self._n_tabs + 1}"
            found = "a position that is no number" if n == self._n_tabs + 1 else columns
            raise truncated(self._path, found, f"line {self._n_lines}")

    def _is_17(self, chrom: bytes) -> bool:
        name = chrom.decode("utf-8", errors="replace")
        on_17 = is_chromosome_17(name)
        if on_17 or _ACCESSION.fullmatch(name):
            self._chromosomes.append(name)
        elif _ODD_NAME.fullmatch(name):
            raise InputError(
                "a contig looks like chromosome 17 under an unknown name",
                code="CONTIG_UNKNOWN",
                file=self._path,
                expected="17, chr17, NC_000017.* or CM000679.*",
                found=name,
                remedy="rename the contig",
            )
        return on_17

    def _touches(self, record: VcfRecord, *, on_17: bool) -> bool:
        places = [(mate, mate) for mate in record.mates()]
        if on_17:
            places.append((record.pos, record.reach))
        return any(start <= high and end >= low for start, end in places for low, high in self._windows)


def _bcf_blocks(path: Path) -> Iterator[Block]:
    import pysam  # noqa: PLC0415 - heavy, and only BCF needs it

    quiet = pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(str(path)) as file:
            yield Block(lines=str(file.header).encode().splitlines())
            for record in file:
                yield Block(lines=[str(record).encode().rstrip(b"\n")])
    except (OSError, ValueError, NotImplementedError) as error:
        raise truncated(path, f"BCF: {error}") from None
    finally:
        pysam.set_verbosity(quiet)


def _not_vcf(path: Path, place: str | None, found: str) -> InputError:
    return InputError(
        "the file is not VCF or BCF",
        code="NOT_VCF",
        file=path,
        place=place,
        expected="## lines, a #CHROM line with tabs, then records",
        found=found,
    )
