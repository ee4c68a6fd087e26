"""Limit of detection from the share of detected replicates at each dose: probit regression.

Hit rate = Phi(intercept + slope x), x the dose or its logarithm, by maximum likelihood (Fisher scoring). Dose
zero is always removed (CLSI EP17): a blank tells of false positives, not of detection, and kept it would pull
the limit down without any sign of it. Interval of the limit: Fieller 1954, as Finney gives it for probits.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, log_ndtr, ndtr, ndtri

from mrdkit.errors import InputError
from mrdkit.stats.intervals import CONFIDENCE, Interval
from mrdkit.stats.probit_doses import DoseHits, check_doses, no_fit, not_rising

__all__ = ["ProbitFit", "fit_probit"]

_MOST_STEPS = 200
_CONVERGED = 1e-20  # rise of the log likelihood per replicate that a further step promises
_ROUNDING = 1e-12  # of the log likelihood
_SMALLEST_STEP = 2.0**-40
_SINGULAR = 1e-10  # determinant of the information, relative to its diagonal
_RESOLVED = 1e-9  # of the spread of the doses; less is lost in rounding, next to doses so much larger
_LARGEST_POWER = 300.0  # of ten
_LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbitFit:
    """A fitted hit rate Phi(intercept + slope z), z = (x - centre) / unit.

    Attributes:
        log_dose: whether x is the decimal logarithm of the dose, else the dose.
        centre, unit: mean and spread of x, so that tiny and huge doses stay within range.
        intercept, slope: of the probit over z.
        variances: of intercept and slope, and their covariance.
        doses: smallest and largest dose of the fit.
        goodness_p: p of Pearson's chi-square of lack of fit, None with two doses, which always fit.
    """

    log_dose: bool
    centre: float
    unit: float
    intercept: float
    slope: float
    variances: tuple[float, float, float]
    doses: tuple[float, float]
    goodness_p: float | None

    def rate_at(self, dose: float) -> float:
        """Return the fitted share of detected replicates at a positive dose."""
        x = math.log10(dose) if self.log_dose else dose
        return float(ndtr(self.intercept + self.slope * (x - self.centre) / self.unit))

    def dose_at(self, rate: float) -> float:
        """Return the dose that is detected in this share of replicates.

        Raises:
            InputError: the fitted line reaches that share at no dose above zero.
        """
        dose = self._dose((float(ndtri(rate)) - self.intercept) / self.slope)
        lowest = 0.0 if self.log_dose else _RESOLVED * self.unit
        if not lowest < dose < math.inf:
            raise no_fit(
                "the fitted line gives no dose at this hit rate",
                "PROBIT_LIMIT_IMPOSSIBLE",
                found=f"{rate:g} at dose {dose:g}",
                remedy="measure doses nearer to the limit, or fit the logarithm of the dose",
            )
        return dose

    def interval_at(self, rate: float, *, confidence: float = CONFIDENCE) -> Interval | None:
        """Return the interval of `dose_at`, None where the slope is too uncertain to bound it."""
        quantile = float(ndtri(0.5 + confidence / 2.0))
        of_intercept, of_slope, shared = (quantile**2 * variance for variance in self.variances)
        distance = self.intercept - float(ndtri(rate))
        square = self.slope**2 - of_slope
        if square <= 0.0:
            return None
        middle = (shared - self.slope * distance) / square
        half = math.sqrt(max(middle**2 - (distance**2 - of_intercept) / square, 0.0))
        low, high = self._dose(middle - half), self._dose(middle + half)
        return Interval(max(low, 0.0), high) if high < math.inf else None

    def _dose(self, z: float) -> float:
        x = self.centre + self.unit * z
        if not self.log_dose:
            return x
        return 10.0**x if x < _LARGEST_POWER else math.inf


def fit_probit(rows: Sequence[DoseHits], *, log_dose: bool) -> ProbitFit:
    """Fit the hit rate over the dose; blanks are left out.

    Raises:
        InputError: the doses above zero have no fit; see `check_doses`.
    """
    used = [row for row in rows if row.dose > 0.0]
    check_doses(used)
    hits = np.array([row.hits for row in used], dtype=np.float64)
    misses = np.array([row.total for row in used], dtype=np.float64) - hits
    doses = np.array([row.dose for row in used])
    z, centre, unit = _standardised(np.log10(doses) if log_dose else doses)
    design = np.column_stack([np.ones_like(z), z])
    (intercept, slope), covariance = _maximum_likelihood(design, hits, misses)
    if slope <= 0.0:
        raise not_rising(f"a slope of {slope:g}")
    return ProbitFit(
        log_dose=log_dose,
        centre=centre,
        unit=unit,
        intercept=float(intercept),
        slope=float(slope),
        variances=(float(covariance[0, 0]), float(covariance[1, 1]), float(covariance[0, 1])),
        doses=(float(doses.min()), float(doses.max())),
        goodness_p=_lack_of_fit(ndtr(intercept + slope * z), z, hits, misses),
    )


def _standardised(x: Vector) -> tuple[Vector, float, float]:
    """Return (x - centre) / unit (n,), centre and unit."""
    scale = float(np.abs(x).max()) or 1.0
    scaled = x / scale
    spread = float(scaled.std())
    centre = float(scaled.mean())
    return (scaled - centre) / spread, centre * scale, spread * scale


def _maximum_likelihood(design: Vector, hits: Vector, misses: Vector) -> tuple[Vector, Vector]:
    """Return the estimate (2,) and its covariance (2, 2); the log likelihood is concave."""
    likelihood = _log_likelihood(design, hits, misses)
    estimate = np.zeros(2)
    smallest_rise = _CONVERGED * float((hits + misses).sum())
    for _ in range(_MOST_STEPS):
        eta = design @ estimate
        log_density = -0.5 * eta**2 - _LOG_ROOT_TWO_PI
        log_hit, log_miss = log_ndtr(eta), log_ndtr(-eta)
        rising, falling = np.exp(log_density - log_hit), np.exp(log_density - log_miss)
        score = design.T @ (hits * rising - misses * falling)
        # Observed information leads there in few steps also where doses contradict each other.
        observed = hits * rising * (rising + eta) + misses * falling * (falling - eta)
        step = _inverse(design.T @ (observed[:, np.newaxis] * design)) @ score
        if float(score @ step) < smallest_rise:
            expected = (hits + misses) * rising * falling
            return estimate, _inverse(design.T @ (expected[:, np.newaxis] * design))
        estimate = _climbed(likelihood, estimate, step)
    raise _not_found()


def _log_likelihood(design: Vector, hits: Vector, misses: Vector) -> Callable[[Vector], float]:
    def likelihood(estimate: Vector) -> float:
        eta = design @ estimate
        return float(hits @ log_ndtr(eta) + misses @ log_ndtr(-eta))

    return likelihood


def _climbed(likelihood: Callable[[Vector], float], start: Vector, step: Vector) -> Vector:
    """Return the end of the longest halving of a step that does not descend."""
    height, share = likelihood(start), 1.0
    height -= _ROUNDING * abs(height)
    while share > _SMALLEST_STEP:
        if likelihood(start + share * step) >= height:
            return start + share * step
        share /= 2.0
    return start


def _inverse(information: Vector) -> Vector:
    """Return the inverse (2, 2) of an information matrix that is not singular within rounding."""
    first, shared, second = (float(information[at]) for at in ((0, 0), (0, 1), (1, 1)))
    determinant = first * second - shared**2
    if not determinant > _SINGULAR * first * second:
        raise _not_found()
    return np.array([[second, -shared], [-shared, first]]) / determinant


def _lack_of_fit(rates: Vector, x: Vector, hits: Vector, misses: Vector) -> float | None:
    """Return p of Pearson's chi-square over the distinct doses."""
    doses, index = np.unique(x, return_inverse=True)
    freedom = len(doses) - 2
    if freedom < 1:
        return None
    totals = np.bincount(index, hits + misses)
    observed = np.bincount(index, hits)
    rate = np.bincount(index, rates * (hits + misses)) / totals
    variance = totals * rate * (1.0 - rate)
    residual = (observed - totals * rate) ** 2
    impossible = np.where(residual > 0.0, np.inf, 0.0)
    terms = np.divide(residual, variance, out=impossible, where=variance > 0.0)
    return float(chdtrc(freedom, terms.sum()))


def _not_found() -> InputError:
    return no_fit("no maximum of the likelihood was found", "PROBIT_NOT_CONVERGED")
