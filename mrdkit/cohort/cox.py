"""Cox models of covariates that may change with time, by Newton steps; ties by Efron's method.

A patient's time stands in intervals, start excluded and stop included, each with the covariates then. Sums
over those at risk are differences of running sums, so that a model of 10,000 patients takes a second. Where
the likelihood has no maximum, as with a covariate that tells the dead from the living, there is no solution.
statsmodels agrees in the tests. Source: trial definitions, sections 3.1 and 3.3.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.cohort.survival import normal_quantile

__all__ = ["CoxTerm", "Interval", "cox"]

F64 = NDArray[np.float64]

#: A model settles in some ten steps; where there is no maximum each step is as long as the one before.
_STEPS = 30
_SETTLED = 1e-10
_HALVINGS = 20
#: Information per event below which a standardised covariate, or a sum of some, is not told from a constant.
_TOLD_APART = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxTerm:
    """One covariate of a Cox model: hazard ratio per unit, its interval and the Wald test."""

    covariate: str
    hazard_ratio: float
    ci_low: float
    ci_high: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A patient's time between two days, start excluded and stop included, with the covariates then."""

    start: float
    stop: float
    event: bool
    covariates: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Times:
    """Where each event stands among the intervals.

    Attributes:
        died: (n_events,) rows that ended with the event, in order of time.
        first: (n_days,) place in `died` of the first event of each day.
        day: (n_events,) place of each event's day.
        before: (n_events,) events of the same day before this one, as a share of them: Efron's weight.
        by_stop: (n_rows,) rows from the last stop to the first; `by_start` alike.
        stopped: (n_days,) how many rows, in the order of `by_stop`, stop on the day or later.
        started: (n_days,) how many, in the order of `by_start`, start on the day or later.
    """

    died: NDArray[np.intp]
    first: NDArray[np.intp]
    day: NDArray[np.intp]
    before: F64
    by_stop: NDArray[np.intp]
    by_start: NDArray[np.intp]
    stopped: NDArray[np.intp]
    started: NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Likelihood:
    """The log partial likelihood at one point, its gradient (n_terms,) and information (n_terms, n_terms)."""

    value: float
    gradient: F64
    information: F64


def cox(intervals: Sequence[Interval], *, confidence: float) -> tuple[CoxTerm, ...] | None:
    """Return a Cox model of covariates that may change with time; None where it has no finite solution."""
    names = tuple(intervals[0].covariates) if intervals else ()
    if not names or not any(each.event for each in intervals):
        return None
    covariates = np.array([[each.covariates[name] for name in names] for each in intervals], dtype=float)
    spread = covariates.std(axis=0)
    if not spread.all():
        return None
    found = _maximum((covariates - covariates.mean(axis=0)) / spread, _times(intervals))
    if found is None:
        return None
    weights, errors = (part / spread for part in found)
    width = normal_quantile(confidence)
    terms = tuple(_term(*each, width) for each in zip(names, weights, errors, strict=True))
    return terms if all(math.isfinite(term.ci_high) for term in terms) else None


def _term(name: str, weight: float, error: float, width: float) -> CoxTerm:
    with np.errstate(over="ignore"):
        low, middle, high = np.exp([weight - width * error, weight, weight + width * error])
    return CoxTerm(
        covariate=name,
        hazard_ratio=float(middle),
        ci_low=float(low),
        ci_high=float(high),
        p_value=math.erfc(abs(weight / error) / math.sqrt(2.0)),
    )


def _times(intervals: Sequence[Interval]) -> _Times:
    start = np.array([each.start for each in intervals], dtype=float)
    stop = np.array([each.stop for each in intervals], dtype=float)
    died = np.flatnonzero([each.event for each in intervals])
    died = died[np.argsort(stop[died], kind="stable")]
    days, first, day, counts = np.unique(
        stop[died], return_index=True, return_inverse=True, return_counts=True
    )
    return _Times(
        died=died,
        first=first,
        day=day,
        before=(np.arange(len(died)) - first[day]) / counts[day],
        by_stop=np.argsort(-stop, kind="stable"),
        by_start=np.argsort(-start, kind="stable"),
        stopped=len(stop) - np.searchsorted(np.sort(stop), days),
        started=len(start) - np.searchsorted(np.sort(start), days),
    )


def _maximum(covariates: F64, times: _Times) -> tuple[F64, F64] | None:
    """Return the weights of standardised covariates and their errors; None where there is no maximum."""
    weights = np.zeros(covariates.shape[1])
    here = _likelihood(weights, covariates, times)
    for _ in range(_STEPS):
        if np.linalg.eigvalsh(here.information)[0] < _TOLD_APART * len(times.died):
            return None
        step: F64 = np.linalg.solve(here.information, here.gradient).astype(np.float64)
        if np.abs(step).max() < _SETTLED:
            return weights, np.sqrt(np.diag(np.linalg.inv(here.information)))
        step, here = _upwards(weights, step, here, covariates, times)
        weights = weights + step
    return None


def _upwards(
    weights: F64, step: F64, here: _Likelihood, covariates: F64, times: _Times
) -> tuple[F64, _Likelihood]:
    """Return the step, halved until the likelihood does not fall, and the likelihood there."""
    least = here.value - 1e-9 * abs(here.value)
    for _ in range(_HALVINGS):
        there = _likelihood(weights + step, covariates, times)
        if there.value >= least:
            break
        step = step / 2.0
    return step, there


def _likelihood(weights: F64, covariates: F64, times: _Times) -> _Likelihood:
    n_terms = covariates.shape[1]
    log_hazard = covariates @ weights
    highest = log_hazard.max()
    hazard = np.exp(log_hazard - highest)[:, None]
    products = covariates[:, :, None] * covariates[:, None, :]
    columns = hazard * np.column_stack(
        [np.ones(len(hazard)), covariates, products.reshape(len(hazard), n_terms * n_terms)]
    )
    at_risk = _running(columns, times.by_stop, times.stopped) - _running(
        columns, times.by_start, times.started
    )
    tied = np.add.reduceat(columns[times.died], times.first)
    sums = at_risk[times.day] - times.before[:, None] * tied[times.day]
    means = sums[:, 1:] / sums[:, :1]
    first, second = means[:, :n_terms], means[:, n_terms:].sum(axis=0).reshape(n_terms, n_terms)
    return _Likelihood(
        value=float(log_hazard[times.died].sum() - np.log(sums[:, 0]).sum() - highest * len(times.died)),
        gradient=covariates[times.died].sum(axis=0) - first.sum(axis=0),
        information=second - first.T @ first,
    )


def _running(columns: F64, order: NDArray[np.intp], up_to: NDArray[np.intp]) -> F64:
    """Return the sums of the first rows in an order, as many as `up_to` says for each day."""
    sums = np.cumsum(columns[order], axis=0)
    return np.vstack([np.zeros(columns.shape[1]), sums])[up_to]
