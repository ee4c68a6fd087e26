"""What a classifier must know around one assessment: start, end, next therapy, earlier findings, counts."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from mrdkit.patient.quantities import Measured
from mrdkit.patient.reading import Answer, AssessmentValues, Counts
from mrdkit.patient.records import Event, EventKind

__all__ = [
    "BASELINE_VISIT",
    "History",
    "course_number",
    "ends_of_courses",
    "first_date",
    "is_baseline",
    "label_of",
    "next_therapy",
    "subject_history",
    "usable_counts",
]

#: Label of the visit before treatment, in lower case.
BASELINE_VISIT = "baseline"

_COURSE = re.compile(r"(?:(?:course|cycle|c) ?)?0*([0-9]{1,3})(?:\.0*)?")
_ENDS_THE_COURSE = frozenset(EventKind) - {EventKind.LAST_CONTACT}


class History(NamedTuple):
    """The surroundings of one assessment; what is not known is None or UNKNOWN.

    Attributes:
        extramedullary: last answer before this assessment.
        cns: last CNS status before this assessment.
        blasts_before: last marrow blasts before treatment.
        counts: serial blood counts of the subject that could be read.
        counts_refused: days whose counts could not be right, and are not used.
        courses_documented: the start of at least one course is known.
        next_therapy_on: next course, other therapy, relapse, end or marrow after this marrow.
        marrow_known: any assessment of the subject under treatment has a marrow result.
        ended: the subject died or left the study.
    """

    baseline: bool = False
    treatment_start: date | None = None
    death_on: date | None = None
    last_contact_on: date | None = None
    extramedullary: Answer = Answer.UNKNOWN
    cns: str | None = None
    blasts_before: Measured | None = None
    counts: tuple[Counts, ...] = ()
    counts_refused: tuple[date, ...] = ()
    courses_documented: bool = False
    next_therapy_on: date | None = None
    marrow_known: bool = True
    ended: bool = False


@lru_cache(maxsize=4096)
def label_of(visit: str) -> str:
    """Return a visit's label as it is compared: case and surrounding blanks tell no visits apart."""
    return visit.strip().casefold()


@lru_cache(maxsize=4096)
def is_baseline(visit: str, course: str = "") -> bool:
    """Tell whether a visit lies before treatment: it is called `baseline`, or its course is 0."""
    return label_of(visit) == BASELINE_VISIT or course_number(course) == 0


@lru_cache(maxsize=1024)
def course_number(text: str) -> int | None:
    """Return a course as a number, None where the cell is none: `2`, `02`, `2.0`, `C2` and `Cycle 2` are."""
    found = _COURSE.fullmatch(" ".join(text.casefold().split()))
    return int(found[1]) if found else None


def first_date(events: Iterable[Event], kind: EventKind) -> date | None:
    """Return the first date of one kind of event."""
    return min([event.date for event in events if event.kind is kind], default=None)


def _has_marrow(values: AssessmentValues) -> bool:
    return values.blasts.span is not None and values.evaluable is not Answer.NO


def ends_of_courses(events: Iterable[Event]) -> list[date]:
    """Return the days of events that end a course."""
    return [event.date for event in events if event.kind in _ENDS_THE_COURSE]


def next_therapy(ends: Iterable[date], later_marrows: Iterable[date], after: date | None) -> date | None:
    """Return the day on which "the same course, without new therapy" ends."""
    if after is None:
        return None
    found = [*[day for day in ends if day >= after], *[day for day in later_marrows if day > after]]
    return min(found, default=None)


def usable_counts(counts: Iterable[Counts]) -> tuple[Counts, ...]:
    """Return the counts that can be right."""
    return tuple([day for day in counts if not day.problems])


def subject_history(
    *,
    before: Sequence[AssessmentValues],
    treated: Sequence[AssessmentValues],
    treatment_start: date | None,
    events: Sequence[Event],
    counts: Sequence[Counts],
    trusted: bool,
) -> History:
    """Gather what is the same for every assessment of one subject.

    Args:
        before: the subject's assessments before treatment, oldest first.
        treated: the subject's assessments after the start of treatment.
        treatment_start: first day of treatment.
        events: the subject's events.
        counts: the subject's serial counts.
        trusted: no row of the subject was refused, so that no course start can be missing.
    """
    kinds = {event.kind for event in events}
    last_contacts = [event.date for event in events if event.kind is EventKind.LAST_CONTACT]
    return History(
        treatment_start=treatment_start,
        death_on=first_date(events, EventKind.DEATH),
        last_contact_on=max(last_contacts, default=None),
        blasts_before=next((other.blasts for other in reversed(before) if _has_marrow(other)), None),
        counts=usable_counts(counts),
        counts_refused=tuple(day.day for day in counts if day.problems and day.day is not None),
        courses_documented=trusted and EventKind.COURSE_START in kinds,
        marrow_known=any(_has_marrow(other) for other in treated),
        ended=EventKind.DEATH in kinds or EventKind.OFF_STUDY in kinds,
    )
