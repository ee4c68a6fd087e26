"""The sequences of one sample as columns: letters end to end, one value per sequence, each sequence once.

Sequences that stand in several rows of a locus are one: templates are added up, the rest is that of the first
row. The anchor of a sequence is the first base of its J segment, on which sequences are aligned.
"""

from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from mrdkit._ext.seqmatch import first_equal
from mrdkit.ngs.table import Coded

__all__ = ["NO_INDEX", "SequenceTable", "merged"]

#: Where an index is not stated or lies outside its sequence.
NO_INDEX = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SequenceTable:
    """Sequences of one sample in the order of the file.

    Attributes:
        bases: letters A, C, G, T, N of all sequences end to end.
        offsets: (n + 1,) where each begins, and the end of the last.
        anchors: (n,) first base of the J segment, from 0; `NO_INDEX` where missing or outside.
        d_starts: (n,) first base of the D segment.
        d_ends: (n,) first base behind it; `NO_INDEX` where the two are not stated.
        templates: (n,) templates.
        vendor_dominant: (n,) whether the vendor tagged it `Dx`.
        frame: vendor's status (In, Out, Stop); it decides nothing.
        clone_probability: that an unrelated person has it; NaN where not stated, as in both bins.
        sensitivity_bin: smallest cellular level it is trackable to, -1 not trackable.
        cell_free_sensitivity_bin: the same for plasma.
    """

    bases: NDArray[np.uint8] = field(repr=False)
    offsets: NDArray[np.int64] = field(repr=False)
    anchors: NDArray[np.int32] = field(repr=False)
    d_starts: NDArray[np.int32] = field(repr=False)
    d_ends: NDArray[np.int32] = field(repr=False)
    templates: NDArray[np.int64] = field(repr=False)
    vendor_dominant: NDArray[np.bool_] = field(repr=False)
    locus: Coded[str]
    v: Coded[str | None] = field(repr=False)
    d: Coded[str | None] = field(repr=False)
    j: Coded[str | None] = field(repr=False)
    frame: Coded[str | None] = field(repr=False)
    clone_probability: Coded[float] = field(repr=False)
    sensitivity_bin: Coded[float] = field(repr=False)
    cell_free_sensitivity_bin: Coded[float] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse columns of different lengths."""
        for each in fields(self):
            column = getattr(self, each.name)
            n = len(column.codes) if isinstance(column, Coded) else len(column)
            if each.name not in {"bases", "offsets"} and n != self.n:
                raise ValueError(f"{each.name} has {n} rows, templates have {self.n}")
        if len(self.offsets) != self.n + 1 or self.offsets[-1] != len(self.bases):
            raise ValueError("offsets do not fit the sequences")

    @property
    def n(self) -> int:
        """Number of sequences."""
        return len(self.templates)

    def sequence(self, row: int) -> str:
        """Return the letters of one sequence."""
        return self.bases[self.offsets[row] : self.offsets[row + 1]].tobytes().decode("ascii")

    def rows_of(self, locus: str) -> NDArray[np.int64]:
        """Return the rows of one locus."""
        codes = [code for code, name in enumerate(self.locus.values) if name == locus]
        return np.flatnonzero(np.isin(self.locus.codes, codes))

    def templates_by_locus(self) -> dict[str, int]:
        """Return templates per locus, loci in alphabetical order."""
        sums = {name: int(self.templates[self.rows_of(name)].sum()) for name in set(self.locus.values)}
        present = {self.locus.values[code] for code in np.unique(self.locus.codes)}
        return {name: sums[name] for name in sorted(present)}

    def taken(self, rows: NDArray[np.int64]) -> "SequenceTable":
        """Return these rows as a table."""
        lengths = np.diff(self.offsets)[rows]
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], lengths)
        columns: dict[str, object] = {"bases": self.bases[places], "offsets": offsets}
        for each in fields(self):
            column = getattr(self, each.name)
            if each.name not in columns:
                columns[each.name] = column.taken(rows) if isinstance(column, Coded) else column[rows]
        return SequenceTable(**columns)  # type: ignore[arg-type]  # each column has the type it had


def merged(table: SequenceTable) -> SequenceTable:
    """Return each sequence of a locus once; the table itself where none is repeated."""
    first = _first_rows(table)
    kept = np.flatnonzero(first == np.arange(table.n, dtype=np.int32))
    if len(kept) == table.n:
        return table
    place = np.empty(table.n, dtype=np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    into = place[first]
    templates = np.zeros(len(kept), dtype=np.int64)
    np.add.at(templates, into, table.templates)
    tagged = np.zeros(len(kept), dtype=np.bool_)
    tagged[into[table.vendor_dominant]] = True
    return replace(table.taken(kept), templates=templates, vendor_dominant=tagged)


def _first_rows(table: SequenceTable) -> NDArray[np.int32]:
    first = np.empty(table.n, dtype=np.int32)
    slots = np.full(2 << max(table.n, 1).bit_length(), -1, dtype=np.int32)
    names = {name: code for code, name in reversed(list(enumerate(table.locus.values)))}
    loci = np.array([names[name] for name in table.locus.values] or [0], dtype=np.int32)
    codes = loci[table.locus.codes] if table.n else np.empty(0, dtype=np.int32)
    first_equal(table.bases, table.offsets, codes, slots, first)
    return first
