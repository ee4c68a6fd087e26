"""The endpoints of a trial that are counts: each with its numerator, its denominator and an exact interval.

Denominators differ by endpoint and are always printed. A patient who died early or was never assessed stays
in the denominator of response. Survival endpoints (os_36m, rfs_36m, medians) are not here. Source: trial
report, Results; trial definitions, sections 2.2 and 3.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from mrdkit.cohort.members import (
    course_of_first_response,
    days_to_response,
    flow_at_response,
    flow_words_within,
    is_high_risk,
    karyotype_before,
    tp53_status,
)
from mrdkit.patient.records import EventKind, PatientRecord
from mrdkit.stats import clopper_pearson

__all__ = ["ENDPOINTS", "Endpoint", "summarize"]

ENDPOINTS = (
    "overall_response",
    "cr",
    "crp",
    "cri",
    "response_after_course_1",
    "time_to_response_days",
    "early_death_28d",
    "mrd_negative_at_response",
    "mrd_negative_best_within_3_courses",
    "complete_cytogenetic_response",
    "crlf2_positive",
    "tp53_mutated",
    "high_risk_cytogenetics",
    "complex_karyotype",
    "sct",
    "relapse",
)

_EXACT = "exact (Clopper-Pearson) 95 % interval"
_EVALUABLE = frozenset({"positive", "negative"})
_COURSES_OF_BEST_MRD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint of one group.

    Attributes:
        endpoint: id of the endpoint.
        group: value of the grouping column, None for the whole cohort.
        n: patients who reached it.
        denominator: patients who could have.
        percent: 100 n / denominator, None where nobody could have.
        value: what is not a share, in `unit`.
        ci_low: lower limit, in percent or in `unit`; for a time the smallest one.
        ci_high: upper limit; for a time the largest one.
        p_value: of the comparison between groups, None without groups.
        method: what the interval is, and who was left out.
    """

    endpoint: str
    group: str | None
    n: int
    denominator: int
    percent: float | None
    value: float | None
    unit: str | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    method: str


def summarize(records: Iterable[PatientRecord]) -> tuple[Endpoint, ...]:
    """Return every count endpoint of a cohort in the order of `ENDPOINTS`, whatever the order of patients."""
    cohort = tuple(records)
    responders = tuple(record for record in cohort if record.responder == "Y")
    return (
        *_response(cohort, responders),
        *_mrd(responders),
        *_genetics(cohort, responders),
        _share("sct", _having(cohort, lambda one: _has(one, EventKind.SCT)), cohort),
        _share(
            "relapse",
            _having(responders, lambda one: one.relapse_on is not None),
            responders,
            "of responders",
        ),
    )


def _response(cohort: Sequence[PatientRecord], responders: Sequence[PatientRecord]) -> tuple[Endpoint, ...]:
    first = _having(responders, lambda one: course_of_first_response(one) == 1)
    unknown = len(_having(responders, lambda one: course_of_first_response(one) is None))
    early = _having(cohort, lambda one: one.early_death)
    best = {name: _best(responders, word) for name, word in (("cr", "CR"), ("crp", "CRp"), ("cri", "CRi"))}
    return (
        _share("overall_response", responders, cohort, "all patients, early deaths included"),
        *(_share(name, found, cohort, "best response over all courses") for name, found in best.items()),
        _share("response_after_course_1", first, responders, f"of responders; course unknown in {unknown}"),
        _time_to_response(responders),
        _share("early_death_28d", early, cohort, "death within 28 days of treatment start"),
    )


def _best(responders: Sequence[PatientRecord], word: str) -> tuple[PatientRecord, ...]:
    return _having(responders, lambda one: one.best_response == word)


def _time_to_response(responders: Sequence[PatientRecord]) -> Endpoint:
    days = sorted(day for day in map(days_to_response, responders) if day is not None)
    return Endpoint(
        endpoint="time_to_response_days",
        group=None,
        n=len(days),
        denominator=len(responders),
        percent=None,
        value=float(median(days)) if days else None,
        unit="days",
        ci_low=float(days[0]) if days else None,
        ci_high=float(days[-1]) if days else None,
        p_value=None,
        method="median; the interval is the range; treatment start to the first response marrow",
    )


