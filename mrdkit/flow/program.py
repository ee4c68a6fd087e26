"""A strategy as a flat program: which columns to load, combine and scale, which gates to decide, in order.

Every column, compensated value and coordinate is computed once, just before the first gate that looks at it,
and only for events of the smallest population that holds the parents of all gates that do. Population 0 is
all events; gate i of the strategy is population i + 1.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.decode import Layout
from mrdkit.flow.gates import Box, Ellipsoid, Polygon, Shape
from mrdkit.flow.plan import Plan, Source
from mrdkit.flow.scale_form import ScaleCode
from mrdkit.flow.scaling import Scaling, scaling_of
from mrdkit.flow.strategy import (
    Axis,
    BooleanGate,
    DataGate,
    Gate,
    GatePath,
    RatioDimension,
    ShapeGate,
    columns_of,
)
from mrdkit.flow.transforms import Transform

__all__ = ["Code", "Program", "compiled"]

_ROOT: GatePath = ()


class Code(IntEnum):
    """Instructions of the kernel, beside those of ScaleCode."""

    LOAD = 0
    LINEAR = 1
    COMBINE = 2
    RATIO = 3
    BOX = 9
    POLYGON = 10
    ELLIPSOID = 11
    AND = 12
    OR = 13
    STORE = 14


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Program:
    """What the kernel runs.

    Attributes:
        ops: (n_instructions, 8) code, target, needed population, first, second, count, place of constants, 0.
        masks: bits that count of each integer column loaded.
        lists: slots and operands of instructions that take several.
        constants: all numbers.
        n_slots: columns of a tile.
        n_populations: gates and the population of all events.
        n_stored: coordinates given back.
        layout: how an event is stored.
    """

    ops: NDArray[np.int64] = field(repr=False)
    masks: NDArray[np.uint64] = field(repr=False)
    lists: NDArray[np.int64] = field(repr=False)
    constants: NDArray[np.float64] = field(repr=False)
    n_slots: int
    n_populations: int
    n_stored: int
    layout: Layout


def compiled(dataset: FcsDataset, plan: Plan, gates: Sequence[Gate], stored: Sequence[Axis] = ()) -> Program:
    """Compile gates, and axes whose coordinates are wanted for all events, against one data set.

    Raises:
        ValueError: the data set is packed in a way that the kernel cannot load.
    """
    layout = dataset.packed().layout
    scalings = [
        scaling_of(channel, dataset.text, integer=dataset.is_integer(position))
        for position, channel in enumerate(dataset.channels)
    ]
    assembler = _Assembler(plan, layout, scalings, _needs(plan, gates, stored))
    for gate in gates:
        assembler.add_gate(gate)
    for row, axis in enumerate(stored):
        assembler.add_store(axis, row)
    return assembler.program(n_populations=len(gates) + 1, n_stored=len(stored))


def _needs(plan: Plan, gates: Sequence[Gate], stored: Sequence[Axis]) -> Mapping[Hashable, GatePath]:
    """Return the smallest population for which each value is needed: its path from the root."""
    needs: dict[Hashable, GatePath] = {}

    def note(value: Hashable, path: GatePath) -> None:
        needs[value] = _common(needs[value], path) if value in needs else path

    def note_axis(axis: Axis, path: GatePath) -> None:
        note(axis, path)
        for column in columns_of(axis):
            source = plan.sources[column]
            note(source, path)
            if source.matrix is not None:
                for detector in plan.matrices[source.matrix].detectors:
                    note(Source(column=detector), path)

    for gate in gates:
        for axis in gate.dimensions if isinstance(gate, ShapeGate) else ():
            note_axis(axis, gate.path[:-1])
    for axis in stored:
        note_axis(axis, _ROOT)
    return needs


def _common(one: GatePath, other: GatePath) -> GatePath:
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return tuple(name for name, _ in pairs)


class _Assembler:
    """Collects instructions; hands each value a slot the first time it is asked for."""

    __slots__ = (
        "_constants",
        "_layout",
        "_lists",
        "_masks",
        "_n_constants",
        "_needs",
        "_ops",
        "_plan",
        "_rows",
        "_scalings",
        "_shared",
        "_slots",
    )

    def __init__(
        self,
        plan: Plan,
        layout: Layout,
        scalings: Sequence[Scaling],
        needs: Mapping[Hashable, GatePath],
    ) -> None:
        self._plan, self._layout, self._scalings, self._needs = plan, layout, scalings, needs
        self._rows: dict[GatePath, int] = {_ROOT: 0}
        self._slots: dict[Hashable, int] = {}
        self._shared: dict[Transform, tuple[ScaleCode, int, int]] = {}
        self._ops: list[tuple[int, ...]] = []
        self._lists: list[int] = []
        self._constants: list[NDArray[np.float64]] = [np.zeros(1)]
        self._n_constants = 1
        self._masks: list[int] = []

    def program(self, *, n_populations: int, n_stored: int) -> Program:
        """Return what was collected; no array is empty, so that the kernel may point at each."""
        return Program(
            ops=np.array(self._ops, dtype=np.int64).reshape(-1, 8),
            masks=np.array(self._masks or [0], dtype=np.uint64),
            lists=np.array(self._lists or [0], dtype=np.int64),
            constants=np.concatenate(self._constants),
            n_slots=max(len(self._slots), 1),
            n_populations=n_populations,
            n_stored=n_stored,
            layout=self._layout,
        )

    def add_gate(self, gate: Gate) -> None:
        """Add the instructions of one gate behind those of what it looks at."""
        if isinstance(gate, DataGate):
            raise TypeError("a data-driven gate is found before gates are compiled")
        need = self._rows[gate.path[:-1]]
        if isinstance(gate, BooleanGate):
            flip = gate.operator == "not"
            operands = [2 * self._rows[o.path] + (o.complement != flip) for o in gate.operands]
            code = Code.OR if gate.operator == "or" else Code.AND
            target = self._new_row(gate.path)
            self._emit(code, target=target, need=need, first=self._listed(operands), count=len(operands))
            return
        slots = [self._coordinates(axis) for axis in gate.dimensions]
        code, numbers, second = _geometry(gate.shape)
        self._emit(
            code,
            target=self._new_row(gate.path),
            need=need,
            first=self._listed(slots),
            second=second,
            count=len(slots),
            constant=self._placed(numbers),
        )

    def add_store(self, axis: Axis, row: int) -> None:
        """Give the coordinates of an axis back as a row."""
        self._emit(Code.STORE, target=row, need=0, first=self._coordinates(axis))

    def _new_row(self, path: GatePath) -> int:
        self._rows[path] = len(self._rows)
        return self._rows[path]

    def _coordinates(self, axis: Axis) -> int:
        if axis in self._slots:
            return self._slots[axis]
        if isinstance(axis, RatioDimension):
            slot = self._ratio(axis)
        else:
            slot = self._values(self._plan.sources[axis])
        if axis.transform is not None:
            code, count, constant = self._scale(axis.transform)
            slot = self._fill((axis, "scaled"), axis, code, first=slot, count=count, constant=constant)
        self._slots[axis] = slot
        return slot

    def _ratio(self, axis: RatioDimension) -> int:
        above = self._values(self._plan.sources[axis.numerator])
        below = self._values(self._plan.sources[axis.denominator])
        constant = self._placed((axis.A, axis.B, axis.C))
        return self._fill((axis, "ratio"), axis, Code.RATIO, first=above, second=below, constant=constant)

    def _values(self, source: Source) -> int:
        if source in self._slots:
            return self._slots[source]
        if source.matrix is None:
            return self._loaded(source)
        matrix = self._plan.matrices[source.matrix]
        detectors = [self._values(Source(column=column)) for column in matrix.detectors]
        weights = matrix.compensation.inverse[:, source.place]
        return self._fill(
            source,
            source,
            Code.COMBINE,
            first=self._listed(detectors),
            count=len(detectors),
            constant=self._placed(weights),
        )

    def _loaded(self, source: Source) -> int:
        column = self._layout.columns[source.column]
        self._masks.append(column.mask)
        slot = self._fill(
            source,
            source,
            Code.LOAD,
            first=self._layout.offsets[source.column],
            second=len(self._masks) - 1,
            count=column.kind,
        )
        scaling = self._scalings[source.column]
        if scaling.mode:
            need = self._rows[self._needs[source]]
            constant = self._placed(scaling.constants)
            self._emit(Code.LINEAR, target=slot, need=need, first=slot, count=scaling.mode, constant=constant)
        return slot

    def _fill(
        self,
        key: Hashable,
        value: Hashable,
        code: Code | ScaleCode,
        *,
        first: int,
        second: int = 0,
        count: int = 0,
        constant: int = 0,
    ) -> int:
        """Add an instruction that fills a new slot for the events that need the value."""
        slot = self._slots[key] = len(set(self._slots.values()))
        need = self._rows[self._needs[value]]
        self._emit(code, target=slot, need=need, first=first, second=second, count=count, constant=constant)
        return slot

    def _emit(
        self,
        code: Code | ScaleCode,
        *,
        target: int,
        need: int,
        first: int = 0,
        second: int = 0,
        count: int = 0,
        constant: int = 0,
    ) -> None:
        self._ops.append((code, target, need, first, second, count, constant, 0))

    def _listed(self, values: Sequence[int]) -> int:
        self._lists.extend(values)
        return len(self._lists) - len(values)

    def _placed(self, numbers: Sequence[float] | NDArray[np.float64]) -> int:
        self._constants.append(np.asarray(numbers, dtype=np.float64))
        self._n_constants += len(numbers)
        return self._n_constants - len(numbers)

    def _scale(self, transform: Transform) -> tuple[ScaleCode, int, int]:
        """Return a scale's code, how many constants it has, and where; each scale has them once."""
        if transform not in self._shared:
            form = transform.form()
            self._shared[transform] = form.code, len(form.constants), self._placed(form.constants)
        return self._shared[transform]


