"""Debris: events too small for a cell, below a valley of the forward scatter.

The valley is the deepest place between a hill of small events and the hills of the cells. It is one only if
it is deep enough, and if what lies below is far smaller than what lies above; two cell types also have a
valley between them. Without such a valley there is no answer. Limits: reference/flow/quality.toml.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.quality_check import QualityCheck, judged, not_assessable
from mrdkit.flow.quality_rules import DebrisRules, DoubletRules
from mrdkit.flow.quality_scatter import find_column, scatter_of

__all__ = ["debris"]

F64 = NDArray[np.float64]

_NAME = "debris"
_CELLS = 240  # of the histogram
_SMOOTHING_CELLS = 4.0  # standard deviation of the kernel
_TAIL = 0.0005  # share of the events left out at each end of the histogram
_NOISE_QUANTILE = 0.01
_LINEAR_BELOW = 0.05  # of the median: the scale is linear below and logarithmic above


@dataclass(frozen=True, slots=True, kw_only=True)
class _Valley:
    """Where the density is lowest, its depth beside the lower hill, and the middle of what lies above."""

    at: float
    depth_ratio: float
    middle_above: float


def debris(dataset: FcsDataset, rules: DebrisRules, names: DoubletRules) -> QualityCheck:
    """Flag the events below the valley of forward scatter."""
    scatter = scatter_of(dataset, names)
    column = next(
        (c for c in (scatter.area, scatter.height, find_column(dataset, rules.other_names)) if c is not None),
        None,
    )
    if column is None:
        return _refused(dataset, "SCATTER_MISSING", "There is no single forward scatter channel.")
    size = dataset.linear_columns([column])[0]
    known = size[np.isfinite(size)]
    if known.size < rules.fit_at_least_events or np.median(known) <= 0.0:
        return _refused(dataset, "TOO_FEW_EVENTS", "Too few events have a measured forward scatter.")
    valley = _valley(known, rules)
    if valley is None:
        sentence = "Forward scatter has no valley between debris and cells."
        return _refused(dataset, "NO_DEBRIS_VALLEY", sentence)
    below = np.isfinite(size) & (size < valley.at)
    return judged(
        _NAME,
        code="MUCH_DEBRIS",
        mask=below,
        more_than_percent=rules.flag_more_than_percent,
        figures={
            "channel": dataset.channels[column].name,
            "valley": valley.at,
            "depth_ratio": valley.depth_ratio,
            "median_above": valley.middle_above,
        },
        sentence=f"Events below {valley.at:.4g} in {dataset.channels[column].name} are too small for cells",
    )


def _refused(dataset: FcsDataset, reason: str, sentence: str) -> QualityCheck:
    return not_assessable(_NAME, reason=reason, sentence=sentence, n_events=dataset.n_events)


def _valley(size: F64, rules: DebrisRules) -> _Valley | None:
    """Return the deepest valley that parts debris from cells, None where there is none."""
    ordered = np.sort(size)
    # Noise about 0 must not look like two hills beside a valley, so the linear part holds all of it.
    unit = max(_LINEAR_BELOW * float(np.median(ordered)), -float(np.quantile(ordered, _NOISE_QUANTILE)))
    heights = np.arcsinh(ordered / unit)
    low, high = np.quantile(heights, [_TAIL, 1.0 - _TAIL])
    if not -np.inf < low < high < np.inf:
        return None
    counts, edges = np.histogram(heights, bins=_CELLS, range=(float(low), float(high)))
    density = _smooth(counts.astype(np.float64))
    left, right = np.maximum.accumulate(density), np.maximum.accumulate(density[::-1])[::-1]
    depth = density / np.maximum(np.minimum(left, right), np.finfo(np.float64).tiny)
    places = unit * np.sinh((edges[:-1] + edges[1:]) / 2.0)
    n_below = np.searchsorted(ordered, places)
    middle_above = ordered[(n_below + len(ordered) - 1) // 2]
    parts = depth < rules.valley_less_than_ratio
    parts &= (places > 0.0) & (places < rules.size_less_than_ratio * middle_above)
    percent_below = 100.0 * n_below / len(ordered)
    parts &= (percent_below >= rules.at_least_percent) & (percent_below <= rules.at_most_percent)
    if not parts.any():
        return None
    deepest = int(np.argmin(np.where(parts, depth, np.inf)))
    return _Valley(
        at=float(places[deepest]),
        depth_ratio=float(depth[deepest]),
        middle_above=float(middle_above[deepest]),
    )


def _smooth(counts: F64) -> F64:
    """Return the counts under a Gaussian kernel; beyond the ends nothing is assumed."""
    reach = int(4 * _SMOOTHING_CELLS)
    offsets = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 * (offsets / _SMOOTHING_CELLS) ** 2)
    inside = np.convolve(np.ones_like(counts), kernel, mode="same")
    return np.asarray(np.convolve(counts, kernel, mode="same") / inside, dtype=np.float64)
