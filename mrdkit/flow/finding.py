"""One data-driven gate in its parent's events: found, cut where the template says otherwise, or refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.adaptive import (
    DataGateRules,
    Found,
    Missing,
    Mixture,
    Quantile,
    Reference,
    Singlet,
    Tail,
    Valley,
    cut,
)
from mrdkit.flow.adaptive_cut import find_quantile, find_tail, find_valley
from mrdkit.flow.adaptive_mixture import find_ellipse
from mrdkit.flow.adaptive_singlet import find_singlets
from mrdkit.flow.gates import Box, Shape
from mrdkit.flow.strategy import DataGate

__all__ = ["Finding", "found_in", "referred"]

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one data-driven gate came about.

    Attributes:
        method: "valley", "tail", "quantile", "singlet", "mixture" or "reference".
        shape: the gate in display coordinates.
        n_parent: events of the parent; None for a reference, which looks at none.
        n_not_finite: those without finite coordinates, which were not looked at.
        figures: numbers that describe what was found, by name.
        flags: stable codes of doubts.
        sentence: what was found, in words.
    """

    method: str
    shape: Shape
    n_parent: int | None
    n_not_finite: int | None
    figures: Mapping[str, float]
    flags: tuple[str, ...]
    sentence: str


def found_in(columns: Sequence[F64], gate: DataGate, rules: DataGateRules) -> Finding:
    """Find a gate in the display coordinates of its parent's events.

    Args:
        columns: (n_parent,) coordinates, one array per dimension of the gate; not finite where unknown.
        gate: what is looked for; not a reference.
        rules: numerical settings.

    Raises:
        InputError: fewer events than the gate asks for, or what it looks for is not there.
    """
    method, place = gate.method, f"gate {'/'.join(gate.path)}"
    if isinstance(method, Reference):
        raise TypeError("a reference looks at no events")
    points = np.stack(columns)
    finite = np.logical_and.reduce([np.isfinite(column) for column in columns])
    points = points[:, finite]
    n_finite, n_parent = points.shape[1], len(columns[0])
    parent = "/".join(gate.path[:-1]) or "all events"
    if n_finite < method.min_events:
        raise InputError(
            "the parent holds too few events to find this gate in",
            code="TOO_FEW_EVENTS_FOR_GATE",
            place=place,
            expected=f"at least {method.min_events} events with finite coordinates in {parent}",
            found=f"{n_finite}",
            remedy="acquire more events, or gate this sample by fixed gates",
        )
    found = _searched(points, method, rules)
    if isinstance(found, Missing):
        raise InputError(
            found.what,
            code=found.code,
            place=place,
            expected=found.expected,
            found=f"{found.found} in {parent}",
            remedy=found.remedy,
        )
    return Finding(
        method=type(method).__name__.lower(),
        shape=found.shape,
        n_parent=n_parent,
        n_not_finite=n_parent - n_finite,
        figures=found.figures,
        flags=found.flags,
        sentence=f"Gate {'/'.join(gate.path)}: {found.sentence} ({n_finite} events of {parent}).",
    )


def referred(gate: DataGate, reference: Reference, shapes: Sequence[Shape]) -> Finding:
    """Take the shapes of the gates that a reference names."""
    names = " and ".join("/".join(path) for path in reference.gates)
    cuts = [_cut_of(shape) for shape in shapes] if reference.sides else []
    shape: Shape = shapes[0]
    if reference.sides:
        sides = zip(cuts, reference.sides, strict=True)
        shape = Box(bounds=tuple(cut(value, side).bounds[0] for value, side in sides))
    return Finding(
        method="reference",
        shape=shape,
        n_parent=None,
        n_not_finite=None,
        figures={f"threshold_{number}": value for number, value in enumerate(cuts, start=1)},
        flags=(),
        sentence=f"Gate {'/'.join(gate.path)}: the shape of {names}"
        + (f", sides {' '.join(reference.sides)}." if reference.sides else "."),
    )


def _searched(
    points: F64, method: Valley | Tail | Quantile | Singlet | Mixture, rules: DataGateRules
) -> Found | Missing:
    match method:
        case Valley():
            return _or_otherwise(find_valley(points[0], method, rules.density), method)
        case Tail():
            return _or_otherwise(find_tail(points[0], method, rules.density), method)
        case Quantile():
            return find_quantile(points[0], method)
        case Singlet():
            return find_singlets(points, method, rules.singlet)
        case Mixture():
            return find_ellipse(points, method, rules.mixture)


def _or_otherwise(found: Found | Missing, method: Valley | Tail) -> Found | Missing:
    """Use the template's own cut for the case that there is nothing to find, and say so."""
    if isinstance(found, Found) or method.otherwise is None:
        return found
    return Found(
        shape=cut(method.otherwise, method.side),
        figures={"threshold": method.otherwise},
        flags=(f"{type(method).__name__.upper()}_NOT_FOUND",),
        sentence=f"{found.what} ({found.found}); the template's fixed cut at {method.otherwise:.6g} is used",
    )


def _cut_of(shape: Shape) -> float:
    bounds = shape.bounds[0] if isinstance(shape, Box) else ()
    values = [value for value in bounds if value is not None]
    if len(values) != 1:
        raise TypeError("the strategy lets a side be taken of a single cut only")
    return values[0]
