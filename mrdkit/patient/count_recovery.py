"""How blood counts come back after each course: days to recovery, and thrombocytopenia that stays.

Recovered is what the profile's complete remission asks of a count. The count must first have been low:
recovery is the first such count after the lowest of the profile's first days. A count of the day on which a
course starts, or ends, was drawn before it. Platelets within the profile's days after a transfusion prove no
recovery. Source: `count_recovery` of the criteria profile.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Literal, NamedTuple

from mrdkit.patient.course_records import CountRecovery, CourseRecovery
from mrdkit.patient.criteria import Criteria
from mrdkit.patient.criteria_limits import BOTH, NO, YES, CountLimit
from mrdkit.patient.history import usable_counts
from mrdkit.patient.notes import transfused
from mrdkit.patient.quantities import Span
from mrdkit.patient.reading import AssessmentValues, Counts
from mrdkit.patient.records import Event, EventKind

__all__ = ["course_recoveries", "days_from_inotuzumab_to_sct", "prolonged_thrombocytopenia"]

_Word = Literal["Y", "N", "NE"]

_ENDS = frozenset(
    {EventKind.COURSE_START, EventKind.SCT, EventKind.RELAPSE, EventKind.DEATH, EventKind.OFF_STUDY}
)
_NOT_ASSESSED = CountRecovery(state="not_assessed", days=None, followed_days=None)


class _Told(NamedTuple):
    """A day whose count tells whether it is low, and the least that the count may be."""

    day: date
    low: bool
    least: Decimal


_DAY, _LEAST = attrgetter("day"), attrgetter("least")


class _Course(NamedTuple):
    start: date
    end: date | None

    def within(self, told: Sequence[_Told]) -> Sequence[_Told]:
        """Return the days after the first and up to the last."""
        last = len(told) if self.end is None else bisect_right(told, self.end, key=_DAY)
        return told[bisect_right(told, self.start, key=_DAY) : last]

    def number(self, day: date) -> int:
        """Return the days from the start."""
        return (day - self.start).days


def course_recoveries(
    events: Sequence[Event],
    assessed: Sequence[AssessmentValues],
    series: Sequence[Counts],
    criteria: Criteria,
) -> tuple[CourseRecovery, ...]:
    """Return the recovery of every documented course, in order; none where no course start is documented.

    Args:
        events: the subject's events.
        assessed: the subject's assessments.
        series: the subject's serial counts.
        criteria: the profile.
    """
    usable = usable_counts([*series, *[_own_counts(values) for values in assessed]])
    supported = _supported(usable, assessed, criteria)
    complete, policy = criteria.category[0], criteria.count_recovery
    platelet_days = _lowest([(one.day, one.platelets.span) for one in usable])
    neutrophils = _told(_lowest([(one.day, one.anc.span) for one in usable]), complete.neutrophils, NO, ())
    platelets = _told(platelet_days, complete.platelets, NO, supported)
    thrombocytopenia = _told(platelet_days, policy.thrombocytopenia, YES, supported)
    early = policy.prolonged_beyond_days
    return tuple(
        CourseRecovery(
            course=number,
            start=course.start,
            end=course.end,
            neutrophils=_recovery(course, course.within(neutrophils), early),
            platelets=_recovery(course, course.within(platelets), early),
            prolonged_thrombocytopenia=_prolonged(course, course.within(thrombocytopenia), early),
        )
        for number, course in enumerate(_courses(events), 1)
    )


def prolonged_thrombocytopenia(courses: Iterable[CourseRecovery]) -> _Word:
    """Return whether any course left platelets low for too long; N where at least one course tells so."""
    words = {course.prolonged_thrombocytopenia for course in courses}
    if "Y" in words:
        return "Y"
    return "N" if "N" in words else "NE"


def days_from_inotuzumab_to_sct(events: Sequence[Event], start: date | None) -> int | None:
    """Return the days from the last inotuzumab before the first transplantation; None without both.

    A transplantation before the start of treatment is an earlier one.
    """
    days = (event.date for event in events if event.kind is EventKind.SCT)
    transplanted = min((day for day in days if start is None or day >= start), default=None)
    if transplanted is None:
        return None
    given = [
        event.date for event in events if event.kind is EventKind.INOTUZUMAB and event.date <= transplanted
    ]
    return (transplanted - max(given)).days if given else None


def _own_counts(values: AssessmentValues) -> Counts:
    """Return the counts of an assessment; without a date they are of the marrow's day."""
    return values.counts if values.counts.day else values.counts._replace(day=values.marrow_date)


