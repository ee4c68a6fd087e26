"""The pictures of a tube: the panel's gating step by step, then the visible gates, target events on all.

Nothing is gated here: gates and target events are those of the call.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError, RuleError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.engine import coordinates
from mrdkit.flow.gates import Box, Ellipsoid, Polygon
from mrdkit.flow.gating import GatingResult
from mrdkit.flow.mrd.panel import ALL_EVENTS, Display, Panel
from mrdkit.flow.strategy import FILE_MATRIX, UNCOMPENSATED, Dimension, Gate, GatePath, ShapeGate
from mrdkit.flow.view import GateView
from mrdkit.results import GateCount, VisibleGate

__all__ = ["gate_views"]

F64 = NDArray[np.float64]
Outline = tuple[tuple[float, float], ...]

_ELLIPSE_CORNERS = 72
_PLANE = 2


def gate_views(
    dataset: FcsDataset,
    panel: Panel,
    gating: GatingResult,
    target: NDArray[np.bool_],
    visible: Sequence[VisibleGate] = (),
) -> tuple[GateView, ...]:
    """Return the pictures of one tube: the panel's displays in its order, then one per visible gate.

    A display whose columns are missing is left out; the call itself says why.

    Args:
        dataset: the tube.
        panel: that it was gated with.
        gating: its gates, the visible ones nested below the lineage gate included.
        target: (n_events,) the target events.
        visible: the visible gates, outermost first; their axes are the panel's.

    Raises:
        RuleError: the panel cannot be applied to any tube.
        ValueError: the target is not of this tube, or a visible gate is no gate of the gating.
    """
    if target.shape != (gating.n_events,):
        raise ValueError(f"{gating.n_events} events but a target of shape {target.shape}")
    source = _Source(
        dataset=dataset,
        panel=panel,
        gating=gating,
        target=target,
        counts={gate.path: gate for gate in gating.gate_counts()},
    )
    views = (_gating_view(display, source) for display in panel.rule.display)
    return (*(view for view in views if view is not None), *_visible_views(visible, source))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Source:
    """What every picture of a tube is made from."""

    dataset: FcsDataset
    panel: Panel
    gating: GatingResult
    target: NDArray[np.bool_]
    counts: Mapping[GatePath, GateCount]

    def counted(self, gate_id: str) -> GateCount:
        """Return a population with its count."""
        if gate_id != ALL_EVENTS:
            return self.counts[self.gating.paths[gate_id]]
        n = self.gating.n_events
        return GateCount(id=ALL_EVENTS, path=(), count=n, percent_of_parent=None, percent_of_total=None)

    def inside(self, gate_id: str) -> NDArray[np.bool_]:
        """Return (n_events,) membership of a population."""
        if gate_id == ALL_EVENTS:
            return np.ones(self.gating.n_events, dtype=np.bool_)
        return self.gating.membership(gate_id)


def _gating_view(display: Display, source: _Source) -> GateView | None:
    """Return one display, None where the tube lacks one of its columns."""
    axes = (source.panel.axes[display.x], source.panel.axes[display.y])
    try:
        places = coordinates(source.dataset, source.panel.strategy, axes)
    except RuleError:
        raise
    except InputError:
        return None
    inside = source.inside(display.population)
    x, y = places[:, inside]
    gate: GateCount | None = None
    outline: Outline = ()
    if display.gate is not None:
        gate = source.counted(display.gate)
        outline = _outline(_gate_at(gate.path, source.gating), axes, (x, y))
    return GateView(
        section="gating",
        name=display.name,
        title=display.title,
        x_name=display.x,
        y_name=display.y,
        x_label=_label(axes[0]),
        y_label=_label(axes[1]),
        x=_narrowed(x),
        y=_narrowed(y),
        population=source.counted(display.population),
        gate=gate,
        outline=outline,
        highlighted=source.target[inside],
    )


def _gate_at(path: GatePath, gating: GatingResult) -> Gate:
    return next(gate for gate in gating.strategy.gates if gate.path == path)


def _visible_views(visible: Sequence[VisibleGate], source: _Source) -> Iterator[GateView]:
    """Yield one view per visible gate: the events of the lineage gate, its polygon, the target events."""
    rules = source.panel.rule.detection
    if rules is None or not visible:
        return
    inside = source.inside(rules.lineage_gate)
    path = source.gating.paths[rules.lineage_gate]
    for number, polygon in enumerate(visible, start=1):
        axes = (source.panel.axes[polygon.x], source.panel.axes[polygon.y])
        x, y = coordinates(source.dataset, source.panel.strategy, axes)[:, inside]
        path = (*path, f"visible_{number}")
        if path not in source.counts:
            raise ValueError(f"no gate {'/'.join(path)} in this tube")
        yield GateView(
            section="visible",
            name=path[-1],
            title=f"{polygon.x} and {polygon.y}",
            x_name=polygon.x,
            y_name=polygon.y,
            x_label=_label(axes[0]),
            y_label=_label(axes[1]),
            x=_narrowed(x),
            y=_narrowed(y),
            population=source.counted(rules.lineage_gate),
            gate=source.counts[path],
            outline=(*polygon.vertices, polygon.vertices[0]),
            highlighted=source.target[inside],
        )


def _narrowed(places: F64) -> NDArray[np.float32]:
    """Return places as float32; what is beyond it becomes infinite and has no place."""
    with np.errstate(over="ignore"):
        return places.astype(np.float32)


def _label(axis: Dimension) -> str:
    """Return the axis title: its marker or channel and how its numbers came about."""
    parts = [] if axis.compensation == UNCOMPENSATED else ["compensated"]
    if axis.compensation not in (UNCOMPENSATED, FILE_MATRIX):
        parts = [f"compensated by {axis.compensation}"]
    if axis.transform is not None:
        parts.append(axis.transform.kind)
    return f"{axis.spellings[0]} ({', '.join(parts)})" if parts else axis.spellings[0]


def _outline(gate: Gate, axes: tuple[Dimension, Dimension], shown: tuple[F64, F64]) -> Outline:
    """Return the closed outline of a gate that lies in this plane, empty for any other gate."""
    if not isinstance(gate, ShapeGate):
        return ()
    places = [gate.dimensions.index(axis) if axis in gate.dimensions else None for axis in axes]
    if places == [None, None]:
        return ()
    match gate.shape:
        case Box(bounds=bounds):
            sides = [
                _side(None if place is None else bounds[place], values)
                for place, values in zip(places, shown, strict=True)
            ]
            (left, right), (low, high) = sides
            corners = [(left, low), (right, low), (right, high), (left, high)]
        case Polygon(vertices=vertices) if None not in places:
            corners = [(vertex[places[0] or 0], vertex[places[1] or 0]) for vertex in vertices]
        case Ellipsoid() as ellipsoid if None not in places and ellipsoid.n_axes == _PLANE:
            corners = _ellipse(ellipsoid, (places[0] or 0, places[1] or 0))
        case _:
            return ()
    return (*corners, corners[0])


def _side(bounds: tuple[float | None, float | None] | None, values: F64) -> tuple[float, float]:
    """Return two finite ends: a missing bound is drawn at the edge of the events or of the gate."""
    low, high = bounds or (None, None)
    given = [bound for bound in (low, high) if bound is not None]
    placed = values[np.isfinite(values)]
    spread = [float(placed.min()), float(placed.max())] if len(placed) else [0.0, 1.0]
    return (
        min(*spread, *given) if low is None else low,
        max(*spread, *given) if high is None else high,
    )


def _ellipse(ellipsoid: Ellipsoid, places: tuple[int, int]) -> list[tuple[float, float]]:
    """Return points of mean + sqrt(distance_square) * L u with C = L L' and u on the unit circle."""
    lower = np.linalg.cholesky(np.array(ellipsoid.covariance)) * math.sqrt(ellipsoid.distance_square)
    angles = np.linspace(0.0, 2.0 * math.pi, _ELLIPSE_CORNERS, endpoint=False)
    points = np.array(ellipsoid.mean) + np.column_stack([np.cos(angles), np.sin(angles)]) @ lower.T
    return [(float(point[places[0]]), float(point[places[1]])) for point in points]
