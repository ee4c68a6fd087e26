"""What one patient contributes to an endpoint.

Source: trial report, Methods; trial definitions, section 2.2.
"""

from mrdkit.patient.cytogenetic_alerts import tp53_word
from mrdkit.patient.history import is_baseline
from mrdkit.patient.records import PatientRecord
from mrdkit.patient.sequence import course_number, treatment_start
from mrdkit.results import KaryotypeCall, ResponseCall

__all__ = [
    "course_of_first_response",
    "days_to_response",
    "flow_at_response",
    "flow_words_within",
    "is_high_risk",
    "karyotype_before",
    "tp53_status",
]


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
    first = _first_response(record)
    return first.mrd_flow if first else "not_tested"


def flow_words_within(record: PatientRecord, courses: int) -> frozenset[str]:
    """Return the flow MRD words of courses 1 to `courses`."""
    points = (point for point in record.mrd if point.method == "flow" and point.course is not None)
    return frozenset(
        word for point in points if 1 <= (point.course or 0) <= courses for word in point.status.values()
    )


def karyotype_before(record: PatientRecord) -> KaryotypeCall | None:
    """Return the karyotype before treatment, None where there is none that could be read whole."""
    found = (call for call in record.calls if isinstance(call, KaryotypeCall) and call.status == "parsed")
    return min((call for call in found if is_baseline(call.specimen.visit or "")), key=_text, default=None)


def is_high_risk(record: PatientRecord) -> bool:
    """Tell whether cytogenetics are high risk: low hypodiploidy or near-triploidy, or KMT2A rearranged."""
    call = karyotype_before(record)
    return call is not None and (call.ploidy_group == "HoTr" or call.kmt2a == "yes")


def tp53_status(record: PatientRecord) -> str:
    """Return TP53 of the patient: mutated where any sample was, not_tested where none was tested."""
    return tp53_word(record.calls, record.external)


def _first_response(record: PatientRecord) -> ResponseCall | None:
    return next(
        (
            call
            for call in record.responses
            if call.visit == record.first_response_visit and call.marrow_date == record.first_response_on
        ),
        None,
    )


def _text(call: KaryotypeCall) -> str:
    return call.text
