"""`mrdkit flow dilute`, and `mrdkit flow validate` on the calls of what it made: files, fields, refusals."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from flow_data import HEALTHY, marrow
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import MrdkitError
from mrdkit.flow.fcs_writing import to_fcs

CELLS = {name: count // 4 for name, count in HEALTHY.items()}
COLUMNS = (
    "file level replicate n_leukemic n_denominator true_fraction n_clipped sha256 dx_sha256 normal_sha256 "
    "seed aligned"
).split()


def write(path: Path, counts: dict[str, int], seed: int) -> Path:
    tube = marrow(counts, seed=seed, spread=5.0, height_noise=0.025)
    path.write_bytes(to_fcs(tube, values="stored"))
    return path


@pytest.fixture(scope="module")
def tubes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Return a diagnosis tube and two without leukemia, named as no output may be."""
    folder = tmp_path_factory.mktemp("tubes")
    diagnosis = write(folder / "PATIENT-NAME.fcs", {**CELLS, "blast": 20_000}, 1)
    return diagnosis, write(folder / "a.fcs", CELLS, 2), write(folder / "b.fcs", CELLS, 3)


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["flow", *(str(argument) for argument in arguments)])


def dilute(tubes: tuple[Path, ...], folder: Path, *more: object, levels: str = "1e-2,0") -> Any:
    return run("dilute", *tubes, "--levels", levels, "--panel", "b_all_mrd", "-o", folder, *more)


