"""A sequence table without its patient: listed columns and header keys only, each cell of its column's kind.

The sample gets another name. What is written must read back as the same sample; a file that was refused must
be refused again by the same code, since a file is never made better by cleaning it.
Rules: reference/ngs/shared_columns.toml.
"""

import gzip
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mrdkit.errors import InputError, MrdkitError
from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.ngs.dialects import is_vidjil, recognise_dialect
from mrdkit.ngs.reading import read_sample
from mrdkit.ngs.sample import NgsSample
from mrdkit.ngs.source import TableText, open_table
from mrdkit.ngs.table import Coded

__all__ = ["Unshared", "share_sample"]

_NUMBER = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
_NUMBERS = re.compile(rf"{_NUMBER}([,; ]+{_NUMBER})*")
_BASES = re.compile(r"[ACGTNacgtn]*")
_GENE = re.compile(r"(IG[HKL]|TC?R[ABGD]{1,2})[VDJC]?[A-Z0-9*./+_-]*|\d{1,3}", re.IGNORECASE)
_SEPARATORS = re.compile(r"[,;:|=+() ]+")
_VERSION = re.compile(r"v?\d+(\.\d+)*(-\d+)?(-g[0-9a-f]{7,12})?")
_WORDS = re.compile(r"[A-Za-z]+")
_NOT_STATED = {"", "na", "n/a", "n/a,n/a", "null", "no data", "unknown", "-1"}
_HEADER_MARK = "#written_by=mrdkit"
_MOST_CELLS_REMEMBERED = 200_000
_MOST_REMOVED = 100  # distinct values of a column that is left out; with more, it labels no sample


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Header:
    number: tuple[str, ...]
    word: tuple[str, ...]
    words: tuple[str, ...]
    version: tuple[str, ...]
    technical: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True)
class _SharedColumns(Rule):
    sequence: tuple[str, ...]
    number: tuple[str, ...]
    gene: tuple[str, ...]
    word: tuple[str, ...]
    sample: tuple[str, ...]
    number_anew: tuple[str, ...]
    emptied: tuple[str, ...]
    words: tuple[str, ...]
    gene_words: tuple[str, ...]
    header: _Header


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
        writer = _Writer(text=text, rule=read_rule("ngs", "shared_columns", _SharedColumns), rename=rename)
        with output.open("wb") as file:
            writer.write(file, packed=path)
    _check_same(path, output)
    return Unshared(identifying=frozenset(writer.identifying), others=frozenset(writer.removed))


