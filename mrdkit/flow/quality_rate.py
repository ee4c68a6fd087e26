"""Events per second over time: runs that depart from the tube's rate, gaps, and clogs.

The tube's rate is the median of the runs that are not slow by the rule of `acquisition.py`, which also
decides whether a panel calls the tube. A gap is no event for far longer than usual. A clog is a slow
stretch in which the signals stand elsewhere; a slower setting of the pump moves no signal. Limits:
reference/flow/quality.toml.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.acquisition import run_durations, slow_runs
from mrdkit.flow.quality_check import QualityCheck, judged
from mrdkit.flow.quality_levels import Levels
from mrdkit.flow.quality_rules import ClogRules, DriftRules, FlowRateRules, GapRules
from mrdkit.flow.runs import Runs

__all__ = ["Pace", "clogs", "flow_rate_course", "gaps", "pace_of"]

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

_MAD_TO_SD = 1.4826  # of a normal distribution
_LARGEST_EXPONENT = 700.0  # of a finite ratio


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pace:
    """How fast the events of one tube came.

    Attributes:
        runs: the pieces of the tube.
        unit: unit of time, "s" or "step".
        starts: (n_gaps,) number of the event before each gap.
        lengths: (n_gaps,) how long each gap lasted.
        since: (n_gaps,) time from the first event to the beginning of each gap.
        rates: (n_runs,) events per unit of time, gaps left out.
        slow: (n_runs,) True for a collapsed rate.
    """

    runs: Runs
    unit: str
    starts: NDArray[np.intp] = field(repr=False)
    lengths: F64 = field(repr=False)
    since: F64 = field(repr=False)
    rates: F64 = field(repr=False)
    slow: Mask = field(repr=False)


def pace_of(
    time: F64, runs: Runs, *, tick: float, unit: str, rate_rules: FlowRateRules, gap_rules: GapRules
) -> Pace:
    """Measure rates and gaps.

    Args:
        time: (n_events,) never falling.
        runs: the pieces of the tube.
        tick: the smallest step of the clock; no run is shorter.
        unit: unit of `time`.
        rate_rules: when a run is slow.
        gap_rules: when a pause is a gap.
    """
    intervals = np.diff(time)
    durations = np.maximum(run_durations(time, runs), tick)
    usual = float(np.median(durations)) / runs.size
    least = max(
        gap_rules.more_than_intervals * usual,
        gap_rules.more_than_percent_of_duration / 100.0 * float(time[-1] - time[0]),
    )
    # A clock of whole steps says one step more than passed.
    pauses = np.flatnonzero(intervals > least + tick)
    at = runs.of_events(pauses)
    pauses = pauses[intervals[pauses] > gap_rules.more_than_intervals * durations[at] / runs.size + tick]
    inside = pauses[((pauses + 1) % runs.size != 0) & (pauses + 1 < runs.count * runs.size)]
    np.subtract.at(durations, runs.of_events(inside), intervals[inside])
    rates = runs.size / np.maximum(durations, tick)
    return Pace(
        runs=runs,
        unit=unit,
        starts=pauses,
        lengths=intervals[pauses],
        since=time[pauses] - time[0],
        rates=rates,
        slow=slow_runs(rates, rate_rules.slow_less_than_ratio),
    )


def flow_rate_course(pace: Pace, rules: FlowRateRules) -> QualityCheck:
    """Flag the runs whose rate departs from the tube's."""
    height = np.log(pace.rates)
    steady = height[~pace.slow]
    typical = float(np.median(steady))
    noise = max(_MAD_TO_SD * float(np.median(np.abs(steady - typical))), 1.0 / math.sqrt(pace.runs.size))
    limit = max(rules.mad_more_than * noise, math.log(rules.departs_more_than_ratio))
    limit = min(limit, _LARGEST_EXPONENT)
    slow = (height < typical - limit) | pace.slow
    fast = height > typical + limit
    rate = math.exp(typical)
    usual = f"The usual rate is {rate:.4g} events per {pace.unit}"
    return judged(
        "flow_rate",
        code="FLOW_RATE_DEPARTS",
        mask=pace.runs.mask(slow | fast),
        more_than_percent=rules.flag_more_than_percent,
        figures={
            "unit": f"events per {pace.unit}",
            "n_runs": pace.runs.count,
            "run_events": pace.runs.size,
            "usual_rate": rate,
            "lowest_rate": float(pace.rates.min()),
            "highest_rate": float(pace.rates.max()),
            "allowed_ratio": math.exp(limit),
            "n_runs_slow": int(np.count_nonzero(slow)),
            "n_runs_fast": int(np.count_nonzero(fast)),
            "collapsed_percent": 100.0 * float(pace.slow.mean()),
        },
        sentence=f"{usual}; runs at another rate" if (slow | fast).any() else usual,
    )


