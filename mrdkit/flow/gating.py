"""Apply a gating strategy: one walk over the gates, block by block, every child on its parent's events only.

An event whose coordinate is not finite (NaN, infinity, the logarithm of a negative value) is outside the gate
and also outside its complement, since neither is known; such events are counted per gate. Results do not
depend on the size of a block.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import UsageError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.finding import Finding
from mrdkit.flow.gates import contains
from mrdkit.flow.plan import Block, plan_of
from mrdkit.flow.resolve import resolve
from mrdkit.flow.strategy import BooleanGate, DataGate, Gate, GatePath, GatingStrategy, ShapeGate
from mrdkit.results import GateCount

__all__ = ["GatingResult", "apply_gating"]

Bool = NDArray[np.bool_]

BLOCK = 8192  # events; a block's columns stay in the second-level cache


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GatingResult:
    """Which event lies in which gate, hierarchy applied.

    Attributes:
        n_events: events of the data set.
        counts: gate id -> events in it, in the strategy's order.
        not_finite: gate id -> events of its parent without finite coordinates on what the gate looks at.
        flags: doubts about the compensation, NOT_FINITE_EVENTS, and doubts of the data-driven gates.
        strategy: the plain gates that were applied, those found in the data included.
        findings: gate id -> how a data-driven gate came about.
    """

    n_events: int
    counts: Mapping[str, int]
    not_finite: Mapping[str, int]
    flags: tuple[str, ...]
    strategy: GatingStrategy = field(repr=False)
    findings: Mapping[str, Finding] = field(repr=False)
    paths: Mapping[str, GatePath] = field(repr=False)
    members: Bool = field(repr=False)

    def membership(self, gate_id: str) -> Bool:
        """Return (n_events,) membership of one gate; read-only.

        Raises:
            UsageError: there is no gate of this id.
        """
        if gate_id not in self.paths:
            raise UsageError(
                "no gate of this id", code="GATE_UNKNOWN", found=gate_id, expected=", ".join(self.paths)
            )
        row: Bool = self.members[list(self.paths).index(gate_id)]
        row.flags.writeable = False
        return row

    def gate_counts(self) -> tuple[GateCount, ...]:
        """Return every gate with its share of its parent and of all events; None where there are none."""
        by_path = {path: self.counts[gate_id] for gate_id, path in self.paths.items()}
        return tuple(
            GateCount(
                id=gate_id,
                path=path,
                count=self.counts[gate_id],
                percent_of_parent=_percent(self.counts[gate_id], by_path.get(path[:-1], self.n_events)),
                percent_of_total=_percent(self.counts[gate_id], self.n_events),
            )
            for gate_id, path in self.paths.items()
        )


def apply_gating(dataset: FcsDataset, strategy: GatingStrategy) -> GatingResult:
    """Gate one data set; gates that are to be found in the data are found first.

    Raises:
        InputError: a column is missing or ambiguous, a matrix does not fit the file or is refused, or a
            data-driven gate is not found or has too few events.
        RuleError: a dimension is no fluorochrome of the matrix that it names.
    """
    resolved = resolve(dataset, strategy, _gated)
    doubts = (flag for finding in resolved.findings.values() for flag in finding.flags)
    gated = _gated(dataset, resolved.strategy)
    flags = tuple(dict.fromkeys((*gated.flags, *doubts)))
    return replace(gated, flags=flags, findings=resolved.findings)


def _gated(dataset: FcsDataset, strategy: GatingStrategy) -> GatingResult:
    """Apply a strategy of plain gates."""
    plan = plan_of(dataset, strategy, strategy.dimensions)
    linear = dataset.linear()
    members = np.zeros((len(strategy.gates), dataset.n_events), dtype=np.bool_)
    not_finite = np.zeros(len(strategy.gates), dtype=np.int64)
    for start in range(0, dataset.n_events, BLOCK):
        walk = _Walk(Block(plan, linear[start : start + BLOCK]), len(linear[start : start + BLOCK]))
        for row, gate in enumerate(strategy.gates):
            members[row, start : start + BLOCK] = walk.enter(gate)
            not_finite[row] += walk.n_not_finite(gate)
    ids = list(strategy.ids.values())
    flags = (*plan.flags, *(["NOT_FINITE_EVENTS"] if not_finite.any() else []))
    return GatingResult(
        n_events=dataset.n_events,
        counts=dict(zip(ids, (int(count) for count in members.sum(axis=1)), strict=True)),
        not_finite=dict(zip(ids, (int(count) for count in not_finite), strict=True)),
        flags=flags,
        strategy=strategy,
        findings={},
        paths={gate_id: path for path, gate_id in strategy.ids.items()},
        members=members,
    )


class _Walk:
    """The gates of one block, in order; remembers members and undecidable events of each."""

    __slots__ = ("_block", "_members", "_undefined")

    def __init__(self, block: Block, n_events: int) -> None:
        self._block = block
        self._members: dict[GatePath, Bool] = {(): np.ones(n_events, dtype=np.bool_)}
        self._undefined: dict[GatePath, Bool | None] = {(): None}

    def enter(self, gate: Gate) -> Bool:
        """Return the gate's members in this block."""
        parent = self._members[gate.path[:-1]]
        match gate:
            case ShapeGate():
                members, undefined = self._inside(gate, parent)
            case BooleanGate():
                members, undefined = self._combined(gate, parent)
            case DataGate():
                raise TypeError("a data-driven gate is found before gates are applied")
        self._members[gate.path] = members
        self._undefined[gate.path] = _either(undefined, self._undefined[gate.path[:-1]])
        return members

    def n_not_finite(self, gate: Gate) -> int:
        """Return how many of the parent's events are undecidable for this gate."""
        undefined = self._undefined[gate.path]
        return 0 if undefined is None else int((undefined & self._members[gate.path[:-1]]).sum())

    def _inside(self, gate: ShapeGate, parent: Bool) -> tuple[Bool, Bool | None]:
        if not parent.any():
            return parent, None
        columns = [self._block.coordinates(dimension) for dimension in gate.dimensions]
        members = contains(gate.shape, columns, parent)
        finite = np.logical_and.reduce([np.isfinite(column) for column in columns])
        return members, None if finite.all() else parent & ~finite

    def _combined(self, gate: BooleanGate, parent: Bool) -> tuple[Bool, Bool | None]:
        values = [
            ~self._members[operand.path] if operand.complement else self._members[operand.path]
            for operand in gate.operands
        ]
        match gate.operator:
            case "and":
                members = np.logical_and.reduce(values)
            case "or":
                members = np.logical_or.reduce(values)
            case "not":
                members = ~values[0]
        undefined = reduce(_either, (self._undefined[operand.path] for operand in gate.operands))
        members = members & parent
        return (members if undefined is None else members & ~undefined), undefined


def _either(one: Bool | None, other: Bool | None) -> Bool | None:
    if one is None or other is None:
        return other if one is None else one
    return np.asarray(one | other)


def _percent(count: int, total: int) -> float | None:
    return 100.0 * count / total if total else None
