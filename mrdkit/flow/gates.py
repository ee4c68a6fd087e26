"""The shapes of Gating-ML 2.0 as values.

Intervals are half-open, low <= x < high, and a missing bound is open. Polygons follow winding parity: of a
square the lower and left edges are in. Ellipsoids include their surface. An event whose coordinate is NaN or
infinite is outside every gate. Decisions are made in float64 (ext/gates.pxd).
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["Box", "Ellipsoid", "Polygon", "Shape"]

_CORNERS = 3
_RELATIVE_ASYMMETRY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A range or rectangle in n dimensions: one (low, high) per axis, None where open.

    Raises:
        ValueError: no axis, a bound that is not finite, or an interval that holds nothing.
    """

    bounds: tuple[tuple[float | None, float | None], ...]

    def __post_init__(self) -> None:
        """Refuse a box that cannot hold an event."""
        if not self.bounds:
            raise ValueError("a range or rectangle needs at least one axis")
        for low, high in self.bounds:
            if any(bound is not None and not np.isfinite(bound) for bound in (low, high)):
                raise ValueError("a bound must be a finite number")
            if low is not None and high is not None and not low < high:
                raise ValueError(f"an interval needs min < max, got min={low:g} max={high:g}")

    @property
    def n_axes(self) -> int:
        """Return the number of axes."""
        return len(self.bounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygon:
    """A polygon on two axes; the last vertex joins the first.

    Raises:
        ValueError: fewer than three vertices, or one that is not finite.
    """

    vertices: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        """Refuse what encloses nothing."""
        if len(self.vertices) < _CORNERS:
            raise ValueError(f"a polygon needs at least {_CORNERS} vertices, got {len(self.vertices)}")
        if not np.isfinite(self.vertices).all():
            raise ValueError("a vertex must have finite coordinates")

    @property
    def n_axes(self) -> int:
        """Return the number of axes."""
        return 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipsoid:
    """All points with (x - mean)' C^-1 (x - mean) <= distance_square, in n dimensions.

    Raises:
        ValueError: the covariance is no matrix of the mean's size that has an inverse.
    """

    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    distance_square: float

    def __post_init__(self) -> None:
        """Refuse a matrix that the formula cannot use."""
        size = len(self.mean)
        if not size or len(self.covariance) != size or any(len(row) != size for row in self.covariance):
            raise ValueError("the covariance must be square and of the mean's size")
        matrix = np.array(self.covariance, dtype=np.float64)
        if not np.isfinite(matrix).all() or not np.isfinite(self.mean).all():
            raise ValueError("mean and covariance must be finite")
        if not np.linalg.cond(matrix) < 1.0 / np.finfo(np.float64).eps:
            raise ValueError("the covariance must have an inverse")
        if not 0.0 < self.distance_square < np.inf:
            raise ValueError("distance_square must be positive")

    @property
    def encloses(self) -> bool:
        """Tell whether the points lie within an ellipsoid: the matrix is symmetric and positive definite."""
        matrix = np.array(self.covariance, dtype=np.float64)
        symmetric = np.abs(matrix - matrix.T).max() <= _RELATIVE_ASYMMETRY * np.abs(matrix).max()
        return bool(symmetric and np.linalg.eigvalsh(matrix).min() > 0.0)

    @property
    def n_axes(self) -> int:
        """Return the number of axes."""
        return len(self.mean)


Shape = Box | Polygon | Ellipsoid
