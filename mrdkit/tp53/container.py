"""What a variant file is packed in, told by its content, and its lines, checked for truncation.

Plain text, gzip and BGZF hold VCF text; BCF is told apart from them. A compressed stream that ends early, or
a BGZF file without its end-of-file block, is an error: the records behind the cut would be silently absent.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.files.digest import unreadable
from mrdkit.tp53.unpack import (
    BGZF_EOF,
    is_bgzf,
    is_gzip,
    unpacked_bgzf,
    unpacked_gzip,
    unpacked_plain,
)

__all__ = [
    "BCF_MAGIC",
    "Block",
    "Container",
    "blocks_of",
    "bytes_of",
    "container_of",
    "lines_of",
    "truncated",
]

BCF_MAGIC = b"BCF\x02"
_HEAD = 18  # bytes that tell how a file is packed
_LONGEST_LINE = 64 << 20  # bytes; far above any real record
_BOM = b"\xef\xbb\xbf"


class Container(StrEnum):
    """How a file is packed."""

    TEXT = "text"
    GZIP = "gzip"
    BGZF = "bgzf"
    BCF = "bcf"
    BCF_UNPACKED = "bcf, unpacked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Whole lines in file order; `terminated` tells whether the last one has its line feed."""

    text: bytes
    terminated: bool = True

    @property
    def lines(self) -> list[bytes]:
        """The lines without their line feeds."""
        return self.text.removesuffix(b"\n").split(b"\n") if self.text else []


def container_of(path: Path) -> Container:
    """Return how a file is packed, whatever its name.

    Raises:
        InputError: missing, empty, or a BGZF file whose end is missing.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            file.seek(max(0, file.seek(0, 2) - len(BGZF_EOF)))
            tail = file.read()
    except OSError as error:
        raise unreadable(path, error) from None
    if not head:
        raise InputError("the file is empty", code="FILE_EMPTY", file=path, expected="VCF or BCF")
    if is_bgzf(head) and tail != BGZF_EOF:
        raise truncated(path, "no BGZF end-of-file block")
    if next(bytes_of(path), b"").startswith(BCF_MAGIC):
        return Container.BCF if is_gzip(head) else Container.BCF_UNPACKED
    if is_bgzf(head):
        return Container.BGZF
    return Container.GZIP if is_gzip(head) else Container.TEXT


def bytes_of(path: Path, start: int = 0) -> Iterator[bytes]:
    """Yield the unpacked bytes of a file, many at a time.

    Args:
        path: the file; its first bytes tell how it is packed.
        start: virtual offset to begin at, in a BGZF file.

    Raises:
        InputError: unreadable, truncated or damaged.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            file.seek(0)
            if is_bgzf(head):
                yield from unpacked_bgzf(file, start)
            else:
                yield from unpacked_gzip(file) if is_gzip(head) else unpacked_plain(file)
    except (EOFError, zlib.error) as error:
        raise truncated(path, str(error)) from None
    except OSError as error:
        raise unreadable(path, error) from None


def blocks_of(path: Path, start: int = 0) -> Iterator[Block]:
    """Yield the lines of a text file from `start` on, as `bytes_of` takes it, many at a time.

    Raises:
        InputError: unreadable, truncated, damaged, or a line too long to be a record.
    """
    return lines_of(path, bytes_of(path, start))


def lines_of(path: Path, chunks: Iterable[bytes]) -> Iterator[Block]:
    """Yield the lines that a file's bytes hold, without the mark that editors put before the first one."""
    held: list[bytes] = []
    n_held, first = 0, True
    for chunk in chunks:
        text, first = chunk.removeprefix(_BOM) if first else chunk, False
        end = text.rfind(b"\n") + 1
        if end:
            yield Block(text=b"".join([*held, text[:end]]))
            held, n_held = [], 0
        held.append(text[end:])
        n_held += len(text) - end
        if n_held > _LONGEST_LINE:
            raise InputError(
                "a line is too long for a variant record",
                code="NOT_VCF",
                file=path,
                expected=f"at most {_LONGEST_LINE} bytes",
            )
    if n_held:
        yield Block(text=b"".join(held), terminated=False)


def truncated(path: Path, found: str, place: str | None = None) -> InputError:
    """Return the error of a file whose end, or part of it, is missing or damaged."""
    return InputError(
        "the file is truncated or damaged",
        code="FILE_TRUNCATED",
        file=path,
        place=place,
        found=found,
        remedy="transfer or write the file again",
    )
