"""The time line of one patient: residual disease on a log scale, responses and therapy above it.

This module decides where things stand; `templates/timeline.svg` draws them. What was not detected stands as
an open triangle at the limit of its measurement, never at zero; what has no date or no value is listed.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from mrdkit.patient.mrd_points import level_of, state_of
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.records import Event, EventKind, PatientRecord
from mrdkit.patient.specimens import MARROW, material_of

__all__ = ["Label", "Point", "Tick", "Timeline", "place_timeline"]

WIDTH = 940.0
LEFT, RIGHT = 64.0, 16.0
LANE = 19.0  # height of one row of labels
PLOT_HEIGHT = 230.0
BELOW = 40.0  # room for the day axis
HIGHEST_DECADE, LOWEST_DECADE = 0, -7
CHARACTER = 6.4  # mean width of a label's letter
GAP = 8.0  # between two labels of one row
ASIDE = {"flow": -4.0, "ngs": 4.0}  # so that two methods on one day do not cover each other
MOST_TICKS = 9
BEFORE_TREATMENT = "BASELINE"  # flag of an assessment that answers nothing
DAY_STEPS = (1, 2, 5, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650)

LabelKind: TypeAlias = Literal["response", "therapy", "outcome"]

SHORT = {
    EventKind.COURSE_START: "course",
    EventKind.INOTUZUMAB: "InO",
    EventKind.BLINATUMOMAB: "Blina",
    EventKind.SCT: "SCT",
    EventKind.RELAPSE: "relapse",
    EventKind.DEATH: "death",
    EventKind.LAST_CONTACT: "last contact",
    EventKind.OFF_STUDY: "off study",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A word above the plot at one day; `end` is where its text ends, to the left of which it may begin."""

    x: float
    y: float
    text: str
    title: str
    kind: LabelKind
    anchor: Literal["start", "end"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One measurement; a censored one stands at its limit. Pixels, y downward."""

    x: float
    y: float
    low: float | None
    high: float | None
    censored: bool
    method: Literal["flow", "ngs"]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One mark of an axis."""

    position: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Everything that the drawing needs.

    Attributes:
        lines: per series its method and the polyline through its points; blood never joins marrow.
        unplaced: one sentence per measurement that has no place.
        origin: what day 0 is.
    """

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    labels: tuple[Label, ...]
    points: tuple[Point, ...]
    lines: tuple[tuple[str, str], ...]
    days: tuple[Tick, ...]
    decades: tuple[Tick, ...]
    unplaced: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True, order=True)
class _Entry:
    """A word to be placed above the plot."""

    day: date
    text: str
    title: str
    kind: LabelKind


@dataclass(frozen=True, slots=True)
class _Days:
    """The horizontal axis: a date has a pixel."""

    zero: date
    first: int
    last: int

    def x(self, day: date) -> float:
        span = max(self.last - self.first, 1)
        share = ((day - self.zero).days - self.first) / span
        return round(LEFT + 14 + share * (WIDTH - LEFT - RIGHT - 28), 1)


def place_timeline(record: PatientRecord) -> Timeline | None:
    """Return the drawing of one patient, None where nothing has a date."""
    axis = _days(record)
    if axis is None:
        return None
    labels, rows = _labels(record, axis)
    top = 12.0 + rows * LANE
    bottom = top + PLOT_HEIGHT
    placed = [measured for measured in record.mrd if _has_place(measured)]
    points = tuple(_point(measured, axis, top) for measured in placed)
    zero = "start of treatment" if record.subject.treatment_start else axis.zero.isoformat()
    return Timeline(
        width=WIDTH,
        height=bottom + BELOW,
        left=LEFT,
        right=WIDTH - RIGHT,
        top=top,
        bottom=bottom,
        labels=labels,
        points=points,
        lines=_lines(placed, points),
        days=_day_ticks(axis),
        decades=tuple(
            Tick(position=_y(10.0**decade, top), text="1" if decade == 0 else f"1e{decade}")
            for decade in range(LOWEST_DECADE, HIGHEST_DECADE + 1)
        ),
        unplaced=tuple(_unplaced(measured) for measured in record.mrd if not _has_place(measured)),
        origin=zero,
    )


def _days(record: PatientRecord) -> _Days | None:
    dated = [measured.collected_on for measured in record.mrd]
    dated += [response.marrow_date for response in record.responses]
    dated += [event.date for event in record.events if event.kind is not EventKind.LAST_CONTACT]
    known = [day for day in dated if day is not None]
    if not known:
        return None
    zero = record.subject.treatment_start or min(known)
    days = [(day - zero).days for day in known] + [0]
    return _Days(zero, min(days), max(days))


def _has_place(measured: MrdMeasurement) -> bool:
    return measured.collected_on is not None and level_of(measured) is not None


def _point(measured: MrdMeasurement, axis: _Days, top: float) -> Point:
    level = level_of(measured)
    if measured.collected_on is None or level is None:
        raise ValueError("a measurement without a day or a level has no place")
    detected = state_of(measured) == "detected"
    limits = [measured.ci_low, measured.ci_high] if detected else [None, None]
    low, high = (None if limit is None else _y(limit, top) for limit in limits)
    return Point(
        x=round(axis.x(measured.collected_on) + ASIDE[measured.method], 1),
        y=_y(level, top),
        low=low,
        high=high,
        censored=not detected,
        method=measured.method,
        title=f"{_name(measured)}, {_where(measured)}: {'' if detected else 'below '}{level:.1e}",
    )


def _name(measured: MrdMeasurement) -> str:
    return "flow" if measured.method == "flow" else "sequencing"


def _where(measured: MrdMeasurement) -> str:
    """Return the visit, and the material where it is not marrow."""
    material = material_of(measured.specimen_type)
    return measured.visit if material == MARROW else f"{measured.visit}, {material}"


def _unplaced(measured: MrdMeasurement) -> str:
    why = "date unknown" if measured.collected_on is None else "no value"
    words = ", ".join(f"{threshold} {word}" for threshold, word in measured.status.items())
    return f"{_name(measured)}, {_where(measured)}: {why} ({words})"


def _y(level: float, top: float) -> float:
    decade = math.log10(level) if level > 0.0 else LOWEST_DECADE
    decade = min(max(decade, LOWEST_DECADE), HIGHEST_DECADE)
    share = (HIGHEST_DECADE - decade) / (HIGHEST_DECADE - LOWEST_DECADE)
    return round(top + share * PLOT_HEIGHT, 1)


def _lines(placed: Sequence[MrdMeasurement], points: Sequence[Point]) -> tuple[tuple[str, str], ...]:
    series: dict[tuple[str, str], list[Point]] = {}
    for measured, point in zip(placed, points, strict=True):
        series.setdefault((measured.method, material_of(measured.specimen_type)), []).append(point)
    return tuple((method, _polyline(series[method, material])) for method, material in sorted(series))


def _polyline(points: Iterable[Point]) -> str:
    return " ".join(f"{point.x},{point.y}" for point in points)


def _labels(record: PatientRecord, axis: _Days) -> tuple[tuple[Label, ...], int]:
    """Return the words above the plot and how many rows they take; responses stand nearest to the plot."""
    happened = [
        _Entry(event.date, _short(event), f"{SHORT[event.kind]} {event.detail}".strip(), _kind(event))
        for event in record.events
        if event.kind is not EventKind.LAST_CONTACT
    ]
    answered = [
        _Entry(answer.marrow_date, answer.response, f"{answer.response}, {answer.visit}", "response")
        for answer in record.responses
        if answer.marrow_date is not None and BEFORE_TREATMENT not in answer.flags
    ]
    above, rows = _rows(happened, axis, first_row=0)
    nearest, rows = _rows(answered, axis, first_row=rows)
    return above + nearest, rows


def _short(event: Event) -> str:
    """Return one word, and for a course its number."""
    numbered = event.kind is EventKind.COURSE_START and event.detail.isalnum()
    return f"{SHORT[event.kind]} {event.detail}" if numbered else SHORT[event.kind]


def _kind(event: Event) -> LabelKind:
    return "outcome" if event.kind in {EventKind.RELAPSE, EventKind.DEATH} else "therapy"


def _rows(entries: Sequence[_Entry], axis: _Days, *, first_row: int) -> tuple[tuple[Label, ...], int]:
    """Place each word in the first row where it does not touch another."""
    ends: list[float] = []
    labels = []
    for entry in sorted(entries):
        x, width = axis.x(entry.day), len(entry.text) * CHARACTER
        anchor: Literal["start", "end"] = "end" if x + width > WIDTH - RIGHT else "start"
        start, end = (x - width, x) if anchor == "end" else (x, x + width)
        row = next((index for index, taken in enumerate(ends) if taken + GAP <= start), len(ends))
        ends[row : row + 1] = [end]
        labels.append(
            Label(
                x=x,
                y=14.0 + (first_row + row) * LANE,
                text=entry.text,
                title=f"{entry.title}, {entry.day.isoformat()}",
                kind=entry.kind,
                anchor=anchor,
            )
        )
    return tuple(labels), first_row + len(ends)


def _day_ticks(axis: _Days) -> tuple[Tick, ...]:
    span = max(axis.last - axis.first, 1)
    step = next((step for step in DAY_STEPS if span / step < MOST_TICKS), DAY_STEPS[-1])
    first = math.ceil(axis.first / step) * step
    return tuple(
        Tick(position=axis.x(date.fromordinal(axis.zero.toordinal() + day)), text=str(day))
        for day in range(first, axis.last + 1, step)
    )
