"""One subject's assessments in order of time, each classified with what was known around it."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from mrdkit.patient.counts import stating_blasts, with_blood_blasts
from mrdkit.patient.criteria import Criteria
from mrdkit.patient.findings import REVIEW, Finding, flags_of, reasons_of
from mrdkit.patient.history import (
    History,
    course_number,
    ends_of_courses,
    first_date,
    is_baseline,
    label_of,
    next_therapy,
    subject_history,
    usable_counts,
)
from mrdkit.patient.reading import Answer, AssessmentValues, Counts, read_assessment, read_day
from mrdkit.patient.records import Assessment, Event, EventKind, Subject
from mrdkit.patient.response import MorphologicResponse, classify_values

__all__ = ["Classified", "classify_subject", "in_order_of_time", "treatment_start"]

_CELLS = attrgetter(*(field.name for field in fields(Assessment)))
_AFTER_ALL = 1000  # courses are written with at most three digits


class Classified(NamedTuple):
    """One assessment with its values and its answer."""

    assessment: Assessment
    values: AssessmentValues
    answer: MorphologicResponse
    baseline: bool

    @property
    def course(self) -> int | None:
        """Course of the visit, 0 before treatment, None where it is not a number."""
        return 0 if self.baseline else course_number(self.assessment.course)


def classify_subject(
    subject: Subject,
    *,
    events: Sequence[Event],
    assessments: Sequence[Assessment],
    counts: Sequence[Counts],
    criteria: Criteria,
    refused: Sequence[str] = (),
) -> tuple[Classified, ...]:
    """Classify every assessment of one subject; the order of the rows does not matter.

    Args:
        subject: whose assessments; gives the first day of treatment.
        events: the subject's events.
        assessments: the subject's assessments.
        counts: the subject's serial counts.
        criteria: the profile.
        refused: why rows of this subject could not be read; with any, no later recovery is concluded.
    """
    series = _sorted(counts)
    read = _read(assessments, series, criteria)
    treated = [values for _, values, baseline in read if not baseline]
    whole = subject_history(
        before=[values for _, values, baseline in read if baseline],
        treated=treated,
        treatment_start=treatment_start(subject, events),
        events=events,
        counts=series,
        trusted=not refused,
    )
    visits = [label_of(row.visit) for row, _, _ in read]
    marrow_days = [values.marrow_date for values in treated if values.marrow_date is not None]
    ends = ends_of_courses(events)
    found = []
    for label, (row, values, baseline) in zip(visits, read, strict=True):
        history = whole._replace(
            baseline=baseline, next_therapy_on=next_therapy(ends, marrow_days, values.marrow_date)
        )
        answer = classify_values(values, criteria=criteria, history=history)
        answer = _with(answer, _about_the_row(repeated=visits.count(label) > 1, refused=refused))
        found.append(Classified(assessment=row, values=values, answer=answer, baseline=baseline))
        whole = _with_answers(whole, values)
    return tuple(found)


def _with_answers(history: History, values: AssessmentValues) -> History:
    """Return the history of the next assessment: what this one answers is known from here on."""
    if values.extramedullary is Answer.UNKNOWN and not values.cns:
        return history
    known = history.extramedullary if values.extramedullary is Answer.UNKNOWN else values.extramedullary
    return history._replace(extramedullary=known, cns=values.cns or history.cns)


def _read(
    assessments: Sequence[Assessment], series: Sequence[Counts], criteria: Criteria
) -> list[tuple[Assessment, AssessmentValues, bool]]:
    """Read every assessment in order of time, and whether it lies before treatment.

    Blood blasts of the serial counts are included.
    """
    stating = stating_blasts(usable_counts(series))
    return [
        (
            row,
            with_blood_blasts(read_assessment(row, criteria), stating, criteria),
            is_baseline(row.visit, row.course),
        )
        for row in in_order_of_time(assessments)
    ]


def in_order_of_time(assessments: Sequence[Assessment]) -> tuple[Assessment, ...]:
    """Return assessments before treatment first, then by marrow date; by course where a date is missing."""
    dated = all(read_day(row.marrow_date) or is_baseline(row.visit, row.course) for row in assessments)

    def order(row: Assessment) -> tuple[bool, date, int, date, object]:
        day = read_day(row.marrow_date) or date.max
        course = course_number(row.course)
        return (
            not is_baseline(row.visit, row.course),
            day if dated else date.max,
            _AFTER_ALL if course is None else course,
            day,
            _CELLS(row),
        )

    return tuple(sorted(assessments, key=order))


def treatment_start(subject: Subject, events: Sequence[Event]) -> date | None:
    """Return the first day of treatment: as stated, else the first documented course."""
    return subject.treatment_start or first_date(events, EventKind.COURSE_START)


def _sorted(counts: Sequence[Counts]) -> tuple[Counts, ...]:
    return tuple(
        sorted(counts, key=lambda count: (count.day or date.max, count.anc.text, count.platelets.text))
    )


def _about_the_row(*, repeated: bool, refused: Sequence[str]) -> tuple[Finding, ...]:
    findings = [Finding(flag="INPUT_INCOMPLETE", reason=reason) for reason in refused]
    if repeated:
        reason = "The visit stands twice; results without the date of one marrow belong to both."
        findings.append(Finding(flag="VISIT_REPEATED", reason=reason))
    return (*findings, REVIEW) if findings else ()


def _with(answer: MorphologicResponse, findings: tuple[Finding, ...]) -> MorphologicResponse:
    if not findings:
        return answer
    return answer._replace(
        flags=tuple(dict.fromkeys((*answer.flags, *flags_of(findings)))),
        reasons=(*answer.reasons, *reasons_of(findings)),
    )
