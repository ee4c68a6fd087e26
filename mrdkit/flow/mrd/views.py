"""The pictures of a panel: per display the events, the gate drawn on them, the target events among them."""

import math

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError, RuleError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.engine import coordinates
from mrdkit.flow.gates import Box, Ellipsoid, Polygon
from mrdkit.flow.gating import GatingResult, apply_gating
from mrdkit.flow.mrd.panel import ALL_EVENTS, Display, Panel
from mrdkit.flow.strategy import FILE_MATRIX, UNCOMPENSATED, Dimension, Gate, ShapeGate
from mrdkit.flow.view import GateView

__all__ = ["gate_views"]

F64 = NDArray[np.float64]
Outline = tuple[tuple[float, float], ...]

_ELLIPSE_CORNERS = 72
_PLANE = 2


def gate_views(dataset: FcsDataset, panel: Panel) -> tuple[GateView, ...]:
    """Return the panel's displays of one tube, in the panel's order.

    Events without a finite coordinate are left out. A display whose columns are missing is left out, and so
    is every display of a tube that cannot be gated; the call itself says why.

    Raises:
        RuleError: the panel cannot be applied to any tube.
    """
    try:
        gating = apply_gating(dataset, panel.strategy)
    except RuleError:
        raise
    except InputError:
        return ()
    views = []
    for display in panel.rule.display:
        axes = (panel.axes[display.x], panel.axes[display.y])
        try:
            places = coordinates(dataset, panel.strategy, axes)
        except RuleError:
            raise
        except InputError:
            continue
        views.append(_view(display, panel, gating, axes, places))
    return tuple(views)


def _view(
    display: Display,
    panel: Panel,
    gating: GatingResult,
    axes: tuple[Dimension, Dimension],
    places: F64,
) -> GateView:
    x, y = places
    shown = np.isfinite(x) & np.isfinite(y)
    if display.population != ALL_EVENTS:
        shown &= gating.membership(display.population)
    highlighted = gating.membership(str(panel.rule.target_gate))[shown]
    gate = None
    if display.gate is not None:
        path = gating.paths[display.gate]
        gate = next(gate for gate in gating.strategy.gates if gate.path == path)
    return GateView(
        name=display.name,
        title=display.title,
        x_label=_label(axes[0]),
        y_label=_label(axes[1]),
        x=x[shown].astype(np.float32),
        y=y[shown].astype(np.float32),
        outline=() if gate is None else _outline(gate, axes, (x[shown], y[shown])),
        highlighted=highlighted,
        count=int(highlighted.sum()),
    )


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
    spread = [float(values.min()), float(values.max())] if len(values) else [0.0, 1.0]
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
