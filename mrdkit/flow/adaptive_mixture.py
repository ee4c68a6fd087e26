"""An ellipse around one population of a plane: a mixture of normal populations and of even noise.

Expectation-maximisation over counted cells, in units of each axis' spread. It begins from two sets of
centres, neither of them random: the densest place, or the target, and then always the place where density
times squared distance to the centres so far is largest. There are more centres than populations at first, so
that a small population beside a large one has its own; those that part least are joined until the number is
right. The more likely mixture is followed to the end.
The wanted population is the one whose mean is nearest to the target in units of spread, and the ellipse holds
the quantile of chi-square with two degrees of freedom: distance_square = -2 ln(1 - quantile).
"""

import math
from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.adaptive import Found, Missing, Mixture, MixtureRules
from mrdkit.flow.adaptive_em import Plane, Populations, followed, joined, populations_near
from mrdkit.flow.adaptive_plane import Cells, cells_of
from mrdkit.flow.gates import Ellipsoid

__all__ = ["find_ellipse"]

F64 = NDArray[np.float64]

_SPREAD = (0.1586552539, 0.8413447461)  # one standard deviation of a normal distribution to either side
_SQUARES = 24  # per axis; a population that a person would name is wider than one


def find_ellipse(points: F64, method: Mixture, rules: MixtureRules) -> Found | Missing:
    """Draw the ellipse for points (2, n_events), all finite."""
    ends = (rules.binned_from_quantile, *_SPREAD, rules.binned_to_quantile)
    first, low, high, last = np.quantile(points, ends, axis=1)
    center, unit = 0.5 * (low + high), 0.5 * (high - low)
    if not unit.min() > 0.0:
        return _missing("MIXTURE_NO_SPREAD", "most events have the same value on an axis")
    plane = _plane(points, first, last, center=center, unit=unit, rules=rules)
    target = (np.array(method.target) - center) / unit
    starts = [
        _start(plane, centers, method, rules) for centers in _centers(plane.cells, method, target, rules)
    ]
    best = max(starts, key=lambda populations: populations.log_likelihood)
    fitted = followed(plane, best, rules.iterations_at_most, rules)
    n_fitted = int(plane.cells.counts.sum())
    if not _is_population(fitted, _nearest(fitted, target)[0], n_fitted, rules):
        return _missing("MIXTURE_DEGENERATE", "the population nearest to the target is no population")
    return _ellipse(
        fitted, method, rules, target=target, center=center, unit=unit, n_outside=points.shape[1] - n_fitted
    )


def _plane(points: F64, first: F64, last: F64, *, center: F64, unit: F64, rules: MixtureRules) -> Plane:
    """Count the events in units of spread; those far outside the bulk belong to no population."""
    margin = rules.binned_beyond_ranges * (last - first)
    inside = np.ones(points.shape[1], dtype=np.bool_)
    for values, low, high in zip(points, first - margin, last + margin, strict=True):
        inside &= (values >= low) & (values <= high)
    x, y = (
        (values[inside] - middle) / step for values, middle, step in zip(points, center, unit, strict=True)
    )
    limits = [(float(values.min()), float(values.max())) for values in (x, y)]
    cells = cells_of(np.stack([x, y]), limits, (rules.bins, rules.bins))
    squares = [cells.mean(square) for square in (x * x, y * y, x * y)]
    return Plane(
        cells=cells,
        moments=np.column_stack([np.ones_like(cells.x), cells.x, cells.y, *squares]),
        area=math.prod(high - low for low, high in limits),
    )


def _nearest(fitted: Populations, target: F64) -> tuple[int, ...]:
    """Return the populations from the nearest to the farthest."""
    distances = np.hypot(*(fitted.means - target).T)
    return tuple(int(row) for row in np.argsort(distances, kind="stable"))


