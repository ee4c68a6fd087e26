"""Counts that vary more than chance: the negative binomial distribution by mean and dispersion.

Variance = mean + dispersion x mean^2; dispersion 0 is the Poisson distribution. Source of the parameters:
Lloyd-Smith, PLoS ONE 2007;2:e180 (dispersion = 1 / k). Only scipy.special is used.
"""

import math
from collections.abc import Sequence

from scipy.special import betainc, gammaincc, gammaincinv

__all__ = ["dispersion_of", "over_dispersed_quantile", "poisson_mean_exceeding"]

_POISSON_BELOW = 1e-9


def over_dispersed_quantile(mean: float, dispersion: float, probability: float) -> int:
    """Return the smallest count whose cumulative probability is at least `probability`.

    Raises:
        ValueError: a mean or dispersion below 0, or a probability outside 0 to 1.

    >>> over_dispersed_quantile(1.0, 0.0, 0.95), over_dispersed_quantile(1.0, 1.0, 0.95)
    (3, 4)
    """
    if not (mean >= 0.0 and dispersion >= 0.0 and 0.0 < probability < 1.0):
        raise ValueError(f"no quantile of mean {mean}, dispersion {dispersion}, probability {probability}")
    if mean == 0.0:
        return 0
    high = 1
    while _cumulative(high, mean, dispersion) < probability:
        high *= 2
    low = -1
    while high - low > 1:
        middle = (low + high) // 2
        if _cumulative(middle, mean, dispersion) < probability:
            low = middle
        else:
            high = middle
    return high


def _cumulative(count: int, mean: float, dispersion: float) -> float:
    if count < 0:
        return 0.0
    if dispersion < _POISSON_BELOW:
        return float(gammaincc(count + 1, mean))
    size = 1.0 / dispersion
    return float(betainc(size, count + 1, size / (size + mean)))


def dispersion_of(counts: Sequence[int], means: Sequence[float]) -> float:
    """Return the moment estimate of the dispersion of counts around their means; at least 0.

    Raises:
        ValueError: not as many means as counts, or no mean above 0.
    """
    squares = math.fsum(mean**2 for mean in means)
    if len(counts) != len(means) or not squares > 0.0:
        raise ValueError("one mean per count is needed, and one above 0")
    excess = math.fsum((k - m) ** 2 - m for k, m in zip(counts, means, strict=True))
    return max(0.0, excess / squares)


def poisson_mean_exceeding(count: int, probability: float) -> float:
    """Return the Poisson mean that gives more than `count` events with this probability.

    >>> round(poisson_mean_exceeding(0, 0.95), 3), round(poisson_mean_exceeding(9, 0.95), 3)
    (2.996, 15.705)
    """
    if count < 0 or not 0.0 < probability < 1.0:
        raise ValueError(f"no mean exceeds {count} with probability {probability}")
    return float(gammaincinv(count + 1, probability))
