"""Events of a plane counted into cells, so that a fit costs the same for a thousand events and for a million.

A cell stands for its events by their own means, not by its centre: sums over cells are the sums over events.
Nothing is sampled, and the order of the events cannot matter beyond rounding.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cells", "cells_of", "weighted_median"]

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Occupied cells of a grid.

    Attributes:
        counts: (n_cells,) events in each, at least 1.
        x: (n_cells,) mean of its events on the first axis.
        y: (n_cells,) mean of its events on the second axis.
        rows: (n_events,) which of these cells each event lies in.
    """

    counts: F64 = field(repr=False)
    x: F64 = field(repr=False)
    y: F64 = field(repr=False)
    rows: NDArray[np.int64] = field(repr=False)

    def mean(self, values: F64) -> F64:
        """Return (n_cells,) the mean of each cell's events, of one value per event."""
        return np.asarray(np.bincount(self.rows, weights=values) / self.counts)


def cells_of(points: F64, limits: Sequence[tuple[float, float]], bins: Sequence[int]) -> Cells:
    """Count points (2, n_events) into as many bins per axis, between its limits.

    Points beyond a limit belong to the outermost cell. An axis whose limits coincide has one cell.
    """
    places = np.zeros(points.shape[1], dtype=np.int64)
    for values, (low, high), number in zip(points, limits, bins, strict=True):
        scale = number / (high - low) if high > low else 0.0
        places *= number
        places += np.clip((values - low) * scale, 0, number - 1).astype(np.int64)
    counts = np.bincount(places, minlength=math.prod(bins))
    occupied = np.flatnonzero(counts)
    numbers = np.zeros(len(counts), dtype=np.int64)
    numbers[occupied] = np.arange(len(occupied))
    rows = numbers[places]
    weights = counts[occupied].astype(np.float64)
    x, y = (np.bincount(rows, weights=values) / weights for values in points)
    return Cells(counts=weights, x=x, y=y, rows=rows)


def weighted_median(values: F64, weights: F64) -> float:
    """Return the smallest value at which half of the weight is reached."""
    order = np.argsort(values, kind="stable")
    running = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(running, 0.5 * running[-1])]])
