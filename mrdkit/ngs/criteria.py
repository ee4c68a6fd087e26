"""The four dominance criteria, applied to every sequence that could be dominant.

All four are needed: part of the like sequences, part of the nucleated cells, a discontinuous distribution,
and a number of genomes. A criterion that cannot be judged (no count of cells) is not met. The same rules list
new candidates in a follow-up sample. Source: clonoSEQ clonality report; `reference/ngs/dominance.toml`.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mrdkit.ngs.rules import DominanceRule
from mrdkit.ngs.sequences import NO_INDEX, SequenceTable
from mrdkit.ngs.targets import CRITERIA

__all__ = ["Candidate", "candidate_rows", "candidates_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One sequence judged by the criteria; `row` is its place in the sample's table."""

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


def candidate_rows(table: SequenceTable, rule: DominanceRule) -> NDArray[np.int64]:
    """Return the sequences with enough templates to be listed, and those that the vendor tagged."""
    return np.flatnonzero((table.templates >= rule.candidate_templates_at_least) | table.vendor_dominant)


def candidates_of(
    table: SequenceTable, cells: float | None, rule: DominanceRule, *, also: Collection[int] = ()
) -> tuple[Candidate, ...]:
    """Judge every sequence that is listed.

    Args:
        table: sequences of a sample.
        cells: nucleated cells, None where not known.
        rule: the criteria.
        also: further sequences to judge.

    Returns:
        Candidates in the order of the table.
    """
    groups: dict[str, list[NDArray[np.int64]]] = {}
    for locus in sorted(set(table.locus.values)):
        groups.setdefault(rule.like_group(locus), []).append(table.templates[table.rows_of(locus)])
    ranked = {}
    for group, parts in groups.items():
        templates = np.sort(np.concatenate(parts))
        ranked[group] = _Ranked(templates, int(templates.sum()))
    listed = np.union1d(candidate_rows(table, rule), np.array(sorted(also), dtype=np.int64))
    return tuple(
        _candidate(table, int(row), ranked[rule.like_group(table.locus.at(int(row)))], cells, rule)
        for row in listed
    )


def _candidate(
    table: SequenceTable, row: int, group: _Ranked, cells: float | None, rule: DominanceRule
) -> Candidate:
    templates = int(table.templates[row])
    of_group = templates / group.total if group.total else 0.0
    of_cells = None if cells is None else templates / cells
    next_decade = _next_decade(templates, group.templates, rule.next_decade_ratio)
    passed = (
        of_group >= rule.like_fraction_at_least,
        of_cells is not None and of_cells >= rule.cells_fraction_at_least,
        next_decade <= rule.next_decade_sequences_at_most,
        templates >= rule.templates_at_least,
    )
    locus, anchor = table.locus.at(row), int(table.anchors[row])
    return Candidate(
        row=row,
        locus=locus,
        like_group=rule.like_group(locus),
        sequence=table.sequence(row),
        j_index=None if anchor == NO_INDEX else anchor,
        v=table.v.at(row),
        d=table.d.at(row),
        j=table.j.at(row),
        frame=table.frame.at(row),
        templates=templates,
        fraction_of_group=of_group,
        fraction_of_cells=of_cells,
        n_next_decade=next_decade,
        failed_criteria=tuple(code for code, met in zip(CRITERIA, passed, strict=True) if not met),
        vendor_dominant=bool(table.vendor_dominant[row]),
        sensitivity_bin=_number(table.sensitivity_bin.at(row)),
        cell_free_sensitivity_bin=_number(table.cell_free_sensitivity_bin.at(row)),
        clone_probability=_number(table.clone_probability.at(row)),
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _next_decade(templates: int, ranked: NDArray[np.int64], ratio: int) -> int:
    """Count the other like sequences n with templates / ratio < n <= templates; ties count."""
    at_most = int(np.searchsorted(ranked, templates, side="right"))
    # Whole numbers: n > templates / ratio exactly where n > templates // ratio.
    below = int(np.searchsorted(ranked, templates // ratio, side="right"))
    return max(at_most - below - 1, 0)
