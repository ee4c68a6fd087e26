"""How blood counts come back after each course: days to recovery, and thrombocytopenia that stays.

Recovered is what the profile's complete remission asks of a count. The count must first have been low:
recovery is the first such count after the lowest of the profile's first days. A count of the day on which a
course starts, or ends, was drawn before it. Platelets within the profile's days after a transfusion prove no
recovery. Source: `count_recovery` of the criteria profile.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Literal, NamedTuple

from mrdkit.patient.course_records import CountRecovery, CourseRecovery
from mrdkit.patient.criteria import Criteria
from mrdkit.patient.criteria_limits import BOTH, CountLimit
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


@dataclass(frozen=True, slots=True)
class _Dated:
    """Counts in order of their day, and these days."""

    days: Sequence[date]
    counts: Sequence[tuple[date, Counts]]


@dataclass(frozen=True, slots=True)
class _Window:
    start: date
    end: date | None

    def within(self, counts: _Dated) -> Sequence[tuple[date, Counts]]:
        """Return the counts after the first day and up to the last."""
        last = len(counts.days) if self.end is None else bisect_right(counts.days, self.end)
        return counts.counts[bisect_right(counts.days, self.start) : last]


class _Day(NamedTuple):
    """The lowest count of one day of a course; `supported` by a transfusion."""

    number: int
    span: Span
    supported: bool


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
    counts = sorted([(one.day, one) for one in usable if one.day is not None], key=itemgetter(0))
    dated = _Dated([day for day, _ in counts], counts)
    transfusions = [values for values in assessed if values.transfusion_date is not None]
    starts = sorted({event.date for event in events if event.kind is EventKind.COURSE_START})
    return tuple(
        _course(number, _Window(start, _end(start, events)), dated, transfusions, criteria)
        for number, start in enumerate(starts, 1)
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
    return values.counts if values.counts.day else replace(values.counts, day=values.marrow_date)


def _end(start: date, events: Iterable[Event]) -> date | None:
    return min([event.date for event in events if event.date > start and event.kind in _ENDS], default=None)


def _course(
    number: int,
    window: _Window,
    counts: _Dated,
    transfusions: Sequence[AssessmentValues],
    criteria: Criteria,
) -> CourseRecovery:
    complete, early = criteria.category[0], criteria.count_recovery.prolonged_beyond_days
    mine = window.within(counts)
    supported = {day for values in transfusions for day, _ in mine if transfused(day, values, criteria)}
    neutrophils = _days(window.start, [(day, one.anc.span) for day, one in mine], frozenset())
    platelets = _days(window.start, [(day, one.platelets.span) for day, one in mine], supported)
    return CourseRecovery(
        course=number,
        start=window.start,
        end=window.end,
        neutrophils=_recovery(neutrophils, complete.neutrophils, early),
        platelets=_recovery(platelets, complete.platelets, early),
        prolonged_thrombocytopenia=_prolonged(platelets, criteria.count_recovery.thrombocytopenia, early),
    )


def _days(
    start: date, counts: Iterable[tuple[date, Span | None]], supported: Collection[date]
) -> tuple[_Day, ...]:
    """Return the lowest count of every day; both the counts and these stand in order of their day."""
    lowest: dict[date, Span] = {}
    for day, span in counts:
        if span is not None and (day not in lowest or _size(span) < _size(lowest[day])):
            lowest[day] = span
    return tuple([_Day((day - start).days, span, day in supported) for day, span in lowest.items()])


def _size(span: Span) -> tuple[Decimal, bool, Decimal]:
    return span.low, span.high is None, span.high or span.low


def _recovery(days: Sequence[_Day], limit: CountLimit | None, early: int) -> CountRecovery:
    if limit is None:
        return _NOT_ASSESSED
    told = _told(days, limit, raised=True)
    if not told:
        return _NOT_ASSESSED
    followed = told[-1][0].number
    low = [day for day, above in told if not above]
    if not low:
        return CountRecovery(state="not_low", days=None, followed_days=followed)
    back = _first_after(_nadir(low, early), [day for day, above in told if above])
    state: Literal["recovered", "not_recovered"] = "not_recovered" if back is None else "recovered"
    return CountRecovery(state=state, days=back, followed_days=followed)


def _prolonged(days: Sequence[_Day], limit: CountLimit, beyond: int) -> _Word:
    told = _told(days, limit, raised=False)
    low = [day for day, under in told if under]
    if not low:
        return "N" if told else "NE"
    back = _first_after(_nadir(low, beyond), [day for day, under in told if not under])
    if any(day.number > beyond and (back is None or day.number < back) for day in low):
        return "Y"
    return "NE" if back is None else "N"


def _nadir(low: Sequence[_Day], early: int) -> int:
    """Return the last day of the lowest count; a fall after the first days is another one."""
    first = [day for day in low if day.number <= early] or [low[0]]
    least = min([day.span.low for day in first])
    return max([day.number for day in first if day.span.low == least])


def _first_after(number: int, days: Iterable[_Day]) -> int | None:
    return next((day.number for day in days if day.number > number), None)


def _told(days: Sequence[_Day], limit: CountLimit, *, raised: bool) -> list[tuple[_Day, bool]]:
    """Return whether each count keeps the limit; one that leaves it open is left out.

    Args:
        days: the counts.
        limit: the limit.
        raised: the answer that a transfusion could have made, and that is none under one.
    """
    each = zip(days, limit.answers_each([day.span for day in days]), strict=True)
    return [
        (day, True in answers)
        for day, answers in each
        if answers != BOTH and not (day.supported and raised in answers)
    ]
