"""Read the TP53 records of one VCF or BCF file.

VCF text is read line by line, whatever its container, since no typed reader takes what callers write (a
missing `##fileformat`, AF declared Integer, undefined tags) and none keeps decimals exact. A line with too
few columns, a bad position or a cut stream is an error: a file is read whole or not at all.

Of a large file with an index only chromosome 17 up to the end of the gene is read, unless the file may hold
structural changes: a breakend on any other chromosome can join to the gene. A small one is read whole, which
is as fast and finds damage anywhere.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.tp53.bcf import CONTIG_AT, open_bcf, scan_bcf
from mrdkit.tp53.container import Container, blocks_of, bytes_of, container_of, lines_of, truncated
from mrdkit.tp53.header import read_header
from mrdkit.tp53.index import ContigPlace, read_index
from mrdkit.tp53.records import VcfHeader, VcfRecord, is_ignored
from mrdkit.tp53.scan import Scan

__all__ = ["VcfContent", "read_vcf"]

_DECLARED = ("INFO=<", "FORMAT=<")
_SYMBOLIC = re.compile(r"ALT=<ID=([^,>]+)")
_STRUCTURAL = re.compile(r"INFO=<ID=(SVTYPE|SVLEN|MATEID|CIPOS|CIEND|EVENT|BND_\w+)[,>]")
_BCF = (Container.BCF, Container.BCF_UNPACKED)
_INDEXED = (Container.BGZF, Container.BCF)
_LEAST_INDEXED = 4 << 20  # bytes; less is read whole within a tenth of a second


@dataclass(frozen=True, slots=True, kw_only=True)
class VcfContent:
    """What one file says about TP53.

    Attributes:
        records: records that touch the gene's window on a build, in file order.
        chromosomes: names under which chromosome 17 or an accession stands in the records.
        n_records: number of records in the whole file.
        terminated: whether the file shows its end: a line feed, or a BCF the end of its packing.
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
    is_bcf = container in _BCF
    large = container in _INDEXED and path.stat().st_size >= _LEAST_INDEXED
    places = read_index(path) if large else None
    if places is not None:
        content = (_indexed_bcf if is_bcf else _indexed_text)(path, places)
        if content is not None:
            return content
    if is_bcf:
        return _whole_bcf(path, ends=container is Container.BCF)
    return _whole_text(path)


def _whole_text(path: Path) -> VcfContent:
    blocks = blocks_of(path)
    read = read_header(path, blocks)
    scan = Scan(path, read.n_columns, n_lines=read.n_lines)
    for block in chain([read.rest], blocks):
        scan.take(block)
    return _content(read.header, scan, scan.n_records)


def _whole_bcf(path: Path, *, ends: bool) -> VcfContent:
    opened = open_bcf(path)
    scan = Scan(path, opened.read.n_columns, n_lines=None)
    scan_bcf(opened, opened.chunks, scan)
    scan.terminated = ends
    return _content(opened.read.header, scan, scan.n_records)


def _indexed_text(path: Path, places: Sequence[ContigPlace]) -> VcfContent | None:
    read = read_header(path, blocks_of(path))
    scan = Scan(path, read.n_columns, n_lines=None, ends_behind=True)

    def take(place: ContigPlace) -> None:
        for block in lines_of(path, _chunks_at(path, place, place.name + b"\t")):
            scan.take(block)
            if scan.is_past:
                break

    return _through_index(read.header, scan, places, take)


def _indexed_bcf(path: Path, places: Sequence[ContigPlace]) -> VcfContent | None:
    opened = open_bcf(path)
    scan = Scan(path, opened.read.n_columns, n_lines=None, ends_behind=True)
    named = [replace(place, name=opened.contigs.get(i, b"")) for i, place in enumerate(places)]

    def take(place: ContigPlace) -> None:
        number = named.index(place).to_bytes(4, "little")
        scan_bcf(opened, _chunks_at(path, place, number, at=CONTIG_AT), scan)

    return _through_index(opened.read.header, scan, named, take)


def _through_index(
    header: VcfHeader, scan: Scan, places: Sequence[ContigPlace], take: Callable[[ContigPlace], None]
) -> VcfContent | None:
    """Return the content by what the index says; None where the file must be read whole."""
    if not _holds_small_variants_only(header):
        return None
    try:
        near = [place for place in places if place.n_records and scan.is_17(place.name)]
        if len(near) > 1:
            return None
        for place in near:
            take(place)
    except InputError:
        return None  # a fault of the index or of the file; if it is the file's, reading it whole tells
    return _content(header, scan, sum(place.n_records for place in places))


def _chunks_at(path: Path, place: ContigPlace, mark: bytes, at: int = 0) -> Iterator[bytes]:
    """Yield the bytes of a contig and what follows, if its first record bears its mark."""
    chunks = bytes_of(path, place.start)
    first = next(chunks, b"")
    if first[at : at + len(mark)] != mark:
        raise truncated(path, "an index of another file")
    return chain([first], chunks)


def _holds_small_variants_only(header: VcfHeader) -> bool:
    """Tell whether a header declares its fields, and none of structural variants."""
    symbolic = [match[1] for line in header.meta if (match := _SYMBOLIC.match(line))]
    declares = any(line.startswith(_DECLARED) for line in header.meta)
    structural = any(_STRUCTURAL.match(line) for line in header.meta)
    return declares and not structural and all(is_ignored(f"<{name}>") or name == "*" for name in symbolic)


def _content(header: VcfHeader, scan: Scan, n_records: int) -> VcfContent:
    return VcfContent(
        header=header,
        records=tuple(scan.records),
        chromosomes=tuple(scan.chromosomes),
        n_records=n_records,
        terminated=scan.terminated,
    )
