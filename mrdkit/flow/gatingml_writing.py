"""Gating-ML 2.0 out: the same strategy gives the same bytes, and reading them gives the same gates.

Numbers are written so that they are read back to the last bit. An id of Gating-ML may not hold a blank, "+"
or "/"; a gate, matrix or ratio that is called so gets a plain id, and its name stands beside it in a
namespace of mrdkit, which other programs pass over. What the standard cannot say (a marker that only a file
can resolve, a scale of FlowJo's) is refused by name. Source: Gating-ML 2.0.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from mrdkit.errors import RuleError
from mrdkit.flow.compensation import SpilloverMatrix
from mrdkit.flow.gates import Box, Ellipsoid, Polygon
from mrdkit.flow.gatingml_names import NAME, NAMESPACES, OWN, data, gating, transforms
from mrdkit.flow.strategy import (
    FILE_MATRIX,
    UNCOMPENSATED,
    Axis,
    BooleanGate,
    DataGate,
    Dimension,
    Gate,
    GatePath,
    GatingStrategy,
    RatioDimension,
)
from mrdkit.flow.transforms import Transform
from mrdkit.flow.xml_input import Element

__all__ = ["write_gatingml"]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_SCALES = {
    "linear": ("flin", "TA"),
    "log": ("flog", "TM"),
    "asinh": ("fasinh", "TMA"),
    "hyperlog": ("hyperlog", "TWMA"),
    "logicle": ("logicle", "TWMA"),
}
_FEWEST = 2  # channels of a matrix, operands of and/or, axes of an ellipsoid

_RatioKey = tuple[str, str, str, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ids:
    """The id of whatever can be referred to."""

    gates: Mapping[GatePath, str]
    matrices: Mapping[str, str]
    scales: Mapping[Transform, str]
    ratios: Mapping[_RatioKey, str]


def write_gatingml(strategy: GatingStrategy) -> bytes:
    """Return a strategy as a Gating-ML 2.0 document in UTF-8.

    Raises:
        RuleError: the standard cannot say what the strategy says.
    """
    root = etree.Element(gating("Gating-ML"), nsmap={**NAMESPACES, "mrdkit": OWN})
    ids = _ids(strategy)
    try:
        for scale, scale_id in ids.scales.items():
            _write_scale(root, scale, scale_id)
        for key, ratio_id in ids.ratios.items():
            _write_ratio(root, key, ratio_id)
        for name, matrix in strategy.matrices.items():
            _write_matrix(root, matrix, name, ids.matrices[name])
        for gate in strategy.gates:
            _write_gate(root, gate, ids)
    except ValueError as error:
        raise RuleError(
            "a name holds a character that XML cannot hold", code="GML_CANNOT_EXPRESS", found=str(error)
        ) from None
    etree.indent(root)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"


def _ids(strategy: GatingStrategy) -> _Ids:
    ratios = {_ratio_key(axis): axis.name for axis in strategy.dimensions if isinstance(axis, RatioDimension)}
    scales = dict.fromkeys(axis.transform for axis in strategy.dimensions if axis.transform is not None)
    names: list[tuple[object, str, str]] = [
        *((gate.path, gate.path[-1], "gate") for gate in strategy.gates),
        *((name, name, "matrix") for name in strategy.matrices),
        *((key, name, "ratio") for key, name in ratios.items()),
    ]
    taken = {name for _, name, _ in names}
    given: dict[object, str] = {}
    for key, name, kind in names:
        plain = _PLAIN.fullmatch(name) and name not in given.values()
        given[kind, key] = name if plain else _free(kind, taken)
    return _Ids(
        gates={gate.path: given["gate", gate.path] for gate in strategy.gates},
        matrices={name: given["matrix", name] for name in strategy.matrices},
        scales={scale: _free("scale", taken) for scale in scales},
        ratios={key: given["ratio", key] for key in ratios},
    )


def _free(kind: str, taken: set[str]) -> str:
    number = 1
    while f"{kind}_{number}" in taken:
        number += 1
    taken.add(f"{kind}_{number}")
    return f"{kind}_{number}"


def _write_scale(root: Element, scale: Transform, scale_id: str) -> None:
    if scale.kind not in _SCALES:
        raise _cannot("the standard has no such scale", place=f"scale {scale.kind}")
    tag, letters = _SCALES[scale.kind]
    above = etree.SubElement(root, transforms("transformation"), {transforms("id"): scale_id})
    numbers = {transforms(letter): _text(getattr(scale, letter)) for letter in letters}
    etree.SubElement(above, transforms(tag), numbers)


def _write_ratio(root: Element, key: _RatioKey, ratio_id: str) -> None:
    name, over, under, a, b, c = key
    above = etree.SubElement(root, transforms("transformation"), _named(transforms("id"), ratio_id, name))
    numbers = {transforms("A"): _text(a), transforms("B"): _text(b), transforms("C"): _text(c)}
    _write_channels(etree.SubElement(above, transforms("fratio"), numbers), (over, under))


def _write_matrix(root: Element, matrix: SpilloverMatrix, name: str, matrix_id: str) -> None:
    if len(matrix.detectors) < _FEWEST or len(matrix.fluorochromes) < _FEWEST:
        raise _cannot("a matrix needs at least two channels", place=f"matrix {name}")
    above = etree.SubElement(root, transforms("spectrumMatrix"), _named(transforms("id"), matrix_id, name))
    _write_channels(etree.SubElement(above, transforms("fluorochromes")), matrix.fluorochromes)
    _write_channels(etree.SubElement(above, transforms("detectors")), matrix.detectors)
    for row in matrix.coefficients:
        _write_numbers(above, transforms("spectrum"), transforms("coefficient"), row, transforms("value"))


def _write_gate(root: Element, gate: Gate, ids: _Ids) -> None:
    place = f"gate {'/'.join(gate.path)}"
    names = _named(gating("id"), ids.gates[gate.path], gate.path[-1])
    if len(gate.path) > 1:
        names[gating("parent_id")] = ids.gates[gate.path[:-1]]
    if isinstance(gate, BooleanGate):
        _write_boolean(etree.SubElement(root, gating("BooleanGate"), names), gate, ids)
        return
    if isinstance(gate, DataGate):
        raise _cannot("a gate that is found in the data has no shape before", place=place)
    match gate.shape:
        case Box(bounds=bounds):
            above = etree.SubElement(root, gating("RectangleGate"), names)
            _write_axes(above, gate.dimensions, ids, place, bounds)
        case Polygon(vertices=vertices):
            above = etree.SubElement(root, gating("PolygonGate"), names)
            _write_axes(above, gate.dimensions, ids, place)
            for vertex in vertices:
                _write_numbers(above, gating("vertex"), gating("coordinate"), vertex, data("value"))
        case Ellipsoid() as shape:
            if shape.n_axes < _FEWEST:
                raise _cannot("an ellipsoid needs at least two axes", place=place)
            above = etree.SubElement(root, gating("EllipsoidGate"), names)
            _write_axes(above, gate.dimensions, ids, place)
            _write_ellipsoid(above, shape)


def _write_boolean(above: Element, gate: BooleanGate, ids: _Ids) -> None:
    combined = etree.SubElement(above, gating(gate.operator))
    operands = list(gate.operands)
    if gate.operator != "not" and len(operands) < _FEWEST:
        operands *= _FEWEST  # the standard wants two; the same one twice decides the same
    for operand in operands:
        used = etree.SubElement(combined, gating("gateReference"), {gating("ref"): ids.gates[operand.path]})
        if operand.complement:
            used.set(gating("use-as-complement"), "true")


def _write_ellipsoid(above: Element, shape: Ellipsoid) -> None:
    _write_numbers(above, gating("mean"), gating("coordinate"), shape.mean, data("value"))
    covariance = etree.SubElement(above, gating("covarianceMatrix"))
    for row in shape.covariance:
        _write_numbers(covariance, gating("row"), gating("entry"), row, data("value"))
    etree.SubElement(above, gating("distanceSquare"), {data("value"): _text(shape.distance_square)})


def _write_axes(
    above: Element,
    axes: Sequence[Axis],
    ids: _Ids,
    place: str,
    bounds: Sequence[tuple[float | None, float | None]] = (),
) -> None:
    for number, axis in enumerate(axes):
        written = {gating("compensation-ref"): _compensation(axis, ids, place)}
        if axis.transform is not None:
            written[gating("transformation-ref")] = ids.scales[axis.transform]
        if bounds:
            ends = zip((gating("min"), gating("max")), bounds[number], strict=True)
            written |= {name: _text(bound) for name, bound in ends if bound is not None}
        element = etree.SubElement(above, gating("dimension"), written)
        if isinstance(axis, RatioDimension):
            ratio = {data("transformation-ref"): ids.ratios[_ratio_key(axis)]}
            etree.SubElement(element, data("new-dimension"), ratio)
        else:
            _write_channels(element, (_channel(axis),))


def _compensation(axis: Axis, ids: _Ids, place: str) -> str:
    used = (axis.numerator, axis.denominator) if isinstance(axis, RatioDimension) else (axis,)
    named = {dimension.compensation for dimension in used}
    if len(named) != 1:
        raise _cannot("a ratio has one compensation for both channels", place=place)
    name = named.pop()
    return name if name in {FILE_MATRIX, UNCOMPENSATED} else ids.matrices[name]


def _channel(dimension: Dimension) -> str:
    if dimension.by != "channel" or len(dimension.spellings) != 1:
        raise _cannot(
            "a channel must be named; only a file can tell which one is meant",
            place=f"dimension {dimension.name}",
            remedy="name an FCS file with --for",
        )
    return dimension.spellings[0]


def _ratio_key(axis: RatioDimension) -> _RatioKey:
    return axis.name, _channel(axis.numerator), _channel(axis.denominator), axis.A, axis.B, axis.C


def _write_channels(above: Element, names: Iterable[str]) -> None:
    for name in names:
        etree.SubElement(above, data("fcs-dimension"), {data("name"): name})


def _write_numbers(above: Element, tag: str, part: str, numbers: Iterable[float], attribute: str) -> None:
    row = etree.SubElement(above, tag)
    for number in numbers:
        etree.SubElement(row, part, {attribute: _text(number)})


def _named(attribute: str, own_id: str, name: str) -> dict[str, str]:
    return {attribute: own_id} if own_id == name else {attribute: own_id, NAME: name}


def _text(number: float) -> str:
    return repr(float(number))


def _cannot(what: str, *, place: str, remedy: str | None = None) -> RuleError:
    return RuleError(what, code="GML_CANNOT_EXPRESS", place=place, remedy=remedy)
