"""What one structural change weighs in the number of abnormalities, beside those already counted.

A derivative of one unbalanced translocation is 2; of several changes it is at least its heaviest and at most
all of them. A product of a translocation that is counted already adds nothing, and one that shares a
breakpoint with it may belong to the same exchange. Source: ISCN 2024 section 6.5, Tables 7 and 8, in our own
words.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from mrdkit.karyotype.items import Item
from mrdkit.karyotype.segments import UNKNOWN_KIND, Segment

__all__ = ["Weight", "structure_weight"]

Weight: TypeAlias = tuple[int, int]

_DOUBLE = frozenset(("trp", "qdp", "ider"))
_JOINED = frozenset(("dic", "trc", "tas", "rob"))
_EXCHANGES = frozenset(("t", "ins"))
_UNBALANCED_OR_NOT = (1, 2)


def structure_weight(item: Item, counted: Sequence[Item]) -> Weight:
    """Return least and largest weight of a structural change; `counted` are the items before it."""
    if any((item.kind, item.segments) == (other.kind, other.segments) for other in counted):
        return 0, 0 if item.sign else _alone(item)[1]
    return _alone(item, counted)


def _alone(item: Item, counted: Sequence[Item] = ()) -> Weight:
    if item.kind == "der":
        return _of_derivative(item, counted)
    first, *behind = item.segments
    further = [segment for segment in behind if not segment.detailed]
    low, high = _of_operation(first)
    if item.kind == "ider" and len(further) == 1:
        return low, high
    return low, high + sum(_within_derivative(segment)[1] for segment in further)


def _of_operation(segment: Segment) -> Weight:
    chromosomes = len(segment.chromosomes)
    if segment.name in _JOINED:
        return 2, max(2, chromosomes)
    if segment.name == UNKNOWN_KIND:
        return _UNBALANCED_OR_NOT
    if segment.name == "r":
        return (1, 1) if chromosomes == 1 else (2, 2)
    return (2, 2) if segment.name in _DOUBLE else (1, 1)


def _of_derivative(item: Item, counted: Sequence[Item]) -> Weight:
    changes = item.own_changes
    if changes == item.segments:
        return 2, 2
    deletions = [change for change in changes if change.name == "del"]
    others = [change for change in changes if change.name != "del"]
    if not others:
        return 1, 1
    weights = [_beside(change, item, counted) for change in others] + [(1, 1)] * bool(deletions)
    low, high = max(low for low, _ in weights), sum(high for _, high in weights)
    exchanged = any(change.name in _EXCHANGES for change in changes)
    return low, high if exchanged else max(2, high)


def _beside(change: Segment, item: Item, counted: Iterable[Item]) -> Weight:
    """Return the weight of one change of a derivative, less where an exchange is counted already."""
    low, high = _within_derivative(change)
    exchanges = [
        (other, segment)
        for other in counted
        for segment in other.segments
        if change.name in _EXCHANGES and segment.name in _EXCHANGES
    ]
    for other, segment in exchanges:
        if _is_same_exchange(change, segment):
            return 0, int(other.kind == "t" and not item.sign)
    related = any(change.places & segment.places for _, segment in exchanges)
    return 0 if related else low, high


def _within_derivative(change: Segment) -> Weight:
    return (2, 2) if change.name in _EXCHANGES else _of_operation(change)


def _is_same_exchange(one: Segment, other: Segment) -> bool:
    """Return whether the same chromosomes break in the same bands, as far as both are written."""
    unwritten = () in (one.bands, other.bands)
    return one.chromosomes == other.chromosomes and (unwritten or one.places == other.places)
