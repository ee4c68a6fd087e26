"""`mrdkit flow expression`: fields, files in order, exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from flow_data import HEALTHY, marrow
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import InputError, RuleError, UsageError
from mrdkit.flow.fcs_writing import to_fcs


def run(*arguments: object) -> Any:
    words = ["flow", "expression", *(str(argument) for argument in arguments), "--panel", "b_all_fixed"]
    return CliRunner().invoke(app, words)


def answer(*arguments: object, code: int = 0) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def tubes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("expression")
    counts = {
        "diagnosis": {**HEALTHY, "blast": 3_000},
        "relapse": {**HEALTHY, "blast without CD22": 3_000},
        "remission": HEALTHY,
    }
    for name, cells in counts.items():
        (folder / f"{name}.fcs").write_bytes(to_fcs(marrow(cells), values="linear"))
    return {name: folder / f"{name}.fcs" for name in counts}


def test_results_stand_in_the_order_of_the_command_line(tubes: dict[str, Path], tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.fcs"
    damaged.write_bytes(b"FCS3.1")
    document = answer(
        tubes["relapse"], damaged, tubes["remission"], tubes["diagnosis"], "--markers", "CD22, CD19", code=4
    )
    assert [Path(result["path"]).stem for result in document["results"]] == [
        "relapse",
        "remission",
        "diagnosis",
    ]
    assert [failure["path"] for failure in document["failures"]] == [str(damaged)]
    states = [result["state"] for result in document["results"]]
    assert states == ["evaluable", "not_evaluable", "evaluable"]
    assert [row["marker"] for row in document["results"][0]["markers"]] == ["CD22", "CD19"]
    assert document["results"][0]["comparison"] is None


def test_the_same_files_give_the_same_bytes(tubes: dict[str, Path]) -> None:
    words = (tubes["relapse"], "--markers", "CD22", "--diagnosis", tubes["diagnosis"], "--json")
    assert run(*words).stdout == run(*words).stdout


def test_a_diagnosis_is_set_beside_the_later_tube(tubes: dict[str, Path]) -> None:
    document = answer(tubes["relapse"], "--markers", "CD22", "--diagnosis", tubes["diagnosis"])
    (result,) = document["results"]
    assert result["comparison"][0]["change"] == "lost"
    assert "LOSS_CD22" in result["flags"]


def test_a_control_may_serve_one_marker_or_all(tubes: dict[str, Path]) -> None:
    for option in (f"CD22={tubes['relapse']}", str(tubes["relapse"])):
        (result,) = answer(tubes["diagnosis"], "--markers", "CD22", "--control", option)["results"]
        assert result["markers"][0]["cutoff_method"] == "control:q0.99"


def test_a_table_for_people_shows_every_marker(tubes: dict[str, Path]) -> None:
    result = run(tubes["diagnosis"], "--markers", "CD19,CD22")
    assert result.exit_code == 0
    assert result.stdout.count("internal_negative:t_cells:q0.99") == 2
    assert "CD22_POSITIVE" in result.stdout


def test_an_unclear_command_is_refused(tubes: dict[str, Path]) -> None:
    tube = tubes["diagnosis"]
    refused = {
        ("--markers", "CD99"): UsageError,
        ("--markers", ""): UsageError,
        ("--markers", "CD58"): RuleError,
        ("--markers", "CD22", "--control", str(tube), "--diagnosis", str(tube)): UsageError,
        ("--markers", "CD22", "--control", str(tubes["remission"])): InputError,
        ("--markers", "CD22", "--control", "CD22=nowhere.fcs"): InputError,
    }
    for words, error in refused.items():
        assert isinstance(run(tube, *words).exception, error), words
