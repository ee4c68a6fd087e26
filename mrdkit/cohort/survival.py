"""Kaplan-Meier, log-rank and Cox by lifelines; the only place that knows lifelines and pandas.

Both take a second to import, so that they are loaded when a number is asked for. Ties in Cox models are
handled by Efron's method. Source: trial definitions, sections 3.1 and 3.3.
"""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mrdkit.cohort.curve import Curve, Step

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CoxTerm", "Interval", "Times", "cox", "kaplan_meier", "log_rank"]

#: Times in days and whether each ended with the event.
Times: TypeAlias = tuple[Sequence[float], Sequence[bool]]

#: Newton steps go on until the estimate no longer moves; the error of P is that of the step before the last.
_EXACT = {"precision": 1e-20, "r_precision": 1e-14}


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

    subject: int
    start: float
    stop: float
    event: bool
    covariates: Mapping[str, float]


def kaplan_meier(times: Times, *, confidence: float) -> Curve:
    """Return the Kaplan-Meier curve of one group; of nobody it has no steps."""
    days, events = times
    if not days:
        return Curve(n=0, steps=())
    from lifelines import KaplanMeierFitter

    fitted = KaplanMeierFitter(alpha=1.0 - confidence).fit(list(days), list(events))
    survival = fitted.survival_function_.iloc[:, 0]
    low, high = (fitted.confidence_interval_.iloc[:, side] for side in (0, 1))
    columns = (fitted.event_table[name] for name in ("at_risk", "observed", "censored"))
    rows = zip(fitted.event_table.index, *columns, survival, low, high, strict=True)
    steps = tuple(_step(*row) for row in rows if row[2] or row[3])
    return Curve(n=len(days), steps=steps)


def log_rank(groups: Sequence[Times]) -> float | None:
    """Return the log-rank P of two or more groups; None where nothing can be compared.

    A group of whom nobody was at risk at any event takes no degree of freedom, as in R's `survdiff`.
    """
    told = _told_by_events(groups)
    if not all(days for days, _ in groups) or len(told) < 2:  # noqa: PLR2004
        return None
    from lifelines.statistics import multivariate_logrank_test

    days = [day for group, _ in told for day in group]
    labels = [index for index, (group, _) in enumerate(told) for _ in group]
    events = [event for _, group in told for event in group]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        p_value = float(multivariate_logrank_test(days, labels, events).p_value)
    return p_value if math.isfinite(p_value) else None


def _told_by_events(groups: Sequence[Times]) -> list[Times]:
    """Return the groups with somebody at risk at an event; none where the first takes everybody at risk."""
    first = min(
        (day for times in groups for day, event in zip(*times, strict=True) if event), default=math.inf
    )
    outlived = any(
        day > first or (day == first and not event)
        for times in groups
        for day, event in zip(*times, strict=True)
    )
    return [times for times in groups if outlived and max(times[0], default=-math.inf) >= first]


def cox(intervals: Sequence[Interval], *, confidence: float) -> tuple[CoxTerm, ...] | None:
    """Return a Cox model of covariates that may change with time; None where it has no finite solution."""
    import pandas as pd
    from lifelines import CoxTimeVaryingFitter

    names = tuple(intervals[0].covariates) if intervals else ()
    if not names or not any(each.event for each in intervals):
        return None
    frame = pd.DataFrame(
        {
            "_id": [each.subject for each in intervals],
            "_start": [each.start for each in intervals],
            "_stop": [each.stop for each in intervals],
            "_event": [each.event for each in intervals],
            **{name: [each.covariates[name] for each in intervals] for name in names},
        },
        dtype=float,
    )
    columns = {"id_col": "_id", "event_col": "_event", "start_col": "_start", "stop_col": "_stop"}
    model = CoxTimeVaryingFitter(alpha=1.0 - confidence)
    return _terms(lambda: model.fit(frame, **columns, fit_options=_EXACT).summary, names)


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


def _terms(fit: Callable[[], "pd.DataFrame"], names: Sequence[str]) -> tuple[CoxTerm, ...] | None:
    """Return the terms of a fit; one that does not settle, or tells no covariates apart, has no solution."""
    from lifelines.exceptions import ConvergenceError, ConvergenceWarning
    from numpy.linalg import LinAlgError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", ConvergenceWarning)
            summary = fit()
    except (ConvergenceError, ConvergenceWarning, LinAlgError, ZeroDivisionError):
        return None
    terms = tuple(_term(name, summary.loc[name]) for name in names)
    return terms if all(math.isfinite(term.p_value) for term in terms) else None


def _term(name: str, row: "pd.Series[float]") -> CoxTerm:
    low, high = (float(row[column]) for column in row.index if column.startswith("exp(coef) "))
    return CoxTerm(
        covariate=name,
        hazard_ratio=float(row["exp(coef)"]),
        ci_low=low,
        ci_high=high,
        p_value=float(row["p"]),
    )
