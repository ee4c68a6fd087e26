"""A sequence table without its patient: listed columns and header keys only, each cell of its column's kind.

The sample gets another name. What is written must read back as the same sample; a file that was refused must
be refused again by the same code, since a file is never made better by cleaning it.
Rules: reference/ngs/shared_columns.toml.
"""

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mrdkit.errors import InputError, MrdkitError
from mrdkit.ngs.dialects import is_vidjil, recognise_dialect
from mrdkit.ngs.reading import read_sample
from mrdkit.ngs.sample import NgsSample
from mrdkit.ngs.sharing_cells import SharedCells, read_shared_columns
from mrdkit.ngs.source import TableText, open_table
from mrdkit.ngs.table import Coded

__all__ = ["Unshared", "share_sample"]

_HEADER_MARK = b"#written_by=mrdkit\n"
_GZIP = b"\x1f\x8b"
_MOST_REMOVED = 100  # distinct values of a column that is left out; with more, it labels no sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Unshared:
    """What was removed; never to be printed.

    Attributes:
        identifying: names of samples, and values of header keys that no vendor's file has.
        others: what columns said that are left out, but for numbers, bases and genes.
    """

    identifying: frozenset[str] = field(repr=False)
    others: frozenset[str] = field(repr=False)


def share_sample(path: Path, output: Path, *, rename: Callable[[str], str]) -> Unshared:
    """Write a sequence table without identity and return what was removed.

    Args:
        path: the file, plain or gzip-compressed; the output is packed alike.
        output: the new file.
        rename: what the name of a sample becomes.

    Raises:
        InputError: no table of a known dialect, or what is written does not read back as the same sample.
    """
    with open_table(path) as text:
        if is_vidjil(text.head):
            raise InputError(
                "a document of this format cannot be cleaned for certain",
                code="FORMAT_NOT_CLEANED",
                remedy="export a table of the AIRR Rearrangement format",
            )
        recognise_dialect(text.head)
        writer = _Writer(text=text, cells=read_shared_columns(rename))
        with output.open("wb") as file:
            writer.write(file, packed=path)
    _check_same(path, output)
    return Unshared(identifying=frozenset(writer.cells.identifying), others=frozenset(writer.others))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    text: TableText
    cells: SharedCells
    others: set[str] = field(default_factory=set)

    def write(self, file: BinaryIO, *, packed: Path) -> None:
        """Write the whole table."""
        with packed.open("rb") as original:
            is_gzip = original.read(len(_GZIP)) == _GZIP
        if not is_gzip:
            file.writelines(self._lines())
            return
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as stream:
            stream.writelines(self._lines())

    def _lines(self) -> Iterator[bytes]:
        head = self.text.head
        kept = tuple(i for i, name in enumerate(head.columns) if name in self.cells.kinds)
        yield from self._header_lines()
        yield _line(head.columns[i] for i in kept)
        seen: dict[int, set[str]] = {i: set() for i in range(len(head.columns)) if i not in kept}
        for number, row in enumerate(self._rows(), start=1):
            _collect(seen, row)
            yield _line(self.cells.cell(head.columns[i], row[i], number) for i in kept)
        self._look_for(seen)

    def _header_lines(self) -> Iterator[bytes]:
        comments = self.text.head.comments
        if comments:  # by them the dialect is told
            yield _HEADER_MARK
        kept = (self.cells.header_line(line) for line in comments)
        yield from (f"#{line}\n".encode() for line in kept if line is not None)

    def _rows(self) -> Iterator[list[str]]:
        n_columns = len(self.text.head.columns)
        for buffer, stop in self.text.blocks():
            for line in buffer[:stop].tobytes().decode("utf-8", errors="replace").split("\n"):
                cells = line.rstrip("\r").split("\t")
                if len(cells) != n_columns and cells != [""]:
                    raise _not_whole(n_columns, len(cells))
                if cells != [""]:
                    yield cells

    def _look_for(self, seen: Mapping[int, set[str]]) -> None:
        """Keep what columns said that are left out, where they may label samples."""
        labels = (value for values in seen.values() if len(values) < _MOST_REMOVED for value in values)
        self.others.update(value for value in labels if not self.cells.is_technical(value))


def _line(cells: Iterable[str]) -> bytes:
    return ("\t".join(cells) + "\n").encode()


def _collect(seen: Mapping[int, set[str]], row: list[str]) -> None:
    for i, values in seen.items():
        if len(values) < _MOST_REMOVED:
            values.add(row[i])


def _not_whole(expected: int, found: int) -> InputError:
    return InputError(
        "a row is not whole: it has more or fewer fields than the column names",
        code="ROW_TRUNCATED",
        expected=f"{expected} fields",
        found=f"{found}",
        remedy="transfer the file again",
    )


def _check_same(path: Path, output: Path) -> None:
    before, after = _outcome(path), _outcome(output)
    same = (
        before == after
        if isinstance(before, str) or isinstance(after, str)
        else _is_same_sample(before, after)
    )
    if not same:
        raise InputError(
            "without what may identify a person the table does not read as the same sample",
            code="OUTPUT_NOT_EQUAL",
            remedy="export the file again; columns of counts and genes must hold nothing else",
        )


def _outcome(path: Path) -> NgsSample | str:
    """Return the sample, or the code by which it is refused."""
    try:
        return read_sample(path)
    except MrdkitError as error:
        return error.code


def _is_same_sample(before: NgsSample, after: NgsSample) -> bool:
    names = (
        "dialect",
        "assay_kind",
        "n_rows",
        "template_source",
        "templates_doubtful",
        "total_reads",
        "stated",
    )
    return (
        all(getattr(before, name) == getattr(after, name) for name in names)
        and before.plasma_ml == after.plasma_ml
        and [warning.code for warning in before.warnings] == [warning.code for warning in after.warnings]
        and all(
            _is_same_column(getattr(before.rows, each.name), getattr(after.rows, each.name))
            for each in fields(before.rows)
        )
    )


def _is_same_column(before: object, after: object) -> bool:
    if isinstance(before, Coded) and isinstance(after, Coded):
        decoded = [np.array([str(value) for value in each.values])[each.codes] for each in (before, after)]
        return np.array_equal(*decoded) if len(before.codes) else len(after.codes) == 0
    return np.array_equal(np.asarray(before), np.asarray(after))
