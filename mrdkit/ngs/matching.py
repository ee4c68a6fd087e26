"""Which sequences of a sample are a target: J-aligned overlap, substitutions only.

Read length differs between samples, so equality of strings would miss the same clone in a shorter read. The
two are aligned on their J segment (on the right end where it is missing or outside the sequence) and compared
over the overlap of both. A letter N is no called base. Only sequences of one locus are compared: IGH and
IGH_D never match. A read that fits two targets lies inside what they share and is counted for none of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mrdkit._ext.seqmatch import count_mismatches
from mrdkit.ngs.targets import Target

__all__ = ["Matches", "Packed", "match_targets", "mismatches", "pack", "pack_one"]

_ROWS_AT_ONCE = 200_000
_LARGEST_ANCHOR = 2**31 - 1
EXACT = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Packed:
    """Sequences laid end to end.

    Attributes:
        bases: (n_bases,) letters as ASCII.
        offsets: (n + 1,) start of each sequence in `bases`, and the end of the last.
        anchors: (n,) index of the J segment in its sequence, -1 where missing or outside.
    """

    bases: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    anchors: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Matches:
    """Exact matches of each target, in the order of the targets.

    Attributes:
        templates: templates of the rows that match this target alone.
        ambiguous: templates of the rows that match this target and another one.
        ambiguous_rows: rows that match more than one target.
        ambiguous_templates: their templates, each row once.
        matched: (n_rows,) whether a row matches any target.
    """

    templates: tuple[int, ...]
    ambiguous: tuple[int, ...]
    ambiguous_rows: int
    ambiguous_templates: int
    matched: NDArray[np.bool_] = field(repr=False)


def pack(sequences: pl.Series, j_indexes: pl.Series) -> Packed:
    """Lay sequences (upper-case letters) end to end; `j_indexes` may hold nulls."""
    lengths = sequences.str.len_bytes().to_numpy().astype(np.int64)
    joined = "".join(sequences.to_list()) if len(sequences) else ""
    anchors = j_indexes.fill_null(-1).to_numpy().astype(np.int32)
    return Packed(
        bases=np.frombuffer(joined.encode("ascii"), dtype=np.uint8),
        offsets=np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        anchors=np.where((anchors >= 0) & (anchors < lengths), anchors, -1).astype(np.int32),
    )


def pack_one(sequence: str, j_index: int | None) -> Packed:
    """Lay out a single sequence."""
    return pack(pl.Series([sequence], dtype=pl.String), pl.Series([j_index], dtype=pl.Int32))


def mismatches(
    packed: Packed, sequence: str, j_index: int | None, *, min_overlap: int, max_mismatches: int
) -> NDArray[np.int32]:
    """Return (n,) substitutions against one sequence, -1 where there is no match.

    Args:
        packed: the sequences to look at, all of the locus of `sequence`.
        sequence: upper-case letters.
        j_index: first base of its J segment, None where missing.
        min_overlap: fewest called bases that must lie opposite each other, at least 1.
        max_mismatches: most substitutions of a match.

    Raises:
        ValueError: a limit is out of range.
    """
    if not 1 <= min_overlap <= _LARGEST_ANCHOR or not 0 <= max_mismatches <= _LARGEST_ANCHOR:
        raise ValueError("min_overlap must be at least 1 and max_mismatches at least 0")
    out = np.empty(len(packed.anchors), dtype=np.int32)
    anchor = j_index if j_index is not None and 0 <= j_index < len(sequence) else -1
    target = np.frombuffer(sequence.encode("ascii"), dtype=np.uint8)
    count_mismatches(
        packed.bases, packed.offsets, packed.anchors, target, anchor, min_overlap, max_mismatches, out
    )
    return out


def match_targets(rows: pl.DataFrame, targets: Sequence[Target], *, min_overlap: int) -> Matches:
    """Count the templates that match each target exactly.

    Args:
        rows: rows of a sample, columns as `mrdkit.ngs.sample.ROWS`.
        targets: dominant sequences of one subject, no two alike.
        min_overlap: fewest called bases that must lie opposite each other.
    """
    templates = np.zeros(len(targets), dtype=np.int64)
    ambiguous = np.zeros(len(targets), dtype=np.int64)
    ambiguous_rows = ambiguous_templates = 0
    matched = np.zeros(rows.height, dtype=np.bool_)
    for indexes, counts, packed, locus in _blocks(rows, sorted({target.locus for target in targets})):
        hits = np.zeros((len(targets), len(counts)), dtype=np.bool_)
        for number, target in enumerate(targets):
            if target.locus == locus:
                found = mismatches(
                    packed, target.sequence, target.j_index, min_overlap=min_overlap, max_mismatches=EXACT
                )
                hits[number] = found == 0
        n_hits = hits.sum(axis=0)
        templates += (hits & (n_hits == 1)) @ counts
        ambiguous += (hits & (n_hits > 1)) @ counts
        ambiguous_rows += int((n_hits > 1).sum())
        ambiguous_templates += int(counts[n_hits > 1].sum())
        matched[indexes[n_hits > 0]] = True
    return Matches(
        templates=tuple(templates.tolist()),
        ambiguous=tuple(ambiguous.tolist()),
        ambiguous_rows=ambiguous_rows,
        ambiguous_templates=ambiguous_templates,
        matched=matched,
    )


def _blocks(
    rows: pl.DataFrame, loci: Sequence[str]
) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.int64], Packed, str]]:
    """Yield row numbers, templates and packed sequences of each locus, some rows at a time."""
    needed = rows.select("locus", "sequence", "templates", "j_index").with_row_index("row")
    for locus in loci:
        of_locus = needed.filter(pl.col("locus") == locus)
        for block in of_locus.iter_slices(_ROWS_AT_ONCE):
            packed = pack(block["sequence"], block["j_index"])
            yield block["row"].to_numpy(), block["templates"].to_numpy(), packed, locus
