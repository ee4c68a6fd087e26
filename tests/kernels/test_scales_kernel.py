"""Logicle, hyperlog and asinh against an independent root finder and published numbers; the other scales."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import hyperlog_root, logicle_root
from tables import rows

from mrdkit.flow.scale_curve import asinh_curve, from_display, hyperlog_curve, logicle_curve, to_display
from mrdkit.flow.transforms import Asinh, Biex, FlowJoLog, Hyperlog, Linear, Log, Logicle, Transform

EXACT = 1e-12
TOP = 262144.0

#: T=262144 W=0.5 M=4.5 A=0, by FlowUtils 1.2.2; asinh with M=4.5 by its formula. Good to the last digit.
WORKED = """
     x     | logicle      | hyperlog     | asinh
    -------+--------------+--------------+------------
     -1000 | -0.23211535  | -0.21683562  | -0.46255332
      -100 |  0.00904114  |  0.02625815  | -0.24098094
         0 |  0.11111111  |  0.11111111  |  0
       100 |  0.21318109  |  0.19596408  |  0.24098094
      1000 |  0.45433758  |  0.43905784  |  0.46255332
     10000 |  0.68383266  |  0.68108290  |  0.68476897
    100000 |  0.90692759  |  0.90667758  |  0.90699113
    262144 |  1           |  1           |  1
"""


@pytest.mark.parametrize(("x", "logicle_y", "hyperlog_y", "asinh_y"), rows(WORKED))
def test_worked_numbers(x: str, logicle_y: str, hyperlog_y: str, asinh_y: str) -> None:
    value = np.array([float(x)])
    found = [
        Logicle(T=TOP, W=0.5, M=4.5, A=0.0).apply(value)[0],
        Hyperlog(T=TOP, W=0.5, M=4.5, A=0.0).apply(value)[0],
        Asinh(T=TOP, M=4.5, A=0.0).apply(value)[0],
    ]
    assert found == pytest.approx([float(logicle_y), float(hyperlog_y), float(asinh_y)], abs=1e-8)


shares = st.tuples(st.floats(0.5, 7.0), st.floats(0.0, 0.5), st.floats(0.0, 1.0), st.floats(1.0, 1e7))
relative = st.lists(st.floats(-2.0, 40.0), min_size=1, max_size=8)


def probes(t: float, places: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return values over the whole scale and near zero, more than one run of the kernel."""
    chosen = np.array([0.0, t, -t, *(x * t for x in places), *(x * t * 1e-4 for x in places)])
    return np.concatenate([chosen, np.resize(chosen[np.abs(chosen) <= t], 70)])


@given(shares, relative)
def test_logicle_is_exact_for_every_parameter_set(
    drawn: tuple[float, float, float, float], places: list[float]
) -> None:
    m, width_share, a_share, t = drawn
    w = width_share * m
    a = min(-w + a_share * (m - w), m - 2.0 * w)  # rounding must not leave the definition
    assume(m + a > 0.3)
    values = probes(t, places)
    expected = [logicle_root(float(value), t=t, w=w, m=m, a=a) for value in values]
    assert np.abs(to_display(values, logicle_curve(t=t, w=w, m=m, a=a)) - expected).max() < EXACT


@given(shares, relative)
def test_hyperlog_is_exact_for_every_parameter_set(
    drawn: tuple[float, float, float, float], places: list[float]
) -> None:
    m, width_share, a_share, t = drawn
    w = max(width_share, 0.01) * m
    a = min(-w + a_share * (m - w), m - 2.0 * w)
    assume(m + a > 0.3)
    values = probes(t, places)
    expected = [hyperlog_root(float(value), t=t, w=w, m=m, a=a) for value in values]
    assert np.abs(to_display(values, hyperlog_curve(t=t, w=w, m=m, a=a)) - expected).max() < EXACT


@given(st.floats(0.5, 7.0), st.floats(0.0, 1.0), st.floats(1.0, 1e7), relative)
def test_asinh_is_its_formula(m: float, a_share: float, t: float, places: list[float]) -> None:
    a, values = a_share * m, probes(t, places)
    ln10 = np.log(10.0)
    expected = (np.arcsinh(values * (np.sinh(m * ln10) / t)) + a * ln10) / ((m + a) * ln10)
    assert np.abs(to_display(values, asinh_curve(t=t, m=m, a=a)) - expected).max() < EXACT


SCALES: tuple[Transform, ...] = (
    Logicle(T=TOP, W=0.5, M=4.5, A=0.0),
    Logicle(T=1000.0, W=1.0, M=4.0, A=1.0),
    Hyperlog(T=TOP, W=0.5, M=4.5, A=0.0),
    Asinh(T=TOP, M=4.5, A=1.0),
    Linear(T=TOP, A=500.0),
    Biex(top=262144.000029, positive=4.41854, negative=1.0, width=-7.943282),
)


NOT_FINITE = (np.nan, np.inf, -np.inf)


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.kind)
def test_the_inverse_leads_back(scale: Transform) -> None:
    values = np.concatenate([[0.0], np.geomspace(1e-3, 2e5, 60)])
    values = np.concatenate([-values[values < 500.0], values])
    back = scale.inverse(scale.apply(values))
    assert np.abs(back - values).max() <= 1e-9 * np.abs(values).max()


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.kind)
def test_no_scale_falls(scale: Transform) -> None:
    values = np.sort(np.random.default_rng(3).normal(0.0, 1e4, 20_000))
    assert (np.diff(scale.apply(values)) >= 0.0).all()


