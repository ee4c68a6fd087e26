"""A gating strategy as values, whatever file format it came from: dimensions, gates, parents, references.

A gate is known by its path from the root. Its id is its name, or the path joined by "/" where the name
repeats. Parents and referenced gates stand before the gates that use them, so that one walk in order decides
everything and no cycle can exist.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from mrdkit.errors import RuleError
from mrdkit.flow.adaptive import Method, Mixture, Quantile, Reference, Singlet, Tail, Valley
from mrdkit.flow.compensation import CompensationLimits, SpilloverMatrix
from mrdkit.flow.gates import Box, Shape
from mrdkit.flow.transforms import Linear, Transform

__all__ = [
    "FILE_MATRIX",
    "UNCOMPENSATED",
    "Axis",
    "BooleanGate",
    "DataGate",
    "Dimension",
    "Gate",
    "GatePath",
    "GatingStrategy",
    "Operand",
    "RatioDimension",
    "ShapeGate",
    "columns_of",
    "dimensions_of",
    "references_of",
    "with_file_matrix",
]

FILE_MATRIX = "FCS"
UNCOMPENSATED = "uncompensated"

GatePath: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One axis of a gate: which column, which compensation, which display scale.

    Attributes:
        name: how results, plots and errors call it.
        by: whether the column is found by its marker ($PnS) or by its channel name ($PnN).
        spellings: names that may stand in the file; one column must answer to one of them.
        compensation: "FCS" (the file's own matrix), "uncompensated" or the id of a named matrix.
        transform: display scale; None leaves data units.
    """

    name: str
    by: Literal["marker", "channel"]
    spellings: tuple[str, ...]
    compensation: str
    transform: Transform | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioDimension:
    """The ratio of two columns, A * (numerator - B) / (denominator - C); Gating-ML 2.0, fratio.

    Attributes:
        name: how results, plots and errors call it.
        numerator: linear or compensated values above, without a scale of their own.
        denominator: the same below; where it equals C the event has no coordinate.
        A: factor.
        B: taken from the numerator.
        C: taken from the denominator.
        transform: display scale of the ratio; None leaves it as it is.
    """

    name: str
    numerator: Dimension
    denominator: Dimension
    A: float
    B: float
    C: float
    transform: Transform | None

    def __post_init__(self) -> None:
        """Refuse a ratio of values that already have a scale."""
        if self.numerator.transform is not None or self.denominator.transform is not None:
            raise ValueError("a ratio is of unscaled values; its scale stands on the ratio itself")


Axis: TypeAlias = Dimension | RatioDimension


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeGate:
    """A range, rectangle, polygon, ellipsoid or quadrant on its dimensions."""

    path: GatePath
    dimensions: tuple[Axis, ...]
    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand:
    """A referenced gate, or everything outside it."""

    path: GatePath
    complement: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanGate:
    """And, or, not over other gates, each taken with its own hierarchy."""

    path: GatePath
    operator: Literal["and", "or", "not"]
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataGate:
    """A gate whose shape is found in the events of its parent; see `mrdkit.flow.resolve`."""

    path: GatePath
    dimensions: tuple[Axis, ...]
    method: Method


Gate: TypeAlias = ShapeGate | BooleanGate | DataGate


@dataclass(frozen=True, slots=True, kw_only=True)
class GatingStrategy:
    """Gates in an order in which they can be evaluated, and what their dimensions refer to.

    Attributes:
        id: name of the strategy.
        version: version of its content.
        source: where it comes from.
        gates: parents and referenced gates first.
        matrices: named spillover matrices.
        limits: when a matrix is refused.
        expected_counts: events that the file's writer counted in a gate; () stands for all events.
        flags: stable codes of doubts about how the strategy was found or read.
        reasons: the same, and what was chosen, as sentences.

    Raises:
        RuleError: a gate is declared twice, before its parent or reference, or with an unknown matrix.
    """

    id: str
    version: str
    source: str
    gates: tuple[Gate, ...]
    matrices: Mapping[str, SpilloverMatrix]
    limits: CompensationLimits
    expected_counts: Mapping[GatePath, int] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be evaluated in order."""
        if not self.gates:
            raise RuleError("the strategy has no gate", code="STRATEGY_EMPTY")
        declared: dict[GatePath, Gate] = {}
        for gate in self.gates:
            _check_gate(gate, declared, self.matrices)
            declared[gate.path] = gate
        if len(set(self.ids.values())) != len(self.gates):
            raise RuleError(
                "two gates would have the same id",
                code="GATE_ID_AMBIGUOUS",
                remedy='rename the gate whose name holds "/"',
            )

    @property
    def ids(self) -> dict[GatePath, str]:
        """Return the id of every gate, in order."""
        names = Counter(gate.path[-1] for gate in self.gates)
        return {
            gate.path: gate.path[-1] if names[gate.path[-1]] == 1 else "/".join(gate.path)
            for gate in self.gates
        }

    @property
    def dimensions(self) -> tuple[Axis, ...]:
        """Return every dimension that a gate uses, once, in order of first use."""
        used = [dimension for gate in self.gates for dimension in dimensions_of(gate)]
        return tuple(dict.fromkeys(used))

    @property
    def columns(self) -> tuple[Dimension, ...]:
        """Return every column that a gate reads, once, in order of first use."""
        return tuple(dict.fromkeys(column for axis in self.dimensions for column in columns_of(axis)))


def dimensions_of(gate: Gate) -> tuple[Axis, ...]:
    """Return a gate's own dimensions; a boolean gate has none."""
    return () if isinstance(gate, BooleanGate) else gate.dimensions


