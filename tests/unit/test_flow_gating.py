"""Strategies from templates: hierarchy, complements, identities, events without a coordinate, refusals."""

from pathlib import Path

import numpy as np
import pytest
from flow_data import dataset

from mrdkit.errors import InputError, RuleError, UsageError
from mrdkit.flow import apply_gating, load_gating
from mrdkit.flow.dataset import FcsDataset, Spillover

HEAD = """
id = "t"
version = "1"
source = "test"

[gating.scale.log]
kind = "log"
T = 1000.0
M = 3.0

[gating.axis]
X = { channel = "X", compensation = "uncompensated", scale = "none" }
Y = { channel = "Y", compensation = "uncompensated", scale = "none" }
Xlog = { channel = "X", compensation = "uncompensated", scale = "log" }
Xfcs = { marker = "CD19", compensation = "FCS", scale = "none" }
"""
POSITIVE_X = """
[[gating.gate]]
kind = "range"
name = "X+"
bounds = [{ axis = "X", min = 0.0 }]
"""


def template(folder: Path, gates: str, head: str = HEAD) -> Path:
    path = folder / "t.toml"
    path.write_text(head + gates, encoding="utf-8")
    return path


def plane(events: list[tuple[float, float]], spillover: Spillover | None = None) -> FcsDataset:
    return dataset(events, ("X", "Y"), labels=("CD19 PE", "CD3 APC"), spillover=spillover)


HIERARCHY = (
    POSITIVE_X
    + """
[[gating.gate]]
kind = "range"
name = "Y+"
parent = "X+"
bounds = [{ axis = "Y", min = 0.0 }]

[[gating.gate]]
kind = "boolean"
name = "not Y+"
operator = "and"
gates = ["X+", "!Y+"]

[[gating.gate]]
kind = "boolean"
name = "neither"
parent = "X+"
operator = "not"
gates = ["Y+"]
"""
)


def test_a_child_lies_in_its_parent_and_a_complement_outside_it(tmp_path: Path) -> None:
    events = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)]
    found = apply_gating(plane(events), load_gating(template(tmp_path, HIERARCHY)))
    assert found.counts == {"X+": 2, "Y+": 1, "not Y+": 1, "neither": 1}
    assert found.membership("neither").tolist() == [False, True, False, False]
    shares = {row.id: (row.path, row.percent_of_parent, row.percent_of_total) for row in found.gate_counts()}
    assert shares["Y+"] == (("X+", "Y+"), 50.0, 25.0)
    with pytest.raises(UsageError, match="no gate of this id"):
        found.membership("Z+")


def test_an_event_without_a_coordinate_is_outside_a_gate_and_outside_its_complement(tmp_path: Path) -> None:
    events = [(1.0, np.nan), (1.0, np.inf), (1.0, -np.inf), (1.0, 2.0), (np.nan, 2.0)]
    found = apply_gating(plane(events), load_gating(template(tmp_path, HIERARCHY)))
    assert found.counts == {"X+": 4, "Y+": 1, "not Y+": 0, "neither": 0}
    assert found.not_finite == {"X+": 1, "Y+": 3, "not Y+": 4, "neither": 3}
    assert found.flags == ("NOT_FINITE_EVENTS",)


def test_the_logarithm_of_a_negative_value_is_no_coordinate(tmp_path: Path) -> None:
    gate = '[[gating.gate]]\nkind = "range"\nname = "low"\nbounds = [{ axis = "Xlog", max = 0.5 }]\n'
    found = apply_gating(
        plane([(10.0, 0.0), (-10.0, 0.0), (0.0, 0.0)]), load_gating(template(tmp_path, gate))
    )
    assert found.counts == {"low": 1}
    assert found.not_finite == {"low": 2}


REPEATED = (
    POSITIVE_X
    + """
[[gating.gate]]
kind = "range"
name = "X-"
bounds = [{ axis = "X", max = 0.0 }]

[[gating.gate]]
kind = "range"
name = "Y+"
parent = "X+"
bounds = [{ axis = "Y", min = 0.0 }]

[[gating.gate]]
kind = "range"
name = "Y+"
parent = "X-"
bounds = [{ axis = "Y", min = 0.0 }]

[[gating.gate]]
kind = "boolean"
name = "both"
operator = "or"
gates = ["X+/Y+", "X-/Y+"]
"""
)


def test_a_repeated_name_is_known_by_its_path(tmp_path: Path) -> None:
    found = apply_gating(
        plane([(1.0, 1.0), (-1.0, 1.0), (-2.0, 1.0)]), load_gating(template(tmp_path, REPEATED))
    )
    assert found.counts == {"X+": 1, "X-": 2, "X+/Y+": 1, "X-/Y+": 2, "both": 3}


