"""`.vidjil` documents: one record per sample, reads named as reads, damage named with its place."""

import contextlib
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import rows
from vidjil_files import SEQUENCE, clone, document, written

from mrdkit.errors import InputError, UsageError
from mrdkit.ngs import vidjil_format
from mrdkit.ngs.vidjil import VidjilClone, VidjilSample, read_vidjil, vidjil_sample

WINDOW = SEQUENCE[5:55]


def one_clone(folder: Path, version: str = "2016b", **parts: Any) -> VidjilClone:
    path = written(folder, document(clone(**parts), vidjil_json_version=version))
    (found,) = vidjil_sample(path).clones
    return found


def test_a_sample_is_read_whole(tmp_path: Path) -> None:
    sample = vidjil_sample(written(tmp_path, document(clone(WINDOW, (500,)))))
    assert (sample.name, sample.original_name, sample.counts) == ("s0.fastq", "/data/s0.fastq", "reads")
    assert (sample.total_reads, sample.segmented_reads) == (1000, 500)
    assert dict(sample.reads_by_germline) == {"IGH": 400, "IGH+": 100}
    assert (sample.flags, sample.format_version) == (("READS_NOT_TEMPLATES",), "2016b")
    (found,) = sample.clones
    assert (found.sequence, found.window, found.reads, found.top) == (SEQUENCE, WINDOW, 500, 1)
    assert (found.v, found.d, found.j, found.j_start) == ("IGHV3-9*01", None, "IGHJ6*02", 35)
    assert found.flags == ()


def test_each_sample_has_its_own_reads(tmp_path: Path) -> None:
    both = document(clone("a", (70, 3)), clone("b", (0, 40)), number=2)
    first, second = read_vidjil(written(tmp_path, both))
    assert [(one.id, one.reads) for one in first.clones] == [("a", 70)]
    assert [(one.id, one.reads) for one in second.clones] == [("a", 3), ("b", 40)]
    assert (first.index, second.index) == (0, 1)


def test_samples_are_chosen_by_name(tmp_path: Path) -> None:
    both = document(clone(reads=(1, 2)), number=2)
    both["samples"]["names"] = ["diagnosis", ""]
    path = written(tmp_path, both)
    assert vidjil_sample(path, name="diagnosis").index == 0
    assert vidjil_sample(path, name="s1.fastq").index == 1
    assert vidjil_sample(path, name="/data/s0.fastq").index == 0
    for name, code in ((None, "SAMPLE_AMBIGUOUS"), ("other", "SAMPLE_UNKNOWN")):
        with pytest.raises(UsageError, match=r"diagnosis, s1\.fastq") as caught:
            vidjil_sample(path, name=name)
        assert caught.value.code == code


def test_two_samples_of_one_name_are_never_mixed_up(tmp_path: Path) -> None:
    both = document(clone(reads=(1, 2)), number=2)
    both["samples"]["names"] = ["fu", "fu"]
    with pytest.raises(UsageError) as caught:
        vidjil_sample(written(tmp_path, both), name="fu")
    assert caught.value.code == "SAMPLE_AMBIGUOUS"


# Where J starts in a sequence of 60 bases, as written and as mrdkit counts it (from 0).
J_STARTS = """
    version | written                 | j_start | flag                | clause
    --------+-------------------------+---------+---------------------+------------------------------------
    2016b   | {"3": {"start": 36}}    | 35      | -                   | counted from 1
    2016b   | {"3": {"start": 1}}     | 0       | -                   | the first base
    2016b   | {"3": {"start": 60}}    | 59      | -                   | the last base
    2016b   | {"3": {"start": 61}}    | -       | J_START_INVALID     | behind the sequence
    2016b   | {"3": {"start": 0}}     | -       | J_START_INVALID     | there is no base 0
    2016b   | {"3": {"start": "36"}}  | -       | J_START_INVALID     | a word is no position
    2016b   | {"3": {"start": true}}  | -       | J_START_INVALID     | nor is a truth value
    2016b   | {"3": {"name": "IGHJ"}} | -       | -                   | not designated
    2016b   | {}                      | -       | -                   | not designated
    2014.10 | {"3start": 35}          | 35      | -                   | counted from 0
    2014.10 | {"3start": 60}          | -       | J_START_INVALID     | behind the sequence
    2016b   | {"3start": 35}          | -       | POSITIONS_NOT_KNOWN | the older form in a newer version
    2014.10 | {"3": {"start": 36}}    | -       | POSITIONS_NOT_KNOWN | the newer form in an older version
    2031a   | {"3": {"start": 36}}    | -       | POSITIONS_NOT_KNOWN | nobody knows what it counts from
"""


