"""Which marker pairs show a cluster, and how tight their polygons may be drawn.

Pairs: the one whose outline of the cluster's core leaves the fewest other events comes first, then whichever
leaves the fewest of those, then exchanges as long as one helps; the first pair in marker order wins a tie.
Sides: all polygons together are a box in the reaches of their sides. Every step moves in the side that
excludes most other events per scored event given up, and the box closes around the scored events that are
left. Source of the peeling: PRIM, Friedman and Fisher, Statistics and Computing 1999;9:123.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.mrd.visible_rules import VisibleRules

__all__ = ["best_pairs", "peeled", "sample_of"]

F64 = NDArray[np.float64]
U64 = NDArray[np.uint64]
Mask = NDArray[np.bool_]

_GOLDEN = 0x9E3779B97F4A7C15  # multipliers and shifts of splitmix64 (Steele, Lea and Flood 2014)
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST_SHIFT = 31


def sample_of(events: F64, at_most: int) -> F64:
    """Return at most so many events (n, d), in an order and a choice that only their values decide."""
    values = events + 0.0  # -0.0 becomes 0.0
    if len(values) > at_most:
        values = values[np.argpartition(_digests(values), at_most)[:at_most]]
    return np.asarray(values[np.lexsort(values.T[::-1])])


def best_pairs(inside: U64, everything: U64, n_scored: float, rules: VisibleRules) -> tuple[int, ...]:
    """Return the pairs that together leave the fewest other events, in ascending order.

    Args:
        inside: (n_pairs, n_words) which of the other events each pair's outline holds, as bits.
        everything: (n_words,) the bits of all of them.
        n_scored: scored events for as many other events as these.
        rules: how many pairs, and when a further one is worth it.
    """
    chosen: tuple[int, ...] = ()
    left = _size(everything)
    for _ in range(min(rules.pairs_at_most, len(inside))):
        wider = _exchanged(inside, everything, (*chosen, _best_with(inside, everything, chosen)))
        now = _size(_joint(inside, everything, wider))
        worth = max(rules.excludes_at_least_share * left, rules.excludes_at_least_per_scored * n_scored)
        if len(chosen) >= rules.pairs_at_least and (left == now or left - now < worth):
            break
        chosen, left = wider, now
    return tuple(sorted(chosen))


def peeled(
    scored: F64, others: F64, kept: Mask, *, margin: float, price: float, rules: VisibleRules
) -> Iterator[Mask]:
    """Yield which scored events still hold the box open, after each step that moves one side in.

    Args:
        scored: (n, n_sides) reaches of the scored events.
        others: (m, n_sides) reaches of other events.
        kept: (n,) the scored events that hold the box open so far.
        margin: that the box keeps around them.
        price: others among those given that a side must exclude per scored event given up.
        rules: how many scored events may be given up, and in what steps.
    """
    least = math.ceil(rules.share_at_least * len(scored))
    step = max(1, round(rules.step_share * len(scored)))
    while True:
        limits = scored[kept].max(axis=0) + margin
        others = others[(others <= limits).all(axis=1)]
        numbers = np.arange(step, int(kept.sum()) - least + 1, step)
        if not len(numbers) or not len(others):
            return
        side, limit, worth = _best_cut(scored[kept], others, numbers, margin)
        if worth < price:
            return
        kept = kept & (scored[:, side] <= limit)
        yield kept


def _best_cut(kept: F64, others: F64, numbers: NDArray[np.int64], margin: float) -> tuple[int, float, float]:
    """Return the side that excludes most others per event given up, its reach behind it, and that ratio."""
    descending = -np.sort(-kept, axis=0)
    reaches = descending[numbers]
    beyond = np.stack(
        [
            len(values) - np.searchsorted(values, reached + margin, side="right")
            for values, reached in zip(np.sort(others, axis=0).T, reaches.T, strict=True)
        ],
        axis=1,
    )
    given_up = (kept[:, None, :] > reaches).sum(axis=0)
    worth = np.where(given_up > 0, beyond / np.maximum(given_up, 1), 0.0)
    row, side = np.unravel_index(int(np.argmax(worth)), worth.shape)
    return int(side), float(reaches[row, side]), float(worth[row, side])


def _exchanged(inside: U64, everything: U64, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """Replace pairs one by one as long as that leaves fewer events."""
    place, since = 0, 0
    while since < len(chosen):
        rest = (*chosen[:place], *chosen[place + 1 :])
        better = (*chosen[:place], _best_with(inside, everything, rest), *chosen[place + 1 :])
        fewer = _size(_joint(inside, everything, better)) < _size(_joint(inside, everything, chosen))
        chosen, since = (better, 0) if fewer else (chosen, since + 1)
        place = (place + 1) % len(chosen)
    return chosen


def _best_with(inside: U64, everything: U64, chosen: tuple[int, ...]) -> int:
    """Return the further pair that leaves the fewest events; the first one of equals."""
    left = np.bitwise_count(inside & _joint(inside, everything, chosen)).sum(axis=1, dtype=np.int64)
    left[list(chosen)] = np.iinfo(np.int64).max
    return int(np.argmin(left))


def _joint(inside: U64, everything: U64, chosen: tuple[int, ...]) -> U64:
    return np.asarray(np.bitwise_and.reduce([everything, *inside[list(chosen)]]))


def _size(members: U64) -> int:
    return int(np.bitwise_count(members).sum(dtype=np.int64))


def _digests(values: F64) -> U64:
    """Return one well mixed number per row; equal rows have equal ones."""
    digests = np.zeros(len(values), dtype=np.uint64)
    for column in np.ascontiguousarray(values.T).view(np.uint64):
        digests = (digests ^ column) + np.uint64(_GOLDEN)
        for shift, factor in _MIX:
            digests = (digests ^ (digests >> np.uint64(shift))) * np.uint64(factor)
        digests ^= digests >> np.uint64(_LAST_SHIFT)
    return digests
