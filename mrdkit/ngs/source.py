"""A sequence table as bytes become whole lines: `#` lines, column names, then blocks of rows.

A file is read and digested once. Comment lines may end in LF while table lines end in CRLF, a file may lack
its final newline, and gzip is told by its first bytes; none of it changes a result. What a compressed file
unpacks to is bounded while it is unpacked.
"""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.files.digest import unreadable

__all__ = ["PADDING", "Block", "TableHead", "TableText", "open_table"]

#: Readable bytes behind the text of a block.
PADDING = 64

_LARGEST_TEXT = 4 * 1024**3  # bytes, after unpacking
_BOMB_RATIO = 400  # sequence tables shrink 5- to 50-fold; gzip itself allows 1,032
_BOMB_FROM = 64 * 1024**2  # bytes unpacked, below which no ratio matters
_LARGEST_HEAD = 1024**2  # bytes of `#` lines and column names
_MOST_COLUMNS = 1000
_LARGEST_LINE = 1024**2  # bytes
_USUAL_LINE = 4096  # bytes
_OPENING = 4096  # bytes
_BLOCK = 4 * 1024**2
_GZIP = b"\x1f\x8b"
_LINE_FEED = 10

#: Bytes with `PADDING` behind them, and how many are text: whole lines, each with its line feed.
Block: TypeAlias = tuple[NDArray[np.uint8], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHead:
    """What stands above the rows.

    Attributes:
        path: the file as the user named it.
        comments: text of the leading `#` lines, without the `#`.
        columns: column names in the order of the file; empty where there is no such line.
        opening: the first bytes of the text, for what is no table at all.
    """

    path: Path
    comments: tuple[str, ...]
    columns: tuple[str, ...]
    opening: bytes = field(repr=False)

    @property
    def n_lines(self) -> int:
        """Lines before the first row."""
        return len(self.comments) + 1


class TableText:
    """The rows of an open table, to be read once from top to bottom."""

    def __init__(self, head: TableHead, rest: bytes, stream: "_Stream", file: "_Digested") -> None:
        """Keep the head, the bytes read with it, and where the others come from."""
        self.head = head
        self._rest = rest
        self._stream = stream
        self._file = file

    def blocks(self) -> Iterator[Block]:
        """Yield blocks of whole lines; the last one gets its line feed where the file lacks it.

        A block is overwritten by the next one.
        """
        buffer = np.zeros(max(_BLOCK, len(self._rest)) + _LARGEST_LINE + PADDING, dtype=np.uint8)
        view = memoryview(buffer)  # type: ignore[arg-type]  # numpy arrays are buffers
        held = len(self._rest)
        view[:held] = self._rest
        while True:
            n = self._stream.readinto(view[held : held + _BLOCK])
            held += n
            stop = held if n == 0 else _behind_last_line(buffer, held)
            if n == 0 and held and buffer[held - 1] != _LINE_FEED:
                buffer[held] = _LINE_FEED
                stop = held + 1
            if stop:
                yield buffer, stop
            if n == 0:
                return
            held -= stop
            if held > _LARGEST_LINE:
                raise self._too_long()
            buffer[:held] = buffer[stop : stop + held].copy()

    @property
    def unread(self) -> int:
        """Bytes of the file, as it is stored, that were not read yet."""
        return self._file.unread

    def sha256(self) -> str:
        """Return the digest of the whole file as delivered, compressed or not."""
        return self._file.finished()

    def _too_long(self) -> InputError:
        return InputError(
            "a line of the table is too long",
            code="TABLE_TOO_LARGE",
            file=self.head.path,
            expected=f"at most {_LARGEST_LINE} bytes",
        )


class _Stream(Protocol):
    def readinto(self, buffer: memoryview, /) -> int: ...


class _Digested(io.RawIOBase):
    """A file whose bytes are digested as they are read."""

    def __init__(self, file: BinaryIO, stored: int) -> None:
        super().__init__()
        self._file = file
        self._stored = stored
        self._digest = hashlib.sha256()
        self.size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # a writable buffer, as io asks for
        n = self._file.readinto(view)  # type: ignore[attr-defined]  # of a file opened for reading
        self._digest.update(view[:n])
        self.size += n
        return int(n)

    @property
    def unread(self) -> int:
        return max(self._stored - self.size, 0)

    def finished(self) -> str:
        block = bytearray(_BLOCK)
        while self.readinto(block):
            pass
        return self._digest.hexdigest()


class _Unpacked:
    """The text of a gzip file, refused where it grows beyond what a table can be."""

    def __init__(self, path: Path, file: _Digested) -> None:
        self._path = path
        self._file = file
        self._gzip = gzip.GzipFile(fileobj=io.BufferedReader(file, _BLOCK), mode="rb")
        self._size = 0

    def readinto(self, buffer: memoryview, /) -> int:
        try:
            n = self._gzip.readinto(buffer)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(
                "the gzip file is damaged or cut off",
                code="GZIP_DAMAGED",
                file=self._path,
                found=str(error),
                remedy="transfer the file again",
            ) from None
        self._size += n
        packed = max(self._file.size, 1)
        if self._size > _LARGEST_TEXT or (self._size > _BOMB_FROM and self._size > _BOMB_RATIO * packed):
            raise InputError(
                "the compressed file unpacks to more than a sequence table can be",
                code="FILE_TOO_LARGE",
                file=self._path,
                expected=f"at most {_LARGEST_TEXT} bytes, {_BOMB_RATIO} times the packed size",
                remedy="unpack a trusted file yourself and give the plain file",
            )
        return n


@contextmanager
def open_table(path: Path) -> Iterator[TableText]:
    """Open a plain or gzip-compressed table and read its head.

    Raises:
        InputError: unreadable, too large, damaged gzip, or no text.
    """
    try:
        with path.open("rb", buffering=0) as opened:
            packed = opened.read(len(_GZIP)) == _GZIP
            size = opened.seek(0, io.SEEK_END)
            _check_size(path, size)
            opened.seek(0)
            file = _Digested(opened, size)
            stream: _Stream = _Unpacked(path, file) if packed else file
            start = _start(stream)
            head, n_head = _head(path, start)
            yield TableText(head, start[n_head:], stream, file)
    except OSError as error:
        raise unreadable(path, error) from None


def _check_size(path: Path, size: int) -> None:
    if size > _LARGEST_TEXT:
        raise InputError(
            "the file is too large for a sequence table",
            code="FILE_TOO_LARGE",
            file=path,
            expected=f"at most {_LARGEST_TEXT} bytes",
            found=f"{size}",
        )


def _start(stream: _Stream) -> bytes:
    """Return the first bytes of the text, enough for any head."""
    start = bytearray(_LARGEST_HEAD)
    size = 0
    while size < len(start) and (n := stream.readinto(memoryview(start)[size:])):
        size += n
    return bytes(start[:size])


def _behind_last_line(buffer: NDArray[np.uint8], held: int) -> int:
    for size in (_USUAL_LINE, held):
        start = max(0, held - size)
        found = buffer[start:held].tobytes().rfind(b"\n")
        if found >= 0:
            return start + found + 1
    return 0


def _head(path: Path, start: bytes) -> tuple[TableHead, int]:
    """Return comment lines and column names, and the bytes they take."""
    position = len(b"\xef\xbb\xbf") if start.startswith(b"\xef\xbb\xbf") else 0
    comments: list[str] = []
    columns: tuple[str, ...] = ()
    while position < len(start):
        end = start.find(b"\n", position)
        if end < 0 and len(start) == _LARGEST_HEAD:
            break
        end = len(start) if end < 0 else end
        line = _decoded(path, start[position:end], len(comments) + 1)
        position = min(end + 1, len(start))
        if not line.startswith("#"):
            columns = _columns(path, line)
            break
        comments.append(line[1:])
    head = TableHead(path=path, comments=tuple(comments), columns=columns, opening=start[:_OPENING])
    return head, position


def _decoded(path: Path, line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8").rstrip("\r")
    except UnicodeDecodeError:
        raise InputError(
            "the file is not UTF-8 text", code="TABLE_NOT_TEXT", file=path, place=f"line {number}"
        ) from None


def _columns(path: Path, line: str) -> tuple[str, ...]:
    columns = tuple(name.strip() for name in line.split("\t"))
    if len(columns) > _MOST_COLUMNS:
        raise InputError(
            "the table has too many columns",
            code="TABLE_TOO_LARGE",
            file=path,
            place="column names",
            expected=f"at most {_MOST_COLUMNS}",
            found=str(len(columns)),
        )
    return columns
