"""The header of a VCF: its `##` lines and its columns; what follows begins with the first record."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.tp53.container import Block
from mrdkit.tp53.records import FIXED_COLUMNS, VcfHeader

__all__ = ["LARGEST_HEADER", "HeaderRead", "not_vcf", "read_header"]

LARGEST_HEADER = 64 << 20  # bytes; far above any real header


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderRead:
    """A header and where it ends.

    Attributes:
        n_columns: columns of the #CHROM line, and so of each record.
        n_lines: lines of the header.
        rest: lines that were read behind it.
    """

    header: VcfHeader
    n_columns: int
    n_lines: int
    rest: Block


def read_header(path: Path, blocks: Iterator[Block]) -> HeaderRead:
    """Take the header off the lines of a file.

    Raises:
        InputError: it is none, does not end, or names a sample twice.
    """
    meta: list[str] = []
    n_lines = n_bytes = 0
    for block in blocks:
        at = 0
        while at < len(block.text):
            end = block.text.find(b"\n", at) + 1 or len(block.text)
            line = block.text[at:end].rstrip(b"\r\n").decode("utf-8", errors="replace")
            n_lines, n_bytes, at = n_lines + 1, n_bytes + end - at, end
            if line.startswith("#CHROM"):
                columns = line.split("\t")
                header = VcfHeader(meta=tuple(meta), samples=_samples(path, columns, n_lines))
                rest = Block(text=block.text[at:], terminated=block.terminated)
                return HeaderRead(header=header, n_columns=len(columns), n_lines=n_lines, rest=rest)
            _take_meta(path, meta, line, n_lines)
            if n_bytes > LARGEST_HEADER:
                raise not_vcf(path, f"line {n_lines}", "a header that does not end")
    raise not_vcf(path, None, "no #CHROM line")


def _take_meta(path: Path, meta: list[str], line: str, number: int) -> None:
    if line.startswith("##"):
        meta.append(line[2:])
    elif line:
        raise not_vcf(path, f"line {number}", "a line before #CHROM that is no header")


def _samples(path: Path, columns: list[str], number: int) -> tuple[str, ...]:
    n_fixed = len(FIXED_COLUMNS)
    samples = tuple(columns[n_fixed + 1 :])
    expected = [*FIXED_COLUMNS, "FORMAT"] if len(columns) > n_fixed else list(FIXED_COLUMNS)
    if columns[: n_fixed + 1] != expected:
        raise not_vcf(path, f"line {number}", "other columns than VCF's, or no tabs between them")
    if len(set(samples)) < len(samples):
        raise InputError(
            "two sample columns have the same name",
            code="SAMPLE_REPEATED",
            file=path,
            place=f"line {number}",
            remedy="rename one of them",
        )
    return samples


def not_vcf(path: Path, place: str | None, found: str) -> InputError:
    """Return the error of a file that is no variant file."""
    return InputError(
        "the file is not VCF or BCF",
        code="NOT_VCF",
        file=path,
        place=place,
        expected="## lines, a #CHROM line with tabs, then records",
        found=found,
    )
