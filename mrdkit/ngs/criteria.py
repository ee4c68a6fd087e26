"""The four dominance criteria, applied to every sequence that could be dominant.

All four are needed: part of the like sequences, part of the nucleated cells, a discontinuous distribution,
and a number of genomes. A criterion that cannot be judged (no count of cells) is not met. The same rules list
new candidates in a follow-up sample. Source: clonoSEQ clonality report; `reference/ngs/dominance.toml`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mrdkit.ngs.rules import DominanceRule
from mrdkit.ngs.sample import NgsSample
from mrdkit.ngs.targets import CRITERIA

__all__ = ["Candidate", "candidates_of", "unique_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One sequence judged by the criteria; `row` is its position in the sample's rows."""

    row: int
    locus: str
    like_group: str
    sequence: str
    j_index: int | None
    v: str | None
    d: str | None
    j: str | None
    frame: str | None
    templates: int
    fraction_of_group: float
    fraction_of_cells: float | None
    n_next_decade: int
    failed_criteria: tuple[str, ...]
    vendor_dominant: bool
    sensitivity_bin: float | None
    cell_free_sensitivity_bin: float | None
    clone_probability: float | None


class _Ranked(NamedTuple):
    """Templates of all sequences of a like group, ascending, and their sum."""

    templates: NDArray[np.int64]
    total: int


def candidates_of(
    rows: pl.DataFrame, cells: float | None, rule: DominanceRule, *, also: Collection[int] = ()
) -> tuple[Candidate, ...]:
    """Judge every sequence with enough templates to be listed, and every one that the vendor tagged.

    Args:
        rows: all rows of a sample, columns as `mrdkit.ngs.sample.ROWS`; a sequence stands in one row.
        cells: nucleated cells, None where not known.
        rule: the criteria.
        also: positions of further rows to judge.

    Returns:
        Candidates in the order of the rows.
    """
    loci = rows["locus"].unique().to_list()
    groups = {locus: rule.like_group(locus) for locus in loci}
    numbered = rows.with_row_index("row").with_columns(
        pl.col("locus").replace_strict(groups, return_dtype=pl.String).alias("like_group")
    )
    groups_ranked = {
        str(group): _Ranked(np.sort(part["templates"].to_numpy()), int(part["templates"].sum()))
        for (group,), part in numbered.group_by("like_group")
    }
    listed = numbered.filter(
        (pl.col("templates") >= rule.candidate_templates_at_least)
        | pl.col("vendor_dominant")
        | pl.col("row").is_in(sorted(also))
    )
    return tuple(
        _candidate(row, groups_ranked[row["like_group"]], cells, rule) for row in listed.iter_rows(named=True)
    )


def unique_rows(sample: NgsSample) -> pl.DataFrame:
    """Return rows with each sequence of a locus once: templates added up, the rest from its first row."""
    if not sample.repeated_sequences:
        return sample.rows
    total = pl.col("templates").sum()
    tagged = pl.col("vendor_dominant").any()
    first = pl.exclude("locus", "sequence", "templates", "vendor_dominant").first()
    grouped = sample.rows.group_by("locus", "sequence", maintain_order=True).agg(total, tagged, first)
    return grouped.select(sample.rows.columns)


def _candidate(row: Mapping[str, Any], group: _Ranked, cells: float | None, rule: DominanceRule) -> Candidate:
    templates: int = row["templates"]
    of_group = templates / group.total if group.total else 0.0
    of_cells = None if cells is None else templates / cells
    next_decade = _next_decade(templates, group.templates, rule.next_decade_ratio)
    passed = (
        of_group >= rule.like_fraction_at_least,
        of_cells is not None and of_cells >= rule.cells_fraction_at_least,
        next_decade <= rule.next_decade_sequences_at_most,
        templates >= rule.templates_at_least,
    )
    failed = tuple(code for code, met in zip(CRITERIA, passed, strict=True) if not met)
    return Candidate(
        **row,
        fraction_of_group=of_group,
        fraction_of_cells=of_cells,
        n_next_decade=next_decade,
        failed_criteria=failed,
    )


def _next_decade(templates: int, ranked: NDArray[np.int64], ratio: int) -> int:
    """Count the other like sequences n with templates / ratio < n <= templates; ties count."""
    at_most = int(np.searchsorted(ranked, templates, side="right"))
    # Whole numbers: n > templates / ratio exactly where n > templates // ratio.
    below = int(np.searchsorted(ranked, templates // ratio, side="right"))
    return max(at_most - below - 1, 0)
