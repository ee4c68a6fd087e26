"""FlowJo 10 workspaces in: one sample's own tree of populations, through FlowKit's parser.

The group's tree is another one and is not used. FlowKit is given a workspace of nothing but the shapes of the
gates, in data units, with place-holders for the names of populations and dimensions: so no name can be one
that it refuses, and it compensates and scales nothing. Shapes then go to display coordinates on our own
scales, since an event and a bound must be rounded alike. Ellipses, which FlowJo stores on its axes of 256
places, become the polygon of 128 corners that FlowKit draws. FlowJo itself bins polygons and ellipses, so its
counts of those may differ; counts of rectangles and quadrants do not.
"""

import io
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from lxml import etree

from mrdkit.errors import RuleError
from mrdkit.files import read_rule
from mrdkit.flow.compensation import CompensationLimits
from mrdkit.flow.flowjo_axes import FlowJoAxes, FlowJoAxis
from mrdkit.flow.flowjo_sample import chosen_sample
from mrdkit.flow.flowjo_tree import Population, count_of, populations_of
from mrdkit.flow.gate_order import in_order
from mrdkit.flow.gates import Box, Polygon
from mrdkit.flow.gatingml_names import NAMESPACES, data, gating
from mrdkit.flow.strategy import BooleanGate, Gate, GatePath, GatingStrategy, Operand, ShapeGate
from mrdkit.flow.xml_input import Element, bytes_of, local_name

__all__ = ["read_flowjo"]

#: An object of FlowKit, which has no types.
_FlowKit: TypeAlias = Any

_OLDEST = 10  # FlowJo
_AT_ONCE = 50  # gates that FlowKit is given; its tree of gates grows with their square
_SAMPLE = "sample"
_PLACES = 256.0  # of an axis on which FlowJo stores an ellipse
_INSIDE = " (inside)"
_OPERATORS: Mapping[str, Literal["and", "or", "not"]] = {"AndNode": "and", "OrNode": "or", "NotNode": "not"}


def read_flowjo(
    root: Element, *, strategy_id: str, version: str, sample: str | None, file_names: Sequence[str]
) -> GatingStrategy:
    """Return the gates of one sample of a FlowJo 10 workspace.

    Args:
        root: the workspace, safely read.
        strategy_id: how the strategy is called.
        version: what tells its content from another one.
        sample: the sample's name, where the caller chose.
        file_names: the names of the FCS file to be gated, else.

    Raises:
        UsageError: no sample or more than one is meant.
        RuleError: the workspace holds what cannot be honoured exactly.
    """
    writer = root.get("flowJoVersion", "")
    major = writer.partition(".")[0]
    if not major.isdecimal() or int(major) < _OLDEST:
        raise RuleError(
            "the workspace is not one of FlowJo 10", code="WSP_VERSION", found=writer or "no version"
        )
    chosen = chosen_sample(root, sample=sample, file_names=file_names)
    populations = populations_of(chosen.node)
    axes = FlowJoAxes(chosen)
    shapes = _shapes(populations)
    gates = [
        gate
        for population in populations
        for gate in (
            [_boolean(population, populations)]
            if population.gate is None
            else _gates(population, shapes[population.path], axes)
        )
    ]
    counts = {population.path: population.count for population in populations}
    counts[()] = count_of(chosen.node)
    outside = [gate.path for gate in gates if gate.path not in counts]
    return GatingStrategy(
        id=strategy_id,
        version=version,
        source=f"FlowJo {writer} workspace",
        gates=in_order(gates),
        matrices=axes.matrices,
        limits=read_rule("flow", "compensation", CompensationLimits),
        expected_counts={path: count for path, count in counts.items() if count is not None},
        flags=chosen.flags,
        reasons=(
            *chosen.reasons,
            *(f"Gate {'/'.join(path)} was added: its population is what lies outside." for path in outside),
        ),
    )


