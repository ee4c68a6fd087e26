"""The time axis of one tube: which column, whether it rises with the events, where its counter began again.

One column only may be the time axis. A counter that falls from the end of its range to the beginning is
continued; one that falls elsewhere is not, since nobody knows how long the pause was. Events that stand
slightly behind an earlier one are flagged and take that one's time; many of them mean that the file is not in
the order of acquisition, and then nothing over time can be told. Limits: reference/flow/quality.toml.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.channel import Channel
from mrdkit.flow.columns import written_names
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.quality_check import QualityCheck, judged, not_assessable
from mrdkit.flow.quality_rules import TimeRules
from mrdkit.flow.scaling import is_time, scale, scale_warnings

__all__ = ["TimeAxis", "time_axis"]

F64 = NDArray[np.float64]

_NAME = "time_axis"
_FEWEST_EVENTS = 2  # a time passes between two
_LARGEST = 1e300  # a larger number is no time
_SMALLEST_COUNTER = 2.0
_NO_STEP = "TIMESTEP_MISSING"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimeAxis:
    """What the file tells of time.

    Attributes:
        check: the answer about the axis itself.
        time: (n_events,) never falling time in `unit`; None where there is none to trust.
        unit: "s", or "step" where the file gives no $TIMESTEP.
        tick: the smallest step of the clock that occurs, in `unit`.
        in_order: False where time says that the events are not in the order of acquisition.
    """

    check: QualityCheck
    time: F64 | None = field(default=None, repr=False)
    unit: str = "s"
    tick: float = 0.0
    in_order: bool = True


def time_axis(dataset: FcsDataset, rules: TimeRules) -> TimeAxis:
    """Find and judge the time axis of one tube."""
    columns = _columns(dataset, rules)
    problem = _unusable(dataset, columns)
    if problem is not None:
        return TimeAxis(check=problem)
    column = columns[0]
    channel, integer = dataset.channels[column], dataset.is_integer(column)
    stored = dataset.stored_columns([column])[0]
    period = _period(stored, channel, rules, integer=integer)
    n_wraps = _unwrap(stored, period) if period else 0
    unknown_unit = _unknown_unit(dataset, column)
    unit = "step" if unknown_unit else "s"
    if unit == "s":
        scale(stored, channel, dataset.text, integer=integer)
    time, behind = _never_falling(stored)
    percent_behind = 100.0 * float(behind.mean())
    if percent_behind > rules.backward_more_than_percent:
        return TimeAxis(check=_not_rising(dataset, channel, percent_behind), in_order=False)
    steps = np.diff(time)
    rising = steps[steps > 1.0 / _LARGEST]
    if not rising.size:
        return TimeAxis(check=_refused(dataset, "TIME_CONSTANT", f"{channel.name} does not change."))
    if _stands_still(time, rules):
        sentence = f"{channel.name} stands still or came to the end of its range while events were measured."
        return TimeAxis(check=_refused(dataset, "TIME_STANDS_STILL", sentence))
    tick = float(rising.min())
    n_behind = int(np.count_nonzero(behind))
    check = judged(
        _NAME,
        code="TIME_RUNS_BACKWARDS",
        mask=behind,
        more_than_percent=0.0,
        figures={
            "channel": channel.name,
            "unit": unit,
            "duration": float(time[-1] - time[0]),
            "tick": tick,
            "n_wraps": n_wraps,
            "counter_range": period,
            "n_behind": n_behind,
        },
        sentence=_sentence(channel, unit, n_wraps, n_behind),
        flags=(*(("TIME_WRAPPED",) if n_wraps else ()), *unknown_unit),
    )
    return TimeAxis(check=check, time=time, unit=unit, tick=tick)


def _columns(dataset: FcsDataset, rules: TimeRules) -> list[int]:
    named = [i for i, channel in enumerate(dataset.channels) if is_time(channel, dataset.text)]
    return named or [i for i, name in enumerate(written_names(dataset)) if name in rules.other_names]


def _unusable(dataset: FcsDataset, columns: list[int]) -> QualityCheck | None:
    """Return the answer where there is no single time axis; columns that agree in every event are one."""
    if not columns:
        return _refused(dataset, "TIME_MISSING", "The file has no time channel.")
    if dataset.n_events < _FEWEST_EVENTS:
        return _refused(dataset, "TOO_FEW_EVENTS", "No time passes between fewer than two events.")
    first = dataset.stored_columns(columns[:1])
    for column in columns[1:]:
        if not np.array_equal(first, dataset.stored_columns([column]), equal_nan=True):
            names = ", ".join(dataset.channels[c].name for c in columns)
            return _refused(dataset, "TIME_SEVERAL", f"Several time channels contradict each other: {names}.")
    return None


def _unknown_unit(dataset: FcsDataset, column: int) -> tuple[str, ...]:
    """Return the flag of a time axis whose steps have no known length, nothing where they have one."""
    channel = dataset.channels[column]
    if not is_time(channel, dataset.text):
        return ("TIME_UNIT_UNKNOWN",)
    warnings = scale_warnings([(channel, dataset.is_integer(column))], dataset.text)
    return (_NO_STEP,) if _NO_STEP in {warning.code for warning in warnings} else ()


def _refused(dataset: FcsDataset, reason: str, sentence: str) -> QualityCheck:
    return not_assessable(_NAME, reason=reason, sentence=sentence, n_events=dataset.n_events)


def _not_rising(dataset: FcsDataset, channel: Channel, percent: float) -> QualityCheck:
    sentence = f"{channel.name} does not rise with the events: {percent:.3g} % stand behind an earlier one."
    return _refused(dataset, "TIME_NOT_RISING", sentence)


def _period(stored: F64, channel: Channel, rules: TimeRules, *, integer: bool) -> int | None:
    """Return the range of a counter that began again, None where none did or nothing fits."""
    largest = float(stored[np.isfinite(stored)].max(initial=-math.inf))
    fitting = [period for period in _counters(channel, rules, integer=integer) if period > largest]
    if not fitting:
        return None
    period = min(fitting)
    falls = np.flatnonzero(np.diff(stored) < -period / 2)
    edge = period * rules.wrap_within_percent / 100.0
    at_end = (stored[falls] >= period - edge).all() and (stored[falls + 1] <= edge).all()
    return period if falls.size and at_end else None


def _counters(channel: Channel, rules: TimeRules, *, integer: bool) -> Iterator[int]:
    yield from rules.counter_values
    if channel.range >= _SMALLEST_COUNTER:
        own = 2 ** math.ceil(math.log2(channel.range))
        if integer or own == channel.range:
            yield own


def _unwrap(stored: F64, period: int) -> int:
    """Continue a counter that began again, in place; return how often it did."""
    steps = np.diff(stored)
    turns = np.cumsum((steps < -period / 2).astype(np.int64) - (steps > period / 2))
    stored[1:] += float(period) * turns
    return int(turns.max(initial=0))


def _never_falling(time: F64) -> tuple[F64, NDArray[np.bool_]]:
    """Return the latest time so far of each event, and which events stand behind it or have none."""
    known = np.where(np.abs(time) < _LARGEST, time, -math.inf)
    latest = np.maximum.accumulate(known)
    behind = known < latest
    behind |= ~np.isfinite(known)
    finite = latest[np.isfinite(latest)]
    latest[~np.isfinite(latest)] = finite[0] if finite.size else 0.0
    return latest, behind


def _stands_still(time: F64, rules: TimeRules) -> bool:
    """Tell whether far more events share one time than the others do."""
    changes = np.flatnonzero(np.diff(time, prepend=-math.inf))
    together = int(np.diff(changes, append=len(time)).max())
    usual = len(time) / len(changes)
    return (
        100.0 * together > rules.still_more_than_percent * len(time)
        and together > rules.still_more_than_ratio * usual
    )


def _sentence(channel: Channel, unit: str, n_wraps: int, n_behind: int) -> str:
    parts = [f"{channel.name} rises with the events"]
    if n_wraps:
        parts.append(f"its counter began again {n_wraps} times and was continued")
    if unit == "step":
        parts.append("its unit is not known")
    if n_behind:
        parts.append("some events stand behind an earlier one or have no time")
    return "; ".join(parts)
