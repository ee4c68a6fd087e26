"""Single cells: a band around the line of pulse height on pulse area, drawn by robust regression.

Height scatters in proportion to area, so the ratio height / area is regressed on 1 / area:
height = intercept + slope * area, with a standard deviation of sigma * area. Two cells that pass together
have the area of both and the height of one. They must not pull the line: the fit starts from the median ratio
and re-weights by Tukey's bisquare until nothing changes; sigma is 1.4826 times the median absolute residual
of the events that keep a weight. The band is intercept + (slope +- z * sigma) * area, z the normal quantile
of the wanted level, from the smallest positive to the largest area.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.adaptive import Found, Missing, Singlet, SingletRules
from mrdkit.flow.adaptive_plane import cells_of, weighted_median
from mrdkit.flow.gates import Polygon

__all__ = ["find_singlets"]

F64 = NDArray[np.float64]

_MAD_TO_SIGMA = 1.4826
_NO_SPREAD = 1e-9  # of the slope; a height that was measured is never so exact


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    intercept: float
    slope: float
    sigma: float
    converged: bool


def find_singlets(points: F64, method: Singlet, rules: SingletRules) -> Found | Missing:
    """Draw the band for area and height (2, n_events), all finite and on linear scales."""
    area, height = points[:, points[0] > 0.0]
    if not len(area):
        return _missing("SINGLET_NO_AREA", "no event has a positive area")
    line = _fit(area, height / area, rules)
    if line is None or not line.slope > 0.0:
        return _missing("SINGLET_NO_LINE", "height does not rise with area")
    if not line.sigma > _NO_SPREAD * line.slope:
        return _missing(
            "SINGLET_NO_SPREAD", "height follows from area without any scatter: it was not measured"
        )
    reach = NormalDist().inv_cdf(0.5 + 0.5 * method.level) * line.sigma
    inside = np.abs(height - line.intercept - line.slope * area) <= reach * area
    low, high = float(area.min()), math.nextafter(float(area.max()), math.inf)
    share = float(np.count_nonzero(inside)) / points.shape[1]
    return Found(
        shape=Polygon(
            vertices=tuple(
                (x, line.intercept + (line.slope + sign * reach) * x)
                for x, sign in ((low, -1), (high, -1), (high, 1), (low, 1))
            )
        ),
        figures={
            "slope": line.slope,
            "intercept": line.intercept,
            "sigma": line.sigma,
            "band_share": share,
            "n_area_not_positive": points.shape[1] - len(area),
        },
        flags=() if line.converged else ("SINGLET_NOT_CONVERGED",),
        sentence=f"height = {line.intercept:.6g} + {line.slope:.6g} x area, within "
        f"{reach:.3g} x area; {100.0 * share:.4g} % of the events lie in the band",
    )


def _fit(area: F64, ratio: F64, rules: SingletRules) -> _Line | None:
    """Fit ratio = slope + intercept / area on the areas between the rule's quantiles."""
    first, last = np.quantile(area, (rules.fit_from_area_quantile, rules.fit_to_area_quantile))
    kept = (area >= first) & (area <= last)
    unit = float(last)
    points = np.stack([unit / area[kept], ratio[kept]])
    ends = np.quantile(points, (rules.binned_from_quantile, rules.binned_to_quantile), axis=1)
    limits = [(float(low), float(high)) for low, high in ends.T]
    cells = cells_of(points, limits, (rules.area_bins, rules.ratio_bins))
    x, y, count = cells.x, cells.y, cells.counts
    slope, intercept = weighted_median(y, count), 0.0
    away = np.abs(y - slope)
    sigma = _MAD_TO_SIGMA * weighted_median(away, count)
    converged = False
    for _ in range(rules.iterations_at_most):
        if not sigma > _NO_SPREAD * abs(slope):
            return _Line(intercept=intercept * unit, slope=slope, sigma=0.0, converged=True)
        scaled = away / (rules.bisquare_constant * sigma)
        weights = count * np.where(scaled < 1.0, (1.0 - scaled**2) ** 2, 0.0)
        solved = _weighted_line(x, y, weights)
        if solved is None:
            return None
        step = abs(solved[0] - slope) + abs(solved[1] - intercept)
        slope, intercept = solved
        away = np.abs(y - slope - intercept * x)
        near = away < rules.bisquare_constant * sigma
        before, sigma = sigma, _MAD_TO_SIGMA * weighted_median(away[near], count[near])
        converged = step + abs(sigma - before) <= rules.tolerance * abs(slope)
        if converged:
            break
    return _Line(intercept=intercept * unit, slope=slope, sigma=sigma, converged=converged)


def _weighted_line(x: F64, y: F64, weights: F64) -> tuple[float, float] | None:
    """Return (value at 0, slope) of the weighted least squares line, None where x does not vary."""
    total = float(weights.sum())
    if not total > 0.0:
        return None
    # Sums, not BLAS products: those differ in the last digits with the number of threads.
    x_mean, y_mean = float((weights * x).sum()) / total, float((weights * y).sum()) / total
    spread = float((weights * (x - x_mean) ** 2).sum())
    if not spread > 0.0:
        return None
    rise = float((weights * (x - x_mean) * (y - y_mean)).sum()) / spread
    return y_mean - rise * x_mean, rise


def _missing(code: str, what: str) -> Missing:
    return Missing(
        code=code,
        what=what,
        expected="pulse area and pulse height of single cells, both measured",
        found="no line that a band could follow",
        remedy="check the two channels and the parent of the gate",
    )
