"""Sequences that are a target, but say that their J begins elsewhere.

Two programs may place the first base of J differently, and some state none: aligned on it, the same clone
would not be found. Each target's bases around J are looked for wherever they stand; where the sequence
aligned on them is the target over the whole overlap, it is no match by the rule, but neither may it be passed
over. Of a target without a J, all its pieces are looked for.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mrdkit.ngs.evolution import compared
from mrdkit.ngs.sequences import SequenceTable
from mrdkit.ngs.targets import Target

__all__ = ["found_elsewhere"]

_RIGHT_OF_J = 5  # bases; the others of the piece lie left of J, where clones differ


def found_elsewhere(
    table: SequenceTable, targets: Sequence[Target], matched: NDArray[np.bool_], *, min_overlap: int
) -> NDArray[np.int64]:
    """Return (n,) the target that each sequence is at another alignment, -1 for none.

    Args:
        table: of a sample.
        targets: of the subject.
        matched: (n,) sequences that match by the rule.
        min_overlap: fewest bases that must lie opposite each other.
    """
    found = np.full(table.n, -1, dtype=np.int64)
    letters = memoryview(table.bases)  # type: ignore[arg-type]  # numpy arrays are buffers
    for number, target in enumerate(targets):
        for start in _piece_starts(target, min_overlap):
            piece = target.sequence[start : start + min_overlap]
            if len(piece) < min_overlap or "N" in piece:
                continue
            for hit in re.finditer(piece.encode("ascii"), letters):
                row = int(np.searchsorted(table.offsets, hit.start(), side="right")) - 1
                if matched[row] or hit.end() > table.offsets[row + 1] or table.locus.at(row) != target.locus:
                    continue
                at = hit.start() - int(table.offsets[row])
                seen = compared(table.sequence(row), at, target.sequence, start)
                if seen.mismatches == 0 and seen.overlap >= min_overlap:
                    found[row] = number
    return found


def _piece_starts(target: Target, size: int) -> list[int]:
    """Return where the pieces begin that are looked for: one left of J, else all from the right end."""
    if target.j_index is None:
        return list(range(len(target.sequence) - size, -1, -size))
    return [max(min(target.j_index + _RIGHT_OF_J, len(target.sequence)) - size, 0)]