def _is_population(fitted: Populations, row: int, n_events: int, rules: MixtureRules) -> bool:
    smallest = float(np.linalg.eigvalsh(fitted.covariances[row]).min())
    enough = float(fitted.shares[row]) * n_events >= rules.component_at_least_events
    return enough and smallest > 2.0 * rules.smallest_variance


def _ellipse(
    fitted: Populations,
    method: Mixture,
    rules: MixtureRules,
    *,
    target: F64,
    center: F64,
    unit: F64,
    n_outside: int,
) -> Found:
    nearest, *others = _nearest(fitted, target)
    covariance = fitted.covariances[nearest]
    away = fitted.means[nearest] - target
    target_distance = float(away @ np.linalg.solve(covariance, away))
    limit = -2.0 * math.log1p(-method.quantile)
    flags = [] if fitted.converged else ["MIXTURE_NOT_CONVERGED"]
    if target_distance > limit:
        flags.append("TARGET_OUTSIDE_ELLIPSE")
    distances = [math.dist(mean, target) for mean in fitted.means]
    if others and distances[others[0]] < rules.ambiguous_target_less_than_ratio * distances[nearest]:
        flags.append("TARGET_AMBIGUOUS")
    mean = center + fitted.means[nearest] * unit
    # The scaled matrix is symmetric only up to rounding.
    xx, yy, xy = (float(covariance[i, j] * unit[i] * unit[j]) for i, j in ((0, 0), (1, 1), (0, 1)))
    share = float(fitted.shares[nearest])
    return Found(
        shape=Ellipsoid(
            mean=(float(mean[0]), float(mean[1])), covariance=((xx, xy), (xy, yy)), distance_square=limit
        ),
        figures={
            "component_share": share,
            "noise_share": fitted.noise,
            "target_distance_square": target_distance,
            "n_outside_fit": n_outside,
        },
        flags=tuple(flags),
        sentence=f"ellipse around ({mean[0]:.6g}, {mean[1]:.6g}), the population of {len(distances)} that is "
        f"nearest to the target; it holds {100.0 * share:.4g} % of the events",
    )


def _start(plane: Plane, centers: F64, method: Mixture, rules: MixtureRules) -> Populations:
    """Return the wanted number of populations, joined from more."""
    n_steps = rules.iterations_per_start
    found = followed(plane, populations_near(plane, centers, rules), n_steps, rules)
    while len(found.shares) > method.components:
        found = joined(found)
    return followed(plane, found, n_steps, rules)


def _centers(cells: Cells, method: Mixture, target: F64, rules: MixtureRules) -> Iterator[F64]:
    """Yield sets of centres (k, 2)."""
    number = method.components * rules.populations_at_start_per_component
    density = _density(cells)
    means = np.column_stack([cells.x, cells.y])
    for first in (means[int(np.argmax(density))], target):
        centers = [first]
        while len(centers) < number:
            squares = np.min([((means - center) ** 2).sum(axis=1) for center in centers], axis=0)
            centers.append(means[int(np.argmax(density * squares))])
        yield np.array(centers)


def _density(cells: Cells) -> F64:
    """Return (n_cells,) events near each cell: in its own square of a coarse grid and the eight around it."""
    places = []
    for values in (cells.x, cells.y):
        part = (values - values.min()) / (values.max() - values.min())
        places.append(1 + np.minimum(part * _SQUARES, _SQUARES - 1).astype(np.int64))
    counts = np.zeros((_SQUARES + 2, _SQUARES + 2))
    np.add.at(counts, (places[0], places[1]), cells.counts)
    around = np.zeros_like(counts)
    for i, j in product((-1, 0, 1), repeat=2):
        around += np.roll(counts, (i, j), (0, 1))
    return np.asarray(around[places[0], places[1]])


def _missing(code: str, what: str) -> Missing:
    return Missing(
        code=code,
        what=what,
        expected="populations that are spread over the plane",
        found="no ellipse that could be drawn around one",
        remedy="check the target, the number of components and the parent of the gate",
    )
