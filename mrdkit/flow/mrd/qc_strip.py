"""The quality of one tube on a strip: its course over time, the flagged stretches, a line per check.

Decides what a reader sees, not what is wrong: that is `quality_report`. Shown are, per piece of time, the
events and the height of forward scatter and of the signals that moved most. A height is the mean of
asinh(x / median of |x|): a median between two populations jumps without being wrong. Without a usable time,
pieces are events in file order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.quality import QualityReport, QualityRules
from mrdkit.flow.quality_check import QualityCheck
from mrdkit.flow.quality_levels import signal_columns
from mrdkit.flow.quality_scatter import scatter_of
from mrdkit.flow.quality_time import time_axis

__all__ = ["QcCourse", "QcStretch", "QcStrip", "QcVerdict", "qc_strip"]

F64 = NDArray[np.float64]

_BINS = 120
_FEWEST = 20  # events of a bin with a height
_SIGNALS = 4  # beside the rate: forward scatter and the three that moved most
_OVER_TIME = ("flow_rate", "gaps", "clogs", "signal_drift")


@dataclass(frozen=True, slots=True, kw_only=True)
class QcCourse:
    """One signal over the strip.

    Attributes:
        channel: its label, or its name where it has none.
        heights: mean per bin less the usual one; None for a bin of too few events.
    """

    channel: str
    heights: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QcStretch:
    """A stretch that a check flagged, as shares of the strip from 0 to 1."""

    check: str
    begins: float
    ends: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QcVerdict:
    """The answer of one check: passed, flagged or not assessable, and the sentence for people."""

    check: str
    outcome: Literal["passed", "flagged", "not_assessable"]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QcStrip:
    """What the strip of one tube shows.

    Attributes:
        unit: of the strip's length: "s", "step" of a clock of unknown unit, or "events" in file order.
        length: of the strip in this unit.
        n_events: events of the tube.
        events: per bin of equal length.
        courses: signals over the same bins; empty where the tube has no event or no order.
        stretches: in the order of the checks.
        verdicts: one per check.
    """

    unit: Literal["s", "step", "events"]
    length: float
    n_events: int
    events: tuple[int, ...]
    courses: tuple[QcCourse, ...]
    stretches: tuple[QcStretch, ...]
    verdicts: tuple[QcVerdict, ...]


def qc_strip(dataset: FcsDataset, report: QualityReport, rules: QualityRules) -> QcStrip:
    """Return the strip of one tube.

    Args:
        dataset: the tube's events, as read.
        report: its quality checks.
        rules: the thresholds that they were made with.
    """
    # Numbers that no cytometer writes must not stop a picture; they have no place on it.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return _strip(dataset, report, rules)


def _strip(dataset: FcsDataset, report: QualityReport, rules: QualityRules) -> QcStrip:
    axis = time_axis(dataset, rules.time)
    unit: Literal["s", "step", "events"] = "events"
    place = np.arange(dataset.n_events, dtype=np.float64)
    if axis.time is not None:
        unit, place = ("s" if axis.unit == "s" else "step"), axis.time - axis.time[0]
    length = float(place[-1]) if dataset.n_events else 0.0
    share = place / (length or 1.0)
    bins = np.minimum((share * _BINS).astype(np.intp), _BINS - 1)
    checks = {check.name: check for check in report.checks}
    n = np.bincount(bins, minlength=_BINS)
    return QcStrip(
        unit=unit,
        length=length,
        n_events=dataset.n_events,
        events=tuple(int(events) for events in n),
        courses=tuple(_courses(dataset, bins, n, rules)) if axis.in_order else (),
        stretches=tuple(
            stretch for name in _OVER_TIME if name in checks for stretch in _stretches(checks[name], share)
        ),
        verdicts=tuple(
            QcVerdict(check=check.name, outcome=check.outcome, sentence=check.sentence)
            for check in report.checks
        ),
    )


def _courses(
    dataset: FcsDataset, bins: NDArray[np.intp], n: NDArray[np.intp], rules: QualityRules
) -> Iterator[QcCourse]:
    """Yield forward scatter, then the other signals that moved most."""
    first = scatter_of(dataset, rules.doublets).area
    heights = {
        column: _heights(dataset.linear_columns([column])[0], bins, n)
        for column in signal_columns(dataset, rules.not_a_signal)
    }
    moved = sorted(heights, key=lambda column: (column != first, -_moved(heights[column], n)))
    for column in moved[:_SIGNALS]:
        channel = dataset.channels[column]
        yield QcCourse(
            channel=channel.label.strip() or channel.name,
            heights=tuple(float(height) if np.isfinite(height) else None for height in heights[column]),
        )


def _heights(values: F64, bins: NDArray[np.intp], n: NDArray[np.intp]) -> F64:
    """Return (n_bins,) mean heights less their median; NaN for a bin that tells nothing."""
    finite = np.isfinite(values)
    heights = np.arcsinh(values / (_median(np.abs(values[finite])) or 1.0))
    finite &= np.isfinite(heights)
    known = np.bincount(bins[finite], minlength=_BINS)
    means = np.bincount(bins[finite], weights=heights[finite], minlength=_BINS) / known
    means[(known < _FEWEST) | (2 * known < n)] = np.nan
    return np.asarray(means - _median(means[np.isfinite(means)]), dtype=np.float64)


def _moved(heights: F64, n: NDArray[np.intp]) -> float:
    """Return the sum of squares over the events."""
    return float(np.nansum(n * heights**2))


def _median(values: F64) -> float:
    return float(np.median(values)) if values.size else 0.0


def _stretches(check: QualityCheck, share: F64) -> Iterator[QcStretch]:
    edges = np.flatnonzero(np.diff(check.mask.astype(np.int8), prepend=0, append=0))
    for start, stop in edges.reshape(-1, 2):
        yield QcStretch(check=check.name, begins=float(share[start]), ends=float(share[stop - 1]))
