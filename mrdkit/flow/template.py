"""The mrdkit gating template: axes named once, then gates from the root down, in TOML.

Every axis says its marker or channel, its compensation and its scale. None has a default: a forgotten
compensation would move a gate without a trace. Bounds and vertices are in the axis's display scale. The
format is described in docs/definitions/gating-templates.md.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from itertools import product
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from mrdkit.files.rules import STRICT, Rule, checked_dataclass
from mrdkit.flow.strategy import FILE_MATRIX, UNCOMPENSATED
from mrdkit.flow.template_data_gates import (
    GateName,
    MixtureEntry,
    Name,
    QuantileEntry,
    ReferenceEntry,
    SingletEntry,
    TailEntry,
    ValleyEntry,
)
from mrdkit.flow.transforms import Transform

__all__ = [
    "NO_SCALE",
    "Axis",
    "BooleanEntry",
    "Divider",
    "EllipseEntry",
    "Entry",
    "Gating",
    "GatingTemplate",
    "PolygonEntry",
    "Quadrant",
    "QuadrantEntry",
    "Ratio",
    "RectangleEntry",
    "cell_of",
]

NO_SCALE = "none"

_MOST_CELLS = 4096  # of one quadrant gate; a grid of gates, not a histogram


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Axis:
    """One dimension: exactly one of `marker` ($PnS) and `channel` ($PnN), and further spellings of it."""

    marker: Name | None = None
    channel: Name | None = None
    labels: tuple[Name, ...] = ()
    compensation: Name
    scale: Name

    def __post_init__(self) -> None:
        """Refuse an axis that names no column or two."""
        if (self.marker is None) == (self.channel is None):
            raise ValueError("an axis names either a marker or a channel")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Ratio:
    """A (numerator - B) / (denominator - C) of two axes without a scale, as an axis of its own."""

    numerator: Name
    denominator: Name
    A: float
    B: float
    C: float
    scale: Name


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Interval:
    """low <= x < high on one axis; an absent bound is open."""

    axis: Name
    min: float | None = None
    max: float | None = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RectangleEntry:
    """A range (one axis) or rectangle (more)."""

    kind: Literal["range", "rectangle"]
    name: GateName
    parent: Name | None = None
    bounds: Annotated[tuple[Interval, ...], Field(min_length=1)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PolygonEntry:
    """A polygon on two axes."""

    kind: Literal["polygon"]
    name: GateName
    parent: Name | None = None
    axes: tuple[Name, Name]
    vertices: tuple[tuple[float, float], ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class EllipseEntry:
    """An ellipse or ellipsoid on as many axes as its mean has coordinates."""

    kind: Literal["ellipse"]
    name: GateName
    parent: Name | None = None
    axes: tuple[Name, ...]
    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    distance_square: float


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Divider:
    """Values that cut one axis into half-open intervals."""

    axis: Name
    values: Annotated[tuple[float, ...], Field(min_length=1)]

    def __post_init__(self) -> None:
        """Refuse values out of order."""
        if any(low >= high for low, high in zip(self.values, self.values[1:], strict=False)):
            raise ValueError("the values of a divider must rise")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Quadrant:
    """One cell: on each divider used, any number within the wanted interval."""

    name: GateName
    locations: Mapping[str, float]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class QuadrantEntry:
    """Disjoint cells of a grid; each quadrant is a gate of its own under the same parent."""

    kind: Literal["quadrant"]
    parent: Name | None = None
    dividers: Annotated[tuple[Divider, ...], Field(min_length=1)]
    quadrants: Annotated[tuple[Quadrant, ...], Field(min_length=1)]

    def __post_init__(self) -> None:
        """Refuse quadrants that share an event."""
        used = [divider.axis for divider in self.dividers]
        if len(set(used)) != len(used) or any(set(q.locations) - set(used) for q in self.quadrants):
            raise ValueError("each divider has an axis of its own, and locations name dividers only")
        if math.prod(len(divider.values) + 1 for divider in self.dividers) > _MOST_CELLS:
            raise ValueError(f"the dividers cut more than {_MOST_CELLS} cells")
        cells = [cell for quadrant in self.quadrants for cell in _cells(quadrant, self.dividers)]
        if len(set(cells)) != len(cells):
            raise ValueError("two quadrants overlap")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class BooleanEntry:
    """And, or, not over gates declared above; `!name` is everything outside that gate."""

    kind: Literal["boolean"]
    name: GateName
    parent: Name | None = None
    operator: Literal["and", "or", "not"]
    gates: Annotated[tuple[Name, ...], Field(min_length=1)]


Entry: TypeAlias = Annotated[
    RectangleEntry
    | PolygonEntry
    | EllipseEntry
    | QuadrantEntry
    | BooleanEntry
    | ValleyEntry
    | TailEntry
    | QuantileEntry
    | SingletEntry
    | MixtureEntry
    | ReferenceEntry,
    Field(discriminator="kind"),
]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Matrix:
    """A named spillover matrix: one row per fluorochrome, one column per detector ($PnN)."""

    fluorochromes: tuple[Name, ...]
    detectors: tuple[Name, ...]
    coefficients: tuple[tuple[float, ...], ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Gating:
    """Axes and gates: the `[gating]` table of a template file or of a panel."""

    scale: Mapping[str, Transform] = Field(default_factory=dict)
    matrix: Mapping[str, Matrix] = Field(default_factory=dict)
    axis: Mapping[str, Axis]
    ratio: Mapping[str, Ratio] = Field(default_factory=dict)
    gate: Annotated[tuple[Entry, ...], Field(min_length=1)]

    def __post_init__(self) -> None:
        """Refuse names that would mean two things."""
        if taken := {FILE_MATRIX, UNCOMPENSATED} & set(self.matrix):
            raise ValueError(f"a matrix cannot be called {min(taken)}, which means the file's own or none")
        if both := set(self.axis) & set(self.ratio):
            raise ValueError(f"{min(both)} is an axis and a ratio")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class GatingTemplate(Rule):
    """A template file."""

    gating: Gating


def cell_of(value: float, divider: Divider) -> int:
    """Return the number, from 0, of the half-open interval that holds a value."""
    return bisect_right(divider.values, value)


def _cells(quadrant: Quadrant, dividers: tuple[Divider, ...]) -> list[tuple[int, ...]]:
    """Return every grid cell that a quadrant covers; a divider it does not use is covered whole."""
    choices = [
        [cell_of(quadrant.locations[divider.axis], divider)]
        if divider.axis in quadrant.locations
        else range(len(divider.values) + 1)
        for divider in dividers
    ]
    return list(product(*choices))
