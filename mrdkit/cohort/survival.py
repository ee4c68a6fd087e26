"""Kaplan-Meier with its log-log interval, and the log-rank test.

The interval is Greenwood's on the log(-log S) scale. A group of whom nobody was at risk at any event tells
nothing and is left out of the log-rank test. scikit-survival and statsmodels agree in the tests.
Source: trial definitions, sections 3.1 and 3.3.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mrdkit.cohort.curve import Curve, Step

__all__ = ["Times", "kaplan_meier", "log_rank", "normal_quantile"]

#: Times in days and whether each ended with the event.
Times: TypeAlias = tuple[Sequence[float], Sequence[bool]]

F64 = NDArray[np.float64]


def kaplan_meier(times: Times, *, confidence: float) -> Curve:
    """Return the Kaplan-Meier curve of one group; of nobody it has no steps."""
    days, place = np.unique(np.array(times[0], dtype=float), return_inverse=True)
    left = _counts(place, len(days))
    events = _counts(place[np.array(times[1], dtype=bool)], len(days))
    at_risk = np.cumsum(left[::-1])[::-1]
    survival = np.cumprod((at_risk - events) / at_risk, dtype=np.float64)
    low, high = _log_log(survival, at_risk, events, normal_quantile(confidence))
    rows = zip(days, at_risk, events, left - events, survival, low, high, strict=True)
    return Curve(n=len(times[0]), steps=tuple(_step(*row) for row in rows))


def log_rank(groups: Sequence[Times]) -> float | None:
    """Return the log-rank P of two or more groups; None where nothing can be compared."""
    if not groups or not all(days for days, _ in groups):
        return None
    when = np.unique(np.concatenate([_days_of_events(times) for times in groups]))
    at_risk = np.array([_at_risk(times, when) for times in groups])
    events = np.array([_events_on(times, when) for times in groups])
    everybody, all_events = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / everybody
    excess = (events - share * all_events).sum(axis=1)
    spread = all_events * (everybody - all_events) / np.maximum(everybody - 1, 1)
    variance = np.diag(share @ spread) - (share * spread) @ share.T
    return _chi_square(excess, variance, told=np.flatnonzero(at_risk.sum(axis=1)))


def normal_quantile(confidence: float) -> float:
    """Return how many standard errors a two-sided interval reaches."""
    return NormalDist().inv_cdf(0.5 + confidence / 2.0)


def _log_log(survival: F64, at_risk: F64, events: F64, z: float) -> tuple[F64, F64]:
    """Return both limits; where survival is 0 or 1 they are NaN."""
    inside = (survival > 0.0) & (survival < 1.0)
    certain = np.where(inside, survival, np.nan)
    hazard = np.cumsum(events / np.where(at_risk > events, at_risk * (at_risk - events), np.inf))
    width = z * np.sqrt(hazard) / np.abs(np.log(certain))
    return certain ** np.exp(width), certain ** np.exp(-width)


def _step(day: float, at_risk: float, events: float, censored: float, *estimate: float) -> Step:
    survival, low, high = map(float, estimate)
    certain = survival in (0.0, 1.0)
    return Step(
        day=float(day),
        at_risk=int(at_risk),
        events=int(events),
        censored=int(censored),
        survival=survival,
        ci_low=None if certain else low,
        ci_high=None if certain else high,
    )


def _days_of_events(times: Times) -> F64:
    days, events = times
    found: F64 = np.array(days, dtype=float)[np.array(events, dtype=bool)]
    return found


def _at_risk(times: Times, when: F64) -> F64:
    days = np.sort(np.array(times[0], dtype=float))
    return (len(days) - np.searchsorted(days, when)).astype(np.float64)


def _events_on(times: Times, when: F64) -> F64:
    return _counts(np.searchsorted(when, _days_of_events(times)), len(when))


def _counts(places: NDArray[np.intp], n: int) -> F64:
    return np.bincount(places, minlength=n).astype(np.float64)


def _chi_square(excess: F64, variance: F64, *, told: NDArray[np.intp]) -> float | None:
    """Return the P of the groups that tell; all but one of them, since the excesses add up to nothing."""
    free = told[:-1]
    covariance = variance[np.ix_(free, free)]
    if not len(free) or not covariance.any():
        return None
    from scipy.special import chdtrc

    statistic = float(excess[free] @ np.linalg.pinv(covariance, hermitian=True) @ excess[free])
    return float(chdtrc(len(free), statistic))
