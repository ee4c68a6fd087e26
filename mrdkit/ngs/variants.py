"""Which sequences are variants of a dominant one: the same locus, few substitutions over the overlap.

Somatic mutation and sequencing error would otherwise make two targets of one clone. Source:
`reference/ngs/dominance.toml`.
"""

from collections.abc import Mapping, Sequence

from mrdkit.ngs.criteria import Candidate
from mrdkit.ngs.matching import mismatches, mismatches_of_pair
from mrdkit.ngs.rules import DominanceRule
from mrdkit.ngs.sequences import SequenceTable
from mrdkit.ngs.targets import Target

__all__ = ["collapsed_variants", "is_variant", "templates_of_variants"]


def collapsed_variants(
    table: SequenceTable, judged: Sequence[Candidate], rule: DominanceRule
) -> dict[int, Candidate]:
    """Return row -> the dominant sequence that it is a variant of."""
    collapsed: dict[int, Candidate] = {}
    for candidate in judged:
        if candidate.failed_criteria or candidate.row in collapsed:
            continue
        rows = table.rows_of(candidate.locus)
        found = mismatches(
            table,
            rows,
            candidate.sequence,
            candidate.j_index,
            min_overlap=rule.variant_overlap_nt_at_least,
            max_mismatches=rule.variant_mismatches_at_most,
        )
        variants = {int(row): candidate for row in rows[found >= 0] if row != candidate.row}
        collapsed = variants | collapsed  # what an earlier sequence took stays with it
    return collapsed


def templates_of_variants(table: SequenceTable, collapsed: Mapping[int, Candidate]) -> dict[int, int]:
    """Return row of a dominant sequence -> templates of all its variants, without its own."""
    sums: dict[int, int] = {}
    for row, into in collapsed.items():
        sums[into.row] = sums.get(into.row, 0) + int(table.templates[row])
    return sums


def is_variant(target: Target, other: Target, rule: DominanceRule) -> bool:
    """Tell whether two targets of one locus are variants of each other."""
    found = mismatches_of_pair(
        target.sequence,
        target.j_index,
        other.sequence,
        other.j_index,
        min_overlap=rule.variant_overlap_nt_at_least,
        max_mismatches=rule.variant_mismatches_at_most,
    )
    return found >= 0
