"""What is wrong with the measurement of one tube: every quality check, as a flag and as a mask of its events.

Order: the time axis, then what needs it (rate, gaps, clogs, drift), then what each event shows by itself
(ends of the scale, doublets, debris). Nothing is removed and no call is changed here; people see what was
found and how. Signals are followed in file order also where there is no time axis; where time says that the
file is not in the order of acquisition, nothing over time is told. Thresholds: reference/flow/quality.toml.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.quality_check import QualityCheck, not_assessable
from mrdkit.flow.quality_debris import debris
from mrdkit.flow.quality_doublets import doublets
from mrdkit.flow.quality_drift import signal_drift
from mrdkit.flow.quality_levels import Levels, levels_of, signal_columns
from mrdkit.flow.quality_margin import ChannelQuality, channel_quality, margin_events
from mrdkit.flow.quality_rate import Pace, clogs, flow_rate_course, gaps, pace_of
from mrdkit.flow.quality_rules import QualityRules, read_quality_rules
from mrdkit.flow.quality_time import TimeAxis, time_axis
from mrdkit.flow.runs import Runs, runs_of

__all__ = [
    "ChannelQuality",
    "QualityCheck",
    "QualityReport",
    "QualityRules",
    "channel_quality",
    "quality_report",
    "read_quality_rules",
]

_PACE_CHECKS = ("flow_rate", "gaps", "clogs")
_TOO_FEW = "The tube has too few events for runs to compare."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QualityReport:
    """The quality checks of one tube, in the order of the module's docstring.

    Attributes:
        n_events: events of the tube.
        rule_id: id of the thresholds.
        rule_version: their version.
        checks: one answer per check.
    """

    n_events: int
    rule_id: str
    rule_version: str
    checks: tuple[QualityCheck, ...]

    def __post_init__(self) -> None:
        """Refuse a mask that is not of this tube, and a name that stands twice."""
        if any(check.mask.shape != (self.n_events,) for check in self.checks):
            raise ValueError("a mask must have one entry per event")
        if len({check.name for check in self.checks}) != len(self.checks):
            raise ValueError("each check answers once")

    @property
    def flags(self) -> tuple[str, ...]:
        """Stable codes of all checks, each once."""
        return tuple(dict.fromkeys(flag for check in self.checks for flag in check.flags))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Sentences of the checks that did not pass."""
        found = (check.sentence for check in self.checks if check.outcome != "passed")
        return tuple(dict.fromkeys(found))

    def masks(self) -> dict[str, NDArray[np.bool_]]:
        """Return the flagged events (n_events,) of each check by its name."""
        return {check.name: check.mask for check in self.checks}


def quality_report(dataset: FcsDataset, rules: QualityRules) -> QualityReport:
    """Make every quality check on one tube; at most a few columns are decoded at a time.

    Args:
        dataset: the tube's events, as read.
        rules: the thresholds.
    """
    signals = signal_columns(dataset, rules.not_a_signal)
    # Numbers that no cytometer writes must not stop the checks; each check says what it cannot judge.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        checks = (
            *_over_time(dataset, signals, rules),
            _margin(dataset, signals, rules),
            doublets(dataset, rules.doublets),
            debris(dataset, rules.debris, rules.doublets),
        )
    return QualityReport(
        n_events=dataset.n_events, rule_id=rules.id, rule_version=rules.version, checks=checks
    )


def _margin(dataset: FcsDataset, signals: tuple[int, ...], rules: QualityRules) -> QualityCheck:
    if dataset.n_events and signals:
        return margin_events(dataset, signals, rules.margin)
    reason = "NO_SIGNAL" if dataset.n_events else "TOO_FEW_EVENTS"
    sentence = "There is no signal whose ends could be looked at."
    return not_assessable("margin", reason=reason, sentence=sentence, n_events=dataset.n_events)


def _over_time(dataset: FcsDataset, signals: tuple[int, ...], rules: QualityRules) -> Iterator[QualityCheck]:
    axis = time_axis(dataset, rules.time)
    yield axis.check
    by_events = runs_of(
        dataset.n_events, at_most=rules.runs.at_most, at_least_events=rules.runs.at_least_events
    )
    runs = by_events if by_events is not None and by_events.count >= rules.runs.fewest else None
    timed = None if runs is None else _timed_runs(axis, runs, rules)
    runs = timed or runs
    levels: list[Levels] = []
    if runs is not None and axis.in_order:
        levels = [levels_of(dataset, column, runs, rules.drift) for column in signals]
    if axis.time is not None and timed is not None:
        pace = pace_of(
            axis.time, timed, tick=axis.tick, unit=axis.unit, rate_rules=rules.flow_rate, gap_rules=rules.gaps
        )
        yield from _pace_checks(pace, levels, rules)
    else:
        reason, sentence = _no_pace(axis, runs)
        for name in _PACE_CHECKS:
            yield not_assessable(name, reason=reason, sentence=sentence, n_events=dataset.n_events)
    if runs is not None and levels:
        yield signal_drift(levels, runs, rules.drift)
    else:
        reason, sentence = _no_levels(axis, runs)
        yield not_assessable("signal_drift", reason=reason, sentence=sentence, n_events=dataset.n_events)


def _pace_checks(pace: Pace, levels: list[Levels], rules: QualityRules) -> Iterator[QualityCheck]:
    yield flow_rate_course(pace, rules.flow_rate)
    yield gaps(pace, rules.gaps)
    if levels:
        yield clogs(pace, levels, rules.clogs, rules.drift)
    else:
        sentence = "There is no signal that a clog could move."
        yield not_assessable("clogs", reason="NO_SIGNAL", sentence=sentence, n_events=pace.runs.n_events)


def _timed_runs(axis: TimeAxis, runs: Runs, rules: QualityRules) -> Runs | None:
    """Return runs that each last enough steps of the clock, None where too few are left."""
    if axis.time is None:
        return None
    lasting = float(axis.time[-1] - axis.time[0]) / (axis.tick * rules.runs.at_least_ticks)
    count = int(min(runs.count, lasting))
    if count < rules.runs.fewest:
        return None
    return Runs(n_events=runs.n_events, count=count, size=runs.n_events // count)


def _no_pace(axis: TimeAxis, runs: Runs | None) -> tuple[str, str]:
    if axis.check.reason is not None:
        return axis.check.reason, axis.check.sentence
    if runs is None:
        return "TOO_FEW_EVENTS", _TOO_FEW
    return "TIME_TOO_COARSE", "The steps of the clock are too coarse for a rate."


def _no_levels(axis: TimeAxis, runs: Runs | None) -> tuple[str, str]:
    if not axis.in_order and axis.check.reason is not None:
        return axis.check.reason, axis.check.sentence
    if runs is None:
        return "TOO_FEW_EVENTS", _TOO_FEW
    return "NO_SIGNAL", "There is no signal to follow."
