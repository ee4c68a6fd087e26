"""Cohorts made from scratch: patients arranged to the integers of the trial report, and random ones.

A patient is a set of table rows read through the same code as a study; nothing of a person stands here.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from karyotype_records import karyotype

from mrdkit.patient.criteria import read_criteria
from mrdkit.patient.records import Assessment, Event, EventKind, ExternalResult, PatientRecord, Subject
from mrdkit.patient.timeline import build_record

__all__ = ["START", "Patient", "paper_cohort", "random_cohort", "record"]

CRITERIA = read_criteria("jabbour2023")
START = date(2015, 1, 5)
COUNTS = {"CR": ("2", "200"), "CRp": ("2", "60"), "CRi": ("0.5", "60"), "NR": ("2", "200")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is told of one patient; `response` none is never assessed, days count from the start.

    Attributes:
        mrd: course -> flow MRD word.
        cleared: metaphases of the karyotype at response, None where there is none.
    """

    name: str
    response: str = "CR"
    course: int = 1
    response_day: int = 27
    death: int | None = None
    last_contact: int | None = 2000
    relapse: int | None = None
    sct: int | None = None
    other: tuple[tuple[EventKind, int], ...] = ()
    mrd: tuple[tuple[int, str], ...] = ()
    baseline: str | None = None
    ploidy_group: str | None = None
    kmt2a: str = "no"
    complex_all: bool = False
    followup: str | None = None
    tp53: str | None = None
    crlf2: str | None = None
    arm: str | None = None
    salvage: str | None = None
    age: float | None = None
    extra: dict[str, str] = field(default_factory=dict)


def record(one: Patient) -> PatientRecord:
    """Return the record of one patient, built from rows as a study's are."""
    calls = []
    if one.baseline is not None:
        calls.append(
            karyotype(
                one.baseline,
                subject_id=one.name,
                ploidy_group=one.ploidy_group,  # type: ignore[arg-type]  # a word of the test
                kmt2a=one.kmt2a,  # type: ignore[arg-type]  # a word of the test
                complex_all=one.complex_all,
            )
        )
    if one.followup is not None:
        calls.append(karyotype(one.followup, subject_id=one.name, visit=f"C{one.course}"))
    return build_record(
        _subject(one),
        events=_events(one),
        assessments=[_assessment(one)] if one.response != "none" else [],
        blood_counts=(),
        calls=calls,
        external=_external(one),
        criteria=CRITERIA,
    )


def _subject(one: Patient) -> Subject:
    return Subject(
        subject_id=one.name,
        sex=None,
        age=one.age,
        treatment_start=START,
        arm=one.arm,
        salvage=one.salvage,
        cr1_duration_months=None,
        prior_sct=None,
        extra=one.extra,
    )


def _events(one: Patient) -> list[Event]:
    end = one.last_contact if one.death is None else one.death
    days = [
        *((EventKind.COURSE_START, 28 * n) for n in range(4) if end is None or 28 * n <= end),
        (EventKind.DEATH, one.death),
        (EventKind.LAST_CONTACT, one.last_contact if one.death is None else None),
        (EventKind.RELAPSE, one.relapse),
        (EventKind.SCT, one.sct),
        *one.other,
    ]
    return [
        Event(subject_id=one.name, date=START + timedelta(days=day), kind=kind, detail="")
        for kind, day in days
        if day is not None
    ]


def _assessment(one: Patient) -> Assessment:
    anc, platelets = COUNTS[one.response]
    return Assessment(
        subject_id=one.name,
        visit=f"C{one.course}",
        course=str(one.course),
        marrow_date=(START + timedelta(days=one.response_day)).isoformat(),
        blasts_percent="40" if one.response == "NR" else "2",
        anc=anc,
        platelets=platelets,
        extramedullary="N",
    )


def _external(one: Patient) -> list[ExternalResult]:
    told = [
        *(("flow_mrd", f"C{course}", START + timedelta(days=28 * course), word) for course, word in one.mrd),
        *([("tp53", "baseline", None, one.tp53)] if one.tp53 else []),
        *([("crlf2_fish", "baseline", None, one.crlf2)] if one.crlf2 else []),
    ]
    return [
        ExternalResult(
            subject_id=one.name,
            visit=visit,
            specimen_id=None,
            collected_on=day,
            assay=assay,  # type: ignore[arg-type]  # a word of the test
            status=word,
            source="laboratory",
        )
        for assay, visit, day, word in told
    ]


