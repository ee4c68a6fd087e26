"""One patient's record: every assessment with its response, MRD and cytogenetics, and what follows from them.

What follows for the patient is decided in `outcome.py`; this module only puts the parts together and says
what was not measured. Source: trial definitions, section 2.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter

from mrdkit.patient.before_treatment import BeforeTreatment, before_treatment
from mrdkit.patient.count_recovery import (
    course_recoveries,
    days_from_inotuzumab_to_sct,
    prolonged_thrombocytopenia,
)
from mrdkit.patient.criteria import Criteria
from mrdkit.patient.crlf2_sources import crlf2_status
from mrdkit.patient.cytogenetic_alerts import cytogenetic_alerts
from mrdkit.patient.dates import results_after_death
from mrdkit.patient.findings import flags_of, reasons_of
from mrdkit.patient.history import label_of
from mrdkit.patient.missing import not_measured
from mrdkit.patient.mrd import mrd_readings
from mrdkit.patient.mrd_excess import without_mrd_excess
from mrdkit.patient.mrd_pairs import comparison_findings_of, comparisons_of
from mrdkit.patient.mrd_reading import MrdReading
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.mrd_response import mrd_responses
from mrdkit.patient.mrd_trend import trend_findings, trends_of
from mrdkit.patient.outcome import outcome_of
from mrdkit.patient.reading import Counts, read_counts
from mrdkit.patient.records import (
    Assessment,
    BloodCount,
    Event,
    EventKind,
    ExternalResult,
    PatientRecord,
    Subject,
)
from mrdkit.patient.repeated import calls_by_day, external_by_day, marrow_days
from mrdkit.patient.sequence import Classified, classify_subject, treatment_start
from mrdkit.patient.visits import response_calls
from mrdkit.results import Call, InputDigest, ResponseCall

__all__ = ["CYTOGENETIC_BEST_FIRST", "build_record"]

_EVENT_ORDER = attrgetter("date", "kind", "detail")
_COUNT_ORDER = attrgetter("date", "anc", "anc_unit", "platelets", "platelets_unit", "pb_blasts_percent")

CYTOGENETIC_BEST_FIRST = (
    "CCyR",
    "CCyR_limited",
    "new_clone",
    "no_CCyR",
    "not_evaluable",
    "not_applicable",
)


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
    own_events = sorted([event for event in events if event.subject_id == mine], key=_EVENT_ORDER)
    own_counts = sorted([row for row in blood_counts if row.subject_id == mine], key=_COUNT_ORDER)
    own_calls = tuple(sorted((call for call in calls if _subject_of(call) in (mine, None)), key=_call_order))
    own_external = tuple(sorted((row for row in external if row.subject_id == mine), key=_external_order))
    counts = [read_counts(row, criteria) for row in own_counts]
    assessed = classify_subject(
        subject,
        events=own_events,
        assessments=[row for row in assessments if row.subject_id == mine],
        counts=counts,
        criteria=criteria,
        refused=refused,
    )
    marrows = marrow_days(assessed)
    of_day = calls_by_day(own_calls, marrows)
    readings = mrd_readings(of_day, external_by_day(own_external, marrows), criteria)
    classified = without_mrd_excess(assessed, readings, criteria)
    start = treatment_start(subject, own_events)
    before = before_treatment([one.assessment for one in classified], start)
    visits = response_calls(classified, readings, of_day, criteria, tuple(inputs), before=before)
    outcome = outcome_of(subject, own_events, visits, criteria)
    crlf2 = crlf2_status(own_calls, own_external, before)
    points = _time_line(readings, classified, own_events, before)
    courses = course_recoveries(
        own_events,
        [one.values for one in classified],
        counts,
        criteria,
    )
    trends, comparisons = trends_of(points), comparisons_of(points, marrows.repeated)
    findings = (
        *outcome.findings,
        *results_after_death(own_events, _dated(own_calls, own_external, counts)),
        *trend_findings(trends),
        *comparison_findings_of(comparisons),
        *cytogenetic_alerts(own_calls, own_external, before),
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
        not_measured=not_measured(classified, responses, of_day, own_external, before),
        responder=outcome.responder,
        first_response_visit=outcome.first.visit if outcome.first else None,
        first_response_on=outcome.first.marrow_date if outcome.first else None,
        early_death=outcome.early_death,
        relapse_on=outcome.relapse_on,
        crlf2=crlf2.status,
        cytogenetic_response=_best_cytogenetic(responses),
        mrd_trends=trends,
        mrd_comparisons=comparisons,
        mrd_response=mrd_responses(points, outcome.first, criteria, marrows.repeated),
        courses=courses,
        prolonged_thrombocytopenia=prolonged_thrombocytopenia(courses),
        inotuzumab_to_sct_days=days_from_inotuzumab_to_sct(own_events, start),
        flags=flags_of(findings),
        reasons=reasons_of(findings),
        assessments=tuple(one.assessment for one in classified),
        blood_counts=tuple(own_counts),
    )


def _best_cytogenetic(responses: Sequence[ResponseCall]) -> str:
    words = [call.cytogenetic_response for call in responses]
    return min(words, key=CYTOGENETIC_BEST_FIRST.index, default="not_applicable")


def _dated(
    calls: Sequence[Call],
    external: Sequence[ExternalResult],
    counts: Sequence[Counts],
) -> Iterator[tuple[str, date | None]]:
    """Yield every result beside the assessments, which are checked one by one, with its day."""
    for call in calls:
        if not isinstance(call, ResponseCall):
            yield type(call).__name__.removesuffix("Call"), call.specimen.collected_on
    for row in external:
        yield row.assay, row.collected_on
    for count in counts:
        yield "blood count", count.day


def _time_line(
    readings: Sequence[MrdReading],
    classified: Sequence[Classified],
    events: Sequence[Event],
    before: BeforeTreatment,
) -> tuple[MrdMeasurement, ...]:
    starts = _course_starts(classified, events)
    of_label = {label_of(one.assessment.visit): one for one in reversed(classified)}
    of_day = {one.values.marrow_date: one for one in reversed(classified)}
    return tuple([_placed(reading.measurement, of_label, of_day, starts, before) for reading in readings])


def _course_starts(classified: Sequence[Classified], events: Sequence[Event]) -> list[date]:
    """Return the documented starts of courses; none where an assessment is of a course that has none."""
    starts = sorted([event.date for event in events if event.kind is EventKind.COURSE_START])
    for one in classified:
        day, course = one.values.marrow_date, one.course
        if day is not None and course is not None and bisect_left(starts, day) < course:
            return []
    return starts


def _placed(
    point: MrdMeasurement,
    of_label: Mapping[str, Classified],
    of_day: Mapping[date | None, Classified],
    starts: Sequence[date],
    before: BeforeTreatment,
) -> MrdMeasurement:
    """Give a point the course of its visit, or of its date where the visit has no assessment."""
    day = point.collected_on
    one = of_label.get(label_of(point.visit)) if point.visit else of_day.get(day) if day else None
    if one is not None:
        return replace(point, visit=one.assessment.visit, course=one.course)
    if before.holds(point.visit, day):
        return replace(point, course=0)
    if day is None or not starts:
        return point
    # A specimen of the day on which a course starts was drawn before it.
    return replace(point, course=bisect_left(starts, day))


def _subject_of(call: Call) -> str | None:
    return call.subject_id if isinstance(call, ResponseCall) else call.specimen.subject_id


def _call_order(call: Call) -> tuple[date, str, str, str]:
    if isinstance(call, ResponseCall):
        return call.marrow_date or date.max, call.visit, "ResponseCall", ""
    specimen = call.specimen
    day = specimen.collected_on or date.max
    return day, specimen.visit or "", type(call).__name__, specimen.specimen_id or ""


def _external_order(row: ExternalResult) -> tuple[date, str, str, str, str]:
    return row.collected_on or date.max, row.visit, row.assay, row.specimen_id or "", row.source
