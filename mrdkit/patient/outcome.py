"""What follows for a patient from all assessments: best and first response, responder, relapse, early death.

Dates that contradict each other are named, never turned into a negative time. Source: trial definitions,
section 2.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from mrdkit.patient.criteria import Criteria
from mrdkit.patient.criteria_sections import Responder
from mrdkit.patient.dates import date_order_problems
from mrdkit.patient.exclusions import no_assessment
from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.history import History, first_date
from mrdkit.patient.records import Event, EventKind, Subject
from mrdkit.patient.response import response_rank
from mrdkit.patient.sequence import treatment_start
from mrdkit.patient.visits import Visit
from mrdkit.results import ResponseCall

__all__ = ["Outcome", "outcome_of"]


class Outcome(NamedTuple):
    """The answers over all courses; None where there is none."""

    responder: Responder
    best: ResponseCall | None
    first: ResponseCall | None
    relapse_on: date | None
    early_death: bool
    findings: tuple[Finding, ...]


def outcome_of(
    subject: Subject, events: Sequence[Event], visits: Sequence[Visit], criteria: Criteria
) -> Outcome:
    """Return the outcome of one patient from the record of every visit."""
    treated = [visit for visit in visits if not visit.baseline]
    best = min(
        (visit.call for visit in treated),
        key=lambda call: response_rank(call.response, criteria),
        default=None,
    )
    first = next((visit.call for visit in treated if visit.call.responder == "Y"), None)
    start = treatment_start(subject, events)
    relapse_on, of_relapse = _relapse(events, visits, first)
    died_early = _early_death(events, start, criteria)
    findings = [*date_order_problems(subject, events, start, first), *of_relapse]
    if any(visit.call.response == "ERROR" for visit in visits):
        reason = "An assessment contradicts itself; the best response may change."
        findings += [Finding(flag="ASSESSMENT_ERROR", reason=reason), REVIEW]
    if first is None and not any(visit.call.response in ("NR", "ERROR") for visit in treated):
        findings += _unassessed(events, start, treated, criteria, died_early=died_early)
    return Outcome(
        responder=_responder(treated, findings),
        best=best,
        first=first,
        relapse_on=relapse_on,
        early_death=died_early,
        findings=tuple(findings),
    )


def _responder(treated: Sequence[Visit], findings: Sequence[Finding]) -> Responder:
    answers = {visit.call.responder for visit in treated}
    if "Y" in answers:
        return "Y"
    never_assessed = any(finding.flag in ("EARLY_DEATH", "NO_ASSESSMENT") for finding in findings)
    return "N" if "N" in answers or never_assessed else "NE"


def _unassessed(
    events: Sequence[Event],
    start: date | None,
    treated: Sequence[Visit],
    criteria: Criteria,
    *,
    died_early: bool,
) -> tuple[Finding, ...]:
    """Return the flag of a patient without any evaluable assessment: in the denominator, no responder."""
    left = any(event.kind in (EventKind.DEATH, EventKind.OFF_STUDY) for event in events)
    if treated and not (left or died_early):
        return ()
    return no_assessment(
        History(treatment_start=start, death_on=first_date(events, EventKind.DEATH)), criteria
    )


def _early_death(events: Sequence[Event], start: date | None, criteria: Criteria) -> bool:
    death = first_date(events, EventKind.DEATH)
    if death is None or start is None:
        return False
    return 0 <= (death - start).days <= criteria.windows.early_death_within_days


def _relapse(
    events: Sequence[Event], visits: Sequence[Visit], first: ResponseCall | None
) -> tuple[date | None, tuple[Finding, ...]]:
    """Return the first relapse after the first response; one before it is named, not counted."""
    seen = [
        visit.call.marrow_date for visit in visits if visit.relapse == "RELAPSE" and visit.call.marrow_date
    ]
    told = [event.date for event in events if event.kind is EventKind.RELAPSE]
    undated = any(visit.relapse == "RELAPSE" and visit.call.marrow_date is None for visit in visits)
    if first is None:
        reason = "A relapse is reported, and no response before it."
        return None, (Finding(flag="RELAPSE_WITHOUT_RESPONSE", reason=reason), REVIEW) if told else ()
    since = first.marrow_date
    findings: tuple[Finding, ...] = ()
    if since is not None and any(day < since for day in told):
        reason = "Contradicting dates: a relapse is reported before the first response."
        findings = (Finding(flag="DATE_ORDER", reason=reason), REVIEW)
    if undated:
        reason = "A relapse was seen in a marrow without a date."
        findings += (Finding(flag="RELAPSE_DATE_MISSING", reason=reason), REVIEW)
    later = [day for day in (*seen, *told) if since is None or day >= since]
    return min(later, default=None), findings