@pytest.mark.parametrize(("version", "seg", "j_start", "flag", "clause"), rows(J_STARTS))
def test_where_j_starts(
    *, version: str, seg: str, j_start: str, flag: str, clause: str, tmp_path: Path
) -> None:
    found = one_clone(tmp_path, version, seg=json.loads(seg))
    assert found.j_start == (None if j_start == "-" else int(j_start)), clause
    assert found.flags == (() if flag == "-" else (flag,)), clause


@pytest.mark.parametrize(
    ("seg", "genes"),
    [
        (
            {"5": "TRBV29*01", "4": "TRBD2*01", "3": "TRBJ2-7*01", "3start": 30},
            ("TRBV29*01", "TRBD2*01", "TRBJ2-7*01"),
        ),
        ({"5": {"name": "V"}, "4b": {"name": "D2"}, "4a": {"name": "D1"}}, ("V", "D1,D2", None)),
        ({"5": {"start": 1, "stop": 9}, "cdr3": {"start": 1}}, (None, None, None)),
        (None, (None, None, None)),
    ],
)
def test_gene_names(seg: Any, genes: tuple[str | None, ...], tmp_path: Path) -> None:
    found = one_clone(tmp_path, "2014.10", seg=seg)
    assert (found.v, found.d, found.j) == genes


# What the tool calls a locus, and the locus within which mrdkit compares its sequences.
LOCI = """
    germline   | locus   | flag          | clause
    -----------+---------+---------------+------------------------------
    IGH        | IGH     | -             | complete
    IGH+       | IGH_D   | -             | D-J of IGH is apart
    IGK+       | IGK     | -             | V-KDE and intron-KDE
    TRD+       | TRD     | -             | incomplete
    TRB+       | TRB     | -             | incomplete
    TRA+D      | unknown | LOCUS_UNKNOWN | alpha or delta
    unexpected | unknown | LOCUS_UNKNOWN | of two loci, or a primer dimer
"""


@pytest.mark.parametrize(("germline", "locus", "flag", "clause"), rows(LOCI))
def test_loci(germline: str, locus: str, flag: str, clause: str, tmp_path: Path) -> None:
    found = one_clone(tmp_path, germline=germline)
    assert (found.germline, found.locus) == (germline, locus), clause
    assert found.flags == (() if flag == "-" else (flag,))


@pytest.mark.parametrize(
    ("name", "sequence", "found", "window", "flags"),
    [
        (WINDOW, 0, None, WINDOW, ("WINDOW_ONLY",)),
        (WINDOW.lower(), None, None, WINDOW, ("WINDOW_ONLY",)),
        ("clone-1", "", None, None, ("NO_SEQUENCE",)),
        ("CARPRDWNTYYYYGMDVW", 0, None, None, ("NO_SEQUENCE",)),
        ("clone-1", SEQUENCE.lower(), SEQUENCE, None, ()),
        ("clone-1", "ACGTN" * 10, "ACGTN" * 10, None, ()),
        ("clone-1", "ACGTY" * 10, "ACGTN" * 10, None, ("AMBIGUOUS_BASES",)),
    ],
)
def test_sequences(
    *,
    name: str,
    sequence: object,
    found: str | None,
    window: str | None,
    flags: tuple[str, ...],
    tmp_path: Path,
) -> None:
    one = one_clone(tmp_path, name=name, sequence=sequence, seg=None)
    assert (one.sequence, one.window, one.flags) == (found, window, flags)


def test_what_a_list_of_clones_leaves_out_is_said(tmp_path: Path) -> None:
    sample = vidjil_sample(written(tmp_path, document(clone(reads=(100,)))))
    assert "CLONES_NOT_ALL" in sample.flags
    assert "400 of 500 reads" in sample.reasons[1]


@pytest.mark.parametrize("change", [{"segmented": [99]}, {"total": [400]}])
def test_reads_that_cannot_be_true_are_flagged(change: dict[str, Any], tmp_path: Path) -> None:
    content = document(clone(reads=(100,)))
    content["reads"] |= change
    assert "READS_CONTRADICT" in vidjil_sample(written(tmp_path, content)).flags


def test_spike_ins_and_clusters_are_marked(tmp_path: Path) -> None:
    labels = [{"name": "spike-A", "copies": "10"}, {"name": "clone-of-interest"}]
    content = document(
        clone("a", (10,), label="spike-A"),
        clone("b", (9,), label="clone-of-interest"),
        config={"labels": labels},
        clusters=[["a", "b"]],
    )
    sample = vidjil_sample(written(tmp_path, content))
    assert [one.flags for one in sample.clones] == [("SPIKE_IN",), ()]
    assert "CLUSTERS_NOT_JOINED" in sample.flags


