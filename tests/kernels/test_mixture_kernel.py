"""The density of a normal mixture against exact arithmetic and SciPy, and its behaviour far away."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from oracles import mixture_log_density
from scipy.stats import multivariate_normal

from mrdkit._ext import mixture as kernel
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.flow.mrd.mixture_check import MOST_DIMENSIONS

F64 = NDArray[np.float64]


def drawn_mixture(seed: int, *, n_components: int, n_dimensions: int) -> NormalMixture:
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(n_components, n_dimensions, n_dimensions + 3))
    return NormalMixture(
        weights=rng.dirichlet(np.ones(n_components)),
        means=rng.normal(0.0, 3.0, (n_components, n_dimensions)),
        covariances=np.einsum("kab,kcb->kac", roots, roots),
    )


@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 7), st.floats(0.0, 40.0))
def test_kernel_equals_exact_arithmetic(
    seed: int, n_components: int, n_dimensions: int, spread: float
) -> None:
    mixture = drawn_mixture(seed, n_components=n_components, n_dimensions=n_dimensions)
    events = np.random.default_rng(seed).normal(0.0, spread, (3, n_dimensions))
    parameters = (mixture.weights.tolist(), mixture.means.tolist(), mixture.covariances.tolist())
    expected = [mixture_log_density(event, *parameters) for event in events.tolist()]
    assert mixture.log_density(events) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("n_dimensions", [1, 2, 4, 5, 13, 14, 31, 32])
def test_one_component_is_the_normal_distribution_of_scipy(n_dimensions: int) -> None:
    mixture = drawn_mixture(n_dimensions, n_components=1, n_dimensions=n_dimensions)
    events = np.random.default_rng(1).normal(0.0, 4.0, (200, n_dimensions))
    expected = multivariate_normal(mixture.means[0], mixture.covariances[0]).logpdf(events)
    assert mixture.log_density(events) == pytest.approx(expected, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("n_events", [0, 1, 63, 64, 65, 200])
def test_an_event_does_not_depend_on_its_neighbours(n_events: int) -> None:
    mixture = drawn_mixture(5, n_components=4, n_dimensions=6)
    events = np.random.default_rng(n_events).normal(0.0, 5.0, (n_events, 6))
    events[::7] = np.nan
    one_by_one = [mixture.log_density(events[i : i + 1])[0] for i in range(n_events)]
    assert np.array_equal(mixture.log_density(events), np.array(one_by_one), equal_nan=True)


def test_a_coordinate_that_is_not_finite_gives_no_number_to_its_own_event_only() -> None:
    mixture = drawn_mixture(7, n_components=3, n_dimensions=4)
    events = np.zeros((5, 4))
    events[1, 0], events[2, 3], events[3, 2] = np.nan, np.inf, -np.inf
    assert np.isnan(mixture.log_density(events)).tolist() == [False, True, True, True, False]


def test_far_away_the_nearest_component_decides_and_nothing_overflows() -> None:
    """At 1e6 a density is below exp(-1e11): exponentials vanish, logarithms do not."""
    mixture = NormalMixture(
        weights=np.array([0.25, 0.75]), means=np.array([[0.0], [1.0]]), covariances=np.ones((2, 1, 1))
    )
    found = mixture.log_density(np.array([[-1e6], [1e6], [1e150], [1e160], [-1e308]]))
    half = 0.5 * math.log(2.0 * math.pi)
    assert found[0] == pytest.approx(math.log(0.25) - half - 0.5e12)
    assert found[1] == pytest.approx(math.log(0.75) - half - 0.5 * (1e6 - 1.0) ** 2)
    assert found[2] == pytest.approx(-0.5e300)
    assert found[3:].tolist() == [-math.inf, -math.inf]


def test_a_square_beyond_float64_is_nothing_even_where_terms_cancel() -> None:
    mixture = NormalMixture(
        weights=np.array([1.0]),
        means=np.zeros((1, 2)),
        covariances=np.array([[[1e-30, 0.9e-30], [0.9e-30, 1e-30]]]),
    )
    assert mixture.log_density(np.full((1, 2), 1e300)).tolist() == [-math.inf]


@given(st.floats(-707.0, 0.0))
def test_the_exponential_is_the_library_s(apart: float) -> None:
    """Two components at one place: log(1 + exp(apart)) shows the kernel's exponential."""
    weight = 1.0 / (1.0 + math.exp(apart))
    mixture = NormalMixture(
        weights=np.array([weight, max(1.0 - weight, 5e-324)]),
        means=np.zeros((2, 1)),
        covariances=np.ones((2, 1, 1)),
    )
    assert mixture.log_density(np.zeros((1, 1)))[0] == pytest.approx(
        -0.5 * math.log(2.0 * math.pi), abs=1e-14
    )


def test_the_kernel_refuses_arrays_that_do_not_belong_together() -> None:
    right: dict[str, F64] = {
        "events": np.zeros((3, 2)),
        "constants": np.zeros(2),
        "means": np.zeros((2, 2)),
        "triangles": np.ones((2, 3)),
        "out": np.empty(3),
    }
    kernel.log_density(**right)
    wrong: dict[str, F64] = {
        "events": np.zeros((3, 1)),
        "constants": np.zeros(1),
        "means": np.zeros((2, MOST_DIMENSIONS + 1)),
        "triangles": np.ones((2, 4)),
        "out": np.empty(2),
    }
    for name, array in wrong.items():
        with pytest.raises(ValueError, match=r"kernel's|component|out"):
            kernel.log_density(**{**right, name: array})
