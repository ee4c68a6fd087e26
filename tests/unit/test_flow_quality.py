"""Planted defects are found, where they are; tubes without defects raise no flag."""

from typing import Any

import numpy as np
import pytest
from flow_data import dataset
from quality_tubes import RATE, Tube, clean_tube

from mrdkit.flow.quality import QualityCheck, QualityReport, quality_report, read_quality_rules

RULES = read_quality_rules()
SEEDS = range(15)
N = 40_000
MIDDLE = slice(N // 4, N // 2)


def judge(tube: Tube) -> QualityReport:
    return quality_report(tube.dataset(), RULES)


def check(report: QualityReport, name: str) -> QualityCheck:
    return next(found for found in report.checks if found.name == name)


def course(check: QualityCheck, channel: str) -> dict[str, Any]:
    """Return the figures of one channel."""
    found: Any = check.figures["channels"]
    return next(dict(entry) for entry in found if entry["channel"] == channel)


def inside(where: slice) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    mask = np.zeros(N, dtype=np.bool_)
    mask[where] = True
    return mask


@pytest.mark.parametrize("seed", SEEDS)
def test_a_clean_tube_raises_no_flag(seed: int) -> None:
    report = judge(clean_tube(seed))
    assert report.flags == ()
    assert report.reasons == ()
    masks = report.masks()
    assert not any(masks[name].any() for name in ("time_axis", "flow_rate", "gaps", "clogs", "signal_drift"))


@pytest.mark.parametrize("seed", SEEDS)
def test_doublets_and_debris_of_a_clean_tube_are_told_apart_from_cells(seed: int) -> None:
    tube = clean_tube(seed)
    masks = judge(tube).masks()
    assert masks["doublets"][tube.doublet].mean() > 0.99
    assert masks["doublets"][~tube.doublet].mean() < 0.005
    assert masks["debris"][tube.debris].mean() > 0.85
    assert masks["debris"][~tube.debris].mean() < 0.001


@pytest.mark.parametrize("seed", range(5))
def test_a_clog_slows_the_sample_and_sinks_its_signals(seed: int) -> None:
    report = judge(clean_tube(seed).slowed(MIDDLE, 7.0).dimmed(MIDDLE, 0.4))
    assert {"FLOW_RATE_DEPARTS", "CLOG_SUSPECTED", "SIGNAL_DRIFT"} <= set(report.flags)
    for name in ("flow_rate", "clogs", "signal_drift"):
        mask = check(report, name).mask
        assert mask[inside(MIDDLE)].mean() > 0.95, name
        assert mask[~inside(MIDDLE)].mean() < 0.03, name
    assert check(report, "clogs").figures["n_clogs"] == 1


def test_a_clog_of_most_of_the_tube_is_judged_by_the_rest() -> None:
    most = slice(N // 5, N)
    report = judge(clean_tube(1).slowed(most, 7.0).dimmed(most, 0.3))
    assert check(report, "clogs").mask[inside(most)].mean() > 0.95
    assert check(report, "flow_rate").figures["n_runs_fast"] == 0
    assert check(report, "flow_rate").figures["collapsed_percent"] == pytest.approx(80.0, abs=2.0)


def test_a_slower_pump_alone_is_no_clog() -> None:
    report = judge(clean_tube(2).slowed(MIDDLE, 4.0))
    assert "FLOW_RATE_DEPARTS" in report.flags
    assert not {"CLOG_SUSPECTED", "SIGNAL_DRIFT"} & set(report.flags)
    assert check(report, "clogs").figures["n_slow_stretches"] == 1


def test_a_surge_is_no_slow_run() -> None:
    report = judge(clean_tube(3).slowed(slice(20_000, 22_000), 0.2))
    rate = check(report, "flow_rate")
    assert rate.mask[20_500:21_500].all()
    assert rate.n_flagged < 3000
    assert (rate.figures["n_runs_slow"], check(report, "clogs").n_flagged) == (0, 0)


@pytest.mark.parametrize("at", [300, 10_000, 10_250, N - 1])
def test_a_gap_flags_the_events_beside_it(at: int) -> None:
    report = judge(clean_tube(4).paused(at, 3.0))
    gaps = check(report, "gaps")
    assert report.flags == ("TIME_GAP",)
    assert gaps.figures["n_gaps"] == 1
    assert gaps.figures["longest"] == pytest.approx(3.0, abs=0.1)
    assert gaps.mask[at - 1 : at + 1].all()
    assert gaps.n_flagged <= 1000
    assert check(report, "flow_rate").n_flagged == 0


def test_the_unit_of_the_rate_is_events_per_second() -> None:
    rate = check(judge(clean_tube(5)), "flow_rate")
    assert rate.figures["unit"] == "events per s"
    assert rate.figures["usual_rate"] == pytest.approx(RATE, rel=0.15)


@pytest.mark.parametrize("seed", range(5))
def test_a_steady_fall_of_all_signals_is_a_drift(seed: int) -> None:
    falling = np.linspace(1.0, 0.3, N)
    report = judge(clean_tube(seed).dimmed(slice(0, N), falling))
    drift = check(report, "signal_drift")
    assert report.flags == ("SIGNAL_DRIFT",)
    assert drift.mask[: N // 10].mean() > 0.8
    assert drift.mask[-N // 10 :].mean() > 0.8
    assert course(drift, "V2-A")["drift_asinh"] < -0.4
    assert course(drift, "FSC-A")["n_runs_departing"] == 0


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_step_is_found_wherever_it_stands(share: float) -> None:
    place = int(share * N)
    report = judge(clean_tube(6).dimmed(slice(place, N), 0.4))
    drift = check(report, "signal_drift")
    assert report.flags == ("SIGNAL_DRIFT",)
    assert max(drift.mask[:place].mean(), drift.mask[place:].mean()) > 0.95
    step = course(drift, "V2-A")
    assert step["step_asinh"] < -0.4
    assert step["step_at_percent"] == pytest.approx(100.0 * share, abs=3.0)


def test_one_channel_that_departs_is_named() -> None:
    tube = clean_tube(7)
    weaker = np.array(tube.columns["R1-A"])
    weaker[MIDDLE] += 400.0
    report = judge(tube.with_columns(R1_A=weaker))
    drift = check(report, "signal_drift")
    assert "R1-A" in drift.sentence
    assert "V1-A" not in drift.sentence
    assert drift.mask[inside(MIDDLE)].mean() > 0.95


def test_events_at_the_ends_of_the_scale_are_counted_by_channel() -> None:
    tube = clean_tube(8)
    side, dim = np.array(tube.columns["SSC-A"]), np.array(tube.columns["V1-A"])
    side[:500] = 262_144.0
    side[500:900] = np.nan
    side[900] = np.inf
    dim[700:1500] = -111.0
    dim[dim < -111.0] = -111.0
    n_floor = int((dim == -111.0).sum())
    margin = check(judge(tube.with_columns(SSC_A=side, V1_A=dim)), "margin")
    assert margin.flags == ("MARGIN_EVENTS", "NOT_FINITE_VALUES")
    assert margin.mask[:1500].all()
    assert course(margin, "SSC-A") == {
        "channel": "SSC-A",
        "n_clipped": 500,
        "n_at_floor": 0,
        "n_not_finite": 401,
    }
    assert course(margin, "V1-A") == {
        "channel": "V1-A",
        "n_clipped": 0,
        "n_at_floor": n_floor,
        "n_not_finite": 0,
    }


def test_floats_that_pile_up_just_below_the_range_are_clipped() -> None:
    tube = clean_tube(9)
    side = np.minimum(tube.columns["SSC-A"] * 3.0, 262_143.0)
    margin = check(judge(tube.with_columns(SSC_A=side)), "margin")
    assert course(margin, "SSC-A")["n_clipped"] == int((side == 262_143.0).sum()) > 100
    assert margin.mask[side == 262_143.0].all()


def test_without_a_height_the_width_tells_doublets() -> None:
    tube = clean_tube(10)
    columns = dict(tube.columns)
    columns["FSC-W"] = 65_536.0 * columns["FSC-A"] / columns.pop("FSC-H")
    clock = 100.0 * tube.seconds
    names = (*columns, "Time")
    found = quality_report(dataset(np.column_stack([*columns.values(), clock]), names), RULES)
    doublets = check(found, "doublets")
    assert doublets.mask[tube.doublet].mean() > 0.99
    assert doublets.mask[~tube.doublet].mean() < 0.005
    assert (doublets.figures["height"], doublets.figures["width"]) == (None, "FSC-W")


def test_many_doublets_do_not_pull_the_line() -> None:
    tube = clean_tube(11, doublets=0.3)
    doublets = check(judge(tube), "doublets")
    assert doublets.flags == ("MANY_DOUBLETS",)
    assert doublets.figures["slope"] == pytest.approx(0.8, rel=0.02)
    assert doublets.mask[tube.doublet].mean() > 0.98


def test_cells_of_two_sizes_have_a_valley_that_is_not_debris() -> None:
    report = judge(clean_tube(12, debris=0.0))
    assert check(report, "debris").reason == "NO_DEBRIS_VALLEY"
    assert report.flags == ("DEBRIS_NOT_CHECKED", "NO_DEBRIS_VALLEY")


def test_scatter_that_is_no_line_is_not_judged() -> None:
    tube = clean_tube(13)
    noise = np.random.default_rng(13).uniform(1.0, 1e5, N)
    assert check(judge(tube.with_columns(FSC_H=noise)), "doublets").reason == "NO_SINGLET_BAND"


@pytest.mark.parametrize("n_events", [0, 1, 2, 10, 4999])
def test_a_tube_too_small_to_judge_says_so(n_events: int) -> None:
    tube = clean_tube(14, n_events)
    report = quality_report(tube.dataset(time=100.0 * tube.seconds), RULES)
    assert check(report, "signal_drift").reason == "TOO_FEW_EVENTS"
    assert check(report, "flow_rate").reason == "TOO_FEW_EVENTS"
    assert all(len(found.mask) == n_events for found in report.checks)


def test_a_constant_signal_never_departs() -> None:
    report = judge(
        clean_tube(0).with_columns(V1_A=np.zeros(N), V2_A=np.full(N, 7.0), R1_A=np.full(N, np.nan))
    )
    assert check(report, "signal_drift").outcome == "passed"
    assert "NOT_FINITE_VALUES" in report.flags
