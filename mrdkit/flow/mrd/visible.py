"""Scored events made visible: a few polygons on marker pairs that together hold them and little else.

A model scores events in all markers at once; a reader sees two at a time. The gates are drawn around what was
scored, never the other way round: they change no count and no call, and say how well they agree with it.
Every number given is a count of all events by the gating engine.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import RuleError
from mrdkit.flow.gates import Polygon
from mrdkit.flow.mrd.visible_drawing import Drawing, drawn
from mrdkit.flow.mrd.visible_rules import VisibleRules
from mrdkit.flow.strategy import Dimension, GatePath, ShapeGate

__all__ = ["Agreement", "VisibleGates", "VisiblePair", "as_gates", "visible_gates"]

_PLANE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class VisiblePair:
    """One polygon on two markers, in display coordinates."""

    x: str
    y: str
    vertices: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The gates against the score: found of the scored, scored of the found, and their harmonic mean."""

    recall: float
    precision: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleGates:
    """The gates of one tube and what they hold.

    Attributes:
        pairs: the polygons; an event is inside when all of them hold it. Empty where none were drawn.
        n_scored: scored events.
        n_inside: events inside, scored or not.
        n_recovered: scored events inside.
        agreement: None where no gates were drawn.
        flags: TOO_FEW_EVENTS_FOR_GATES, VISIBLE_GATES_BELOW_90, VISIBLE_GATES_MOSTLY_OTHERS,
            SCORED_EVENTS_NOT_FINITE.
    """

    pairs: tuple[VisiblePair, ...]
    n_scored: int
    n_inside: int
    n_recovered: int
    agreement: Agreement | None
    flags: tuple[str, ...]

    @property
    def recovered_share(self) -> float | None:
        """Return the share of the scored events that is inside; None where no gates were drawn."""
        return None if self.agreement is None else self.agreement.recall


def visible_gates(
    events: NDArray[np.float64], scored: NDArray[np.bool_], markers: Sequence[str], rules: VisibleRules
) -> VisibleGates:
    """Draw the gates of one tube.

    Args:
        events: (n_events, n_markers) display coordinates of the events in the lineage gate.
        scored: (n_events,) which of them the model scored as leukemic.
        markers: names of the columns; their order breaks ties.
        rules: the settings.

    Returns:
        The gates; without polygons where too few scored events have finite coordinates.

    Raises:
        ValueError: the arguments do not fit each other, or there are too few markers for the pairs.
    """
    _check(events, scored, markers, rules)
    finite: NDArray[np.bool_] = np.asarray(np.isfinite(events).all(axis=1))
    n_scored, n_finite = int(np.count_nonzero(scored)), int(np.count_nonzero(scored & finite))
    doubts = () if n_finite == n_scored else ("SCORED_EVENTS_NOT_FINITE",)
    if n_finite < rules.events_at_least:
        flags = ("TOO_FEW_EVENTS_FOR_GATES", *doubts)
        return VisibleGates(
            pairs=(), n_scored=n_scored, n_inside=0, n_recovered=0, agreement=None, flags=flags
        )
    drawing = drawn(events, scored, finite, rules)
    agreement = _agreement(drawing, n_scored)
    return VisibleGates(
        pairs=tuple(
            VisiblePair(x=markers[x], y=markers[y], vertices=plane.polygon.vertices)
            for plane in drawing.polygons
            for x, y in (plane.columns,)
        ),
        n_scored=n_scored,
        n_inside=drawing.n_inside,
        n_recovered=drawing.n_recovered,
        agreement=agreement,
        flags=(*_flags(agreement, rules), *doubts),
    )


def as_gates(visible: VisibleGates, parent: GatePath, axes: Mapping[str, Dimension]) -> tuple[ShapeGate, ...]:
    """Return the polygons as nested gates below the lineage gate; the innermost holds what all hold.

    Args:
        visible: the gates of a tube.
        parent: path of the gate whose events they were drawn on.
        axes: the dimension whose coordinates each marker stood for.

    Raises:
        RuleError: a marker has no axis.
    """
    names = (f"visible_{number}" for number in range(1, len(visible.pairs) + 1))
    paths = list(accumulate(names, lambda path, name: (*path, name), initial=parent))[1:]
    return tuple(
        ShapeGate(
            path=path,
            dimensions=(_axis(pair.x, axes), _axis(pair.y, axes)),
            shape=Polygon(vertices=pair.vertices),
        )
        for path, pair in zip(paths, visible.pairs, strict=True)
    )


def _agreement(drawing: Drawing, n_scored: int) -> Agreement:
    return Agreement(
        recall=drawing.n_recovered / n_scored,
        precision=drawing.n_recovered / drawing.n_inside if drawing.n_inside else 0.0,
        f1=2.0 * drawing.n_recovered / (n_scored + drawing.n_inside),
    )


def _flags(agreement: Agreement, rules: VisibleRules) -> Iterator[str]:
    if agreement.recall < rules.share_at_least:
        yield "VISIBLE_GATES_BELOW_90"
    if agreement.precision < rules.precision_at_least:
        yield "VISIBLE_GATES_MOSTLY_OTHERS"


def _axis(marker: str, axes: Mapping[str, Dimension]) -> Dimension:
    if marker not in axes:
        raise RuleError(
            "the marker of a visible gate has no axis",
            code="AXIS_UNKNOWN",
            place="visible gates",
            expected="one of " + ", ".join(axes),
            found=marker,
        )
    return axes[marker]


def _check(
    events: NDArray[np.float64], scored: NDArray[np.bool_], markers: Sequence[str], rules: VisibleRules
) -> None:
    if events.shape != (len(scored), len(markers)):
        raise ValueError(f"{len(scored)} scores and {len(markers)} markers do not fit {events.shape} events")
    if events.dtype != np.float64 or scored.dtype != np.bool_:
        raise ValueError(f"events must be float64 and scores bool, got {events.dtype} and {scored.dtype}")
    if len(set(markers)) != len(markers):
        raise ValueError("two markers have the same name")
    if math.comb(len(markers), _PLANE) < rules.pairs_at_least:
        raise ValueError(f"{len(markers)} markers make fewer than {rules.pairs_at_least} pairs")
