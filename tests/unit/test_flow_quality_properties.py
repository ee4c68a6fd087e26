"""What holds for every tube: masks fit their tube and their counts, and depend on no order of the columns."""

import numpy as np
import pytest
from flow_data import dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from quality_tubes import clean_tube

from mrdkit.flow.quality import QualityCheck, QualityReport, quality_report, read_quality_rules
from mrdkit.flow.runs import Runs, runs_of
from mrdkit.results import as_json

RULES = read_quality_rules()
NAMES = ("FSC-A", "FSC-H", "V1-A", "Time")
NUMBERS = st.one_of(
    st.floats(width=32),
    st.sampled_from([0.0, -1.0, 1.0, 1e-300, 1e300, 1e308, -1e308, 5e-324, 262_143.0, 262_144.0]),
)


def assert_sound(report: QualityReport) -> None:
    for check in report.checks:
        assert check.mask.shape == (report.n_events,)
        assert check.n_flagged == check.mask.sum()
        assert 0.0 <= check.percent <= 100.0
        assert (check.outcome == "not_assessable") == (check.reason is not None)
        assert check.sentence.endswith(".")
        assert isinstance(as_json(check.figures), dict)  # refuses NaN and infinity


@given(arrays.arrays(np.float64, st.tuples(st.integers(0, 40), st.just(len(NAMES))), elements=NUMBERS))
def test_no_small_tube_is_too_strange(events: NDArray[np.float64]) -> None:
    assert_sound(quality_report(dataset(events, NAMES), RULES))


@settings(max_examples=30)
@given(
    arrays.arrays(np.float64, (30, len(NAMES)), elements=NUMBERS),
    st.integers(1, 200),
    st.booleans(),
)
def test_no_large_tube_is_too_strange(
    events: NDArray[np.float64],
    repeats: int,
    time_rises: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    many = np.tile(events, (repeats, 1))
    if time_rises:
        many[:, -1] = np.arange(len(many))
    assert_sound(quality_report(dataset(many, NAMES), RULES))


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(8)))
def test_masks_do_not_depend_on_the_order_of_the_columns(order: list[int]) -> None:
    tube = clean_tube(5, 8000).slowed(slice(3000, 5000), 6.0).dimmed(slice(3000, 5000), 0.4).dataset()
    names = [channel.name for channel in tube.channels]
    turned = dataset(tube.stored()[:, order], [names[i] for i in order], text=tube.text)
    expected, found = quality_report(tube, RULES).masks(), quality_report(turned, RULES).masks()
    assert all(np.array_equal(expected[name], found[name]) for name in expected)
    assert expected["clogs"].any()


def test_the_same_tube_gives_the_same_answer_twice() -> None:
    tube = clean_tube(6, 8000).dataset()
    first, second = quality_report(tube, RULES), quality_report(tube, RULES)
    assert [check.figures for check in first.checks] == [check.figures for check in second.checks]


@given(st.integers(0, 5000), st.integers(1, 300), st.integers(1, 400))
def test_every_event_lies_in_one_run(n_events: int, at_most: int, at_least: int) -> None:
    runs = runs_of(n_events, at_most=at_most, at_least_events=at_least)
    if runs is None:
        assert n_events < at_least
        return
    assert runs.size >= at_least
    assert runs.count <= at_most
    of_events = runs.of_events(np.arange(n_events))
    for run in range(runs.count):
        flagged = np.arange(runs.count) == run
        assert np.array_equal(runs.mask(flagged), of_events == run)
        assert (of_events == run).sum() >= runs.size


def test_runs_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        Runs(n_events=10, count=3, size=4)


def test_an_answer_cannot_contradict_itself() -> None:
    mask = np.ones(3, dtype=np.bool_)
    with pytest.raises(ValueError, match="flags no event"):
        QualityCheck(
            name="gaps",
            outcome="not_assessable",
            reason="TIME_MISSING",
            flags=(),
            figures={},
            sentence="No time.",
            mask=mask,
        )
    passed = QualityCheck(
        name="gaps", outcome="passed", reason=None, flags=(), figures={}, sentence="None.", mask=mask
    )
    with pytest.raises(ValueError, match="one entry per event"):
        QualityReport(n_events=4, rule_id="r", rule_version="1", checks=(passed,))
    with pytest.raises(ValueError, match="answers once"):
        QualityReport(n_events=3, rule_id="r", rule_version="1", checks=(passed, passed))
