"""Two cells in one event: their areas add up, their height hardly grows.

The height of singlets lies on a line over the area, with a scatter that grows with the area. The line is
fitted to height/area over 1/area by re-weighted least squares (Tukey's biweight), so that doublets do not
pull it. An event is a doublet below the band of the singlets. Without a height, area/width stands for it.
Limits: reference/flow/quality.toml.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.quality_check import QualityCheck, judged, not_assessable
from mrdkit.flow.quality_margin import top_of_scale
from mrdkit.flow.quality_rules import DoubletRules
from mrdkit.flow.quality_scatter import Scatter, scatter_of

__all__ = ["doublets"]

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

_NAME = "doublets"
_MAD_TO_SD = 1.4826  # of a normal distribution
_BIWEIGHT = 4.685  # Tukey's constant: 95 % efficiency on normal residuals
_ROUNDS = 30
_LARGEST = 1e300
_SMALL_EVENTS = 0.25  # the quarter of the smallest events tells the constant noise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """height = intercept + slope * area; sd = sqrt((spread * area)**2 + constant**2)."""

    slope: float
    intercept: float
    spread: float
    constant: float
    n_fitted: int

    def is_sane(self) -> bool:
        """Tell whether the numbers can be reckoned with; those of absurd values cannot."""
        numbers = np.array([self.slope, self.intercept, self.spread, self.constant])
        return bool((np.abs(numbers) < _LARGEST).all())


def doublets(dataset: FcsDataset, rules: DoubletRules) -> QualityCheck:
    """Flag the events below the band of singlets."""
    scatter = scatter_of(dataset, rules)
    pulse = _pulse(dataset, scatter)
    if pulse is None:
        sentence = "There is no single forward scatter area with a height or width beside it."
        return _refused(dataset, "SCATTER_MISSING", sentence)
    area, height, usable = pulse
    if np.count_nonzero(usable) < rules.fit_at_least_events:
        return _refused(dataset, "TOO_FEW_EVENTS", "Too few events have a measured forward scatter.")
    line = _singlet_line(area, height, usable, rules)
    if (
        not line.is_sane()
        or line.slope <= 0.0
        or 100.0 * line.spread > rules.spread_more_than_percent * line.slope
    ):
        sentence = "Height and area of forward scatter form no line of singlets."
        return _refused(dataset, "NO_SINGLET_BAND", sentence)
    sd = np.hypot(line.spread * area, line.constant)
    below = height < line.intercept + line.slope * area - rules.below_more_than_sd * sd
    return judged(
        _NAME,
        code="MANY_DOUBLETS",
        mask=below & usable,
        more_than_percent=rules.flag_more_than_percent,
        figures={
            "area": _channel(dataset, scatter.area),
            "height": _channel(dataset, scatter.height),
            "width": None if scatter.height is not None else _channel(dataset, scatter.width),
            "slope": line.slope,
            "intercept": line.intercept,
            "band_percent_of_area": 100.0 * rules.below_more_than_sd * line.spread,
            "band_constant": rules.below_more_than_sd * line.constant,
            "n_fitted": line.n_fitted,
            "n_not_judged": int(np.count_nonzero(~usable)),
        },
        sentence="Events below the band of singlets in forward scatter",
    )


def _refused(dataset: FcsDataset, reason: str, sentence: str) -> QualityCheck:
    return not_assessable(_NAME, reason=reason, sentence=sentence, n_events=dataset.n_events)


def _channel(dataset: FcsDataset, column: int | None) -> str | None:
    return None if column is None else dataset.channels[column].name


def _pulse(dataset: FcsDataset, scatter: Scatter) -> tuple[F64, F64, Mask] | None:
    """Return area, height and which events (n_events,) have both, none of them clipped."""
    other = scatter.width if scatter.height is None else scatter.height
    if scatter.area is None or other is None:
        return None
    area, height = dataset.linear_columns([scatter.area, other])
    usable = np.isfinite(area) & np.isfinite(height) & (area > 0.0) & (height > 0.0)
    usable &= ~(top_of_scale(dataset, scatter.area) | top_of_scale(dataset, other))
    if scatter.height is None:
        np.divide(area, height, out=height, where=usable)
    return area, height, usable


def _singlet_line(area: F64, height: F64, usable: Mask, rules: DoubletRules) -> _Line:
    events = np.flatnonzero(usable)
    events = events[:: -(-len(events) // rules.fit_at_most_events)]
    x, ratio = area[events], height[events] / area[events]
    middle = float(np.median(x))
    inverse = middle / x
    slope, intercept = float(np.median(ratio)), 0.0
    for _ in range(_ROUNDS):
        residuals = ratio - slope - intercept * inverse
        before = slope, intercept
        slope, intercept = _weighted_line(inverse, ratio, _biweights(residuals, _sd(residuals)))
        if np.allclose(before, (slope, intercept), rtol=1e-9, atol=0.0):
            break
    residuals = ratio - slope - intercept * inverse
    large = residuals[x >= middle]
    spread = _sd(large[_biweights(large, _sd(residuals)) > 0.0])
    small = x <= np.quantile(x, _SMALL_EVENTS)
    excess = max(0.0, _sd(residuals[small]) ** 2 - spread**2)
    return _Line(
        slope=slope,
        intercept=intercept * middle,
        spread=spread,
        constant=float(np.sqrt(excess) * np.median(x[small])),
        n_fitted=len(x),
    )


def _sd(residuals: F64) -> float:
    return _MAD_TO_SD * float(np.median(np.abs(residuals))) if residuals.size else 0.0


def _biweights(residuals: F64, sd: float) -> F64:
    """Return the weights of residuals; where most of them are 0, only these count."""
    inside = np.abs(residuals) <= _BIWEIGHT * sd
    scaled = np.where(inside, residuals, 0.0) / (_BIWEIGHT * sd or 1.0)
    return np.where(inside, (1.0 - scaled**2) ** 2, 0.0)


def _weighted_line(x: F64, y: F64, weights: F64) -> tuple[float, float]:
    """Return value at 0 and slope of the weighted least squares line; level where x does not vary.

    Plain sums, since a product of matrices may add in another order on another machine.
    """
    total = float(weights.sum())
    if total <= 0.0:
        return float(np.median(y)), 0.0
    mean_x, mean_y = float((weights * x).sum()) / total, float((weights * y).sum()) / total
    off_x = weights * (x - mean_x)
    variance = float((off_x * (x - mean_x)).sum())
    steepness = float((off_x * (y - mean_y)).sum()) / variance if variance > 0.0 else 0.0
    return mean_y - steepness * mean_x, steepness
