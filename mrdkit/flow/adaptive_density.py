"""The density of events along one axis, its real peaks, and the valleys between them.

A Gaussian kernel estimate on a grid. Heights are counts: the number of events that carry the estimate at a
point, so that the standard error of a height is its square root and a peak can be told from chance.
Everything after the first count is computed from whole numbers per cell; the order of events cannot matter.
Where a search interval cuts the axis, the density is mirrored at the cut; elsewhere it runs out to nothing.
"""

import math
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.adaptive import DensityRules, Search

__all__ = ["Density", "Peak", "density_of", "floor_between", "peaks_of"]

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

_REACH = 5.0  # bandwidths; a Gaussian kernel is below 4e-6 of its height there
_BLOCK = 64  # cells; the Fourier transform is slow for lengths with large prime factors
_DECIMALS = 6  # of a count; below that a height is rounding of the Fourier transform
_NORMAL_QUARTILES = 1.349  # interquartile range of a normal distribution in standard deviations


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Density:
    """A density estimate.

    Attributes:
        positions: (n_points,) evenly spaced coordinates.
        heights: (n_points,) events that carry the estimate at each: sqrt(2) * sum of exp(-u^2 / 2).
        bandwidth: standard deviation of the kernel, in coordinates.
        n_events: events within the search.
        ends: lowest and highest event within the search.
    """

    positions: F64 = field(repr=False)
    heights: F64 = field(repr=False)
    bandwidth: float
    n_events: int
    ends: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """A real peak: its place on the grid, its coordinate and its height in events."""

    index: int
    position: float
    height: float


def density_of(values: F64, search: Search, adjust: float, rules: DensityRules) -> Density | None:
    """Estimate the density of the values (n,) within the search, or None where it holds no two of them."""
    low, high = search
    if low is not None or high is not None:
        kept = (values >= (-np.inf if low is None else low)) & (values < (np.inf if high is None else high))
        values = values[kept]
    if not len(values):
        return None
    ends = (float(values.min()), float(values.max()))
    step = (ends[1] - ends[0]) / rules.grid_points
    if not 0.0 < step < math.inf:
        return None
    counts = _counted(values, ends[0], step, rules.grid_points)
    width = adjust * _bandwidth(counts, rules)
    left = _margin(width, math.inf if low is None else (ends[0] - low) / step)
    right = _margin(width, math.inf if high is None else (high - ends[1]) / step)
    smooth = _smoothed(np.pad(counts, (left, right)), width)
    positions = ends[0] + step * (np.arange(len(smooth), dtype=np.float64) - left + 0.5)
    return Density(
        positions=positions, heights=smooth, bandwidth=width * step, n_events=len(values), ends=ends
    )


def peaks_of(density: Density, rules: DensityRules) -> tuple[Peak, ...]:
    """Return the peaks that stand out from their neighbours by more than chance, from left to right.

    The least certain peak is given up first, until each of the rest rises above the valley beside it by
    sqrt(ln n) standard errors and the rule's margin. Among n events the highest accident grows so.
    """
    heights = density.heights
    least = rules.peak_standard_errors_beyond_chance + math.sqrt(math.log(density.n_events))
    # Height minus valley cannot exceed the height: lower maxima are never real, and there may be many.
    places = [int(place) for place in _maxima(heights) if heights[place] >= least**2]
    if not places:
        return ()
    valleys = [float(heights[one:two].min()) for one, two in pairwise(places)]
    while valleys:
        lower = [min(heights[one], heights[two]) for one, two in pairwise(places)]
        rises = [_standard_errors(peak, valley) for peak, valley in zip(lower, valleys, strict=True)]
        weakest = int(np.argmin(rises))
        if rises[weakest] >= least:
            break
        lost = weakest if heights[places[weakest]] <= heights[places[weakest + 1]] else weakest + 1
        del places[lost]
        joined = valleys[max(lost - 1, 0) : lost + 1]
        valleys[max(lost - 1, 0) : lost + 1] = [min(joined)] if len(joined) > 1 else []
    return tuple(
        Peak(index=i, position=float(density.positions[i]), height=float(heights[i])) for i in places
    )


