"""Gating-ML 2.0 in: FlowKit's parser reads the document, the records of `strategy.py` leave.

The schema of the standard (FlowKit carries it) is applied first, then what it leaves open is checked. FlowKit
is given copies that hold only what was checked, a few gates at a time and without their hierarchy: its tree
of gates takes minutes for a thousand of them, and it reads `use-as-complement="1"` as false. Parents,
references and their order are read here. A gate without a parent stands at the root; each quadrant is a gate
of its own under the parent of its quadrant gate. Coordinates are those of the transformed dimensions.
Source: Gating-ML 2.0, sections 4 to 6.
"""

import io
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from lxml import etree

from mrdkit.errors import RuleError
from mrdkit.files import read_rule
from mrdkit.flow.compensation import CompensationLimits, SpilloverMatrix
from mrdkit.flow.gate_order import in_order
from mrdkit.flow.gates import Box, Ellipsoid, Polygon, Shape
from mrdkit.flow.gatingml_check import check_gatingml, gates_of, own_elements
from mrdkit.flow.gatingml_names import DATA, GATING, NAME, NAMESPACES, TRANSFORMS, data, gating, transforms
from mrdkit.flow.strategy import (
    Axis,
    BooleanGate,
    Dimension,
    Gate,
    GatePath,
    GatingStrategy,
    Operand,
    RatioDimension,
    ShapeGate,
)
from mrdkit.flow.transforms import Asinh, Hyperlog, Linear, Log, Logicle, Transform
from mrdkit.flow.xml_input import Element, bytes_of, local_name

__all__ = ["read_gatingml"]

#: An object of FlowKit, which has no types.
_FlowKit: TypeAlias = Any

_AT_ONCE = 50  # gates
_MARK = "_"  # before every gate's id that FlowKit sees, so that none is "root", which is a word of its own
_MARKED = frozenset({gating("id"), gating("divider_ref")})
_TRUE = {"true", "1"}
_STANDARD = frozenset({GATING, TRANSFORMS, DATA})
_OPERATORS: Mapping[str, Literal["and", "or", "not"]] = {
    gating("and"): "and",
    gating("or"): "or",
    gating("not"): "not",
}
_SCALES: Mapping[str, tuple[Callable[..., Transform], str]] = {
    "LinearTransform": (Linear, "TA"),
    "LogTransform": (Log, "TM"),
    "AsinhTransform": (Asinh, "TMA"),
    "HyperlogTransform": (Hyperlog, "TWMA"),
    "LogicleTransform": (Logicle, "TWMA"),
}