def references_of(gate: Gate) -> tuple[GatePath, ...]:
    """Return the gates, besides its parent, that a gate is made of."""
    if isinstance(gate, BooleanGate):
        return tuple(operand.path for operand in gate.operands)
    if isinstance(gate, DataGate) and isinstance(gate.method, Reference):
        return gate.method.gates
    return ()


def with_file_matrix(strategy: GatingStrategy, matrix: SpilloverMatrix) -> GatingStrategy:
    """Return the strategy with a matrix in place of the one in the file, and a flag that says so."""
    return replace(
        strategy,
        matrices={**strategy.matrices, FILE_MATRIX: matrix},
        flags=(*strategy.flags, "SPILLOVER_REPLACED"),
    )


def columns_of(axis: Axis) -> tuple[Dimension, ...]:
    """Return the columns that an axis reads: itself, or both sides of a ratio."""
    return (axis.numerator, axis.denominator) if isinstance(axis, RatioDimension) else (axis,)


def _check_gate(
    gate: Gate, declared: Mapping[GatePath, Gate], matrices: Mapping[str, SpilloverMatrix]
) -> None:
    place = f"gate {'/'.join(gate.path)}"
    if not gate.path or not all(gate.path):
        raise RuleError("a gate needs a name", code="GATE_UNNAMED")
    if gate.path in declared:
        raise RuleError("the gate is declared twice", code="GATE_REPEATED", place=place)
    needed = [*references_of(gate), *([gate.path[:-1]] if len(gate.path) > 1 else [])]
    for path in needed:
        if path not in declared:
            raise RuleError(
                "a parent or referenced gate must stand before the gate that uses it",
                code="GATE_UNKNOWN",
                place=place,
                found="/".join(path),
            )
    if isinstance(gate, BooleanGate):
        _check_operands(gate, place)
    elif isinstance(gate, ShapeGate):
        _check_axes(gate, gate.shape.n_axes, place)
    else:
        _check_method(gate, declared, place)
    for dimension in (column for axis in dimensions_of(gate) for column in columns_of(axis)):
        if dimension.compensation not in {FILE_MATRIX, UNCOMPENSATED, *matrices}:
            raise RuleError(
                "the dimension names no known compensation",
                code="COMPENSATION_UNKNOWN",
                place=f"{place}, dimension {dimension.name}",
                expected=", ".join([FILE_MATRIX, UNCOMPENSATED, *matrices]),
                found=dimension.compensation,
            )


def _check_axes(gate: ShapeGate | DataGate, n_axes: int, place: str) -> None:
    if len(gate.dimensions) != n_axes:
        raise RuleError(
            "the gate's shape does not fit its dimensions",
            code="GATE_DIMENSIONS",
            place=place,
            expected=f"{n_axes} dimensions",
            found=str(len(gate.dimensions)),
        )


def _check_method(gate: DataGate, declared: Mapping[GatePath, Gate], place: str) -> None:
    match gate.method:
        case Valley() | Tail() | Quantile():
            _check_axes(gate, 1, place)
        case Mixture():
            _check_axes(gate, 2, place)
        case Singlet():
            _check_axes(gate, 2, place)
            for dimension in gate.dimensions:
                if not isinstance(dimension.transform, Linear | None):
                    raise RuleError(
                        "pulse height is proportional to pulse area on linear scales only",
                        code="SINGLET_SCALE",
                        place=f"{place}, dimension {dimension.name}",
                        expected="no scale, or a linear one",
                        found=dimension.transform.kind,
                    )
        case Reference():
            _check_reference(
                gate.dimensions, [declared[path] for path in gate.method.gates], gate.method, place
            )


def _check_reference(
    dimensions: tuple[Axis, ...], gates: Sequence[Gate], reference: Reference, place: str
) -> None:
    """Refuse a reference to a gate that has no shape of its own, no cut, or other axes."""
    for gate in gates:
        own = not (isinstance(gate, DataGate) and isinstance(gate.method, Reference))
        if isinstance(gate, BooleanGate) or not own or (reference.sides and not _has_one_cut(gate)):
            raise RuleError(
                "the gate cannot be referred to",
                code="REFERENCE_INVALID",
                place=place,
                expected="a gate that cuts one axis once" if reference.sides else "a gate with its own shape",
                found="/".join(gate.path),
            )
    axes = tuple(axis for gate in gates for axis in dimensions_of(gate))
    if axes != dimensions:
        raise RuleError(
            "a reference has the axes of the gates that it refers to",
            code="REFERENCE_AXES",
            place=place,
            expected=", ".join(axis.name for axis in axes),
            found=", ".join(axis.name for axis in dimensions),
        )


def _has_one_cut(gate: Gate) -> bool:
    if isinstance(gate, DataGate):
        return isinstance(gate.method, Valley | Tail | Quantile)
    if not isinstance(gate, ShapeGate) or not isinstance(gate.shape, Box) or gate.shape.n_axes != 1:
        return False
    return gate.shape.bounds[0].count(None) == 1


def _check_operands(gate: BooleanGate, place: str) -> None:
    single = gate.operator == "not"
    if len(gate.operands) < 1 or (single and len(gate.operands) != 1):
        raise RuleError(
            f'"{gate.operator}" does not fit the number of gates',
            code="GATE_OPERANDS",
            place=place,
            expected="one gate" if single else "at least one gate",
            found=str(len(gate.operands)),
        )
