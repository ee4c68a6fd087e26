"""Why an event is in a gate or not: which gate dropped it, and where it lies on that gate's axes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.decode import PackedEvents
from mrdkit.flow.engine import coordinates
from mrdkit.flow.gating import GatingResult
from mrdkit.flow.strategy import dimensions_of

__all__ = ["GateTrace", "explain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateTrace:
    """What one gate makes of one event.

    Attributes:
        id: the gate.
        inside: whether the event is in it, hierarchy applied.
        dropped_by: the gate that dropped it: this one or the first above it; None where it is inside.
        coordinates: axis -> the event's display coordinate, None where it is not finite; empty for a boolean
            gate.
    """

    id: str
    inside: bool
    dropped_by: str | None
    coordinates: Mapping[str, float | None]


def explain(dataset: FcsDataset, result: GatingResult, event: int) -> tuple[GateTrace, ...]:
    """Trace one event through every gate, in the strategy's order.

    Args:
        dataset: the data set that was gated.
        result: its gating.
        event: number of the event, from 0.

    Raises:
        UsageError: there is no such event.
    """
    dropped_by = result.why(event)
    axes = result.strategy.dimensions
    places = coordinates(_single(dataset, event), result.strategy, axes)[:, 0] if axes else ()
    found = {axis: float(x) if math.isfinite(x) else None for axis, x in zip(axes, places, strict=True)}
    return tuple(
        GateTrace(
            id=gate_id,
            inside=dropped_by[gate_id] is None,
            dropped_by=dropped_by[gate_id],
            coordinates={axis.name: found[axis] for axis in dimensions_of(gate)},
        )
        for gate_id, gate in zip(result.paths, result.strategy.gates, strict=True)
    )


def _single(dataset: FcsDataset, event: int) -> FcsDataset:
    """Return the data set with one event only."""
    events = dataset.packed()
    width = events.layout.event_bytes
    raw = events.raw[event * width : (event + 1) * width]
    return replace(
        dataset,
        n_events=1,
        events=PackedEvents(raw=raw, n_events=1, layout=events.layout, check_source=events.check_source),
    )
