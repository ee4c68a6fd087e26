"""When the clock of each patient starts and stops: overall and relapse-free survival in days.

OS runs from treatment start to death. RFS runs from the first response to morphologic relapse or death, in
responders; MRD alone is no event, a transplant censors nobody. Who has no time is named with the reason,
never given a negative or a guessed one. Source: trial definitions, section 3.2.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias, get_args

from mrdkit.patient.history import first_date
from mrdkit.patient.records import EventKind, PatientRecord
from mrdkit.patient.sequence import treatment_start

__all__ = [
    "CLOCKS",
    "Clock",
    "FollowUp",
    "LeftOut",
    "Outcome",
    "exposed_after",
    "follow_up",
    "follow_ups",
    "outcome_of",
]

#: Which clock: overall or relapse-free survival.
Clock: TypeAlias = Literal["os", "rfs"]
CLOCKS: tuple[Clock, ...] = get_args(Clock)

_ALIVE = frozenset(EventKind) - {EventKind.DEATH, EventKind.OFF_STUDY}


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One patient's time.

    Attributes:
        days: from the start of the clock to the event, or to the day the patient was last known alive.
        event: whether the event was seen; else the time is censored.
        ended_by: death, relapse, last_contact, or last_record where no contact is reported.
    """

    subject_id: str
    endpoint: Clock
    days: float
    event: bool
    ended_by: Literal["death", "relapse", "last_contact", "last_record"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One patient without a time, and why."""

    subject_id: str
    endpoint: Clock
    code: str
    reason: str


Outcome: TypeAlias = FollowUp | LeftOut


def outcome_of(record: PatientRecord, clock: Clock) -> Outcome | None:
    """Return a patient's time or why there is none; None where the clock does not apply to the patient."""
    if clock == "rfs" and record.responder != "Y":
        return None
    if "DATE_ORDER" in record.flags:
        return _left_out(record, clock, "DATE_ORDER", "its dates contradict each other")
    if _events_were_refused(record):
        return _left_out(record, clock, "INPUT_INCOMPLETE", "a row of its events could not be read")
    start = _start(record, clock)
    if start is None:
        what = "treatment start" if clock == "os" else "first response"
        return _left_out(record, clock, "START_MISSING", f"the date of {what} is not known")
    if clock == "rfs" and "RELAPSE_DATE_MISSING" in record.flags:
        return _left_out(record, clock, "RELAPSE_DATE_MISSING", "a relapse has no date")
    return _ended(record, clock, start)


def follow_ups(records: Iterable[PatientRecord], clock: Clock) -> tuple[Outcome, ...]:
    """Return the outcome of every patient to whom the clock applies, in the order of the records."""
    found = (outcome_of(record, clock) for record in records)
    return tuple(outcome for outcome in found if outcome is not None)


def follow_up(outcomes: Iterable[Outcome]) -> tuple[FollowUp, ...]:
    """Return the outcomes that are times."""
    return tuple(outcome for outcome in outcomes if isinstance(outcome, FollowUp))


def exposed_after(record: PatientRecord, exposure: EventKind, start: date) -> int | None:
    """Return the days from the start to the first exposure on or after it, None where there is none."""
    days = [(event.date - start).days for event in record.events if event.kind is exposure]
    return min((day for day in days if day >= 0), default=None)


def _events_were_refused(record: PatientRecord) -> bool:
    """Tell whether a row of events.csv was refused: it may have been the death."""
    return any(
        "events.csv" in reason
        for call in record.responses
        if "INPUT_INCOMPLETE" in call.flags
        for reason in call.reasons
    )


def _start(record: PatientRecord, clock: Clock) -> date | None:
    if clock == "os":
        return treatment_start(record.subject, record.events)
    return record.first_response_on


def _ended(record: PatientRecord, clock: Clock, start: date) -> Outcome:
    death = first_date(record.events, EventKind.DEATH)
    if clock == "rfs" and record.relapse_on is not None and (death is None or record.relapse_on <= death):
        return _time(record, clock, start, record.relapse_on, "relapse")
    if death is not None:
        return _time(record, clock, start, death, "death")
    contacted = any(event.kind is EventKind.LAST_CONTACT for event in record.events)
    last = _last_alive(record, contacted=contacted)
    if last is None:
        return _left_out(record, clock, "FOLLOW_UP_MISSING", "no day after the start is known")
    return _time(record, clock, start, last, "last_contact" if contacted else "last_record")


def _last_alive(record: PatientRecord, *, contacted: bool) -> date | None:
    """Return the last day of a contact or therapy; where no contact is reported, of any marrow as well."""
    days = [event.date for event in record.events if event.kind in _ALIVE]
    if not contacted:
        days += [call.marrow_date for call in record.responses if call.marrow_date is not None]
    return max(days, default=None)


def _time(
    record: PatientRecord,
    clock: Clock,
    start: date,
    end: date,
    ended_by: Literal["death", "relapse", "last_contact", "last_record"],
) -> Outcome:
    if end < start:
        return _left_out(record, clock, "DATE_ORDER", f"{ended_by} on {end} lies before the start ({start})")
    return FollowUp(
        subject_id=record.subject.subject_id,
        endpoint=clock,
        days=(end - start).days,
        event=ended_by in ("death", "relapse"),
        ended_by=ended_by,
    )


def _left_out(record: PatientRecord, clock: Clock, code: str, reason: str) -> LeftOut:
    return LeftOut(subject_id=record.subject.subject_id, endpoint=clock, code=code, reason=reason)
