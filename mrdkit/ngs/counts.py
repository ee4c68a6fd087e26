"""How many templates each row holds, and which column says so.

Templates are input genomes. Reads are tens of times as many and never stand in for them: where a column of
templates says nothing in any row, reads are shown, named as such, and carry no MRD. A file without a column
of templates is refused. Source: clonoSEQ and immunoSEQ exports, AIRR schema.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.ngs.cells import Cells
from mrdkit.ngs.layouts import Layout
from mrdkit.ngs.source import TableHead

__all__ = ["Counts", "check_counted", "counts_of"]

_STAND_IN = "count"  # of a pipeline file: templates in some, reads in others


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """Counts of one sample.

    Attributes:
        templates: (n_rows of the table,) templates; those of other samples in the file are 0.
        source: the column they were read from.
        reads_only: they are reads.
        total_reads: of the sample, None where not stated for every row.
    """

    templates: NDArray[np.int64] = field(repr=False)
    source: str
    reads_only: bool
    total_reads: int | None

    @property
    def stands_in(self) -> bool:
        """Whether the column is known to hold reads in some files."""
        return self.source == _STAND_IN


def check_counted(head: TableHead, layout: Layout) -> None:
    """Refuse a file that has no column of templates, whatever else it counts.

    Raises:
        InputError: there is none.
    """
    if not any(name in head.columns for name in layout.templates):
        raise _uncounted_file(head, layout)


def _uncounted_file(head: TableHead, layout: Layout) -> InputError:
    return InputError(
        "the file has no column of templates",
        code="COUNT_COLUMN_MISSING",
        file=head.path,
        place="column names",
        expected=" or ".join(layout.templates),
        remedy="ask for the complete file; templates are never assumed to be 1 per row",
    )


def counts_of(cells: Cells, layout: Layout, rows: NDArray[np.int64]) -> Counts:
    """Return the counts of the rows of a sample.

    Raises:
        InputError: no column counts anything, or a row is not counted.
    """
    reads = _first_counted(cells, layout.reads, rows)
    source = _first_counted(cells, layout.templates, rows)
    counted = source or reads
    if counted is None:
        raise _uncounted_file(cells.head, layout)
    known = reads is not None and not _uncounted(cells, reads, rows).any()
    return Counts(
        templates=_templates(cells, counted, rows),
        source=counted,
        reads_only=source is None,
        total_reads=int(_numbers(cells, reads)[rows].sum()) if known and reads else None,
    )


def _first_counted(cells: Cells, names: Sequence[str], rows: NDArray[np.int64]) -> str | None:
    """Return the first column that counts at least one row; of a sample without rows, the first column."""
    for name in names:
        if name in cells.raw.cells and (not len(rows) or not _uncounted(cells, name, rows).all()):
            return name
    return None


def _uncounted(cells: Cells, name: str, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    return cells.counts(name).mapped(lambda count: count is None).array(np.bool_)[rows]


def _templates(cells: Cells, name: str, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    missing = np.flatnonzero(_uncounted(cells, name, rows))
    if len(missing):
        raise cells.invalid(name, int(rows[missing[0]]), "a whole number of templates, at least 0")
    templates = np.zeros(cells.raw.n_rows, dtype=np.int64)
    templates[rows] = _numbers(cells, name)[rows]
    return templates


def _numbers(cells: Cells, name: str) -> NDArray[np.int64]:
    return cells.counts(name).mapped(lambda count: count or 0).array(np.int64)
