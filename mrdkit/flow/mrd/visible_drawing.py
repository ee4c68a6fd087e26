"""The polygons of one tube: marker pairs, then sides, then a second search around what the first one kept.

The search may look at a sample; whether polygons hold the rules' share of the scored events, and which of two
searches is better, is decided by counts of all events.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.inclusion import PlanePolygon, populations_of
from mrdkit.flow.mrd.visible_frames import (
    Frame,
    core_of,
    frames_of,
    limits_of,
    outlines_of,
    reaches_of,
)
from mrdkit.flow.mrd.visible_rules import VisibleRules
from mrdkit.flow.mrd.visible_search import best_pairs, peeled, sample_of

__all__ = ["Drawing", "drawn"]

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawing:
    """Polygons and what they hold.

    Attributes:
        polygons: one per marker pair, in the order of the columns.
        n_inside: events that all polygons hold.
        n_recovered: scored events among them.
        kept: (m, d) the scored events looked at that the polygons were drawn around.
    """

    polygons: tuple[PlanePolygon, ...]
    n_inside: int
    n_recovered: int
    kept: F64 = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cloud:
    """The events of one tube.

    Attributes:
        events: (n, d) all of them.
        scored: (n,) which of them were scored.
        other: (n,) which are finite and were not scored.
        sample: (m, d) finite scored events, or as many as the search looks at.
        weight: finite scored events for each one looked at.
        n_least: scored events that the polygons should hold.
        ranges: (d,) highest minus lowest finite coordinate.
        margin: that sides keep from what they enclose.
        rules: the settings.
    """

    events: F64
    scored: Mask
    other: Mask
    sample: F64
    weight: float
    n_least: float
    ranges: F64
    margin: float
    rules: VisibleRules


def drawn(events: F64, scored: Mask, finite: Mask, rules: VisibleRules) -> Drawing:
    """Draw polygons around scored events, at least one of which is finite.

    Args:
        events: (n_events, d) display coordinates.
        scored: (n_events,) which of them were scored.
        finite: (n_events,) which of them have finite coordinates throughout.
        rules: the settings.
    """
    cloud = _cloud(events, scored, finite, rules)
    first = _tightest(cloud, _chosen(cloud, core_of(cloud.sample, rules.core_share)))
    second = _tightest(cloud, _chosen(cloud, first.kept))
    return min(first, second, key=lambda each: (each.n_recovered < cloud.n_least, _n_other(each)))


def _n_other(drawing: Drawing) -> int:
    return drawing.n_inside - drawing.n_recovered


def _cloud(events: F64, scored: Mask, finite: Mask, rules: VisibleRules) -> _Cloud:
    mine = events[finite & scored]
    sample = sample_of(mine, rules.scored_searched_at_most)
    return _Cloud(
        events=events,
        scored=scored,
        other=finite & ~scored,
        sample=sample,
        weight=len(mine) / len(sample),
        n_least=rules.share_at_least * np.count_nonzero(scored),
        ranges=np.ptp(events[finite], axis=0),
        margin=rules.margin_deviations * math.pow(len(mine), -1.0 / 6.0),
        rules=rules,
    )


def _chosen(cloud: _Cloud, core: F64) -> tuple[Frame, ...]:
    """Return the frames of the marker pairs that the gates use."""
    rules = cloud.rules
    frames = frames_of(
        core,
        cloud.ranges,
        n_sides=rules.vertices_at_most,
        spread_at_least_share=rules.spread_at_least_share,
    )
    outlines = outlines_of(frames, limits_of(reaches_of(frames, core), cloud.margin))
    others, weight = _others(cloud, cloud.other)
    members = populations_of(others, outlines).members
    n_scored = len(cloud.sample) * cloud.weight / weight
    return tuple(frames[pair] for pair in best_pairs(members[1:], members[0], n_scored, rules))


def _tightest(cloud: _Cloud, frames: Sequence[Frame]) -> Drawing:
    """Return the tightest polygons that hold the least number of scored events, or else the widest."""
    reaches = reaches_of(frames, cloud.sample)
    course = list(_course(cloud, frames, reaches))
    while True:
        kept = course.pop()
        polygons = outlines_of(frames, limits_of(reaches[kept], cloud.margin))
        inside = _inside(cloud.events, polygons)
        n_recovered = int(np.count_nonzero(inside & cloud.scored))
        if n_recovered >= cloud.n_least or not course:
            return Drawing(
                polygons=polygons,
                n_inside=int(np.count_nonzero(inside)),
                n_recovered=n_recovered,
                kept=cloud.sample[kept],
            )


def _course(cloud: _Cloud, frames: Sequence[Frame], reaches: F64) -> Iterator[Mask]:
    """Yield the scored events that hold the polygons open, from all of them to the fewest.

    Where more other events lie inside than the search looks at, it looks again once there are fewer.
    """
    kept = np.ones(len(reaches), dtype=np.bool_)
    yield kept
    while True:
        inside = _inside(cloud.events, outlines_of(frames, limits_of(reaches[kept], cloud.margin)))
        others, weight = _others(cloud, inside & cloud.other)
        price = cloud.rules.others_per_scored_at_least * cloud.weight / weight
        beside = reaches_of(frames, others)
        steps = list(peeled(reaches, beside, kept, margin=cloud.margin, price=price, rules=cloud.rules))
        yield from steps
        if not steps or weight == 1.0:
            return
        kept = steps[-1]


def _others(cloud: _Cloud, chosen: Mask) -> tuple[F64, float]:
    """Return the chosen events, or as many as the search looks at, and for how many each one stands."""
    others = sample_of(cloud.events[chosen], cloud.rules.others_searched_at_most)
    return others, np.count_nonzero(chosen) / len(others) if len(others) else 1.0


def _inside(events: F64, polygons: Sequence[PlanePolygon]) -> Mask:
    """Return (n_events,) which events all polygons hold."""
    populations = populations_of(events, polygons)
    return np.asarray(
        np.logical_and.reduce([populations.mask(row) for row in range(1, len(polygons) + 1)]), dtype=np.bool_
    )
