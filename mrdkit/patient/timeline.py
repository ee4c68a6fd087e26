"""One patient's record: every assessment with its response, MRD and cytogenetics, and what follows from them.

Best response over all courses, first response, relapse, early death, and what was not measured. Dates that
contradict each other are named, never turned into a negative time. Source: trial definitions, section 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from mrdkit.patient.criteria import Criteria
from mrdkit.patient.crlf2_sources import crlf2_status
from mrdkit.patient.cytogenetic_alerts import cytogenetic_alerts
from mrdkit.patient.dates import date_order_problems
from mrdkit.patient.exclusions import no_assessment
from mrdkit.patient.findings import REVIEW, Finding, flags_of, reasons_of
from mrdkit.patient.history import History, first_date, is_baseline
from mrdkit.patient.missing import not_measured
from mrdkit.patient.mrd import mrd_readings, specimen_is_of
from mrdkit.patient.mrd_pairs import comparison_findings_of, comparisons_of
from mrdkit.patient.mrd_reading import MrdReading
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.mrd_trend import trend_findings, trends_of
from mrdkit.patient.records import (
    Assessment,
    BloodCount,
    Event,
    EventKind,
    ExternalResult,
    PatientRecord,
    Subject,
)
from mrdkit.patient.repeated import calls_by_day, external_by_day, repeated_visits
from mrdkit.patient.response import response_rank
from mrdkit.patient.sequence import Classified, classify_subject, treatment_start
from mrdkit.patient.visits import Visit, response_calls
from mrdkit.results import Call, InputDigest, ResponseCall, Specimen

__all__ = ["CYTOGENETIC_BEST_FIRST", "build_record"]

CYTOGENETIC_BEST_FIRST = (
    "CCyR",
    "CCyR_limited",
    "new_clone",
    "no_CCyR",
    "not_evaluable",
    "not_applicable",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    responder: Literal["Y", "N", "NE"]
    best: ResponseCall | None
    first: ResponseCall | None
    relapse_on: date | None
    early_death: bool
    findings: tuple[Finding, ...]


def build_record(
    subject: Subject,
    *,
    events: Sequence[Event],
    assessments: Sequence[Assessment],
    blood_counts: Sequence[BloodCount],
    calls: Sequence[Call],
    external: Sequence[ExternalResult],
    criteria: Criteria,
    inputs: Sequence[InputDigest] = (),
    refused: Sequence[str] = (),
) -> PatientRecord:
    """Build the record of one patient; rows and calls of other patients are left out.

    Args:
        subject: whose record.
        events: rows of events.csv.
        assessments: rows of assessments.csv.
        blood_counts: rows of blood_counts.csv.
        calls: results of this software; a call without subject is taken to be this patient's.
        external: rows of external_results.csv.
        criteria: the response profile.
        inputs: digests of the tables, for the evidence of each response.
        refused: why rows of this patient could not be read; every response then asks for a review.
    """
    mine = subject.subject_id
    own_events = sorted((event for event in events if event.subject_id == mine), key=_event_order)
    own_calls = tuple(sorted((call for call in calls if _subject_of(call) in (mine, None)), key=_call_order))
    own_external = tuple(sorted((row for row in external if row.subject_id == mine), key=_external_order))
    classified = classify_subject(
        subject,
        events=own_events,
        assessments=[row for row in assessments if row.subject_id == mine],
        blood_counts=[row for row in blood_counts if row.subject_id == mine],
        criteria=criteria,
        refused=refused,
    )
    repeated = repeated_visits(classified)
    of_day = calls_by_day(own_calls, repeated)
    readings = mrd_readings(of_day, external_by_day(own_external, repeated), criteria)
    visits = response_calls(classified, readings, of_day, criteria, tuple(inputs))
    outcome = _outcome(subject, own_events, visits, criteria)
    crlf2 = crlf2_status(own_calls, own_external)
    points = _time_line(readings, classified, own_events)
    trends, comparisons = trends_of(points), comparisons_of(points, repeated)
    findings = (
        *outcome.findings,
        *trend_findings(trends),
        *comparison_findings_of(comparisons),
        *cytogenetic_alerts(own_calls, own_external),
        *crlf2.noted,
    )
    responses = tuple(visit.call for visit in visits)
    return PatientRecord(
        subject=subject,
        events=tuple(own_events),
        responses=responses,
        best_response=outcome.best.response if outcome.best else "NE",
        best_response_visit=outcome.best.visit if outcome.best and responses else None,
        mrd=points,
        calls=own_calls,
        external=own_external,
        not_measured=not_measured(classified, readings, of_day, own_external),
        responder=outcome.responder,
        first_response_visit=outcome.first.visit if outcome.first else None,
        first_response_on=outcome.first.marrow_date if outcome.first else None,
        early_death=outcome.early_death,
        relapse_on=outcome.relapse_on,
        crlf2=crlf2.status,
        cytogenetic_response=_best_cytogenetic(responses),
        mrd_trends=trends,
        mrd_comparisons=comparisons,
        flags=flags_of(findings),
        reasons=reasons_of(findings),
        assessments=tuple(one.assessment for one in classified),
        blood_counts=tuple(sorted((row for row in blood_counts if row.subject_id == mine), key=_count_order)),
    )


def _outcome(
    subject: Subject, events: Sequence[Event], visits: Sequence[Visit], criteria: Criteria
) -> _Outcome:
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
    findings = [*date_order_problems(events, start, first), *of_relapse]
    if any(visit.call.response == "ERROR" for visit in visits):
        reason = "An assessment contradicts itself; the best response may change."
        findings += [Finding(flag="ASSESSMENT_ERROR", reason=reason), REVIEW]
    if first is None and not any(visit.call.response in ("NR", "ERROR") for visit in treated):
        findings += _unassessed(events, start, treated, criteria, died_early=died_early)
    return _Outcome(
        responder=_responder(treated, findings),
        best=best,
        first=first,
        relapse_on=relapse_on,
        early_death=died_early,
        findings=tuple(findings),
    )


def _responder(treated: Sequence[Visit], findings: Sequence[Finding]) -> Literal["Y", "N", "NE"]:
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
        reason = "A relapse is reported before the first response."
        findings = (Finding(flag="DATE_ORDER", reason=reason), REVIEW)
    if undated:
        reason = "A relapse was seen in a marrow without a date."
        findings += (Finding(flag="RELAPSE_DATE_MISSING", reason=reason), REVIEW)
    later = [day for day in (*seen, *told) if since is None or day >= since]
    return min(later, default=None), findings


def _best_cytogenetic(responses: Sequence[ResponseCall]) -> str:
    words = [call.cytogenetic_response for call in responses]
    return min(words, key=CYTOGENETIC_BEST_FIRST.index, default="not_applicable")


def _time_line(
    readings: Sequence[MrdReading], classified: Sequence[Classified], events: Sequence[Event]
) -> tuple[MrdMeasurement, ...]:
    return tuple(_placed(reading.measurement, classified, events) for reading in readings)


def _placed(
    point: MrdMeasurement, classified: Sequence[Classified], events: Sequence[Event]
) -> MrdMeasurement:
    """Give a point the course of its visit, or of its date where the visit has no assessment."""
    specimen = Specimen(visit=point.visit or None, collected_on=point.collected_on)
    for one in classified:
        if specimen_is_of(specimen, one.assessment.visit, one.values.marrow_date):
            return replace(point, visit=one.assessment.visit, course=one.course)
    starts = [event.date for event in events if event.kind is EventKind.COURSE_START]
    if is_baseline(point.visit):
        return replace(point, course=0)
    if point.collected_on is None or not starts:
        return point
    # A specimen of the day on which a course starts was drawn before it.
    return replace(point, course=sum(start < point.collected_on for start in starts))


def _subject_of(call: Call) -> str | None:
    return call.subject_id if isinstance(call, ResponseCall) else call.specimen.subject_id


def _count_order(row: BloodCount) -> tuple[date, str, str, str, str, str]:
    return row.date, row.anc, row.anc_unit, row.platelets, row.platelets_unit, row.pb_blasts_percent


def _event_order(event: Event) -> tuple[date, str, str]:
    return event.date, event.kind, event.detail


def _call_order(call: Call) -> tuple[date, str, str, str]:
    if isinstance(call, ResponseCall):
        return call.marrow_date or date.max, call.visit, "ResponseCall", ""
    specimen = call.specimen
    day = specimen.collected_on or date.max
    return day, specimen.visit or "", type(call).__name__, specimen.specimen_id or ""


def _external_order(row: ExternalResult) -> tuple[date, str, str, str, str]:
    return row.collected_on or date.max, row.visit, row.assay, row.specimen_id or "", row.source
