"""The scale on which a cluster is outlined: one plane per marker pair, and the sides of its polygon.

A frame turns two markers into the standard deviations of a cluster's core, along and across its own slope.
Its sides look into evenly spaced directions; a polygon is where all of them hold at their limits. A limit
is always the farthest of a set of events plus a margin above zero: every side then touches what it encloses,
so that the polygon is convex, has one vertex per pair of neighbouring sides and cannot intersect itself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.gates import Polygon
from mrdkit.flow.inclusion import PlanePolygon

__all__ = ["Frame", "core_of", "frames_of", "limits_of", "outlines_of", "reaches_of"]

F64 = NDArray[np.float64]

_MAD_TO_SIGMA = 1.4826
_ROUNDING = 1e-9  # of the largest coordinate; a narrower cluster is rounding


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """The plane of two columns, scaled to a cluster: z with columns = centre + lower z.

    Attributes:
        columns: of the events, counted from 0.
        centre: mean of the core.
        lower: (a, b, c) of the lower triangle ((a, 0), (b, c)) whose square is the core's covariance.
        sides: (n_sides, 2) unit vectors in z, one behind the other against the clock.
    """

    columns: tuple[int, int]
    centre: tuple[float, float]
    lower: tuple[float, float, float]
    sides: F64 = field(repr=False)

    def reaches(self, events: F64) -> F64:
        """Return (n_events, n_sides) how far each event lies out in the direction of each side."""
        x, y = (events[:, column] - mean for column, mean in zip(self.columns, self.centre, strict=True))
        a, b, c = self.lower
        first = x / a
        second = (y - b * first) / c
        # No BLAS product: its last digits depend on the number of threads.
        return np.asarray(first[:, None] * self.sides[:, 0] + second[:, None] * self.sides[:, 1])

    def outline(self, limits: F64) -> PlanePolygon:
        """Return the polygon of the points whose reaches do not exceed the limits (n_sides,)."""
        following, ahead = np.roll(limits, -1), np.roll(self.sides, -1, axis=0)
        width = math.sin(2.0 * math.pi / len(self.sides))
        first = (limits * ahead[:, 1] - following * self.sides[:, 1]) / width
        second = (following * self.sides[:, 0] - limits * ahead[:, 0]) / width
        a, b, c = self.lower
        xs, ys = self.centre[0] + a * first, self.centre[1] + b * first + c * second
        vertices = tuple((float(x), float(y)) for x, y in zip(xs, ys, strict=True))
        return PlanePolygon(columns=self.columns, polygon=Polygon(vertices=vertices))


def core_of(scored: F64, share: float) -> F64:
    """Return the share of the events (n, d) that lie least far from the medians, measured in MADs."""
    away = np.abs(scored - np.median(scored, axis=0))
    spread = _MAD_TO_SIGMA * np.median(away, axis=0)
    distance = ((away / np.where(spread > 0.0, spread, np.inf)) ** 2).sum(axis=1)
    kept = math.ceil(share * len(scored))
    return np.asarray(scored[np.sort(np.argsort(distance, kind="stable")[:kept])])


def frames_of(core: F64, ranges: F64, *, n_sides: int, spread_at_least_share: float) -> tuple[Frame, ...]:
    """Return the frame of every pair of columns, in their order.

    Args:
        core: (n, d) events of the cluster's core.
        ranges: (d,) highest minus lowest coordinate of all events.
        n_sides: sides of each polygon.
        spread_at_least_share: of a range; a core narrower than this counts as this wide.
    """
    centre = core.mean(axis=0)
    least = np.maximum(spread_at_least_share * ranges, _ROUNDING * np.maximum(np.abs(centre), 1.0))
    angles = np.linspace(0.0, 2.0 * math.pi, n_sides, endpoint=False)
    sides = np.column_stack([np.cos(angles), np.sin(angles)])
    away = core - centre
    return tuple(
        Frame(
            columns=(one, two),
            centre=(float(centre[one]), float(centre[two])),
            lower=_lower(away[:, one], away[:, two], float(least[one]), float(least[two])),
            sides=sides,
        )
        for one, two in combinations(range(core.shape[1]), 2)
    )


def reaches_of(frames: Sequence[Frame], events: F64) -> F64:
    """Return (n_events, n_frames * n_sides) the reaches of all frames side by side."""
    return np.concatenate([frame.reaches(events) for frame in frames], axis=1)


def limits_of(reaches: F64, margin: float) -> F64:
    """Return (n_frames * n_sides,) the limits that enclose these events with a margin."""
    return np.asarray(reaches.max(axis=0) + margin)


def outlines_of(frames: Sequence[Frame], limits: F64) -> tuple[PlanePolygon, ...]:
    """Return one polygon per frame."""
    parts = np.split(limits, len(frames))
    return tuple(frame.outline(part) for frame, part in zip(frames, parts, strict=True))


def _lower(x: F64, y: F64, least_x: float, least_y: float) -> tuple[float, float, float]:
    """Return the Cholesky factor of the covariance of centred values, no narrower than the least."""
    n = len(x)
    a = math.sqrt(float((x * x).sum()) / n + least_x**2)
    b = float((x * y).sum()) / n / a
    rest = float((y * y).sum()) / n - b * b
    return a, b, math.sqrt(max(rest, 0.0) + least_y**2)
