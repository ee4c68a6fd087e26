"""Which coding bases were read deeply enough to call their absence of variants a finding.

Evidence is a stretch of GRCh38 with the least depth in it: a row of a coverage BED, a reference block of a
gVCF, or a variant record. Each is a lower bound, so that the deepest evidence of a base stands; but a stretch
that a thinner one of the same source lies within is denied there, since both cannot be true.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.files import sha256_of
from mrdkit.tp53.container import Container, blocks_of, container_of
from mrdkit.tp53.gene import Build, Gene, load_gene
from mrdkit.tp53.records import is_chromosome_17, natural

__all__ = ["Coverage", "Covered", "coverage_bed", "exons_without_coverage", "read_coverage"]

_COLUMNS = ("chrom", "start", "end", "minimum depth")
_NO_ROW = (b"#", b"track", b"browser", b"chrom\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """GRCh38 positions `start` to `end`, 1-based and inclusive, each read at least `depth` times."""

    start: int
    end: int
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The coverage file of one sample."""

    sha256: str
    build: Build
    covered: tuple[Covered, ...]


def read_coverage(path: Path, build: Build) -> Coverage:
    """Read a coverage BED (0-based, half-open: chrom, start, end, minimum depth), plain or compressed.

    Args:
        path: the file.
        build: the build that its positions are on; a BED does not say.

    Raises:
        InputError: missing, damaged, or a row without a whole depth.
    """
    gene = load_gene()
    covered = tuple(
        Covered(start=gene.to_grch38(build, start + 1), end=gene.to_grch38(build, end), depth=depth)
        for chrom, start, end, depth in _rows(path)
        if is_chromosome_17(chrom)
    )
    return Coverage(sha256=sha256_of(path), build=build, covered=covered)


def coverage_bed(path: Path) -> str:
    """Return the rows of chromosome 17 of a coverage BED, without comments and further columns.

    Raises:
        InputError: missing, damaged, or a row without a whole depth.
    """
    rows = [row for row in _rows(path) if is_chromosome_17(row[0])]
    return "".join(f"{chrom}\t{start}\t{end}\t{depth}\n" for chrom, start, end, depth in rows)


def exons_without_coverage(
    gene: Gene, sources: Iterable[Sequence[Covered]], *, depth: int, beside: int
) -> tuple[int, ...]:
    """Return the coding exons with a base, or one of `beside` bases next to them, below `depth`."""
    deep = _merged([stretch for source in sources for stretch in _deep(source, depth)])
    return tuple(
        span.exon
        for span in gene.coding_spans()
        if not any(start <= span.start - beside and span.end + beside <= end for start, end in deep)
    )


def _deep(source: Sequence[Covered], depth: int) -> list[tuple[int, int]]:
    """Return the stretches of one source that are deep enough, without those that it denies itself."""
    deep = sorted((piece.start, piece.end) for piece in source if piece.depth >= depth)
    starts = [start for start, _ in deep]
    reach = list(accumulate((end for _, end in deep), max))
    thin = _merged([(piece.start, piece.end) for piece in source if _is_denied(piece, depth, starts, reach)])
    return _without(_merged(deep), thin)


def _is_denied(piece: Covered, depth: int, starts: Sequence[int], reach: Sequence[int]) -> bool:
    """Tell a thin piece that lies within one deep stretch."""
    before = bisect_right(starts, piece.start)
    return piece.depth < depth and before > 0 and reach[before - 1] >= piece.end


def _without(stretches: Sequence[tuple[int, int]], holes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Cut holes, in order of place, out of stretches that do not overlap."""
    left = []
    for start, end in stretches:
        at = start
        for low, high in holes[bisect_left(holes, (start, 0)) : bisect_right(holes, (end, end))]:
            left.append((at, low - 1))
            at = high + 1
        left.append((at, end))
    return [(start, end) for start, end in left if start <= end]


def _merged(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _rows(path: Path) -> Iterator[tuple[str, int, int, int]]:
    container = container_of(path)
    if container is Container.BCF:
        raise _not_bed(path, None, "BCF")
    lines = (line for block in blocks_of(path) for line in block.lines)
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith(_NO_ROW):
            yield _row(path, number, line.decode("utf-8", errors="replace").rstrip("\r").split("\t"))


def _row(path: Path, number: int, cells: list[str]) -> tuple[str, int, int, int]:
    if len(cells) < len(_COLUMNS):
        raise _not_bed(path, f"line {number}", f"{len(cells)} columns")
    start, end, depth = (natural(cell.strip()) for cell in cells[1 : len(_COLUMNS)])
    if start is None or end is None or depth is None or end <= start:
        raise _not_bed(path, f"line {number}", "cells that are no whole numbers, or an end before its start")
    return cells[0], start, end, depth


def _not_bed(path: Path, place: str | None, found: str) -> InputError:
    return InputError(
        "the file is not a coverage BED",
        code="NOT_COVERAGE_BED",
        file=path,
        place=place,
        expected="tab-separated " + ", ".join(_COLUMNS),
        found=found,
    )
