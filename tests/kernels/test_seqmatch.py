"""The matching kernel against its twin, on sequences that nearly match."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import j_aligned_mismatches

from mrdkit.ngs.matching import mismatches, pack

bases = st.text("ACGTN", max_size=40)
similar = st.text("AAAAAAC", max_size=40)
sequences = st.one_of(bases, similar)
anchors = st.one_of(st.none(), st.integers(-2, 45))


def valid(j_index: int | None, sequence: str) -> int | None:
    return j_index if j_index is not None and 0 <= j_index < len(sequence) else None


@given(
    st.lists(st.tuples(sequences, anchors), max_size=8),
    sequences.filter(bool),
    anchors,
    st.integers(1, 12),
    st.integers(0, 4),
)
def test_kernel_equals_its_twin(
    reads: list[tuple[str, int | None]], target: str, target_j: int | None, overlap: int, limit: int
) -> None:
    packed = pack(
        pl.Series([read for read, _ in reads], dtype=pl.String),
        pl.Series([j for _, j in reads], dtype=pl.Int32),
    )
    found = mismatches(packed, target, target_j, min_overlap=overlap, max_mismatches=limit)
    assert found.tolist() == [
        j_aligned_mismatches(
            read,
            valid(j, read),
            target,
            valid(target_j, target),
            min_overlap=overlap,
            max_mismatches=limit,
        )
        for read, j in reads
    ]


@given(sequences.filter(bool), anchors, sequences.filter(bool), anchors, st.integers(0, 3))
def test_matching_is_symmetric(a: str, a_j: int | None, b: str, b_j: int | None, limit: int) -> None:
    def found(read: str, read_j: int | None, target: str, target_j: int | None) -> list[int]:
        packed = pack(pl.Series([read]), pl.Series([read_j], dtype=pl.Int32))
        return list(mismatches(packed, target, target_j, min_overlap=3, max_mismatches=limit))

    assert found(a, a_j, b, b_j) == found(b, b_j, a, a_j)


@pytest.mark.parametrize(("overlap", "limit"), [(0, 0), (25, -1), (2**31, 0)])
def test_limits_out_of_range_are_refused(overlap: int, limit: int) -> None:
    packed = pack(pl.Series(["ACGT"]), pl.Series([1], dtype=pl.Int32))
    with pytest.raises(ValueError, match="min_overlap must be at least 1"):
        mismatches(packed, "ACGT", 1, min_overlap=overlap, max_mismatches=limit)