def read_gatingml(root: Element, *, strategy_id: str, version: str) -> GatingStrategy:
    """Return the strategy in a Gating-ML 2.0 document.

    Args:
        root: the document, safely read.
        strategy_id: how the strategy is called.
        version: what tells its content from another one.

    Raises:
        RuleError: the document does not follow the schema, or holds what cannot be honoured exactly.
    """
    flowkit = _schema_checked(root)
    check_gatingml(root)
    names = _names(root)
    paths = _paths(root, names)
    shared = _parsed(flowkit, root, [])
    source = _Source(
        ratios=shared.transformations, scales=_scales(shared.transformations), names=names, paths=paths
    )
    shapes = [element for element in gates_of(root) if element.tag != gating("BooleanGate")]
    made: dict[Element, list[Gate]] = {}
    for start in range(0, len(shapes), _AT_ONCE):
        some = shapes[start : start + _AT_ONCE]
        parsed = _parsed(flowkit, root, some)
        made.update({element: list(_shaped(element, parsed, source)) for element in some})
    gates = [gate for element in gates_of(root) for gate in made.get(element) or [_boolean(element, source)]]
    return GatingStrategy(
        id=strategy_id,
        version=version,
        source="Gating-ML 2.0",
        gates=in_order(gates),
        matrices={names[name]: _matrix(found) for name, found in shared.comp_matrices.items()},
        limits=read_rule("flow", "compensation", CompensationLimits),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What the ids of a document mean: ratios and scales by their id, names and paths by a gate's."""

    ratios: Mapping[str, _FlowKit]
    scales: Mapping[str, Transform]
    names: Mapping[str, str]
    paths: Mapping[str, GatePath]


def _schema_checked(root: Element) -> _FlowKit:
    """Return FlowKit after its copy of the schema accepted the document."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of FlowKit's own dependencies
        import flowkit
        from flowkit._resources import gml_schema
    if not gml_schema.validate(etree.ElementTree(root)):
        first = gml_schema.error_log[0]
        raise RuleError(
            "the document does not follow the Gating-ML 2.0 schema",
            code="GML_SCHEMA",
            place=f"line {first.line}",
            found=first.message,
        )
    return flowkit


def _parsed(flowkit: _FlowKit, root: Element, gates: Sequence[Element]) -> _FlowKit:
    """Return what FlowKit reads of the scales, the matrices and some gates."""
    clean = etree.Element(root.tag, nsmap=NAMESPACES)
    etree.SubElement(clean, data("custom_info"))  # the schema accepts no empty document
    for element in root:
        if element in gates or str(element.tag).startswith(f"{{{TRANSFORMS}}}"):
            _copy(element, clean)
    try:
        return flowkit.parse_gating_xml(io.BytesIO(bytes_of(clean)))
    except (ValueError, KeyError, TypeError, flowkit.exceptions.FlowKitException) as error:
        raise RuleError(
            "FlowKit's parser refuses the strategy", code="GML_REFUSED", found=str(error)
        ) from None


def _copy(element: Element, above: Element) -> None:
    """Copy what was checked of an element, a gate without its parent."""
    copy = etree.SubElement(above, element.tag)
    copy.text = element.text
    for name, text in element.attrib.items():
        if name in _MARKED:
            copy.set(name, _MARK + text.strip())
        elif etree.QName(name).namespace in _STANDARD and name != gating("parent_id"):
            reference = name in {gating("transformation-ref"), data("transformation-ref"), transforms("id")}
            copy.set(name, text.strip() if reference else text)
    for child in element:
        if child.tag != data("custom_info"):
            _copy(child, copy)


def _names(root: Element) -> dict[str, str]:
    """Return how what has an id is called: as the laboratory does where the document says so, else by id."""
    found = {}
    for element in own_elements(root):
        name = element.get(gating("id")) or element.get(transforms("id"))
        if name is not None:
            found[name.strip()] = element.get(NAME) or name.strip()
    return found


def _scales(transformations: Mapping[str, _FlowKit]) -> dict[str, Transform]:
    scales = {}
    for name, found in transformations.items():
        kind = type(found).__name__
        if kind not in _SCALES:
            continue  # a ratio, which is no scale
        record, letters = _SCALES[kind]
        try:
            scales[name] = record(**{letter: getattr(found, f"param_{letter.lower()}") for letter in letters})
        except ValueError as error:
            raise RuleError(
                "the scale is impossible", code="SCALE_INVALID", place=f"scale {name}", found=str(error)
            ) from None
    return scales


def _matrix(found: _FlowKit) -> SpilloverMatrix:
    return SpilloverMatrix(
        fluorochromes=tuple(found.fluorochromes),
        detectors=tuple(found.detectors),
        coefficients=tuple(tuple(float(value) for value in row) for row in found.matrix),
    )


def _shaped(element: Element, parsed: _FlowKit, source: _Source) -> Iterator[ShapeGate]:
    gate_id = _id(element)
    place = f"line {element.sourceline}, gate {gate_id}"
    found = parsed.get_gate(_MARK + gate_id)
    declared = len(element.findall(gating("dimension"))) + len(element.findall(gating("divider")))
    if found.gate_type != local_name(element) or len(found.dimensions) != declared:
        raise RuleError("FlowKit reads another gate than the document holds", code="GML_REFUSED", place=place)
    try:
        if found.gate_type == "QuadrantGate":
            yield from _quadrants(found, source)
        else:
            dimensions = tuple(_axis(axis, source) for axis in found.dimensions)
            yield ShapeGate(path=source.paths[gate_id], dimensions=dimensions, shape=_shape(found))
    except ValueError as error:
        raise RuleError(
            "the gate is impossible", code="GATE_INVALID", place=place, found=str(error)
        ) from None


def _boolean(element: Element, source: _Source) -> BooleanGate:
    combined = next(child for child in element if child.tag in _OPERATORS)
    return BooleanGate(
        path=source.paths[_id(element)],
        operator=_OPERATORS[str(combined.tag)],
        operands=tuple(
            Operand(
                path=source.paths[_id(used, "ref")],
                complement=(used.get(gating("use-as-complement")) or "").strip() in _TRUE,
            )
            for used in combined
        ),
    )


def _id(element: Element, name: str = "id") -> str:
    return str(element.get(gating(name))).strip()


def _paths(root: Element, names: Mapping[str, str]) -> dict[str, GatePath]:
    """Return the path of every gate and quadrant by its id."""
    parents: dict[str, str | None] = {}
    for element in gates_of(root):
        parent = element.get(gating("parent_id"))
        for named in element.findall(gating("Quadrant")) or [element]:
            parents[_id(named)] = None if parent is None else parent.strip()
    return {gate_id: _path(gate_id, parents, names) for gate_id in parents}


def _path(gate_id: str, parents: Mapping[str, str | None], names: Mapping[str, str]) -> GatePath:
    path: list[str] = []
    above: str | None = gate_id
    while above is not None:
        if len(path) > len(parents):
            raise RuleError(
                "gates are each other's parents", code="GATE_CYCLE", place=f"gate {names[gate_id]}"
            )
        path.append(names[above])
        above = parents[above]
    return tuple(reversed(path))


def _shape(found: _FlowKit) -> Shape:
    match found.gate_type:
        case "RectangleGate":
            # FlowKit's ratio dimension has no attribute at all for a bound that is open.
            return Box(
                bounds=tuple(
                    (getattr(axis, "min", None), getattr(axis, "max", None)) for axis in found.dimensions
                )
            )
        case "PolygonGate":
            return Polygon(vertices=tuple((float(x), float(y)) for x, y in found.vertices))
        case _:
            return Ellipsoid(
                mean=tuple(found.coordinates),
                covariance=tuple(tuple(row) for row in found.covariance_matrix),
                distance_square=found.distance_square,
            )


def _quadrants(found: _FlowKit, source: _Source) -> Iterator[ShapeGate]:
    dividers = {divider.id: divider for divider in found.dimensions}
    for quadrant_id, quadrant in found.quadrants.items():
        used = [dividers[name] for name in quadrant.divider_refs]
        yield ShapeGate(
            path=source.paths[quadrant_id.removeprefix(_MARK)],
            dimensions=tuple(
                _column(divider.dimension_ref, divider.compensation_ref, source, divider.transformation_ref)
                for divider in used
            ),
            shape=Box(bounds=tuple(quadrant.get_divider_range(divider.id) for divider in used)),
        )


def _axis(found: _FlowKit, source: _Source) -> Axis:
    if not hasattr(found, "ratio_ref"):
        return _column(found.id, found.compensation_ref, source, found.transformation_ref)
    ratio = source.ratios[found.ratio_ref.strip()]
    over, under = (_column(name, found.compensation_ref, source, None) for name in ratio.dimensions)
    scale = found.transformation_ref
    return RatioDimension(
        name=source.names[found.ratio_ref.strip()],
        numerator=over,
        denominator=under,
        A=ratio.param_a,
        B=ratio.param_b,
        C=ratio.param_c,
        transform=None if scale is None else source.scales[scale],
    )


def _column(name: str, compensation: str, source: _Source, scale: str | None) -> Dimension:
    return Dimension(
        name=name,
        by="channel",
        spellings=(name,),
        compensation=source.names.get(compensation.strip(), compensation.strip()),
        transform=None if scale is None else source.scales[scale],
    )
