"""Landmark analysis: survival by what had happened up to a day, among those still under observation after it.

Exposed is who had the event at or before the landmark. Who died or was censored at or before it is left out
and counted: early deaths would all be unexposed. The clock starts with treatment, or with the landmark.
Source: trial definitions, section 3.2.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from mrdkit.cohort.curve import Curve
from mrdkit.cohort.endpoint import Endpoint
from mrdkit.cohort.rules import analysis_rules
from mrdkit.cohort.survival import kaplan_meier, log_rank
from mrdkit.cohort.survival_measures import Estimate, median_row, survival_row, times_of
from mrdkit.cohort.times import FollowUp, LeftOut, exposed_after, outcome_of
from mrdkit.errors import UsageError
from mrdkit.patient.records import EventKind, PatientRecord
from mrdkit.patient.sequence import treatment_start

__all__ = [
    "Landmark",
    "LandmarkGroup",
    "event_kind",
    "landmark_curves",
    "landmark_group",
    "landmark_rows",
    "read_landmark",
]

#: What a patient is at the landmark.
LandmarkGroup = Literal["exposed", "unexposed", "excluded"]

_COMPARED: tuple[LandmarkGroup, ...] = ("exposed", "unexposed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmark:
    """An exposure and the day by which it counts; `from_landmark` starts the clock there."""

    exposure: EventKind
    day: float
    from_landmark: bool = False


def event_kind(word: str) -> EventKind:
    """Return an event by its word in events.csv.

    Raises:
        UsageError: there is no such event.
    """
    try:
        return EventKind(word.strip().casefold())
    except ValueError:
        raise UsageError(
            "there is no such event",
            code="EVENT_UNKNOWN",
            found=word,
            expected="one of " + ", ".join(EventKind),
        ) from None


def read_landmark(text: str, *, from_landmark: bool = False) -> Landmark:
    """Read EVENT:DAYS, such as `sct:122`.

    Raises:
        UsageError: no known event, or no number of days above 0.
    """
    word, _, number = text.partition(":")
    exposure = event_kind(word)
    try:
        day = float(number)
    except ValueError:
        day = 0.0
    if not 0.0 < day < float("inf"):
        raise UsageError(
            "the landmark is not understood",
            code="LANDMARK_INVALID",
            found=text,
            expected="EVENT:DAYS with days above 0, such as sct:122",
        )
    return Landmark(exposure=exposure, day=day, from_landmark=from_landmark)


def landmark_group(outcome: FollowUp, exposed_on: float | None, day: float) -> LandmarkGroup:
    """Return the group of one patient at a landmark."""
    if outcome.days <= day:
        return "excluded"
    return "exposed" if exposed_on is not None and exposed_on <= day else "unexposed"


def landmark_rows(records: Iterable[PatientRecord], landmark: Landmark) -> tuple[Endpoint, ...]:
    """Return survival at the horizon and its median, exposed and unexposed, with the log-rank P."""
    rules = analysis_rules()
    members, words, left_out = _members(records, landmark)
    p_value = log_rank([times_of(members[group]) for group in _COMPARED])
    rows = []
    for make in (survival_row, median_row):
        name = f"os_{rules.time.horizon_months}m" if make is survival_row else "os_median_months"
        for group in _COMPARED:
            curve = kaplan_meier(times_of(members[group]), confidence=rules.estimate.confidence)
            found = Estimate(endpoint=name, group=group, curve=curve, words=words, outcomes=left_out)
            row = make(found, rules)
            test = "log-rank" if p_value is not None else "no test"
            rows.append(replace(row, p_value=p_value, method=f"{row.method}; {test}"))
    return tuple(rows)


def landmark_curves(records: Iterable[PatientRecord], landmark: Landmark) -> dict[str, Curve]:
    """Return the curves of both groups."""
    confidence = analysis_rules().estimate.confidence
    members, _, _ = _members(records, landmark)
    return {group: kaplan_meier(times_of(members[group]), confidence=confidence) for group in _COMPARED}


def _members(
    records: Iterable[PatientRecord], landmark: Landmark
) -> tuple[dict[LandmarkGroup, tuple[FollowUp, ...]], str, tuple[LeftOut, ...]]:
    """Return the patients of each group with their times, whom the analysis is about, and who has no time."""
    found: dict[LandmarkGroup, list[FollowUp]] = {"exposed": [], "unexposed": [], "excluded": []}
    left_out: list[LeftOut] = []
    for record in sorted(records, key=lambda record: record.subject.subject_id):
        outcome, start = outcome_of(record, "os"), treatment_start(record.subject, record.events)
        if isinstance(outcome, LeftOut):
            left_out.append(outcome)
        elif outcome is not None and start is not None:
            found[_group(record, outcome, start, landmark)].append(_on_clock(outcome, landmark))
    return (
        {group: tuple(times) for group, times in found.items()},
        _words(landmark, found["excluded"]),
        tuple(left_out),
    )


def _group(record: PatientRecord, outcome: FollowUp, start: date, landmark: Landmark) -> LandmarkGroup:
    return landmark_group(outcome, exposed_after(record, landmark.exposure, start), landmark.day)


def _on_clock(outcome: FollowUp, landmark: Landmark) -> FollowUp:
    return replace(outcome, days=outcome.days - landmark.day) if landmark.from_landmark else outcome


def _words(landmark: Landmark, excluded: Sequence[FollowUp]) -> str:
    deaths = sum(one.event for one in excluded)
    clock = "the landmark" if landmark.from_landmark else "treatment start"
    return (
        f"overall survival from {clock} of patients under observation after day {landmark.day:g}, by "
        f"{landmark.exposure} up to that day; n is deaths; {len(excluded)} left out before it "
        f"({deaths} deaths, {len(excluded) - deaths} censored)"
    )
