"""The values of one patient: who, what happened when, what was measured, what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from mrdkit.patient.course_records import CourseRecovery, MrdResponse
from mrdkit.patient.mrd_records import MrdComparison, MrdMeasurement, MrdTrend
from mrdkit.results import Call, ResponseCall

__all__ = [
    "Assessment",
    "BloodCount",
    "Event",
    "EventKind",
    "ExternalResult",
    "PatientRecord",
    "Subject",
]


class EventKind(StrEnum):
    """What can happen to a subject; the value is the word in events.csv."""

    COURSE_START = "course_start"
    INOTUZUMAB = "inotuzumab"
    BLINATUMOMAB = "blinatumomab"
    SCT = "sct"
    RELAPSE = "relapse"
    DEATH = "death"
    LAST_CONTACT = "last_contact"
    OFF_STUDY = "off_study"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One row of subjects.csv; `extra` keeps the columns that mrdkit does not know."""

    subject_id: str
    sex: str | None
    age: float | None
    treatment_start: date | None
    arm: str | None
    salvage: str | None
    cr1_duration_months: float | None
    prior_sct: str | None
    extra: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of events.csv."""

    subject_id: str
    date: date
    kind: EventKind
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One row of assessments.csv, every cell as the laboratory wrote it; empty where it wrote nothing."""

    subject_id: str
    visit: str
    course: str = ""
    marrow_date: str = ""
    blasts_percent: str = ""
    blasts_unit: str = ""
    marrow_evaluable: str = ""
    cbc_date: str = ""
    anc: str = ""
    anc_unit: str = ""
    platelets: str = ""
    platelets_unit: str = ""
    extramedullary: str = ""
    pb_blasts_percent: str = ""
    cellularity_percent: str = ""
    growth_factor: str = ""
    platelet_transfusion_date: str = ""
    pb_blasts_leukemic: str = ""
    cns: str = ""
    regenerating: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BloodCount:
    """One row of blood_counts.csv; the counts as written."""

    subject_id: str
    date: date
    anc: str = ""
    anc_unit: str = ""
    platelets: str = ""
    platelets_unit: str = ""
    pb_blasts_percent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalResult:
    """One row of external_results.csv: a result made elsewhere as delivered, None where nothing was written.

    Attributes:
        status_1e4: word of sequencing at 1e-4 where the thresholds were delivered apart; 1e-5 and 1e-6 alike.
    """

    subject_id: str
    visit: str
    specimen_id: str | None
    collected_on: date | None
    assay: Literal["flow_mrd", "ngs_mrd", "tp53", "crlf2_fish", "crlf2_flow"]
    status: str
    value: float | None = None
    unit: str | None = None
    numerator: int | None = None
    denominator: float | None = None
    lod: float | None = None
    source: str
    status_1e4: str = ""
    status_1e5: str = ""
    status_1e6: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRecord:
    """Everything a report says about one patient, each list in order of date, then visit.

    Attributes:
        best_response: best response over all courses, with the visit it was reached at.
        not_measured: one sentence per assay and visit that the study expects and has no result for.
        responder: Y where any assessment was a remission; N also after an early death or without assessment.
        first_response_visit: visit of the first remission, with its marrow date.
        early_death: died within the profile's days of treatment start.
        relapse_on: first relapse after a response.
        crlf2: CRLF2 by FISH or flow: positive, negative, indeterminate or not_tested.
        cytogenetic_response: best cytogenetic response over all assessments.
        mrd_trends: MRD over time, one series per method and material.
        mrd_comparisons: flow beside sequencing, one per visit that has both.
        mrd_response: MRD at response, within the first courses and at any time, by flow and by sequencing.
        courses: recovery of the blood counts after each course.
        prolonged_thrombocytopenia: whether any course left platelets low beyond the profile's days.
        inotuzumab_to_sct_days: from the last inotuzumab to the first transplantation.
        flags: codes that concern the patient, not one assessment; `reasons` explains each.
        assessments: rows of assessments.csv that the responses were classified from, as written.
        blood_counts: rows of blood_counts.csv, as written.
    """

    subject: Subject
    events: tuple[Event, ...]
    responses: tuple[ResponseCall, ...]
    best_response: str
    best_response_visit: str | None
    mrd: tuple[MrdMeasurement, ...]
    calls: tuple[Call, ...]
    external: tuple[ExternalResult, ...]
    not_measured: tuple[str, ...]
    responder: Literal["Y", "N", "NE"] = "NE"
    first_response_visit: str | None = None
    first_response_on: date | None = None
    early_death: bool = False
    relapse_on: date | None = None
    crlf2: str = "not_tested"
    cytogenetic_response: str = "not_applicable"
    mrd_trends: tuple[MrdTrend, ...] = ()
    mrd_comparisons: tuple[MrdComparison, ...] = ()
    mrd_response: tuple[MrdResponse, ...] = ()
    courses: tuple[CourseRecovery, ...] = ()
    prolonged_thrombocytopenia: Literal["Y", "N", "NE"] = "NE"
    inotuzumab_to_sct_days: int | None = None
    flags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    blood_counts: tuple[BloodCount, ...] = ()
