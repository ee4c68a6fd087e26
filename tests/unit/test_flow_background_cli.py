"""`mrdkit flow background`, and `mrdkit flow call` with its file: fields, files, exit codes."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from blank_tubes import DIAGNOSIS, FOLLOW_UP, PANEL, blanks, tube
from flow_data import marrow
from typer.testing import CliRunner, Result

from mrdkit.cli.root import app
from mrdkit.errors import MrdkitError
from mrdkit.files import write_text
from mrdkit.flow import read_fcs
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.fcs_writing import to_fcs
from mrdkit.flow.mrd.background_file import background_text, read_background
from mrdkit.flow.mrd.background_patient import for_patient

pytestmark = pytest.mark.simulated

MRD = ("--panel", "b_all_mrd")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["flow", *map(str, arguments)])


def answer(*arguments: object, code: int = 0) -> Any:  # a JSON document
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def error_of(result: Result) -> MrdkitError:
    assert isinstance(result.exception, MrdkitError), result.output
    return result.exception


def written(path: Path, made: FcsDataset) -> Path:
    path.write_bytes(to_fcs(made, values="stored"))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("background")


@pytest.fixture(scope="module")
def files(folder: Path) -> list[Path]:
    return [written(folder / name, made) for name, made in blanks()]


@pytest.fixture(scope="module")
def diagnosis(folder: Path) -> Path:
    return written(folder / "diagnosis.fcs", tube(DIAGNOSIS, 1))


@pytest.fixture(scope="module")
def follow_up(folder: Path) -> Path:
    return written(folder / "follow_up.fcs", tube({**FOLLOW_UP, "blast": 100}, 2))


@pytest.fixture(scope="module")
def made(folder: Path, files: list[Path]) -> tuple[Path, Any]:
    output = folder / "background.json"
    return output, answer("background", *files, *MRD, "-o", output)


@pytest.fixture(scope="module")
def of_patient(folder: Path, made: tuple[Path, Any], diagnosis: Path) -> Path:
    output = folder / "patient.json"
    write_text(output, background_text(for_patient(read_background(made[0]), PANEL, read_fcs(diagnosis))))
    return output


def test_the_answer_is_the_file_without_its_cells(made: tuple[Path, Any], files: list[Path]) -> None:
    output, document = made
    stored = json.loads(output.read_text(encoding="utf-8"))
    assert document.pop("output") == str(output)
    assert document == {name: stored[name] for name in document}
    assert [origin["path"] for origin in document["created_from"]] == [str(path) for path in files]
    assert [origin["sha256"] for origin in document["created_from"]] == [
        read_fcs(path).sha256 for path in files
    ]
    assert (document["panel"], document["n_blanks"], document["provisional"]) == ("b_all_mrd", 20, True)
    assert document["flags"] == ["BACKGROUND_PROVISIONAL"]
    assert "60 blanks" in document["reasons"][0]


def test_a_call_uses_the_patients_background(of_patient: Path, follow_up: Path, tmp_path: Path) -> None:
    table = tmp_path / "members.parquet"
    document = answer("call", follow_up, *MRD, "--background", of_patient, "--membership", table)
    (call,) = document["results"]
    assert (call["state"], call["status"]) == ("positive", {"1e-4": "positive"})
    assert call["lob"] is not None
    assert "BACKGROUND_PROVISIONAL" in call["flags"]
    members = pl.read_parquet(table)
    assert members["target"].sum() == call["n_target"] == pytest.approx(100, abs=3)
    assert "b_lineage" in members.columns


def test_a_diagnosis_given_with_the_call_says_the_same(
    made: tuple[Path, Any], of_patient: Path, diagnosis: Path, follow_up: Path
) -> None:
    beside = answer("call", follow_up, *MRD, "--background", made[0], "--diagnosis", diagnosis)
    assert beside == answer("call", follow_up, *MRD, "--background", of_patient)


def test_a_defective_tube_leaves_with_4(of_patient: Path, tmp_path: Path) -> None:
    clogged = written(
        tmp_path / "clogged.fcs", marrow(FOLLOW_UP, clogged=True, height_noise=0.02, spread=3.0)
    )
    document = answer("call", clogged, *MRD, "--background", of_patient, code=4)
    assert document["results"][0]["state"] == "not_evaluable"


def test_people_read_a_table_and_a_warning(tmp_path: Path) -> None:
    counts = {
        "t": 2_000,
        "granulocyte": 3_000,
        "monocyte": 600,
        "erythroid": 1_500,
        "b": 400,
        "hematogone": 200,
    }
    tight = [written(tmp_path / f"{seed}.fcs", marrow(counts, seed=seed)) for seed in range(20)]
    result = run("background", *tight, "--panel", "b_all_fixed", "-o", tmp_path / "b.json")
    assert result.exit_code == 0, result.output
    assert "b_all_fixed" in result.output
    assert "provisional" in result.output


def test_fewer_than_20_blanks_leave_no_file(files: list[Path], tmp_path: Path) -> None:
    output = tmp_path / "few.json"
    error = error_of(run("background", *files[:19], *MRD, "-o", output))
    assert (error.code, error.exit_code) == ("BLANKS_TOO_FEW", 3)
    assert not output.exists()


def test_a_repeated_or_missing_blank_leaves_no_file(files: list[Path], tmp_path: Path) -> None:
    output = tmp_path / "none.json"
    twice = error_of(run("background", *files[:19], files[0], *MRD, "-o", output))
    assert (twice.code, twice.file, twice.exit_code) == ("BLANK_REPEATED", str(files[0]), 3)
    missing = error_of(run("background", *files[:19], tmp_path / "missing.fcs", *MRD, "-o", output))
    assert (missing.code, missing.exit_code) == ("FILE_MISSING", 3)
    assert not output.exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("call", "T", "--panel", "b_all_mrd"), "BACKGROUND_REQUIRED"),
        (("call", "T", "--panel", "b_all_fixed", "--background", "B"), "BACKGROUND_OF_OTHER_PANEL"),
        (("call", "T", "--panel", "b_all_fixed", "--background", "B", "--diagnosis", "D"), "OPTION_NOT_USED"),
        (("call", "T", "--panel", "b_all_mrd", "--diagnosis", "D"), "OPTION_NOT_USED"),
        (("background", "T", "--panel", "b_all_fixed", "--diagnosis", "D", "-o", "O"), "OPTION_NOT_USED"),
    ],
)
def test_what_does_not_fit_together_is_a_usage_error(
    made: tuple[Path, Any], diagnosis: Path, follow_up: Path, arguments: tuple[str, ...], code: str
) -> None:
    given = {"T": follow_up, "B": made[0], "D": diagnosis}
    error = error_of(run(*(given.get(word, word) for word in arguments)))
    assert (error.code, error.exit_code) == (code, 2)


def test_a_damaged_background_is_refused(made: tuple[Path, Any], follow_up: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.json"
    damaged.write_bytes(made[0].read_bytes()[:-100])
    error = error_of(run("call", follow_up, *MRD, "--background", damaged))
    assert (error.code, error.file, error.exit_code) == ("BACKGROUND_INVALID", str(damaged), 3)


def test_a_diagnosis_without_blasts_is_named(made: tuple[Path, Any], follow_up: Path, tmp_path: Path) -> None:
    empty = written(tmp_path / "empty.fcs", tube({**DIAGNOSIS, "blast": 0, "b": 3_000}, 9))
    error = error_of(run("call", follow_up, *MRD, "--background", made[0], "--diagnosis", empty))
    assert (error.code, error.file, error.exit_code) == ("DIAGNOSIS_BLASTS_NOT_FOUND", str(empty), 3)
