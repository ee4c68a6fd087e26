"""Was the tube measured at a steady rate? Events per second in runs of equal event numbers.

A partial blockage slows the sample and sinks the signals of its events, so that cells leave their gates. The
rate is compared with the fast runs of the same tube: the median itself is slow where most of it is. Nothing
is repaired; the panel says from where on a tube is not evaluable, and `quality_rate.py` shows which events.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.flow.runs import Runs, runs_of

__all__ = ["AcquisitionRules", "FlowRate", "flow_rate", "run_durations", "slow_runs"]

_REFERENCE_QUANTILE = 0.9  # a fast run, robust against one short one


_FEWEST_RUNS = 2  # a rate is judged beside another


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AcquisitionRules:
    """When the flow rate makes a tube not evaluable.

    Attributes:
        time_channel: $PnN of the time axis.
        runs_at_most: number of runs of equal event numbers.
        run_at_least_events: a shorter run tells no rate; a small tube has fewer runs.
        slow_less_than_ratio: a run is slow below this share of the tube's fast runs.
        slow_more_than_percent: share of events in slow runs above which the tube is not evaluable.
    """

    time_channel: Annotated[str, Field(min_length=1)]
    runs_at_most: Annotated[int, Field(ge=_FEWEST_RUNS)]
    run_at_least_events: Annotated[int, Field(ge=2)]
    slow_less_than_ratio: Annotated[float, Field(gt=0.0, lt=1.0)]
    slow_more_than_percent: Annotated[float, Field(ge=0.0, lt=100.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRate:
    """What time says of the flow rate: `slow_percent` is None where it says nothing, and `known` why.

    Attributes:
        known: "yes", "too_few_events" for two runs, or "no" where time does not rise with the events.
        slow_percent: percentage of events in slow runs.
    """

    known: Literal["yes", "too_few_events", "no"]
    slow_percent: float | None


def flow_rate(time: NDArray[np.float64], rules: AcquisitionRules) -> FlowRate:
    """Judge the flow rate of one tube.

    Args:
        time: (n_events,) acquisition time in file order, any unit.
        rules: the panel's rules.
    """
    runs = runs_of(len(time), at_most=rules.runs_at_most, at_least_events=rules.run_at_least_events)
    if runs is None or runs.count < _FEWEST_RUNS:
        return FlowRate(known="too_few_events", slow_percent=None)
    durations = run_durations(time, runs)
    if not (np.isfinite(time).all() and (durations > 0.0).all()):
        return FlowRate(known="no", slow_percent=None)
    slow = slow_runs(runs.size / durations, rules.slow_less_than_ratio)
    return FlowRate(known="yes", slow_percent=float(100.0 * slow.mean()))


def run_durations(time: NDArray[np.float64], runs: Runs) -> NDArray[np.float64]:
    """Return the time (count,) from the first to the last event of each run, in the unit of `time`."""
    rows = runs.rows(time)
    return rows[:, -1] - rows[:, 0]


def slow_runs(rates: NDArray[np.float64], less_than_ratio: float) -> NDArray[np.bool_]:
    """Tell which runs (count,) are slower than this share of the tube's fast runs."""
    return rates < less_than_ratio * np.quantile(rates, _REFERENCE_QUANTILE)
