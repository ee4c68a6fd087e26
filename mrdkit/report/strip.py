"""The quality strip of a tube: its rate and a few signals from the first event to the last.

The picture shows the course, the caption holds one line per check: no verdict hides in a picture.
Flagged stretches are dark bars with their check's name, and are shaded through all courses.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mrdkit.report.figures import Figure
from mrdkit.report.raster import DENSITY, DENSITY_STEPS, GRID, INK, OUTLINE, Canvas
from mrdkit.report.scales import Axis, nice_ticks
from mrdkit.report.wording import count, decimal, words

if TYPE_CHECKING:
    from mrdkit.flow.mrd.qc_strip import QcCourse, QcStrip, QcVerdict

__all__ = ["strip_figure"]

_WIDTH = 1800  # pixels; shown at half the size
_LEFT, _RIGHT = 300, 130  # room for names and for largest departures
_TOP, _BELOW = 8, 70
_RATE, _COURSE, _BAR, _GAP = 110, 76, 26, 10  # heights and the space between them
_TEXT, _SMALL = 22, 18
_LEAST_REACH = 0.5  # half the height of a course, unless a median stands farther off
_LONGEST_LABEL = 24  # characters

_UNITS = {"s": "seconds", "step": "steps of the clock", "events": "events in file order"}
_OUTCOMES = {"passed": "passed", "flagged": "FLAGGED", "not_assessable": "not assessable"}
_SHADE = DENSITY + 4


def strip_figure(strip: "QcStrip", *, specimen_id: str, input_sha256: str) -> Figure:
    """Draw the strip of one tube.

    Args:
        strip: what it shows.
        specimen_id: the specimen that it shows.
        input_sha256: the file that it shows.
    """
    checks = tuple(dict.fromkeys(stretch.check for stretch in strip.stretches))
    rate = 0 if strip.unit == "events" else _RATE + _GAP
    bars = _TOP + len(checks) * _BAR
    bottom = bars + rate + len(strip.courses) * (_COURSE + _GAP)
    canvas = Canvas(_WIDTH, bottom + _BELOW)
    _draw_stretches(canvas, strip, checks, bottom)
    if rate:
        _draw_rate(canvas, strip, bars)
    for number, course in enumerate(strip.courses):
        _draw_course(canvas, course, bars + rate + number * (_COURSE + _GAP))
    _draw_axis(canvas, strip, bottom)
    return Figure(
        specimen_id=specimen_id,
        input_sha256=input_sha256,
        section="quality",
        name="qc_strip",
        title="Quality of the measurement",
        caption=_caption(strip),
        png=canvas.png(),
    )


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _draw_stretches(canvas: Canvas, strip: "QcStrip", checks: Sequence[str], bottom: int) -> None:
    for stretch in strip.stretches:
        canvas.fill(_x(stretch.begins), _TOP, _x(stretch.ends), bottom, _SHADE)
    for row, check in enumerate(checks):
        top = _TOP + row * _BAR
        canvas.text(words(check), (_LEFT - 12, top + _BAR // 2), size=_SMALL, anchor="rm")
        for stretch in strip.stretches:
            if stretch.check == check:
                canvas.fill(_x(stretch.begins), top + 5, _x(stretch.ends), top + _BAR - 5, INK)


def _draw_rate(canvas: Canvas, strip: "QcStrip", top: int) -> None:
    highest = max(*strip.events, 1)
    n = len(strip.events)
    for number, events in enumerate(strip.events):
        if events:
            height = _RATE * events / highest
            left, right = _x(number / n), _x((number + 1) / n)
            canvas.fill(left, top + _RATE - height, right - 1, top + _RATE, DENSITY + DENSITY_STEPS - 1)
    _name(canvas, "events", top + _RATE // 2)
    canvas.text(f"up to {count(highest)}", (_WIDTH - _RIGHT + 12, top + _RATE // 2), size=_SMALL, anchor="lm")


def _draw_course(canvas: Canvas, course: "QcCourse", top: int) -> None:
    known = [abs(height) for height in course.heights if height is not None]
    middle = top + _COURSE / 2
    canvas.line([(_LEFT, middle), (_WIDTH - _RIGHT, middle)], GRID, 2)
    _name(canvas, course.channel, round(middle))
    reach = max([_LEAST_REACH, *known])
    n = len(course.heights)
    for points in _unbroken(course.heights):
        places = [(_x((k + 0.5) / n), middle - height / reach * (_COURSE / 2 - 2)) for k, height in points]
        canvas.line(places if len(places) > 1 else [places[0], places[0]], OUTLINE, 3)
    largest = f"\u00b1 {max(known):.2f}" if known else "no value"
    canvas.text(largest, (_WIDTH - _RIGHT + 12, round(middle)), size=_SMALL, anchor="lm")


def _unbroken(heights: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Return the pieces of a course between its empty bins."""
    pieces: list[list[tuple[int, float]]] = [[]]
    for number, height in enumerate(heights):
        if height is not None:
            pieces[-1].append((number, height))
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _draw_axis(canvas: Canvas, strip: "QcStrip", bottom: int) -> None:
    axis = Axis(low=0.0, high=max(strip.length, 1e-6), length=_WIDTH - _LEFT - _RIGHT)
    canvas.line([(_LEFT, bottom), (_WIDTH - _RIGHT, bottom)], INK, 2)
    for position, label in nice_ticks(axis):
        canvas.line([(_LEFT + position, bottom), (_LEFT + position, bottom + 7)], INK, 2)
        canvas.text(label, (round(_LEFT + position), bottom + 8), size=_SMALL, anchor="ma")
    canvas.text(_UNITS[strip.unit], (round(_x(0.5)), bottom + _BELOW - 4), size=_TEXT, anchor="md")


def _name(canvas: Canvas, name: str, middle: int) -> None:
    short = name if len(name) <= _LONGEST_LABEL else f"{name[: _LONGEST_LABEL - 1]}\u2026"
    canvas.text(short, (_LEFT - 12, middle), size=_TEXT, anchor="rm")


def _caption(strip: "QcStrip") -> str:
    length = "" if strip.unit == "events" else f" over {decimal(strip.length)} {_UNITS[strip.unit]}"
    drawn = (
        f"{count(strip.n_events)} events{length}, in {len(strip.events)} pieces. Lines: the mean of "
        "asinh(x / median of |x|), less its usual level, of forward scatter and of what moved most."
    )
    return "\n".join([drawn, *(_line(verdict) for verdict in strip.verdicts)])


def _line(verdict: "QcVerdict") -> str:
    return f"{words(verdict.check)}: {_OUTCOMES[verdict.outcome]}. {verdict.sentence}"
