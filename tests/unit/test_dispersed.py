"""Over-dispersed counts against scipy.stats, which takes another route, and against their definition."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from mrdkit.stats import dispersion_of, over_dispersed_quantile, poisson_mean_exceeding

MEANS = st.floats(1e-6, 1e5)
DISPERSIONS = st.one_of(st.just(0.0), st.floats(1e-4, 50.0))
PROBABILITIES = st.floats(1e-4, 1.0 - 1e-4)


def cumulative(count: int, mean: float, dispersion: float) -> float:
    if dispersion == 0.0:
        return float(scipy.stats.poisson.cdf(count, mean))
    size = 1.0 / dispersion
    return float(scipy.stats.nbinom.cdf(count, size, size / (size + mean)))


@given(MEANS, DISPERSIONS, PROBABILITIES)
def test_a_quantile_is_the_first_count_that_reaches_the_probability(
    mean: float, dispersion: float, probability: float
) -> None:
    found = over_dispersed_quantile(mean, dispersion, probability)
    assert cumulative(found, mean, dispersion) >= probability - 1e-9
    assert found == 0 or cumulative(found - 1, mean, dispersion) < probability + 1e-9


@pytest.mark.parametrize("mean", [0.05, 0.5, 1.0, 3.0, 10.0, 47.0, 500.0])
@pytest.mark.parametrize("dispersion", [0.0, 0.1, 0.3, 1.0, 4.0])
@pytest.mark.parametrize("probability", [0.025, 0.5, 0.95, 0.975])
def test_quantiles_of_scipy(mean: float, dispersion: float, probability: float) -> None:
    if dispersion == 0.0:
        expected = scipy.stats.poisson.ppf(probability, mean)
    else:
        expected = scipy.stats.nbinom.ppf(probability, 1.0 / dispersion, 1.0 / (1.0 + dispersion * mean))
    assert over_dispersed_quantile(mean, dispersion, probability) == expected


@given(MEANS, MEANS, DISPERSIONS, PROBABILITIES)
def test_a_quantile_never_falls_as_the_mean_grows(
    one: float, other: float, dispersion: float, probability: float
) -> None:
    low, high = sorted((one, other))
    assert over_dispersed_quantile(low, dispersion, probability) <= over_dispersed_quantile(
        high, dispersion, probability
    )


def test_no_events_are_expected_none_are_background() -> None:
    assert over_dispersed_quantile(0.0, 0.3, 0.95) == 0


@pytest.mark.parametrize(
    ("mean", "dispersion", "probability"),
    [
        (-1.0, 0.3, 0.95),
        (1.0, -0.1, 0.95),
        (1.0, 0.3, 0.0),
        (1.0, 0.3, 1.0),
        (math.nan, 0.3, 0.95),
        (1.0, math.nan, 0.5),
    ],
)
def test_what_is_no_distribution_is_refused(mean: float, dispersion: float, probability: float) -> None:
    with pytest.raises(ValueError, match="no quantile"):
        over_dispersed_quantile(mean, dispersion, probability)


@given(st.integers(0, 5000), PROBABILITIES)
def test_a_poisson_mean_exceeds_a_count_as_often_as_asked(count: int, probability: float) -> None:
    mean = poisson_mean_exceeding(count, probability)
    assert scipy.stats.poisson.sf(count, mean) == pytest.approx(probability, abs=1e-8)


@pytest.mark.parametrize(("count", "probability"), [(-1, 0.95), (3, 0.0), (3, 1.0), (3, math.nan)])
def test_a_mean_that_cannot_be_is_refused(count: int, probability: float) -> None:
    with pytest.raises(ValueError, match="no mean exceeds"):
        poisson_mean_exceeding(count, probability)


@pytest.mark.parametrize("dispersion", [0.0, 0.3, 1.0])
def test_the_dispersion_of_drawn_counts_is_recovered(dispersion: float) -> None:
    rng = np.random.default_rng(1)
    means = rng.uniform(5.0, 200.0, 5000)
    drawn = rng.poisson(means if dispersion == 0.0 else rng.gamma(1.0 / dispersion, dispersion * means))
    assert dispersion_of(drawn.tolist(), means.tolist()) == pytest.approx(dispersion, abs=0.05)


def test_counts_that_vary_less_than_chance_have_no_dispersion() -> None:
    assert dispersion_of([10, 10, 10], [10.0, 10.0, 10.0]) == 0.0


@pytest.mark.parametrize(("counts", "means"), [([1], [1.0, 2.0]), ([], []), ([1], [0.0]), ([1], [math.nan])])
def test_a_dispersion_needs_a_mean_per_count(counts: list[int], means: list[float]) -> None:
    with pytest.raises(ValueError, match="one mean per count"):
        dispersion_of(counts, means)
