"""Gating-ML 2.0 in: FlowKit's parser reads the document, the records of `strategy.py` leave.

The schema of the standard (FlowKit carries it) is applied first, then what it leaves open is checked. FlowKit
is given a copy that holds only what was checked, in the spellings that it understands: it reads
`use-as-complement="1"` as false, breaks on comments and calls the root of its own tree "root". A gate without
a parent stands at the root; each quadrant is a gate of its own under the parent of its quadrant gate.
Coordinates are those of the transformed dimensions. Source: Gating-ML 2.0, sections 4 to 6.
"""

import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from lxml import etree

from mrdkit.errors import RuleError
from mrdkit.files import read_rule
from mrdkit.flow.compensation import CompensationLimits, SpilloverMatrix
from mrdkit.flow.gate_order import in_order
from mrdkit.flow.gates import Box, Ellipsoid, Polygon, Shape
from mrdkit.flow.gatingml_check import check_gatingml, gates_of, own_elements
from mrdkit.flow.gatingml_names import DATA, GATING, NAME, NAMESPACES, TRANSFORMS, gating, transforms
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

_MARK = "_"  # before every id that FlowKit sees, so that none is one of its own words
_IDS = frozenset({gating("id"), gating("parent_id"), gating("ref"), gating("divider_ref")})
_BOOLEANS = {"1": "true", "0": "false"}
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
    try:
        parsed = flowkit.parse_gating_xml(io.BytesIO(bytes_of(_clean(root))))
    except (ValueError, KeyError, TypeError, flowkit.exceptions.FlowKitException) as error:
        raise RuleError(
            "FlowKit's parser refuses the strategy", code="GML_REFUSED", found=str(error)
        ) from None
    source = _Source(root=root, parsed=parsed, scales=_scales(parsed), names=_names(root))
    return GatingStrategy(
        id=strategy_id,
        version=version,
        source="Gating-ML 2.0",
        gates=in_order(list(_gates(source))),
        matrices={source.names[name]: _matrix(found) for name, found in parsed.comp_matrices.items()},
        limits=read_rule("flow", "compensation", CompensationLimits),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """The document, what FlowKit read of it, and what its ids mean."""

    root: Element
    parsed: _FlowKit
    scales: Mapping[str, Transform]
    names: Mapping[str, str]


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


def _clean(root: Element) -> Element:
    """Return a copy that holds only what was checked."""
    copied: dict[Element, Element] = {}
    for element in own_elements(root):
        above = element.getparent()
        if above is None:
            copied[element] = etree.Element(root.tag, nsmap=NAMESPACES)
            continue
        copy = copied[element] = etree.SubElement(copied[above], element.tag)
        copy.text = element.text
        for name, text in element.attrib.items():
            if etree.QName(name).namespace in {GATING, TRANSFORMS, DATA}:
                copy.set(name, _clean_value(str(name), text))
    return copied[root]


def _clean_value(name: str, text: str) -> str:
    if name in _IDS:
        return _MARK + text.strip()
    if name == gating("use-as-complement"):
        return _BOOLEANS.get(text.strip(), text.strip())
    return text.strip() if name in {gating("transformation-ref"), transforms("id")} else text


def _names(root: Element) -> dict[str, str]:
    """Return how what has an id is called: as the laboratory does where the document says so, else by id."""
    found = {}
    for element in own_elements(root):
        name = element.get(gating("id")) or element.get(transforms("id"))
        if name is not None:
            found[name.strip()] = element.get(NAME) or name.strip()
    return found


def _scales(parsed: _FlowKit) -> dict[str, Transform]:
    scales = {}
    for name, found in parsed.transformations.items():
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


def _gates(source: _Source) -> Iterator[Gate]:
    paths = _paths(source)
    for element in gates_of(source.root):
        gate_id = str(element.get(gating("id"))).strip()
        found = source.parsed.get_gate(_MARK + gate_id)
        axes = found.dimensions or []
        declared = len(element.findall(gating("dimension"))) + len(element.findall(gating("divider")))
        if found.gate_type != local_name(element) or len(axes) != declared:
            raise RuleError(
                "FlowKit reads another gate than the document holds",
                code="GML_REFUSED",
                place=f"line {element.sourceline}, gate {gate_id}",
            )
        try:
            if found.gate_type == "QuadrantGate":
                yield from _quadrants(found, source, paths)
            elif found.gate_type == "BooleanGate":
                yield _boolean(found, paths[gate_id], paths)
            else:
                dimensions = tuple(_axis(axis, source) for axis in axes)
                yield ShapeGate(path=paths[gate_id], dimensions=dimensions, shape=_shape(found))
        except ValueError as error:
            raise RuleError(
                "the gate is impossible",
                code="GATE_INVALID",
                place=f"line {element.sourceline}, gate {gate_id}",
                found=str(error),
            ) from None


def _paths(source: _Source) -> dict[str, GatePath]:
    """Return the path of every gate and quadrant by its id."""
    parents: dict[str, str | None] = {}
    for element in gates_of(source.root):
        parent = element.get(gating("parent_id"))
        quadrants = element.findall(gating("Quadrant"))
        for named in quadrants or [element]:
            parents[str(named.get(gating("id"))).strip()] = None if parent is None else parent.strip()
    return {gate_id: _path(gate_id, parents, source.names) for gate_id in parents}


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


def _quadrants(found: _FlowKit, source: _Source, paths: Mapping[str, GatePath]) -> Iterator[ShapeGate]:
    dividers = {divider.id: divider for divider in found.dimensions}
    for quadrant_id, quadrant in found.quadrants.items():
        used = [dividers[name] for name in quadrant.divider_refs]
        yield ShapeGate(
            path=paths[quadrant_id.removeprefix(_MARK)],
            dimensions=tuple(
                _column(divider.dimension_ref, divider.compensation_ref, source, divider.transformation_ref)
                for divider in used
            ),
            shape=Box(bounds=tuple(quadrant.get_divider_range(divider.id) for divider in used)),
        )


def _boolean(found: _FlowKit, path: GatePath, paths: Mapping[str, GatePath]) -> BooleanGate:
    return BooleanGate(
        path=path,
        operator=found.type,
        operands=tuple(
            Operand(path=paths[used["ref"].removeprefix(_MARK)], complement=used["complement"])
            for used in found.gate_refs
        ),
    )


def _axis(found: _FlowKit, source: _Source) -> Axis:
    if not hasattr(found, "ratio_ref"):
        return _column(found.id, found.compensation_ref, source, found.transformation_ref)
    ratio = source.parsed.transformations[found.ratio_ref.strip()]
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
