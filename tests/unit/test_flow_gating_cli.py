"""`mrdkit flow gate` and `mrdkit flow call`: fields of the contract, files in order, exit codes."""

import json
from pathlib import Path
from typing import Any

import flow_data
import flowio
import polars as pl
import pytest
from flow_data import HEALTHY, marrow
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import InputError, UsageError
from mrdkit.flow.dataset import FcsDataset

GATING = Path(__file__).with_name("flow_hierarchy.toml")


def written(folder: Path, name: str, tube: FcsDataset) -> Path:
    path = folder / name
    spill = tube.spillover
    cells = []
    if spill is not None:
        cells = [str(len(spill.channels)), *spill.channels]
        cells += [repr(number) for row in spill.matrix for number in row]
    with path.open("wb") as file:
        flowio.create_fcs(
            file,
            tube.linear().astype("float32").ravel(),
            [channel.name for channel in tube.channels],
            opt_channel_names=[channel.label for channel in tube.channels],
            metadata_dict={"spillover": ",".join(cells)} if cells else {},
        )
    return path


def answer(*arguments: object, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["flow", *(str(argument) for argument in arguments)])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def tubes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tubes")
    return {
        "positive": written(folder, "positive.fcs", marrow({**HEALTHY, "blast": 60})),
        "negative": written(folder, "negative.fcs", marrow(HEALTHY)),
        "no_matrix": written(folder, "no_matrix.fcs", marrow(HEALTHY, without_spillover=True)),
    }


def test_gate_answers_with_the_fields_of_the_contract(tmp_path: Path) -> None:
    file = written(
        tmp_path, "plane.fcs", flow_data.dataset([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0]], ("X", "Y"))
    )
    table = tmp_path / "members.parquet"
    document = answer("gate", file, "--gating", GATING, "--dataset", 0, "--membership", table, "--json")
    assert document["path"] == str(file)
    assert document["n_events"] == 3
    assert document["gates"][1] == {
        "id": "Y+",
        "path": ["X+", "Y+"],
        "count": 1,
        "percent_of_parent": 50.0,
        "percent_of_total": pytest.approx(100.0 / 3.0),
        "count_in_workspace": None,
        "method": None,
        "shape": None,
        "figures": None,
    }
    assert (document["flags"], document["reasons"]) == ([], [])
    members = pl.read_parquet(table)
    assert members.columns == [gate["id"] for gate in document["gates"]]
    assert members["Y+"].to_list() == [True, False, False]


def test_call_answers_with_the_fields_of_the_contract(tubes: dict[str, Path], tmp_path: Path) -> None:
    table = tmp_path / "members.parquet"
    document = answer(
        "call",
        tubes["positive"],
        "--panel",
        "b_all_fixed",
        "--membership",
        table,
        "--targeted",
        "CD19",
        "--json",
    )
    (result,) = document["results"]
    assert result["path"] == str(tubes["positive"])
    assert (result["state"], result["status"], result["n_target"]) == ("positive", {"1e-4": "positive"}, 60)
    assert {
        "detected", "quantifiable", "n_denominator", "denominator", "n_hematogones", "fraction", "ci_low",
        "ci_high", "lob", "lod", "loq", "sensitivity", "lineage_arms", "gates", "flags", "reasons",
    } <= set(result)  # fmt: skip
    assert result["lineage_arms"][0]["markers"] == ["CD19"]
    assert pl.read_parquet(table)["blasts"].sum() == 60


def test_several_files_keep_their_order_and_one_bad_file_stops_none(
    tubes: dict[str, Path], tmp_path: Path
) -> None:
    missing = tmp_path / "missing.fcs"
    document = answer(
        "call", tubes["negative"], missing, tubes["no_matrix"], "--panel", "b_all_fixed", "--json", code=4
    )
    assert [result["state"] for result in document["results"]] == ["negative", "not_evaluable"]
    assert [failure["error"] for failure in document["failures"]] == ["FILE_MISSING"]
    assert document["results"][1]["fraction"] is None


def test_exit_codes(tubes: dict[str, Path], tmp_path: Path) -> None:
    answer("call", tubes["no_matrix"], "--panel", "b_all_fixed", "--json", code=4)
    answer("call", tmp_path / "missing.fcs", "--panel", "b_all_fixed", "--json", code=3)
    people = CliRunner().invoke(app, ["flow", "call", str(tubes["negative"]), "--panel", "b_all_fixed"])
    assert people.exit_code == 0
    assert "negative" in people.stdout


def test_memberships_of_another_format_are_a_usage_error(tubes: dict[str, Path]) -> None:
    command = ["flow", "call", str(tubes["negative"]), "--panel", "b_all_fixed", "--membership", "m.csv"]
    result = CliRunner().invoke(app, command)
    assert isinstance(result.exception, UsageError)
    assert "Parquet" in str(result.exception)
    assert result.exception.exit_code == 2


def test_a_strategy_of_a_later_version_is_refused(tubes: dict[str, Path], tmp_path: Path) -> None:
    strategy = tmp_path / "s.wsp"
    strategy.write_text("<Workspace/>", encoding="utf-8")
    result = CliRunner().invoke(app, ["flow", "gate", str(tubes["negative"]), "--gating", str(strategy)])
    assert isinstance(result.exception, InputError)
    assert result.exception.exit_code == 3


def test_gate_traces_an_event_and_takes_a_matrix_in_place_of_the_files(tmp_path: Path) -> None:
    tube = flow_data.dataset([[60.0, 100.0], [5.0, 100.0]], ("X", "Y"))
    file = written(tmp_path, "plane.fcs", tube)
    matrix = tmp_path / "matrix.csv"
    matrix.write_text("X,Y\n1,0\n0.5,1\n", encoding="utf-8")  # Y leaves half of itself in X
    gating = tmp_path / "gates.toml"
    gating.write_text(
        'id = "t"\nversion = "1"\nsource = "test"\n'
        '[gating.axis]\nx = { channel = "X", compensation = "FCS", scale = "none" }\n'
        '[[gating.gate]]\nkind = "range"\nname = "X+"\nbounds = [{ axis = "x", min = 0.0 }]\n'
        '[[gating.gate]]\nkind = "range"\nname = "high"\nparent = "X+"\n'
        'bounds = [{ axis = "x", min = 8.0 }]\n',
        encoding="utf-8",
    )
    plain = answer("gate", file, "--gating", gating, "--json")
    assert [gate["count"] for gate in plain["gates"]] == [2, 1]
    assert plain["why"] is None
    found = answer("gate", file, "--gating", gating, "--spillover", matrix, "--why", 1, "--json")
    assert [gate["count"] for gate in found["gates"]] == [1, 1]
    assert "SPILLOVER_REPLACED" in found["flags"]
    assert found["why"] == [
        {"id": "X+", "inside": False, "dropped_by": "X+", "coordinates": {"x": -45.0}},
        {"id": "high", "inside": False, "dropped_by": "X+", "coordinates": {"x": -45.0}},
    ]
    beyond = CliRunner().invoke(app, ["flow", "gate", str(file), "--gating", str(gating), "--why", "2"])
    assert beyond.exit_code != 0
    assert isinstance(beyond.exception, UsageError)
