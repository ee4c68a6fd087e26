"""Runs: the events of a tube in file order, cut into pieces of equal event numbers.

Rate, gaps, clogs and drift are all judged on such pieces, so that each piece is measured equally well and
each event belongs to exactly one. The events left over behind the last whole run lie in it, but tell
nothing of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Runs", "runs_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """How the events are cut: `count` runs of `size` events, of `n_events` in all.

    Raises:
        ValueError: there is no run, or the runs do not fit into the events.
    """

    n_events: int
    count: int
    size: int

    def __post_init__(self) -> None:
        """Refuse runs that hold nothing or more than there is."""
        if self.count < 1 or self.size < 1 or self.count * self.size > self.n_events:
            raise ValueError(f"{self.count} runs of {self.size} do not fit into {self.n_events} events")

    def rows(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a view (count, size) of one value per event, (n_events,)."""
        return values[: self.count * self.size].reshape(self.count, self.size)

    def mask(self, flagged: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return (n_events,): True for the events of flagged runs, (count,)."""
        out = np.full(self.n_events, flagged[-1])
        out[: self.count * self.size] = np.repeat(flagged, self.size)
        return out

    def of_events(self, events: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the run of each event number from 0."""
        return np.minimum(events // self.size, self.count - 1)


def runs_of(n_events: int, *, at_most: int, at_least_events: int) -> Runs | None:
    """Cut into as many runs as there may be of the least size, None where not one fits."""
    count = min(at_most, n_events // at_least_events)
    return Runs(n_events=n_events, count=count, size=n_events // count) if count > 0 else None
