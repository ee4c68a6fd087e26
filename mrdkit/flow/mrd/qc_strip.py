"""The quality of one tube on a strip: its course over time, the flagged stretches, a line per check.

Decides what a reader sees, not what is wrong: that is `quality_report`. Shown are, per piece of
time, the events and the medians of forward scatter and of the signals that moved most. Heights are
asinh(x / median of |x|), as in the check for drift. Without a usable time, pieces are events in file order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.quality import QualityReport, QualityRules
from mrdkit.flow.quality_check import QualityCheck
from mrdkit.flow.quality_scatter import scatter_of
from mrdkit.flow.quality_time import time_axis
from mrdkit.results import Json

__all__ = ["QcCourse", "QcStretch", "QcStrip", "QcVerdict", "qc_strip"]

F64 = NDArray[np.float64]

_BINS = 120
_SIGNALS = 4  # beside the rate: forward scatter and the three that moved most
_OVER_TIME = ("flow_rate", "gaps", "clogs", "signal_drift")


@dataclass(frozen=True, slots=True, kw_only=True)
class QcCourse:
    """One signal over the strip.

    Attributes:
        channel: its label, or its name where it has none.
        heights: median per bin less the median of the bins; None for an empty bin.
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
    columns = _columns(dataset, checks["signal_drift"], rules) if dataset.n_events and axis.in_order else ()
    return QcStrip(
        unit=unit,
        length=length,
        n_events=dataset.n_events,
        events=tuple(int(n) for n in np.bincount(bins, minlength=_BINS)),
        courses=tuple(_course(dataset, column, bins) for column in columns),
        stretches=tuple(
            stretch for name in _OVER_TIME if name in checks for stretch in _stretches(checks[name], share)
        ),
        verdicts=tuple(
            QcVerdict(check=check.name, outcome=check.outcome, sentence=check.sentence)
            for check in report.checks
        ),
    )


def _columns(dataset: FcsDataset, drift: QualityCheck, rules: QualityRules) -> tuple[int, ...]:
    """Return forward scatter and the signals that moved most, in this order."""
    names = [channel.name for channel in dataset.channels]
    moved = sorted(
        _signals(drift), key=lambda signal: (-_number(signal, "n_runs_departing"), -_moved(signal))
    )
    scatter = scatter_of(dataset, rules.doublets).area
    found = [] if scatter is None else [scatter]
    found += [names.index(str(signal["channel"])) for signal in moved]
    return tuple(dict.fromkeys(found))[:_SIGNALS]


def _signals(drift: QualityCheck) -> Iterator[Mapping[str, Json]]:
    found = drift.figures.get("channels", ())
    if isinstance(found, Sequence) and not isinstance(found, str):
        yield from (signal for signal in found if isinstance(signal, Mapping))


def _moved(signal: Mapping[str, Json]) -> float:
    return max(abs(_number(signal, "drift_asinh")), abs(_number(signal, "step_asinh")))


def _number(signal: Mapping[str, Json], name: str) -> float:
    value = signal[name]
    return float(value) if isinstance(value, int | float) else 0.0


def _course(dataset: FcsDataset, column: int, bins: NDArray[np.intp]) -> QcCourse:
    """Return one signal; `bins` (n_events,) never fall."""
    values = dataset.linear_columns([column])[0]
    edges = np.searchsorted(bins, np.arange(_BINS + 1))
    medians = np.array([_median(values[a:b]) for a, b in pairwise(edges)])
    heights = np.arcsinh(medians / (_median(np.abs(values)) or 1.0))
    heights -= _median(heights)
    channel = dataset.channels[column]
    return QcCourse(
        channel=channel.label.strip() or channel.name,
        heights=tuple(float(height) if np.isfinite(height) else None for height in heights),
    )


def _median(values: F64) -> float:
    """Return the median of the finite values, NaN where there is none."""
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if finite.size else float("nan")


def _stretches(check: QualityCheck, share: F64) -> Iterator[QcStretch]:
    edges = np.flatnonzero(np.diff(check.mask.astype(np.int8), prepend=0, append=0))
    for start, stop in edges.reshape(-1, 2):
        yield QcStretch(check=check.name, begins=float(share[start]), ends=float(share[stop - 1]))
