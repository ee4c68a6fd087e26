"""Survival analysis beside scikit-survival, statsmodels and scipy: the same numbers to 1e-8."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sksurv.compare import compare_survival
from sksurv.nonparametric import cumulative_incidence_competing_risks, kaplan_meier_estimator
from statsmodels.api import PHReg
from statsmodels.duration.survfunc import SurvfuncRight, survdiff
from strategies.cohort import random_cohort

from mrdkit.cohort.competing import FirstEvent, incidence_of
from mrdkit.cohort.regression import cox_report
from mrdkit.cohort.survival import Interval, cox, kaplan_meier, log_rank
from mrdkit.cohort.times import FollowUp, follow_up, follow_ups
from mrdkit.patient.records import EventKind


def exactly(expected: object) -> object:
    return pytest.approx(expected, rel=0, abs=1e-8)


TIMES = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)


def times(seed: int, *, tied: bool) -> tuple[list[float], list[bool]]:
    found = follow_up(follow_ups(random_cohort(110, seed=seed, tied=tied), "os"))
    return [one.days for one in found], [one.event for one in found]


@settings(max_examples=60, deadline=None)
@given(TIMES)
def test_kaplan_meier_and_its_interval(drawn: list[tuple[int, bool]]) -> None:
    """scikit-survival puts 0 or 1 where survival is certain; there no interval is given here."""
    days, events = [day for day, _ in drawn], [event for _, event in drawn]
    theirs = kaplan_meier_estimator(np.array(events), np.array(days, float), conf_type="log-log")
    ours = kaplan_meier((days, events), confidence=0.95)
    assert [step.day for step in ours.steps] == list(theirs[0])
    assert [step.survival for step in ours.steps] == pytest.approx(list(theirs[1]))
    for step, low, high in zip(ours.steps, *theirs[2], strict=True):
        if step.survival in (0.0, 1.0):
            assert (step.ci_low, step.ci_high) == (None, None)
        else:
            assert (step.ci_low, step.ci_high) == exactly((low, high))


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_median(seed: int, *, tied: bool) -> None:
    days, events = times(seed, tied=tied)
    ours = kaplan_meier((days, events), confidence=0.95).median(1e-12)
    theirs = SurvfuncRight(np.array(days), np.array(events, int))
    assert ours.day == theirs.quantile(0.5)
    low, high = theirs.quantile_ci(0.5, method="cloglog")
    assert (ours.low, ours.high) == (low, high)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("groups", [2, 3])
def test_log_rank(groups: int, *, tied: bool) -> None:
    days, events = (np.array(part) for part in times(5, tied=tied))
    label = np.arange(len(days)) % groups
    ours = log_rank([(list(days[label == g]), list(events[label == g])) for g in range(groups)])
    structured = np.array(list(zip(events, days, strict=True)), dtype=[("event", bool), ("time", float)])
    assert ours == exactly(compare_survival(structured, label)[1])
    assert ours == exactly(survdiff(days, events.astype(int), label)[1])
    if groups == 2:
        first, second = (
            stats.CensoredData.right_censored(days[label == g], ~events[label == g]) for g in (0, 1)
        )
        assert ours == exactly(stats.logrank(first, second).pvalue)


@pytest.mark.parametrize("tied", [False, True])
def test_cox_of_columns(*, tied: bool) -> None:
    records = random_cohort(110, seed=7, tied=tied)
    ours = cox_report(records, ["age", "tp53"])
    found = follow_up(follow_ups(records, "os"))
    age = np.array([record.subject.age for record in records], float)
    wild = np.array([record.external[0].status == "wild_type" for record in records], float)
    for term, column in zip(ours.terms, (age, wild), strict=False):
        theirs = PHReg(
            np.array([one.days for one in found], float),
            column[:, None],
            status=np.array([one.event for one in found], int),
            ties="efron",
        ).fit(disp=0)
        low, high = np.exp(theirs.conf_int()[0])
        expected = (np.exp(theirs.params[0]), low, high, theirs.pvalues[0])
        assert (term.hazard_ratio, term.ci_low, term.ci_high, term.p_value) == exactly(expected)


@pytest.mark.parametrize("tied", [False, True])
def test_cox_with_a_transplant_that_comes_later(*, tied: bool) -> None:
    """Statsmodels counts a patient from the day of entry on, here from the day after: half a day is added."""
    records = random_cohort(110, seed=8, tied=tied)
    (ours,) = (term for term in cox_report(records, [], time_dependent=[EventKind.SCT]).terms[:1])
    rows = []
    for record in records:
        days = {event.kind: (event.date - record.subject.treatment_start).days for event in record.events}  # type: ignore[operator]  # every one has a start
        end, died = days.get(EventKind.DEATH, days.get(EventKind.LAST_CONTACT, 0)), EventKind.DEATH in days
        sct = days.get(EventKind.SCT, end)
        rows.append((0, sct, 0, died and sct == end))
        if sct < end:
            rows.append((sct, end, 1, died))
    entry, stop, exposed, event = (np.array(column, float) for column in zip(*rows, strict=True))
    theirs = PHReg(stop, exposed[:, None], status=event, entry=entry + 0.5, ties="efron").fit(disp=0)
    expected = (np.exp(theirs.params[0]), theirs.pvalues[0])
    assert (ours.hazard_ratio, ours.p_value) == exactly(expected)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 60), st.integers(1, 3), st.integers(1, 40))
def test_cox_of_drawn_intervals(seed: int, patients: int, terms: int, days: int) -> None:
    """Late entry, ties and several covariates; without a solution, or nearly so, nothing is compared."""
    draw = np.random.default_rng(seed)
    entry = draw.integers(0, days, patients)
    stop = entry + draw.integers(1, days + 1, patients)
    event = draw.random(patients) < 0.7
    values = np.round(draw.normal(size=(patients, terms)), 1)
    values[:, 0] = values[:, 0] > 0
    ours = cox(
        [
            Interval(
                subject=n, start=a, stop=b, event=c, covariates={str(term): x for term, x in enumerate(row)}
            )
            for n, (a, b, c, row) in enumerate(zip(entry, stop, event, values.tolist(), strict=True))
        ],
        confidence=0.95,
    )
    if ours is None or max(abs(np.log(term.hazard_ratio)) for term in ours) > 5:
        return
    theirs = PHReg(stop, values, status=event.astype(int), entry=entry + 0.5, ties="efron").fit(disp=0)
    assert [np.log(term.hazard_ratio) for term in ours] == exactly(list(theirs.params))
    assert [term.p_value for term in ours] == exactly(list(theirs.pvalues))


def test_cox_whose_covariates_say_the_same_has_no_solution() -> None:
    rows = [
        Interval(
            subject=n, start=0, stop=n + 1, event=n % 2 == 0, covariates={"x": n % 3, "twice": 2 * (n % 3)}
        )
        for n in range(12)
    ]
    assert cox(rows, confidence=0.95) is None


def test_a_group_never_at_risk_takes_no_degree_of_freedom() -> None:
    """As R's survdiff: whoever left before the first event tells nothing about it."""
    first, second = ([2.0, 5.0, 6.0], [True, True, False]), ([3.0, 4.0, 7.0], [True, True, True])
    gone = ([1.0], [False])
    assert log_rank([first, gone, second]) == log_rank([first, second]) is not None
    assert log_rank([first, gone]) is None


