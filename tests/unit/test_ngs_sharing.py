"""Sequence tables that leave the laboratory: the same sample, without its name."""

import gzip
from pathlib import Path

import pytest
from real_data import real

from mrdkit.errors import InputError
from mrdkit.ngs.reading import read_sample
from mrdkit.ngs.sharing import share_sample

_SEQUENCE = "GGCGAGTCGTACACCTGAACATTTTCCATGGATACAGG"
_V3 = (
    "rearrangement\ttemplates\tsample_name\tsample_tags\torder_name\tframe_type\tv_resolved\tj_resolved\tj_index\n"
    f"{_SEQUENCE}\t5\tDoe_Jane\tPatient:Jane\tWard 7\tIn\tIGHV04-39*01\tIGHJ04-01*02\t20\n"
)


def shared(tmp_path: Path, text: str, name: str = "a.tsv") -> str:
    path, output = tmp_path / name, tmp_path / "out.tsv"
    path.write_text(text, encoding="utf-8")
    share_sample(path, output, rename=lambda name: f"S{len(name)}")
    return output.read_text(encoding="utf-8")


def test_the_sample_gets_another_name_and_its_tags_stay_behind(tmp_path: Path) -> None:
    written = shared(tmp_path, _V3)
    assert written.splitlines()[0].split("\t") == [
        "rearrangement",
        "templates",
        "sample_name",
        "frame_type",
        "v_resolved",
        "j_resolved",
        "j_index",
    ]
    assert "\tS8\t" in written
    assert not any(word in written for word in ("Jane", "Doe", "Ward"))
    assert read_sample(tmp_path / "out.tsv").sample_id == "S8"


def test_what_was_removed_is_told_for_the_search(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("#patient=Doe^Jane\n#wells=H:1\n" + _V3, encoding="utf-8")
    found = share_sample(tmp_path / "a.tsv", tmp_path / "out.tsv", rename=lambda _: "S1")
    assert found.identifying == {"Doe^Jane", "Doe_Jane"}
    assert {"Patient:Jane", "Ward 7"} <= found.others
    assert "Jane" not in repr(found)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("#estTotalNucleatedCells=46581.77", "#estTotalNucleatedCells=46581.77"),
        ("#ESTTOTALNUCLEATEDCELLS=NA", "#ESTTOTALNUCLEATEDCELLS=NA"),
        ("#qc_flags=PASS", "#qc_flags=PASS"),
        ("#qc_flags=FAIL by Jane", "#qc_flags=removed"),
        ("#pipelineVersion=v3.0-1253-g73062aa", "#pipelineVersion=v3.0-1253-g73062aa"),
        ("#pipelineVersion=Jane's", None),
        ("#patient=12345", None),
        ("# written by Jane", None),
    ],
)
def test_header_lines_are_kept_by_key_and_kind(tmp_path: Path, line: str, kept: str | None) -> None:
    table = f"nucleotide\tinputTemplateEstimate\tlocus\n{_SEQUENCE}\t5\tIGH\n"
    lines = shared(tmp_path, f"{line}\n{table}").splitlines()
    assert lines[0].startswith("#")
    assert lines[1:-2] == ([] if kept is None else [kept])


def test_a_name_in_a_column_of_genes_is_emptied_and_the_file_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        shared(tmp_path, _V3.replace("IGHV04-39*01", "Jane Doe"))
    assert caught.value.code == "OUTPUT_NOT_EQUAL"
    assert "Jane" not in str(caught.value)


def test_gzip_stays_gzip_and_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    path = tmp_path / "Jane.tsv.gz"
    path.write_bytes(gzip.compress(_V3.encode()))
    for name in ("one", "two"):
        share_sample(path, tmp_path / name, rename=lambda _: "S1")
    packed = (tmp_path / "one").read_bytes()
    assert packed == (tmp_path / "two").read_bytes()
    assert packed[4:10] == bytes(4) + packed[8:10]  # no time of day
    assert b"Jane" not in gzip.decompress(packed)


def test_a_vidjil_document_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.vidjil").write_text('{"samples": {}}', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        share_sample(tmp_path / "a.vidjil", tmp_path / "out", rename=str)
    assert caught.value.code == "FORMAT_NOT_CLEANED"


@pytest.mark.parametrize(
    "name",
    [
        "airr-standards/good_rearrangement.tsv",
        "seanno-vdj/A_BCell_ID.tsv",
        "seanno-vdj/agate_1.tsv",
        "seanno-vdj/BH.tsv",
        "tcrdist3/Adaptive2020.tsv",
        "immunarch-tests/immunoseq_1.txt",
    ],
)
def test_every_dialect_reads_as_the_same_sample(tmp_path: Path, name: str) -> None:
    path = real(f"ngs/{name}")
    share_sample(path, tmp_path / "out.tsv", rename=lambda _: "S1")
    before, after = read_sample(path), read_sample(tmp_path / "out.tsv")
    assert before.dialect == after.dialect
    assert before.total_templates == after.total_templates
    assert before.stated == after.stated
