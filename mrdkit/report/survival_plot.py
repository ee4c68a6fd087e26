"""Survival curves with the numbers at risk below them, as one SVG without a plotting library.

This module decides where things stand; `templates/survival.svg` draws them. A figure says whom it is about,
and where a curve ends nobody was followed any longer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment

from mrdkit.cohort.curve import Curve
from mrdkit.cohort.groups import grouped
from mrdkit.cohort.landmark import Landmark, landmark_curves
from mrdkit.cohort.rules import analysis_rules
from mrdkit.cohort.survival import kaplan_meier
from mrdkit.cohort.survival_measures import times_of
from mrdkit.cohort.times import Clock, follow_up, follow_ups
from mrdkit.patient.records import PatientRecord

__all__ = ["SurvivalFigure", "draw_survival", "survival_curves"]

WIDTH, LEFT, RIGHT, TOP = 640.0, 92.0, 20.0, 38.0
PLOT_HEIGHT = 260.0
AXIS = 44.0  # room for the months and their name
LANE = 17.0  # one row of numbers at risk
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120)
MOST_TICKS = 9
MARK = 4.0  # half the height of a censoring mark
TITLES: Mapping[Clock, str] = {"os": "Overall survival", "rfs": "Relapse-free survival"}
ABOUT: Mapping[Clock, str] = {
    "os": "patients, from treatment start",
    "rfs": "responders, from the first response",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalFigure:
    """One drawing: its file name without suffix, what it shows, and whom it is about."""

    name: str
    title: str
    about: str
    svg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One group's curve: its path and marks in pixels, its place in the legend, its numbers at risk."""

    label: str
    style: int
    path: str
    marks: tuple[tuple[float, float, float], ...]
    at_risk: tuple[int, ...]
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Everything that the template needs; positions in pixels, y downward."""

    title: str
    about: str
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    lines: tuple[Line, ...]
    months: tuple[tuple[float, int], ...]
    percents: tuple[tuple[float, int], ...]


def survival_curves(
    records: Sequence[PatientRecord], clock: Clock, by: str | None = None
) -> dict[str, Curve]:
    """Return the curve of all patients, or of each group of a column.

    Raises:
        UsageError: no such column, or it has too many values.
    """
    rules = analysis_rules()
    ordered = sorted(records, key=lambda record: record.subject.subject_id)
    groups = {"all": ordered} if by is None else grouped(ordered, by, rules).groups
    return {
        name: kaplan_meier(
            times_of(follow_up(follow_ups(members, clock))), confidence=rules.estimate.confidence
        )
        for name, members in groups.items()
    }


def draw_survival(
    environment: Environment,
    records: Sequence[PatientRecord],
    *,
    by: str | None = None,
    landmark: Landmark | None = None,
) -> tuple[SurvivalFigure, ...]:
    """Draw overall and relapse-free survival; of a landmark, overall survival only. Nobody gives no figure.

    Raises:
        UsageError: no such column, or it has too many values.
    """
    if landmark is not None:
        clock_name = "from the landmark" if landmark.from_landmark else "from treatment start"
        told = f"patients under observation after day {landmark.day:g}, {clock_name}, by {landmark.exposure}"
        figures = [_figure(environment, "os", landmark_curves(records, landmark), told)]
    else:
        suffix = f", by {by}" if by else ""
        figures = [
            _figure(environment, clock, survival_curves(records, clock, by), ABOUT[clock] + suffix)
            for clock in TITLES
        ]
    return tuple(figure for figure in figures if figure is not None)


def _figure(
    environment: Environment, clock: Clock, curves: Mapping[str, Curve], told: str
) -> SurvivalFigure | None:
    filled = {name: curve for name, curve in curves.items() if curve.n}
    if not filled:
        return None
    about = f"{sum(curve.n for curve in filled.values())} {told}"
    drawing = _drawing(filled, TITLES[clock], about)
    svg = environment.get_template("survival.svg").render(d=drawing)
    return SurvivalFigure(name=clock, title=TITLES[clock], about=about, svg=svg)


def _drawing(curves: Mapping[str, Curve], title: str, about: str) -> Drawing:
    month = analysis_rules().time.days_per_month
    months = _months(max(curve.last_day for curve in curves.values()) / month)
    bottom = TOP + PLOT_HEIGHT

    def x(day: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * day / (months[-1] * month), 2)

    def y(survival: float) -> float:
        return round(bottom - PLOT_HEIGHT * survival, 2)

    return Drawing(
        title=title,
        about=about,
        width=WIDTH,
        height=bottom + AXIS + LANE * (len(curves) + 1),
        left=LEFT,
        right=WIDTH - RIGHT,
        top=TOP,
        bottom=bottom,
        lines=tuple(
            Line(
                label=name,
                style=index,
                path=" ".join(_path(curve, x, y)),
                marks=tuple(_marks(curve, x, y)),
                at_risk=tuple(curve.at_risk(number * month) for number in months),
                y=bottom + AXIS + LANE * (index + 1),
            )
            for index, (name, curve) in enumerate(curves.items())
        ),
        months=tuple((x(number * month), number) for number in months),
        percents=tuple((y(percent / 100.0), percent) for percent in range(0, 101, 20)),
    )


def _months(longest: float) -> tuple[int, ...]:
    """Return the ticks in months, the last at or beyond the longest time."""
    step = next((step for step in MONTH_STEPS if longest / step <= MOST_TICKS - 1), MONTH_STEPS[-1])
    last = max(1, -int(-longest // step))
    return tuple(step * index for index in range(last + 1))


def _path(curve: Curve, x: Callable[[float], float], y: Callable[[float], float]) -> Iterator[str]:
    yield f"M{x(0)} {y(1.0)}"
    for step in curve.steps:
        yield f"H{x(step.day)}"
        if step.events:
            yield f"V{y(step.survival)}"


def _marks(
    curve: Curve, x: Callable[[float], float], y: Callable[[float], float]
) -> Iterator[tuple[float, float, float]]:
    for step in curve.steps:
        if step.censored:
            yield x(step.day), y(step.survival) - MARK, y(step.survival) + MARK
