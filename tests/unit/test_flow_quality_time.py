"""The time axis: found, continued where its counter began again, or refused with a reason."""

from dataclasses import replace

import numpy as np
import pytest
from flow_data import dataset
from numpy.typing import NDArray
from quality_tubes import clean_tube

from mrdkit.flow.quality import QualityReport, quality_report, read_quality_rules

RULES = read_quality_rules()
OVER_TIME = ("flow_rate", "gaps", "clogs")
TUBE = clean_tube(3)
N = len(TUBE.seconds)
HUNDREDTHS = np.floor(100.0 * TUBE.seconds)


def judge(time: NDArray[np.float64], step: str | None = "0.01") -> QualityReport:
    return quality_report(TUBE.dataset(time=time, step=step), RULES)


def reasons(report: QualityReport) -> dict[str, str | None]:
    return {check.name: check.reason for check in report.checks}


@pytest.mark.parametrize("counter", [2**16, 2**18, 2**20])
def test_a_counter_that_begins_again_is_continued(counter: int) -> None:
    wrapped = np.floor(TUBE.seconds / TUBE.seconds[-1] * 2.4 * counter + 0.3 * counter) % counter
    report = judge(wrapped)
    axis = report.checks[0]
    assert report.flags == ("TIME_WRAPPED",)
    assert (axis.figures["n_wraps"], axis.figures["counter_range"]) == (2, counter)
    assert not any(report.masks()[name].any() for name in OVER_TIME)


def test_an_integer_clock_of_ten_bits_begins_again_at_its_own_range() -> None:
    wrapped = np.floor(10.0 * TUBE.seconds + 900.0) % 1024
    tube = TUBE.dataset(time=wrapped, step="0.1")
    clock = replace(tube.channels[-1], range=1024.0)
    report = quality_report(replace(tube, channels=(*tube.channels[:-1], clock), data_type="I"), RULES)
    assert "TIME_WRAPPED" in report.flags
    assert report.checks[0].figures["counter_range"] == 1024
    assert not any(report.masks()[name].any() for name in OVER_TIME)


def test_a_clock_that_was_set_back_elsewhere_is_refused() -> None:
    report = judge(np.concatenate([HUNDREDTHS[: N // 2], HUNDREDTHS[: N - N // 2]]))
    assert set(report.masks()) >= set(OVER_TIME)
    assert [reasons(report)[name] for name in (*OVER_TIME, "signal_drift")] == ["TIME_NOT_RISING"] * 4


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        (np.random.default_rng(1).permutation(HUNDREDTHS), "TIME_NOT_RISING"),
        (HUNDREDTHS[::-1], "TIME_NOT_RISING"),
        (np.full(N, np.nan), "TIME_NOT_RISING"),
        (np.full(N, 17.0), "TIME_CONSTANT"),
        (np.minimum(HUNDREDTHS, HUNDREDTHS[N // 2]), "TIME_STANDS_STILL"),
    ],
    ids=["shuffled", "backwards", "no numbers", "constant", "came to its end"],
)
def test_time_that_tells_nothing_is_refused(time: NDArray[np.float64], reason: str) -> None:
    report = judge(time)
    assert reason in report.flags
    assert [reasons(report)[name] for name in ("time_axis", *OVER_TIME)] == [reason] * 4
    assert report.checks[0].n_flagged == 0


def test_signals_are_not_followed_through_a_shuffled_file() -> None:
    shuffled = judge(np.random.default_rng(2).permutation(HUNDREDTHS))
    assert reasons(shuffled)["signal_drift"] == "TIME_NOT_RISING"


def test_a_few_events_behind_an_earlier_one_are_flagged_and_the_rest_is_judged() -> None:
    time = np.array(HUNDREDTHS)
    time[[900, 20_000]] -= 50.0
    time[30_000] = np.nan
    report = judge(time)
    assert report.flags == ("TIME_RUNS_BACKWARDS",)
    assert np.flatnonzero(report.checks[0].mask).tolist() == [900, 20_000, 30_000]
    assert report.checks[1].outcome == "passed"


def test_without_a_time_step_the_rate_has_no_seconds() -> None:
    report = judge(HUNDREDTHS, step=None)
    assert report.flags == ("TIMESTEP_MISSING",)
    assert report.checks[1].figures["unit"] == "events per step"
    assert not report.masks()["flow_rate"].any()


def test_a_clock_too_coarse_for_a_rate_is_refused_and_drift_still_told() -> None:
    report = judge(np.floor(TUBE.seconds / 4.0))
    assert [reasons(report)[name] for name in OVER_TIME] == ["TIME_TOO_COARSE"] * 3
    assert reasons(report)["signal_drift"] is None


def test_without_time_the_signals_are_followed_in_file_order() -> None:
    names = tuple(TUBE.columns)
    report = quality_report(dataset(np.column_stack(list(TUBE.columns.values())), names), RULES)
    assert [reasons(report)[name] for name in ("time_axis", *OVER_TIME)] == ["TIME_MISSING"] * 4
    assert reasons(report)["signal_drift"] is None


@pytest.mark.parametrize(("second", "reason"), [(HUNDREDTHS + 1.0, "TIME_SEVERAL"), (HUNDREDTHS, None)])
def test_two_time_channels_must_agree(second: NDArray[np.float64], reason: str | None) -> None:
    columns = np.column_stack([*TUBE.columns.values(), HUNDREDTHS, second])
    tube = dataset(columns, (*TUBE.columns, "Time", "TIME"), text={"$TIMESTEP": "0.01"})
    assert reasons(quality_report(tube, RULES))["time_axis"] == reason


def test_a_makers_own_name_of_time_is_used_in_its_own_unit() -> None:
    columns = np.column_stack([*TUBE.columns.values(), TUBE.seconds])
    report = quality_report(dataset(columns, (*TUBE.columns, "HDR-T"), text={"$TIMESTEP": "0.01"}), RULES)
    assert report.checks[0].figures["channel"] == "HDR-T"
    assert report.checks[0].figures["duration"] == pytest.approx(TUBE.seconds[-1] - TUBE.seconds[0])
    assert report.flags == ("TIME_UNIT_UNKNOWN",)