def floor_between(density: Density, one: Peak, two: Peak, rules: DensityRules) -> tuple[float, float]:
    """Return the coordinate and the height of the valley between two peaks.

    Between populations that do not touch, the minimum itself would be an accident; the middle of the floor
    around it is not.
    """
    stretch = density.heights[one.index : two.index + 1]
    bottom = int(np.argmin(stretch))
    height = float(stretch[bottom])
    limit = height + rules.floor_part * (min(one.height, two.height) - height)
    above = np.flatnonzero(stretch > limit)
    left, right = int(above[above < bottom].max()), int(above[above > bottom].min())
    first = _crossing(density, one.index + left, one.index + left + 1, limit)
    last = _crossing(density, one.index + right, one.index + right - 1, limit)
    return 0.5 * (first + last), height


def _counted(values: F64, start: float, step: float, n_points: int) -> I64:
    cells = ((values - start) / step).astype(np.int64)
    return np.bincount(np.clip(cells, 0, n_points - 1), minlength=n_points)


def _margin(width: float, room: float) -> int:
    """Return how many empty cells stand beyond the events: the kernel's reach, but not past the search."""
    reach = _BLOCK * math.ceil(_REACH * width / _BLOCK)
    return reach if room >= reach else _BLOCK * int(room / _BLOCK)


def _bandwidth(counts: I64, rules: DensityRules) -> float:
    """Return the bandwidth in grid cells, from the smaller of two measures of spread and from the gaps."""
    total = int(counts.sum())
    cells = np.arange(len(counts), dtype=np.float64)
    mean = float((cells * counts).sum()) / total
    deviation = math.sqrt(float(((cells - mean) ** 2 * counts).sum()) / total)
    running = np.cumsum(counts)
    quartiles = np.searchsorted(running, (0.25 * total, 0.75 * total))
    spread = float(quartiles[1] - quartiles[0]) / _NORMAL_QUARTILES
    silverman = rules.silverman_factor * (min(deviation, spread) or deviation) / math.pow(total, 0.2)
    gap = rules.gap_bandwidths * _gap(counts, rules.gap_share)
    return max(silverman, gap, rules.bandwidth_at_least_grid_points)


def _gap(counts: I64, share: float) -> float:
    """Return the distance to the next occupied cell that this share of the events does not exceed."""
    occupied = np.flatnonzero(counts)
    gaps = np.diff(occupied)
    order = np.argsort(gaps, kind="stable")
    running = np.cumsum(counts[occupied[:-1]][order])
    return float(gaps[order[np.searchsorted(running, share * running[-1])]])


def _smoothed(counts: I64, width: float) -> F64:
    """Return the counts under a Gaussian kernel of this width (cells), mirrored at both ends."""
    mirrored = np.concatenate([counts, counts[::-1]]).astype(np.float64)
    frequencies = np.fft.rfftfreq(len(mirrored))
    kernel = np.exp(-2.0 * (np.pi * frequencies * width) ** 2)
    density = np.fft.irfft(np.fft.rfft(mirrored) * kernel, n=len(mirrored))[: len(counts)]
    events = 2.0 * math.sqrt(math.pi) * width * density
    return np.maximum(np.round(events, _DECIMALS), 0.0)


def _maxima(heights: F64) -> I64:
    """Return the place of every local maximum, the middle of a level one; an end may be one."""
    changes = np.flatnonzero(np.diff(heights) != 0.0)
    first = np.concatenate([[0], changes + 1])
    last = np.concatenate([changes, [len(heights) - 1]])
    levels = np.concatenate([[-np.inf], heights[first], [-np.inf]])
    top = (levels[1:-1] > levels[:-2]) & (levels[1:-1] > levels[2:])
    return np.asarray((first[top] + last[top]) // 2, dtype=np.int64)


def _standard_errors(peak: float, valley: float) -> float:
    return (peak - valley) / math.sqrt(peak + valley)


def _crossing(density: Density, above: int, below: int, limit: float) -> float:
    """Return where the line between two neighbouring points meets the limit."""
    high, low = density.heights[above], density.heights[below]
    part = (high - limit) / (high - low)
    return float(density.positions[above] + part * (density.positions[below] - density.positions[above]))
