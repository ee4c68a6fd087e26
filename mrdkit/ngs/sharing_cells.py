"""What a cell and a header line of a sequence table may say outside of the laboratory.

Rules: reference/ngs/shared_columns.toml.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule

__all__ = ["SharedCells", "read_shared_columns", "shared_names"]

_NUMBER = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
_NUMBERS = re.compile(rf"{_NUMBER}([,; ]+{_NUMBER})*")
_BASES = re.compile(r"[ACGTNacgtn]*")
_GENE = re.compile(r"(IG[HKL]|TC?R[ABGD]{1,2})[VDJC]?[A-Z0-9*./+_-]*|\d{1,3}", re.IGNORECASE)
_SEPARATORS = re.compile(r"[,;:|=+() ]+")
_VERSION = re.compile(r"v?\d+(\.\d+)*(-\d+)?(-g[0-9a-f]{7,12})?")
_WORDS = re.compile(r"[A-Za-z]+")
_NOT_STATED = {"", "na", "n/a", "n/a,n/a", "null", "no data", "unknown", "-1"}
_MOST_CELLS_REMEMBERED = 200_000
_DIGIT = re.compile(r"\d")


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


def read_shared_columns(rename: Callable[[str], str]) -> "SharedCells":
    """Return the rules, ready to be asked; `rename` is what the name of a sample becomes."""
    return SharedCells(rule=read_rule("ngs", "shared_columns", _SharedColumns), rename=rename)


def shared_names() -> frozenset[str]:
    """Return the names of columns and header keys that are kept."""
    cells = read_shared_columns(str)
    return frozenset((*cells.kinds, *cells.header_kinds))


@dataclass(frozen=True, kw_only=True)
class SharedCells:
    """Cleans cells and header lines of one table.

    Attributes:
        rule: as written.
        rename: what the name of a sample becomes.
        identifying: names of samples and other values that may identify, which were removed.
        known: kind and cell -> what it becomes.
    """

    rule: _SharedColumns
    rename: Callable[[str], str]
    identifying: set[str] = field(default_factory=set)
    known: dict[tuple[str, str], str] = field(default_factory=dict)

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """Kind of each listed column."""
        names = ("sequence", "number", "gene", "word", "sample", "number_anew", "emptied")
        return {column: kind for kind in names for column in getattr(self.rule, kind)}

    @cached_property
    def header_kinds(self) -> Mapping[str, str]:
        """Kind of each key that is known, in small letters."""
        names = ("number", "word", "version", "technical")
        return {key.casefold(): kind for kind in names for key in getattr(self.rule.header, kind)}

    def header_line(self, line: str) -> str | None:
        """Return a `#` line without its mark as it may be given away, None where it may not."""
        key, _, value = (part.strip() for part in line.lstrip("#").partition("="))
        kind = self.header_kinds.get(key.casefold())
        if kind is not None and (value.casefold() in _NOT_STATED or self._may_stand(kind, value)):
            return f"{key}={value}"
        if kind not in {"technical", "version"}:
            self.identifying.add(value)
        # A flag that cannot be given away is still no PASS.
        return f"{key}=removed" if kind == "word" else None

    def cell(self, column: str, cell: str, row: int) -> str:
        """Return what a cell of a listed column becomes."""
        kind = self.kinds[column]
        if kind == "number_anew":
            return f"seq-{row}" if cell else ""
        if kind == "sequence":
            return cell if _BASES.fullmatch(cell) else self._left(cell)
        found = self.known.get((kind, cell))
        if found is None:
            found = self._judged(kind, cell)
            if len(self.known) < _MOST_CELLS_REMEMBERED:
                self.known[kind, cell] = found
        return found

    def is_technical(self, text: str) -> bool:
        """Tell numbers, bases and genes, which stand in what is kept too."""
        parts = _SEPARATORS.split(text.strip())
        return _BASES.fullmatch(text) is not None or all(
            self._is_gene(part) or _NUMBERS.fullmatch(part) for part in parts
        )

    def _may_stand(self, kind: str, value: str) -> bool:
        match kind:
            case "number":
                return _NUMBERS.fullmatch(value) is not None
            case "word":
                words = _WORDS.findall(value.casefold())
                return all(word in self.rule.header.words for word in words) and not _DIGIT.search(value)
            case "version":
                return _VERSION.fullmatch(value) is not None
            case _:
                return False

    def _judged(self, kind: str, cell: str) -> str:
        text = cell.strip()
        match kind:
            case "sample":
                return self._sample(cell)
            case "number":
                kept = _NUMBERS.fullmatch(text) is not None or self._is_words(text)
            case "gene":
                kept = all(self._is_gene(part) for part in _SEPARATORS.split(text))
            case "word":
                kept = self._is_words(text)
            case _:
                kept = not text
        return cell if kept else self._left(cell)

    def _sample(self, cell: str) -> str:
        text = cell.strip()
        if text.casefold() in _NOT_STATED:
            return cell
        self.identifying.add(text)
        return self.rename(text)

    def _is_words(self, text: str) -> bool:
        return all(part.casefold() in self.rule.words for part in _SEPARATORS.split(text) if part)

    def _is_gene(self, part: str) -> bool:
        return not part or _GENE.fullmatch(part) is not None or part.casefold() in self.rule.gene_words

    def _left(self, cell: str) -> str:
        if not self.is_technical(cell):
            self.identifying.add(cell)
        return ""
