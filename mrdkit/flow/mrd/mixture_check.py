"""Which numbers are a mixture of normal distributions.

A covariance counts as positive definite where no direction of its correlation matrix is flatter than
`FLATTEST`; beyond that, rounding decides about the density.
"""

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.mrd.stored import ModelKind

__all__ = ["FLATTEST", "MIXTURE", "MOST_DIMENSIONS", "check_mixture", "check_places"]

F64 = NDArray[np.float64]

#: The kernel's tile has room for so many.
MOST_DIMENSIONS = 32

#: Smallest eigenvalue of a correlation matrix that a density is computed from.
FLATTEST = 1e-10

MIXTURE = ModelKind(name="mixture of normal distributions", code="MIXTURE_INVALID")

_WEIGHTS_SUM_WITHIN = 1e-9


def check_mixture(weights: F64, means: F64, covariances: F64) -> None:
    """Raise the refusal of the first place that is no part of a mixture."""
    check_places(weights, means)
    n_components, n_dimensions = means.shape
    _check_shape("covariances", covariances, (n_components, n_dimensions, n_dimensions))
    _check_finite("covariances", covariances)
    for row, covariance in enumerate(covariances):
        _check_covariance(f"covariances.{row}", covariance)


def check_places(weights: F64, means: F64) -> None:
    """Raise the refusal of weights and means that are none of a mixture."""
    if means.ndim != 2 or not 0 < means.shape[1] <= MOST_DIMENSIONS or not len(means):  # noqa: PLR2004
        raise MIXTURE.refused(
            "means",
            expected=f"(n_components, 1 to {MOST_DIMENSIONS} dimensions)",
            found=f"{means.shape}",
        )
    _check_shape("weights", weights, (len(means),))
    _check_finite("weights", weights)
    _check_finite("means", means)
    if not weights.min() > 0.0 or not abs(weights.sum() - 1.0) <= _WEIGHTS_SUM_WITHIN:
        raise MIXTURE.refused(
            "weights",
            expected="each more than 0, their sum 1",
            found=f"{weights.min()}, {weights.sum()}",
        )


def _check_finite(name: str, values: F64) -> None:
    if not np.isfinite(values).all():
        raise MIXTURE.refused(name, expected="finite numbers", found="a number that is not finite")


def _check_shape(name: str, values: F64, expected: tuple[int, ...]) -> None:
    if values.shape != expected:
        raise MIXTURE.refused(name, expected=f"shape {expected}", found=f"{values.shape}")


def _check_covariance(place: str, covariance: F64) -> None:
    variances = np.diagonal(covariance)
    if not np.array_equal(covariance, covariance.T):
        raise MIXTURE.refused(place, expected="a symmetric matrix", found="one that is not")
    if not variances.min() > 0.0:
        raise MIXTURE.refused(place, expected="variances of more than 0", found=f"{variances.min()}")
    scale = np.sqrt(variances)
    flattest = float(np.linalg.eigvalsh(covariance / scale / scale[:, None]).min())
    if not flattest >= FLATTEST:
        raise MIXTURE.refused(
            place,
            expected=f"a positive definite matrix, eigenvalues of its correlations at least {FLATTEST:g}",
            found=f"{flattest:.3g}",
        )
