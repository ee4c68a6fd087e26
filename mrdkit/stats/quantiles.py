"""The largest count that chance alone explains: quantiles of the binomial and the Poisson distribution.

The smallest k of which P(X <= k) reaches the confidence, as CRITBINOM of spreadsheets gives it.
"""

import math
from collections.abc import Callable

from scipy.special import bdtr, bdtrik, pdtr, pdtrik

__all__ = ["binomial_quantile", "poisson_quantile"]


def binomial_quantile(total: int, rate: float, *, confidence: float) -> int:
    """Return the smallest k with P(X <= k) of at least `confidence`, X binomial of `total` and `rate`.

    Raises:
        ValueError: total is not positive, rate is outside 0..1, or confidence is not between 0 and 1.

    >>> binomial_quantile(200, 0.005, confidence=0.95)
    3
    """
    _check(rate, confidence)
    if total <= 0 or rate > 1.0:
        raise ValueError(f"total must be positive and rate at most 1, got {total!r} and {rate!r}")
    if rate in (0.0, 1.0):
        return total if rate else 0
    near = float(bdtrik(confidence, total, rate))
    return _smallest(near, lambda k: k >= total or float(bdtr(k, total, rate)) >= confidence)


def poisson_quantile(mean: float, *, confidence: float) -> int:
    """Return the smallest k with P(X <= k) of at least `confidence`, X Poisson of `mean`.

    Raises:
        ValueError: mean is negative or confidence is not between 0 and 1.

    >>> poisson_quantile(1.0, confidence=0.95)
    3
    """
    _check(mean, confidence)
    if mean == 0.0:
        return 0
    near = float(pdtrik(confidence, mean))
    return _smallest(near, lambda k: float(pdtr(k, mean)) >= confidence)


def _smallest(near: float, reaches: Callable[[int], bool]) -> int:
    k = max(0, math.floor(near) - 1) if math.isfinite(near) else 0
    while not reaches(k):
        k += 1
    return k


def _check(amount: float, confidence: float) -> None:
    if not math.isfinite(amount) or amount < 0.0:
        raise ValueError(f"rate and mean must be finite and not negative, got {amount!r}")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must be between 0 and 1, got {confidence!r}")
