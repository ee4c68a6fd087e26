"""From a template's records to a gating strategy, and from a file of any kind to the strategy in it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mrdkit.errors import InputError, RuleError, UsageError
from mrdkit.files import sha256_of
from mrdkit.files.rules import Rule, read_rule, rule_from_toml
from mrdkit.flow.compensation import CompensationLimits, SpilloverMatrix
from mrdkit.flow.flowjo import read_flowjo
from mrdkit.flow.gates import Box, Ellipsoid, Polygon, Shape
from mrdkit.flow.gatingml import read_gatingml
from mrdkit.flow.gatingml_names import gating as gating_name
from mrdkit.flow.strategy import (
    Axis,
    BooleanGate,
    DataGate,
    Dimension,
    Gate,
    GatePath,
    GatingStrategy,
    Operand,
    RatioDimension,
    ShapeGate,
)
from mrdkit.flow.template import (
    NO_SCALE,
    BooleanEntry,
    Divider,
    EllipseEntry,
    Entry,
    Gating,
    GatingTemplate,
    PolygonEntry,
    Quadrant,
    QuadrantEntry,
    RectangleEntry,
    cell_of,
)
from mrdkit.flow.template_data_gates import DataGateEntry, ReferenceEntry
from mrdkit.flow.transforms import Transform
from mrdkit.flow.xml_input import read_xml

__all__ = ["dimension_of", "load_gating", "strategy_from"]

_XML = frozenset({".xml", ".wsp"})
_COMPLEMENT = "!"


def load_gating(
    path: str | Path, *, sample: str | None = None, file_names: Sequence[str] = ()
) -> GatingStrategy:
    """Read a gating strategy: Gating-ML 2.0 (.xml), a FlowJo 10 workspace (.wsp), or a template (.toml).

    Args:
        path: the strategy.
        sample: which sample of a workspace is meant, where its name does not tell.
        file_names: names of the FCS file that is to be gated (its own, its $FIL), to find its sample.

    Raises:
        RuleError: the strategy is not complete and exact, or cannot be honoured exactly.
        InputError: the file cannot be read, or is no strategy.
        UsageError: it is not clear which sample of a workspace is meant.
    """
    path = Path(path)
    try:
        if path.suffix.lower() in _XML:
            return _from_xml(path, sample, file_names)
        if sample is not None:
            raise _no_sample()
        template = rule_from_toml(path, GatingTemplate)
        return strategy_from(template.gating, template)
    except (InputError, UsageError) as error:
        raise error.in_file(path) from None


def _from_xml(path: Path, sample: str | None, file_names: Sequence[str]) -> GatingStrategy:
    root = read_xml(path)
    version = sha256_of(path)
    if root.tag == gating_name("Gating-ML"):
        if sample is not None:
            raise _no_sample()
        return read_gatingml(root, strategy_id=path.stem, version=version)
    if root.tag == "Workspace":
        return read_flowjo(root, strategy_id=path.stem, version=version, sample=sample, file_names=file_names)
    raise InputError(
        "the XML file is no gating strategy",
        code="XML_UNKNOWN",
        expected="a Gating-ML 2.0 document or a FlowJo 10 workspace",
        found=str(root.tag)[:80],
    )


def _no_sample() -> UsageError:
    return UsageError(
        "only a FlowJo workspace holds samples",
        code="SAMPLE_NOT_USED",
        place="--sample",
        remedy="leave --sample out",
    )


def strategy_from(gating: Gating, rule: Rule) -> GatingStrategy:
    """Return the strategy of a template or of a panel's inline gating.

    Raises:
        RuleError: an axis, scale, matrix or gate is named that does not exist, or a shape is impossible.
    """
    gates: list[Gate] = []
    for entry in gating.gate:
        gates.extend(_gates_of(entry, gating, [gate.path for gate in gates]))
    return GatingStrategy(
        id=rule.id,
        version=rule.version,
        source=rule.source,
        gates=tuple(gates),
        matrices={
            name: SpilloverMatrix(
                fluorochromes=matrix.fluorochromes,
                detectors=matrix.detectors,
                coefficients=matrix.coefficients,
            )
            for name, matrix in gating.matrix.items()
        },
        limits=read_rule("flow", "compensation", CompensationLimits),
    )


def dimension_of(gating: Gating, name: str, *, place: str) -> Dimension:
    """Return one named axis as a dimension.

    Raises:
        RuleError: the axis or its scale is not declared.
    """
    axis = gating.axis.get(name)
    if axis is None:
        raise RuleError("no axis of this name", code="AXIS_UNKNOWN", place=place, found=name)
    own = axis.marker if axis.marker is not None else str(axis.channel)
    return Dimension(
        name=name,
        by="marker" if axis.marker is not None else "channel",
        spellings=(own, *axis.labels),
        compensation=axis.compensation,
        transform=_scale_named(gating, axis.scale, place=f"axis {name}"),
    )


def _axis_of(gating: Gating, name: str, *, place: str) -> Axis:
    """Return one named axis or ratio."""
    ratio = gating.ratio.get(name)
    if ratio is None:
        return dimension_of(gating, name, place=place)
    return RatioDimension(
        name=name,
        numerator=dimension_of(gating, ratio.numerator, place=f"ratio {name}"),
        denominator=dimension_of(gating, ratio.denominator, place=f"ratio {name}"),
        A=ratio.A,
        B=ratio.B,
        C=ratio.C,
        transform=_scale_named(gating, ratio.scale, place=f"ratio {name}"),
    )


def _scale_named(gating: Gating, name: str, *, place: str) -> Transform | None:
    if name != NO_SCALE and name not in gating.scale:
        raise RuleError(
            "no scale of this name",
            code="SCALE_UNKNOWN",
            place=place,
            expected=", ".join([NO_SCALE, *gating.scale]),
            found=name,
        )
    return gating.scale.get(name)


def _gates_of(entry: Entry, gating: Gating, declared: Sequence[GatePath]) -> Iterator[Gate]:
    place = "quadrant" if isinstance(entry, QuadrantEntry) else f"gate {entry.name}"
    parent = () if entry.parent is None else _path_named(entry.parent, declared, place)

    def shaped(name: str, axes: tuple[str, ...], shape: Shape) -> ShapeGate:
        dimensions = tuple(_axis_of(gating, axis, place=place) for axis in axes)
        return ShapeGate(path=(*parent, name), dimensions=dimensions, shape=shape)

    try:
        match entry:
            case RectangleEntry():
                box = Box(bounds=tuple((bound.min, bound.max) for bound in entry.bounds))
                yield shaped(entry.name, tuple(bound.axis for bound in entry.bounds), box)
            case PolygonEntry():
                yield shaped(entry.name, entry.axes, Polygon(vertices=entry.vertices))
            case EllipseEntry():
                yield shaped(entry.name, entry.axes, _ellipsoid(entry))
            case QuadrantEntry():
                for quadrant in entry.quadrants:
                    yield shaped(quadrant.name, tuple(quadrant.locations), _cell(quadrant, entry.dividers))
            case BooleanEntry():
                operands = tuple(_operand(text, declared, place) for text in entry.gates)
                yield BooleanGate(path=(*parent, entry.name), operator=entry.operator, operands=operands)
            case _:
                yield _data_gate(entry, (*parent, entry.name), gating, declared)
    except ValueError as error:
        raise RuleError(
            "the gate is impossible", code="GATE_INVALID", place=place, found=str(error)
        ) from None


def _data_gate(
    entry: DataGateEntry, path: GatePath, gating: Gating, declared: Sequence[GatePath]
) -> DataGate:
    place = f"gate {entry.name}"
    dimensions = tuple(_axis_of(gating, axis, place=place) for axis in entry.axes_used)
    if isinstance(entry, ReferenceEntry):
        others = tuple(_path_named(name, declared, place) for name in entry.gates)
        return DataGate(path=path, dimensions=dimensions, method=entry.method(others))
    return DataGate(path=path, dimensions=dimensions, method=entry.method())


def _ellipsoid(entry: EllipseEntry) -> Ellipsoid:
    ellipsoid = Ellipsoid(mean=entry.mean, covariance=entry.covariance, distance_square=entry.distance_square)
    if not ellipsoid.encloses:
        raise ValueError("the covariance must be symmetric and positive definite")
    return ellipsoid


def _path_named(text: str, declared: Sequence[GatePath], place: str) -> GatePath:
    """Return the one gate above that a name or a path joined by "/" means."""
    found = [path for path in declared if text in {path[-1], "/".join(path)}]
    if len(found) != 1:
        raise RuleError(
            "the name must mean exactly one gate declared above",
            code="GATE_AMBIGUOUS" if found else "GATE_UNKNOWN",
            place=place,
            expected="one of " + ", ".join("/".join(path) for path in found or declared),
            found=text,
        )
    return found[0]


def _operand(text: str, declared: Sequence[GatePath], place: str) -> Operand:
    name = text.removeprefix(_COMPLEMENT)
    return Operand(path=_path_named(name, declared, place), complement=name != text)


def _cell(quadrant: Quadrant, dividers: Sequence[Divider]) -> Box:
    by_axis = {divider.axis: divider for divider in dividers}
    bounds = []
    for axis, location in quadrant.locations.items():
        cell = cell_of(location, by_axis[axis])
        edges = (None, *by_axis[axis].values, None)
        bounds.append((edges[cell], edges[cell + 1]))
    return Box(bounds=tuple(bounds))
