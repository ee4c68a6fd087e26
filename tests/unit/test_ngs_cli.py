"""`mrdkit ngs` as a laboratory scripts it: field names, exit codes, one JSON document."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pipeline_files import CELLULAR, row, sequence, text, write

from mrdkit.ngs import calibrate, load_rules, read_sample, write_targets

INSPECT = (
    "path sha256 dialect sample_id assay_kind compartment n_rows total_templates template_source "
    "total_reads templates_by_locus templates_by_like_group cells cells_source plasma_ml qc_flags "
    "pipeline_version header flags reasons"
)
CALIBRATE = "subject_id sample_id cells candidates flags reasons"
CANDIDATE = (
    "target_id locus like_group sequence v d j frame templates fraction_of_group fraction_of_cells "
    "n_next_decade dominant failed_criteria vendor_dominant sensitivity_bin collapsed_into"
)
TRACK = (
    "path sample_id compartment cells cells_source plasma_ml tracking mrd_per_million mrd_per_ml "
    "driving_target aggregation detected quantifiable upper_limit status log_reduction new_dominant evolved "
    "discordant_targets flags reasons"
)
TRACKED = (
    "target_id locus templates templates_tolerant per_million per_ml ci_low ci_high lod loq log_reduction"
)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "mrdkit", "ngs", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # our own command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "id.tsv", text([row(sequence(1), 9_000, sequenceTags="Dx"), row(sequence(2), 30)]))
    write(tmp_path / "mrd.tsv", text([row(sequence(1), 20)]))
    write(tmp_path / "plasma.tsv", text([row(sequence(1), 20)], {**CELLULAR, "sampleMilliliters": "4"}))
    write(tmp_path / "v2.tsv", "nucleotide\tvMaxResolved\tcount (reads)\n")
    targets = calibrate(read_sample(tmp_path / "id.tsv"), subject_id="S", rules=load_rules())
    write_targets(tmp_path / "t.parquet", targets)
    return tmp_path


def test_inspect(folder: Path) -> None:
    done = run("inspect", folder / "mrd.tsv", folder / "v2.tsv", folder / "id.tsv", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 4
    assert set(INSPECT.split()) <= set(document["results"][0])
    assert [result["assay_kind"] for result in document["results"]] == ["MRD", "ID"]
    assert document["failures"][0]["error"] == "COUNT_COLUMN_MISSING"
    assert "estimatedNumberGenomes" in document["failures"][0]["message"]
    assert run("inspect", folder / "v2.tsv").returncode == 3


def test_calibrate(folder: Path) -> None:
    done = run("calibrate", folder / "id.tsv", "--subject", "S", "-o", folder / "again.parquet", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert set(CALIBRATE.split()) <= set(document)
    assert set(CANDIDATE.split()) <= set(document["candidates"][0])
    assert [one["failed_criteria"] for one in document["candidates"]] == [
        [],
        ["LIKE_3PCT", "CELLS_0_2PCT", "GENOMES_40"],
    ]
    assert (folder / "again.parquet").read_bytes() == (folder / "t.parquet").read_bytes()


def test_a_refused_calibration_writes_nothing(folder: Path) -> None:
    done = run("calibrate", folder / "v2.tsv", "--subject", "S", "-o", folder / "none.parquet", "--json")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("mrdkit: ")
    assert not (folder / "none.parquet").exists()


def test_track(folder: Path) -> None:
    done = run("track", folder / "mrd.tsv", "--targets", folder / "t.parquet", "--json")
    (result,) = json.loads(done.stdout)["results"]
    assert done.returncode == 0
    assert set(TRACK.split()) <= set(result)
    assert set(TRACKED.split()) <= set(result["tracking"][0])
    assert result["status"] == {"1e-4": "negative", "1e-5": "positive", "1e-6": "positive"}
    assert result["mrd_per_million"] == pytest.approx(20.0)
    assert result["tracking"][0]["templates_tolerant"] == 20


def test_a_sample_that_is_not_evaluable_leaves_with_4(folder: Path) -> None:
    done = run(
        "track", folder / "mrd.tsv", folder / "plasma.tsv", "--targets", folder / "t.parquet", "--json"
    )
    assert done.returncode == 4
    assert [one["mrd_per_ml"] for one in json.loads(done.stdout)["results"]] == [None, 5.0]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--max-mismatch", "11"), 2),
        (("--max-mismatch", "IGH=two"), 2),
        (("--max-mismatch", "IGH=2,IGK=0", "--min-overlap", "101"), 0),
        (("--min-overlap", "0"), 2),
        (("--min-bin", "2"), 2),
        (("--min-overlap", "101"), 0),
        (("--rule", "none"), 3),
    ],
)
def test_options(options: tuple[str, ...], code: int, folder: Path) -> None:
    done = run("track", folder / "mrd.tsv", "--targets", folder / "t.parquet", *options, "--json")
    assert done.returncode == code
    if code == 0:  # nothing of 100 nt can overlap by 101
        assert json.loads(done.stdout)["results"][0]["tracking"][0]["templates"] == 0


def test_damaged_targets_are_refused(folder: Path) -> None:
    done = run("track", folder / "mrd.tsv", "--targets", folder / "id.tsv")
    assert done.returncode == 3
    assert "mrdkit ngs calibrate" in done.stderr


def test_tables_for_people(folder: Path) -> None:
    assert (
        "IGHV01" in run("calibrate", folder / "id.tsv", "--subject", "S", "-o", folder / "t.parquet").stdout
    )
    assert "1e-5:positive" in run("track", folder / "mrd.tsv", "--targets", folder / "t.parquet").stdout
