"""How often an event happens where death without it makes it impossible: cumulative incidence.

The event's date stands in a column of subjects.csv, such as `sos_date`. The estimate is Aalen and
Johansen's, made of the all-cause Kaplan-Meier curve; its variance is the delta method's (Dinse and Larson
1986), its interval log-log. lifelines' own estimator moves tied days at random and is not used. Source:
trial definitions, section 3.3.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist
from typing import Literal

from mrdkit.cohort.curve import Curve
from mrdkit.cohort.rules import analysis_rules
from mrdkit.cohort.survival import kaplan_meier
from mrdkit.cohort.times import FollowUp, LeftOut, outcome_of
from mrdkit.errors import UsageError
from mrdkit.patient.records import PatientRecord
from mrdkit.patient.sequence import treatment_start

__all__ = ["FirstEvent", "Incidence", "IncidencePoint", "first_events", "incidence", "incidence_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstEvent:
    """What came first to one patient: the event, death without it, or the end of follow-up."""

    subject_id: str
    days: float
    cause: Literal["event", "death", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidencePoint:
    """The share, a fraction, who have had the event up to a day."""

    day: float
    at_risk: int
    events: int
    competing: int
    incidence: float
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidence:
    """Cumulative incidence of one event.

    Attributes:
        points: every day on which somebody left observation, in order.
    """

    event: str
    n: int
    n_events: int
    n_competing: int
    points: tuple[IncidencePoint, ...]
    left_out: tuple[LeftOut, ...]
    method: str


def first_events(
    records: Iterable[PatientRecord], column: str
) -> tuple[tuple[FirstEvent, ...], tuple[LeftOut, ...]]:
    """Return what came first to each patient, and who has no time.

    Raises:
        UsageError: no patient has such a column.
    """
    cohort = sorted(records, key=lambda record: record.subject.subject_id)
    if not any(column in record.subject.extra for record in cohort):
        raise UsageError(
            "subjects.csv has no such column",
            code="COLUMN_UNKNOWN",
            found=column,
            remedy="add a column with the event's date, empty where there was none",
        )
    found = [_first(record, column) for record in cohort]
    return (
        tuple(one for one in found if isinstance(one, FirstEvent)),
        tuple(one for one in found if isinstance(one, LeftOut)),
    )


def incidence(records: Iterable[PatientRecord], column: str) -> Incidence:
    """Return the cumulative incidence from treatment start, death without the event competing.

    Raises:
        UsageError: no patient has such a column.
    """
    found, left_out = first_events(records, column)
    return Incidence(
        event=column,
        n=len(found),
        n_events=sum(one.cause == "event" for one in found),
        n_competing=sum(one.cause == "death" for one in found),
        points=incidence_of(found, confidence=analysis_rules().estimate.confidence),
        left_out=left_out,
        method=(
            "Aalen-Johansen from treatment start, death without the event competing; delta-method variance "
            "(Dinse and Larson), log-log interval"
        ),
    )


def incidence_of(found: Sequence[FirstEvent], *, confidence: float) -> tuple[IncidencePoint, ...]:
    """Return the cumulative incidence of the event at every day on which somebody left."""
    curve = kaplan_meier(
        ([one.days for one in found], [one.cause != "none" for one in found]), confidence=confidence
    )
    ours: dict[float, int] = {}
    for one in found:
        ours[one.days] = ours.get(one.days, 0) + (one.cause == "event")
    return tuple(_accumulated(curve, [ours[step.day] for step in curve.steps], _normal_quantile(confidence)))


def _first(record: PatientRecord, column: str) -> FirstEvent | LeftOut:
    outcome = outcome_of(record, "os")
    start = treatment_start(record.subject, record.events)
    if not isinstance(outcome, FollowUp) or start is None:
        return (
            outcome
            if isinstance(outcome, LeftOut)
            else _without(record, "START_MISSING", "no start is known")
        )
    text = record.subject.extra.get(column, "").strip()
    if not text:
        return FirstEvent(
            subject_id=outcome.subject_id, days=outcome.days, cause="death" if outcome.event else "none"
        )
    try:
        days = (date.fromisoformat(text) - start).days
    except ValueError:
        return _without(record, "DATE_INVALID", f"{column} is not an ISO 8601 date")
    if not 0 <= days <= outcome.days:
        return _without(record, "DATE_ORDER", f"{column} lies outside the time under observation")
    return FirstEvent(subject_id=outcome.subject_id, days=days, cause="event")


def _without(record: PatientRecord, code: str, reason: str) -> LeftOut:
    return LeftOut(subject_id=record.subject.subject_id, endpoint="os", code=code, reason=reason)


def _accumulated(curve: Curve, ours: Sequence[int], z: float) -> Iterator[IncidencePoint]:
    """Yield the incidence after each step; the variance expands into sums that are carried along.

    With F the incidence and S survival before a step of n at risk, d events of any kind and k of ours, the
    variance at t is the sum over steps of (F(t) - F)^2 a + S^2 b - 2 (F(t) - F) S c.
    """
    total, before = 0.0, 1.0
    a0 = a1 = a2 = b = c0 = c1 = 0.0
    for step, k in zip(curve.steps, ours, strict=True):
        n, d = step.at_risk, step.events
        total += before * k / n
        if d < n:
            a = d / (n * (n - d))
            a0, a1, a2 = a0 + a, a1 + a * total, a2 + a * total * total
        b += before * before * k * (n - k) / n**3
        c = before * k / n**2
        c0, c1 = c0 + c, c1 + c * total
        variance = total * total * a0 - 2.0 * total * a1 + a2 + b - 2.0 * (total * c0 - c1)
        low, high = _log_log(total, variance, z)
        before = step.survival
        yield IncidencePoint(
            day=step.day, at_risk=n, events=k, competing=d - k, incidence=total, ci_low=low, ci_high=high
        )


def _log_log(total: float, variance: float, z: float) -> tuple[float | None, float | None]:
    if not 0.0 < total < 1.0:
        return None, None
    width = z * math.sqrt(max(variance, 0.0)) / (total * abs(math.log(total)))
    return total ** math.exp(width), total ** math.exp(-width)


def _normal_quantile(confidence: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence / 2.0)
