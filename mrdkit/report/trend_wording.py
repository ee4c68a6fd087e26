"""MRD over time in the words of a report: one row per measurement, with its change since the day before.

A value below a limit is written with `<`, a change from or to it with its direction of bound. Nothing is left
out: what has no number says why.
"""

from dataclasses import dataclass
from datetime import date

from mrdkit.patient.mrd_points import level_of
from mrdkit.patient.mrd_records import MrdPoint, MrdStep, MrdTrend
from mrdkit.report.wording import NOTHING, decimal, fraction, signed

__all__ = ["agreement", "method_name", "seen", "trend_rows"]

_BOUNDS = {"exact": "", "at_least": "\u2265 ", "at_most": "\u2264 "}
_METHODS = {"flow": "Flow", "ngs": "Sequencing"}
_SEEN = {True: "found", False: "not found", None: "not known"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendRow:
    """One measurement as it is printed; the change is that since the last day with a place."""

    day: date | None
    visit: str
    result: str
    interval: str
    log10: str
    lod: str
    change: str
    doubling: str
    notes: tuple[str, ...]
    flags: tuple[str, ...]


def trend_rows(trend: MrdTrend) -> tuple[TrendRow, ...]:
    """Return the table of one series, in the order of its points."""
    steps = {step.to_on: step for step in trend.steps}
    return tuple(_row(point, _step_to(point, steps)) for point in trend.points)


def method_name(method: str) -> str:
    """Return a method as a heading."""
    return _METHODS[method]


def agreement(word: str) -> str:
    """Return what two methods say together, in words."""
    return word.replace("ngs", "sequencing").replace("_", " ")


def seen(answer: bool | None) -> str:  # noqa: FBT001  # a filter of templates
    """Return whether disease was found, in words."""
    return _SEEN[answer]


def _step_to(point: MrdPoint, steps: dict[date, MrdStep]) -> MrdStep | None:
    day = point.measurement.collected_on
    return steps.get(day) if day is not None and point.speaks_for_day else None


def _row(point: MrdPoint, step: MrdStep | None) -> TrendRow:
    measured = point.measurement
    return TrendRow(
        day=measured.collected_on,
        visit=measured.visit,
        result=_result(point),
        interval=_interval(point),
        log10=_log10(point),
        lod=fraction(measured.lod),
        change=_change(step),
        doubling=_doubling(step),
        notes=(*((point.reason,) if point.reason else ()), *(step.reasons if step else ())),
        flags=step.flags if step else (),
    )


def _result(point: MrdPoint) -> str:
    match point.state:
        case "detected":
            return fraction(point.measurement.fraction)
        case "not_detected":
            return f"< {fraction(level_of(point.measurement))}"
        case _:
            return point.state.replace("_", " ")


def _interval(point: MrdPoint) -> str:
    measured = point.measurement
    if point.state != "detected" or measured.ci_low is None or measured.ci_high is None:
        return NOTHING
    return f"{fraction(measured.ci_low)} to {fraction(measured.ci_high)}"


def _log10(point: MrdPoint) -> str:
    sign = "< " if point.state == "not_detected" else ""
    return NOTHING if point.log10 is None else f"{sign}{signed(point.log10)}"


def _change(step: MrdStep | None) -> str:
    if step is None or step.change_log10 is None or step.relation == "unknown":
        return NOTHING
    return f"{_BOUNDS[step.relation]}{signed(step.change_log10)}"


def _doubling(step: MrdStep | None) -> str:
    if step is None or step.doubling_days is None or step.doubling_relation is None:
        return NOTHING
    return f"{_BOUNDS[step.doubling_relation]}{decimal(step.doubling_days)}"
