"""The quality strip: where a check flagged something, the strip shows it, and it never says more."""

import numpy as np
import pytest
from flow_data import dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from quality_tubes import clean_tube

from mrdkit.flow import QcStrip, qc_strip, quality_report, read_quality_rules
from mrdkit.flow.dataset import FcsDataset

RULES = read_quality_rules()
TUBE = clean_tube(1)
N = len(TUBE.seconds)


def strip_of(tube: FcsDataset) -> QcStrip:
    return qc_strip(tube, quality_report(tube, RULES), RULES)


def test_a_clean_tube_shows_its_course_and_no_stretch() -> None:
    strip = strip_of(TUBE.dataset())
    assert strip.unit == "s"
    assert strip.length == pytest.approx(TUBE.seconds[-1] - TUBE.seconds[0], abs=0.02)
    assert strip.stretches == ()
    assert strip.courses[0].channel == "FSC-A"
    assert len(strip.courses) == 4
    heights = [height for course in strip.courses for height in course.heights if height is not None]
    assert max(map(abs, heights)) < 0.5


def test_every_check_has_one_line_with_its_own_words() -> None:
    tube = TUBE.dataset(step=None)
    report = quality_report(tube, RULES)
    lines = qc_strip(tube, report, RULES).verdicts
    assert [(line.check, line.outcome, line.sentence) for line in lines] == [
        (check.name, check.outcome, check.sentence) for check in report.checks
    ]


def test_a_pause_leaves_empty_bins_and_is_marked_on_both_sides() -> None:
    strip = strip_of(TUBE.paused(N // 2, 5.0).dataset())
    empty = [number for number, events in enumerate(strip.events) if events == 0]
    assert empty
    assert empty == list(range(empty[0], empty[-1] + 1))
    assert all(strip.courses[0].heights[number] is None for number in empty)
    (gap,) = [stretch for stretch in strip.stretches if stretch.check == "gaps"]
    assert gap.begins < empty[0] / len(strip.events) < empty[-1] / len(strip.events) < gap.ends


def test_a_clog_is_marked_where_it_was() -> None:
    clogged = slice(N // 2, N // 2 + 8000)
    tube = TUBE.slowed(clogged, 8.0).dimmed(clogged, 0.4)
    strip = strip_of(tube.dataset())
    span = tube.seconds[[clogged.start, clogged.stop - 1]] / tube.seconds[-1]
    (clog,) = [stretch for stretch in strip.stretches if stretch.check == "clogs"]
    assert (clog.begins, clog.ends) == pytest.approx(tuple(span), abs=0.05)
    assert min(height for height in strip.courses[1].heights if height is not None) < -0.2


def test_the_signal_that_moves_is_shown() -> None:
    drifting = TUBE.with_columns(R1_A=TUBE.columns["R1-A"] * np.linspace(1.0, 2.5, N))
    strip = strip_of(drifting.dataset())
    assert [course.channel for course in strip.courses][:2] == ["FSC-A", "R1-A"]
    assert "signal_drift" in {stretch.check for stretch in strip.stretches}


def test_without_time_the_strip_runs_in_file_order() -> None:
    strip = strip_of(dataset(np.column_stack(list(TUBE.columns.values())), tuple(TUBE.columns)))
    assert strip.unit == "events"
    assert strip.courses
    assert max(strip.events) - min(strip.events) <= 1


def test_a_file_that_is_not_in_the_order_of_acquisition_has_no_course() -> None:
    shuffled = np.random.default_rng(2).permutation(100.0 * TUBE.seconds)
    strip = strip_of(TUBE.dataset(time=shuffled))
    assert (strip.unit, strip.courses, strip.stretches) == ("events", (), ())


@settings(max_examples=30)
@given(st.lists(st.floats(width=32), max_size=40), st.booleans())
def test_any_numbers_are_counted_once(values: list[float], timed: bool) -> None:  # noqa: FBT001 - a drawn value
    columns = np.column_stack([values, sorted(np.nan_to_num(values))]) if timed else np.array(values)
    names = ("FSC-A", "Time") if timed else ("FSC-A",)
    strip = strip_of(dataset(columns, names))
    assert sum(strip.events) == strip.n_events == len(values)
    for course in strip.courses:
        assert all(height is None or np.isfinite(height) for height in course.heights)
