"""Display coordinates of a whole data set, for whoever draws it or looks for gates in it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.plan import Block, plan_of
from mrdkit.flow.strategy import Axis, GatingStrategy

__all__ = ["coordinates_of"]

_BLOCK = 8192  # events; a block's columns stay in the second-level cache


def coordinates_of(
    dataset: FcsDataset, strategy: GatingStrategy, axes: Sequence[Axis]
) -> dict[Axis, NDArray[np.float64]]:
    """Return (n_events,) display coordinates of every axis, by the strategy's matrices.

    Raises:
        InputError: a column is missing or ambiguous, or a matrix does not fit the file or is refused.
        RuleError: an axis is no fluorochrome of the matrix that it names.
    """
    plan = plan_of(dataset, strategy, axes)
    linear = dataset.linear()
    columns = {axis: np.empty(dataset.n_events) for axis in axes}
    for start in range(0, dataset.n_events, _BLOCK):
        block = Block(plan, linear[start : start + _BLOCK])
        for axis, column in columns.items():
            column[start : start + _BLOCK] = block.coordinates(axis)
    return columns