@pytest.mark.parametrize("event", [False, True])
def test_one_patient(*, event: bool) -> None:
    (step,) = kaplan_meier(([0.0], [event]), confidence=0.95).steps
    assert (step.at_risk, step.survival, step.ci_low, step.ci_high) == (1, 1.0 - event, None, None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.sampled_from(["event", "death", "none"])), max_size=40))
def test_cumulative_incidence(drawn: list[tuple[int, str]]) -> None:
    """Both causes happen, and one patient stays: scikit-survival has no variance where all leave at once."""
    drawn = [*drawn, (1, "event"), (2, "death"), (13, "none")]
    causes = {"none": 0, "event": 1, "death": 2}
    found = [
        FirstEvent(subject_id=str(n), days=day, cause=cause)  # type: ignore[arg-type]  # one of its words
        for n, (day, cause) in enumerate(drawn)
    ]
    days, risks, (low, high) = _sksurv_incidence(drawn, causes)
    ours = incidence_of(found, confidence=0.95)
    assert [point.day for point in ours] == list(days)
    assert [point.incidence for point in ours] == exactly(list(risks))
    for point, theirs_low, theirs_high in zip(ours, low, high, strict=True):
        if 0.0 < point.incidence < 1.0:
            assert (point.ci_low, point.ci_high) == exactly((theirs_low, theirs_high))


def _sksurv_incidence(
    drawn: list[tuple[int, str]], causes: dict[str, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    days, risks, interval = cumulative_incidence_competing_risks(
        np.array([causes[cause] for _, cause in drawn]),
        np.array([day for day, _ in drawn], float),
        conf_type="log-log",
        var_type="Dinse_Approx",
    )
    return days, risks[1], interval[1]


def test_a_cox_model_of_separated_groups_has_no_solution() -> None:
    alive = [Interval(subject=n, start=-1, stop=9, event=False, covariates={"x": 0.0}) for n in range(5)]
    dead = [Interval(subject=9, start=-1, stop=3, event=True, covariates={"x": 1.0})]
    assert cox([*alive, *dead], confidence=0.95) is None
    assert cox(alive, confidence=0.95) is None


def test_nothing_to_compare_has_no_p_value() -> None:
    assert log_rank([([1.0], [True])]) is None
    assert log_rank([([1.0], [True]), ([], [])]) is None
    assert log_rank([([1.0, 2.0], [False, False]), ([3.0], [False])]) is None


def test_reverse_of_everybody_alive_is_the_follow_up() -> None:
    found = [
        FollowUp(subject_id=str(day), endpoint="os", days=day, event=False, ended_by="last_contact")
        for day in (10, 20, 30)
    ]
    curve = kaplan_meier(([one.days for one in found], [not one.event for one in found]), confidence=0.95)
    assert curve.median(1e-12).day == 20
