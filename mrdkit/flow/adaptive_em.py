"""Expectation-maximisation of normal populations and even noise over the counted cells of a plane.

The noise (Banfield and Raftery, Biometrics 1993;49:803) takes single events far from every population, which
would otherwise widen one. A population that shrinks to a point keeps the rule's smallest variance.
"""

import math
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.adaptive import MixtureRules
from mrdkit.flow.adaptive_plane import Cells

__all__ = ["Plane", "Populations", "followed", "joined", "populations_near"]

F64 = NDArray[np.float64]

_ROUNDS = 10  # of nearest-centre assignment before the first estimate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Populations:
    """A mixture.

    Attributes:
        shares: (k,) part of the events in each population.
        noise: part of the events in none.
        means: (k, 2) centres.
        covariances: (k, 2, 2) covariance matrices.
        log_likelihood: per event, of the mixture that these were estimated from.
        converged: whether the last step changed nothing that matters.
    """

    shares: F64 = field(repr=False)
    noise: float
    means: F64 = field(repr=False)
    covariances: F64 = field(repr=False)
    log_likelihood: float
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plane:
    """What the estimate reads, counted once.

    Attributes:
        cells: counted events.
        moments: (n_cells, 6) per cell the events' means of 1, x, y, x x, y y and x y.
        area: of the plane over which the noise is spread.
    """

    cells: Cells = field(repr=False)
    moments: F64 = field(repr=False)
    area: float


def populations_near(plane: Plane, centers: F64, rules: MixtureRules) -> Populations:
    """Return a first estimate: every cell belongs to the centre (k, 2) nearest to it."""
    for _ in range(_ROUNDS):
        squares = [(plane.cells.x - x) ** 2 + (plane.cells.y - y) ** 2 for x, y in centers]
        nearest = np.argmin(squares, axis=0)
        belonging = (nearest == np.arange(len(centers))[:, None]).astype(np.float64)
        first = _estimated(plane, belonging, centers, rules)
        centers = first.means
    noise = rules.noise_share_at_start
    return replace(first, shares=first.shares * (1.0 - noise), noise=noise)


def followed(plane: Plane, start: Populations, n_steps: int, rules: MixtureRules) -> Populations:
    """Improve a mixture until a step gains less than the rule's tolerance, or for the number of steps."""
    before, found = -math.inf, start
    for _ in range(n_steps):
        belonging, likelihood = _belonging(plane, found)
        converged = likelihood - before <= rules.tolerance
        found = replace(
            _estimated(plane, belonging, found.means, rules), log_likelihood=likelihood, converged=converged
        )
        if converged:
            break
        before = likelihood
    return found


def joined(found: Populations) -> Populations:
    """Return one population fewer: the two whose union parts least from them become one.

    The loss is Runnalls' bound on the discrimination: the log determinant of the union, weighted by both
    shares, less that of each by its own.
    """
    losses = {pair: _union(found, *pair) for pair in combinations(range(len(found.shares)), 2)}
    pair = min(losses, key=lambda pair: losses[pair][0])
    _, share, mean, covariance = losses[pair]
    rest = [k for k in range(len(found.shares)) if k not in pair]
    return replace(
        found,
        shares=np.append(found.shares[rest], share),
        means=np.concatenate([found.means[rest], mean[None]]),
        covariances=np.concatenate([found.covariances[rest], covariance[None]]),
    )


def _union(found: Populations, one: int, two: int) -> tuple[float, float, F64, F64]:
    """Return the loss of joining two populations, and the share, mean and covariance of their union."""
    shares, means, covariances = (
        values[[one, two]] for values in (found.shares, found.means, found.covariances)
    )
    total = float(shares.sum())
    if not total > 0.0:
        return -math.inf, total, means[0], covariances[0]
    parts = shares / total
    mean = (parts[:, None] * means).sum(axis=0)
    away = means[1] - means[0]
    covariance = (parts[:, None, None] * covariances).sum(axis=0) + parts.prod() * np.outer(away, away)
    apart = float((shares * np.linalg.slogdet(covariances)[1]).sum())
    return total * float(np.linalg.slogdet(covariance)[1]) - apart, total, mean, covariance


def _belonging(plane: Plane, found: Populations) -> tuple[F64, float]:
    """Return (k, n_cells) how much of each cell belongs to each population, and the mean log-likelihood."""
    cells = plane.cells
    densities = np.empty((len(found.means), len(cells.counts)))
    for row, share, mean, matrix in zip(densities, found.shares, found.means, found.covariances, strict=True):
        x, y = cells.x - mean[0], cells.y - mean[1]
        (xx, xy), (_, yy) = matrix / (matrix[0, 0] * matrix[1, 1] - matrix[0, 1] ** 2)
        height = share * math.sqrt(xx * yy - xy * xy) / (2.0 * math.pi)
        row[:] = height * np.exp(x * (xy * y - 0.5 * yy * x) - 0.5 * xx * y * y)
    total = densities.sum(axis=0) + found.noise / plane.area
    likelihood = float((cells.counts * np.log(total)).sum() / cells.counts.sum())
    return densities / total, likelihood


def _estimated(plane: Plane, belonging: F64, means: F64, rules: MixtureRules) -> Populations:
    """Return the mixture that belongs to these memberships; an empty population stays where it was."""
    n_events = float(plane.cells.counts.sum())
    # Not by BLAS, whose last digits differ with the number of threads.
    sums = np.einsum("km,mf->kf", belonging * plane.cells.counts, plane.moments)
    centers, covariances = np.array(means, dtype=np.float64), np.tile(np.eye(2), (len(means), 1, 1))
    for k, (total, *others) in enumerate(sums):
        if total > 0.0:
            x, y, xx, yy, xy = (float(value / total) for value in others)
            centers[k] = x, y
            cross = xy - x * y
            least = rules.smallest_variance
            covariances[k] = [[xx - x * x + least, cross], [cross, yy - y * y + least]]
    return Populations(
        shares=sums[:, 0] / n_events,
        # Never nothing: every event needs a likelihood.
        noise=max(1.0 - float(sums[:, 0].sum()) / n_events, 1.0 / n_events),
        means=centers,
        covariances=covariances,
        log_likelihood=-math.inf,
        converged=False,
    )
