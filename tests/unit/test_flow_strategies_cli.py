"""`mrdkit flow gate --gating` with Gating-ML and FlowJo files, and `mrdkit flow export-gating`."""

import json
from pathlib import Path
from typing import Any

import pytest
from fcs_files import fcs_bytes, packed
from gating_documents import gate_of, gatingml, population, rectangle, workspace
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import MrdkitError

TEMPLATE = """
id = "t"
version = "1"
source = "made"
[gating.axis]
CD19 = { marker = "CD19", compensation = "uncompensated", scale = "none" }
[[gating.gate]]
kind = "rectangle"
name = "B"
bounds = [{ axis = "CD19", min = 1.0 }]
"""


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["flow", *(str(argument) for argument in arguments)])


def answer(*arguments: object) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(*arguments: object) -> MrdkitError:
    result = run(*arguments)
    assert isinstance(result.exception, MrdkitError), result.output  # `main` turns it into an exit code
    assert result.stdout == ""
    return result.exception


@pytest.fixture
def tube(tmp_path: Path) -> Path:
    path = tmp_path / "tube.fcs"
    events = [[0.5, 1.0], [1.5, 1.0], [1.7, 1.0]]
    path.write_bytes(
        fcs_bytes(
            events,
            names=("X", "Y"),
            keywords={"$FIL": "Tube_007.fcs", "$P1S": "CD19 PE"},
            data=packed(events, numbers=["F", "F"], bits=[32, 32]),
        )
    )
    return path


@pytest.fixture
def wsp(tmp_path: Path) -> Path:
    path = tmp_path / "study.wsp"
    tree = [population("A", gate_of("RectangleGate", ["X|1|2"]), count=1)]
    path.write_text(workspace(tree, names=("other.fcs", "Tube_007.fcs"), count=3), encoding="utf-8")
    return path


@pytest.fixture
def xml(tmp_path: Path) -> Path:
    path = tmp_path / "strategy.xml"
    path.write_text(gatingml(rectangle("A", {"X": (1.0, 2.0)})), encoding="utf-8")
    return path


def test_gating_ml_gates_a_file(tube: Path, xml: Path) -> None:
    document = answer("gate", tube, "--gating", xml)
    assert document["gates"][0]["count"] == 2
    assert document["gates"][0]["count_in_workspace"] is None
    assert (document["flags"], document["reasons"]) == ([], [])


def test_a_workspace_gates_the_file_of_the_samples_name_and_compares_counts(tube: Path, wsp: Path) -> None:
    document = answer("gate", tube, "--gating", wsp)  # found by $FIL
    assert document["gates"] == [
        {
            "id": "A",
            "path": ["A"],
            "count": 2,
            "percent_of_parent": pytest.approx(200 / 3),
            "percent_of_total": pytest.approx(200 / 3),
            "count_in_workspace": 1,
            "method": None,
            "shape": None,
            "figures": None,
        }
    ]
    assert document["flags"] == ["FLOWJO_COUNT_DIFFERS"]
    assert document["reasons"] == [
        "Sample 2 of 2 in the workspace was taken, by the name of the file.",
        "Gate A: 2 events here, 1 in the workspace.",
    ]
    assert "count_in_workspace" in run("gate", tube, "--gating", wsp).stdout


def test_a_file_of_another_name_needs_the_sample(tube: Path, wsp: Path) -> None:
    wsp.write_text(wsp.read_text("utf-8").replace("Tube_007", "Tube_008"), encoding="utf-8")
    error = refused("gate", tube, "--gating", wsp)
    assert (error.exit_code, error.code, error.file) == (2, "SAMPLE_UNKNOWN", str(wsp))
    assert "Tube_008" not in str(error)
    document = answer("gate", tube, "--gating", wsp, "--sample", "Tube_008.fcs")
    assert document["flags"] == ["SAMPLE_NAME_DIFFERS", "FLOWJO_COUNT_DIFFERS"]


def test_other_events_than_the_workspaces_are_flagged(tube: Path, wsp: Path) -> None:
    wsp.write_text(wsp.read_text("utf-8").replace('count="3"', 'count="4"'), encoding="utf-8")
    reasons = answer("gate", tube, "--gating", wsp)["reasons"]
    assert "The file has 3 events, the workspace's sample 4." in reasons


def test_a_sample_of_what_holds_none_is_a_usage_error(tube: Path, xml: Path, tmp_path: Path) -> None:
    template = tmp_path / "t.toml"
    template.write_text(TEMPLATE, encoding="utf-8")
    for strategy in (xml, template):
        error = refused("gate", tube, "--gating", strategy, "--sample", "A")
        assert (error.exit_code, error.code) == (2, "SAMPLE_NOT_USED")


def test_a_strategy_that_cannot_be_honoured_exits_3(tube: Path, xml: Path) -> None:
    xml.write_text(f"<!DOCTYPE x>{xml.read_text('utf-8')}", encoding="utf-8")
    error = refused("gate", tube, "--gating", xml, "--json")
    assert (error.exit_code, error.code) == (3, "XML_DOCTYPE")


def test_export_writes_what_gates_the_same(tube: Path, wsp: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xml"
    document = answer("export-gating", wsp, "--for", tube, "-o", out)
    assert document == {
        "path": str(wsp),
        "output": str(out),
        "n_gates": 1,
        "flags": [],
        "reasons": ["Sample 2 of 2 in the workspace was taken, by the name of the file."],
    }
    assert answer("gate", tube, "--gating", out)["gates"][0]["count"] == 2
    first = out.read_bytes()
    assert "n_gates" in run("export-gating", wsp, "--sample", "Tube_007.fcs", "-o", out).stdout
    assert out.read_bytes() == first


def test_export_resolves_markers_with_a_file_only(tube: Path, tmp_path: Path) -> None:
    template, out = tmp_path / "t.toml", tmp_path / "out.xml"
    template.write_text(TEMPLATE, encoding="utf-8")
    error = refused("export-gating", template, "-o", out)
    assert (error.exit_code, error.code, out.exists()) == (3, "GML_CANNOT_EXPRESS", False)
    assert "--for" in str(error)
    answer("export-gating", template, "--for", tube, "-o", out)
    assert answer("gate", tube, "--gating", out)["gates"][0]["count"] == 2
    foreign = tmp_path / "foreign.fcs"
    foreign.write_bytes(fcs_bytes([[1.0]]))
    missing = refused("export-gating", template, "--for", foreign, "-o", out)
    assert (missing.exit_code, missing.code, missing.file) == (3, "MARKER_MISSING", str(foreign))


def test_export_overwrites_no_strategy_and_writes_xml_only(xml: Path, tmp_path: Path) -> None:
    assert refused("export-gating", xml, "-o", xml).code == "OUTPUT_IS_INPUT"
    assert refused("export-gating", xml, "-o", tmp_path / "out.wsp").code == "SUFFIX_UNKNOWN"
