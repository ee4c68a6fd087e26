"""The logicle scale against an independent root finder and published numbers."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import logicle_root
from tables import rows

from mrdkit.flow.logicle import logicle, logicle_curve
from mrdkit.flow.transforms import Asinh, Linear, Log, Logicle

EXACT = 1e-12

#: T=262144 W=0.5 M=4.5 A=0, by FlowUtils 1.2.2; asinh with M=4.5 by its formula. Good to the last digit.
WORKED = """
     x     | logicle      | asinh
    -------+--------------+------------
     -1000 | -0.23211535  | -0.46255332
      -100 |  0.00904114  | -0.24098094
         0 |  0.11111111  |  0
       100 |  0.21318109  |  0.24098094
      1000 |  0.45433758  |  0.46255332
     10000 |  0.68383266  |  0.68476897
    100000 |  0.90692759  |  0.90699113
    262144 |  1           |  1
"""


@pytest.mark.parametrize(("x", "logicle_y", "asinh_y"), rows(WORKED))
def test_worked_numbers(x: str, logicle_y: str, asinh_y: str) -> None:
    value = np.array([float(x)])
    assert Logicle(T=262144.0, W=0.5, M=4.5, A=0.0).apply(value)[0] == pytest.approx(
        float(logicle_y), abs=1e-8
    )
    assert Asinh(T=262144.0, M=4.5, A=0.0).apply(value)[0] == pytest.approx(float(asinh_y), abs=1e-8)


@given(
    st.floats(0.5, 7.0),
    st.floats(0.0, 0.5),
    st.floats(0.0, 1.0),
    st.floats(1.0, 1e7),
    st.lists(st.floats(-2.0, 40.0), min_size=1, max_size=8),
)
def test_table_is_exact_for_every_parameter_set(
    m: float, width_share: float, a_share: float, t: float, relative: list[float]
) -> None:
    w = width_share * m
    a = min(-w + a_share * (m - w), m - 2.0 * w)  # rounding must not leave the definition
    assume(m + a > 0.3)
    curve = logicle_curve(t=t, w=w, m=m, a=a)
    values = np.array(
        [0.0, t, -t, *(share * t for share in relative), *(share * t * 1e-4 for share in relative)]
    )
    expected = [logicle_root(float(value), t=t, w=w, m=m, a=a) for value in values]
    assert np.abs(logicle(values, curve) - expected).max() < EXACT


def test_values_beyond_the_table_are_solved_and_not_finite_ones_are_nan() -> None:
    curve = logicle_curve(t=262144.0, w=0.5, m=4.5, a=0.0)
    values = np.array([1e9, -1e9, np.nan, np.inf, -np.inf])
    found = logicle(values, curve)
    assert found[0] == pytest.approx(logicle_root(1e9, t=262144.0, w=0.5, m=4.5, a=0.0), abs=EXACT)
    assert found[0] + found[1] == pytest.approx(2.0 * curve.x1, abs=EXACT)
    assert np.isnan(found[2:]).all()


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30, unique=True))
def test_the_scale_never_falls(values: list[float]) -> None:
    curve = logicle_curve(t=262144.0, w=0.8, m=4.5, a=0.3)
    found = logicle(np.sort(values), curve)
    assert (np.diff(found) > -1e-15).all()


@pytest.mark.parametrize(
    ("t", "w", "m", "a"),
    [
        (0.0, 0.5, 4.5, 0.0),
        (1.0, 2.3, 4.5, 0.0),
        (1.0, 0.5, 4.5, -0.6),
        (1.0, 0.5, 4.5, 3.6),
        (1.0, -0.1, 4.5, 0.0),
    ],
)
def test_parameters_outside_the_definition_are_refused(t: float, w: float, m: float, a: float) -> None:
    with pytest.raises(ValueError, match="logicle scale needs"):
        logicle_curve(t=t, w=w, m=m, a=a)


def test_the_simple_scales_and_their_limits() -> None:
    x = np.array([-500.0, 0.0, 100.0, 10000.0])
    assert Linear(T=10000.0, A=500.0).apply(x) == pytest.approx([0.0, 500 / 10500, 600 / 10500, 1.0])
    found = Log(T=10000.0, M=5.0).apply(x)
    assert np.isnan(found[:2]).all()
    assert found[2:] == pytest.approx([0.6, 1.0])
    for wrong in (
        lambda: Linear(T=1.0, A=2.0),
        lambda: Log(T=1.0, M=0.0),
        lambda: Asinh(T=1.0, M=1.0, A=2.0),
    ):
        with pytest.raises(ValueError, match="the scale needs"):
            wrong()
