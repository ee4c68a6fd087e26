"""Axes of a density picture: which range is shown, where a value stands, which ticks it gets."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Axis", "axis_over", "clipped", "nice_ticks"]

_LARGEST = 1e30  # beyond any detector; keeps float32 differences finite
_SAMPLE = 20_000  # events that are enough for a range
_TAIL = 0.001  # share of the events on each side that may stand on the edge
_MARGIN = 0.04  # share of the span left free on each side
_TICKS = 5
_THOUSAND = 1_000
_LONG_LABEL = 10_000  # from here on labels are written in thousands

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A linear axis from `low` to `high` over `length` pixels."""

    low: float
    high: float
    length: int

    def position(self, value: float) -> float:
        """Return the pixel of one value, also beyond the axis; infinity stands far out."""
        value = min(max(value, -_LARGEST), _LARGEST)
        return (value - self.low) / (self.high - self.low) * self.length

    def cells(self, values: NDArray[np.float32], n: int) -> NDArray[np.intp]:
        """Return the cell 0 to n - 1 of each finite value; values beyond the axis get its last cell."""
        inside = np.clip(values, np.float32(self.low), np.float32(self.high))
        inside -= np.float32(self.low)
        inside *= np.float32(n / (self.high - self.low))
        return np.clip(inside, 0, n - 1).astype(np.intp)


def axis_over(
    values: NDArray[np.float32], chosen: NDArray[np.bool_], corners: Sequence[float], length: int
) -> Axis:
    """Return the axis that shows the bulk of the values, every chosen one and the gate.

    A far outlier or an open gate must not squeeze the events into a corner: neither stretches the axis by
    more than the span of the bulk on each side.
    """
    low, high = _bulk(values)
    span = high - low
    wanted = [value for value in corners if math.isfinite(value)]
    if chosen.any():
        picked = values[chosen]
        wanted += [float(picked.min()), float(picked.max())]
    low = max(min([low, *wanted]), low - span)
    high = min(max([high, *wanted]), high + span)
    margin = _MARGIN * (high - low)
    return Axis(low=low - margin, high=high + margin, length=length)


def _bulk(values: NDArray[np.float32]) -> tuple[float, float]:
    sample = values[:: max(1, len(values) // _SAMPLE)]
    sample = sample[np.isfinite(sample)]
    if not len(sample):
        return 0.0, 1.0
    low, high = (float(q) for q in np.quantile(np.clip(sample, -_LARGEST, _LARGEST), (_TAIL, 1.0 - _TAIL)))
    least = max(abs(low), abs(high)) * 1e-3 or 1.0  # a single value still needs an axis around it
    if high - low < least:
        low, high = low - least / 2, high + least / 2
    return low, high


def nice_ticks(axis: Axis) -> tuple[tuple[float, str], ...]:
    """Return about five round values as (pixel, label)."""
    span = axis.high - axis.low
    power = 10.0 ** math.floor(math.log10(span / _TICKS))
    step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= _TICKS)
    first = math.ceil(axis.low / step)
    ticks = (round(index * step, 12) for index in range(first, math.floor(axis.high / step) + 1))
    return tuple((axis.position(value), _tick_label(value)) for value in ticks)


def _tick_label(value: float) -> str:
    return f"{value / _THOUSAND:g}k" if abs(value) >= _LONG_LABEL else f"{value:g}"


def clipped(start: Point, end: Point, side: float) -> tuple[Point, Point] | None:
    """Return the part of a line inside the square from 0 to `side`, None where there is none.

    Liang and Barsky's parametric clipping (ACM Transactions on Graphics 1984).
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    first, last = 0.0, 1.0
    for delta, room in ((-dx, start[0]), (dx, side - start[0]), (-dy, start[1]), (dy, side - start[1])):
        if delta == 0:
            if room < 0:
                return None
        elif delta < 0:
            first = max(first, room / delta)
        else:
            last = min(last, room / delta)
    if first > last:
        return None
    return (start[0] + first * dx, start[1] + first * dy), (start[0] + last * dx, start[1] + last * dy)
