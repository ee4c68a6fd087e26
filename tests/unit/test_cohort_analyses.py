"""Edge cases and properties of the cohort's analyses: survival, groups, landmark, Cox, matching, stopping."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from strategies.cohort import Patient, random_cohort, record

from mrdkit.cohort import Endpoint, endpoint_ids, summarize, summarize_by
from mrdkit.cohort.comparisons import compare_counts, compare_values
from mrdkit.cohort.competing import first_events, incidence
from mrdkit.cohort.groups import grouped, only
from mrdkit.cohort.landmark import landmark_rows, read_landmark
from mrdkit.cohort.matching import match
from mrdkit.cohort.methods import methods_paragraph
from mrdkit.cohort.regression import cox_report
from mrdkit.cohort.rules import analysis_rules
from mrdkit.cohort.stopping import StoppingRule, boundaries, chance_above, chance_of_stopping, stops
from mrdkit.cohort.survival import kaplan_meier
from mrdkit.errors import InputError, UsageError
from mrdkit.patient.records import EventKind, PatientRecord
from mrdkit.report import multiqc_files, survival_figures

COHORT = random_cohort(60, seed=3)


def rows_of(records: tuple[PatientRecord, ...]) -> dict[str, Endpoint]:
    return {row.endpoint: row for row in summarize(records)}


def patients(*told: Patient) -> tuple[PatientRecord, ...]:
    return tuple(record(replace(one, name=f"S{n}")) for n, one in enumerate(told))


def test_one_patient_who_died_has_survival_zero_and_no_interval() -> None:
    found = rows_of(patients(Patient(name="", death=100)))["os_36m"]
    assert (found.n, found.denominator, found.percent, found.ci_low, found.ci_high) == (1, 1, 0.0, None, None)
    assert found.flags == ()


def test_all_censored_is_survival_one_without_interval_and_no_median() -> None:
    found = rows_of(patients(*[Patient(name="", last_contact=day) for day in (1200, 1300, 1400)]))
    assert (found["os_36m"].percent, found["os_36m"].ci_low, found["os_36m"].ci_high) == (100.0, None, None)
    assert (found["os_median_months"].value, found["os_median_months"].ci_low) == (None, None)
    assert found["follow_up_median_months"].value == pytest.approx(1300 / 30.4375)
    assert found["follow_up_median_months"].ci_high == pytest.approx(1400 / 30.4375)


def test_survival_beyond_the_longest_follow_up_says_so() -> None:
    found = rows_of(patients(Patient(name="", death=50), Patient(name="", last_contact=300)))["os_36m"]
    assert (found.percent, found.flags) == (50.0, ("FOLLOW_UP_SHORT",))
    assert "9.9 months is carried forward" in found.reasons[0]


def test_survival_of_exactly_one_half_is_the_median() -> None:
    """A product of fractions may stand a last digit above one half."""
    days = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    curve = kaplan_meier((days, [True] * 6), confidence=0.95)
    assert curve.median(analysis_rules().estimate.median_tolerance).day == 3.0


def test_an_event_on_the_horizon_counts() -> None:
    on, after = (rows_of(patients(Patient(name="", death=day)))["os_36m"].percent for day in (1095, 1096))
    assert (on, after) == (0.0, 100.0)


def test_who_is_left_out_stands_with_the_number() -> None:
    found = rows_of(patients(Patient(name="", death=200, sct=300), Patient(name="", death=2000)))["os_36m"]
    assert (found.denominator, found.flags) == (1, ("PATIENTS_LEFT_OUT",))
    assert "left out: 1 DATE_ORDER" in found.method


def test_groups_come_in_order_and_carry_the_test() -> None:
    found = summarize_by(COHORT, "salvage")
    assert [row.endpoint for row in found] == [name for name in endpoint_ids() for _ in range(3)]
    assert [row.group for row in found[:3]] == ["1", "2", "3"]
    for name in endpoint_ids():
        assert len({row.p_value for row in found if row.endpoint == name}) == 1


def test_a_patient_without_a_value_stands_in_no_group() -> None:
    records = patients(Patient(name="", arm="a"), Patient(name="", arm="b"), Patient(name=""))
    found = [row for row in summarize_by(records, "arm") if row.endpoint == "overall_response"]
    assert [(row.group, row.n, row.flags) for row in found] == [
        ("a", 1, ("GROUP_MISSING",)),
        ("b", 1, ("GROUP_MISSING",)),
    ]


def test_numbers_are_ordered_by_size_and_too_many_are_refused() -> None:
    records = patients(*[Patient(name="", salvage=value) for value in ("10", "2", "1")])
    assert list(grouped(records, "salvage", analysis_rules()).groups) == ["1", "2", "10"]
    with pytest.raises(UsageError, match="too many values"):
        grouped(COHORT, "pb_blasts", analysis_rules())


@pytest.mark.parametrize("condition", ["arm", "=x", "colour=red"])
def test_a_condition_that_means_nothing_is_refused(condition: str) -> None:
    with pytest.raises(UsageError):
        only(COHORT, [condition])


def test_landmark_counts_whom_it_leaves_out() -> None:
    records = patients(
        Patient(name="", death=90),
        Patient(name="", last_contact=100),
        Patient(name="", sct=100, death=500),
        Patient(name="", sct=130, last_contact=1500),
        Patient(name="", last_contact=1400),
    )
    found = [row for row in landmark_rows(records, read_landmark("sct:122")) if row.endpoint == "os_36m"]
    assert [(row.group, row.n, row.denominator, row.percent) for row in found] == [
        ("exposed", 1, 1, 0.0),
        ("unexposed", 0, 2, 100.0),
    ]
    assert "2 left out before it (1 deaths, 1 censored)" in found[0].method
    assert found[0].p_value == found[1].p_value
    moved = landmark_rows(records, read_landmark("sct:122", from_landmark=True))
    assert moved[2].value == pytest.approx((500 - 122) / 30.4375)


@pytest.mark.parametrize("text", ["sct", "sct:", "sct:0", "sct:-3", "sct:inf", "sct:nan", "dance:3"])
def test_a_landmark_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_landmark(text)


def test_cox_names_its_reference_its_patients_and_what_entered() -> None:
    report = cox_report(COHORT, ["tp53", "age"], time_dependent=[EventKind.SCT])
    terms = {term.covariate: term for term in report.terms if term.model == "univariate"}
    assert (terms["tp53=wild_type"].reference, terms["tp53=wild_type"].n) == ("mutated", 60)
    assert (terms["age"].reference, terms["sct"].reference) == (None, "before sct")
    alone = {name for name, term in terms.items() if term.p_value is not None and term.p_value <= 0.05}
    assert {name.split("=")[0] for name in alone} == set(report.entered)


@pytest.mark.parametrize("columns", [[], ["age", "age"], ["colour"], ["sex"]])
def test_covariates_that_are_none_are_refused(columns: list[str]) -> None:
    with pytest.raises(UsageError):
        cox_report(COHORT, columns)


def test_matching_makes_close_pairs_and_improves_the_balance() -> None:
    cohort = random_cohort(300, seed=9)
    made = match(cohort, "arm", "modified", ["age", "salvage"])
    assert made.pairs
    used = [name for pair in made.pairs for name in (pair.treated, pair.control)]
    assert len(used) == len(set(used))
    assert set(used) | set(made.unmatched) == {one.subject.subject_id for one in cohort}
    assert all(pair.logit_difference <= made.caliper for pair in made.pairs)
    age = next(row for row in made.balance if row.covariate == "age")
    assert age.difference_before is not None
    assert age.difference_after is not None
    assert abs(age.difference_after) < abs(age.difference_before)
    assert match(cohort[::-1], "arm", "modified", ["age", "salvage"]) == made


def test_groups_that_the_covariates_tell_apart_have_no_score() -> None:
    told = [Patient(name="", arm="a" if n < 5 else "b", age=float(n)) for n in range(10)]
    with pytest.raises(InputError, match="tell the groups apart"):
        match(patients(*told), "arm", "a", ["age"])
    with pytest.raises(UsageError, match="two values"):
        match(patients(*told), "arm", "c", ["age"])


def test_death_competes_with_the_event() -> None:
    records = patients(
        Patient(name="", death=300, extra={"sos_date": "2015-04-15"}),
        Patient(name="", death=50, extra={"sos_date": ""}),
        Patient(name="", last_contact=900),
        Patient(name="", last_contact=900, extra={"sos_date": "soon"}),
        Patient(name="", last_contact=900, extra={"sos_date": "2014-01-01"}),
    )
    found = incidence(records, "sos_date")
    assert (found.n, found.n_events, found.n_competing) == (3, 1, 1)
    assert [one.code for one in found.left_out] == ["DATE_INVALID", "DATE_ORDER"]
    assert found.points[-1].incidence == pytest.approx(1 / 3)
    assert [one.cause for one in first_events(records, "sos_date")[0]] == ["event", "death", "none"]
    with pytest.raises(UsageError):
        incidence(records, "vod_date")


RULE = StoppingRule(limit=0.3, certainty=0.9, patients=30, prior_events=0.6, prior_others=1.4)


def test_the_boundary_is_the_first_count_that_stops() -> None:
    for boundary in boundaries(RULE):
        first = next((k for k in range(boundary.patients + 1) if stops(RULE, k, boundary.patients)), None)
        assert boundary.stop_at_events == first


def test_no_look_before_the_first_one() -> None:
    late = replace(RULE, from_patient=10)
    assert all(boundary.stop_at_events is None for boundary in boundaries(late)[:9])
    assert boundaries(late)[9:] == boundaries(RULE)[9:]


def test_the_chance_of_stopping_at_a_single_look_is_binomial() -> None:
    one_look = replace(RULE, from_patient=30)
    least = boundaries(one_look)[-1].stop_at_events
    assert least is not None
    assert chance_of_stopping(one_look, 0.4) == pytest.approx(float(binom.sf(least - 1, 30, 0.4)), abs=1e-12)
    assert chance_of_stopping(RULE, 0.0) == 0.0
    assert chance_of_stopping(RULE, 1.0) == 1.0


@given(st.integers(0, 29), st.integers(1, 30))
def test_more_events_never_make_stopping_less_likely(events: int, total: int) -> None:
    if events < total:
        assert chance_above(RULE, events, total) < chance_above(RULE, events + 1, total)


@pytest.mark.parametrize(
    "wrong", [{"limit": 0.0}, {"certainty": 1.0}, {"patients": 0}, {"patients": 10**9}, {"limit": math.nan}]
)
def test_a_rule_that_no_protocol_can_mean_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        replace(RULE, **wrong)  # type: ignore[arg-type]  # numbers of the test


def test_tests_of_nothing_have_no_p_value() -> None:
    assert compare_counts([(0, 0), (1, 2)], expected_less_than=5).p_value is None
    assert compare_counts([(2, 2), (3, 3)], expected_less_than=5).p_value is None
    assert compare_values([[1.0], []]).p_value is None
    assert compare_values([[1.0], [1.0]]).p_value is None
    assert compare_values([[1.0, 2.0], [3.0], [9.0]]).method == "Kruskal-Wallis"


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_patients_does_not_matter(order: list[int]) -> None:
    few = COHORT[:12]
    shuffled = tuple(few[index] for index in order)
    assert summarize(shuffled) == summarize(few)
    assert summarize_by(shuffled, "arm") == summarize_by(few, "arm")


def test_figures_say_whom_they_are_about_and_count_who_is_at_risk() -> None:
    overall, relapse_free = survival_figures(COHORT)
    responders = sum(one.responder == "Y" for one in COHORT)
    assert overall.about == "60 patients, from treatment start"
    assert relapse_free.about == f"{responders} responders, from the first response"
    assert "all, at risk: 60 at month 0" in overall.svg
    assert survival_figures(COHORT) == (overall, relapse_free)
    assert survival_figures(()) == ()


def test_a_hostile_group_name_stays_text() -> None:
    (figure, *_) = survival_figures(patients(Patient(name="", arm="<script>")), by="arm")
    assert "<script>" not in figure.svg
    assert "&lt;script&gt;" in figure.svg


def test_multiqc_files_and_methods_have_no_clock() -> None:
    files = multiqc_files(summarize(COHORT), COHORT)
    assert sorted(files) == [f"mrdkit_{name}_mqc.json" for name in ("endpoints", "os", "patients", "rfs")]
    assert files == multiqc_files(summarize(COHORT), COHORT)
    assert "60 patients were analysed" in methods_paragraph(COHORT)
    assert "lifelines" in methods_paragraph(COHORT)
