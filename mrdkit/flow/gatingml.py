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
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from lxml import etree

from mrdkit.errors import RuleError
from mrdkit.files import read_rule
from mrdkit.flow.compensation import CompensationLimits
from mrdkit.flow.gate_order import in_order
from mrdkit.flow.gates import Ellipsoid
from mrdkit.flow.gatingml_check import check_gatingml, gates_of, own_elements
from mrdkit.flow.gatingml_names import DATA, GATING, NAME, NAMESPACES, TRANSFORMS, data, gating, transforms
from mrdkit.flow.gatingml_records import (
    MARK,
    FlowKitObject,
    Meanings,
    axis_of,
    matrix_of,
    quadrants_of,
    scales_of,
    shape_of,
)
from mrdkit.flow.strategy import BooleanGate, Gate, GatePath, GatingStrategy, Operand, ShapeGate
from mrdkit.flow.xml_input import Element, bytes_of, local_name

__all__ = ["read_gatingml"]

_AT_ONCE = 50  # gates
_MARKED = frozenset({gating("id"), gating("divider_ref")})
_TRUE = {"true", "1"}
_STANDARD = frozenset({GATING, TRANSFORMS, DATA})
_OPERATORS: Mapping[str, Literal["and", "or", "not"]] = {
    gating("and"): "and",
    gating("or"): "or",
    gating("not"): "not",
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
    source = Meanings(
        ratios=shared.transformations,
        scales=scales_of(shared.transformations),
        matrices={name: names[name] for name in shared.comp_matrices},
        names=names,
        paths=paths,
    )
    shapes = [element for element in gates_of(root) if element.tag != gating("BooleanGate")]
    made: dict[Element, list[Gate]] = {}
    for start in range(0, len(shapes), _AT_ONCE):
        some = shapes[start : start + _AT_ONCE]
        parsed = _parsed(flowkit, root, some)
        made.update({element: list(_shaped(element, parsed, source)) for element in some})
    gates = [gate for element in gates_of(root) for gate in made.get(element) or [_boolean(element, source)]]
    open_ended = [gate.path[-1] for gate in gates if _is_open_ended(gate)]
    return GatingStrategy(
        id=strategy_id,
        version=version,
        source="Gating-ML 2.0",
        gates=in_order(gates),
        matrices={names[name]: matrix_of(found) for name, found in shared.comp_matrices.items()},
        limits=read_rule("flow", "compensation", CompensationLimits),
        flags=("ELLIPSOID_NOT_DEFINITE",) if open_ended else (),
        reasons=tuple(
            f"Gate {name}: its matrix is no covariance, so the formula of Gating-ML describes no ellipsoid."
            for name in open_ended
        ),
    )


def _is_open_ended(gate: Gate) -> bool:
    return isinstance(gate, ShapeGate) and isinstance(gate.shape, Ellipsoid) and not gate.shape.encloses


def _schema_checked(root: Element) -> FlowKitObject:
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


def _parsed(flowkit: FlowKitObject, root: Element, gates: Sequence[Element]) -> FlowKitObject:
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
            copy.set(name, MARK + text.strip())
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


def _shaped(element: Element, parsed: FlowKitObject, source: Meanings) -> Iterator[ShapeGate]:
    gate_id = _id(element)
    place = f"line {element.sourceline}, gate {gate_id}"
    found = parsed.get_gate(MARK + gate_id)
    declared = len(element.findall(gating("dimension"))) + len(element.findall(gating("divider")))
    if found.gate_type != local_name(element) or len(found.dimensions) != declared:
        raise RuleError("FlowKit reads another gate than the document holds", code="GML_REFUSED", place=place)
    try:
        if found.gate_type == "QuadrantGate":
            yield from quadrants_of(found, source)
        else:
            dimensions = tuple(axis_of(axis, source) for axis in found.dimensions)
            yield ShapeGate(path=source.paths[gate_id], dimensions=dimensions, shape=shape_of(found))
    except ValueError as error:
        raise RuleError(
            "the gate is impossible", code="GATE_INVALID", place=place, found=str(error)
        ) from None


def _boolean(element: Element, source: Meanings) -> BooleanGate:
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
