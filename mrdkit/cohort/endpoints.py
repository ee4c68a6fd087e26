"""The endpoints of the trial in their order: who is in each denominator, and who reached it.

Denominators differ by endpoint and are always printed. A patient who died early or was never assessed stays
in the denominator of response. Source: trial report, Results; trial definitions, sections 2.2 and 3.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Literal

from mrdkit.cohort.measures import Measure, Patients, Share, Spread
from mrdkit.cohort.members import (
    EVALUABLE,
    antigen_at_least,
    baseline_was_read,
    best_flow,
    course_of_first_response,
    days_to_response,
    flow_at_response,
    had_to_recover,
    has,
    has_readable_karyotype,
    is_complex,
    is_high_risk,
    recovery_days,
    tp53_status,
    was_transplanted,
    weeks_from_inotuzumab_to_transplant,
)
from mrdkit.cohort.rules import AnalysisRules, analysis_rules
from mrdkit.cohort.survival_measures import FollowUpMedian, Survival, median_row, survival_row
from mrdkit.flow.mrd.expression_rules import read_expression_settings
from mrdkit.patient.records import EventKind, PatientRecord

__all__ = ["measures"]

_CD20_COLUMN = "cd20_percent"
_FIRST = 1


@cache
def measures() -> tuple[Measure, ...]:
    """Return every endpoint in the order of the table."""
    outcome = (*_course_of_disease(), *_survival(analysis_rules()), *_recovery())
    return (*_response(), *_mrd(), *_genetics(), _cd20(), *outcome)


def _response() -> tuple[Measure, ...]:
    return (
        Share(
            endpoint="overall_response",
            among=_everybody,
            reached=_responded,
            note=_says("all patients, early deaths included"),
        ),
        *(_best(name, word) for name, word in (("cr", "CR"), ("crp", "CRp"), ("cri", "CRi"))),
        Share(
            endpoint="response_after_course_1",
            among=_responded,
            reached=lambda one: course_of_first_response(one) == 1,
            note=lambda patients: f"of responders; course unknown in {_count(patients, _course_unknown)}",
        ),
        Spread(
            endpoint="time_to_response_days",
            among=_responded,
            value=days_to_response,
            unit="days",
            note="responders; treatment start to the first response marrow",
        ),
        Share(
            endpoint="early_death_28d",
            among=_everybody,
            reached=lambda one: one.early_death,
            note=_says("all patients; death within 28 days of treatment start"),
        ),
    )


def _best(endpoint: str, word: str) -> Share:
    return Share(
        endpoint=endpoint,
        among=_everybody,
        reached=lambda one: _responded(one) and one.best_response == word,
        note=_says("all patients; best response over all courses"),
    )


def _mrd() -> tuple[Measure, ...]:
    return (
        Share(
            endpoint="mrd_negative_at_response",
            among=lambda one: _responded(one) and flow_at_response(one) in EVALUABLE,
            reached=lambda one: flow_at_response(one) == "negative",
            note=_says("flow; responders with a positive or negative result"),
        ),
        Share(
            endpoint="mrd_negative_best_within_3_courses",
            among=lambda one: _responded(one) and best_flow(one) in EVALUABLE,
            reached=lambda one: best_flow(one) == "negative",
            note=_says("flow; responders with a positive or negative result in courses 1 to 3"),
        ),
    )


def _genetics() -> tuple[Measure, ...]:
    return (
        Share(
            endpoint="complete_cytogenetic_response",
            among=_cytogenetic_response_applies,
            reached=lambda one: one.cytogenetic_response == "CCyR",
            note=lambda patients: (
                "responders with an abnormal baseline karyotype; not evaluable in "
                f"{_count(patients, _cytogenetic_response_open)}"
            ),
        ),
        Share(
            endpoint="crlf2_positive",
            among=lambda one: one.crlf2 in EVALUABLE,
            reached=lambda one: one.crlf2 == "positive",
            note=_says("by FISH or flow; of tested"),
        ),
        Share(
            endpoint="tp53_mutated",
            among=lambda one: tp53_status(one) in ("mutated", "wild_type"),
            reached=lambda one: tp53_status(one) == "mutated",
            note=_says("of tested"),
        ),
        Share(endpoint="high_risk_cytogenetics", among=_everybody, reached=is_high_risk, note=_karyotyped),
        Share(endpoint="complex_karyotype", among=_everybody, reached=is_complex, note=_karyotyped),
    )


def _cd20() -> Measure:
    limit = next(
        limit.at_least_percent for limit in read_expression_settings().limit if limit.marker == "CD20"
    )
    answer: Callable[[PatientRecord], bool | None] = partial(
        antigen_at_least, column=_CD20_COLUMN, limit_percent=limit
    )
    return Share(
        endpoint="cd20_at_least_20",
        among=lambda one: answer(one) is not None,
        reached=lambda one: answer(one) is True,
        note=_says(f"patients with a percentage in the column {_CD20_COLUMN} of subjects.csv"),
    )


def _course_of_disease() -> tuple[Measure, ...]:
    return (
        Share(
            endpoint="sct",
            among=_everybody,
            reached=was_transplanted,
            note=_says("all patients; allogeneic transplant after treatment start"),
        ),
        Share(
            endpoint="relapse",
            among=_responded,
            reached=lambda one: one.relapse_on is not None,
            note=_says("of responders; morphologic or extramedullary"),
        ),
    )


def _survival(rules: AnalysisRules) -> tuple[Measure, ...]:
    months = rules.time.horizon_months
    return (
        Survival(endpoint=f"os_{months}m", clock="os", of_curve=survival_row),
        Survival(endpoint=f"rfs_{months}m", clock="rfs", of_curve=survival_row),
        Survival(endpoint="os_median_months", clock="os", of_curve=median_row),
        Survival(endpoint="rfs_median_months", clock="rfs", of_curve=median_row),
        FollowUpMedian(endpoint="follow_up_median_months"),
    )


def _recovery() -> tuple[Measure, ...]:
    return (
        _recovered("platelet", "platelets"),
        _recovered("neutrophil", "neutrophils"),
        Share(
            endpoint="prolonged_thrombocytopenia",
            among=lambda one: one.prolonged_thrombocytopenia != "NE",
            reached=lambda one: one.prolonged_thrombocytopenia == "Y",
            note=_says("patients whose counts tell, in any course; the profile's limit and weeks"),
        ),
        Spread(
            endpoint="inotuzumab_to_sct_weeks",
            among=lambda one: was_transplanted(one) and has(one, EventKind.INOTUZUMAB),
            value=weeks_from_inotuzumab_to_transplant,
            unit="weeks",
            note="transplanted patients who had inotuzumab; last dose before the first transplant to it",
        ),
    )


def _recovered(name: str, count: Literal["neutrophils", "platelets"]) -> Spread:
    return Spread(
        endpoint=f"{name}_recovery_days_course_1",
        among=partial(had_to_recover, course=_FIRST, count=count),
        value=partial(recovery_days, course=_FIRST, count=count),
        unit="days",
        note=f"patients whose {count} fell in course 1; its start to the first recovered count",
    )


def _everybody(record: PatientRecord) -> bool:
    del record
    return True


def _responded(record: PatientRecord) -> bool:
    return record.responder == "Y"


def _course_unknown(record: PatientRecord) -> bool:
    return _responded(record) and course_of_first_response(record) is None


def _cytogenetic_response_applies(record: PatientRecord) -> bool:
    return (
        _responded(record) and record.cytogenetic_response != "not_applicable" and baseline_was_read(record)
    )


def _cytogenetic_response_open(record: PatientRecord) -> bool:
    return _cytogenetic_response_applies(record) and record.cytogenetic_response == "not_evaluable"


def _karyotyped(patients: Patients) -> str:
    without = len(patients) - _count(patients, has_readable_karyotype)
    return f"of all patients; {without} without a readable karyotype before treatment"


def _count(patients: Patients, holds: Callable[[PatientRecord], bool]) -> int:
    return sum(map(holds, patients))


def _says(words: str) -> Callable[[Patients], str]:
    return lambda _: words
