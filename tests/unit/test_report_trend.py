"""MRD over time in the report: bounds are written as bounds, and what has no number says why."""

from html_pages import Balanced
from mrd_points import measured
from report_examples import record_of

from mrdkit.patient.mrd_trend import trends_of
from mrdkit.report import render_cohort, render_patient
from mrdkit.report.timeline import place_timeline
from mrdkit.report.trend_wording import trend_rows

COURSE = (
    measured("2e-3 [1e-3, 3e-3]", visit="C1"),
    measured("<1e-5", visit="C2", day=28),
    measured("positive", visit="C3", day=56),
    measured("1e-4 [8e-5, 1.2e-4]", visit="C4", day=84),
    measured("4e-4 [3e-4, 5e-4]", visit="C5", day=112),
)


def test_bounds_are_written_as_bounds() -> None:
    (trend,) = trends_of(COURSE)
    shown = [(row.result, row.log10, row.change, row.doubling) for row in trend_rows(trend)]
    assert shown == [
        ("2.0e-3", "-2.70", "\u2013", "\u2013"),
        ("< 1.0e-5", "< -5.00", "\u2264 -2.30", "\u2013"),
        ("no value", "\u2013", "\u2013", "\u2013"),
        ("1.0e-4", "-4.00", "\u2265 +1.00", "\u2264 16.86"),
        ("4.0e-4", "-3.40", "+0.60", "14"),
    ]


def test_the_page_shows_series_and_pairs() -> None:
    record = record_of(mrd=(*COURSE, measured("<1e-6", visit="C4", day=84, method="ngs")))
    seen = Balanced(render_patient(record, (), study_id="study-1")).text
    for words in (
        "Flow \u00b7 marrow",
        "A rise of 0.60 log10 in 28 days, doubling in 14.0 days.",
        "The 95 % intervals do not overlap. MRD_RISING",
        "Disease was found; its amount is not known.",
        "A result in between has no value.",
        "flow only",
        "the unexpected direction, about 1 % of pairs",
    ):
        assert words in seen, words
    assert (
        "FLOW_POSITIVE_NGS_NEGATIVE MRD_RISING"
        in Balanced(render_cohort((), (record,), study_id="study-1")).text
    )


def test_a_cohort_page_without_pairs_has_no_table_of_pairs() -> None:
    seen = Balanced(render_cohort((), (record_of(mrd=COURSE),), study_id="study-1")).text
    assert "Flow beside sequencing" not in seen


def test_a_positive_without_value_is_listed_and_never_drawn_below_a_limit() -> None:
    drawn = place_timeline(record_of(mrd=COURSE, events=(), responses=()))
    assert drawn is not None
    assert len(drawn.points) == 4
    assert drawn.unplaced == ("flow, C3: no value (1e-4 positive)",)


def test_blood_and_marrow_are_not_joined_by_a_line() -> None:
    mixed = (COURSE[0], measured("1e-4", visit="C2", day=28, specimen_type="PB"), COURSE[3])
    drawn = place_timeline(record_of(mrd=mixed, events=(), responses=()))
    assert drawn is not None
    assert sorted(len(line.split()) for _, line in drawn.lines) == [1, 2]
    assert drawn.points[1].title == "flow, C2, blood: 1.0e-04"
