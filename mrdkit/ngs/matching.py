"""Which sequences of a sample are a target: J-aligned overlap, substitutions only.

Read length differs between samples, so equality of strings would miss the same clone in a shorter read. The
two are aligned on their J segment (on the right end where it is missing or outside the sequence) and compared
over the overlap of both. A letter N is no called base. Only sequences of one locus are compared: IGH and
IGH_D never match. A read that fits two targets lies inside what they share and is counted for none of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit._ext.seqmatch import count_mismatches
from mrdkit.ngs.sequences import NO_INDEX, SequenceTable
from mrdkit.ngs.targets import Target

__all__ = ["Matches", "match_targets", "mismatches", "mismatches_of_pair"]

_LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Matches:
    """What matches each target, in the order of the targets.

    Attributes:
        templates: templates of the sequences that are this target alone, without any substitution.
        tolerant: the same with the substitutions that were allowed; never fewer.
        rows: sequences that are this target alone, without any substitution.
        ambiguous: templates of the sequences that match this target and another one as well.
        ambiguous_rows: sequences that match more than one target.
        ambiguous_templates: their templates, each sequence once.
        matched: (n,) whether a sequence is any target, without any substitution.
    """

    templates: tuple[int, ...]
    tolerant: tuple[int, ...]
    rows: tuple[int, ...]
    ambiguous: tuple[int, ...]
    ambiguous_rows: int
    ambiguous_templates: int
    matched: NDArray[np.bool_] = field(repr=False)


def mismatches(
    table: SequenceTable,
    rows: NDArray[np.int64],
    sequence: str,
    j_index: int | None,
    *,
    min_overlap: int,
    max_mismatches: int,
) -> NDArray[np.int32]:
    """Return (n_rows,) substitutions against one sequence, -1 where there is no match.

    Args:
        table: of the sample.
        rows: the sequences to look at, all of the locus of `sequence`.
        sequence: upper-case letters.
        j_index: first base of its J segment, None where missing.
        min_overlap: fewest called bases that must lie opposite each other, at least 1.
        max_mismatches: most substitutions of a match.

    Raises:
        ValueError: a limit or a row is out of range.
    """
    if not 1 <= min_overlap <= _LARGEST_NUMBER or not 0 <= max_mismatches <= _LARGEST_NUMBER:
        raise ValueError("min_overlap must be at least 1 and max_mismatches at least 0")
    if len(rows) and not 0 <= rows.min() <= rows.max() < table.n:
        raise ValueError("a row is not in the table")
    out = np.empty(len(rows), dtype=np.int32)
    anchor = j_index if j_index is not None and 0 <= j_index < len(sequence) else NO_INDEX
    target = np.frombuffer(sequence.encode("ascii"), dtype=np.uint8)
    count_mismatches(
        table.bases,
        table.offsets,
        table.anchors,
        np.ascontiguousarray(rows, dtype=np.int64),
        target,
        anchor,
        min_overlap,
        max_mismatches,
        out,
    )
    return out


def mismatches_of_pair(
    first: str,
    first_j: int | None,
    second: str,
    second_j: int | None,
    *,
    min_overlap: int,
    max_mismatches: int,
) -> int:
    """Return the substitutions between two sequences, -1 where they do not match."""
    letters = np.frombuffer(first.encode("ascii"), dtype=np.uint8)
    anchors = [
        NO_INDEX if j is None or not 0 <= j < len(s) else j for s, j in ((first, first_j), (second, second_j))
    ]
    out = np.empty(1, dtype=np.int32)
    count_mismatches(
        letters,
        np.array([0, len(first)], dtype=np.int64),
        np.array(anchors[:1], dtype=np.int32),
        np.zeros(1, dtype=np.int64),
        np.frombuffer(second.encode("ascii"), dtype=np.uint8),
        anchors[1],
        min_overlap,
        max_mismatches,
        out,
    )
    return int(out[0])


def match_targets(
    table: SequenceTable, targets: Sequence[Target], *, min_overlap: int, allowed: Callable[[str], int]
) -> Matches:
    """Count the templates that match each target.

    A sequence with substitutions belongs to the target that it differs from least, and to none where two are
    as near.

    Args:
        table: of a sample.
        targets: dominant sequences of one subject, no two alike.
        min_overlap: fewest called bases that must lie opposite each other.
        allowed: returns for a locus the substitutions of the tolerant count.
    """
    n = len(targets)
    exact, tolerant, ambiguous, n_rows = (np.zeros(n, dtype=np.int64) for _ in range(4))
    ambiguous_rows = ambiguous_templates = 0
    matched = np.zeros(table.n, dtype=np.bool_)
    for locus in sorted({target.locus for target in targets}):
        rows = table.rows_of(locus)
        templates = table.templates[rows]
        of_locus = [(i, target) for i, target in enumerate(targets) if target.locus == locus]
        found = np.full((n, len(rows)), _LARGEST_NUMBER, dtype=np.int32)
        for number, target in of_locus:
            seen = mismatches(
                table,
                rows,
                target.sequence,
                target.j_index,
                min_overlap=min_overlap,
                max_mismatches=allowed(locus),
            )
            found[number] = np.where(seen < 0, _LARGEST_NUMBER, seen)
        hits = found == 0
        n_hits = hits.sum(axis=0)
        exact += (hits & (n_hits == 1)) @ templates
        n_rows += (hits & (n_hits == 1)).sum(axis=1)
        ambiguous += (hits & (n_hits > 1)) @ templates
        ambiguous_rows += int((n_hits > 1).sum())
        ambiguous_templates += int(templates[n_hits > 1].sum())
        matched[rows[n_hits > 0]] = True
        nearest = found == found.min(axis=0, initial=_LARGEST_NUMBER)
        tolerant += (nearest & (found < _LARGEST_NUMBER) & (nearest.sum(axis=0) == 1)) @ templates
    return Matches(
        templates=tuple(exact.tolist()),
        tolerant=tuple(tolerant.tolist()),
        rows=tuple(n_rows.tolist()),
        ambiguous=tuple(ambiguous.tolist()),
        ambiguous_rows=ambiguous_rows,
        ambiguous_templates=ambiguous_templates,
        matched=matched,
    )
