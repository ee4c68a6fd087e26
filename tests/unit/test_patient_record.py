"""One patient's record: best and first response, relapse, dates, cytogenetics, what was not measured."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest
from karyotype_records import karyotype
from patient_tables import BASELINE, START, SUBJECT, blood, event, flow, marrow, record
from report_examples import FISH, NEGATIVE
from tables import rows

from mrdkit.cohort.members import is_high_risk
from mrdkit.patient.history import course_number, is_baseline
from mrdkit.patient.records import (
    Assessment,
    EventKind,
    ExternalResult,
)
from mrdkit.patient.therapy import targeted_antigens

BEST = """
    C1           | C2           | C3           | best | at | responder | first
    -------------+--------------+--------------+------+----+-----------+------
    2 2 60       | 2 2 200      | 2 0.1 10     | CR   | C2 | Y         | C1
    2 0.1 10     | 2 2 60       | 40 1 100     | CRp  | C2 | Y         | C1
    40 1 100     | 40 1 100     | 2 0.1 10     | CRi  | C3 | Y         | C3
    2 . .        | 2 0.1 10     | 40 1 100     | CRi  | C2 | Y         | C1
    40 1 100     | rare 1 100   | 40 1 100     | NR   | C1 | N         | -
    rare 1 100   | -1 1 100     | rare 1 100   | NE   | C1 | NE        | -
"""


@pytest.mark.parametrize(("c1", "c2", "c3", "best", "at", "responder", "first"), rows(BEST))
def test_best_and_first_response(
    *, c1: str, c2: str, c3: str, best: str, at: str, responder: str, first: str
) -> None:
    found = record(BASELINE, *(marrow(n, *cells.split()) for n, cells in enumerate((c1, c2, c3), 1)))
    assert (found.best_response, found.best_response_visit) == (best, at)
    assert (found.responder, found.first_response_visit or "-") == (responder, first)


def test_the_order_of_the_rows_does_not_matter() -> None:
    assessments = [BASELINE, marrow(1, "2", "2", "60"), marrow(2, "2"), marrow(3, "30")]
    events = (event(0, EventKind.COURSE_START), event(29, EventKind.COURSE_START))
    found = {
        str(record(*order, events=each))
        for order in permutations(assessments)
        for each in (events, events[::-1])
    }
    assert len(found) == 1


RELAPSE = """
    C1     | C2      | regenerating | mrd      | relapse | flag                     | clause
    -------+---------+--------------+----------+---------+--------------------------+-----------------------------
    2      | 5.1     | N            |          | yes     | RELAPSE                  | more than 5 %
    2      | 5.0     | N            |          | no      | BLAST_EQ_5               | 5.0 is none
    2      | 8       | Y            | negative | no      | REGENERATING             | unrelated to recovery
    2      | 8       | Y            | positive | no      | REVIEW                   | a person decides
    2      | 8       |              |          | yes     | REGENERATION_NOT_ASSESSED | noted
    20     | 40      | N            |          | no      | BM_BLASTS                | never responded
    2      | 2       |              | positive | no      | MRD_RELAPSE              | no event of RFS