@pytest.mark.parametrize(
    ("scale", "bad"),
    list(product((*SCALES, Log(T=TOP, M=4.0), FlowJoLog(offset=1.0, decades=4.0)), NOT_FINITE)),
)
def test_what_is_not_finite_has_no_coordinate(scale: Transform, bad: float) -> None:
    assert np.isfinite(scale.apply(np.array([bad, 1.0]))).tolist() == [False, True]


def test_zero_stands_exactly_at_its_coordinate() -> None:
    zeros = np.array([0.0, -0.0])
    assert Asinh(T=TOP, M=4.5, A=0.0).apply(zeros).tolist() == [0.0, 0.0]
    curve = logicle_curve(t=TOP, w=0.5, m=4.5, a=0.0)
    assert to_display(zeros, curve).tolist() == [curve.x1, curve.x1]


def test_values_beyond_the_table_are_solved() -> None:
    curve = logicle_curve(t=TOP, w=0.5, m=4.5, a=0.0)
    found = to_display(np.array([1e9, -1e9]), curve)
    assert found[0] == pytest.approx(logicle_root(1e9, t=TOP, w=0.5, m=4.5, a=0.0), abs=EXACT)
    assert found.sum() == pytest.approx(2.0 * curve.x1, abs=EXACT)
    assert from_display(found, curve) == pytest.approx([1e9, -1e9], rel=1e-9)
    assert np.isnan(from_display(np.array([1e3, np.nan]), curve)).all()


@given(st.integers(0, 200), st.integers(0, 5))
def test_a_value_does_not_depend_on_its_neighbours(length: int, seed: int) -> None:
    curve = logicle_curve(t=TOP, w=0.5, m=4.5, a=0.0)
    values = np.random.default_rng(seed).normal(0.0, 1e4, length)
    values[::17] = 1e8  # beyond the table
    one_by_one = [to_display(values[i : i + 1], curve)[0] for i in range(length)]
    assert to_display(values, curve).tolist() == one_by_one


def test_biex_lies_on_straight_lines_between_the_places_of_its_table() -> None:
    scale = Biex(top=262144.000029, positive=4.41854, negative=1.0, width=-7.943282)
    values = np.random.default_rng(2).normal(0.0, 5e4, 50_000)
    expected = np.interp(values, scale.form().constants, np.arange(4097.0))
    assert np.abs(scale.apply(values) - expected).max() <= 1e-12 * 4096
    assert scale.apply(np.array([-1e6, 1e6])).tolist() == [0.0, 4096.0]


def test_an_array_to_fill_must_fit() -> None:
    curve = logicle_curve(t=TOP, w=0.5, m=4.5, a=0.0)
    out = np.empty(3)
    assert to_display(np.zeros(3), curve, out) is out
    with pytest.raises(ValueError, match="of the values' shape"):
        to_display(np.zeros(4), curve, out)


@pytest.mark.parametrize(
    ("t", "w", "m", "a"),
    [
        (0.0, 0.5, 4.5, 0.0),
        (1.0, 2.3, 4.5, 0.0),
        (1.0, 0.5, 4.5, -0.6),
        (1.0, 0.5, 4.5, 3.6),
        (1.0, -0.1, 4.5, 0.0),
        (np.nan, 0.5, 4.5, 0.0),
        (1e300, 0.5, 400.0, 0.0),
    ],
)
def test_parameters_outside_the_definition_are_refused(t: float, w: float, m: float, a: float) -> None:
    for kind in (logicle_curve, hyperlog_curve):
        with pytest.raises(ValueError, match="scale"):
            kind(t=t, w=w, m=m, a=a)


def test_the_simple_scales_and_their_limits() -> None:
    x = np.array([-500.0, 0.0, 100.0, 10000.0])
    assert Linear(T=10000.0, A=500.0).apply(x) == pytest.approx([0.0, 500 / 10500, 600 / 10500, 1.0])
    found = Log(T=10000.0, M=5.0).apply(x)
    assert np.isnan(found[:2]).all()
    assert found[2:] == pytest.approx([0.6, 1.0])
    assert Log(T=10000.0, M=5.0).inverse(found[2:]) == pytest.approx([100.0, 10000.0])
    piled = FlowJoLog(offset=10.0, decades=4.0)
    assert piled.apply(x) == pytest.approx([0.0, 0.0, 0.25, 0.75])
    assert piled.inverse(piled.apply(x)) == pytest.approx([10.0, 10.0, 100.0, 10000.0])
    for wrong in (
        lambda: Linear(T=1.0, A=2.0),
        lambda: Log(T=1.0, M=0.0),
        lambda: Asinh(T=1.0, M=1.0, A=2.0),
        lambda: Hyperlog(T=1.0, W=0.0, M=4.5, A=0.0),
        lambda: Biex(top=1.0, positive=4.0, negative=0.0, width=0.0),
        lambda: FlowJoLog(offset=0.0, decades=4.0),
    ):
        with pytest.raises(ValueError, match="scale needs"):
            wrong()
