"""A sequence table as bytes become lines: `#` lines, column names, and the proof that every row is whole.

Comment lines may end in LF while table lines end in CRLF, a file may lack its final newline, and gzip is told
by its first bytes; none of it changes a result. A row with more or fewer fields than the column names is a
damaged file, never a shorter sample: the table reader would fill or drop fields silently, so fields are
counted here first.
"""

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mrdkit.errors import InputError
from mrdkit.files.digest import unreadable

__all__ = ["TableSource", "count_rows", "open_table"]

_LARGEST_TEXT = 4 * 1024**3  # bytes, after unpacking
_LARGEST_UNPACKED = 1024**3  # bytes held in memory for a gzip file
_BOMB_RATIO = 400  # sequence tables shrink 5- to 50-fold; gzip itself allows 1,032
_BOMB_FROM = 64 * 1024**2  # bytes unpacked, below which no ratio matters
_LARGEST_HEAD = 1024**2  # bytes of `#` lines and column names
_MOST_COLUMNS = 255  # fields are counted modulo 256
_LARGEST_LINE = 1024**2  # bytes
_OPENING = 4096  # bytes
_BLOCK = 4 * 1024**2
_GZIP = b"\x1f\x8b"
_TAB, _LINE_FEED = 9, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSource:
    """The head of a tab-separated table; its rows are not read yet.

    Attributes:
        path: the file as the user named it.
        content: the path of a plain file, or the bytes of an unpacked one.
        comments: text of the leading `#` lines, without the `#`.
        columns: column names in the order of the file.
        head_size: bytes before the first row.
        opening: the first bytes of the text, for what is no table at all.
    """

    path: Path
    content: Path | bytes = field(repr=False)
    comments: tuple[str, ...]
    columns: tuple[str, ...]
    head_size: int
    opening: bytes = field(repr=False)

    @property
    def n_head_lines(self) -> int:
        """Lines before the first row."""
        return len(self.comments) + 1


def open_table(path: Path) -> TableSource:
    """Read the head of a plain or gzip-compressed table.

    Raises:
        InputError: unreadable, too large, damaged gzip, or no column names.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(len(_GZIP)) == _GZIP
            size = file.seek(0, io.SEEK_END)
        if size > _LARGEST_TEXT:
            raise InputError(
                "the file is too large for a sequence table",
                code="FILE_TOO_LARGE",
                file=path,
                expected=f"at most {_LARGEST_TEXT} bytes",
                found=f"{size}",
            )
        content = _unpacked(path) if packed else path
        with _stream(content) as stream:
            head = stream.read(_LARGEST_HEAD)
    except OSError as error:
        raise unreadable(path, error) from None
    comments, columns, head_size = _head(path, head)
    return TableSource(
        path=path,
        content=content,
        comments=comments,
        columns=columns,
        head_size=head_size,
        opening=head[:_OPENING],
    )


def count_rows(source: TableSource) -> int:
    """Prove that every row has one field per column name, and return how many rows there are.

    Raises:
        InputError: a column name stands twice, or a row has more or fewer fields, such as a last row that was
            cut off.
    """
    _check_names(source)
    n_tabs = len(source.columns) - 1
    n_rows = 0
    with _stream(source.content) as stream:
        end = _text_end(stream)
        stream.seek(source.head_size)
        for lines in _whole_lines(stream, end - source.head_size):
            text = np.frombuffer(lines, dtype=np.uint8)
            ends = np.flatnonzero(text == _LINE_FEED)
            is_tab = text == _TAB
            starts = np.concatenate(([0], ends[:-1] + 1))
            # Counted modulo 256, which is exact together with the total.
            tabs = np.add.reduceat(is_tab.view(np.uint8), starts, dtype=np.uint8)
            wrong = np.flatnonzero(tabs != n_tabs)
            if wrong.size or np.count_nonzero(is_tab) != n_tabs * len(ends):
                line = source.n_head_lines + n_rows + (int(wrong[0]) if wrong.size else 0) + 1
                raise _ragged(source.path, line, len(source.columns))
            n_rows += len(ends)
    return n_rows


def _stream(content: Path | bytes) -> BinaryIO:
    return io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")


def _unpacked(path: Path) -> bytes:
    packed_size = path.stat().st_size
    parts: list[bytes] = []
    size = 0
    try:
        with gzip.open(path, "rb") as stream:
            while block := stream.read(_BLOCK):
                size += len(block)
                if size > _LARGEST_UNPACKED or (size > _BOMB_FROM and size > _BOMB_RATIO * packed_size):
                    raise InputError(
                        "the compressed file unpacks to more than a sequence table can be",
                        code="FILE_TOO_LARGE",
                        file=path,
                        expected=f"at most {_LARGEST_UNPACKED} bytes, {_BOMB_RATIO} times the packed size",
                        remedy="unpack a trusted file yourself and give the plain file",
                    )
                parts.append(block)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            "the gzip file is damaged or cut off",
            code="GZIP_DAMAGED",
            file=path,
            found=str(error),
            remedy="transfer the file again",
        ) from None
    return b"".join(parts)


def _head(path: Path, head: bytes) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Return comment lines, column names, and the bytes they take."""
    position = len(b"\xef\xbb\xbf") if head.startswith(b"\xef\xbb\xbf") else 0
    comments: list[str] = []
    while position < len(head):
        end = head.find(b"\n", position)
        complete = end >= 0 or len(head) < _LARGEST_HEAD
        end = len(head) if end < 0 else end
        line = _decoded(path, head[position:end], len(comments) + 1)
        position = min(end + 1, len(head))
        if not complete:
            break
        if not line.startswith("#"):
            return tuple(comments), _columns(path, line), position
        comments.append(line[1:])
    raise InputError(
        "the file has no line of column names",
        code="COLUMNS_MISSING",
        file=path,
        expected=f"column names after the # lines, within the first {_LARGEST_HEAD} bytes",
    )


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


def _check_names(source: TableSource) -> None:
    repeated = sorted({name for name in source.columns if source.columns.count(name) > 1})[:5]
    if repeated:
        raise InputError(
            "a column name stands twice",
            code="COLUMN_REPEATED",
            file=source.path,
            place="column names",
            found=", ".join(repr(name) for name in repeated),
            remedy="keep one of them",
        )


def _text_end(stream: BinaryIO) -> int:
    """Return the length of the text without the empty lines at its end."""
    size = stream.seek(0, io.SEEK_END)
    tail_start = max(0, size - _LARGEST_LINE)
    stream.seek(tail_start)
    return tail_start + len(stream.read().rstrip(b"\r\n"))


def _whole_lines(stream: BinaryIO, remaining: int) -> Iterator[bytes]:
    """Yield blocks that end with a line end; the last one gets it where the file lacks it."""
    carried = b""
    while remaining > 0 and len(carried) <= _LARGEST_LINE:
        block = stream.read(min(_BLOCK, remaining))
        remaining -= len(block)
        if not block:  # the file shrank while it was read
            break
        cut = block.rfind(b"\n") + 1
        if cut:
            yield carried + block[:cut]
            carried = block[cut:]
        else:
            carried += block
    if carried:
        yield carried + b"\n"


def _ragged(path: Path, line: int, n_columns: int) -> InputError:
    return InputError(
        "a row is not whole: it has more or fewer fields than the column names",
        code="ROW_TRUNCATED",
        file=path,
        place=f"line {line}",
        expected=f"{n_columns} fields",
        remedy="transfer the file again",
    )
