"""Features in decades: one unit is a decade at the top of a scale, and how much of one is left near zero."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from blank_tubes import PANEL
from hypothesis import given
from hypothesis import strategies as st

from mrdkit.errors import RuleError
from mrdkit.flow import read_panel
from mrdkit.flow.mrd.features import Feature, features_of
from mrdkit.flow.transforms import Asinh, Biex, FlowJoLog, Hyperlog, Linear, Log, Logicle, Transform

TOP = 262144.0
SCALES: Mapping[str, Transform] = {
    "asinh": Asinh(T=TOP, M=3.5435, A=0.0),  # asinh(x / 150)
    "logicle": Logicle(T=TOP, W=0.5, M=4.5, A=0.0),
    "hyperlog": Hyperlog(T=TOP, W=0.5, M=4.5, A=0.0),
    "log": Log(T=TOP, M=5.0),
}


def feature(scale: Transform) -> Feature:
    axes = {**PANEL.axes, "CD10": replace(PANEL.axes["CD10"], transform=scale)}
    return features_of(replace(PANEL, axes=axes))[0]


def test_the_features_are_the_panels_in_its_order() -> None:
    assert PANEL.rule.detection is not None
    assert tuple(one.name for one in features_of(PANEL)) == PANEL.rule.detection.features


def test_a_panel_with_a_target_gate_has_none() -> None:
    assert features_of(read_panel("b_all_fixed")) == ()


@pytest.mark.parametrize("name", SCALES)
def test_one_unit_is_the_upper_decade(name: str) -> None:
    low, high = feature(SCALES[name]).decades(np.array([TOP / 10.0, TOP]))
    assert high - low == pytest.approx(1.0)


@pytest.mark.parametrize("name", SCALES)
@given(value=st.floats(1.0, TOP), shift=st.floats(-0.5, 0.5))
def test_a_brighter_cell_stands_where_it_stood_once_its_shift_is_taken_back(
    name: str, value: float, shift: float
) -> None:
    one = feature(SCALES[name])
    brighter = one.decades(np.array([value * 10.0**shift]), shift)
    assert brighter[0] == pytest.approx(one.decades(np.array([value]))[0], abs=1e-6)


@pytest.mark.parametrize("name", ["asinh", "logicle", "hyperlog"])
def test_a_decade_moves_a_bright_population_by_one_unit_and_a_negative_one_not_at_all(name: str) -> None:
    one = feature(SCALES[name])
    zero, bright = one.decades(np.array([0.0, TOP / 10.0]))
    assert one.sensitivity(bright) == pytest.approx(1.0, abs=0.03)
    assert one.sensitivity(zero) == pytest.approx(0.0, abs=1e-3)


@given(st.floats(1.0, TOP))
def test_the_sensitivity_of_asinh_follows_its_formula(value: float) -> None:
    one = feature(SCALES["asinh"])
    coordinate = float(one.decades(np.array([value]))[0])
    relative = value * math.sinh(3.5435 * math.log(10.0)) / TOP
    expected = relative / math.hypot(relative, 1.0) / (3.5435 * one.unit)
    assert one.sensitivity(coordinate) == pytest.approx(expected, abs=1e-3)


@given(st.floats(1.0, TOP))
def test_a_decade_of_a_logarithm_is_a_decade_everywhere(value: float) -> None:
    one = feature(SCALES["log"])
    assert one.sensitivity(float(one.decades(np.array([value]))[0])) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("name", SCALES)
def test_an_error_of_compensation_moves_dim_populations_more_than_bright_ones(name: str) -> None:
    one = feature(SCALES[name])
    dim, middle, bright = (
        one.offset_error(float(coordinate), 4e-4)
        for coordinate in one.decades(np.array([150.0, 3_000.0, TOP / 2.0]))
    )
    assert dim > middle > bright > 0.0
    assert bright == pytest.approx(4e-4 * 2.0 / math.log(10.0), rel=0.05)


def test_a_logarithm_below_the_error_may_be_anywhere() -> None:
    one = feature(SCALES["log"])
    coordinate = float(one.decades(np.array([10.0]))[0])
    assert one.offset_error(coordinate, 4e-4) == abs(coordinate)


@pytest.mark.parametrize(
    "scale",
    [
        Linear(T=TOP, A=0.0),
        FlowJoLog(offset=1.0, decades=5.0),
        Biex(top=TOP, positive=4.5, negative=0.0, width=-10.0),
    ],
    ids=lambda scale: scale.kind,
)
def test_a_scale_without_decades_is_refused(scale: Transform) -> None:
    with pytest.raises(RuleError, match="axis CD10: the scale of a feature has no decades"):
        feature(scale)
