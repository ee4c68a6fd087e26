"""Count endpoints of a cohort: numerators, printed denominators, exact intervals."""

import csv
from dataclasses import replace
from datetime import date, timedelta

import pytest
from karyotype_records import karyotype
from real_data import real

from mrdkit.cohort.endpoint import Endpoint
from mrdkit.cohort.summary import endpoint_ids, summarize
from mrdkit.patient.criteria import read_criteria
from mrdkit.patient.records import Assessment, Event, EventKind, ExternalResult, PatientRecord, Subject
from mrdkit.patient.timeline import build_record
from mrdkit.results import KaryotypeCall

CRITERIA = read_criteria("jabbour2023")
START = date(2020, 1, 1)
COUNTS = {"CR": ("2", "200"), "CRp": ("2", "60"), "CRi": ("0.5", "60")}


def patient(
    name: str,
    *,
    response: str = "CR",
    course: int = 1,
    day: int = 27,
    flow: dict[int, str] | None = None,
    events: tuple[tuple[EventKind, int], ...] = (),
    karyotypes: tuple[KaryotypeCall, ...] = (),
    other: tuple[tuple[str, str], ...] = (),
) -> PatientRecord:
    """A patient whose first response comes at one course; `none` was never assessed."""
    subject = Subject(
        subject_id=name,
        sex=None,
        age=None,
        treatment_start=START,
        arm=None,
        salvage=None,
        cr1_duration_months=None,
        prior_sct=None,
        extra={},
    )
    anc, platelets = COUNTS.get(response, ("1", "100"))
    row = Assessment(
        subject_id=name,
        visit=f"C{course}",
        course=str(course),
        marrow_date=(START + timedelta(days=day)).isoformat(),
        blasts_percent="40" if response == "NR" else "2",
        anc=anc,
        platelets=platelets,
        extramedullary="N",
    )
    mrd = (("flow_mrd", f"C{visit}", status) for visit, status in (flow or {}).items())
    return build_record(
        subject,
        events=[
            Event(subject_id=name, date=START + timedelta(days=on), kind=kind, detail="")
            for kind, on in (*events, *((EventKind.COURSE_START, 28 * n) for n in range(4)))
        ],
        assessments=[row] if response != "none" else [],
        blood_counts=(),
        calls=karyotypes,
        external=[
            external(name, assay, visit, status)
            for assay, visit, status in (*mrd, *((assay, "baseline", status) for assay, status in other))
        ],
        criteria=CRITERIA,
    )


def external(name: str, assay: str, visit: str, status: str) -> ExternalResult:
    return ExternalResult(
        subject_id=name,
        visit=visit,
        specimen_id=None,
        collected_on=START + timedelta(days=28 * int(visit[1:])) if visit[1:].isdigit() else None,
        assay=assay,  # type: ignore[arg-type]  # a word of the test
        status=status,
        source="lab",
    )


def by_name(records: list[PatientRecord]) -> dict[str, Endpoint]:
    return {found.endpoint: found for found in summarize(records)}


def paper() -> list[PatientRecord]:
    """110 patients with the paper's responses: 69 CR, 19 CRp, 3 CRi, 7 early deaths, 73 after course 1."""
    words = ["CR"] * 69 + ["CRp"] * 19 + ["CRi"] * 3 + ["NR"] * 12 + ["none"] * 7
    return [
        patient(
            f"S{n:03}",
            response=word,
            course=1 if n < 73 else 2,
            events=((EventKind.DEATH, 15),) if word == "none" else (),
        )
        for n, word in enumerate(words)
    ]


def test_the_papers_responses() -> None:
    """Results: "69 CR, 19 CRp, 3 CRi: 91 of 110"; the interval 74.3-89.3 is computed, not printed there."""
    found = by_name(paper())
    with real("trial/paper_endpoints.csv").open(encoding="utf-8", newline="") as file:
        printed = {
            row["endpoint"]: row for row in csv.DictReader(file) if row["group"] in ("all", "responders")
        }
    names = {
        "overall_response": "ORR",
        "cr": "CR",
        "crp": "CRp",
        "cri": "CRi",
        "response_after_course_1": "responded_after_course_1",
        "early_death_28d": "early_death_28d",
    }
    for ours, theirs in names.items():
        row, mine = printed[theirs], found[ours]
        assert (mine.n, mine.denominator) == (int(row["x"]), int(row["n"])), ours
        assert mine.percent is not None
        assert round(mine.percent) == int(row["pct_or_value"]), ours
    assert found["overall_response"].ci_low == pytest.approx(74.3, abs=0.05)
    assert found["overall_response"].ci_high == pytest.approx(89.3, abs=0.05)
    assert found["time_to_response_days"].value == 27


