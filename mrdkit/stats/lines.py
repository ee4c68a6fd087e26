"""A straight line by least squares, with the interval of its slope: linearity of a dilution series."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import stdtrit

from mrdkit.stats.intervals import CONFIDENCE, Interval

__all__ = ["Line", "fit_line"]

_FEWEST = 3  # two points always lie on a line and tell nothing of its slope's error


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """y = intercept + slope x.

    Attributes:
        intercept, slope: of the line.
        slope_interval: of the slope, by Student's t.
        r_squared: share of the variance of y that the line explains, None where y does not vary.
        residuals: y less the line, in the order of the points.
    """

    intercept: float
    slope: float
    slope_interval: Interval
    r_squared: float | None
    residuals: tuple[float, ...]


def fit_line(x: Sequence[float], y: Sequence[float], *, confidence: float = CONFIDENCE) -> Line:
    """Fit a line to at least three points.

    Raises:
        ValueError: fewer points, or x does not vary.
    """
    n = len(x)
    centre_x, centre_y = math.fsum(x) / n, math.fsum(y) / n
    square_x = math.fsum((value - centre_x) ** 2 for value in x)
    if n < _FEWEST or not square_x > 0.0:
        raise ValueError(f"a line needs {_FEWEST} points of different x, got {n}")
    pairs = list(zip(x, y, strict=True))
    slope = math.fsum((a - centre_x) * (b - centre_y) for a, b in pairs) / square_x
    intercept = centre_y - slope * centre_x
    residuals = tuple(b - intercept - slope * a for a, b in pairs)
    error = math.fsum(value**2 for value in residuals)
    total = math.fsum((value - centre_y) ** 2 for value in y)
    half = float(stdtrit(n - 2, 0.5 + confidence / 2.0)) * math.sqrt(error / (n - 2) / square_x)
    return Line(
        intercept=intercept,
        slope=slope,
        slope_interval=Interval(slope - half, slope + half),
        r_squared=1.0 - error / total if total > 0.0 else None,
        residuals=residuals,
    )
