"""Limits of blank and detection of a measurement, by the classical approach of CLSI EP17.

The limit of blank is what blanks exceed with probability alpha; the limit of detection is the level that
exceeds the limit of blank with probability 1 - beta. Source: CLSI EP17-A2, as its worked example shows. It
prints 1.645; used is the quantile itself, so that other probabilities than 5 % hold too.
"""

import math
import statistics
from collections.abc import Sequence

from scipy.special import ndtri

from mrdkit.errors import InputError

__all__ = ["classical_detection_limit", "parametric_blank_limit", "pooled_sd", "rank_blank_limit"]

_HALF = 0.5  # a rank stands in the middle of its step


def rank_blank_limit(blanks: Sequence[float], *, alpha: float) -> float:
    """Return the limit of blank by rank 0.5 + (1 - alpha) B of B sorted blanks, linear between ranks.

    Raises:
        InputError: so few blanks that this rank lies behind the largest.
        ValueError: alpha is not between 0 and 0.5.
    """
    _check_error(alpha)
    n = len(blanks)
    if n * alpha < _HALF:
        raise InputError(
            "too few blanks for their limit by rank",
            code="BLANKS_TOO_FEW",
            expected=f"at least {_HALF / alpha:.0f} results",
            found=str(n),
            remedy="measure more blanks",
        )
    ordered = sorted(blanks)
    rank = _HALF + n - n * alpha
    below = min(int(rank), n)
    above = min(below + 1, n)
    share = rank - below
    return (1.0 - share) * ordered[below - 1] + share * ordered[above - 1]


def parametric_blank_limit(blanks: Sequence[float], n_samples: int, *, alpha: float) -> float:
    """Return the limit of blank of normally distributed blanks: mean + c SD.

    Args:
        blanks: the results.
        n_samples: how many samples gave them.
        alpha: probability that a blank exceeds the limit.

    Raises:
        InputError: no more results than samples, or all results are the same.
        ValueError: alpha is not between 0 and 0.5.
    """
    _check_error(alpha)
    freedom = len(blanks) - n_samples
    _check_freedom(freedom, "blanks")
    spread = statistics.stdev(blanks)
    _check_spread(spread, "blanks")
    return statistics.fmean(blanks) + _factor(alpha, freedom) * spread


def pooled_sd(samples: Sequence[Sequence[float]]) -> float:
    """Return the standard deviation within samples, variances weighted by their degrees of freedom.

    With as many results of every sample this is the mean of the variances. One result alone adds nothing.

    Raises:
        InputError: no sample was measured twice, or nothing varies.
    """
    freedom = _freedom(samples)
    _check_freedom(freedom, "low samples")
    squares = sum(statistics.variance(sample) * (len(sample) - 1) for sample in samples if len(sample) > 1)
    spread = math.sqrt(squares / freedom)
    _check_spread(spread, "low samples")
    return spread


def classical_detection_limit(
    blank_limit: float, samples: Sequence[Sequence[float]], *, beta: float
) -> float:
    """Return the limit of detection: limit of blank + c SD within samples of low level.

    Args:
        blank_limit: the limit of blank that a result must exceed to count as detected.
        samples: the results of each low sample.
        beta: probability that a sample at the limit of detection is missed.

    Raises:
        InputError: no sample was measured twice, or nothing varies.
        ValueError: beta is not between 0 and 0.5.
    """
    _check_error(beta)
    return blank_limit + pooled_sd(samples) * _factor(beta, _freedom(samples))


def _freedom(samples: Sequence[Sequence[float]]) -> int:
    return sum(len(sample) - 1 for sample in samples)


def _factor(error: float, freedom: int) -> float:
    """Return the normal quantile, corrected for the bias of a standard deviation of `freedom` results."""
    return float(ndtri(1.0 - error)) / (1.0 - 1.0 / (4.0 * freedom))


def _check_freedom(freedom: int, what: str) -> None:
    if freedom < 1:
        raise InputError(
            f"the {what} have no standard deviation",
            code="REPLICATES_MISSING",
            expected="more results than samples",
            remedy="measure every sample more than once",
        )


def _check_spread(spread: float, what: str) -> None:
    if not spread > 0.0:
        raise InputError(
            f"the results of the {what} are all the same",
            code="RESULTS_WITHOUT_SPREAD",
            expected="results that vary",
            found="a standard deviation of 0",
            remedy="take the limit of blank by rank, the limit of detection by probit",
        )


def _check_error(error: float) -> None:
    if not 0.0 < error < _HALF:
        raise ValueError(f"an error probability must be between 0 and 0.5, got {error!r}")
