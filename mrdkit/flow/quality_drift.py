"""Do the signals keep their level while the tube is measured? Flags the runs in which one leaves it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.quality_check import QualityCheck, judged
from mrdkit.flow.quality_levels import Levels
from mrdkit.flow.quality_rules import DriftRules
from mrdkit.flow.runs import Runs
from mrdkit.results import Json

__all__ = ["signal_drift"]

_ENDS = 5  # the first and the last fifth of the tube are compared


def signal_drift(levels: Sequence[Levels], runs: Runs, rules: DriftRules) -> QualityCheck:
    """Judge all signals of one tube together; a run is flagged if one of them departs."""
    departing = [level.channel for level in levels if level.departs.any()]
    flagged = np.logical_or.reduce([level.departs for level in levels])
    named = f"runs in which a signal leaves its level: {', '.join(departing)}"
    return judged(
        "signal_drift",
        code="SIGNAL_DRIFT",
        mask=runs.mask(flagged),
        more_than_percent=rules.flag_more_than_percent,
        figures={
            "n_runs": runs.count,
            "run_events": runs.size,
            "n_runs_flagged": int(np.count_nonzero(flagged)),
            "channels": [_course(level) for level in levels],
        },
        sentence=f"There are {named}" if departing else "Every signal keeps its level",
    )


def _course(level: Levels) -> dict[str, Json]:
    """Return the figures of one signal: departing runs, drift between the ends and the largest step."""
    heights = level.heights[0]
    fifth = max(1, len(heights) // _ENDS)
    drift = float(np.median(heights[-fifth:]) - np.median(heights[:fifth]))
    step, place = _largest_step(heights, fifth // 2 + 1)
    return {
        "channel": level.channel,
        "n_runs_departing": int(np.count_nonzero(level.departs)),
        "drift_asinh": drift,
        "step_asinh": step,
        "step_at_percent": 100.0 * place / len(heights),
    }


def _largest_step(heights: NDArray[np.float64], least: int) -> tuple[float, int]:
    """Return the largest difference of the means behind and before one place, and that place."""
    before = np.arange(1, len(heights))
    sums = np.cumsum(heights)
    steps = (sums[-1] - sums[:-1]) / (len(heights) - before) - sums[:-1] / before
    inner = steps[least - 1 : len(steps) - least + 1]
    if not inner.size:
        return 0.0, 0
    largest = int(np.argmax(np.abs(inner)))
    return float(inner[largest]), least + largest
