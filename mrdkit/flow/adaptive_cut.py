"""Cuts of one axis that are found in the data: a valley of the density, the end of a tail, a quantile.

Valley: the middle of the floor of the deepest minimum between the two highest real peaks. Tail: the point
nearest the highest peak, on the wanted side, at which the density has fallen to `tolerance` of the peak's
height; where another population begins before, the valley between them. Quantile: linear between neighbouring
events (Hyndman and Fan, Am Stat 1996;50:361, type 7).
"""

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.adaptive import DensityRules, Found, Missing, Quantile, Tail, Valley, cut
from mrdkit.flow.adaptive_density import Density, Peak, density_of, floor_between, peaks_of

__all__ = ["find_quantile", "find_tail", "find_valley"]

F64 = NDArray[np.float64]

_BOTH = 2  # peaks, one on either side of a valley


def find_valley(values: F64, method: Valley, rules: DensityRules) -> Found | Missing:
    """Cut at the valley between the two highest peaks of the values (n,), all finite."""
    density = density_of(values, method.search, method.adjust or rules.adjust, rules)
    peaks = () if density is None else peaks_of(density, rules)
    if density is None or len(peaks) < _BOTH:
        return Missing(
            code="NO_VALLEY",
            what="the density has no valley to cut at",
            expected="two peaks that stand out from chance within the search",
            found=_peaks_in_words(density, peaks),
            remedy='look at the axis; a template may name a fixed cut for this case ("otherwise")',
        )
    highest = sorted(peaks, key=lambda peak: (-peak.height, peak.index))[:_BOTH]
    left, right = sorted(highest, key=lambda peak: peak.index)
    value, height = floor_between(density, left, right, rules)
    ratio = height / min(left.height, right.height)
    flags = _edge_flags(density, (left, right))
    if len(peaks) > _BOTH:
        flags = ("VALLEY_OF_SEVERAL", *flags)
    if ratio > rules.shallow_valley_more_than_ratio:
        flags = ("VALLEY_SHALLOW", *flags)
    return Found(
        shape=cut(value, method.side),
        figures={
            "threshold": value,
            "left_peak": left.position,
            "right_peak": right.position,
            "valley_to_lower_peak_ratio": ratio,
            "n_peaks": len(peaks),
            "bandwidth": density.bandwidth,
            "n_searched": density.n_events,
        },
        flags=flags,
        sentence=f"cut at {value:.6g}, the valley between the peaks at {left.position:.6g} and "
        f"{right.position:.6g}; its density is {100.0 * ratio:.3g} % of the lower peak's",
    )


def find_tail(values: F64, method: Tail, rules: DensityRules) -> Found | Missing:
    """Cut where a tail of the highest peak of the values (n,), all finite, ends."""
    density = density_of(values, method.search, method.adjust or rules.adjust, rules)
    peaks = () if density is None else peaks_of(density, rules)
    end = None
    if density is not None and peaks:
        peak = max(peaks, key=lambda peak: (peak.height, -peak.index))
        end = _tail_end(density, peaks, peak, method, rules)
    if density is None or not peaks or end is None:
        return Missing(
            code="NO_TAIL",
            what="the density does not fall to the wanted part of its highest peak",
            expected=f"a {method.tail} tail that ends within the search",
            found=_peaks_in_words(density, peaks),
            remedy='widen the search; a template may name a fixed cut for this case ("otherwise")',
        )
    value, in_valley = end
    reason = (
        "the valley before the next population"
        if in_valley
        else f"where the density is {100.0 * method.tolerance:.3g} % of the peak's"
    )
    flags = _edge_flags(density, (peak,))
    return Found(
        shape=cut(value, method.side),
        figures={
            "threshold": value,
            "peak": peak.position,
            "n_peaks": len(peaks),
            "bandwidth": density.bandwidth,
            "n_searched": density.n_events,
        },
        flags=("TAIL_ENDS_IN_VALLEY", *flags) if in_valley else flags,
        sentence=f"cut at {value:.6g}, in the {method.tail} tail of the peak at "
        f"{peak.position:.6g}: {reason}",
    )


def find_quantile(values: F64, method: Quantile) -> Found | Missing:
    """Cut at a quantile of the values (n,), all finite."""
    value = float(np.quantile(values, method.probability))
    return Found(
        shape=cut(value, method.side),
        figures={"threshold": value},
        flags=(),
        sentence=f"cut at {value:.6g}, with {100.0 * method.probability:.6g} % of the events below",
    )


def _tail_end(
    density: Density, peaks: tuple[Peak, ...], peak: Peak, method: Tail, rules: DensityRules
) -> tuple[float, bool] | None:
    """Return where the tail ends, and whether a valley ends it; None where the search ends first."""
    place = peaks.index(peak)
    right = method.tail == "right"
    beside = peaks[place + 1 : place + 2] if right else peaks[max(place - 1, 0) : place]
    limit = method.tolerance * peak.height
    heights, positions = density.heights, density.positions
    if right:
        walk = np.arange(peak.index, beside[0].index + 1 if beside else len(heights))
    else:
        walk = np.arange(peak.index, beside[0].index - 1 if beside else -1, -1)
    low = np.flatnonzero(heights[walk] <= limit)
    if len(low):
        one, two = walk[low[0] - 1], walk[low[0]]
        part = (heights[one] - limit) / (heights[one] - heights[two])
        return float(positions[one] + part * (positions[two] - positions[one])), False
    if not beside:
        return None
    pair = (peak, beside[0]) if right else (beside[0], peak)
    return floor_between(density, *pair, rules)[0], True


def _edge_flags(density: Density, peaks: tuple[Peak, ...]) -> tuple[str, ...]:
    """Doubt a peak at the end of the events: piled up at the detector's limit, or cut by the search."""
    distances = [abs(peak.position - end) for peak in peaks for end in density.ends]
    return ("PEAK_AT_EDGE",) if min(distances) < density.bandwidth else ()


def _peaks_in_words(density: Density | None, peaks: tuple[Peak, ...]) -> str:
    if density is None:
        return "no two different values within the search"
    places = ", ".join(f"{peak.position:.6g}" for peak in peaks) or "none"
    return f"peaks at {places}, of {density.n_events} events"