def test_every_endpoint_stands_once_in_order() -> None:
    assert tuple(found.endpoint for found in summarize(paper())) == endpoint_ids()
    assert tuple(found.endpoint for found in summarize([])) == endpoint_ids()


def test_an_empty_cohort_has_no_percentages() -> None:
    for found in summarize([]):
        assert (found.n, found.denominator, found.percent, found.value, found.ci_low) == (
            0,
            0,
            None,
            None,
            None,
        )


def test_the_order_of_patients_does_not_matter() -> None:
    records = paper()
    assert summarize(records) == summarize(records[::-1])


def test_mrd_denominators_are_the_assessed() -> None:
    """Trial page: a first negative at course 4 does not count; indeterminate is not assessed."""
    found = by_name(
        [
            patient("A", flow={1: "negative"}),
            patient("B", flow={1: "positive", 3: "negative"}),
            patient("C", flow={1: "positive", 2: "positive", 3: "positive", 4: "negative"}),
            patient("D", flow={1: "indeterminate"}),
            patient("E"),
            patient("F", response="NR", flow={1: "negative"}),
            patient("G", flow={1: "negative", 2: "positive"}),
        ]
    )
    at_response, best = found["mrd_negative_at_response"], found["mrd_negative_best_within_3_courses"]
    assert (at_response.n, at_response.denominator) == (2, 4)
    assert (best.n, best.denominator) == (3, 4)


def test_rate_of_the_trial_table() -> None:
    """Case M017: 47 negative of 87 assessed among 91 responders: the denominator is the assessed."""
    words = ["negative"] * 47 + ["positive"] * 40
    records = [patient(f"S{n:03}", flow={1: word}) for n, word in enumerate(words)]
    records += [patient(f"T{n}") for n in range(4)]
    found = by_name(records)["mrd_negative_at_response"]
    assert (found.n, found.denominator) == (47, 87)
    assert found.percent == pytest.approx(54.0230, abs=5e-5)


def test_genetics() -> None:
    abnormal = "46,XX,t(4;11)(q21;q23)[20]"

    def tested(name: str, followup: str | None, **other: object) -> PatientRecord:
        calls = [karyotype(abnormal, subject_id=name, kmt2a="yes", complex_all=True)]
        if followup:
            calls.append(karyotype(followup, subject_id=name, visit="C1"))
        return patient(name, karyotypes=tuple(calls), **other)  # type: ignore[arg-type]  # cells of the test

    found = by_name(
        [
            tested("A", "46,XX[20]", other=(("tp53", "mutated"), ("crlf2_fish", "normal"))),
            tested("B", abnormal, other=(("tp53", "wild_type"), ("crlf2_flow", "positive"))),
            tested("C", "46,XX[10]", other=(("tp53", "indeterminate"), ("crlf2_fish", "indeterminate"))),
            tested("D", None),
            patient("E", karyotypes=(karyotype("46,XX[20]", subject_id="E", ploidy_group=None),)),
            patient(
                "F", response="NR", karyotypes=(karyotype(abnormal, subject_id="F", ploidy_group="HoTr"),)
            ),
        ]
    )
    shares = {name: (found[name].n, found[name].denominator) for name in endpoint_ids()}
    assert shares["complete_cytogenetic_response"] == (1, 4)
    assert "not evaluable in 1" in found["complete_cytogenetic_response"].method
    assert shares["tp53_mutated"] == (1, 2)
    assert shares["crlf2_positive"] == (1, 2)
    assert shares["high_risk_cytogenetics"] == (5, 6)
    assert shares["complex_karyotype"] == (4, 6)


def test_transplantation_and_relapse() -> None:
    found = by_name(
        [
            patient("A", events=((EventKind.SCT, 100), (EventKind.RELAPSE, 300))),
            patient("B", events=((EventKind.SCT, 90), (EventKind.SCT, 400))),
            patient("C", response="NR", events=((EventKind.RELAPSE, 60),)),
        ]
    )
    assert (found["sct"].n, found["sct"].denominator) == (2, 3)
    assert (found["relapse"].n, found["relapse"].denominator) == (1, 2)


def test_a_time_that_would_be_negative_is_left_out() -> None:
    early = patient("A")
    wrong = replace(early, first_response_on=START - timedelta(days=3))
    found = by_name([wrong])["time_to_response_days"]
    assert (found.n, found.denominator, found.value) == (0, 1, None)
