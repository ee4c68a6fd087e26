"""Was the tube measured at a steady rate? Events per second in runs of equal event numbers.

A partial blockage slows the sample and sinks the signals of its events, so that cells leave their gates. The
rate is compared with the fast runs of the same tube: the median itself is slow where most of it is. Nothing
is repaired; the panel says from where on a tube is not evaluable.
"""

import numpy as np
from numpy.typing import NDArray

from mrdkit.files.rules import STRICT, checked_dataclass

__all__ = ["AcquisitionRules", "slow_percent"]

_REFERENCE_QUANTILE = 0.9  # a fast run, robust against one short one


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AcquisitionRules:
    """When the flow rate makes a tube not evaluable.

    Attributes:
        time_channel: $PnN of the time axis.
        runs: number of runs of equal event numbers.
        slow_less_than_ratio: a run is slow below this share of the tube's fast runs.
        slow_more_than_percent: share of events in slow runs above which the tube is not evaluable.
    """

    time_channel: str
    runs: int
    slow_less_than_ratio: float
    slow_more_than_percent: float

    def __post_init__(self) -> None:
        """Refuse rules that cannot be applied."""
        if self.runs < 2 or not 0.0 < self.slow_less_than_ratio < 1.0:  # noqa: PLR2004 (one run has no rate)
            raise ValueError("at least two runs, and a ratio between 0 and 1, are needed")
        if not 0.0 <= self.slow_more_than_percent <= 100.0:  # noqa: PLR2004 (percent)
            raise ValueError("a percentage lies between 0 and 100")


def slow_percent(time: NDArray[np.float64], rules: AcquisitionRules) -> float | None:
    """Return the percentage of events in slow runs, or None where time does not tell it.

    Args:
        time: (n_events,) acquisition time in file order, any unit.
        rules: the panel's rules.
    """
    size = len(time) // rules.runs
    if size < 2 or not np.isfinite(time).all():  # noqa: PLR2004 (a duration needs two events)
        return None
    edges = time[: size * rules.runs].reshape(rules.runs, size)
    durations = edges[:, -1] - edges[:, 0]
    if not (durations > 0.0).all():
        return None
    rates = size / durations
    slow = rates < rules.slow_less_than_ratio * np.quantile(rates, _REFERENCE_QUANTILE)
    return float(100.0 * slow.mean())
