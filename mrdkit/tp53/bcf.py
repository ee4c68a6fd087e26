"""The records of a BCF as VCF lines: htslib unpacks those that may touch TP53; the others are passed over.

A kernel reads the place of each record from its packed form. htslib gets the header and the few records that
remain; a record that it refuses makes the file an error.
"""

import tempfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mrdkit._ext.bcf_records import pass_over
from mrdkit.tp53.container import Block, bytes_of, truncated
from mrdkit.tp53.header import LARGEST_HEADER, HeaderRead, read_header
from mrdkit.tp53.scan import Scan

__all__ = ["CONTIG_AT", "BcfOpened", "open_bcf", "scan_bcf"]

_BEFORE_TEXT = 9  # magic, version and length of the header text
_LENGTHS = 8  # bytes of the two lengths before a record
CONTIG_AT = 8  # offset of the number of the contig in a record
_POS_AT = 12  # offset of the position, counted from 0
_LEAST_SHARED = 24
# What pysam raises over damaged data.
_REFUSALS = (OSError, ValueError, NotImplementedError, LookupError, AssertionError)
_LARGEST_RECORD = 64 << 20  # bytes; far above any real record


@dataclass(frozen=True, slots=True, kw_only=True)
class BcfOpened:
    """A BCF whose header was read.

    Attributes:
        packed_header: the header as the file holds it.
        contigs: names of the contigs by the numbers that records give.
        chunks: what follows the header.
    """

    path: Path
    packed_header: bytes
    read: HeaderRead
    contigs: dict[int, bytes]
    chunks: Iterator[bytes]


def open_bcf(path: Path) -> BcfOpened:
    """Read the header of a BCF.

    Raises:
        InputError: truncated, damaged, or a header that htslib refuses.
    """
    chunks = bytes_of(path)
    held = _at_least(path, chunks, b"", _BEFORE_TEXT)
    size = _BEFORE_TEXT + int.from_bytes(held[_BEFORE_TEXT - 4 : _BEFORE_TEXT], "little")
    if size > LARGEST_HEADER:
        raise truncated(path, "a BCF header that does not end")
    held = _at_least(path, chunks, held, size)
    packed_header, rest = held[:size], held[size:]
    unpacked = _unpacked(path, packed_header)
    return BcfOpened(
        path=path,
        packed_header=packed_header,
        read=read_header(path, iter([Block(text=unpacked.header)])),
        contigs=unpacked.contigs,
        chunks=_chained(rest, chunks),
    )


def scan_bcf(opened: BcfOpened, chunks: Iterable[bytes], scan: Scan) -> None:
    """Take the records of `chunks` into a pass.

    Raises:
        InputError: truncated, damaged, or a record that htslib refuses.
    """
    held = b""
    for chunk in chunks:
        held += chunk
        chosen, used, is_past = _chosen(opened, held, scan)
        held = held[used:]
        if chosen:
            lines = _unpacked(opened.path, opened.packed_header + b"".join(chosen)).lines
            scan.take(Block(text=lines))
        if is_past:
            return
    if held:
        raise truncated(opened.path, "a BCF record that ends early")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unpacked:
    header: bytes
    contigs: dict[int, bytes]
    lines: bytes


def _unpacked(path: Path, packed: bytes) -> _Unpacked:
    """Return a small BCF as text."""
    import pysam  # noqa: PLC0415 - heavy, and only BCF needs it

    quiet = pysam.set_verbosity(0)
    try:
        with tempfile.TemporaryFile() as file:
            file.write(packed)
            file.seek(0)
            with pysam.VariantFile(file) as bcf:
                return _Unpacked(
                    header=str(bcf.header).encode(),
                    contigs={contig.id: str(name).encode() for name, contig in bcf.header.contigs.items()},
                    lines="".join(str(record) for record in bcf).encode(),
                )
    except _REFUSALS as error:
        raise truncated(path, f"BCF: {str(error) or type(error).__name__}") from None
    finally:
        pysam.set_verbosity(quiet)


def _chosen(opened: BcfOpened, held: bytes, scan: Scan) -> tuple[list[bytes], int, bool]:
    """Return the records that may touch the gene, the bytes looked at, and whether the pass ends there."""
    chosen: list[bytes] = []
    at, out = 0, array("q", (0, 0))
    while (size := _record_size(opened.path, held, at)) is not None:
        contig = int.from_bytes(held[at + CONTIG_AT : at + CONTIG_AT + 4], "little")
        name = opened.contigs.get(contig)
        if name is None:
            raise truncated(opened.path, f"a record on contig number {contig}, which the header lacks")
        pos = int.from_bytes(held[at + _POS_AT : at + _POS_AT + 4], "little", signed=True) + 1
        if scan.ends_behind and not scan.is_near(name, pos):
            return chosen, at, True
        pass_over(held, at, contig, scan.lowest, scan.beyond(name), out)
        scan.count(out[1])
        if out[0] == at:
            chosen.append(held[at : at + size])
        at = max(out[0], at + size)
    return chosen, at, False


def _record_size(path: Path, held: bytes, at: int) -> int | None:
    """Return the size of the record at `at`, None where it is not wholly there."""
    if at + _LENGTHS > len(held):
        return None
    shared, individual = (int.from_bytes(held[at + i : at + i + 4], "little") for i in (0, 4))
    size = _LENGTHS + shared + individual
    if shared < _LEAST_SHARED or size > _LARGEST_RECORD:
        raise truncated(path, "a BCF record of an impossible size")
    return size if at + size <= len(held) else None


def _at_least(path: Path, chunks: Iterator[bytes], held: bytes, size: int) -> bytes:
    while len(held) < size:
        chunk = next(chunks, b"")
        if not chunk:
            raise truncated(path, "a BCF header that ends early")
        held += chunk
    return held


def _chained(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from chunks
