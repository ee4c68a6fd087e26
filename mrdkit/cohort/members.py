"""What one patient contributes to an endpoint.

Source: trial report, Methods; trial definitions, section 2.2.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from mrdkit.patient.before_treatment import before_treatment_of
from mrdkit.patient.course_records import CountRecovery, CourseRecovery
from mrdkit.patient.cytogenetic_alerts import tp53_word
from mrdkit.patient.history import course_number
from mrdkit.patient.mrd_reading import NOT_TESTED
from mrdkit.patient.quantities import PERCENT_UNITS, measure
from mrdkit.patient.records import EventKind, PatientRecord
from mrdkit.patient.sequence import treatment_start
from mrdkit.results import KaryotypeCall, ResponseCall

__all__ = [
    "EVALUABLE",
    "antigen_at_least",
    "baseline_was_read",
    "best_flow",
    "course_of_first_response",
    "days_to_response",
    "flow_at_response",
    "had_to_recover",
    "has",
    "has_readable_karyotype",
    "is_complex",
    "is_high_risk",
    "recovery_days",
    "tp53_status",
    "was_transplanted",
    "weeks_from_inotuzumab_to_transplant",
]

#: The words of MRD and CRLF2 that are an answer.
EVALUABLE = frozenset({"positive", "negative"})

_DAYS_PER_WEEK = 7


def course_of_first_response(record: PatientRecord) -> int | None:
    """Return the course of the first remission, None where there is none or it is not a number."""
    first = _first_response(record)
    return course_number(first.course or "") if first else None


def days_to_response(record: PatientRecord) -> int | None:
    """Return the days from treatment start to the marrow of the first remission; never negative."""
    start = treatment_start(record.subject, record.events)
    if record.first_response_on is None or start is None or record.first_response_on < start:
        return None
    return (record.first_response_on - start).days


def flow_at_response(record: PatientRecord) -> str:
    """Return flow MRD of the marrow of the first remission."""
    return _flow_word([one.at_response for one in record.mrd_response if one.method == "flow"])


def best_flow(record: PatientRecord) -> str:
    """Return flow MRD of the profile's first courses: negative where any was; a later negative counts not."""
    return _flow_word([one.within_courses for one in record.mrd_response if one.method == "flow"])


def has_readable_karyotype(record: PatientRecord) -> bool:
    """Tell whether a karyotype before treatment could be read whole."""
    return _any_before(record, lambda call: call.status == "parsed")


def is_high_risk(record: PatientRecord) -> bool:
    """Tell whether cytogenetics are high risk: low hypodiploidy or near-triploidy, or KMT2A rearranged."""
    return _any_before(record, lambda call: call.ploidy_group == "HoTr" or call.kmt2a == "yes")


def is_complex(record: PatientRecord) -> bool:
    """Tell whether any karyotype before treatment is complex over all its clones."""
    return _any_before(record, lambda call: call.complex_all is True)


def baseline_was_read(record: PatientRecord) -> bool:
    """Tell whether no assessment says that the karyotype before treatment could not be read."""
    return not any("BASELINE_NOT_READ" in call.flags for call in record.responses)


def was_transplanted(record: PatientRecord) -> bool:
    """Tell whether a transplantation is reported on or after the start of treatment."""
    start = treatment_start(record.subject, record.events)
    days = (event.date for event in record.events if event.kind is EventKind.SCT)
    return any(start is None or day >= start for day in days)


def has(record: PatientRecord, kind: EventKind) -> bool:
    """Tell whether an event of a kind is reported."""
    return any(event.kind is kind for event in record.events)


def weeks_from_inotuzumab_to_transplant(record: PatientRecord) -> float | None:
    """Return the weeks from the last inotuzumab before the first transplant to it."""
    days = record.inotuzumab_to_sct_days
    return None if days is None else days / _DAYS_PER_WEEK


def recovery_days(
    record: PatientRecord, course: int, count: Literal["neutrophils", "platelets"]
) -> int | None:
    """Return the days from a course's start to the recovery of a count, None where it did not recover."""
    found = next((one for one in record.courses if one.course == course), None)
    return None if found is None else _count_of(found, count).days


def had_to_recover(record: PatientRecord, course: int, count: Literal["neutrophils", "platelets"]) -> bool:
    """Tell whether a count was seen to be low in a course."""
    found = next((one for one in record.courses if one.course == course), None)
    return found is not None and _count_of(found, count).state in ("recovered", "not_recovered")


def antigen_at_least(record: PatientRecord, column: str, limit_percent: float) -> bool | None:
    """Tell whether an antigen's percentage of subjects.csv reaches a limit; None where it cannot be said."""
    span = measure(record.subject.extra.get(column, ""), units=PERCENT_UNITS).span
    limit = Decimal(str(limit_percent))
    if span is None:
        return None
    if span.low >= limit:
        return True
    below = span.high is not None and (span.high < limit or (span.high == limit and span.high_open))
    return False if below else None


def tp53_status(record: PatientRecord) -> str:
    """Return TP53 of the patient: mutated where any sample was, not_tested where none was tested."""
    return tp53_word(record.calls, record.external)


def _flow_word(found: Sequence[Mapping[str, str]]) -> str:
    """Return the word of flow, which has one threshold."""
    return next((word for words in found for word in words.values()), NOT_TESTED)


def _first_response(record: PatientRecord) -> ResponseCall | None:
    return next(
        (
            call
            for call in record.responses
            if call.visit == record.first_response_visit and call.marrow_date == record.first_response_on
        ),
        None,
    )


def _any_before(record: PatientRecord, holds: Callable[[KaryotypeCall], bool]) -> bool:
    """Tell whether something holds for a karyotype before treatment."""
    found = [call.specimen for call in record.calls if isinstance(call, KaryotypeCall) and holds(call)]
    if not found:
        return False
    before = before_treatment_of(record)
    return any(before.holds(specimen.visit, specimen.collected_on) for specimen in found)


def _count_of(course: CourseRecovery, count: Literal["neutrophils", "platelets"]) -> CountRecovery:
    return course.platelets if count == "platelets" else course.neutrophils