def test_why_names_the_gate_that_dropped_an_event(tmp_path: Path) -> None:
    events = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, np.nan)]
    found = apply_gating(plane(events), load_gating(template(tmp_path, HIERARCHY)))
    assert found.why(0) == {"X+": None, "Y+": None, "not Y+": "not Y+", "neither": "neither"}
    assert found.why(1) == {"X+": None, "Y+": "Y+", "not Y+": None, "neither": None}
    assert found.why(2) == {"X+": "X+", "Y+": "X+", "not Y+": "not Y+", "neither": "X+"}
    assert found.why(3) == {"X+": None, "Y+": "Y+", "not Y+": "not Y+", "neither": "neither"}
    with pytest.raises(UsageError, match="no event of this number"):
        found.why(4)


def test_an_empty_data_set_has_no_percentages(tmp_path: Path) -> None:
    found = apply_gating(plane([]), load_gating(template(tmp_path, HIERARCHY)))
    assert set(found.counts.values()) == {0}
    assert all(row.percent_of_total is None for row in found.gate_counts())


FCS_GATE = '[[gating.gate]]\nkind = "range"\nname = "CD19+"\nbounds = [{ axis = "Xfcs", min = 95.0 }]\n'


def test_the_file_matrix_is_used_and_its_absence_is_flagged(tmp_path: Path) -> None:
    strategy = load_gating(template(tmp_path, FCS_GATE))
    spill = Spillover(channels=("X", "Y"), matrix=((1.0, 0.5), (0.1, 1.0)))
    events = [(100.0, 100.0)]  # compensated X is (100 - 10) / 0.95 = 94.7
    assert apply_gating(plane(events, spill), strategy).counts == {"CD19+": 0}
    without = apply_gating(plane(events), strategy)
    assert without.counts == {"CD19+": 1}
    assert without.flags == ("NO_SPILLOVER",)
    elsewhere = Spillover(channels=("Y",), matrix=((1.0,),))
    assert "CHANNEL_NOT_COMPENSATED" in apply_gating(plane(events, elsewhere), strategy).flags


def test_a_matrix_for_channels_that_the_file_lacks_is_refused(tmp_path: Path) -> None:
    strategy = load_gating(template(tmp_path, FCS_GATE))
    spill = Spillover(channels=("X", "Z"), matrix=((1.0, 0.5), (0.1, 1.0)))
    with pytest.raises(InputError) as caught:
        apply_gating(plane([(1.0, 1.0)], spill), strategy)
    assert caught.value.code == "SPILLOVER_CHANNEL_UNKNOWN"


OVERLAPPING = """
[[gating.gate]]
kind = "quadrant"
dividers = [{ axis = "X", values = [0.0] }]
quadrants = [{ name = "a", locations = { X = 1.0 } }, { name = "b", locations = { X = 2.0 } }]
"""
GATE = '[[gating.gate]]\nkind = "{}"\nname = "g"\n{}\n'


@pytest.mark.parametrize(
    ("gates", "code"),
    [
        (GATE.format("range", 'bounds = [{ axis = "Q", min = 0.0 }]'), "AXIS_UNKNOWN"),
        (GATE.format("range", 'bounds = [{ axis = "X", min = 1.0, max = 1.0 }]'), "GATE_INVALID"),
        (GATE.format("range", 'bounds = [{ axis = "X", min = nan }]'), "RULE_INVALID"),
        (GATE.format("range", 'bounds = [{ axis = "X", minimum = 1.0 }]'), "RULE_INVALID"),
        (GATE.format("circle", 'bounds = [{ axis = "X" }]'), "RULE_INVALID"),
        (GATE.format("range", 'parent = "p"\nbounds = [{ axis = "X" }]'), "GATE_UNKNOWN"),
        (GATE.format("polygon", 'axes = ["X", "Y"]\nvertices = [[0.0, 0.0], [1.0, 1.0]]'), "GATE_INVALID"),
        (
            GATE.format(
                "ellipse",
                'axes = ["X", "Y"]\nmean = [0.0, 0.0]\ncovariance = [[1.0, 2.0], [2.0, 1.0]]\n'
                "distance_square = 1.0",
            ),
            "GATE_INVALID",
        ),
        (
            GATE.format(
                "ellipse",
                'axes = ["X"]\nmean = [0.0, 0.0]\ncovariance = [[1.0, 0.0], [0.0, 1.0]]\n'
                "distance_square = 1.0",
            ),
            "GATE_DIMENSIONS",
        ),
        (GATE.format("boolean", 'operator = "and"\ngates = ["g"]'), "GATE_UNKNOWN"),
        (POSITIVE_X + GATE.format("boolean", 'operator = "not"\ngates = ["X+", "X+"]'), "GATE_OPERANDS"),
        (POSITIVE_X + POSITIVE_X, "GATE_REPEATED"),
        (
            REPEATED + GATE.format("boolean", 'operator = "and"\ngates = ["Y+"]'),
            "GATE_AMBIGUOUS",
        ),
        (OVERLAPPING, "RULE_INVALID"),
    ],
)
def test_a_template_that_is_not_exact_is_refused(tmp_path: Path, gates: str, code: str) -> None:
    with pytest.raises(RuleError) as caught:
        load_gating(template(tmp_path, gates))
    assert caught.value.code == code
    assert caught.value.file is not None