def gaps(pace: Pace, rules: GapRules) -> QualityCheck:
    """Flag the runs before and behind each gap."""
    flagged = np.zeros(pace.runs.count, dtype=np.bool_)
    flagged[pace.runs.of_events(pace.starts)] = True
    flagged[pace.runs.of_events(pace.starts + 1)] = True
    found = len(pace.starts)
    longest = float(pace.lengths.max()) if found else 0.0
    where = f"There are {found} gaps, the longest of {longest:.3g} {pace.unit}; the runs beside them"
    return judged(
        "gaps",
        code="TIME_GAP",
        mask=pace.runs.mask(flagged),
        more_than_percent=rules.flag_more_than_percent,
        figures={
            "unit": pace.unit,
            "n_gaps": found,
            "longest": longest,
            "gaps": [
                {"begins": float(begins), "length": float(length)}
                for begins, length in zip(pace.since, pace.lengths, strict=True)
            ],
        },
        sentence=where if found else "There is no gap",
    )


def clogs(pace: Pace, levels: Sequence[Levels], rules: ClogRules, drift: DriftRules) -> QualityCheck:
    """Flag each slow stretch in which enough signals stand elsewhere than at the usual rate."""
    flagged = np.zeros(pace.runs.count, dtype=np.bool_)
    shifted: dict[str, None] = {}
    stretches = [s for s in _stretches(pace.slow) if s.stop - s.start >= rules.at_least_runs]
    n_clogs = 0
    for stretch in stretches:
        moved = [level.channel for level in levels if _moved(level, stretch, pace.slow, drift)]
        if moved and 100.0 * len(moved) >= rules.shifted_at_least_percent * len(levels):
            flagged[stretch] = True
            shifted |= dict.fromkeys(moved)
            n_clogs += 1
    found = f"{n_clogs} slow stretches in which signals moved: {', '.join(shifted)}"
    return judged(
        "clogs",
        code="CLOG_SUSPECTED",
        mask=pace.runs.mask(flagged),
        more_than_percent=rules.flag_more_than_percent,
        figures={
            "n_slow_stretches": len(stretches),
            "n_clogs": n_clogs,
            "channels_shifted": list(shifted),
            "n_channels": len(levels),
        },
        sentence=f"There are {found}" if n_clogs else "No slow stretch moves the signals",
    )


def _stretches(flagged: Mask) -> Iterator[slice]:
    edges = np.flatnonzero(np.diff(flagged.astype(np.int8), prepend=0, append=0))
    for start, stop in edges.reshape(-1, 2):
        yield slice(int(start), int(stop))


def _moved(level: Levels, stretch: slice, slow: Mask, rules: DriftRules) -> bool:
    """Tell whether a signal stands elsewhere in a stretch than in the runs that are not slow."""
    shares = np.median(level.shares[:, stretch], axis=1) - np.median(level.shares[:, ~slow], axis=1)
    heights = np.median(level.heights[:, stretch], axis=1) - np.median(level.heights[:, ~slow], axis=1)
    beyond_noise = np.abs(shares) > rules.mad_more_than * level.noise
    return bool((beyond_noise & (np.abs(heights) > rules.shift_more_than_asinh)).any())
