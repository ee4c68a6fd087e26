"""Which points lie in which polygons: the gating engine on coordinates that are already at hand.

Edges are decided by the one kernel that gates files (ext/gates.pxd), so that a polygon drawn on coordinates
holds the same events when it is applied to the file they came from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import Channel, FcsDataset
from mrdkit.flow.engine import Populations, run
from mrdkit.flow.gates import Polygon
from mrdkit.flow.plan import Plan, Source
from mrdkit.flow.program import compiled
from mrdkit.flow.strategy import UNCOMPENSATED, Dimension, ShapeGate

__all__ = ["PlanePolygon", "populations_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanePolygon:
    """A polygon on two columns, counted from 0."""

    columns: tuple[int, int]
    polygon: Polygon


def populations_of(points: NDArray[np.float64], polygons: Sequence[PlanePolygon]) -> Populations:
    """Return the points (n_points, n_columns) in each polygon: row i + 1 belongs to polygon i."""
    dataset = _dataset(points)
    axes = [_axis(channel.name) for channel in dataset.channels]
    plan = Plan(
        sources={axis: Source(column=column) for column, axis in enumerate(axes)}, matrices={}, flags=()
    )
    gates = [
        ShapeGate(
            path=(str(number),),
            dimensions=tuple(axes[column] for column in plane.columns),
            shape=plane.polygon,
        )
        for number, plane in enumerate(polygons)
    ]
    return run(compiled(dataset, plan, gates), dataset.packed())


def _axis(name: str) -> Dimension:
    return Dimension(name=name, by="channel", spellings=(name,), compensation=UNCOMPENSATED, transform=None)


def _dataset(points: NDArray[np.float64]) -> FcsDataset:
    """Return the points as a data set whose channels are called by their numbers."""
    n_points, n_columns = points.shape
    return FcsDataset(
        index=0,
        version="3.1",
        cytometer=None,
        text={},
        channels=tuple(
            Channel(
                index=number,
                name=f"C{number}",
                label="",
                bits=64,
                range=1.0,
                amplification=(0.0, 0.0),
                gain=None,
            )
            for number in range(1, n_columns + 1)
        ),
        n_events=n_points,
        n_events_declared=None,
        data_type="D",
        byte_order="little",
        offsets_used="text",
        spillover=None,
        warnings=(),
        digest=str,
        events=points,
    )
