"""Survival endpoints: the estimate at the horizon, the median, the median follow-up.

Source: trial definitions, sections 3.1 and 3.2.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from mrdkit.cohort.comparisons import Comparison
from mrdkit.cohort.curve import Curve
from mrdkit.cohort.endpoint import Endpoint
from mrdkit.cohort.measures import Patients
from mrdkit.cohort.rules import AnalysisRules
from mrdkit.cohort.survival import Times, kaplan_meier, log_rank
from mrdkit.cohort.times import Clock, FollowUp, LeftOut, Outcome, follow_up, follow_ups

__all__ = [
    "Estimate",
    "FollowUpMedian",
    "Survival",
    "about",
    "median_row",
    "survival_row",
    "times_of",
]

_WORDS = {
    "os": "overall survival from treatment start; n is deaths",
    "rfs": "relapse-free survival of responders from the first response; n is relapses and deaths",
}
_FOLLOW_UP = "reverse Kaplan-Meier from treatment start; the interval is the range of the alive; n is alive"
_KAPLAN_MEIER = "Kaplan-Meier, log-log (Greenwood) 95 % interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A curve that makes a row of the table.

    Attributes:
        words: whom it is about.
        outcomes: of the patients behind it, those without a time included.
    """

    endpoint: str
    group: str | None
    curve: Curve
    words: str
    outcomes: Sequence[Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """Overall or relapse-free survival: what `of_curve` says of its Kaplan-Meier curve."""

    endpoint: str
    clock: Clock
    of_curve: Callable[[Estimate, AnalysisRules], Endpoint]

    def row(self, patients: Patients, group: str | None, rules: AnalysisRules) -> Endpoint:
        """Return the estimate of one group."""
        outcomes = follow_ups(patients, self.clock)
        curve = kaplan_meier(times_of(follow_up(outcomes)), confidence=rules.estimate.confidence)
        words = about(self.clock, outcomes)
        found = Estimate(endpoint=self.endpoint, group=group, curve=curve, words=words, outcomes=outcomes)
        return self.of_curve(found, rules)

    def compare(self, groups: Sequence[Patients], rules: AnalysisRules) -> Comparison:
        """Compare the whole curves by the log-rank test."""
        del rules
        p_value = log_rank([times_of(follow_up(follow_ups(patients, self.clock))) for patients in groups])
        return Comparison(p_value=p_value, method="log-rank" if p_value is not None else "no test")


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpMedian:
    """The median follow-up in months: Kaplan-Meier with death as censoring; range of those alive."""

    endpoint: str

    def row(self, patients: Patients, group: str | None, rules: AnalysisRules) -> Endpoint:
        """Return the median follow-up of one group."""
        outcomes = follow_ups(patients, "os")
        found = follow_up(outcomes)
        reverse = kaplan_meier(
            ([one.days for one in found], [not one.event for one in found]),
            confidence=rules.estimate.confidence,
        )
        middle = reverse.median(rules.estimate.median_tolerance).day
        words = _FOLLOW_UP + _left_out_words(outcomes)
        of = Estimate(endpoint=self.endpoint, group=group, curve=reverse, words=words, outcomes=outcomes)
        return _months(of, (middle, *_range([one.days for one in found if not one.event])), words, rules)

    def compare(self, groups: Sequence[Patients], rules: AnalysisRules) -> Comparison:
        """Make no comparison: follow-up is no outcome."""
        del groups, rules
        return Comparison(p_value=None, method="not compared")


def times_of(found: Sequence[FollowUp]) -> Times:
    """Return days and events of the patients who have a time."""
    return [one.days for one in found], [one.event for one in found]


def about(clock: Clock, outcomes: Sequence[Outcome]) -> str:
    """Say whom a survival estimate is about."""
    return _WORDS[clock] + _left_out_words(outcomes)


def survival_row(of: Estimate, rules: AnalysisRules) -> Endpoint:
    """Return survival at the horizon; what is carried forward beyond the longest follow-up says so."""
    curve = of.curve
    step = curve.at(rules.horizon_days)
    percent = None if curve.n == 0 else 100.0 if step is None else 100.0 * step.survival
    flags, reasons = _remarks(of.outcomes)
    if curve.n and not curve.known_at(rules.horizon_days):
        months = curve.last_day / rules.time.days_per_month
        flags += ("FOLLOW_UP_SHORT",)
        horizon = rules.time.horizon_months
        carried = f"the estimate at {months:.1f} months is carried forward"
        reasons += (f"Nobody was followed for {horizon} months: {carried}.",)
    return Endpoint(
        endpoint=of.endpoint,
        group=of.group,
        n=curve.n_events,
        denominator=curve.n,
        percent=percent,
        value=None,
        unit=None,
        ci_low=_percent(step.ci_low if step else None),
        ci_high=_percent(step.ci_high if step else None),
        p_value=None,
        method=f"{_KAPLAN_MEIER}; {of.words}",
        flags=flags,
        reasons=reasons,
    )


def median_row(of: Estimate, rules: AnalysisRules) -> Endpoint:
    """Return the median of a curve in months; None where it is not reached."""
    median = of.curve.median(rules.estimate.median_tolerance)
    days = (median.day, median.low, median.high)
    return _months(of, days, f"{_KAPLAN_MEIER}; median; {of.words}", rules)


def _months(
    of: Estimate, days: tuple[float | None, float | None, float | None], method: str, rules: AnalysisRules
) -> Endpoint:
    value, low, high = (None if day is None else day / rules.time.days_per_month for day in days)
    flags, reasons = _remarks(of.outcomes)
    return Endpoint(
        endpoint=of.endpoint,
        group=of.group,
        n=of.curve.n_events,
        denominator=of.curve.n,
        percent=None,
        value=value,
        unit="months",
        ci_low=low,
        ci_high=high,
        p_value=None,
        method=method,
        flags=flags,
        reasons=reasons,
    )


def _range(days: Sequence[float]) -> tuple[float | None, float | None]:
    return (float(min(days)), float(max(days))) if days else (None, None)


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100.0 * fraction


def _left_out_words(outcomes: Sequence[Outcome]) -> str:
    codes = Counter(one.code for one in outcomes if isinstance(one, LeftOut))
    if not codes:
        return ""
    return "; left out: " + ", ".join(f"{n} {code}" for code, n in sorted(codes.items()))


def _remarks(outcomes: Sequence[Outcome]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what a reader must know of the times: who has none, who was censored without a contact."""
    left: list[tuple[Literal["PATIENTS_LEFT_OUT", "NO_LAST_CONTACT"], str]] = [
        ("PATIENTS_LEFT_OUT", f"{one.subject_id} is left out: {one.reason}.")
        for one in outcomes
        if isinstance(one, LeftOut)
    ]
    undocumented = [one for one in follow_up(outcomes) if one.ended_by == "last_record"]
    if undocumented:
        left.append(
            (
                "NO_LAST_CONTACT",
                f"{len(undocumented)} without a reported last contact are censored at their last record.",
            )
        )
    return tuple(dict.fromkeys(code for code, _ in left)), tuple(reason for _, reason in left)
