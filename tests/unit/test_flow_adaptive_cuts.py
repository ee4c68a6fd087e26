"""Cuts found on one axis: planted populations are parted, one is not; order and units do not matter."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mrdkit.files.rules import read_rule
from mrdkit.flow.adaptive import DataGateRules, Found, Missing, Quantile, Search, Tail, Valley
from mrdkit.flow.adaptive_cut import find_quantile, find_tail, find_valley
from mrdkit.flow.gates import Box

F64 = NDArray[np.float64]
Find = Callable[[F64], Found | Missing]

RULES = read_rule("flow", "data_driven_gates", DataGateRules).density
OPEN: Search = (None, None)
VALLEY = Valley(side="above", search=OPEN, adjust=None, otherwise=None, min_events=1)
TAIL = Tail(
    side="above", tail="right", tolerance=0.01, search=OPEN, adjust=None, otherwise=None, min_events=1
)


def two_populations(n: int, share: float, distance: float, seed: int) -> tuple[F64, F64]:
    """Return a negative population at 0 and a positive one, both one unit wide."""
    rng = np.random.default_rng(seed)
    n_positive = round(share * n)
    return rng.normal(size=n - n_positive), rng.normal(distance, 1.0, n_positive)


def threshold(found: Found | Missing) -> float:
    assert isinstance(found, Found), found
    return found.figures["threshold"]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    ("n", "share", "distance", "between"),
    [  # where a person would cut: bounds around the minimum of the true density
        (100, 0.5, 8.0, (2.0, 6.0)),
        (1_000, 0.5, 5.0, (2.0, 3.0)),
        (1_000, 0.2, 8.0, (2.5, 5.7)),
        (10_000, 0.5, 4.0, (1.8, 2.2)),
        (10_000, 0.05, 8.0, (3.0, 5.7)),
        (100_000, 0.01, 8.0, (3.2, 6.0)),
        (100_000, 0.002, 10.0, (3.5, 7.8)),
    ],
)
def test_a_valley_parts_two_planted_populations(
    n: int, share: float, distance: float, between: tuple[float, float], seed: int
) -> None:
    negative, positive = two_populations(n, share, distance, seed)
    cut = threshold(find_valley(np.concatenate([negative, positive]), VALLEY, RULES))
    assert between[0] <= cut <= between[1]
    wrong = np.count_nonzero(negative >= cut) + np.count_nonzero(positive < cut)
    assert wrong <= 0.03 * len(positive) + 0.03 * n * (distance <= 4.0)


@pytest.mark.parametrize("n", [10_000, 100_000, 1_000_000])
def test_the_valley_of_equal_populations_tends_to_the_middle(n: int) -> None:
    cuts = [
        threshold(find_valley(np.concatenate(two_populations(n, 0.5, 4.0, seed)), VALLEY, RULES))
        for seed in range(4)
    ]
    assert np.mean(cuts) == pytest.approx(2.0, abs=0.05)
    assert np.std(cuts) < 0.08


@pytest.mark.parametrize("n", [100, 1_000, 10_000, 100_000])
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shape", ["normal", "uniform", "exponential", "lognormal", "gamma", "heavy tails"])
def test_one_population_has_no_valley(shape: str, seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    values = {
        "normal": lambda: rng.normal(size=n),
        "uniform": lambda: rng.uniform(size=n),
        "exponential": lambda: rng.exponential(size=n),
        "lognormal": lambda: rng.lognormal(size=n),
        "gamma": lambda: rng.gamma(2.0, size=n),
        "heavy tails": lambda: rng.standard_t(3, size=n),
    }[shape]()
    found = find_valley(values, VALLEY, RULES)
    assert isinstance(found, Missing)
    assert (found.code, found.what) == ("NO_VALLEY", "the density has no valley to cut at")


def test_gaps_between_stored_integers_are_no_valleys() -> None:
    stored = np.round(np.random.default_rng(3).lognormal(3.0, 0.6, 50_000))
    found = find_valley(np.log10(np.maximum(stored, 1.0)), VALLEY, RULES)
    assert isinstance(found, Missing)


@pytest.mark.parametrize(
    "values",
    [[], [1.0], [2.0] * 500, [0.0, 1e308, -1e308], [0.0, 5e-324]],
    ids=["none", "one", "all the same", "a range beyond float64", "a range below float64"],
)
def test_values_without_a_density_are_a_named_outcome(values: list[float]) -> None:
    for found in (find_valley(np.array(values), VALLEY, RULES), find_tail(np.array(values), TAIL, RULES)):
        assert isinstance(found, Missing)
        assert "no two different values" in found.found


def test_a_search_leaves_populations_out() -> None:
    rng = np.random.default_rng(5)
    values = np.concatenate([rng.normal(mean, 0.1, 2_000) for mean in (0.0, 1.0, 3.0)])
    low = replace(VALLEY, search=(None, 2.0))
    high = replace(VALLEY, search=(0.5, None))
    assert 0.3 < threshold(find_valley(values, low, RULES)) < 0.7
    assert 1.4 < threshold(find_valley(values, high, RULES)) < 2.6
    several = find_valley(values, VALLEY, RULES)
    assert isinstance(several, Found)
    assert several.flags == ("VALLEY_OF_SEVERAL",)
    alone = find_valley(values, replace(VALLEY, search=(2.0, 1e9)), RULES)
    assert isinstance(alone, Missing)
    assert "peaks at 3" in alone.found


def test_a_search_that_holds_only_the_valley_finds_it() -> None:
    values = np.concatenate(two_populations(20_000, 0.5, 6.0, 1))
    found = find_valley(values, replace(VALLEY, search=(1.0, 5.0)), RULES)
    assert 2.5 < threshold(found) < 3.5
    assert isinstance(found, Found)
    assert found.flags == ("PEAK_AT_EDGE",)


def test_a_shallow_valley_and_a_pile_at_the_detector_limit_are_flagged() -> None:
    shallow = find_valley(np.concatenate(two_populations(200_000, 0.5, 2.6, 2)), VALLEY, RULES)
    assert isinstance(shallow, Found)
    assert shallow.flags == ("VALLEY_SHALLOW",)
    assert 0.5 < shallow.figures["valley_to_lower_peak_ratio"] < 1.0
    piled = np.minimum(np.random.default_rng(4).normal(0.6, 0.3, 20_000), 1.0)
    found = find_valley(piled, VALLEY, RULES)
    assert isinstance(found, Found)
    assert "PEAK_AT_EDGE" in found.flags


def test_the_side_of_a_cut_is_the_templates() -> None:
    values = np.concatenate(two_populations(2_000, 0.5, 8.0, 1))
    for method, open_end in ((VALLEY, 1), (replace(VALLEY, side="below"), 0)):
        found = find_valley(values, method, RULES)
        assert isinstance(found, Found)
        assert isinstance(found.shape, Box)
        assert found.shape.bounds[0][open_end] is None
        assert found.shape.bounds[0][1 - open_end] == found.figures["threshold"]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("n", "tolerance", "error"), [(300, 0.1, 0.5), (10_000, 0.01, 0.25), (1_000_000, 0.001, 0.15)]
)
def test_a_tail_of_a_normal_peak_ends_where_its_density_says(
    n: int, tolerance: float, error: float, seed: int
) -> None:
    values = np.random.default_rng(seed).normal(size=n)
    expected = np.sqrt(-2.0 * np.log(tolerance))  # of exp(-x^2 / 2) = tolerance
    right = find_tail(values, replace(TAIL, tolerance=tolerance), RULES)
    left = find_tail(values, replace(TAIL, tolerance=tolerance, tail="left"), RULES)
    assert threshold(right) == pytest.approx(expected, abs=error)
    assert threshold(left) == pytest.approx(-expected, abs=error)


def test_a_tail_ends_before_a_rare_population_and_in_the_valley_before_a_large_one() -> None:
    negative, positive = two_populations(100_000, 0.0005, 7.0, 1)
    rare = find_tail(np.concatenate([negative, positive]), TAIL, RULES)
    assert threshold(rare) == pytest.approx(3.03, abs=0.15)
    large = find_tail(np.concatenate(two_populations(100_000, 0.4, 4.0, 1)), TAIL, RULES)
    assert 1.7 < threshold(large) < 2.5
    assert isinstance(large, Found)
    assert large.flags == ("TAIL_ENDS_IN_VALLEY",)


def test_a_tail_that_the_search_cuts_off_is_not_found() -> None:
    values = np.random.default_rng(1).normal(size=5_000)
    found = find_tail(values, replace(TAIL, search=(None, 1.0)), RULES)
    assert isinstance(found, Missing)
    assert found.code == "NO_TAIL"


def test_a_quantile_is_the_values_own() -> None:
    found = find_quantile(np.arange(101.0), Quantile(side="below", probability=0.995, min_events=1))
    assert threshold(found) == pytest.approx(99.5)


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(400, 3_000),
    share=st.floats(0.3, 0.7),
    scale=st.floats(1e-3, 1e3),
    shift=st.floats(-1e3, 1e3),
)
@settings(max_examples=40)
def test_cuts_move_with_the_axis_and_ignore_the_order_of_events(
    seed: int, n: int, share: float, scale: float, shift: float
) -> None:
    values = np.concatenate(two_populations(n, share, 7.0, seed))
    shuffled = np.random.default_rng(seed + 1).permutation(values)
    quantile = Quantile(side="above", probability=0.9, min_events=1)
    cuts: tuple[Find, ...] = (
        lambda x: find_valley(x, VALLEY, RULES),
        lambda x: find_tail(x, TAIL, RULES),
        lambda x: find_quantile(x, quantile),
    )
    for find in cuts:
        cut = threshold(find(values))
        assert threshold(find(shuffled)) == cut
        assert threshold(find(4.0 * values)) == 4.0 * cut
        moved = threshold(find(scale * values + shift))
        # An event may fall on the other side of a cell's edge.
        assert moved == pytest.approx(scale * cut + shift, abs=0.05 * scale)
