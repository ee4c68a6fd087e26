"""The kernels on sequences against their twins, on sequences that nearly match."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import j_aligned_mismatches
from sequence_tables import table

from mrdkit._ext.seqmatch import window_digests
from mrdkit.ngs.matching import mismatches, mismatches_of_pair
from mrdkit.ngs.sequences import merged

bases = st.text("ACGTN", max_size=40)
similar = st.text("AAAAAAC", max_size=40)
sequences = st.one_of(bases, similar)
anchors = st.one_of(st.none(), st.integers(-2, 45))
reads_of = st.lists(st.tuples(sequences, anchors), max_size=8)


def valid(j_index: int | None, sequence: str) -> int | None:
    return j_index if j_index is not None and 0 <= j_index < len(sequence) else None


@given(reads_of, sequences.filter(bool), anchors, st.data())
def test_kernel_equals_its_twin(
    reads: list[tuple[str, int | None]], target: str, target_j: int | None, data: st.DataObject
) -> None:
    overlap, limit = data.draw(st.integers(1, 12)), data.draw(st.integers(0, 4))
    rows = data.draw(st.lists(st.integers(0, max(len(reads) - 1, 0)), max_size=9 if reads else 0))
    found = mismatches(
        table(reads),
        np.array(rows, dtype=np.int64),
        target,
        target_j,
        min_overlap=overlap,
        max_mismatches=limit,
    )
    assert found.tolist() == [
        j_aligned_mismatches(
            read,
            valid(j, read),
            target,
            valid(target_j, target),
            min_overlap=overlap,
            max_mismatches=limit,
        )
        for read, j in (reads[row] for row in rows)
    ]


@given(sequences.filter(bool), anchors, sequences.filter(bool), anchors, st.integers(0, 3))
def test_matching_is_symmetric(a: str, a_j: int | None, b: str, b_j: int | None, limit: int) -> None:
    there = mismatches_of_pair(a, a_j, b, b_j, min_overlap=3, max_mismatches=limit)
    assert there == mismatches_of_pair(b, b_j, a, a_j, min_overlap=3, max_mismatches=limit)


@pytest.mark.parametrize(("overlap", "limit", "row"), [(0, 0, 0), (25, -1, 0), (2**31, 0, 0), (25, 0, 1)])
def test_limits_out_of_range_are_refused(overlap: int, limit: int, row: int) -> None:
    with pytest.raises(ValueError, match=r"must be|not in the table"):
        mismatches(
            table([("ACGT", 1)]), np.array([row]), "ACGT", 1, min_overlap=overlap, max_mismatches=limit
        )


@given(st.lists(st.tuples(st.text("AC", max_size=3), st.sampled_from(["IGH", "IGK"])), max_size=30))
def test_each_sequence_of_a_locus_stands_once_in_its_first_place(pairs: list[tuple[str, str]]) -> None:
    rows = table([(read, None) for read, _ in pairs], [locus for _, locus in pairs], templates=2)
    found = merged(rows)
    once = list(dict.fromkeys(pairs))
    assert [(found.sequence(i), found.locus.at(i)) for i in range(found.n)] == once
    assert found.templates.tolist() == [2 * pairs.count(pair) for pair in once]
    assert int(found.templates.sum()) == 2 * len(pairs)


@given(st.lists(st.tuples(st.text("AC", max_size=9), anchors), max_size=20))
def test_windows_have_one_digest_where_their_letters_are_the_same(
    reads: list[tuple[str, int | None]],
) -> None:
    rows = table(reads)
    digests = np.empty(rows.n, dtype=np.uint64)
    window_digests(rows.bases, rows.offsets, rows.anchors, 3, 2, digests)
    windows = [
        read[j - 3 : j + 2] if j is not None and 3 <= j < len(read) and j + 2 <= len(read) else None
        for read, j in reads
    ]
    for a, of_a in zip(windows, digests.tolist(), strict=True):
        assert (of_a == 0) == (a is None)
        for b, of_b in zip(windows, digests.tolist(), strict=True):
            assert (of_a == of_b) == (a == b)
