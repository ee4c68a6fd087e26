"""Sub-clones that evolved from a target: they keep its D-N-J stem and changed V.

By V replacement and ongoing V-to-DJ joining a leukemia makes sequences whose 3' end, from some bases of D
through J, is that of the clone, while V is another. They are listed and tracked apart and never part of the
MRD value. A sequence within few substitutions of the target is its variant; one that is not seen far enough
beyond the stem is ambiguous. IGH_D is never compared with IGH. Source: `reference/ngs/evolution.toml`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.ngs.matching import mismatches
from mrdkit.ngs.rules import EvolutionRule
from mrdkit.ngs.sequences import NO_INDEX, SequenceTable
from mrdkit.ngs.targets import Target

__all__ = ["Comparison", "Evolved", "Found", "compared", "evolved_in", "stem_start"]

_LOCUS = "IGH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two sequences aligned on J.

    Attributes:
        overlap: bases that lie opposite each other.
        mismatches: substitutions among them.
        stem_length: bases from the 3' end of the overlap to the first substitution.
    """

    overlap: int
    mismatches: int
    stem_length: int

    @property
    def beyond_stem(self) -> int:
        """Bases of the overlap that lie 5' of the stem."""
        return self.overlap - self.stem_length


@dataclass(frozen=True, slots=True, kw_only=True)
class Evolved:
    """A sequence that evolved from a target.

    Attributes:
        row: its place in the sample's table.
        target: what it evolved from.
        clone: the sub-clone of the calibration that it equals; None for one that was not seen there.
        stem_length: of target and sequence.
        overlap: with the sub-clone, else with the target.
        mismatches: against the sub-clone; None without one.
    """

    row: int
    target: Target
    clone: Target | None
    stem_length: int
    overlap: int
    mismatches: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a sample holds beside its targets.

    Attributes:
        evolved: in the order of the table.
        ambiguous_rows: sequences that share a stem, but are not seen far enough beyond it.
        ambiguous_templates: their templates.
    """

    evolved: tuple[Evolved, ...]
    ambiguous_rows: int
    ambiguous_templates: int


def stem_start(d_start: int, d_end: int, j_index: int | None, rule: EvolutionRule) -> int | None:
    """Return where the shortest stem of a sequence begins; None where too little of D is known."""
    start = d_end - rule.stem_d_nt_at_least
    known = j_index is not None and NO_INDEX not in (d_start, d_end) and d_end <= j_index
    return start if known and start >= d_start >= 0 else None


def compared(first: str, first_j: int, second: str, second_j: int) -> Comparison:
    """Compare two sequences over their overlap; a letter N differs from nothing."""
    left = min(first_j, second_j)
    right = min(len(first) - first_j, len(second) - second_j)
    pairs = list(
        zip(first[first_j - left : first_j + right], second[second_j - left : second_j + right], strict=True)
    )
    differs = [a != b and "N" not in (a, b) for a, b in pairs]
    last = max((i for i, one in enumerate(differs) if one), default=-1)
    return Comparison(overlap=len(pairs), mismatches=sum(differs), stem_length=len(pairs) - last - 1)


def evolved_in(
    table: SequenceTable,
    targets: Sequence[Target],
    clones: Sequence[Target],
    matched: NDArray[np.bool_],
    rule: EvolutionRule,
) -> Found:
    """Find the sub-clones of a sample.

    Args:
        table: of the sample.
        targets: dominant sequences of the subject.
        clones: sub-clones that the calibration found.
        matched: (n,) sequences that are targets.
        rule: of evolution.
    """
    found: dict[int, Evolved] = {}
    ambiguous: set[int] = set()
    for target in targets:
        for row, comparison in _sharing_stem(table, target, rule):
            if matched[row] or comparison.mismatches <= rule.variant_mismatches_at_most:
                continue
            if comparison.beyond_stem < rule.beyond_stem_nt_at_least:
                ambiguous.add(row)
            elif row not in found or found[row].stem_length < comparison.stem_length:
                found[row] = _evolved(table, row, (target, comparison), clones, rule)
    unclear = sorted(ambiguous - set(found))
    return Found(
        evolved=tuple(found[row] for row in sorted(found)),
        ambiguous_rows=len(unclear),
        ambiguous_templates=int(table.templates[unclear].sum()),
    )


def _sharing_stem(
    table: SequenceTable, target: Target, rule: EvolutionRule
) -> Iterator[tuple[int, Comparison]]:
    """Yield the sequences that have the target's 3' end from its shortest stem on."""
    if target.locus != _LOCUS or target.stem_start is None or target.j_index is None:
        return
    rows = table.rows_of(_LOCUS)
    needed = target.j_index - target.stem_start
    rows = rows[table.anchors[rows] >= needed]
    stem = mismatches(
        table,
        rows,
        target.sequence[target.stem_start :],
        needed,
        min_overlap=rule.overlap_nt_at_least,
        max_mismatches=0,
    )
    for row in rows[stem == 0].tolist():
        yield (
            row,
            compared(table.sequence(row), int(table.anchors[row]), target.sequence, target.j_index),
        )


def _evolved(
    table: SequenceTable,
    row: int,
    to_target: tuple[Target, Comparison],
    clones: Sequence[Target],
    rule: EvolutionRule,
) -> Evolved:
    target, comparison = to_target
    of_target = [clone for clone in clones if clone.evolved_from == target.target_id]
    for clone in of_target:
        if clone.j_index is not None:
            own = compared(table.sequence(row), int(table.anchors[row]), clone.sequence, clone.j_index)
            reaches = own.overlap >= (clone.stem_length or 0) + rule.beyond_stem_nt_at_least
            if own.mismatches == 0 and own.overlap >= rule.overlap_nt_at_least and reaches:
                return Evolved(
                    row=row,
                    target=target,
                    clone=clone,
                    stem_length=comparison.stem_length,
                    overlap=own.overlap,
                    mismatches=own.mismatches,
                )
    return Evolved(
        row=row,
        target=target,
        clone=None,
        stem_length=comparison.stem_length,
        overlap=comparison.overlap,
        mismatches=None,
    )
