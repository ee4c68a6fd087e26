"""What a variant file is packed in, told by its content, and its lines, checked for truncation.

Plain text, gzip and BGZF hold VCF text; BCF is told apart from them. A compressed stream that ends early, or
a BGZF file without its end-of-file block, is an error: the records behind the cut would be silently absent.
"""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from mrdkit.errors import InputError
from mrdkit.files.digest import unreadable

__all__ = ["Block", "Container", "blocks_of", "container_of", "truncated"]

_CHUNK = 1 << 20
_LONGEST_LINE = 64 << 20  # bytes; far above any real record
_GZIP_MAGIC = b"\x1f\x8b"
_BGZF_EOF = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_BCF_MAGIC = b"BCF\x02"
_BOM = b"\xef\xbb\xbf"


class Container(StrEnum):
    """How a file is packed."""

    TEXT = "text"
    GZIP = "gzip"
    BGZF = "bgzf"
    BCF = "bcf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines in file order without line feeds; `terminated` tells whether the last one had its own."""

    lines: list[bytes]
    terminated: bool = True


def container_of(path: Path) -> Container:
    """Return how a file is packed, whatever its name.

    Raises:
        InputError: missing, empty, or a BGZF file whose end is missing.
    """
    try:
        with path.open("rb") as file:
            head = file.read(18)
            tail = _tail(file)
    except OSError as error:
        raise unreadable(path, error) from None
    if not head:
        raise InputError("the file is empty", code="FILE_EMPTY", file=path, expected="VCF or BCF")
    if head.startswith(_BCF_MAGIC):
        return Container.BCF
    if not head.startswith(_GZIP_MAGIC):
        return Container.TEXT
    is_bgzf = head[2:4] == b"\x08\x04" and head[12:14] == b"BC"
    if is_bgzf and tail != _BGZF_EOF:
        raise truncated(path, "no BGZF end-of-file block")
    if _unpacked_head(path).startswith(_BCF_MAGIC):
        return Container.BCF
    return Container.BGZF if is_bgzf else Container.GZIP


def blocks_of(path: Path, container: Container) -> Iterator[Block]:
    """Yield the lines of a text file, many at a time.

    Raises:
        InputError: unreadable, truncated or damaged compression, or a line too long to be a record.
    """
    try:
        with _opened(path, container) as stream:
            yield from _split(path, stream)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise truncated(path, f"{type(error).__name__}: {error}") from None
    except OSError as error:
        raise unreadable(path, error) from None


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


def _opened(path: Path, container: Container) -> BinaryIO:
    if container is Container.TEXT:
        return path.open("rb")
    return gzip.open(path, "rb")  # type: ignore[return-value]  # GzipFile reads as a binary file does


def _tail(file: BinaryIO) -> bytes:
    size = file.seek(0, 2)
    file.seek(max(0, size - len(_BGZF_EOF)))
    return file.read()


def _unpacked_head(path: Path) -> bytes:
    try:
        with gzip.open(path, "rb") as file:
            return file.read(len(_BCF_MAGIC))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise truncated(path, f"{type(error).__name__}: {error}") from None


def _split(path: Path, stream: BinaryIO) -> Iterator[Block]:
    rest = b""
    chunk = stream.read(_CHUNK).removeprefix(_BOM)
    while chunk:
        *lines, rest = (rest + chunk).split(b"\n")
        yield Block(lines=lines)
        if len(rest) > _LONGEST_LINE:
            raise InputError(
                "a line is too long for a variant record",
                code="NOT_VCF",
                file=path,
                expected=f"at most {_LONGEST_LINE} bytes",
            )
        chunk = stream.read(_CHUNK)
    if rest:
        yield Block(lines=[rest], terminated=False)
