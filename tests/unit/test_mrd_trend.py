"""Series of MRD: nothing dropped, order of rows without effect, several results of a day, dates not known."""

import math
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mrd_points import START, in_two_orders, measured, measurements
from strategies.calls import value_of

from mrdkit.patient.mrd_records import MrdMeasurement, MrdTrend
from mrdkit.patient.mrd_trend import trend_findings, trends_of


def series_of(*found: MrdMeasurement) -> MrdTrend:
    (trend,) = trends_of(found)
    return trend


@given(in_two_orders())
def test_the_order_of_the_rows_does_not_matter(
    found: tuple[list[MrdMeasurement], list[MrdMeasurement]],
) -> None:
    first, second = found
    assert trends_of(first) == trends_of(second)


@given(st.lists(value_of(MrdMeasurement), max_size=5))
def test_every_measurement_stands_in_one_series_whatever_it_holds(found: list[MrdMeasurement]) -> None:
    points = [point for trend in trends_of(found) for point in trend.points]
    assert len(points) == len(found)
    assert trends_of(found[::-1]) == trends_of(found)
    assert all(point.state == "detected" or point.log10_low is None for point in points)
    assert all((point.log10 is None) == (point.state in ("no_value", "not_evaluable")) for point in points)


@given(st.lists(measurements(), max_size=8))
def test_one_point_of_a_day_speaks_and_the_others_say_why_not(found: list[MrdMeasurement]) -> None:
    for trend in trends_of(found):
        days = {point.measurement.collected_on for point in trend.points} - {None}
        speaking = [point.measurement.collected_on for point in trend.points if point.speaks_for_day]
        assert len(speaking) == len(days)
        assert set(speaking) == days
        assert all(point.reason for point in trend.points if not point.speaks_for_day)


@given(
    st.floats(1e-7, 1e-2),
    st.floats(0.5, 2000.0),
    st.integers(1, 400),
)
def test_a_clone_that_doubles_in_t_days_has_the_doubling_time_t(
    level: float, doubling: float, days: int
) -> None:
    grown = level * 2.0 ** (days / doubling)
    later = replace(measured("1e-3", day=days), fraction=grown)
    first = replace(measured("1e-3"), fraction=level)
    (step,) = series_of(first, later).steps
    assert step.doubling_days == pytest.approx(doubling, rel=1e-6)
    assert step.doubling_relation == "exact"


@given(st.floats(1e-7, 1e-2), st.floats(1.01, 1e4), st.floats(1.01, 1e4), st.integers(1, 400))
def test_a_bound_holds_for_every_level_below_the_limit(
    limit: float, above: float, below: float, days: int
) -> None:
    """Whatever lay below the limit, the clone doubled in fewer days than the bound says."""
    censored = replace(measured("<1e-5"), limit=limit)
    value = limit * above
    (bound,) = series_of(censored, replace(measured("1e-3", day=days), fraction=value)).steps
    assert bound.doubling_days is not None
    true = days * math.log(2.0) / math.log(value / (limit / below))
    assert true < bound.doubling_days
    assert (bound.relation, bound.doubling_relation) == ("at_least", "at_most")


def test_one_point_is_a_series_without_changes() -> None:
    trend = series_of(measured("1e-4"))
    assert [point.log10 for point in trend.points] == [pytest.approx(-4.0)]
    assert trend.steps == ()
    assert trends_of([]) == ()


def test_what_was_not_detected_stands_at_its_limit() -> None:
    (point,) = series_of(measured("<2e-5")).points
    assert point.log10 == pytest.approx(math.log10(2e-5))
    assert (point.state, point.log10_low, point.log10_high) == ("not_detected", None, None)


@pytest.mark.parametrize("order", list(permutations(["<1e-6", "1e-5", "3e-5", "<1e-4"])))
def test_of_one_day_the_highest_that_found_disease_speaks(order: tuple[str, ...]) -> None:
    trend = series_of(*(measured(cell) for cell in order), measured("1e-3", day=28))
    (step,) = trend.steps
    assert step.change_log10 == pytest.approx(math.log10(1e-3 / 3e-5))


def test_of_one_day_without_disease_the_deepest_speaks() -> None:
    (step,) = series_of(measured("<1e-4"), measured("<1e-6"), measured("1e-5", day=28)).steps
    assert step.relation == "at_least"
    assert step.change_log10 == pytest.approx(1.0)


def test_a_positive_without_value_is_not_hidden_by_a_negative_of_its_day() -> None:
    trend = series_of(measured("<1e-4"), measured("positive"), measured("1e-3", day=28))
    assert trend.steps == (), "the first day has no place: its positive result has no value"


def test_a_result_without_value_between_two_days_is_named() -> None:
    trend = series_of(measured("1e-5"), measured("not_evaluable", day=28), measured("1e-4", day=56))
    (step,) = trend.steps
    assert step.days == 56
    assert step.change_log10 == pytest.approx(1.0)
    assert "A result in between has no value." in step.reasons


def test_a_result_without_date_stays_and_makes_no_change() -> None:
    trend = series_of(measured("1e-3", day=None), measured("1e-4"))
    assert trend.steps == ()
    assert [point.reason for point in trend.points] == ["", "The day is not known."]


def test_flow_and_sequencing_and_blood_and_marrow_are_different_series() -> None:
    found = [
        measured("1e-3"),
        measured("1e-5", day=28, specimen_type="PB"),
        measured("1e-5", day=56, specimen_type="peripheral blood"),
        measured("1e-4", method="ngs"),
    ]
    assert [(trend.method, trend.material, len(trend.steps)) for trend in trends_of(found)] == [
        ("flow", "marrow", 0),
        ("flow", "blood", 1),
        ("ngs", "marrow", 0),
    ]


def test_a_change_of_panel_or_laboratory_is_named() -> None:
    first, second = (
        replace(measured("1e-4"), basis="panel_a"),
        replace(measured("1e-5", day=28), basis="panel_b"),
    )
    assert series_of(first, second).steps[0].flags == ("MRD_BASIS_CHANGED",)
    assert series_of(first, replace(second, basis=None)).steps[0].flags == ()
    elsewhere = replace(second, basis=None, source="another laboratory")
    assert series_of(first, elsewhere).steps[0].flags == ("MRD_BASIS_CHANGED",)


def test_a_rise_is_a_finding_of_the_patient() -> None:
    rise = trends_of([measured("1e-5 [5e-6, 2e-5]"), measured("1e-4 [8e-5, 1.2e-4]", day=28)])
    (finding,) = trend_findings(rise)
    assert finding.flag == "MRD_RISING"
    assert finding.reason == "MRD in marrow by flow rises from 2024-01-08 to 2024-02-05."
    fall = trends_of([measured("1e-4"), measured("1e-5", day=28)])
    assert trend_findings(fall) == ()


def test_the_smallest_and_largest_numbers_make_no_infinity() -> None:
    tiny = replace(measured("1e-4"), fraction=5e-324)
    huge = replace(measured("1e-4"), fraction=1.7e308, collected_on=date.max)
    (step,) = series_of(tiny, huge).steps
    assert step.days == (date.max - START) // timedelta(days=1)
    assert step.change_log10 == pytest.approx(631.5, abs=0.1)
