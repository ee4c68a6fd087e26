"""FlowKit's objects of a Gating-ML document -> the records of a strategy.

FlowKit has no types, so everything that is known of its objects stands here: scales carry `param_t` and so
on, a ratio dimension has no attribute at all for a bound that is open, quadrants know their own intervals.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mrdkit.errors import RuleError
from mrdkit.flow.compensation import SpilloverMatrix
from mrdkit.flow.gates import Box, Ellipsoid, Polygon, Shape
from mrdkit.flow.strategy import Axis, Dimension, GatePath, RatioDimension, ShapeGate
from mrdkit.flow.transforms import Asinh, Hyperlog, Linear, Log, Logicle, Transform

__all__ = [
    "MARK",
    "FlowKitObject",
    "Meanings",
    "axis_of",
    "matrix_of",
    "quadrants_of",
    "scales_of",
    "shape_of",
]

#: An object of FlowKit, which has no types.
FlowKitObject: TypeAlias = Any

MARK = "_"  # before every gate's id that FlowKit sees, so that none is "root", which is a word of its own

_SCALES: Mapping[str, tuple[Callable[..., Transform], str]] = {
    "LinearTransform": (Linear, "TA"),
    "LogTransform": (Log, "TM"),
    "AsinhTransform": (Asinh, "TMA"),
    "HyperlogTransform": (Hyperlog, "TWMA"),
    "LogicleTransform": (Logicle, "TWMA"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanings:
    """What the ids of a document mean.

    Attributes:
        ratios: FlowKit's transformations by id, ratios among them.
        scales: the scales by id.
        matrices: names of the matrices by id.
        names: names of whatever has an id.
        paths: paths of gates and quadrants by id.
    """

    ratios: Mapping[str, FlowKitObject]
    scales: Mapping[str, Transform]
    matrices: Mapping[str, str]
    names: Mapping[str, str]
    paths: Mapping[str, GatePath]


def scales_of(transformations: Mapping[str, FlowKitObject]) -> dict[str, Transform]:
    """Return the scales among transformations, by id.

    Raises:
        RuleError: a scale is impossible.
    """
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


def matrix_of(found: FlowKitObject) -> SpilloverMatrix:
    """Return a spillover matrix."""
    return SpilloverMatrix(
        fluorochromes=tuple(found.fluorochromes),
        detectors=tuple(found.detectors),
        coefficients=tuple(tuple(float(value) for value in row) for row in found.matrix),
    )


def shape_of(found: FlowKitObject) -> Shape:
    """Return the shape of a rectangle, polygon or ellipsoid."""
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


def quadrants_of(found: FlowKitObject, source: Meanings) -> Iterator[ShapeGate]:
    """Yield the gate of every quadrant."""
    dividers = {divider.id: divider for divider in found.dimensions}
    for quadrant_id, quadrant in found.quadrants.items():
        used = [dividers[name] for name in quadrant.divider_refs]
        yield ShapeGate(
            path=source.paths[quadrant_id.removeprefix(MARK)],
            dimensions=tuple(
                _column(divider.dimension_ref, divider.compensation_ref, source, divider.transformation_ref)
                for divider in used
            ),
            shape=Box(bounds=tuple(quadrant.get_divider_range(divider.id) for divider in used)),
        )


def axis_of(found: FlowKitObject, source: Meanings) -> Axis:
    """Return a dimension of a gate."""
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


def _column(name: str, compensation: str, source: Meanings, scale: str | None) -> Dimension:
    return Dimension(
        name=name,
        by="channel",
        spellings=(name,),
        compensation=source.matrices.get(compensation.strip(), compensation.strip()),
        transform=None if scale is None else source.scales[scale],
    )