"""


@pytest.mark.parametrize(("c1", "c2", "regenerating", "mrd", "relapse", "flag", "clause"), rows(RELAPSE))
def test_relapse_only_after_a_response(
    *, c1: str, c2: str, regenerating: str, mrd: str, relapse: str, flag: str, clause: str
) -> None:
    external = (flow("C1", "negative"), *([flow("C2", mrd)] if mrd else []))
    found = record(BASELINE, marrow(1, c1), marrow(2, c2, regenerating=regenerating), external=external)
    assert (found.relapse_on is not None) == (relapse == "yes"), clause
    assert flag in found.responses[-1].flags, clause


def sequencing(visit: str, status: str) -> ExternalResult:
    return replace(flow(visit, status), assay="ngs_mrd", lod=1e-6)


def test_flow_positive_and_sequencing_negative_asks_for_a_person() -> None:
    external = (flow("C1", "positive"), sequencing("C1", "negative"))
    found = record(BASELINE, marrow(1, "2"), external=external)
    assert {"FLOW_POSITIVE_NGS_NEGATIVE", "DISCORDANT", "REVIEW"} <= set(found.responses[-1].flags)
    assert {"FLOW_POSITIVE_NGS_NEGATIVE", "REVIEW"} <= set(found.flags)
    (pair,) = found.mrd_comparisons
    assert (pair.visit, pair.detection) == ("C1", "flow_only")


def test_sequencing_positive_and_flow_negative_is_the_expected_way_to_differ() -> None:
    external = (flow("C1", "negative"), sequencing("C1", "positive"))
    found = record(BASELINE, marrow(1, "2"), external=external)
    assert not {"NGS_DEEPER_THAN_FLOW", "REVIEW"} & set(found.responses[-1].flags)
    assert found.mrd_comparisons[0].flags == ("NGS_DEEPER_THAN_FLOW",)


def test_a_rise_stands_in_the_record_with_its_visits() -> None:
    days = [START + timedelta(days=28 * course) for course in (1, 2)]
    external = tuple(
        replace(sequencing(f"C{n}", ""), collected_on=day, numerator=count, denominator=2e6)
        for n, day, count in ((1, days[0], 10), (2, days[1], 400))
    )
    found = record(BASELINE, marrow(1, "2"), marrow(2, "2"), external=external)
    (trend,) = found.mrd_trends
    (step,) = trend.steps
    assert (step.from_visit, step.to_visit, step.days) == ("C1", "C2", 28)
    assert step.doubling_days == pytest.approx(28 * 0.30103 / 1.60206, rel=1e-4)
    assert "MRD_RISING" in found.flags
    assert [point.measurement for point in trend.points] == list(found.mrd)


def test_a_negative_from_blood_is_no_negative_of_the_time_line() -> None:
    blood = replace(NEGATIVE.specimen, subject_id="S1", visit="C1", specimen_type="PB")
    found = record(BASELINE, marrow(1, "2"), calls=(replace(NEGATIVE, specimen=blood),))
    assert [dict(point.status) for point in found.mrd] == [{"1e-4": "indeterminate"}]
    assert "SPECIMEN_NOT_MARROW" in found.mrd[0].flags
    assert found.mrd_trends[0].material == "blood"


def test_a_reported_relapse_without_response_is_named() -> None:
    found = record(BASELINE, marrow(1, "40"), events=(event(40, EventKind.RELAPSE),))
    assert found.relapse_on is None
    assert "RELAPSE_WITHOUT_RESPONSE" in found.flags


DATES = """
    event        | day  | flag       | clause
    -------------+------+------------+---------------------------------
    sct          | -10  | DATE_ORDER | before treatment
    sct          | 100  | -          | after
    death        | -1   | DATE_ORDER | before treatment
    last_contact | 20   | DATE_ORDER | before the response marrow
    last_contact | 28   | -          | on the day of it
    death        | 20   | DATE_ORDER | a marrow after death
"""


@pytest.mark.parametrize(("kind", "day", "flag", "clause"), rows(DATES))
def test_contradicting_dates(*, kind: str, day: str, flag: str, clause: str) -> None:
    found = record(BASELINE, marrow(1, "2"), events=(event(int(day), EventKind(kind)),))
    flags = {*found.flags, *(flag for call in found.responses for flag in call.flags)}
    assert ("DATE_ORDER" in flags) == (flag == "DATE_ORDER"), clause


LATER = """
    first            | then         | flag       | clause
    -----------------+--------------+------------+-------------------------------------------
    last_contact 100 | relapse 120  | DATE_ORDER | relapse after the last contact
    last_contact 100 | sct 120      | DATE_ORDER | transplanted after the last contact
    last_contact 100 | death 120    | -          | death ends the follow-up
    last_contact 100 | relapse 100  | -          | on the same day
    death 100        | sct 120      | DATE_ORDER | transplanted after death
    death 100        | death 120    | DATE_ORDER | two deaths
    relapse 10       | sct 120      | DATE_ORDER | a relapse before the response
