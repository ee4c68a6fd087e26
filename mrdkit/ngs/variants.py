"""Which sequences are variants of a dominant one: the same locus, few substitutions over the overlap.

Somatic mutation and sequencing error would otherwise make two targets of one clone. Source:
`reference/ngs/dominance.toml`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mrdkit.ngs.criteria import Candidate
from mrdkit.ngs.matching import Packed, mismatches, pack
from mrdkit.ngs.rules import DominanceRule

__all__ = ["collapsed_variants", "is_variant", "templates_of_variants"]


def collapsed_variants(
    rows: pl.DataFrame, judged: Sequence[Candidate], rule: DominanceRule
) -> dict[int, Candidate]:
    """Return row -> the dominant sequence that it is a variant of."""
    collapsed: dict[int, Candidate] = {}
    passing = [candidate for candidate in judged if not candidate.failed_criteria]
    for locus in sorted({candidate.locus for candidate in passing}):
        of_locus = rows.with_row_index("row").filter(pl.col("locus") == locus)
        packed = pack(of_locus["sequence"], of_locus["j_index"])
        numbers = of_locus["row"].to_numpy()
        for candidate in passing:
            if candidate.locus == locus and candidate.row not in collapsed:
                variants = numbers[is_variant(packed, candidate.sequence, candidate.j_index, rule)]
                found = {int(row): candidate for row in variants if row != candidate.row}
                collapsed = found | collapsed  # what an earlier sequence took stays with it
    return collapsed


def templates_of_variants(rows: pl.DataFrame, collapsed: Mapping[int, Candidate]) -> dict[int, int]:
    """Return row of a dominant sequence -> templates of all its variants, without its own."""
    templates = rows["templates"].gather(list(collapsed)).to_list()
    sums: dict[int, int] = {}
    for into, own in zip(collapsed.values(), templates, strict=True):
        sums[into.row] = sums.get(into.row, 0) + own
    return sums


def is_variant(packed: Packed, sequence: str, j_index: int | None, rule: DominanceRule) -> NDArray[np.bool_]:
    """Return (n,) whether each packed sequence is a variant of one sequence of its locus."""
    found = mismatches(
        packed,
        sequence,
        j_index,
        min_overlap=rule.variant_overlap_nt_at_least,
        max_mismatches=rule.variant_mismatches_at_most,
    )
    return found >= 0
