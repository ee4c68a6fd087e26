"""What is a mixture, how it is changed, written and fitted."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.flow.mrd.mixture_check import MOST_DIMENSIONS
from mrdkit.flow.mrd.mixture_fit import FIRST_EVENTS, fit_mixture

F64 = NDArray[np.float64]

MIXTURE = NormalMixture(
    weights=np.array([0.7, 0.3]),
    means=np.array([[0.0, 1.0], [3.0, -2.0]]),
    covariances=np.array([[[1.0, 0.5], [0.5, 2.0]], [[0.3, -0.1], [-0.1, 0.2]]]),
)
EVENTS = np.array([[0.0, 0.0], [3.0, -2.0], [-5.0, 8.0]])


def parameters(**changed: Any) -> dict[str, Any]:
    kept = {"weights": MIXTURE.weights, "means": MIXTURE.means, "covariances": MIXTURE.covariances}
    return {name: np.array(values) for name, values in kept.items()} | changed


def with_covariance(*rows: list[float]) -> F64:
    return np.array([rows, np.eye(2)])


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"weights": np.array([0.7, 0.31])}, "weights"),
        ({"weights": np.array([1.0, 0.0])}, "weights"),
        ({"weights": np.array([1.2, -0.2])}, "weights"),
        ({"weights": np.array([1.0])}, "weights"),
        ({"weights": np.array([0.7, np.nan])}, "weights"),
        ({"means": np.zeros(2)}, "means"),
        ({"means": np.zeros((0, 2))}, "means"),
        ({"means": np.zeros((2, 0))}, "means"),
        ({"means": np.zeros((2, MOST_DIMENSIONS + 1))}, "means"),
        ({"means": np.zeros((2, 3))}, "covariances"),
        ({"means": np.array([[0.0, np.inf], [0.0, 0.0]])}, "means"),
        ({"covariances": with_covariance([1.0, np.nan], [np.nan, 1.0])}, "covariances"),
        ({"covariances": with_covariance([1.0, 0.5], [0.4, 1.0])}, "covariances.0"),
        ({"covariances": with_covariance([1.0, 0.0], [0.0, 0.0])}, "covariances.0"),
        ({"covariances": with_covariance([1.0, 2.0], [2.0, 1.0])}, "covariances.0"),
        ({"covariances": with_covariance([1.0, 1.0], [1.0, 1.0])}, "covariances.0"),
    ],
)
def test_damaged_parameters_are_refused_where_they_are(changed: dict[str, F64], place: str) -> None:
    with pytest.raises(InputError) as refused:
        NormalMixture(**parameters(**changed))
    assert (refused.value.code, refused.value.place) == ("MIXTURE_INVALID", place)


def test_a_mixture_keeps_its_own_numbers() -> None:
    given_means = np.array(MIXTURE.means)
    mixture = NormalMixture(**parameters(means=given_means))
    given_means[0, 0] = 99.0
    assert mixture.means[0, 0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        mixture.means[0, 0] = 1.0


def test_channels_of_very_different_units_are_no_damage() -> None:
    unit = np.array([1e-3, 1e6])
    scaled = NormalMixture(
        weights=MIXTURE.weights,
        means=MIXTURE.means * unit,
        covariances=MIXTURE.covariances * unit * unit[:, None],
    )
    expected = MIXTURE.log_density(EVENTS) - np.log(unit).sum()
    assert scaled.log_density(EVENTS * unit) == pytest.approx(expected)


def test_shifted_events_have_the_density_of_a_shifted_mixture() -> None:
    delta = np.array([0.25, -4.0])
    assert MIXTURE.shifted(delta).log_density(EVENTS + delta) == pytest.approx(MIXTURE.log_density(EVENTS))


def test_widening_adds_variance() -> None:
    by_variances = MIXTURE.widened(np.array([0.5, 0.0]))
    by_matrix = MIXTURE.widened(np.array([[0.5, 0.0], [0.0, 0.0]]))
    assert by_variances.covariances[:, 0, 0].tolist() == [1.5, 0.8]
    assert np.array_equal(by_variances.covariances, by_matrix.covariances)
    assert by_variances.log_density(EVENTS)[2] > MIXTURE.log_density(EVENTS)[2]


def test_other_places_under_the_same_covariances_are_a_mixture_of_their_own() -> None:
    weights, means = MIXTURE.weights[::-1].copy(), MIXTURE.means - 0.5
    fresh = NormalMixture(weights=weights, means=means, covariances=MIXTURE.covariances)
    placed = MIXTURE.placed(weights, means)
    assert placed.log_density(EVENTS) == pytest.approx(fresh.log_density(EVENTS), rel=1e-12)
    assert np.array_equal(placed.weights, weights)
    assert np.array_equal(MIXTURE.placed(MIXTURE.weights, MIXTURE.means).means, MIXTURE.means)
    with pytest.raises(InputError, match="sum 1"):
        MIXTURE.placed(weights * 2.0, means)


@pytest.mark.parametrize(
    "change",
    [
        lambda: MIXTURE.shifted(np.zeros(3)),
        lambda: MIXTURE.placed(MIXTURE.weights, MIXTURE.means[:, :1]),
        lambda: MIXTURE.widened(np.zeros(3)),
        lambda: MIXTURE.widened(np.array([0.1, -0.1])),
        lambda: MIXTURE.widened(np.array([[1.0, 2.0], [2.0, 1.0]])),
        lambda: MIXTURE.widened(np.array([[1.0, 0.1], [0.0, 1.0]])),
        lambda: MIXTURE.widened(np.full(2, np.nan)),
        lambda: MIXTURE.log_density(np.zeros((4, 3))),
        lambda: MIXTURE.log_density(np.zeros(2)),
    ],
)
def test_what_does_not_fit_is_refused(change: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must"):
        change()


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_written_and_read_back_it_has_the_same_bits(seed: int, n_components: int) -> None:
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(n_components, 3, 6))
    mixture = NormalMixture(
        weights=rng.dirichlet(np.full(n_components, 0.5)) * (1.0 - 1e-6) + 1e-6 / n_components,
        means=rng.normal(size=(n_components, 3)),
        covariances=np.einsum("kab,kcb->kac", roots, roots),
    ).rounded(8)
    back = NormalMixture.from_json(json.loads(json.dumps(mixture.to_json())))
    assert back.to_json() == mixture.to_json() == mixture.rounded(8).to_json()
    events = rng.normal(size=(20, 3))
    assert np.array_equal(back.log_density(events), mixture.log_density(events))


def test_rounding_keeps_the_digits_asked_for_and_the_sum_of_weights() -> None:
    third = NormalMixture(
        weights=np.array([2.0, 3.0, 4.0]) / 9.0,
        means=np.pi * np.ones((3, 1)),
        covariances=np.ones((3, 1, 1)) / 3.0,
    ).rounded(4)
    assert third.weights.tolist() == [0.2222, 0.3333, 0.4445]
    assert third.means.tolist() == [[3.142]] * 3
    assert third.covariances.tolist() == [[[0.3333]]] * 3


def test_rounding_away_a_covariance_is_refused() -> None:
    flat = NormalMixture(
        **parameters(covariances=np.array([[[1.0, 0.99996], [0.99996, 1.0]], [[1.0, 0.0], [0.0, 1.0]]]))
    )
    with pytest.raises(InputError, match="positive definite"):
        flat.rounded(3)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {**MIXTURE.to_json(), "extra": 1},
        {**MIXTURE.to_json(), "weights": ["0.7", "0.3"]},
        {**MIXTURE.to_json(), "weights": [True, False]},
        {**MIXTURE.to_json(), "weights": [float("nan"), 1.0]},
        {**MIXTURE.to_json(), "weights": []},
        {**MIXTURE.to_json(), "means": [[0.0, 1.0], [3.0]]},
        {**MIXTURE.to_json(), "means": []},
        {**MIXTURE.to_json(), "covariances": [[[1.0, 0.0], [0.0]], [[1.0, 0.0], [0.0, 1.0]]]},
        {**MIXTURE.to_json(), "covariances": 4},
    ],
)
def test_a_damaged_document_is_refused(document: object) -> None:
    with pytest.raises(InputError) as refused:
        NormalMixture.from_json(document)
    assert refused.value.code == "MIXTURE_INVALID"


def two_clouds(n_events: int) -> F64:
    rng = np.random.default_rng(11)
    near, far = rng.normal(0.0, 1.0, (n_events, 3)), rng.normal(6.0, 0.5, (n_events, 3))
    return np.where(rng.random(n_events)[:, None] < 0.25, far, near)


@pytest.mark.parametrize("n_events", [2000, FIRST_EVENTS + 4000])
def test_a_fit_finds_the_populations_and_is_the_same_every_time(n_events: int) -> None:
    events = two_clouds(n_events)
    fits = [fit_mixture(events, 2, variance_floor=1e-6, seed=3) for _ in range(2)]
    assert fits[0].to_json() == fits[1].to_json()
    order = np.argsort(fits[0].weights)
    assert fits[0].weights[order] == pytest.approx([0.25, 0.75], abs=0.03)
    assert fits[0].means[order, 0] == pytest.approx([6.0, 0.0], abs=0.1)
    assert fits[0].covariances[order, 1, 1] == pytest.approx([0.25, 1.0], abs=0.1)


def test_repeated_events_leave_the_floor() -> None:
    events = np.repeat([[1.0, 2.0], [4.0, 4.0]], 50, axis=0)
    fitted = fit_mixture(events, 3, variance_floor=0.01, seed=0)
    assert np.isfinite(fitted.log_density(events)).all()
    assert np.diagonal(fitted.covariances, axis1=1, axis2=2).min() >= 0.01


def test_events_that_cannot_be_fitted_are_refused() -> None:
    with pytest.raises(InputError, match="too few events"):
        fit_mixture(np.zeros((11, 3)), 3, variance_floor=0.1, seed=0)
    with pytest.raises(InputError, match="not finite"):
        fit_mixture(np.full((12, 3), np.nan), 3, variance_floor=0.1, seed=0)
    for n_components, floor in ((0, 0.1), (1, 0.0), (1, np.nan)):
        with pytest.raises(ValueError, match="more than 0"):
            fit_mixture(np.zeros((12, 3)), n_components, variance_floor=floor, seed=0)


def test_scoring_does_not_import_scikit_learn() -> None:
    code = "import sys, mrdkit.flow.mrd.mixture_fit as m; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