@dataclass(frozen=True, kw_only=True)
class _Writer:
    text: TableText
    rule: _SharedColumns
    rename: Callable[[str], str]
    identifying: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    known: dict[tuple[str, str], str] = field(default_factory=dict)

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """Kind of each listed column."""
        names = ("sequence", "number", "gene", "word", "sample", "number_anew", "emptied")
        return {column: kind for kind in names for column in getattr(self.rule, kind)}

    def write(self, file: BinaryIO, *, packed: Path) -> None:
        """Write the whole table."""
        with packed.open("rb") as original:
            is_gzip = original.read(2) == b"\x1f\x8b"
        if not is_gzip:
            file.writelines(self._lines())
            return
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as stream:
            stream.writelines(self._lines())

    def _lines(self) -> Iterator[bytes]:
        head = self.text.head
        if head.comments:
            yield f"{_HEADER_MARK}\n".encode()
        for line in head.comments:
            if (kept := self._header_line(line)) is not None:
                yield f"#{kept}\n".encode()
        kept_columns = [i for i, name in enumerate(head.columns) if name in self.kinds]
        names = [head.columns[i] for i in kept_columns]
        left = [i for i in range(len(head.columns)) if i not in kept_columns]
        yield ("\t".join(names) + "\n").encode()
        seen: dict[int, set[str]] = {i: set() for i in left}
        for number, cells in enumerate(self._rows(len(head.columns)), start=1):
            row = (self._cell(name, cells[i], number) for i, name in zip(kept_columns, names, strict=True))
            for i, values in seen.items():
                if len(values) < _MOST_REMOVED:
                    values.add(cells[i])
            yield ("\t".join(row) + "\n").encode()
        labels = (values for values in seen.values() if len(values) < _MOST_REMOVED)
        self.removed.update(value for values in labels for value in values if not self._is_technical(value))

    def _rows(self, n_columns: int) -> Iterator[list[str]]:
        line_number = self.text.head.n_lines
        for buffer, stop in self.text.blocks():
            for line in buffer[:stop].tobytes().decode("utf-8", errors="replace").split("\n"):
                line_number += 1
                cells = line.rstrip("\r").split("\t")
                if cells == [""]:
                    continue
                if len(cells) != n_columns:
                    raise InputError(
                        "a row is not whole: it has more or fewer fields than the column names",
                        code="ROW_TRUNCATED",
                        expected=f"{n_columns} fields",
                        found=f"{len(cells)}",
                        remedy="transfer the file again",
                    )
                yield cells

    def _header_line(self, line: str) -> str | None:
        key, _, value = (part.strip() for part in line.lstrip("#").partition("="))
        rule = self.rule.header
        folded = key.casefold()
        if value.casefold() in _NOT_STATED:
            kept = folded in {name.casefold() for name in (*rule.number, *rule.word, *rule.version)}
        elif folded in {name.casefold() for name in rule.number}:
            kept = _NUMBERS.fullmatch(value) is not None
        elif folded in {name.casefold() for name in rule.word}:
            kept = all(word.casefold() in rule.words for word in _WORDS.findall(value)) and not re.search(
                r"\d", value
            )
        else:
            kept = folded in {name.casefold() for name in rule.version} and bool(_VERSION.fullmatch(value))
        if kept:
            return f"{key}={value}"
        if folded not in {name.casefold() for name in (*rule.technical, *rule.version)}:
            self.identifying.add(value)
        # A flag that cannot be given away is still no PASS.
        return f"{key}=removed" if folded in {name.casefold() for name in rule.word} else None

    def _cell(self, name: str, cell: str, number: int) -> str:
        kind = self.kinds[name]
        match kind:
            case "number_anew":
                return f"seq-{number}" if cell else ""
            case "sequence":
                return cell if _BASES.fullmatch(cell) else self._left(cell)
            case _:
                found = self.known.get((kind, cell))
                if found is None:
                    found = self._judged(kind, cell)
                    if len(self.known) < _MOST_CELLS_REMEMBERED:
                        self.known[kind, cell] = found
                return found

    def _judged(self, kind: str, cell: str) -> str:
        text = cell.strip()
        match kind:
            case "sample":
                if text and text.casefold() not in _NOT_STATED:
                    self.identifying.add(text)
                    return self.rename(text)
                return cell
            case "number":
                kept = _NUMBERS.fullmatch(text) is not None or self._is_words(text)
            case "gene":
                kept = all(self._is_gene(part) for part in _SEPARATORS.split(text))
            case "word":
                kept = self._is_words(text)
            case _:
                kept = not text
        return cell if kept else self._left(cell)

    def _is_words(self, text: str) -> bool:
        return all(part.casefold() in self.rule.words for part in _SEPARATORS.split(text) if part)

    def _is_gene(self, part: str) -> bool:
        return (
            not part
            or _GENE.fullmatch(part) is not None
            or part.casefold() in (*self.rule.gene_words, "f", "d")
        )

    def _is_technical(self, text: str) -> bool:
        """Tell numbers, bases and genes, which stand in what is kept too."""
        parts = _SEPARATORS.split(text.strip())
        return _BASES.fullmatch(text) is not None or all(
            self._is_gene(part) or _NUMBERS.fullmatch(part) for part in parts
        )

    def _left(self, cell: str) -> str:
        if not self._is_technical(cell):
            self.identifying.add(cell)
        return ""


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
    names = ("dialect", "assay_kind", "n_rows", "template_source", "templates_doubtful", "total_reads", "stated")
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
