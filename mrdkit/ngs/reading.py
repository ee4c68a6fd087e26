"""Reads one sequencing sample from a file of any known dialect, plain or gzip-compressed.

Templates are never invented: a file without a column of templates is refused, and where it only counts reads
it carries no MRD. Productive status decides nothing here. Source: the layouts in `mrdkit.ngs.layouts`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import UsageError
from mrdkit.ngs.airr import COLUMNS as AIRR_COLUMNS
from mrdkit.ngs.airr import airr_rows
from mrdkit.ngs.cells import Cells
from mrdkit.ngs.counts import Counts, check_counted, counts_of
from mrdkit.ngs.dialects import NEEDED, is_vidjil, recognise_dialect
from mrdkit.ngs.doubts import doubts_of
from mrdkit.ngs.facts import SampleFacts, facts_of_columns, facts_of_header
from mrdkit.ngs.layouts import AIRR, LAYOUTS, PIPELINE, Layout, as_known
from mrdkit.ngs.loci import UNKNOWN_LOCUS, loci_of
from mrdkit.ngs.sample import AssayKind, NgsSample, SampleWarning
from mrdkit.ngs.sequences import NO_INDEX, SequenceTable, merged
from mrdkit.ngs.source import TableText, open_table
from mrdkit.ngs.table import Coded, read_columns
from mrdkit.ngs.vidjil_rows import read_vidjil_sample

__all__ = ["read_sample"]

_SUFFIXES = re.compile(r"(\.adap)?(\.txt)?(\.results)?(\.tsv|\.txt)?(\.gz)?$", re.IGNORECASE)
_DOMINANT_TAG = re.compile(r"(^|[,;|\s])Dx($|[,;|\s])")


def read_sample(
    path: Path, *, sample_id: str | None = None, sample: str | None = None, cells: float | None = None
) -> NgsSample:
    """Read one sample.

    Args:
        path: the file.
        sample_id: name to give to the sample; without it the file's own, else the file's without suffixes.
        sample: which sample of a file that holds several.
        cells: nucleated cells that the user states.

    Raises:
        InputError: unreadable, an unknown dialect, no count column, a row that is not whole, a value that is
            not what its column must hold, or a file that contradicts itself.
        UsageError: the file holds several samples and none, or another, was named.
    """
    opened = _opened(path, all_genes=False)
    if opened is None:
        return read_vidjil_sample(path, sample_id=sample_id, sample=sample, cells=cells)
    if opened[0].lacks_genes:
        opened = _opened(path, all_genes=True) or opened
    table, digest = opened
    layout = table.layout
    rows, name = table.rows_of_sample(sample)
    facts = table.facts(rows)
    counts = counts_of(table.cells, layout, rows)
    sequences = table.sequences(counts)
    unique = merged(sequences if len(rows) == sequences.n else sequences.taken(rows))
    total = int(unique.templates.sum())
    contradicted = facts.templates is not None and facts.templates != total
    named = sample_id or name or _SUFFIXES.sub("", path.name) or path.name
    return NgsSample(
        sample_id=named,
        sha256=digest,
        dialect=layout.name,
        assay_kind=_assay_kind(table, rows),
        header=facts.header,
        n_rows=len(rows),
        rows=unique,
        template_source=counts.source,
        templates_doubtful=counts.reads_only or (contradicted and counts.stands_in),
        total_reads=counts.total_reads,
        stated=replace(facts.stated, user=cells),
        plasma_ml=facts.plasma_ml,
        qc_flags=facts.qc_flags,
        pipeline_version=facts.pipeline_version,
        config_version=facts.config_version,
        warnings=(*table.warnings, *doubts_of(unique, len(rows), facts, counts, layout)),
    )


def _opened(path: Path, *, all_genes: bool) -> "tuple[_Table, str] | None":
    """Return the cells of a table and its digest; None for what is no table, but the JSON of Vidjil."""
    with open_table(path) as text:
        if is_vidjil(text.head):
            return None
        columns = as_known(text.head.columns, (*NEEDED, *AIRR_COLUMNS))
        text.head = replace(text.head, columns=columns)
        layout = recognise_dialect(text.head)
        check_counted(text.head, layout)
        has_locus = any(name in text.head.columns for name in layout.locus)
        genes = layout.genes if all_genes or not has_locus else ()
        return _Table.read(text, replace(layout, genes=genes)), text.sha256()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Table:
    """The cells of a file and where its dialect keeps what."""

    cells: Cells
    layout: Layout
    anchors: NDArray[np.int32]
    d_starts: NDArray[np.int32]
    d_ends: NDArray[np.int32]
    frame: Coded[str | None]
    warnings: tuple[SampleWarning, ...]

    @classmethod
    def read(cls, text: TableText, layout: Layout) -> "_Table":
        """Read the columns of a layout."""
        raw = read_columns(text, sequence=layout.sequence, columns=_wanted(layout, text.head.columns))
        cells = Cells(head=text.head, raw=raw)
        if layout.name == AIRR:
            airr = airr_rows(cells)
            return cls(
                cells=airr.cells,
                layout=layout,
                anchors=airr.anchors,
                d_starts=airr.d_starts,
                d_ends=airr.d_ends,
                frame=airr.frame,
                warnings=airr.warnings,
            )
        anchors = cells.indexes(_first(cells, layout.j_index), NO_INDEX)
        d_starts = cells.indexes(_first(cells, layout.d_index), NO_INDEX)
        return cls(
            cells=cells,
            layout=layout,
            anchors=anchors,
            d_starts=d_starts,
            d_ends=_d_ends(cells, layout, d_starts, anchors),
            frame=cells.words(_first(cells, layout.frame)),
            warnings=(),
        )

    def rows_of_sample(self, sample: str | None) -> tuple[NDArray[np.int64], str | None]:
        """Return the rows of the one sample, or of the one that was named, and its name."""
        names = self._coalesced(self.layout.sample)
        present = {names.values[code] for code in np.unique(names.codes)}
        if sample is None and len(present) <= 1:
            return np.arange(self.cells.raw.n_rows), next(iter(present), None)
        if sample not in present:
            listed = ", ".join(sorted(repr(name) for name in present if name)) or "no name"
            raise UsageError(
                "the file holds several samples" if sample is None else "the file holds no such sample",
                code="SAMPLE_AMBIGUOUS" if sample is None else "SAMPLE_MISSING",
                file=self.cells.head.path,
                found=listed,
                remedy="name one with --sample",
            )
        wanted = [code for code, name in enumerate(names.values) if name == sample]
        return np.flatnonzero(np.isin(names.codes, wanted)), sample

    def facts(self, rows: NDArray[np.int64]) -> SampleFacts:
        """Return what the file says of the sample."""
        if self.layout.facts:
            return facts_of_columns(self.cells, self.layout, rows)
        return facts_of_header(self.cells.head)

    @property
    def tags(self) -> Coded[str | None]:
        """The vendor's tags."""
        return self.cells.words(_first(self.cells, self.layout.tags))

    @property
    def loci(self) -> Coded[str]:
        """The locus of each row."""
        cells, layout = self.cells, self.layout
        v, d, j = (self._coalesced(names) for names in (layout.v, layout.d, layout.j))
        genes = [cells.words(name) for name in layout.genes if name in cells.raw.cells]
        kind = cells.words(_first(cells, layout.kind))
        if layout.name == AIRR:
            kind = Coded(codes=_is_null(v).astype(np.uint16), values=(None, "DJ"))
        return loci_of(cells.words(_first(cells, layout.locus)), (j, d, v, *genes), kind)

    @property
    def lacks_genes(self) -> bool:
        """Whether a locus is not told by what was read, and the file has further names of genes."""
        names = LAYOUTS[self.layout.name].genes
        further = not self.layout.genes and any(name in self.cells.head.columns for name in names)
        if not further:
            return False
        loci = self.loci
        return UNKNOWN_LOCUS in {loci.values[code] for code in np.unique(loci.codes)}

    def sequences(self, counts: Counts) -> SequenceTable:
        """Return all rows as sequences."""
        cells, layout, raw = self.cells, self.layout, self.cells.raw
        v, d, j = (self._coalesced(names) for names in (layout.v, layout.d, layout.j))
        lengths = np.diff(raw.offsets)
        inside = (self.anchors >= 0) & (self.anchors < lengths)
        return SequenceTable(
            bases=raw.bases,
            offsets=raw.offsets,
            anchors=np.where(inside, self.anchors, NO_INDEX).astype(np.int32),
            d_starts=self.d_starts,
            d_ends=self.d_ends,
            templates=counts.templates,
            vendor_dominant=self.tags.mapped(_is_dominant).array(np.bool_),
            locus=self.loci,
            v=v,
            d=d,
            j=j,
            frame=self.frame,
            clone_probability=cells.reals(_first(cells, layout.clone_probability)),
            sensitivity_bin=cells.reals(_first(cells, layout.sensitivity_bin)),
            cell_free_sensitivity_bin=cells.reals(_first(cells, layout.cell_free_sensitivity_bin)),
        )

    def _coalesced(self, names: Sequence[str]) -> Coded[str | None]:
        """Return for each row the first of these columns that says something."""
        present = [self.cells.words(name) for name in names if name in self.cells.raw.cells]
        found = present[0] if present else self.cells.words(None)
        for other in present[1:]:
            codes = np.where(_is_null(found), other.codes.astype(np.int64) + len(found.values), found.codes)
            found = Coded(codes=codes, values=(*found.values, *other.values))
        return found


