"""Fit a mixture of normal distributions by expectation-maximisation.

scikit-learn's GaussianMixture does it: k-means and all iterations on at most `FIRST_EVENTS` events, drawn by
the seed, then a few iterations on all of them. One thread, since the last digits of a sum depend on the
number of threads. An iteration never makes the events less likely, so a fit that stopped at its last
iteration is a mixture like any other, and no warning is given.
"""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mrdkit.errors import InputError
from mrdkit.flow.mrd.mixture import NormalMixture

__all__ = ["FIRST_EVENTS", "fit_mixture"]

F64 = NDArray[np.float64]

#: Events of the first, complete fit.
FIRST_EVENTS = 20_000

_FIRST_ITERATIONS = 200
_LAST_ITERATIONS = 2


def fit_mixture(events: F64, n_components: int, *, variance_floor: float, seed: int) -> NormalMixture:
    """Fit a mixture of `n_components` with full covariances; the same arguments give the same bits.

    Args:
        events: (n_events, n_dimensions), all finite, more than `n_dimensions` per component.
        n_components: number of components.
        variance_floor: added to every variance, in squared units of the events; more than 0.
        seed: of the events that are drawn and of k-means.

    Raises:
        InputError: too few events, or one that is not finite.
        ValueError: the number of components or the floor is not more than 0.
    """
    if n_components < 1 or not variance_floor > 0.0:
        raise ValueError(
            f"n_components and variance_floor must be more than 0: {n_components}, {variance_floor}"
        )
    _check(events, n_components)
    if len(events) <= FIRST_EVENTS:
        return _fitted(events, n_components, None, variance_floor=variance_floor, seed=seed)
    drawn = np.sort(np.random.default_rng(seed).choice(len(events), FIRST_EVENTS, replace=False))
    first = _fitted(events[drawn], n_components, None, variance_floor=variance_floor, seed=seed)
    return _fitted(events, n_components, first, variance_floor=variance_floor, seed=seed)


def _check(events: F64, n_components: int) -> None:
    needed = n_components * (events.shape[1] + 1)
    if len(events) < needed:
        raise InputError(
            "too few events to fit a mixture",
            code="MIXTURE_TOO_FEW_EVENTS",
            expected=f"at least {needed} for {n_components} components of {events.shape[1]} dimensions",
            found=f"{len(events)}",
            remedy="use more events or fewer components",
        )
    if not np.isfinite(events).all():
        raise InputError(
            "an event to fit a mixture to is not finite",
            code="MIXTURE_EVENT_NOT_FINITE",
            found=f"{np.count_nonzero(~np.isfinite(events).all(axis=1))} such events",
            remedy="leave them out",
        )


def _fitted(
    events: F64, n_components: int, start: NormalMixture | None, *, variance_floor: float, seed: int
) -> NormalMixture:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = GaussianMixture(
            n_components,
            reg_covar=variance_floor,
            random_state=seed,
            **({"max_iter": _FIRST_ITERATIONS} if start is None else _continued(start)),
        ).fit(events)
    return NormalMixture(
        weights=model.weights_ / model.weights_.sum(),
        means=model.means_,
        covariances=0.5 * (model.covariances_ + model.covariances_.transpose(0, 2, 1)),
    )


def _continued(mixture: NormalMixture) -> dict[str, Any]:
    return {
        "max_iter": _LAST_ITERATIONS,
        "weights_init": mixture.weights,
        "means_init": mixture.means,
        "precisions_init": np.linalg.inv(mixture.covariances),
        "init_params": "random_from_data",  # the cheapest; the three above take its place
    }