@pytest.fixture(scope="module")
def series(tubes: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of two tubes per normal tube at 1e-2, and one blank each."""
    folder = tmp_path_factory.mktemp("series")
    assert dilute(tubes, folder, "--replicates", 2).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def calls(series: Path) -> dict[str, Any]:
    result = run("call", *sorted(series.glob("*.fcs")), "--panel", "b_all_fixed", "--json")
    assert result.exit_code in {0, 4}, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def manifest_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def refused(result: Any, code: str, exit_code: int) -> None:
    error = result.exception
    assert isinstance(error, MrdkitError), result.output
    assert (error.code, error.exit_code) == (code, exit_code)


def validate(folder: Path, calls: object, tmp_path: Path) -> Any:
    path = tmp_path / "calls.json"
    path.write_text(calls if isinstance(calls, str) else json.dumps(calls), encoding="utf-8")
    manifest = folder / "manifest.csv"
    return run("validate", "--calls", path, "--manifest", manifest, "--panel", "b_all_fixed", "--json")


# --- dilute -----------------------------------------------------------------------------------------------


def test_the_manifest_says_what_each_tube_holds(series: Path, tubes: tuple[Path, ...]) -> None:
    rows = manifest_of(series)
    assert list(rows[0]) == COLUMNS
    assert [(row["level"], row["replicate"]) for row in rows] == [
        ("0.01", "1"),
        ("0.01", "2"),
        ("0", "1"),
        ("0.01", "3"),
        ("0.01", "4"),
        ("0", "2"),
    ]
    assert {path.name for path in series.iterdir()} == {"manifest.csv", *(row["file"] for row in rows)}
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in tubes]
    for row in rows:
        assert hashlib.sha256((series / row["file"]).read_bytes()).hexdigest() == row["sha256"]
        assert float(row["true_fraction"]) == int(row["n_leukemic"]) / int(row["n_denominator"])
        assert row["dx_sha256"] == digests[0]
    assert [row["normal_sha256"] for row in rows] == [digests[1]] * 3 + [digests[2]] * 3
    assert "PATIENT" not in (series / "manifest.csv").read_text(encoding="utf-8")


def test_the_same_command_gives_the_same_bytes_and_another_seed_others(
    series: Path, tubes: tuple[Path, ...], tmp_path: Path
) -> None:
    for _ in range(2):  # the second time over its own files
        assert dilute(tubes, tmp_path, "--replicates", 2).exit_code == 0
    same = {path.name: path.read_bytes() for path in series.iterdir()}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == same
    assert dilute(tubes, tmp_path, "--replicates", 2, "--seed", 2).exit_code == 0
    name = "dilution_0.01_001.fcs"
    assert (tmp_path / name).read_bytes() != same[name]


def test_the_document(tubes: tuple[Path, ...], tmp_path: Path) -> None:
    result = dilute(tubes, tmp_path, "--no-align", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["aligned"] is False
    assert found["n_leukemic_cells"] > 15_000
    assert [set(tube) for tube in found["tubes"]] == [set(COLUMNS)] * 4
    assert [normal["path"] for normal in found["normals"]] == [str(path) for path in tubes[1:]]
    assert set(found["normals"][0]["shifts"]) >= {"CD10", "CD19", "CD45"}
    assert found["flags"] == ["TIMESTEP_MISSING", "BLASTS_WITHOUT_REFERENCE", "NOT_ALIGNED"]


def test_people_get_a_table_and_reasons(tubes: tuple[Path, ...], tmp_path: Path) -> None:
    result = dilute(tubes[:2], tmp_path)
    assert result.exit_code == 0
    assert "dilution_0.01_001.fcs" in result.output
    assert "BLASTS_WITHOUT_REFERENCE" in result.output


@pytest.mark.parametrize(
    ("levels", "code"),
    [("1e-3,x", "LEVELS_INVALID"), ("1e-3,1e-3", "SERIES_UNCLEAR"), ("2", "SERIES_UNCLEAR")],
)
def test_unclear_levels(tubes: tuple[Path, ...], tmp_path: Path, levels: str, code: str) -> None:
    refused(dilute(tubes, tmp_path, levels=levels), code, 2)
    assert not list(tmp_path.iterdir())


def test_a_tube_given_twice_is_refused(tubes: tuple[Path, ...], tmp_path: Path) -> None:
    refused(dilute((tubes[0], tubes[1], tubes[1]), tmp_path), "FILE_REPEATED", 2)
    refused(dilute((tubes[0], tubes[0]), tmp_path), "FILE_REPEATED", 2)
    assert not (tmp_path / "manifest.csv").exists()


def test_an_input_is_never_replaced(tubes: tuple[Path, ...], tmp_path: Path) -> None:
    normal = tmp_path / "dilution_0_001.fcs"
    normal.write_bytes(tubes[1].read_bytes())
    refused(dilute((tubes[0], normal), tmp_path, levels="0"), "OUTPUT_IS_INPUT", 2)
    assert normal.read_bytes() == tubes[1].read_bytes()


def test_the_manifest_of_a_study_is_never_replaced(tubes: tuple[Path, ...], tmp_path: Path) -> None:
    other = tmp_path / "manifest.csv"
    other.write_text("subject_id,visit,path\nS1,baseline,tube.fcs\n", encoding="utf-8")
    refused(dilute(tubes, tmp_path), "OUTPUT_EXISTS", 2)
    assert other.read_text(encoding="utf-8").startswith("subject_id")


def test_too_few_blasts_for_a_level_name_the_tube_and_write_nothing(
    tubes: tuple[Path, ...], tmp_path: Path
) -> None:
    result = dilute(tubes, tmp_path, levels="1e-3,0.9")
    refused(result, "DILUTION_CELLS_TOO_FEW", 3)
    assert result.exception.file == str(tubes[1])
    assert not list(tmp_path.iterdir())


# --- validate ---------------------------------------------------------------------------------------------


def test_calls_and_manifest_are_the_table_of_results(
    series: Path, calls: dict[str, Any], tmp_path: Path
) -> None:
    result = validate(series, calls, tmp_path)
    assert result.exit_code == 0, result.output
    by_file = {Path(call["path"]).name: call for call in calls["results"]}
    lines = ["level,replicate,fraction,detected,state"]
    for row in manifest_of(series):
        call = by_file[row["file"]]
        values = (row["level"], row["replicate"], call["fraction"], call["detected"], call["state"])
        lines.append(",".join("" if value is None else str(value) for value in values))
    table = tmp_path / "results.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert run("validate", table, "--panel", "b_all_fixed", "--json").stdout == result.stdout
    (level,) = json.loads(result.stdout)["levels"]
    assert (level["level"], level["n"]) == (0.01, 4)


def changed(calls: dict[str, Any], **changes: object) -> dict[str, Any]:
    """Return the calls with other fields in the first one."""
    first, *rest = calls["results"]
    return {**calls, "results": [{**first, **changes}, *rest]}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda _: "", "CALLS_INVALID"),
        (lambda _: "[" * 100_000, "CALLS_INVALID"),
        (lambda _: [], "CALLS_INVALID"),
        (lambda calls: {"results": calls["results"]}, "CALLS_INVALID"),
        (lambda calls: changed(calls, state="unsure"), "CALLS_INVALID"),
        (lambda calls: changed(calls, fraction=None, state="positive"), "CALLS_INVALID"),
        (lambda calls: changed(calls, fraction=1.5), "CALLS_INVALID"),
        (lambda calls: changed(calls, fraction=float("nan")), "CALLS_INVALID"),
        (lambda calls: changed(calls, panel="other"), "CALLS_OF_OTHER_PANEL"),
        (lambda calls: changed(calls, evidence={"inputs": []}), "SHA256_MISMATCH"),
        (lambda calls: changed(calls, path="elsewhere/other.fcs"), "TUBE_NOT_CALLED"),
        (lambda calls: {**calls, "results": calls["results"][1:]}, "TUBE_NOT_CALLED"),
        (lambda calls: {**calls, "results": calls["results"] * 2}, "TUBE_CALLED_TWICE"),
        (
            lambda calls: {
                **calls,
                "results": [*calls["results"], {**calls["results"][0], "path": "other.fcs"}],
            },
            "CALL_WITHOUT_TUBE",
        ),
        (
            lambda calls: {**calls, "failures": [{"path": "x.fcs", "error": "E", "message": "damaged"}]},
            "TUBE_NOT_CALLED",
        ),
    ],
)
def test_calls_that_do_not_fit_the_manifest_are_refused(
    series: Path, calls: dict[str, Any], tmp_path: Path, change: Any, code: str
) -> None:
    refused(validate(series, change(calls), tmp_path), code, 3)


def test_calls_of_an_earlier_series_are_refused(
    series: Path, calls: dict[str, Any], tubes: tuple[Path, ...], tmp_path: Path
) -> None:
    assert dilute(tubes, tmp_path, "--replicates", 2, "--seed", 9).exit_code == 0
    refused(validate(tmp_path, calls, tmp_path), "SHA256_MISMATCH", 3)
    assert validate(series, calls, tmp_path).exit_code == 0


def test_a_tube_that_was_not_evaluable_counts_as_such(
    series: Path, calls: dict[str, Any], tmp_path: Path
) -> None:
    result = validate(series, changed(calls, state="not_evaluable", fraction=None), tmp_path)
    assert result.exit_code == 0, result.output
    assert "TUBES_NOT_EVALUABLE" in json.loads(result.stdout)["flags"]


@pytest.mark.parametrize(
    "arguments", ["", "r.csv --calls c.json", "r.csv --manifest m.csv", "--calls c.json", "--manifest m.csv"]
)
def test_unclear_results(arguments: str) -> None:
    refused(run("validate", *arguments.split(), "--panel", "b_all_fixed"), "RESULTS_UNCLEAR", 2)