def _courses(events: Iterable[Event]) -> list[_Course]:
    """Return the documented courses; each ends where the next course, or what ends all courses, begins."""
    ends = [event for event in events if event.kind in _ENDS]
    starts = sorted({event.date for event in ends if event.kind is EventKind.COURSE_START})
    return [
        _Course(start, min([event.date for event in ends if event.date > start], default=None))
        for start in starts
    ]


def _supported(
    counts: Iterable[Counts], assessed: Iterable[AssessmentValues], criteria: Criteria
) -> Collection[date]:
    """Return the days whose platelets a transfusion may have raised."""
    transfusions = [values for values in assessed if values.transfusion_date is not None]
    return {
        one.day
        for values in transfusions
        for one in counts
        if one.day is not None and transfused(one.day, values, criteria)
    }


def _lowest(counts: Iterable[tuple[date | None, Span | None]]) -> list[tuple[date, Span]]:
    """Return the lowest count of every day, in order."""
    lowest: dict[date, Span] = {}
    for day, span in counts:
        if day is not None and span is not None and (day not in lowest or _size(span) < _size(lowest[day])):
            lowest[day] = span
    return [(day, lowest[day]) for day in sorted(lowest)]


def _size(span: Span) -> tuple[Decimal, bool, Decimal]:
    return span.low, span.high is None, span.high or span.low


def _told(
    days: Sequence[tuple[date, Span]],
    limit: CountLimit | None,
    low: frozenset[bool],
    supported: Collection[date],
) -> list[_Told]:
    """Return whether each count is low; one that leaves it open is left out.

    Args:
        days: the lowest count of every day.
        limit: the limit; without one no count tells.
        low: the answer to the limit that is low; under a transfusion the other one proves nothing.
        supported: days under a transfusion.
    """
    if limit is None:
        return []
    answers = limit.answers_each([span for _, span in days])
    return [
        _Told(day, answer == low, span.low)
        for (day, span), answer in zip(days, answers, strict=True)
        if answer == low or (answer != BOTH and day not in supported)
    ]


def _recovery(course: _Course, told: Sequence[_Told], early: int) -> CountRecovery:
    if not told:
        return _NOT_ASSESSED
    followed = course.number(told[-1].day)
    low = [one for one in told if one.low]
    if not low:
        return CountRecovery(state="not_low", days=None, followed_days=followed)
    back = _back(course, told, low, early)
    if back is None:
        return CountRecovery(state="not_recovered", days=None, followed_days=followed)
    return CountRecovery(state="recovered", days=course.number(back), followed_days=followed)


def _prolonged(course: _Course, told: Sequence[_Told], beyond: int) -> _Word:
    low = [one for one in told if one.low]
    if not low:
        return "N" if told else "NE"
    back = _back(course, told, low, beyond)
    last = max(one.day for one in low if back is None or one.day < back)
    if course.number(last) > beyond:
        return "Y"
    return "NE" if back is None else "N"


def _back(course: _Course, told: Sequence[_Told], low: Sequence[_Told], early: int) -> date | None:
    """Return the first day after the lowest count that is not low; None where there is none.

    The lowest is that of the first days, and the last of several; a later fall is another one.
    """
    first = [one for one in low if (one.day - course.start).days <= early] or low[:1]
    lowest = min(reversed(first), key=_LEAST).day
    return next((one.day for one in told if not one.low and one.day > lowest), None)
