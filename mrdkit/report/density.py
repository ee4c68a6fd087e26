"""Density pictures of a gate: all events as a log-scaled density, the target events as opaque dots on top.

A residual cluster of a hundred among a million events cannot be seen in a density picture. So the target
events are drawn over it, one dot each, darker than the densest place. Their count stands above the plot, the
gate's beside its outline: a reviewer sees what was counted.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mrdkit.report.figures import Figure
from mrdkit.report.raster import DENSITY, DENSITY_STEPS, DOT, GRID, INK, OUTLINE, PAPER, Canvas, text_width
from mrdkit.report.scales import Axis, axis_over, clipped, nice_ticks
from mrdkit.report.wording import count, percent

if TYPE_CHECKING:
    from mrdkit.flow.view import GateView
    from mrdkit.results import GateCount

__all__ = ["density_figure"]

_SIDE = 600  # pixels; shown at half the size, so that print is sharp
_LEFT, _TOP, _PLOT = 92, 28, 480
_BIN = 2  # pixels per histogram bin
_TEXT, _SMALL = 22, 18
_DOT_RADIUS, _HALO_RADIUS = 2, 3  # a dot of 5 pixels is 2.5 on the page; the halo keeps it apart
_LONGEST_LABEL = 40  # characters
_HALF = 50.0  # percent


def density_figure(view: "GateView", *, specimen_id: str, input_sha256: str) -> Figure:
    """Draw one gate of one specimen.

    Events without a finite position cannot be drawn; the caption says how many. Events beyond the axes stand
    on their edge.

    Args:
        view: positions, gate outline and target events.
        specimen_id: the specimen that it shows.
        input_sha256: the file that it shows.
    """
    points = _Points(view.x, view.y)
    gated = view.highlighted
    across = axis_over(points.x, gated & points.finite, [corner[0] for corner in view.outline], _PLOT)
    upward = axis_over(points.y, gated & points.finite, [corner[1] for corner in view.outline], _PLOT)
    canvas = Canvas(_SIDE, _SIDE)
    _draw_density(canvas, points, across, upward)
    _draw_dots(canvas, points, gated, across, upward)
    _draw_frame(canvas, view, across, upward)
    _draw_gate(canvas, view, across, upward)
    return Figure(
        specimen_id=specimen_id,
        input_sha256=input_sha256,
        section=view.section,
        name=view.name,
        title=view.title,
        caption=_caption(view, points),
        png=canvas.png(),
    )


class _Points:
    """Positions with the events that have none set aside; `x`, `y`, `finite`: (n_events,)."""

    def __init__(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> None:
        self.x = x
        self.y = y
        self.finite: NDArray[np.bool_] = np.isfinite(x) & np.isfinite(y)
        self.all_finite = bool(self.finite.all())

    def cells(
        self, keep: NDArray[np.bool_] | None, across: Axis, upward: Axis, n: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return column and row (from the bottom) of the kept events on an n x n raster."""
        x, y = (self.x, self.y) if keep is None else (self.x[keep], self.y[keep])
        return across.cells(x, n), upward.cells(y, n)


def _draw_density(canvas: Canvas, points: _Points, across: Axis, upward: Axis) -> None:
    n = _PLOT // _BIN
    column, row = points.cells(None if points.all_finite else points.finite, across, upward, n)
    row *= n
    row += column
    counts = np.bincount(row, minlength=n * n).reshape(n, n)
    level = np.log1p(counts) / max(float(np.log1p(counts.max())), 1.0)
    shade = np.where(counts > 0, DENSITY + np.rint(level * (DENSITY_STEPS - 1)), PAPER).astype(np.uint8)
    picture = shade[::-1].repeat(_BIN, axis=0).repeat(_BIN, axis=1)
    canvas.pixels[_TOP : _TOP + _PLOT, _LEFT : _LEFT + _PLOT] = picture


def _draw_dots(canvas: Canvas, points: _Points, gated: NDArray[np.bool_], across: Axis, upward: Axis) -> None:
    column, row = points.cells(gated & points.finite, across, upward, _PLOT)
    for radius, colour in ((_HALO_RADIUS, PAPER), (_DOT_RADIUS, DOT)):
        for right in range(-radius, radius + 1):
            for down in range(-radius, radius + 1):
                if right * right + down * down <= radius * radius + 1:
                    canvas.pixels[_TOP + _PLOT - 1 - row + down, _LEFT + column + right] = colour