"""


@pytest.mark.parametrize(("first", "then", "flag", "clause"), rows(LATER))
def test_events_after_the_end(*, first: str, then: str, flag: str, clause: str) -> None:
    events = (event(int(day), EventKind(kind)) for kind, day in (first.split(), then.split()))
    found = record(BASELINE, marrow(1, "2"), events=tuple(events))
    assert ("DATE_ORDER" in found.flags) == (flag == "DATE_ORDER"), clause


def test_no_result_is_of_a_day_after_death() -> None:
    death = event(60, EventKind.DEATH)
    late = replace(flow("C3", "negative"), collected_on=START + timedelta(days=61))
    cells = karyotype("46,XX[20]", visit="C3", collected_on=START + timedelta(days=62))
    found = record(
        BASELINE,
        marrow(1, "2"),
        events=(death,),
        external=(late,),
        calls=(cells,),
        counts=(blood(63, platelets="20"),),
    )
    assert [reason for reason in found.reasons if "after death" in reason] == [
        "Contradicting dates: flow_mrd of 2020-03-02 after death (2020-03-01).",
        "Contradicting dates: Karyotype of 2020-03-03 after death (2020-03-01).",
        "Contradicting dates: blood count of 2020-03-04 after death (2020-03-01).",
    ]


CONSENT = """
    consent    | flag       | clause
    -----------+------------+-------------------------------
    2019-12-20 | -          | before treatment
    2020-01-01 | -          | on its first day
    2020-01-02 | DATE_ORDER | after it
    20.12.2019 | DATE_ORDER | no ISO 8601 date
               | -          | not stated
"""


@pytest.mark.parametrize(("consent", "flag", "clause"), rows(CONSENT))
def test_consent_comes_first(*, consent: str, flag: str, clause: str) -> None:
    found = record(BASELINE, marrow(1, "2"), subject=replace(SUBJECT, extra={"consent_date": consent}))
    assert ("DATE_ORDER" in found.flags) == (flag == "DATE_ORDER"), clause


def test_early_death_without_assessment_is_a_nonresponder() -> None:
    found = record(BASELINE, events=(event(15, EventKind.DEATH),))
    assert (found.best_response, found.responder, found.early_death) == ("NE", "N", True)
    assert "EARLY_DEATH" in found.flags


def test_an_early_death_after_a_response_stays_a_response() -> None:
    found = record(
        BASELINE, replace(marrow(1, "2"), marrow_date="2020-01-20"), events=(event(26, EventKind.DEATH),)
    )
    assert (found.best_response, found.responder, found.early_death) == ("CR", "Y", True)


def test_cytogenetic_response_stands_beside_the_visit() -> None:
    calls = (
        karyotype("46,XX,t(4;11)(q21;q23)[18]/46,XX[2]"),
        karyotype("46,XX,t(4;11)(q21;q23.3)[1]/46,XX[19]", visit="C1"),
        karyotype("46,XX[20]", visit="C2"),
    )
    found = record(BASELINE, marrow(1, "2"), marrow(2, "2"), marrow(3, "2"), calls=calls)
    words = [call.cytogenetic_response for call in found.responses]
    assert words == ["not_applicable", "no_CCyR", "CCyR", "not_evaluable"]
    assert found.cytogenetic_response == "CCyR"


def follow_up(day: str, blasts: str) -> Assessment:
    return replace(marrow(1, blasts), visit="follow-up", course="", marrow_date=day)


def flow_of(day: date | None, status: str) -> ExternalResult:
    return replace(flow("Follow-up", status), collected_on=day)


def test_a_dated_result_of_a_repeated_visit_is_of_that_days_marrow() -> None:
    visits = [follow_up("2020-02-01", "2"), follow_up("2020-03-01", "3")]
    dated = (flow_of(date(2020, 2, 1), "negative"), flow_of(date(2020, 3, 1), "positive"))
    found = record(BASELINE, *visits, external=dated)
    assert [call.mrd_flow for call in found.responses] == ["not_tested", "negative", "positive"]
    assert "MRD_RELAPSE" in found.responses[2].flags
    undated = record(BASELINE, *visits, external=(flow_of(None, "positive"),))
    assert [call.mrd_flow for call in undated.responses] == ["not_tested", "positive", "positive"]
    assert all("VISIT_REPEATED" in call.flags for call in undated.responses[1:])


def test_a_dated_karyotype_of_a_repeated_visit_is_of_that_days_marrow() -> None:
    first, second = "46,XX[20]", "46,XX,t(4;11)(q21;q23)[1]/46,XX[19]"
    calls = (
        karyotype("46,XX,t(4;11)(q21;q23)[18]/46,XX[2]"),
        karyotype(first, visit="follow-up", collected_on=date(2020, 2, 1)),
        karyotype(second, visit="follow-up", collected_on=date(2020, 3, 1)),
    )
    visits = [follow_up("2020-02-01", "2"), follow_up("2020-03-01", "2")]
    found = record(BASELINE, *visits, calls=calls)
    assert [call.cytogenetic_response for call in found.responses[1:]] == ["CCyR", "no_CCyR"]


@pytest.mark.parametrize(("first", "second"), [("2", "40"), ("40", "2"), ("10", "2")])
def test_two_rows_of_one_day_are_no_relapse(first: str, second: str) -> None:
    found = record(BASELINE, follow_up("2020-02-01", first), follow_up("2020-02-01", second))
    assert found.relapse_on is None
    assert all("REVIEW" in call.flags for call in found.responses[1:])


def test_a_visit_of_course_0_is_before_treatment_in_any_case() -> None:
    screening = replace(BASELINE, visit="Screening")
    calls = (
        karyotype("46,XX,t(4;11)(q21;q23)[18]/46,XX[2]", visit="SCREENING "),
        karyotype("46,XX[20]", visit="c1"),
    )
    found = record(screening, marrow(1, "2"), calls=calls)
    assert found.responses[1].cytogenetic_response == "CCyR"


BEFORE = """
    visit     | on day | before | why
    ----------+--------+--------+-------------------------------------------------
    baseline  | 200    | yes    | the label decides
    screening | .      | yes    | an assessment gives it course 0
    diagnosis | -20    | yes    | no assessment has the label: before treatment
    diagnosis | -2     | yes    | the day of the baseline marrow
    diagnosis | 0      | no     | the first day of treatment is not before it
    diagnosis | .      | no     | neither label nor day tells
    C1        | -20    | no     | the label of an assessment under treatment