def _mrd(responders: Sequence[PatientRecord]) -> tuple[Endpoint, ...]:
    assessed = _having(responders, lambda one: flow_at_response(one) in _EVALUABLE)
    negative = _having(assessed, lambda one: flow_at_response(one) == "negative")
    words = {one.subject.subject_id: flow_words_within(one, _COURSES_OF_BEST_MRD) for one in responders}
    tested = _having(responders, lambda one: bool(words[one.subject.subject_id] & _EVALUABLE))
    best = _having(tested, lambda one: "negative" in words[one.subject.subject_id])
    return (
        _share(
            "mrd_negative_at_response",
            negative,
            assessed,
            "flow; responders with a positive or negative result",
        ),
        _share(
            "mrd_negative_best_within_3_courses",
            best,
            tested,
            "flow; responders with a positive or negative result in courses 1 to 3",
        ),
    )


def _genetics(cohort: Sequence[PatientRecord], responders: Sequence[PatientRecord]) -> tuple[Endpoint, ...]:
    crlf2 = _having(cohort, lambda one: one.crlf2 in _EVALUABLE)
    tp53 = _having(cohort, lambda one: tp53_status(one) in ("mutated", "wild_type"))
    without = len(_having(cohort, lambda one: karyotype_before(one) is None))
    all_patients = f"of all patients; {without} without a readable karyotype before treatment"
    complex_ones = _having(cohort, lambda one: bool(getattr(karyotype_before(one), "complex_all", False)))
    return (
        _cytogenetic(responders),
        _share(
            "crlf2_positive",
            _having(crlf2, lambda one: one.crlf2 == "positive"),
            crlf2,
            "by FISH or flow; of tested",
        ),
        _share("tp53_mutated", _having(tp53, lambda one: tp53_status(one) == "mutated"), tp53, "of tested"),
        _share("high_risk_cytogenetics", _having(cohort, is_high_risk), cohort, all_patients),
        _share("complex_karyotype", complex_ones, cohort, all_patients),
    )


def _cytogenetic(responders: Sequence[PatientRecord]) -> Endpoint:
    applies = _having(
        responders,
        lambda one: (
            one.cytogenetic_response != "not_applicable" and "BASELINE_NOT_READ" not in _all_flags(one)
        ),
    )
    complete = _having(applies, lambda one: one.cytogenetic_response == "CCyR")
    evaluable = _having(applies, lambda one: one.cytogenetic_response != "not_evaluable")
    return _share(
        "complete_cytogenetic_response",
        complete,
        applies,
        f"responders with an abnormal baseline karyotype; {len(complete)}/{len(evaluable)} of the evaluable",
    )


def _all_flags(record: PatientRecord) -> frozenset[str]:
    return frozenset(flag for call in record.responses for flag in call.flags)


def _having(
    records: Sequence[PatientRecord], holds: Callable[[PatientRecord], bool]
) -> tuple[PatientRecord, ...]:
    return tuple(record for record in records if holds(record))


def _has(record: PatientRecord, kind: EventKind) -> bool:
    return any(event.kind is kind for event in record.events)


def _share(
    endpoint: str, found: Sequence[PatientRecord], among: Sequence[PatientRecord], note: str = ""
) -> Endpoint:
    n, total = len(found), len(among)
    low, high = (100.0 * limit for limit in clopper_pearson(n, total)) if total else (None, None)
    return Endpoint(
        endpoint=endpoint,
        group=None,
        n=n,
        denominator=total,
        percent=100.0 * n / total if total else None,
        value=None,
        unit=None,
        ci_low=low,
        ci_high=high,
        p_value=None,
        method=f"{_EXACT}; {note}" if note else _EXACT,
    )