@pytest.mark.parametrize("clones", [None, []])
def test_a_sample_without_clones_is_a_sample(clones: Any, tmp_path: Path) -> None:
    sample = vidjil_sample(written(tmp_path, {**document(), "clones": clones}))
    assert (sample.clones, sample.segmented_reads) == ((), 500)


def test_whole_numbers_may_be_written_as_floats(tmp_path: Path) -> None:
    assert one_clone(tmp_path, reads=[7282.0]).reads == 7282


def test_gzip_gives_the_same_clones(tmp_path: Path) -> None:
    path = written(tmp_path, document(clone()))
    packed = tmp_path / "p.vidjil"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert vidjil_sample(packed).clones == vidjil_sample(path).clones


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"clones": [clone(reads=[-1])]}, "clones.0.reads.0"),
        ({"clones": [clone(reads=[1.5])]}, "clones.0.reads.0"),
        ({"clones": [clone(reads=[True])]}, "clones.0.reads.0"),
        ({"clones": [clone(reads=["9"])]}, "clones.0.reads.0"),
        ({"clones": [clone(reads=[1, 2])]}, "clones.0.reads"),
        ({"clones": [clone(), clone()]}, "clones.1.id"),
        ({"clones": [clone(sequence="seq-1")]}, "clones.0.sequence"),
        ({"clones": [clone(sequence="ACG-T")]}, "clones.0.sequence"),
        ({"clones": [{"id": "a"}]}, "clones.0.germline"),
        ({"clones": {"id": "a"}}, "clones"),
        ({"reads": {"total": [1, 2], "segmented": [1]}}, "reads.total"),
        ({"reads": {"total": [1], "segmented": []}}, "reads.segmented"),
        ({"samples": {"number": 2, "original_names": ["a"]}}, "samples.original_names"),
        ({"samples": {"number": 0, "original_names": []}}, "samples.number"),
        ({"samples": {"number": 1}}, "samples.original_names"),
        ({"vidjil_json_version": 2016}, "vidjil_json_version"),
    ],
)
def test_a_document_that_is_not_whole_is_named(change: dict[str, Any], place: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_vidjil(written(tmp_path, {**document(clone()), **change}))
    assert caught.value.code in {"VIDJIL_INVALID", "SEQUENCE_INVALID"}
    assert (caught.value.place or "").startswith(place)


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ('{\n"clones": [\n}', "JSON_INVALID", "line 3, column 1"),
        (json.dumps(document(clone()))[:-20], "JSON_INVALID", "line 1"),
        ('{"clones": [], "clones": []}', "JSON_INVALID", None),
        ('{"reads": NaN}', "JSON_INVALID", None),
        ('{"a": ' + "9" * 5000 + "}", "JSON_INVALID", None),
        ("[" * 65 + "]" * 65, "JSON_TOO_DEEP", None),
        ("[" * 100_000, "JSON_TOO_DEEP", None),
        ("[]", "VIDJIL_INVALID", None),
        ("", "JSON_INVALID", "line 1"),
        ('{"samples": {"names": ["x"]}, "clones": []}', "VIDJIL_ANALYSIS", None),
    ],
)
def test_damaged_files_are_named(content: str, code: str, place: str | None, tmp_path: Path) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_vidjil(path)
    assert (caught.value.code, caught.value.file) == (code, str(path))
    assert (caught.value.place or "").startswith(place or "")


def test_brackets_within_words_are_no_depth(tmp_path: Path) -> None:
    content = document(clone(), log='[[["\\"{{{\n' * 50)
    assert vidjil_sample(written(tmp_path, content)).segmented_reads == 500


def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, document(clone()))
    monkeypatch.setattr(vidjil_format, "_LARGEST", path.stat().st_size - 1)
    packed = tmp_path / "p.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for each in (path, packed):
        with pytest.raises(InputError) as caught:
            read_vidjil(each)
        assert caught.value.code == "FILE_TOO_LARGE"


@given(cut=st.integers(min_value=0, max_value=2000), byte=st.integers(min_value=0, max_value=255))
def test_no_damage_leads_to_another_error_than_a_named_one(
    cut: int, byte: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = json.dumps(document(clone("a", (70, 3)), clone(WINDOW, (0, 40), sequence=0), number=2)).encode()
    place = cut % len(whole)
    path = tmp_path_factory.mktemp("damage") / "d.vidjil"
    path.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
    samples: tuple[VidjilSample, ...] = ()
    with contextlib.suppress(InputError):
        samples = read_vidjil(path)
    assert all(one.reads > 0 for sample in samples for one in sample.clones)