"""


@pytest.mark.parametrize(("visit", "on", "before", "why"), rows(BEFORE))
def test_what_lies_before_treatment(*, visit: str, on: str, before: str, why: str) -> None:
    day = None if on == "." else START + timedelta(days=int(on))
    call = karyotype("46,XX,t(4;11)(q21;q23)[20]", visit=visit, collected_on=day, kmt2a="yes")
    result = replace(flow(visit, "positive"), collected_on=day)
    found = record(
        BASELINE,
        replace(BASELINE, visit="Screening"),
        marrow(1, "2"),
        calls=(call,),
        external=(result,),
        events=(event(0, EventKind.COURSE_START),),
    )
    assert is_high_risk(found) == (before == "yes"), why
    assert (found.mrd[0].course == 0) == (before == "yes" or on == "0"), why
    assert ("No karyotype result at visit Screening." not in found.not_measured) == (before == "yes"), why


def test_a_result_under_a_label_of_its_own_is_of_the_marrow_of_its_day() -> None:
    result = replace(flow("day 28", "negative"), collected_on=START + timedelta(days=28))
    other_day = replace(result, collected_on=START + timedelta(days=29))
    assert record(BASELINE, marrow(1, "2"), external=(result,)).responses[-1].mrd_flow == "negative"
    assert record(BASELINE, marrow(1, "2"), external=(other_day,)).responses[-1].mrd_flow == "not_tested"


@pytest.mark.parametrize(("second", "known"), [("2", None), ("", 1)])
def test_course_starts_that_miss_a_course_tell_no_course(second: str, known: int | None) -> None:
    """The assessments know a course 2 that has no start: a later result may be of any course."""
    result = replace(flow("extra", "negative"), collected_on=START + timedelta(days=90))
    visits = (marrow(1, "2"), replace(marrow(2, "2"), course=second))
    found = record(BASELINE, *visits, events=(event(0, EventKind.COURSE_START),), external=(result,))
    assert found.mrd[0].course == known


@pytest.mark.parametrize(
    ("text", "number"),
    [("2", 2), ("02", 2), ("2.0", 2), ("C2", 2), ("Cycle 2", 2), ("course  2", 2), ("0.0", 0)]
    + [(text, None) for text in ("", "2.5", "2A", "C2D1", "-1", "two", "1000")],
)
def test_courses_as_written(text: str, number: int | None) -> None:
    assert course_number(text) == number
    assert is_baseline("x", text) == (number == 0)


@pytest.mark.parametrize(
    ("second", "flag"), [("normal", "FISH_CLEARED"), ("rearranged_split", "CCYR_FISH_DISCORDANT")]
)
def test_a_normal_fish_never_hides_another_of_the_visit(second: str, flag: str) -> None:
    later = replace(FISH, specimen=replace(FISH.specimen, subject_id="S1", visit="C1"))
    calls = (
        karyotype("46,XX,t(4;11)(q21;q23)[18]/46,XX[2]"),
        karyotype("46,XX[20]", visit="C1"),
        replace(FISH, specimen=replace(FISH.specimen, subject_id="S1", visit="baseline")),
        replace(later, call="normal"),
        replace(later, call=second),
    )
    assert flag in record(BASELINE, marrow(1, "2"), calls=calls).responses[1].flags


@pytest.mark.parametrize("probe", ["CRLF2_BA", "LPH085", "xl crlf"])
def test_crlf2_does_not_hang_on_the_name_of_the_probe(probe: str) -> None:
    call = replace(FISH, probe_id=probe, specimen=replace(FISH.specimen, subject_id="S1"))
    assert record(BASELINE, calls=(call,)).crlf2 == "positive"


def test_what_a_person_should_know_of_crlf2_stands_in_the_record() -> None:
    normal = replace(FISH, call="normal", specimen=replace(FISH.specimen, subject_id="S1"))
    surface = replace(flow("baseline", "positive"), assay="crlf2_flow")
    found = record(BASELINE, calls=(normal,), external=(surface,))
    assert found.crlf2 == "positive"
    assert {"CRLF2_DISCORDANT", "CRLF2_REFLEX_RNA"} <= set(found.flags)
    assert any("Ask for RNA" in reason for reason in found.reasons)


def test_another_patients_results_are_left_out() -> None:
    calls = (karyotype("46,XX,t(4;11)(q21;q23)[20]", subject_id="S2"),)
    found = record(
        BASELINE, marrow(1, "2"), calls=calls, external=(replace(flow("C1", "negative"), subject_id="S2"),)
    )
    assert (found.calls, found.external, found.mrd) == ((), (), ())
    assert found.responses[-1].mrd_flow == "not_tested"


def test_what_was_not_measured_is_said() -> None:
    found = record(BASELINE, marrow(1, "2"), external=(flow("C1", "negative"),))
    assert found.not_measured == (
        "No CRLF2 FISH result at visit baseline.",
        "No TP53 result at visit baseline.",
        "No karyotype result at visit baseline.",
        "No sequencing MRD result at visit C1.",
        "No karyotype result at visit C1.",
    )


def test_a_point_without_assessment_gets_the_course_of_its_date() -> None:
    starts = (event(0, EventKind.COURSE_START), event(28, EventKind.COURSE_START))
    result = replace(flow("extra", "negative"), collected_on=START + timedelta(days=40))
    assert record(BASELINE, events=starts, external=(result,)).mrd[0].course == 2


def test_a_refused_row_is_never_silent() -> None:
    found = record(BASELINE, marrow(1, "2"), refused=("A row of events.csv was refused (EVENT_UNKNOWN).",))
    assert {"INPUT_INCOMPLETE", "REVIEW"} <= set(found.responses[-1].flags)


def test_every_response_names_its_evidence() -> None:
    evidence = record(marrow(1, "2")).responses[0].evidence
    assert [rule.id for rule in evidence.rules] == ["jabbour2023", "shared_gaps"]
    assert [one.role for one in evidence.inputs] == ["assessments"]


THERAPY = """
    given                       | on day | targeted
    ----------------------------+--------+----------
                                | 30     |
    inotuzumab 2                | 30     | CD22
    inotuzumab 2                | 2      | CD22
    inotuzumab 2                | 1      |
    inotuzumab 2, blinatumomab 60 | 59   | CD22
    inotuzumab 2, blinatumomab 60 | 60   | CD19 CD22
    sct 2                       | 30     |
"""


@pytest.mark.parametrize(("given", "on", "targeted"), rows(THERAPY))
def test_antigens_under_treatment(*, given: str, on: str, targeted: str) -> None:
    events = [
        event(int(day), EventKind(kind)) for kind, day in (each.split() for each in given.split(", ") if each)
    ]
    assert targeted_antigens(events, START + timedelta(days=int(on))) == frozenset(targeted.split())
