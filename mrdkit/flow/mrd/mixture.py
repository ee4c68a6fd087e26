"""A mixture of multivariate normal distributions: its log density, checked once, written and read exactly.

The density is the kernel's (`ext/mixture.pyx`); which parameters are a mixture is `mixture_check`'s.
"""

from copy import copy
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mrdkit._ext import mixture as kernel
from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.flow.mrd.mixture_check import FLATTEST, MIXTURE, check_mixture, check_places
from mrdkit.flow.mrd.stored import Number, kept
from mrdkit.results import Json

__all__ = ["NormalMixture"]

F64 = NDArray[np.float64]

_LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NormalMixture:
    """A mixture of normal distributions with full covariances; its arrays are copies and read-only.

    Attributes:
        weights: (n_components,) more than 0, their sum 1.
        means: (n_components, n_dimensions), in the units of the events.
        covariances: (n_components, n_dimensions, n_dimensions), exactly symmetric, positive definite.

    Raises:
        InputError: the numbers are no such mixture, or there are more than `MOST_DIMENSIONS`.
    """

    weights: F64
    means: F64
    covariances: F64
    _constants: F64 = field(init=False, repr=False)
    _triangles: F64 = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the parameters and prepare what the kernel reads."""
        for name in ("weights", "means", "covariances"):
            object.__setattr__(self, name, kept(getattr(self, name), np.float64))
        check_mixture(self.weights, self.means, self.covariances)
        factors = np.asarray(np.linalg.cholesky(self.covariances), dtype=np.float64)
        heights = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        constants = np.log(self.weights) - 0.5 * self.n_dimensions * _LOG_2PI - heights
        rows, columns = np.tril_indices(self.n_dimensions)
        object.__setattr__(self, "_constants", kept(constants, np.float64))
        object.__setattr__(self, "_triangles", kept(_inverse(factors)[:, rows, columns], np.float64))

    @property
    def n_dimensions(self) -> int:
        """Number of coordinates of an event."""
        return int(self.means.shape[1])

    def log_density(self, events: F64) -> F64:
        """Return the natural logarithm of the density at each event.

        Args:
            events: (n_events, n_dimensions).

        Returns:
            (n_events,) float64; NaN where a coordinate is not finite, -inf where the square of the distance
            is beyond float64. An event's value does not depend on the other events.

        Raises:
            ValueError: the events have not the mixture's dimensions.
        """
        if events.ndim != 2 or events.shape[1] != self.n_dimensions:  # noqa: PLR2004  # a table
            raise ValueError(f"events must be (n_events, {self.n_dimensions}), not {events.shape}")
        out = np.empty(len(events))
        rows = np.ascontiguousarray(events, dtype=np.float64)
        kernel.log_density(rows, self._constants, self.means, self._triangles, out)
        return out

    def component_log_densities(self, events: F64) -> F64:
        """Return (n_events, n_components): each component's log density plus the log of its weight.

        Raises:
            ValueError: the events have not the mixture's dimensions.
        """
        if events.ndim != 2 or events.shape[1] != self.n_dimensions:  # noqa: PLR2004  # a table
            raise ValueError(f"events must be (n_events, {self.n_dimensions}), not {events.shape}")
        out = np.empty((len(self.weights), len(events)))
        rows = np.ascontiguousarray(events, dtype=np.float64)
        for k, row in enumerate(out):
            one = slice(k, k + 1)
            kernel.log_density(rows, self._constants[one], self.means[one], self._triangles[one], row)
        return out.T

    def widened(self, added: F64) -> Self:
        """Return the mixture of events that also vary by `added`, independently of what they vary by here.

        Args:
            added: variances (n_dimensions,), or a covariance (n_dimensions, n_dimensions).

        Raises:
            ValueError: `added` is no covariance of these dimensions.
        """
        matrix = np.diag(added) if added.ndim == 1 else added
        if matrix.shape != self.covariances.shape[1:] or not np.array_equal(matrix, matrix.T):
            raise ValueError(f"added must be a symmetric matrix of {self.n_dimensions} dimensions")
        if np.linalg.eigvalsh(matrix).min() < -FLATTEST * np.abs(matrix).max():
            raise ValueError("added must not take variance away")
        return replace(self, covariances=self.covariances + matrix)

    def shifted(self, delta: F64) -> Self:
        """Return the mixture of events that all moved by `delta` (n_dimensions,)."""
        if delta.shape != (self.n_dimensions,):
            raise ValueError(f"delta must be ({self.n_dimensions},), not {delta.shape}")
        return self.placed(self.weights, self.means + delta)

    def placed(self, weights: F64, means: F64) -> Self:
        """Return the mixture of the same covariances, which need no second look, at other places.

        Raises:
            InputError: they are none of such a mixture.
        """
        if means.shape != self.means.shape:
            raise ValueError(f"means must be {self.means.shape}, not {means.shape}")
        check_places(weights, means)
        made = copy(self)
        constants = self._constants - np.log(self.weights) + np.log(weights)
        for name, values in (("weights", weights), ("means", means), ("_constants", constants)):
            object.__setattr__(made, name, kept(values, np.float64))
        return made

    def rounded(self, digits: int) -> Self:
        """Return the mixture with parameters of so many significant digits, in decimal notation.

        The largest weight takes what rounding leaves of 1, so that the sum stays 1.

        Raises:
            InputError: a covariance is not positive definite any more.
        """
        return replace(
            self,
            weights=_rounded_weights(self.weights, digits),
            means=_rounded(self.means, digits),
            covariances=_rounded(self.covariances, digits),
        )

    def to_json(self) -> dict[str, Json]:
        """Return plain lists; what `from_json` reads back has the same bits."""
        return {name: getattr(self, name).tolist() for name in ("weights", "means", "covariances")}

    @classmethod
    def from_json(cls, document: object) -> Self:
        """Read what `to_json` returned.

        Raises:
            InputError: it is no such document, or its numbers are no mixture.
        """
        stored = MIXTURE.validated(document, _Stored)
        lengths = {len(row) for row in stored.means} | {
            length for matrix in stored.covariances for length in (len(matrix), *map(len, matrix))
        }
        if len(lengths) != 1:
            raise MIXTURE.refused("means, covariances", expected="rows of one length", found=f"{lengths}")
        return cls(
            weights=np.array(stored.weights),
            means=np.array(stored.means),
            covariances=np.array(stored.covariances),
        )


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Stored:
    weights: list[Number]
    means: list[list[Number]]
    covariances: list[list[list[Number]]]


def _inverse(factors: F64) -> F64:
    """Return the inverses of lower triangles (n, d, d), row by row from the top."""
    inverse = np.zeros_like(factors)
    for a in range(factors.shape[1]):
        row = -np.einsum("kb,kbc->kc", factors[:, a, :a], inverse[:, :a])
        row[:, a] += 1.0
        inverse[:, a] = row / factors[:, a, a, None]
    return inverse


def _rounded(values: F64, digits: int) -> F64:
    flat = [float(f"{value:.{digits - 1}e}") for value in values.ravel().tolist()]
    return np.array(flat).reshape(values.shape)


def _rounded_weights(weights: F64, digits: int) -> F64:
    decimals = [Decimal(f"{weight:.{digits - 1}e}") for weight in weights.tolist()]
    largest = int(np.argmax(weights))
    decimals[largest] += 1 - sum(decimals)
    return np.array([float(weight) for weight in decimals])