def _wanted(layout: Layout, columns: Sequence[str]) -> list[str]:
    groups = (
        *(layout.templates, layout.reads, layout.v, layout.d, layout.j, layout.genes, layout.locus),
        *(layout.kind, layout.frame, layout.j_index, layout.d_index, layout.n_indexes, layout.tags),
        *(layout.clone_probability, layout.sensitivity_bin, layout.cell_free_sensitivity_bin),
        *(layout.sample, layout.facts, AIRR_COLUMNS if layout.name == AIRR else ()),
    )
    return sorted({name for group in groups for name in group if name in columns})


def _first(cells: Cells, names: Sequence[str]) -> str | None:
    return next((name for name in names if name in cells.raw.cells), None)


def _is_null(column: Coded[str | None]) -> NDArray[np.bool_]:
    return column.mapped(lambda value: value is None).array(np.bool_)


def _is_dominant(tags: str | None) -> bool:
    return tags is not None and _DOMINANT_TAG.search(tags) is not None


def _d_ends(
    cells: Cells, layout: Layout, d_starts: NDArray[np.int32], anchors: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return the first base behind D: of the N region between D and J, whichever number it has, else of J."""
    ends = np.where((d_starts >= 0) & (anchors > d_starts), anchors, NO_INDEX)
    for name in layout.n_indexes:
        if name in cells.raw.cells:
            n = cells.indexes(name, NO_INDEX)
            between = (n > d_starts) & (n < ends)
            ends = np.where(between, n, ends)
    return ends.astype(np.int32)


def _assay_kind(table: _Table, rows: NDArray[np.int64]) -> AssayKind:
    """Calibration files tag their dominant sequences; a clinical file without any tag tracks."""
    if table.tags.mapped(_is_dominant).array(np.bool_)[rows].any():
        return "ID"
    could = _first(table.cells, table.layout.tags) is not None and len(rows)
    return "MRD" if could and table.layout.name == PIPELINE else "unknown"
