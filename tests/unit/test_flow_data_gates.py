"""Templates with gates found in the data: a whole marrow, order, refusals by name, panels, JSON."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flow_data import HEALTHY, dataset, marrow, measured
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import InputError, RuleError
from mrdkit.flow import Panel, apply_gating, call_flow_mrd, gate_views, load_gating, read_panel
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.fcs_writing import to_fcs
from mrdkit.flow.gates import Box, Polygon
from mrdkit.flow.gatingml_writing import write_gatingml
from mrdkit.flow.template_data_gates import SingletEntry
from mrdkit.flow.template_strategy import strategy_from
from mrdkit.results import Specimen

TEMPLATE = Path(__file__).with_name("flow_data_gates.toml")
HEAD = """
id = "t"
version = "1"
source = "test"

[gating.scale.log]
kind = "log"
T = 10.0
M = 1.0

[gating.axis]
X = { channel = "X", compensation = "uncompensated", scale = "none" }
Y = { channel = "Y", compensation = "uncompensated", scale = "none" }
Xlog = { channel = "X", compensation = "uncompensated", scale = "log" }
"""
VALLEY = 'kind = "valley"\naxis = "X"\nside = "above"\nmin_events = 50'


def gate(name: str, keys: str, parent: str = "") -> str:
    line = f'parent = "{parent}"\n' if parent else ""
    return f'\n[[gating.gate]]\nname = "{name}"\n{line}{keys}\n'


def template(folder: Path, *gates: str) -> Path:
    path = folder / "t.toml"
    path.write_text(HEAD + "".join(gates), encoding="utf-8")
    return path


def two_clouds(n: int, seed: int = 1) -> FcsDataset:
    """Return n events around (0, 0) and n around (10, 10)."""
    rng = np.random.default_rng(seed)
    return dataset(np.concatenate([rng.normal(0.0, 1.0, (n, 2)), rng.normal(10.0, 1.0, (n, 2))]), ("X", "Y"))


@pytest.mark.parametrize("doublets", [0.0, 0.1, 0.3])
def test_a_template_finds_the_populations_of_a_marrow(doublets: float) -> None:
    cells = {**HEALTHY, "blast": 400}
    found = apply_gating(measured(cells, doublets=doublets), load_gating(TEMPLATE))
    expected = {
        "singlets": sum(cells.values()),
        "low SSC": sum(cells.values()) - cells["granulocyte"] - cells["monocyte"],
        "CD19+": cells["b"] + cells["hematogone"] + cells["blast"],
        "CD10+": cells["hematogone"] + cells["blast"],
        "blasts": cells["blast"],
        "granulocytes": cells["granulocyte"] + cells["monocyte"],
        "T cells": cells["t"],
    }
    assert {name: found.counts[name] for name in expected} == pytest.approx(expected, rel=0.03)
    assert found.counts["dimmest half"] == found.counts["blasts"] // 2
    assert found.counts["CD19+ granulocytes"] == 0
    assert found.findings["singlets"].figures["slope"] == pytest.approx(0.8, rel=0.005)
    assert 2.1 < found.findings["CD19+"].figures["threshold"] < 3.5
    referred = found.findings["T cells"].shape
    assert isinstance(referred, Box)
    assert referred.bounds == (
        (found.findings["CD3+"].figures["threshold"], None),
        (None, found.findings["CD19+"].figures["threshold"]),
    )


def test_the_order_of_events_does_not_matter() -> None:
    tube = measured({**HEALTHY, "blast": 400})
    order = np.random.default_rng(1).permutation(tube.n_events)
    strategy = load_gating(TEMPLATE)
    one = apply_gating(tube, strategy)
    two = apply_gating(replace(tube, events=tube.linear()[order]), strategy)
    assert one.counts == two.counts
    for gate_id in one.counts:
        assert np.array_equal(one.membership(gate_id)[order], two.membership(gate_id))


def test_a_search_looks_at_the_events_of_its_parent_only(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    inner = np.column_stack([np.concatenate([rng.normal(m, 0.2, 500) for m in (0.0, 3.0)]), np.ones(1000)])
    outer = np.column_stack([rng.normal(20.0, 1.0, 5_000), np.full(5_000, -1.0)])
    strategy = load_gating(
        template(
            tmp_path,
            gate("Y+", 'kind = "range"\nbounds = [{ axis = "Y", min = 0.0 }]'),
            gate("X+", VALLEY, parent="Y+"),
            gate("X+", VALLEY),
        )
    )
    found = apply_gating(dataset(np.concatenate([inner, outer]), ("X", "Y")), strategy)
    assert found.counts == {"Y+": 1000, "Y+/X+": 500, "X+": 5000}
    assert found.findings["Y+/X+"].n_parent == 1000
    assert "1000 events of Y+" in found.findings["Y+/X+"].sentence


def test_events_without_a_coordinate_are_not_looked_at_and_are_counted(tmp_path: Path) -> None:
    tube = two_clouds(500)
    events = tube.linear()
    strategy = load_gating(template(tmp_path, gate("X+", VALLEY)))
    clean = apply_gating(tube, strategy)
    spoilt = np.concatenate([events, [[np.nan, 0.0], [np.inf, 0.0], [-np.inf, 0.0]]])
    found = apply_gating(dataset(spoilt, ("X", "Y")), strategy)
    assert found.findings["X+"].n_not_finite == 3
    assert found.findings["X+"].shape == clean.findings["X+"].shape
    assert found.counts == clean.counts == {"X+": 500}
    assert found.flags == ("NOT_FINITE_EVENTS",)


def test_a_parent_with_too_few_events_is_refused_by_name(tmp_path: Path) -> None:
    strategy = load_gating(
        template(
            tmp_path,
            gate("few", 'kind = "range"\nbounds = [{ axis = "X", min = 11.0 }]'),
            gate("X+", VALLEY, parent="few"),
        )
    )
    with pytest.raises(InputError) as caught:
        apply_gating(two_clouds(100), strategy)
    error = caught.value
    assert (error.code, error.place) == ("TOO_FEW_EVENTS_FOR_GATE", "gate few/X+")
    assert error.expected == "at least 50 events with finite coordinates in few"
    assert error.found is not None
    assert int(error.found) < 50
    with pytest.raises(InputError, match="all events"):
        apply_gating(dataset([], ("X", "Y")), load_gating(template(tmp_path, gate("X+", VALLEY))))


def test_one_population_is_refused_unless_the_template_says_otherwise(tmp_path: Path) -> None:
    tube = dataset(np.random.default_rng(1).normal(size=(2_000, 2)), ("X", "Y"))
    with pytest.raises(InputError) as caught:
        apply_gating(tube, load_gating(template(tmp_path, gate("X+", VALLEY))))
    assert (caught.value.code, caught.value.place) == ("NO_VALLEY", "gate X+")
    strategy = load_gating(template(tmp_path, gate("X+", VALLEY + "\notherwise = 1.5")))
    found = apply_gating(tube, strategy)
    assert found.findings["X+"].shape == Box(bounds=((1.5, None),))
    assert found.flags == ("VALLEY_NOT_FOUND",)
    assert "fixed cut at 1.5" in found.findings["X+"].sentence


@pytest.mark.parametrize(
    ("sides", "count"), [('["+", "+"]', 500), ('["-", "-"]', 500), ('["+", "-"]', 0), ('["-", "+"]', 0)]
)
def test_two_cuts_make_four_quarters(tmp_path: Path, sides: str, count: int) -> None:
    strategy = load_gating(
        template(
            tmp_path,
            gate("X+", VALLEY),
            gate("Y-", VALLEY.replace('"X"', '"Y"').replace("above", "below")),
            gate("quarter", f'kind = "reference"\naxes = ["X", "Y"]\ngates = ["X+", "Y-"]\nsides = {sides}'),
        )
    )
    assert apply_gating(two_clouds(500), strategy).counts["quarter"] == count


def test_a_reference_to_a_declared_gate_needs_no_search(tmp_path: Path) -> None:
    strategy = load_gating(
        template(
            tmp_path,
            gate("X+", 'kind = "range"\nbounds = [{ axis = "X", min = 5.0 }]'),
            gate("X-", 'kind = "reference"\naxes = ["X"]\ngates = ["X+"]\nsides = ["-"]'),
            gate("again", 'kind = "reference"\naxes = ["X"]\ngates = ["X+"]', parent="X-"),
        )
    )
    found = apply_gating(dataset([[1.0, 0.0], [5.0, 0.0]], ("X", "Y")), strategy)
    assert found.counts == {"X+": 1, "X-": 1, "again": 0}
    assert found.findings["again"].n_parent is None


REFERENCE = 'kind = "reference"\naxes = ["X"]\ngates = ["a"]'
RANGE = 'kind = "range"\nbounds = [{ axis = "X", min = 0.0, max = 1.0 }]'
NOT_A = 'kind = "boolean"\noperator = "not"\ngates = ["a"]'
SINGLET = 'kind = "singlet"\narea = "X"\nheight = "Y"\nlevel = 0.99\nmin_events = 10'
MIXTURE = (
    'kind = "mixture"\naxes = ["X", "Y"]\ncomponents = 2\n'
    "target = [0.0, 0.0]\nquantile = 0.9\nmin_events = 10"
)
TAIL = 'kind = "tail"\naxis = "X"\nside = "above"\ntail = "right"\ntolerance = 0.01\nmin_events = 10'
QUANTILE = 'kind = "quantile"\naxis = "X"\nside = "above"\nprobability = 0.9\nmin_events = 10'


@pytest.mark.parametrize(
    ("gates", "code"),
    [
        # a choice with a clinical meaning has no default
        ([gate("a", VALLEY.replace("\nmin_events = 50", ""))], "RULE_INVALID"),
        ([gate("a", VALLEY.replace('\nside = "above"', ""))], "RULE_INVALID"),
        ([gate("a", TAIL.replace("\ntolerance = 0.01", ""))], "RULE_INVALID"),
        ([gate("a", QUANTILE.replace("\nprobability = 0.9", ""))], "RULE_INVALID"),
        ([gate("a", SINGLET.replace("\nlevel = 0.99", ""))], "RULE_INVALID"),
        ([gate("a", MIXTURE.replace("\ntarget = [0.0, 0.0]", ""))], "RULE_INVALID"),
        # misspelt, of the wrong kind, or not a number
        ([gate("a", VALLEY + "\nminimum = 1.0")], "RULE_INVALID"),
        ([gate("a", VALLEY.replace("above", "upper"))], "RULE_INVALID"),
        ([gate("a", VALLEY + "\notherwise = nan")], "RULE_INVALID"),
        ([gate("a", MIXTURE.replace('["X", "Y"]', '["X"]'))], "RULE_INVALID"),
        # impossible
        ([gate("a", VALLEY.replace("= 50", "= 0"))], "GATE_INVALID"),
        ([gate("a", VALLEY + "\nmin = 1.0\nmax = 1.0")], "GATE_INVALID"),
        ([gate("a", VALLEY + "\nadjust = 0.0")], "GATE_INVALID"),
        ([gate("a", TAIL.replace("0.01", "1.0"))], "GATE_INVALID"),
        ([gate("a", QUANTILE.replace("0.9", "90.0"))], "GATE_INVALID"),
        ([gate("a", SINGLET.replace("0.99", "99.0"))], "GATE_INVALID"),
        ([gate("a", MIXTURE.replace("components = 2", "components = 0"))], "GATE_INVALID"),
        # axes
        ([gate("a", VALLEY.replace('"X"', '"Q"'))], "AXIS_UNKNOWN"),
        ([gate("a", SINGLET.replace('"X"', '"Xlog"'))], "SINGLET_SCALE"),
        # references
        ([gate("b", REFERENCE)], "GATE_UNKNOWN"),
        ([gate("a", VALLEY), gate("b", REFERENCE.replace('["X"]', '["Y"]'))], "REFERENCE_AXES"),
        ([gate("a", VALLEY), gate("b", REFERENCE.replace('["X"]', '["Xlog"]'))], "REFERENCE_AXES"),
        (
            [gate("a", VALLEY), gate("n", NOT_A), gate("b", REFERENCE.replace('"a"', '"n"'))],
            "REFERENCE_INVALID",
        ),
        (
            [gate("a", VALLEY), gate("b", REFERENCE), gate("c", REFERENCE.replace('"a"', '"b"'))],
            "REFERENCE_INVALID",
        ),
        ([gate("a", RANGE), gate("b", REFERENCE + '\nsides = ["-"]')], "REFERENCE_INVALID"),
        ([gate("a", SINGLET), gate("b", REFERENCE + '\nsides = ["-"]')], "REFERENCE_INVALID"),
        ([gate("a", VALLEY), gate("b", REFERENCE.replace('["a"]', '["a", "a"]'))], "GATE_INVALID"),
        ([gate("a", VALLEY), gate("b", REFERENCE + '\nsides = ["-", "+"]')], "GATE_INVALID"),
    ],
)
def test_a_data_gate_that_is_not_exact_is_refused(tmp_path: Path, gates: list[str], code: str) -> None:
    with pytest.raises(RuleError) as caught:
        load_gating(template(tmp_path, *gates))
    assert caught.value.code == code
    assert caught.value.file is not None


def test_the_command_reports_how_each_gate_was_found(tmp_path: Path) -> None:
    tube, path = two_clouds(500), tmp_path / "tube.fcs"
    path.write_bytes(to_fcs(tube, values="linear"))
    gating = template(
        tmp_path,
        gate("X+", VALLEY),
        gate("fixed", 'kind = "range"\nbounds = [{ axis = "X", min = 5.0 }]'),
    )
    result = CliRunner().invoke(app, ["flow", "gate", str(path), "--gating", str(gating), "--json"])
    assert result.exit_code == 0, result.output
    document: Any = json.loads(result.stdout)
    found, fixed = document["gates"]
    assert (found["id"], found["count"], found["method"]) == ("X+", 500, "valley")
    assert found["shape"] == {"kind": "box", "bounds": [[found["figures"]["threshold"], None]]}
    assert (fixed["method"], fixed["shape"], fixed["figures"]) == (None, None, None)
    assert document["reasons"][0].startswith("Gate X+: cut at ")


def test_gating_ml_cannot_say_what_is_yet_to_be_found_but_can_what_was(tmp_path: Path) -> None:
    tube, strategy = two_clouds(500), load_gating(template(tmp_path, gate("X+", VALLEY)))
    with pytest.raises(RuleError) as caught:
        write_gatingml(strategy)
    assert (caught.value.code, caught.value.place) == ("GML_CANNOT_EXPRESS", "gate X+")
    found = apply_gating(tube, strategy)
    path = tmp_path / "found.xml"
    path.write_bytes(write_gatingml(found.strategy))
    assert apply_gating(tube, load_gating(path)).counts == found.counts


PANEL = read_panel("b_all_fixed")


def panel_with_found_singlets() -> Panel:
    """Return the shipped panel with its singlet polygon replaced by a band that is found."""
    entry = SingletEntry(
        kind="singlet",
        name="singlets",
        parent="cells",
        area="FSC-A",
        height="FSC-H",
        level=0.999,
        min_events=1000,
    )
    gates = tuple(entry if getattr(old, "name", "") == "singlets" else old for old in PANEL.rule.gating.gate)
    rule = replace(PANEL.rule, gating=replace(PANEL.rule.gating, gate=gates))
    return Panel(rule=rule, strategy=strategy_from(rule.gating, rule), axes=PANEL.axes)


def test_a_panel_may_find_its_gates_and_draws_what_it_found() -> None:
    panel, tube = panel_with_found_singlets(), measured({**HEALTHY, "blast": 100})
    call = call_flow_mrd(tube, panel, specimen=Specimen())
    assert call.state == "positive"
    assert call.n_target == pytest.approx(100, abs=2)
    assert "GATES_FOUND_IN_DATA" in call.flags
    assert "FIXED_GATES" not in call.flags
    assert any("singlets" in reason for reason in call.reasons)
    assert "flow_data_driven_gates" in [rule.id for rule in call.evidence.rules]
    gating = apply_gating(tube, panel.strategy)
    band = gating.findings["singlets"].shape
    assert isinstance(band, Polygon)
    views = gate_views(tube, panel, gating, gating.membership("blasts"))
    view = next(view for view in views if view.name == "singlets")
    assert view.outline == (*band.vertices, band.vertices[0])


def test_a_panel_whose_gate_is_not_found_makes_the_tube_not_evaluable() -> None:
    call = call_flow_mrd(marrow(HEALTHY), panel_with_found_singlets(), specimen=Specimen())
    assert call.state == "not_evaluable"
    assert "SINGLET_NO_SPREAD" in call.flags
    assert "gate cells/singlets" in call.reasons[0].lower()