def _draw_frame(canvas: Canvas, view: "GateView", across: Axis, upward: Axis) -> None:
    right, bottom = _LEFT + _PLOT, _TOP + _PLOT
    for position, label in nice_ticks(across):
        x = _LEFT + position
        canvas.line([(x, bottom), (x, bottom + 7)], INK, 2)
        canvas.text(label, (round(x), bottom + 8), size=_SMALL, anchor="ma")
    for position, label in nice_ticks(upward):
        y = bottom - position
        canvas.line([(_LEFT - 7, y), (_LEFT, y)], INK, 2)
        canvas.text(label, (_LEFT - 8, round(y)), size=_SMALL, anchor="rm")
    corners: list[tuple[float, float]] = [(_LEFT, _TOP), (right, _TOP), (right, bottom), (_LEFT, bottom)]
    canvas.line([*corners, corners[0]], GRID, 2)
    canvas.text(f"target events: {count(view.count)}", (right, 0), size=_SMALL, anchor="ra")
    canvas.text(_short(view.x_label), (_LEFT + _PLOT // 2, _SIDE - 2), size=_TEXT, anchor="md")
    canvas.text(_short(view.y_label), (16, _TOP + _PLOT // 2), size=_TEXT, upright=True)


def _draw_gate(canvas: Canvas, view: "GateView", across: Axis, upward: Axis) -> None:
    corners = [(across.position(x), upward.position(y)) for x, y in view.outline]
    if len(corners) > 1:
        for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
            segment = clipped(start, end, float(_PLOT))
            if segment is not None:
                canvas.line([(_LEFT + x, _TOP + _PLOT - y) for x, y in segment], OUTLINE, 3)
    if view.gate is not None:
        _write_beside(canvas, f"{_short(view.gate.path[-1])} {_size(view.gate)}", corners)


def _size(gate: "GateCount") -> str:
    """Return the events of a gate and their share of its parent."""
    return count(gate.count) + (
        "" if gate.percent_of_parent is None else f" ({percent(gate.percent_of_parent)} %)"
    )


def _write_beside(canvas: Canvas, text: str, corners: list[tuple[float, float]]) -> None:
    """Write above the gate, or below it where there is no room, else inside; without an outline, top left."""
    inside = [(min(max(x, 0.0), _PLOT), min(max(y, 0.0), _PLOT)) for x, y in corners]
    left = min((x for x, _ in inside), default=8.0)
    top = max((y for _, y in inside), default=_PLOT - 40.0)
    bottom = min((y for _, y in inside), default=0.0)
    left = min(max(left, 4.0), _PLOT - 4.0 - text_width(text, _TEXT))
    height = _TEXT + 16
    if top + height <= _PLOT:
        y = _TOP + _PLOT - top - height + 2
    elif bottom >= height:
        y = _TOP + _PLOT - bottom + 6
    else:
        y = _TOP + _PLOT - top + 6.0
    canvas.text(text, (round(_LEFT + left), round(y)), size=_TEXT)


def _caption(view: "GateView", points: _Points) -> str:
    sentences = [_population(view.population)]
    if view.gate is not None:
        sentences.append(_population(view.gate))
    sentences.append(f"{count(view.count)} target events as dots over the density (log scale).")
    undrawn = len(points.x) - int(np.count_nonzero(points.finite))
    if undrawn:
        sentences.append(f"{count(undrawn)} events without a finite position are not drawn.")
    if view.section == "visible":
        sentences += _phenotype(view, points)
    return "\n".join(sentences)


def _population(gate: "GateCount") -> str:
    """Return a population, its events and their share of its parent."""
    if not gate.path:
        return f"All {count(gate.count)} events."
    parent = gate.path[-2] if len(gate.path) > 1 else "all events"
    return f"{gate.path[-1]}: {count(gate.count)} events, {percent(gate.percent_of_parent)} % of {parent}."


def _phenotype(view: "GateView", points: _Points) -> list[str]:
    """Return where the median target event stands among the other events of the population."""
    mine, others = view.highlighted & points.finite, ~view.highlighted & points.finite
    if not mine.any() or not others.any():
        return []
    ranks = (
        _rank(name, values[mine], values[others])
        for name, values in ((view.x_name, points.x), (view.y_name, points.y))
    )
    return [f"Median target event against the other events: {', '.join(ranks)}."]


def _rank(name: str, mine: NDArray[np.float32], others: NDArray[np.float32]) -> str:
    below = 100.0 * np.count_nonzero(others < np.median(mine)) / len(others)
    word, share = ("above", below) if below >= _HALF else ("below", 100.0 - below)
    return f"{name} {word} {share:.0f} %"


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "\u2026"
