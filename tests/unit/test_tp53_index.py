"""An index saves time and changes no answer; one that cannot be trusted is not used."""

import gzip
import random
import shutil
import struct
from collections.abc import Sequence
from pathlib import Path

import pysam
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tp53_files import GENE, R175H, as_bcf, as_bgzf, call, contig, vcf, write

from mrdkit.errors import InputError
from mrdkit.tp53.index import read_index
from mrdkit.tp53.vcf import VcfContent, read_vcf

Record = tuple[str, ...]

META = [
    "##contig=<ID=1,length=248956422>",
    contig(),
    "##contig=<ID=18,length=80373285>",
    '##INFO=<ID=NOTE,Number=1,Type=String,Description="n">',
    '##INFO=<ID=END,Number=1,Type=Integer,Description="e">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="a">',
]
STRUCTURAL = [*META, '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="s">']
SAMPLE = ("GT:AD", "0/1:120,80")
MUTATED = (*R175H, *SAMPLE)
SEED = 17


@pytest.fixture
def _any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use an index beside small files too."""
    monkeypatch.setattr("mrdkit.tp53.vcf._LEAST_INDEXED", 0)


def at(chrom: str, pos: int, ref: str = "A", alt: str = "G", info: str = ".") -> Record:
    return (chrom, str(pos), ".", ref, alt, ".", "PASS", info, *SAMPLE)


def compressed(folder: Path, records: Sequence[Record], meta: Sequence[str] = META) -> Path:
    return as_bgzf(write(folder, vcf(records, meta=meta), "plain.vcf"), folder / "calls.vcf.gz")


def indexed(path: Path, kind: str) -> Path:
    """Index a copy of a compressed file; a BCF is made of it first."""
    target = path.with_name(f"{kind}.{'bcf' if kind == 'bcf' else 'vcf.gz'}")
    if kind == "bcf":
        as_bcf(path.with_name("plain.vcf"), target)
        pysam.tabix_index(str(target), preset="bcf", csi=True, force=True)  # type: ignore[arg-type] # as documented
    else:
        shutil.copy(path, target)
        pysam.tabix_index(str(target), preset="vcf", csi=kind == "csi", force=True)
    return target


def told(content: VcfContent) -> tuple[object, ...]:
    """Return what a file says, without where it says it."""
    records = [(r.chrom, r.pos, r.ref, r.alts, dict(r.info), r.samples) for r in content.records]
    return records, content.n_records, content.header.samples


places = st.one_of(st.integers(GENE.gene_start - 30, GENE.gene_end + 30), st.integers(1, 9_000_000))
records = st.one_of(
    st.builds(at, st.sampled_from(["1", "17", "18"]), places, st.sampled_from(["A", "ACGTACGT"])),
    st.builds(
        lambda pos, length: at("17", pos, alt="<NON_REF>", info=f"END={pos + length}"),
        places,
        st.integers(0, 400_000),
    ),
)


def in_order(record: Record) -> tuple[int, int]:
    return ["1", "17", "18"].index(record[0]), int(record[1])


@pytest.mark.usefixtures("_any_size")
@given(found=st.lists(records, max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_a_file_says_the_same_through_each_index(found: list[Record], tmp_path: Path) -> None:
    path = compressed(tmp_path, sorted(found, key=in_order))
    for beside in tmp_path.glob("*.[ct][sb]i"):
        beside.unlink()
    whole = told(read_vcf(path))
    assert len(whole[0]) == sum(  # type: ignore[arg-type] # the records
        r[0] == "17" and touches(r) for r in found
    )
    for kind in ("tbi", "csi", "bcf"):
        other = indexed(path, kind)
        if found:
            assert read_index(other) is not None, kind
        assert told(read_vcf(other)) == whole, kind


def touches(record: Record) -> bool:
    pos = int(record[1])
    end = int(record[7][4:]) if record[7].startswith("END=") else pos + len(record[3]) - 1
    return any(pos <= high and end + 1 >= low for low, high in GENE.windows().values())


def large(folder: Path, meta: Sequence[str] = META, more: Sequence[Record] = ()) -> Path:
    """Write a file that is large enough for its index to be used: notes of random letters do not compress."""
    draw = random.Random(SEED)  # noqa: S311 - no secret
    noise = [at("1", 1000 + i, info=f"NOTE={draw.randbytes(700).hex()}") for i in range(7000)]
    return compressed(folder, [*noise, MUTATED, at("18", 5), *more], meta)


def spoilt_in_the_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def test_only_what_lies_before_the_end_of_the_gene_is_read(tmp_path: Path) -> None:
    path = indexed(large(tmp_path), "tbi")
    spoilt_in_the_middle(path)
    found = read_vcf(path)
    assert (found.n_records, [record.pos for record in found.records]) == (7002, [int(R175H[1])])
    path.with_name(path.name + ".tbi").unlink()
    with pytest.raises(InputError) as refused:
        read_vcf(path)
    assert refused.value.code == "FILE_TRUNCATED"


def test_damage_of_a_small_file_is_found_beside_an_index_too(tmp_path: Path) -> None:
    path = indexed(compressed(tmp_path, [*(at("1", i + 1) for i in range(9000)), MUTATED]), "tbi")
    spoilt_in_the_middle(path)
    with pytest.raises(InputError):
        read_vcf(path)


@pytest.mark.usefixtures("_any_size")
def test_an_index_of_another_version_of_the_file_is_not_used(tmp_path: Path) -> None:
    older = indexed(compressed(tmp_path, [at("1", 5), at("18", 5)]), "tbi")
    index = older.with_name(older.name + ".tbi").read_bytes()
    newer = compressed(tmp_path, [at("1", 5), MUTATED, at("18", 5)])
    newer.with_name(newer.name + ".tbi").write_bytes(index)
    assert read_index(newer) is None
    assert call(newer, assume_covered=True).status == "mutated"


@pytest.mark.parametrize("kept", [0, 20, 60, 200])
@pytest.mark.parametrize("kind", ["tbi", "csi"])
@pytest.mark.usefixtures("_any_size")
def test_a_damaged_index_is_not_used(kind: str, kept: int, tmp_path: Path) -> None:
    path = indexed(compressed(tmp_path, [at("1", 5), MUTATED, at("18", 5)]), kind)
    beside = path.with_name(f"{path.name}.{kind}")
    content = gzip.decompress(beside.read_bytes())
    beside.write_bytes(gzip.compress(content[:kept]))
    assert read_index(path) is None
    assert call(path, assume_covered=True).status == "mutated"


@given(content=st.binary(max_size=300), magic=st.sampled_from([b"", b"TBI\x01", b"CSI\x01"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_for_an_index_are_told(content: bytes, magic: bytes, tmp_path: Path) -> None:
    path = tmp_path / "calls.vcf.gz"
    path.write_bytes(b"")
    path.with_name("calls.vcf.gz.tbi").write_bytes(magic + content)
    assert read_index(path) is None


@pytest.mark.usefixtures("_any_size")
def test_an_index_without_counts_is_not_used(tmp_path: Path) -> None:
    """Some writers leave the counts out; then only the file itself tells how many records it has."""
    path = indexed(compressed(tmp_path, [MUTATED]), "tbi")
    beside = path.with_name(path.name + ".tbi")
    content = gzip.decompress(beside.read_bytes())
    beside.write_bytes(gzip.compress(content.replace(struct.pack("<I", 37450), struct.pack("<I", 37451))))
    assert read_index(path) is None
    assert read_vcf(path).n_records == 1


@pytest.mark.usefixtures("_any_size")
def test_a_breakend_elsewhere_that_joins_to_the_gene_is_found_beside_an_index(tmp_path: Path) -> None:
    breakend = at("1", 5, "A", f"]17:{R175H[1]}]A", "SVTYPE=BND")
    path = indexed(compressed(tmp_path, [breakend, at("17", 5)], STRUCTURAL), "tbi")
    found = call(path, assume_covered=True)
    assert (found.status, found.variants[0].consequence) == ("indeterminate", "structural")


@pytest.mark.usefixtures("_any_size")
def test_a_deletion_that_begins_far_before_the_gene_is_found_through_an_index(tmp_path: Path) -> None:
    deletion = at("17", 100, "A", "<DEL>", "END=20000000")
    path = indexed(compressed(tmp_path, [deletion, at("17", 200), at("18", 5)]), "csi")
    assert call(path, assume_covered=True).status == "indeterminate"


@pytest.mark.usefixtures("_any_size")
def test_an_odd_name_of_chromosome_17_is_refused_through_an_index(tmp_path: Path) -> None:
    odd = [line.replace("ID=17,", "ID=chrom17,") for line in META]
    path = indexed(compressed(tmp_path, [at("1", 5), at("chrom17", 7675088)], odd), "tbi")
    with pytest.raises(InputError) as refused:
        read_vcf(path)
    assert refused.value.code == "CONTIG_UNKNOWN"
