"""`mrdkit flow quality`: fields, masks beside them, exit codes, a laboratory's own thresholds."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from quality_tubes import clean_tube
from typer.testing import CliRunner

from mrdkit import reference
from mrdkit.cli.root import app
from mrdkit.errors import RuleError, UsageError
from mrdkit.flow.fcs_writing import to_fcs

NAMES = ["time_axis", "flow_rate", "gaps", "clogs", "signal_drift", "margin", "doublets", "debris"]


def answer(*arguments: object, code: int = 0) -> Any:
    result = CliRunner().invoke(
        app, ["flow", "quality", *(str(argument) for argument in arguments), "--json"]
    )
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def tubes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tubes")
    slow = slice(8000, 14_000)
    made = {
        "clean": clean_tube(1, 20_000),
        "clogged": clean_tube(2, 20_000).slowed(slow, 7.0).dimmed(slow, 0.3),
    }
    for name, tube in made.items():
        (folder / f"{name}.fcs").write_bytes(to_fcs(tube.dataset(), values="stored"))
    return {name: folder / f"{name}.fcs" for name in made}


def test_each_check_answers_with_its_figures(tubes: dict[str, Path]) -> None:
    document = answer(tubes["clean"], tubes["clogged"])
    clean, clogged = document["results"]
    assert clean["path"] == str(tubes["clean"])
    assert (clean["n_events"], clean["flags"], clean["reasons"]) == (20_000, [], [])
    assert clean["rules"] == {"id": "flow_quality", "version": "1"}
    assert [check["name"] for check in clean["checks"]] == NAMES
    assert all(
        set(check) >= {"outcome", "reason", "flags", "figures", "sentence"} for check in clean["checks"]
    )
    assert {"FLOW_RATE_DEPARTS", "CLOG_SUSPECTED"} <= set(clogged["flags"])
    assert any("slow stretches" in reason for reason in clogged["reasons"])


def test_masks_hold_one_column_per_check_and_agree_with_the_counts(
    tubes: dict[str, Path], tmp_path: Path
) -> None:
    table = tmp_path / "masks.parquet"
    (result,) = answer(tubes["clogged"], "--masks", table)["results"]
    masks = pl.read_parquet(table)
    assert masks.columns == NAMES
    assert masks.height == result["n_events"]
    assert [masks[check["name"]].sum() for check in result["checks"]] == [
        check["n_flagged"] for check in result["checks"]
    ]
    first = table.read_bytes()
    answer(tubes["clogged"], "--masks", table)
    assert table.read_bytes() == first


def test_one_bad_file_stops_none(tubes: dict[str, Path], tmp_path: Path) -> None:
    document = answer(tmp_path / "missing.fcs", tubes["clean"], code=4)
    assert [failure["error"] for failure in document["failures"]] == ["FILE_MISSING"]
    assert len(document["results"]) == 1
    answer(tmp_path / "missing.fcs", code=3)


@pytest.mark.parametrize(
    ("files", "masks", "code"), [(1, "m.csv", "SUFFIX_UNKNOWN"), (2, "m.parquet", "MASKS_OF_ONE")]
)
def test_masks_that_cannot_be_written_are_a_usage_error(
    tubes: dict[str, Path], files: int, masks: str, code: str
) -> None:
    paths = [str(tubes["clean"])] * files
    result = CliRunner().invoke(app, ["flow", "quality", *paths, "--masks", masks])
    assert isinstance(result.exception, UsageError)
    assert result.exception.code == code


def test_a_laboratory_may_bring_its_own_thresholds(tubes: dict[str, Path], tmp_path: Path) -> None:
    shipped = reference.text("flow", "quality.toml")
    own = tmp_path / "own.toml"
    own.write_text(shipped.replace("flag_more_than_percent = 10.0", "flag_more_than_percent = 0.1"))
    (result,) = answer(tubes["clean"], "--rules", own)["results"]
    assert result["flags"] == ["MANY_DOUBLETS"]
    own.write_text(shipped.replace("mad_more_than = 6.0", "mad_more_then = 6.0"))
    refused = CliRunner().invoke(app, ["flow", "quality", str(tubes["clean"]), "--rules", str(own)])
    assert isinstance(refused.exception, RuleError)


def test_people_see_a_table(tubes: dict[str, Path]) -> None:
    shown = CliRunner().invoke(app, ["flow", "quality", str(tubes["clogged"])])
    assert shown.exit_code == 0
    assert "CLOG_SUSPECTED" in shown.stdout
