"""The kernels of the variant reader against their twins, on lines, records and indexes that nearly fit."""

import struct
from array import array
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import Bins, index_places, passed_lines, passed_records

from mrdkit._ext import bcf_records, vcf_lines
from mrdkit._ext import index_places as index_kernel

N_TABS = 7
GENE = (1000, 2000)

positions = st.one_of(st.integers(0, 3000).map(str), st.sampled_from(["", "x", "12x", "99999999999", "990"]))
bases = st.sampled_from(["A", "ACGT", "A" * 20, ""])
alts = st.sampled_from(["T", "T,G", "*", "<DEL>", "<NON_REF>", "A[9:5[", "]9:5]A", "."])
infos = st.one_of(
    st.sampled_from([".", "DP=9", "CIEND=1,2", "END=", "END=x", "END=99999999999", "DP=9;END=998"]),
    st.sampled_from(["END=999", "END=1000;DP=1", "END=5;END=6", "END=0", "X=[;END=7"]),
)
names = st.sampled_from(["17", "chr17", "1", ""])
columns = st.tuples(names, positions, st.just("."), bases, alts, st.just("."), st.just("."), infos)
lines = st.one_of(columns.map("\t".join), st.just("17\t5\t.\tA\tT\t.\t."), st.just(""), st.just("17"))


@given(
    st.lists(lines, max_size=8).map(lambda found: ("\n".join(found) + "\n").encode()),
    names,
    st.integers(0, 3),
    st.sampled_from([-1, GENE[1], 1 << 60]),
)
def test_lines_are_passed_over_as_by_the_twin(text: bytes, chrom: str, cut: int, beyond: int) -> None:
    text, out = text[: len(text) - cut], array("q", (0, 0))
    vcf_lines.pass_over(text, 0, f"{chrom}\t".encode(), N_TABS, GENE[0], beyond, out)
    assert tuple(out) == passed_lines(text, chrom.encode(), N_TABS, GENE[0], beyond)


def typed(text: str) -> bytes:
    """Write a typed string of a BCF."""
    content = text.encode()
    if len(content) < 15:
        return bytes([len(content) << 4 | 7]) + content
    return b"\xf7\x11" + bytes([len(content)]) + content


def packed(contig: int, pos: int, length: int, alleles: Sequence[str], n_more: int = 3) -> bytes:
    """Write one BCF record with `n_more` bytes of sample fields."""
    shared = struct.pack("<iiif", contig, pos - 1, length, 0.0) + struct.pack("<HHI", 0, len(alleles), 0)
    shared += b"\x07" + b"".join(typed(allele) for allele in alleles) + b"\x00"
    return struct.pack("<II", len(shared), n_more) + shared + b"[" * n_more


contigs = st.integers(0, 1)
alleles = st.lists(st.sampled_from(["A", "C" * 20, "<DEL>", "G[9:5[", "]9:5]G"]), min_size=1, max_size=3)
records = st.lists(st.tuples(contigs, st.integers(0, 3000), st.integers(0, 30), alleles), max_size=6)


@given(records, contigs, st.sampled_from([-1, GENE[1], 1 << 60]), st.integers(0, 60))
def test_records_are_passed_over_as_by_the_twin(
    found: list[tuple[int, int, int, list[str]]], contig: int, beyond: int, cut: int
) -> None:
    written = [packed(*record) for record in found]
    whole = b"".join(written)
    content, out = whole[: max(0, len(whole) - cut)], array("q", (0, 0))
    n_whole = next((n for n in range(len(written), 0, -1) if sum(map(len, written[:n])) <= len(content)), 0)
    bcf_records.pass_over(content, 0, contig, GENE[0], beyond, out)
    n = passed_records(found[:n_whole], contig, GENE[0], beyond)
    assert tuple(out) == (sum(map(len, written[:n])), n)


@given(st.binary(max_size=90), st.integers(0, 40))
def test_any_bytes_for_records_are_looked_at_within_bounds(content: bytes, shared: int) -> None:
    out = array("q", (0, 0))
    head = struct.pack("<II", shared, 0) + struct.pack("<iii", 0, 50, 1)
    bcf_records.pass_over(head + content, 0, 0, GENE[0], -1, out)
    assert 0 <= out[0] <= len(head) + len(content)


SUMMARY = 37450
offsets = st.integers(0, 2**48)
chunks = st.lists(st.tuples(offsets, offsets), max_size=3)
bins = st.dictionaries(st.sampled_from([0, 1, 4681, SUMMARY]), chunks, max_size=4)


def written_index(found: Sequence[Bins], *, is_csi: bool) -> bytes:
    content = b""
    for of_contig in found:
        content += struct.pack("<i", len(of_contig))
        for number, pairs in of_contig.items():
            content += struct.pack("<I", number) + (bytes(8) if is_csi else b"")
            content += struct.pack("<i", len(pairs)) + b"".join(struct.pack("<QQ", *pair) for pair in pairs)
        content += b"" if is_csi else struct.pack("<i", 2) + bytes(16)
    return content


@given(st.lists(bins, max_size=4), st.booleans())
def test_an_index_is_read_as_by_the_twin(found: list[Bins], is_csi: bool) -> None:  # noqa: FBT001 - drawn
    content, out = written_index(found, is_csi=is_csi), array("q", bytes(24 * len(found)))
    end = index_kernel.read_places(content, 0, is_csi, SUMMARY, out)
    assert list(out) == index_places(found, SUMMARY)
    assert end == (len(content) if content else -1)


@given(st.lists(bins, min_size=1, max_size=4), st.booleans(), st.integers(1, 200))
def test_a_cut_index_is_told(found: list[Bins], is_csi: bool, cut: int) -> None:  # noqa: FBT001 - drawn
    content, out = written_index(found, is_csi=is_csi)[:-cut], array("q", bytes(24 * len(found)))
    assert index_kernel.read_places(content, 0, is_csi, SUMMARY, out) == -1


@pytest.mark.parametrize("count", [-1, 2**31 - 1])
def test_an_index_that_claims_what_it_does_not_hold_is_told(count: int) -> None:
    content, out = struct.pack("<iIi", 1, 0, count), array("q", bytes(24))
    assert index_kernel.read_places(content, 0, False, SUMMARY, out) == -1  # noqa: FBT003 - positional
