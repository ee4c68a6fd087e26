"""What stays of the items that a clone inherits, and what it adds, net of what it restores or removes.

`+3` on a stemline that has -3 restores it: no trisomy. `-del(11),+11` puts a normal 11 in the place of the
changed one; `-dic(8;17),+17` leaves 8 lost; `-der(9)t(9;22)` loses one product of a translocation that is
there. What removes something that is not there is not understood. Source: ISCN 2024 section 6.3.4 in our own
words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mrdkit.karyotype.items import Item, parse_item

__all__ = ["completed", "merged"]

_JOINS = "t"


def merged(
    inherited: Sequence[Item], items: Sequence[Item], *, doubled: bool
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Return what stays of the inherited items, and what the clone adds.

    Args:
        inherited: items of the clone referred to.
        items: items of the clone as written.
        doubled: the clone is a multiple of the one referred to; a removed copy leaves another.
    """
    if not inherited and not any(_removes(item) for item in items):
        return (), tuple(items)
    kept, lost = list(inherited), list[Item]()
    left: list[Item] = []
    for item in items:
        if _removes(item):
            lost += _removed(item, kept, items, doubled=doubled)
        else:
            left.append(item)
    own = [item for item in (_added(each, kept, lost, doubled=doubled) for each in left) if item]
    return tuple(kept), _in_order(own + lost)


def completed(items: Sequence[Item], earlier: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items of a clone, those that are abbreviated as they were written in full before.

    `t(9;22)` repeats t(9;22)(q34;q11.2), and `+der(22)` beside it is a further product of it. What fits none
    or several stays as written; so does what a clone removes, which names the item itself.
    """
    if not any(item.abbreviated and item.sign != "-" for item in items):
        return tuple(items)
    found: list[Item] = []
    for item in items:
        short = item.abbreviated and item.sign != "-"
        found.append(_in_full(item, [*earlier, *found]) if short else item)
    return tuple(found)


def _in_full(item: Item, before: Sequence[Item]) -> Item:
    name = item.text.lstrip("+")
    full = {other.text.lstrip("+"): other for other in before if other.segments and not other.abbreviated}
    same = [other for text, other in full.items() if _names(name, text)]
    if len(same) == 1 and not item.doubtful:
        text = item.sign + same[0].text.lstrip("+")
        return replace(same[0], text=text, sign=item.sign, position=item.position, cells=item.cells)
    exchanges = [
        other
        for other in full.values()
        if other.kind == _JOINS and set(item.chromosomes) <= set(other.chromosomes)
    ]
    if same or len(exchanges) != 1 or item.kind != "der" or len(item.segments) > 1:
        return item
    segments = (*item.segments, *exchanges[0].segments)
    named = item.named | exchanges[0].named
    return replace(
        item, text=item.text + exchanges[0].text, segments=segments, named=named, abbreviated=False
    )


def _removes(item: Item) -> bool:
    """Return whether an item takes a changed chromosome away."""
    return item.sign == "-" and item.kind not in ("number", "unknown")


def _removed(item: Item, kept: list[Item], items: Sequence[Item], *, doubled: bool) -> list[Item]:
    """Take a removed item off, and return the chromosomes that are then missing."""
    there = [other for other in kept if _names(item.text[1:], other.text.lstrip("+"))]
    if not there:
        known = _is_product(item, [*kept, *items])
        return [item if known and item.understood else replace(item, understood=False)]
    if doubled or item.low > 1 or there[0].low > 1:
        return [item]
    kept.remove(there[0])
    if there[0].sign == "+" or there[0].kind == "dmin":
        return []
    return [
        replace(parse_item(f"-{name.strip('?')}"), position=item.position) for name in there[0].chromosomes
    ]


def _added(item: Item, kept: list[Item], lost: list[Item], *, doubled: bool) -> Item | None:
    """Return what a gain is after it has replaced what was lost; None where it only restores."""
    restored = next((other for other in [*lost, *kept] if not doubled and _cancels(other, item)), None)
    if restored is not None:
        (lost if restored in lost else kept).remove(restored)
        return None
    replaced = [other for other in lost if other.is_loss and other.chromosome in item.chromosomes]
    if item.sign != "+" or item.low > 1 or len(replaced) != len(item.chromosomes) or not replaced:
        return item
    for other in replaced:
        lost.remove(other)
    return replace(item, text=item.text[1:], sign="")


def _cancels(other: Item, item: Item) -> bool:
    """Return whether one whole chromosome is gained and the same one lost."""
    both = other.kind == item.kind == "number" and other.low == item.low == 1
    same = other.chromosome is not None and other.chromosome == item.chromosome
    germ_line = other.constitutional or item.constitutional
    return both and same and other.sign != item.sign and not germ_line


def _is_product(item: Item, others: Iterable[Item]) -> bool:
    """Return whether a derivative is one product of a translocation that is there."""
    exchanges = [segment.chromosomes for segment in item.segments[1:] if segment.name == _JOINS]
    there = {segment.chromosomes for other in others if other.sign != "-" for segment in other.segments}
    return item.kind == "der" and bool(exchanges) and all(exchange in there for exchange in exchanges)


def _names(short: str, full: str) -> bool:
    """Return whether an item is named in full or by its beginning.

    >>> _names("add(7)", "add(7)(q36)"), _names("mar1", "mar12")
    (True, False)
    """
    rest = full.removeprefix(short)
    return full.startswith(short) and (not rest or rest[0] == "(" or rest[0].isalpha())


def _in_order(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: item.position))
