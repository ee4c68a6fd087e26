"""FlowJo's biexponential scale: a look-up table of 4,097 places, read between its points by straight lines.

Place i of the table holds B(i) = m (e^(p i/n) - s e^(-q i/n)), shifted to 0 at the zero place z and mirrored
below it: p is the positive range in natural logarithms, q solves the logicle condition for the same width, m
is the smallest value of the positive branch. A value beyond the table takes the coordinate of its end, as on
FlowJo's axes. Source: the table that FlowJo 10 exports; facts checked against one (tests/real).
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.scale_curve import negative_slope

__all__ = ["CHANNELS", "biex_table"]

F64 = NDArray[np.float64]

CHANNELS = 4096  # of the scale; its coordinates run from 0 to this

_LN10 = math.log(10.0)


@lru_cache(maxsize=64)
def biex_table(*, top: float, positive: float, negative: float, width: float) -> F64:
    """Return (4097,) rising data values whose coordinates are 0, 1 ... 4096; read-only.

    Args:
        top: data value at the top of scale, about.
        positive: decades of the positive side.
        negative: additional decades of the negative side.
        width: width basis, at most -1; 10^(log10(-width)/2) decades go to the linear region.

    Raises:
        ValueError: the parameters define no scale.
    """
    if not (top > 0.0 and positive > 0.0 and negative >= 0.0 and -math.inf < width <= -1.0):
        raise ValueError(
            "a biex scale needs top > 0, positive > 0, negative >= 0, width <= -1; "
            f"got top={top} positive={positive} negative={negative} width={width}"
        )
    linear = math.log10(-width)
    decades, extra = positive - linear / 2.0, negative + linear / 2.0
    if not decades > 0.0 or math.isinf(top + positive + negative):
        raise ValueError("a biex scale needs more positive decades than half its width")
    zero = min(int(extra * CHANNELS / (extra + decades)), CHANNELS // 2)
    if zero:
        decades = extra * CHANNELS / zero
    share = linear / (2.0 * decades)
    rise = decades * _LN10
    fall = negative_slope(rise, share)
    place = np.arange(CHANNELS + 1) / (CHANNELS + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        curve = np.exp(rise * place) - np.exp((rise + fall) * (share + extra / decades) - fall * place)
        values = top * np.exp(-rise) * (curve - curve[zero])
    values[:zero] = -values[2 * zero - np.arange(zero)]
    if not (np.isfinite(values).all() and (np.diff(values) > 0.0).all()):
        raise ValueError("the biex scale exceeds double precision")
    values.flags.writeable = False
    return np.asarray(values)
