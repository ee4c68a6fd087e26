"""A collapsed flow rate is found even where most of the tube is slow; small tubes are not judged."""

import numpy as np
import pytest

from mrdkit.flow.acquisition import AcquisitionRules, flow_rate, run_durations, slow_runs
from mrdkit.flow.runs import runs_of

RULES = AcquisitionRules(
    time_channel="Time",
    runs_at_most=50,
    run_at_least_events=100,
    slow_less_than_ratio=0.4,
    slow_more_than_percent=20.0,
)


@pytest.mark.parametrize(("slow_share", "expected"), [(0.0, 0.0), (0.1, 10.0), (0.5, 50.0), (0.76, 76.0)])
def test_slow_runs_are_found(slow_share: float, expected: float) -> None:
    gaps = np.ones(10_000)
    gaps[: int(slow_share * 10_000)] = 6.0
    found = flow_rate(np.cumsum(gaps), RULES)
    assert found.known == "yes"
    assert found.slow_percent == pytest.approx(expected, abs=2.0)


def test_an_even_rate_that_drifts_a_little_is_steady() -> None:
    rng = np.random.default_rng(3)
    gaps = rng.exponential(1.0, 30_000) * (1.0 + 0.3 * np.sin(np.linspace(0.0, 9.0, 30_000)))
    assert flow_rate(np.cumsum(gaps), RULES).slow_percent == 0.0


def test_time_that_does_not_rise_tells_nothing() -> None:
    assert flow_rate(np.zeros(1000), RULES).known == "no"
    assert flow_rate(np.full(1000, np.nan), RULES).known == "no"
    assert flow_rate(np.arange(1000.0) % 250.0, RULES).known == "no"


def test_a_small_tube_is_not_judged() -> None:
    assert flow_rate(np.arange(199.0), RULES).known == "too_few_events"
    assert flow_rate(np.empty(0), RULES).known == "too_few_events"


def test_the_panel_and_the_quality_report_call_the_same_runs_slow() -> None:
    gaps = np.ones(10_000)
    gaps[2000:5000] = 6.0
    runs = runs_of(10_000, at_most=50, at_least_events=100)
    assert runs is not None
    time = np.cumsum(gaps)
    slow = slow_runs(runs.size / run_durations(time, runs), RULES.slow_less_than_ratio)
    assert flow_rate(time, RULES).slow_percent == 100.0 * slow.mean() == 30.0
    assert np.flatnonzero(runs.mask(slow)).tolist() == list(range(2000, 5000))
