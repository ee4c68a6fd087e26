"""Dates that contradict each other: consent <= start <= response <= relapse <= death or last contact.

No result is of a day after death; the last contact is asked where no death is known. A consent date is read
where subjects.csv has the column. Source: trial definitions, section 3.2.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.history import first_date
from mrdkit.patient.records import Event, EventKind, Subject
from mrdkit.results import ResponseCall

__all__ = ["date_order_problems", "results_after_death"]

_CONSENT = "consent_date"
_UNDER_TREATMENT = (
    EventKind.SCT,
    EventKind.RELAPSE,
    EventKind.DEATH,
    EventKind.LAST_CONTACT,
    EventKind.OFF_STUDY,
)


def date_order_problems(
    subject: Subject, events: Sequence[Event], start: date | None, first_response: ResponseCall | None
) -> tuple[Finding, ...]:
    """Return what lies before treatment, after death, or before the response that it should follow."""
    death = first_date(events, EventKind.DEATH)
    deaths = [event for event in events if event.kind is EventKind.DEATH]
    problems = [
        *(
            f"{_words(event)} before treatment started ({start})"
            for event in events
            if start is not None and event.kind in _UNDER_TREATMENT and event.date < start
        ),
        *(
            f"{_words(event)} after death ({death})"
            for event in events
            if death is not None and event.date > death
        ),
        *([f"{len(deaths)} deaths are reported"] if len(deaths) > 1 else []),
        *_last_contact(events, first_response),
        *_consent(subject, start),
    ]
    return _findings(problems)


def results_after_death(
    events: Sequence[Event], days: Iterable[tuple[str, date | None]]
) -> tuple[Finding, ...]:
    """Return the results, each with what it is, whose day lies after the subject's death."""
    death = first_date(events, EventKind.DEATH)
    if death is None:
        return ()
    late = {(day, what) for what, day in days if day is not None and day > death}
    return _findings([f"{what} of {day} after death ({death})" for day, what in sorted(late)])


def _findings(problems: Sequence[str]) -> tuple[Finding, ...]:
    findings = tuple(Finding(flag="DATE_ORDER", reason=f"Contradicting dates: {what}.") for what in problems)
    return (*findings, REVIEW) if findings else ()


def _consent(subject: Subject, start: date | None) -> list[str]:
    text = subject.extra.get(_CONSENT, "").strip()
    if not text:
        return []
    try:
        given = date.fromisoformat(text)
    except ValueError:
        return [f"{_CONSENT} {text[:40]!r} is not an ISO 8601 date"]
    return [f"consent on {given} after treatment started ({start})"] if start and given > start else []


def _last_contact(events: Sequence[Event], first_response: ResponseCall | None) -> list[str]:
    contacts = [event.date for event in events if event.kind is EventKind.LAST_CONTACT]
    if not contacts or first_date(events, EventKind.DEATH) is not None:
        return []
    last, responded = max(contacts), first_response.marrow_date if first_response else None
    problems = [f"{_words(event)} after the last contact ({last})" for event in events if event.date > last]
    if responded is not None and responded > last:
        problems.append(f"last contact on {last} before the response of {responded}")
    return problems


def _words(event: Event) -> str:
    return f"{event.kind.replace('_', ' ')} on {event.date}"
