"""Dates that contradict each other: consent <= start <= response <= relapse <= death or last contact.

Source: trial definitions, section 3.2.
"""

from collections.abc import Sequence
from datetime import date

from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.history import first_date
from mrdkit.patient.records import Event, EventKind
from mrdkit.results import ResponseCall

__all__ = ["date_order_problems"]

_UNDER_TREATMENT = (
    EventKind.SCT,
    EventKind.RELAPSE,
    EventKind.DEATH,
    EventKind.LAST_CONTACT,
    EventKind.OFF_STUDY,
)


def date_order_problems(
    events: Sequence[Event], start: date | None, first_response: ResponseCall | None
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
    ]
    findings = tuple(Finding(flag="DATE_ORDER", reason=f"Contradicting dates: {what}.") for what in problems)
    return (*findings, REVIEW) if findings else ()


def _last_contact(events: Sequence[Event], first_response: ResponseCall | None) -> list[str]:
    contacts = [event.date for event in events if event.kind is EventKind.LAST_CONTACT]
    responded = first_response.marrow_date if first_response else None
    if responded is None or not contacts or max(contacts) >= responded:
        return []
    return [f"last contact on {max(contacts)} before the response of {responded}"]


def _words(event: Event) -> str:
    return f"{event.kind.replace('_', ' ')} on {event.date}"
