"""mrdkit flow inspect and convert: fields, formats and exit codes of the contract."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from fcs_files import fcs_bytes
from typer.testing import CliRunner, Result

from mrdkit.cli.root import app
from mrdkit.errors import InputError, UsageError
from mrdkit.flow import read_fcs

NAMES = ["FSC-A", "FL1-A", "FL1-A", "Time"]
EVENTS = [[100.0, 2.5, -3.25, 10.0], [200.0, 4.5, 0.1, 20.0]]
KEYWORDS = {
    "$CYT": "Navios",
    "$OP": "A person",
    "$P1G": "2",
    "$P2S": "CD19 PE",
    "$TIMESTEP": "0.5",
    "$SPILLOVER": "2,FL1-A,FSC-A,1,0.1,0.02,1",
}
CHANNEL_FIELDS = {"index", "name", "label", "bits", "range", "amplification", "gain"}
DATASET_FIELDS = {
    *("index", "version", "cytometer", "n_events", "n_events_declared", "data_type", "byte_order"),
    *("offsets_used", "channels", "spillover", "warnings"),
}


@pytest.fixture
def tube(tmp_path: Path) -> Path:
    path = tmp_path / "tube.fcs"
    path.write_bytes(fcs_bytes(EVENTS, names=NAMES, keywords=KEYWORDS))
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["flow", *map(str, arguments)])


def answer(*arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_inspect_names_everything_of_the_contract(tube: Path) -> None:
    (found,) = answer("inspect", tube)["results"]
    (dataset,) = found["datasets"]
    assert found["path"] == str(tube)
    assert len(found["sha256"]) == 64
    assert found["flags"] == ["DUPLICATE_NAMES"]
    assert dataset.keys() >= DATASET_FIELDS
    assert all(channel.keys() >= CHANNEL_FIELDS for channel in dataset["channels"])
    assert (dataset["version"], dataset["data_type"], dataset["byte_order"]) == ("3.1", "F", "little")
    assert (dataset["cytometer"], dataset["offsets_used"]) == ("Navios", "text")
    assert [channel["name"] for channel in dataset["channels"]] == ["FSC-A", "FL1-A", "FL1-A_2", "Time"]
    assert dataset["channels"][1]["label"] == "CD19 PE"
    assert dataset["spillover"] == {"channels": ["FL1-A", "FSC-A"], "matrix": [[1.0, 0.1], [0.02, 1.0]]}
    assert dataset["warnings"][0]["code"] == "DUPLICATE_NAMES"


@pytest.mark.parametrize(
    ("written", "flags"),
    [
        ("FL1-A,FL2-A", []),
        ("Comp-FL1-A,Comp-FL2-A", []),
        ("CD19 PE,CD3", []),
        ("FL1-A,CD3", []),
        ("FL1-A,CD19 PE", ["SPILLOVER_INVALID"]),  # one channel under two names
        ("FL1-A,FL9-A", ["SPILLOVER_UNKNOWN_CHANNEL"]),
    ],
)
def test_a_matrix_may_name_its_channels_by_label(written: str, flags: list[str], tmp_path: Path) -> None:
    path = tmp_path / "labels.fcs"
    keywords = {"$P1S": "CD19 PE", "$P2S": "CD3", "$SPILLOVER": f"2,{written},1,0.1,0.02,1"}
    path.write_bytes(fcs_bytes([[1.0, 2.0]], names=["FL1-A", "FL2-A"], keywords=keywords))
    result = answer("inspect", path)["results"][0]
    assert result["flags"] == flags
    matrix = result["datasets"][0]["spillover"]
    if not flags:
        assert matrix == {"channels": ["FL1-A", "FL2-A"], "matrix": [[1.0, 0.1], [0.02, 1.0]]}


@pytest.mark.parametrize("written", ["FL1-A,FL2-A", "Comp-FL1-A,Comp-FL2-A"])
def test_values_that_may_be_compensated_already_are_flagged(written: str, tmp_path: Path) -> None:
    path = tmp_path / "exported.fcs"
    keywords = {"$SPILLOVER": f"2,{written},1,0.1,0.02,1"}
    path.write_bytes(fcs_bytes([[1.0, 2.0]], names=["Comp-FL1-A", "Comp-FL2-A"], keywords=keywords))
    assert answer("inspect", path)["results"][0]["flags"] == ["PERHAPS_COMPENSATED"]


def test_inspect_counts_events_that_are_no_ordinary_measurement(tmp_path: Path) -> None:
    path = tmp_path / "edges.fcs"
    events = [[-111.0, 1023], [-111.0, 1024], [float("nan"), 5], [float("inf"), 0]]
    path.write_bytes(fcs_bytes(events, ranges=[1024, 1024]))
    (first, second) = answer("inspect", path)["results"][0]["datasets"][0]["channels"]
    assert (first["n_at_floor"], first["n_not_finite"], first["n_clipped"]) == (2, 2, 0)
    assert (second["n_at_floor"], second["n_not_finite"], second["n_clipped"]) == (0, 0, 1)


def test_one_bad_file_stops_nothing(tube: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.fcs"
    bad.write_bytes(b"no FCS")
    result = run("inspect", bad, tube, "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 4
    assert [item["path"] for item in document["results"]] == [str(tube)]
    assert [(item["path"], item["error"]) for item in document["failures"]] == [(str(bad), "NOT_FCS")]
    assert run("inspect", bad).exit_code == 3


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_convert_writes_a_table_of_either_values(tube: Path, tmp_path: Path, suffix: str) -> None:
    output = tmp_path / f"out{suffix}"

    def read() -> pl.DataFrame:
        return pl.read_parquet(output) if suffix == ".parquet" else pl.read_csv(output)

    document = answer("convert", tube, "-o", output)
    assert document["channels"] == ["FSC-A", "FL1-A", "FL1-A_2", "Time"]
    linear = np.array(EVENTS, dtype=np.float32).astype(np.float64) / [2, 1, 1, 1] * [1, 1, 1, 0.5]
    table = read()
    assert table.columns == document["channels"]
    np.testing.assert_array_equal(table.to_numpy(), linear)
    answer("convert", tube, "-o", output, "--values", "stored")
    np.testing.assert_array_equal(read().to_numpy(), np.array(EVENTS, dtype=np.float32))


@pytest.mark.parametrize("values", ["linear", "stored"])
def test_convert_to_fcs_keeps_what_the_values_mean(tube: Path, tmp_path: Path, values: str) -> None:
    output = tmp_path / "out.fcs"
    answer("convert", tube, "-o", output, "--values", values)
    before, after = read_fcs(tube), read_fcs(output)
    np.testing.assert_allclose(after.linear(), before.linear(), rtol=1e-7)
    if values == "stored":
        np.testing.assert_array_equal(after.stored(), before.stored())
    assert after.spillover == before.spillover
    assert after.channels[1].label == "CD19 PE"
    assert not after.warnings
    assert b"A person" not in output.read_bytes()


def test_linear_values_of_logarithms_are_written_as_fcs_and_stored_ones_refused(tmp_path: Path) -> None:
    path, output = tmp_path / "log.fcs", tmp_path / "out.fcs"
    path.write_bytes(fcs_bytes([[0], [512]], number="I", keywords={"$P1R": "1024", "$P1E": "4,1"}))
    answer("convert", path, "-o", output)
    np.testing.assert_allclose(read_fcs(output).linear(), [[1.0], [100.0]])
    assert read_fcs(output).channels[0].range == 10_000
    result = run("convert", path, "-o", output, "--values", "stored")
    assert isinstance(result.exception, UsageError)


def test_a_whole_number_that_float32_would_round_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "large.fcs"
    path.write_bytes(fcs_bytes([[2**24 + 1]], number="I", keywords={"$P1R": str(2**25)}))
    result = run("convert", path, "-o", tmp_path / "out.fcs")
    assert isinstance(result.exception, UsageError)
    assert not (tmp_path / "out.fcs").exists()
    answer("convert", path, "-o", tmp_path / "out.parquet")


def test_same_input_same_bytes(tube: Path, tmp_path: Path) -> None:
    for suffix in ("parquet", "csv", "fcs"):
        outputs = [tmp_path / f"{name}.{suffix}" for name in ("a", "b")]
        for output in outputs:
            answer("convert", tube, "-o", output)
        assert outputs[0].read_bytes() == outputs[1].read_bytes()


@pytest.mark.parametrize(
    ("arguments", "error", "code"),
    [
        (["-o", "out.xls"], UsageError, "FORMAT_UNKNOWN"),
        (["-o", "tube.fcs"], UsageError, "OUTPUT_IS_INPUT"),
        (["-o", "out.csv", "--dataset", "1"], UsageError, "DATASET_UNKNOWN"),
    ],
)
def test_unclear_commands_are_usage_errors(
    tube: Path, arguments: list[str], error: type[Exception], code: str
) -> None:
    places = [str(tube.parent / a) if "." in a else a for a in arguments]
    result = run("convert", tube, *places)
    assert isinstance(result.exception, error)
    assert getattr(result.exception, "code", None) == code


def test_convert_refuses_what_inspect_refuses(tmp_path: Path) -> None:
    path, output = tmp_path / "bad.fcs", tmp_path / "out.csv"
    path.write_bytes(b"no FCS")
    assert isinstance(run("convert", path, "-o", output).exception, InputError)
    assert not output.exists()
