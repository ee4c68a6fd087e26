"""Events of a plane counted into cells, so that a fit costs the same for a thousand events and for a million.

A cell stands for its events by their own mean and scatter, not by its centre: sums over cells are the sums over
events. Nothing is sampled, and the order of the events cannot matter beyond rounding.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cells", "cells_of", "scatters_of", "weighted_median"]

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Occupied cells of a grid.

    Attributes:
        counts: (n_cells,) events in each, at least 1.
        means: (n_cells, 2) mean coordinates of its events.
        rows: (n_events,) which of these cells each event lies in.
    """

    counts: F64 = field(repr=False)
    means: F64 = field(repr=False)
    rows: NDArray[np.int64] = field(repr=False)


def cells_of(points: F64, limits: Sequence[tuple[float, float]], bins: Sequence[int]) -> Cells:
    """Count points (n, 2) into as many bins per axis, between its limits.

    Points beyond a limit belong to the outermost cell. An axis whose limits coincide has one cell.
    """
    places = np.zeros(len(points), dtype=np.int64)
    for column, (low, high), number in zip(points.T, limits, bins, strict=True):
        scale = number / (high - low) if high > low else 0.0
        places = places * number + np.clip((column - low) * scale, 0, number - 1).astype(np.int64)
    counts = np.bincount(places, minlength=math.prod(bins))
    occupied = np.flatnonzero(counts)
    numbers = np.zeros(len(counts), dtype=np.int64)
    numbers[occupied] = np.arange(len(occupied))
    rows = numbers[places]
    weights = counts[occupied].astype(np.float64)
    means = np.column_stack([np.bincount(rows, weights=column) / weights for column in points.T])
    return Cells(counts=weights, means=means, rows=rows)


def scatters_of(points: F64, cells: Cells) -> F64:
    """Return (n_cells, 3): per cell, mean square of x, of y and mean product, about the cell's mean."""
    x, y = (points - cells.means[cells.rows]).T
    sums = [np.bincount(cells.rows, weights=product) for product in (x * x, y * y, x * y)]
    return np.asarray(np.column_stack(sums) / cells.counts[:, None])


def weighted_median(values: F64, weights: F64) -> float:
    """Return the smallest value at which half of the weight is reached."""
    order = np.argsort(values, kind="stable")
    running = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(running, 0.5 * running[-1])]])