@pytest.mark.parametrize(
    ("axis", "code"),
    [
        ('{ channel = "X", compensation = "M9", scale = "none" }', "COMPENSATION_UNKNOWN"),
        ('{ channel = "X", compensation = "FCS", scale = "l9" }', "SCALE_UNKNOWN"),
        ('{ channel = "X", marker = "CD19", compensation = "FCS", scale = "none" }', "RULE_INVALID"),
        ('{ channel = "X", scale = "none" }', "RULE_INVALID"),
        ('{ channel = "X", compensation = "FCS" }', "RULE_INVALID"),
    ],
)
def test_an_axis_says_everything(tmp_path: Path, axis: str, code: str) -> None:
    gate = '[[gating.gate]]\nkind = "range"\nname = "g"\nbounds = [{ axis = "A", min = 0.0 }]\n'
    with pytest.raises(RuleError) as caught:
        load_gating(template(tmp_path, f"A = {axis}\n" + gate))
    assert caught.value.code == code


RATIO = """
[gating.ratio.share]
numerator = "X"
denominator = "Y"
A = 10.0
B = 1.0
C = 2.0
scale = "{}"
[[gating.gate]]
kind = "range"
name = "g"
bounds = [{{ axis = "share", min = {} }}]
"""


def test_a_ratio_is_an_axis_and_an_event_without_one_is_outside(tmp_path: Path) -> None:
    events = [(3.0, 4.0), (2.9, 4.0), (3.0, 2.0), (-7.0, 1.0)]  # 10, 9.5, no ratio, 80
    linear = apply_gating(plane(events), load_gating(template(tmp_path, RATIO.format("none", 10.0))))
    assert linear.membership("g").tolist() == [True, False, False, True]
    assert linear.not_finite == {"g": 1}
    scaled = apply_gating(plane(events), load_gating(template(tmp_path, RATIO.format("log", 0.5))))
    assert scaled.membership("g").tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("gates", "code"),
    [
        (RATIO.format("l9", 0.0), "SCALE_UNKNOWN"),
        (RATIO.format("none", 0.0).replace('"Y"', '"Q"'), "AXIS_UNKNOWN"),
        (RATIO.format("none", 0.0).replace('"Y"', '"Xlog"'), "GATE_INVALID"),
        (RATIO.format("none", 0.0).replace("ratio.share", "ratio.X"), "RULE_INVALID"),
        (
            '[gating.matrix.FCS]\nfluorochromes = ["X"]\ndetectors = ["X"]\ncoefficients = [[1.0]]\n'
            + POSITIVE_X,
            "RULE_INVALID",
        ),
    ],
)
def test_a_ratio_or_matrix_that_could_mean_two_things_is_refused(
    tmp_path: Path, gates: str, code: str
) -> None:
    with pytest.raises(RuleError) as caught:
        load_gating(template(tmp_path, gates))
    assert caught.value.code == code


def test_quadrants_hold_every_event_once(tmp_path: Path) -> None:
    gates = (
        '[[gating.gate]]\nkind = "quadrant"\n'
        'dividers = [{ axis = "X", values = [0.0, 5.0] }, { axis = "Y", values = [0.0] }]\nquadrants = [\n'
        + "".join(
            f'{{ name = "{x}{y}", locations = {{ X = {xv}, Y = {yv} }} }},\n'
            for x, xv in (("low", -1.0), ("mid", 0.0), ("high", 5.0))
            for y, yv in (("N", -1.0), ("P", 0.0))
        )
        + "]\n"
    )
    events = [(x, y) for x in (-1.0, 0.0, 4.9, 5.0, 9.0) for y in (-0.1, 0.0, 0.1)]
    found = apply_gating(plane(events), load_gating(template(tmp_path, gates)))
    inside = [found.membership(gate_id) for gate_id in found.counts]
    assert (np.sum(inside, axis=0) == 1).all()
    assert found.counts["midP"] == 4
