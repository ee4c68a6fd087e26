"""Data-driven gates become plain ones: found in the events of their parent, then applied like any other.

What a search needs (its parent and all that this rests on) is gated first, once for all searches that are
ready together. So the engine only ever sees shapes, and a template costs one more gating per level of
searches within searches. A gate that cannot be found is refused by name: nothing is gated by a guess.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mrdkit.files.rules import read_rule
from mrdkit.flow.adaptive import DataGateRules, Reference
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.engine import coordinates
from mrdkit.flow.finding import Finding, found_in, referred
from mrdkit.flow.strategy import (
    Axis,
    DataGate,
    Gate,
    GatePath,
    GatingStrategy,
    ShapeGate,
    dimensions_of,
    references_of,
)

__all__ = ["Engine", "Memberships", "ResolvedStrategy", "resolve"]

Bool = NDArray[np.bool_]


class Memberships(Protocol):
    """What a search asks of a gating result."""

    def membership(self, gate_id: str) -> Bool:
        """Return (n_events,) membership of one gate."""


#: What applies a strategy of plain gates to a data set.
Engine = Callable[[FcsDataset, GatingStrategy], Memberships]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedStrategy:
    """A strategy of plain gates, and by gate id what was found for those that were not plain."""

    strategy: GatingStrategy
    findings: Mapping[str, Finding] = field(default_factory=dict)


def resolve(dataset: FcsDataset, strategy: GatingStrategy, engine: Engine) -> ResolvedStrategy:
    """Find every data-driven gate of a strategy in one data set.

    Raises:
        InputError: a parent holds too few events, what a gate looks for is not there, or the strategy does
            not fit the data set.
    """
    if not any(isinstance(gate, DataGate) for gate in strategy.gates):
        return ResolvedStrategy(strategy=strategy)
    findings: dict[GatePath, Finding] = {}
    gates: dict[GatePath, Gate] = {gate.path: gate for gate in strategy.gates}
    used = (dimensions_of(gate) for gate in strategy.gates if _looks(gate))
    axes = tuple(dict.fromkeys(chain.from_iterable(used)))
    columns = dict(zip(axes, coordinates(dataset, strategy, axes), strict=True))
    while waiting := [gate for gate in gates.values() if isinstance(gate, DataGate)]:
        found = _referred(waiting, gates)
        if not found:
            settled = _settled(gates)
            ready = [gate for gate in waiting if _looks(gate) and gate.path[:-1] in settled]
            parents = _parents(dataset, strategy, ready, gates, engine)
            found = _searched(ready, parents, columns)
        for path, finding in found.items():
            gates[path] = ShapeGate(path=path, dimensions=dimensions_of(gates[path]), shape=finding.shape)
        findings |= found
    ids = strategy.ids
    return ResolvedStrategy(
        strategy=replace(strategy, gates=tuple(gates.values())),
        findings={ids[path]: findings[path] for path in gates if path in findings},
    )


def _referred(waiting: list[DataGate], gates: Mapping[GatePath, Gate]) -> dict[GatePath, Finding]:
    """Return the references whose shapes are known by now."""
    found = {}
    for gate in waiting:
        if not isinstance(gate.method, Reference):
            continue
        others = (gates[path] for path in gate.method.gates)
        shapes = [other.shape for other in others if isinstance(other, ShapeGate)]
        if len(shapes) == len(gate.method.gates):
            found[gate.path] = referred(gate, gate.method, shapes)
    return found


def _looks(gate: Gate) -> bool:
    """Tell whether a gate is found by looking at events."""
    return isinstance(gate, DataGate) and not isinstance(gate.method, Reference)


def _searched(
    ready: list[DataGate], parents: Mapping[GatePath, Bool], columns: Mapping[Axis, NDArray[np.float64]]
) -> dict[GatePath, Finding]:
    """Return what is found for gates whose parents are known."""
    rules = read_rule("flow", "data_driven_gates", DataGateRules)
    return {
        gate.path: found_in([columns[axis][parents[gate.path[:-1]]] for axis in gate.dimensions], gate, rules)
        for gate in ready
    }


def _parents(
    dataset: FcsDataset,
    strategy: GatingStrategy,
    ready: list[DataGate],
    gates: Mapping[GatePath, Gate],
    engine: Engine,
) -> dict[GatePath, Bool]:
    """Return (n_events,) membership of every parent, by gating what they rest on and nothing else."""
    paths = {gate.path[:-1] for gate in ready}
    needed: set[GatePath] = set()
    for path, gate in reversed(list(gates.items())):
        if path in paths or path in needed:
            needed |= {path, path[:-1], *references_of(gate)}
    members: dict[GatePath, Bool] = {(): np.ones(dataset.n_events, dtype=np.bool_)}
    prefix = tuple(gate for path, gate in gates.items() if path in needed)
    if prefix:
        part = replace(strategy, gates=prefix)
        gated = engine(dataset, part)
        members |= {path: gated.membership(part.ids[path]) for path in paths if path}
    return members


def _settled(gates: Mapping[GatePath, Gate]) -> set[GatePath]:
    """Return the gates that are plain, with everything that they rest on."""
    settled: set[GatePath] = {()}
    for path, gate in gates.items():
        needed = {path[:-1], *references_of(gate)}
        if not isinstance(gate, DataGate) and needed <= settled:
            settled.add(path)
    return settled
