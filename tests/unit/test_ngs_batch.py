"""The batch check: which pairs of a plate are named, and which are none of its business."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pipeline_files import CELLULAR, row, sequence, text, write
from tables import rows

from mrdkit.errors import InputError
from mrdkit.ngs import BatchSample, check_batch, load_rules, read_batch_rule, read_sample, read_subjects
from mrdkit.ngs.batch import Pair

RULES, BATCH = load_rules(), read_batch_rule()
CLONE = row(sequence(1), 10_000, sequenceTags="Dx")


def plate(folder: Path, **samples: tuple[str, list[dict[str, str]]]) -> tuple[Pair, ...]:
    """Each sample by its name: subject, and rows."""
    made = [
        BatchSample(
            path=name, subject_id=subject, sample=read_sample(write(folder / f"{name}.tsv", text(lines)))
        )
        for name, (subject, lines) in samples.items()
    ]
    return check_batch(made, BATCH, RULES)


# Sample a holds 10,000 templates of a dominant sequence; what sample b of another subject shares with it.
SHARED = """
    templates a | probability | templates b | verdict           | clause
    ------------+-------------+-------------+-------------------+----------------------------------------
    10000       | 1e-20       | 3           | bleed_over        | a target cannot arise twice
    10000       | 1e-20       | 1           | bleed_over        | a single template of a target
    10000       | 1e-3        | 3           | shared_background | anyone may have it
    10000       | 1e-9        | 3           | shared_background | not below 1e-9
    5           | 1e-20       | 1           | bleed_over        | no target, but 3 templates or more
    2           | 1e-20       | 2           | -                 | unrelated samples share a few such rows
    2           | 1e-3        | 1           | -                 | unrelated samples share a few such rows
"""


@pytest.mark.parametrize(("a", "probability", "b", "verdict", "clause"), rows(SHARED))
def test_two_subjects(*, a: str, probability: str, b: str, verdict: str, clause: str, tmp_path: Path) -> None:
    shared = {"cloneProbability": probability}
    pairs = plate(
        tmp_path,
        a=("A", [row(sequence(1), int(a), **shared), row(sequence(2), 1)]),
        b=("B", [row(sequence(1), int(b), **shared), row(sequence(3), 8_000)]),
    )
    assert [pair.verdict for pair in pairs] == ([] if verdict == "-" else [verdict]), clause
    for pair in pairs:
        (one,) = pair.shared
        assert (one.templates_a, one.templates_b, one.source) == (int(a), int(b), "a")
        assert one.ratio == pytest.approx(int(b) / int(a))


def test_samples_of_one_subject_share_by_nature(tmp_path: Path) -> None:
    assert plate(tmp_path, a=("A", [CLONE]), b=("A", [row(sequence(1), 30)])) == ()


def test_the_source_may_come_second_and_reads_may_be_shorter(tmp_path: Path) -> None:
    (pair,) = plate(tmp_path, a=("A", [row(sequence(1)[20:], 4, jIndex=52)]), b=("B", [CLONE]))
    (one,) = pair.shared
    assert (pair.verdict, one.source, one.templates_a, one.templates_b) == ("bleed_over", "b", 4, 10_000)
    assert one.dominant


def test_duplicates(tmp_path: Path) -> None:
    lines = [CLONE, row(sequence(2), 5)]
    same, other, turned = (
        write(tmp_path / "one.tsv", text(lines)),
        write(tmp_path / "two.tsv", text(lines)),
        write(tmp_path / "three.tsv.gz", text(list(reversed(lines)), {**CELLULAR, "qc_flags": "OTHER"})),
    )
    made = [
        BatchSample(path=path.name, subject_id=subject, sample=read_sample(path))
        for path, subject in ((same, "A"), (other, "B"), (turned, "A"))
    ]
    found = {(pair.a, pair.b): pair for pair in check_batch(made, BATCH, RULES)}
    assert {names: pair.verdict for names, pair in found.items()} == {
        ("one.tsv", "two.tsv"): "duplicate_file",
        ("one.tsv", "three.tsv.gz"): "duplicate_content",
        ("two.tsv", "three.tsv.gz"): "duplicate_content",
    }
    swapped = [names for names, pair in found.items() if "SWAP_SUSPECTED" in pair.flags]
    assert swapped == [("one.tsv", "two.tsv"), ("two.tsv", "three.tsv.gz")]


def test_two_empty_samples_are_no_duplicate_content(tmp_path: Path) -> None:
    made = [
        BatchSample(path=name, subject_id=name, sample=read_sample(write(tmp_path / name, text([], header))))
        for name, header in (("a.tsv", CELLULAR), ("b.tsv", {**CELLULAR, "qc_flags": "OTHER"}))
    ]
    assert check_batch(made, BATCH, RULES) == ()


def test_without_probabilities_the_number_of_subjects_decides(tmp_path: Path) -> None:
    unknown = {"cloneProbability": ""}
    two = plate(
        tmp_path, a=("A", [row(sequence(1), 900, **unknown)]), b=("B", [row(sequence(1), 3, **unknown)])
    )
    assert [(pair.verdict, pair.flags) for pair in two] == [("bleed_over", ("CLONE_PROBABILITY_NOT_STATED",))]
    samples = {name: (name, [row(sequence(1), 9, **unknown), row(sequence(ord(name)), 1)]) for name in "abc"}
    assert {pair.verdict for pair in plate(tmp_path, **samples)} == {"shared_background"}


def test_the_map_of_subjects(tmp_path: Path) -> None:
    files = [write(tmp_path / name, text([CLONE])) for name in ("a.tsv", "b.tsv")]
    known = write(tmp_path / "map.csv", f"path,subject_id\n{files[0]},A\nb.tsv,B\n")
    assert read_subjects(known, files) == {files[0]: "A", files[1]: "B"}
    for content, code in (
        ("path,subject_id\na.tsv,A\n", "SUBJECT_MISSING"),
        ("path,subject_id\na.tsv,A\na.tsv,B\nb.tsv,B\n", "SUBJECT_CONFLICT"),
    ):
        with pytest.raises(InputError) as error:
            read_subjects(write(tmp_path / "wrong.csv", content), files)
        assert error.value.code == code


def test_the_command(tmp_path: Path) -> None:
    a = write(tmp_path / "a.tsv", text([CLONE]))
    b = write(tmp_path / "b.tsv", text([row(sequence(1), 3)]))
    bad = write(tmp_path / "bad.tsv", "no\ttable\n")

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", "-m", "mrdkit", "ngs", "batch-check", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)  # our own command

    done = run(a, b, bad, "--json")
    document = json.loads(done.stdout)
    (pair,) = document["pairs"]
    assert done.returncode == 4
    assert (pair["a"], pair["b"], pair["verdict"]) == (str(a), str(b), "bleed_over")
    assert [one["templates_a"] for one in pair["shared"]] == [10_000]
    assert document["flags"] == ["SUBJECTS_NOT_GIVEN"]
    assert document["failures"][0]["error"] == "DIALECT_UNKNOWN"
    known = write(tmp_path / "map.csv", "path,subject_id\na.tsv,A\nb.tsv,A\n")
    done = run(a, b, "--subjects", known, "--json")
    assert (done.returncode, json.loads(done.stdout)["pairs"]) == (0, [])
    assert "bleed_over" in run(a, b).stdout
    assert run(bad).returncode == 3