def _geometry(shape: Shape) -> tuple[Code, list[float], int]:
    """Return a shape's instruction, its numbers, and how many edges it has."""
    match shape:
        case Box(bounds=bounds):
            ends = [
                (-np.inf if low is None else low, np.inf if high is None else high) for low, high in bounds
            ]
            return Code.BOX, [end for pair in ends for end in pair], 0
        case Polygon(vertices=vertices):
            edges = _edges(vertices)
            return Code.POLYGON, [number for edge in edges for number in edge], len(edges)
        case Ellipsoid() as ellipsoid:
            inverse = np.linalg.inv(np.array(ellipsoid.covariance, dtype=np.float64))
            return Code.ELLIPSOID, [ellipsoid.distance_square, *ellipsoid.mean, *inverse.ravel()], 0


def _edges(vertices: Sequence[tuple[float, float]]) -> list[tuple[float, ...]]:
    """Return (x0, y0, dx, dy, lower y, upper y) of each edge that is not level.

    dx and dy change their signs where the edge falls, so that one test serves both directions.
    """
    edges: list[tuple[float, ...]] = []
    for (x0, y0), (x1, y1) in zip(vertices, [*vertices[1:], vertices[0]], strict=True):
        sign = 1.0 if y1 > y0 else -1.0
        if y0 != y1:
            edges.append((x0, y0, sign * (x1 - x0), sign * (y1 - y0), min(y0, y1), max(y0, y1)))
    return edges