def paper_cohort() -> tuple[PatientRecord, ...]:
    """Return 110 patients arranged to the integers of the trial report; nobody is a patient of the trial.

    Responders come first. Salvage 1: 73 of 79, 2: 10 of 17, 3+: 8 of 14. Original 67, modified 43.
    """
    words = ["CR"] * 69 + ["CRp"] * 19 + ["CRi"] * 3 + ["NR"] * 12 + ["none"] * 7
    salvage = ["1"] * 73 + ["2"] * 10 + ["3+"] * 8 + ["1"] * 5 + ["2"] * 4 + ["3+"] * 3
    salvage += ["1"] + ["2"] * 3 + ["3+"] * 3
    return tuple(record(_of_paper(n, words[n], salvage[n])) for n in range(110))


def _of_paper(n: int, word: str, salvage: str) -> Patient:
    responded, early = n < 91, word == "none"
    original = n < 52 or n >= 95
    transplanted = n < 29 or 52 <= n < 76
    course = 1 if n < 73 else 2
    sos = n < 7 or n in (50, 51) or n == 52
    return Patient(
        name=f"P{n:03}",
        response=word,
        course=course,
        response_day=(12 if n == 0 else 27) if course == 1 else (134 if n == 90 else 55),
        death=15 if early else None,
        sct=150 if transplanted else None,
        mrd=_mrd_of_paper(n, course) if responded else (),
        baseline="46,XX,t(1;19)(q23;p13)[20]" if n < 39 else "46,XX[20]",
        ploidy_group="HoTr" if n in range(12) else None,
        kmt2a="yes" if n in range(12, 22) else "no",
        complex_all=n in range(22, 35),
        followup=_followup_of_paper(n) if responded else None,
        tp53=("mutated" if n < 19 else "wild_type") if n < 60 else None,
        crlf2=("rearranged_split" if n < 12 else "normal") if n < 71 else None,
        arm="original" if original else "modified",
        salvage=salvage,
        extra={
            "salvage_group": "1" if salvage == "1" else "2+",
            "sos_date": (START + timedelta(days=170)).isoformat() if sos else "",
            "sos": "Y" if sos else "N",
        },
    )


def _mrd_of_paper(n: int, course: int) -> tuple[tuple[int, str], ...]:
    """At response 47 of 87 negative; best within 3 courses 62 of 70 in salvage 1, 12 of 18 in 2+."""
    if n in (70, 71, 72):  # salvage 1, never assessed
        return ()
    best = "negative" if n < 62 or 73 <= n < 85 else "positive"
    if n == 69:  # assessed after the response only
        return ((course + 1, best),)
    at_response = "negative" if n < 47 else "positive"
    return ((course, at_response), (course + 1, best))


def _followup_of_paper(n: int) -> str | None:
    if n >= 39:
        return None
    return "46,XX[20]" if n < 36 else "46,XX,t(1;19)(q23;p13)[3]/46,XX[17]"


def random_cohort(size: int, *, seed: int, tied: bool = False) -> tuple[PatientRecord, ...]:
    """Return patients with random times, transplants and groups; `tied` makes many of one day."""
    draw = np.random.default_rng(seed)
    return tuple(record(_drawn(draw, n, tied=tied)) for n in range(size))


def _drawn(draw: np.random.Generator, n: int, *, tied: bool) -> Patient:
    step = 100 if tied else 1
    days = int(draw.exponential(900.0)) // step * step + 60
    died = bool(draw.random() < 0.6)
    transplanted = bool(draw.random() < 0.4)
    age = float(draw.integers(18, 80))
    return Patient(
        name=f"R{n:05}",
        response="CR" if draw.random() < 0.8 else "NR",
        death=days if died else None,
        last_contact=days,
        sct=int(draw.integers(30, days + 1)) if transplanted else None,
        tp53="mutated" if draw.random() < 0.3 else "wild_type",
        arm="modified" if draw.random() < 0.3 + 0.004 * age else "original",
        salvage=str(int(draw.integers(1, 4))),
        age=age,
        extra={"pb_blasts": f"{draw.random() * 90:.1f}"},
    )
