"""Tables of sequences without a file, for what needs no more than letters, J and templates."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from mrdkit.ngs.sequences import NO_INDEX, SequenceTable
from mrdkit.ngs.table import Coded


def table(
    reads: Sequence[tuple[str, int | None]], loci: Sequence[str] | None = None, templates: int = 1
) -> SequenceTable:
    """Each read with the first base of its J segment, None where it is not stated."""
    n = len(reads)
    anchors = [j if j is not None and 0 <= j < len(read) else -1 for read, j in reads]
    nowhere = np.full(n, -1, dtype=np.int32)
    names = sorted(set(loci or ["IGH"] * n))
    codes = np.array([names.index(locus) for locus in (loci or ["IGH"] * n)], dtype=np.int32)
    nothing: Coded[str | None] = Coded(codes=np.zeros(n, dtype=np.uint16), values=(None,))
    number = Coded(codes=np.zeros(n, dtype=np.uint16), values=(float("nan"),))
    return SequenceTable(
        bases=np.frombuffer("".join(read for read, _ in reads).encode(), dtype=np.uint8),
        offsets=np.cumsum([0, *(len(read) for read, _ in reads)]).astype(np.int64),
        anchors=np.array(anchors, dtype=np.int32),
        d_starts=nowhere,
        d_ends=nowhere,
        templates=np.full(n, templates, dtype=np.int64),
        vendor_dominant=np.zeros(n, dtype=np.bool_),
        locus=Coded(codes=codes, values=tuple(names)),
        v=nothing,
        d=nothing,
        j=nothing,
        frame=nothing,
        clone_probability=number,
        sensitivity_bin=number,
        cell_free_sensitivity_bin=number,
    )


def frame(rows: SequenceTable) -> pl.DataFrame:
    """The sequences as a data frame; what is not stated is null."""

    def numbers(column: Coded[float]) -> pl.Series:
        return pl.Series(column.array(np.float64)).fill_nan(None)

    def words(column: Coded[str] | Coded[str | None]) -> pl.Series:
        return pl.Series([column.at(i) for i in range(rows.n)], dtype=pl.String)

    anchors = pl.Series(rows.anchors)
    return pl.DataFrame(
        {
            "sequence": pl.Series([rows.sequence(i) for i in range(rows.n)], dtype=pl.String),
            "locus": words(rows.locus),
            "templates": pl.Series(rows.templates),
            "j_index": anchors.set(anchors == NO_INDEX, None),
            "v": words(rows.v),
            "d": words(rows.d),
            "j": words(rows.j),
            "frame": words(rows.frame),
            "vendor_dominant": pl.Series(rows.vendor_dominant),
            "clone_probability": numbers(rows.clone_probability),
            "sensitivity_bin": numbers(rows.sensitivity_bin),
            "cell_free_sensitivity_bin": numbers(rows.cell_free_sensitivity_bin),
        }
    )