def _shapes(populations: Sequence[Population]) -> dict[GatePath, _FlowKit]:
    """Return FlowKit's reading of every shape, in data units."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of FlowKit's dependencies; and a steep ellipse divides by 0
        import flowkit

        shaped = [population for population in populations if population.gate is not None]
        found: dict[GatePath, _FlowKit] = {}
        for start in range(0, len(shaped), _AT_ONCE):
            some = shaped[start : start + _AT_ONCE]
            try:
                parsed = flowkit.parse_wsp(io.BytesIO(bytes_of(_workspace(some))))
            except (ValueError, KeyError, TypeError, flowkit.exceptions.FlowKitException) as error:
                raise RuleError(
                    "FlowKit's parser refuses a gate of the workspace", code="WSP_REFUSED", found=str(error)
                ) from None
            strategy = parsed["samples"][_SAMPLE]["gating_strategy"]
            found |= {population.path: strategy.get_gate(f"p{i}") for i, population in enumerate(some)}
    return found


def _workspace(populations: Sequence[Population]) -> Element:
    root = etree.Element("Workspace", nsmap=NAMESPACES, flowJoVersion=str(_OLDEST))
    etree.SubElement(root, "Groups")
    element = etree.SubElement(etree.SubElement(root, "SampleList"), "Sample")
    for name in ("DataSet", "Transformations", "Keywords"):
        etree.SubElement(element, name)
    node = etree.SubElement(element, "SampleNode", name=_SAMPLE, sampleID="1")
    below = etree.SubElement(node, "Subpopulations")
    for i, population in enumerate(populations):
        copy = etree.SubElement(below, "Population", name=f"p{i}", owningGroup="")
        _copy_gate(population, etree.SubElement(copy, "Gate"))
    return root


def _copy_gate(population: Population, above: Element) -> None:
    gate = population.gate
    copy = etree.SubElement(above, gate.tag)
    for part in gate:
        _copy_part(part, copy, population)
    for number, dimension in enumerate(copy.iterfind(f"{gating('dimension')}/{data('fcs-dimension')}")):
        dimension.set(data("name"), f"d{number}")


def _copy_part(element: Element, above: Element, population: Population) -> None:
    copy = etree.SubElement(above, element.tag)
    for name in (gating("min"), gating("max"), data("value")):
        text = element.get(name)
        if text is None:
            continue
        try:
            finite = math.isfinite(float(text))
        except ValueError:
            finite = False
        if not finite:
            raise RuleError("a number must be finite", code="WSP_NUMBER", place=population.place, found=text)
        copy.set(name, text)
    for part in element:
        _copy_part(part, copy, population)


def _gates(population: Population, found: _FlowKit, axes: FlowJoAxes) -> Iterator[Gate]:
    gate = population.gate
    names = [
        part.get(data("name"), "") for part in gate.iterfind(f"{gating('dimension')}/{data('fcs-dimension')}")
    ]
    if not names or len(names) != len(found.dimensions) or len(names) != len(set(names)):
        raise RuleError(
            "the dimensions of the gate are not clear", code="WSP_GATE_UNSUPPORTED", place=population.place
        )
    used = [axes.axis(name) for name in names]
    inside = gate.get("eventsInside", "1").strip()
    path = population.path
    if inside == "0":
        path = (*path[:-1], path[-1] + _INSIDE)
    elif inside != "1":
        raise RuleError(
            "it is not clear which side of the gate is meant",
            code="WSP_GATE_UNSUPPORTED",
            place=population.place,
            expected="eventsInside 0 or 1",
            found=inside,
        )
    try:
        shape = _shape(local_name(gate), found, used)
    except ValueError as error:
        raise RuleError(
            "the gate is impossible", code="GATE_INVALID", place=population.place, found=str(error)
        ) from None
    yield ShapeGate(path=path, dimensions=tuple(axis.dimension for axis in used), shape=shape)
    if inside == "0":
        operands = (Operand(path=path, complement=False),)
        yield BooleanGate(path=population.path, operator="not", operands=operands)


def _shape(kind: str, found: _FlowKit, axes: Sequence[FlowJoAxis]) -> Box | Polygon:
    if kind == "RectangleGate":
        return Box(
            bounds=tuple(
                (
                    None if bounds.min is None else axis.coordinate(bounds.min),
                    None if bounds.max is None else axis.coordinate(bounds.max),
                )
                for bounds, axis in zip(found.dimensions, axes, strict=True)
            )
        )
    corners = [tuple(float(value) for value in corner) for corner in found.vertices]
    if kind == "PolygonGate":
        return Polygon(
            vertices=tuple((axes[0].coordinate(x), axes[1].coordinate(y)) for x, y in corners),
        )
    widths = [axis.width for axis in axes]
    if widths[0] is None or widths[1] is None:
        raise ValueError("an ellipse on an axis whose position on FlowJo's plot is not known")
    return Polygon(vertices=tuple((x * widths[0], y * widths[1]) for x, y in corners))


def _boolean(population: Population, populations: Sequence[Population]) -> BooleanGate:
    element = population.element
    named = [part.get("name", "") for part in element.iterfind("Dependents/Dependent")]
    operands = []
    for name in named:
        meant = [other.path for other in populations if "/".join(other.path) == name]
        if len(meant) != 1:
            raise RuleError(
                "a boolean population must refer to exactly one population by its path",
                code="GATE_AMBIGUOUS" if meant else "GATE_UNKNOWN",
                place=population.place,
                found=name,
            )
        operands.append(Operand(path=meant[0], complement=False))
    return BooleanGate(
        path=population.path, operator=_OPERATORS[local_name(element)], operands=tuple(operands)
    )
