"""Packed bytes come out as they went in, in pieces of bounded size, from any place that can be gone to."""

import gzip
import io
import random
import zlib
from pathlib import Path

import pysam
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mrdkit.tp53.container import lines_of
from mrdkit.tp53.unpack import unpacked_bgzf, unpacked_gzip, unpacked_plain

SEED = 17
contents = st.binary(max_size=300).flatmap(
    lambda some: st.sampled_from([1, 50, 9000]).map(lambda times: some * times)
)


@given(st.lists(contents, min_size=1, max_size=4), st.integers(0, 40))
def test_gzip_members_come_out_in_order(members: list[bytes], padding: int) -> None:
    packed = b"".join(gzip.compress(member) for member in members) + bytes(padding)
    assert b"".join(unpacked_gzip(io.BytesIO(packed))) == b"".join(members)


def bgzf(content: bytes, folder: Path) -> bytes:
    path = folder / "packed.gz"
    with pysam.BGZFile(str(path), "wb", None) as file:
        file.write(content)
    return path.read_bytes()


@given(content=contents)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bgzf_comes_out_whole_and_from_any_block(content: bytes, tmp_path: Path) -> None:
    packed = bgzf(content, tmp_path)
    assert b"".join(unpacked_bgzf(io.BytesIO(packed))) == content
    place = done = 0
    while place < len(packed):
        for within in (0, 7):
            start = place << 16 | within
            assert b"".join(unpacked_bgzf(io.BytesIO(packed), start)) == content[done + within :]
        size = int.from_bytes(packed[place + 16 : place + 18], "little") + 1
        done += int.from_bytes(packed[place + size - 4 : place + size], "little")
        place += size


@pytest.mark.parametrize("unpacked", [unpacked_gzip, unpacked_bgzf])
def test_a_little_that_unpacks_to_much_comes_in_pieces(unpacked: object, tmp_path: Path) -> None:
    content = bytes(40 << 20)
    packed = gzip.compress(content) if unpacked is unpacked_gzip else bgzf(content, tmp_path)
    pieces = [len(piece) for piece in unpacked(io.BytesIO(packed))]  # type: ignore[operator] # one of the two
    assert sum(pieces) == len(content)
    assert max(pieces) <= 4 << 20


def test_a_block_that_claims_another_checksum_is_told(tmp_path: Path) -> None:
    packed = bytearray(bgzf(b"ACGT" * 100, tmp_path))
    size = int.from_bytes(packed[16:18], "little") + 1
    packed[size - 8] ^= 1
    with pytest.raises(zlib.error):
        list(unpacked_bgzf(io.BytesIO(bytes(packed))))


@given(st.binary(max_size=200), st.integers(1, 20))
def test_lines_do_not_depend_on_where_chunks_end(content: bytes, size: int) -> None:
    content = content.replace(b"\xef", b"")
    chunks = [content[i : i + size] for i in range(0, len(content), size)]
    blocks = list(lines_of(Path("calls.vcf"), chunks))
    lines = [line for block in blocks for line in block.lines]
    assert lines == (content.removesuffix(b"\n").split(b"\n") if content else [])
    assert all(block.terminated for block in blocks) == (not content or content.endswith(b"\n"))


def test_plain_bytes_come_as_they_are() -> None:
    content = random.Random(SEED).randbytes(3 << 20)  # noqa: S311 - no secret
    assert b"".join(unpacked_plain(io.BytesIO(content))) == content
