"""What each clone has inherited: `idem`, `sl` and `sdl` resolved, what was restored or removed taken off.

`idem` is always the first clone; `sl` a stemline, `sdl` a sideline, by number where several exist. A bare
`sl` or `sdl` that could mean several clones is not guessed. `+3` on a stemline that has -3 restores it: no
trisomy. Source: ISCN 2024 section 6.3.4 in our own words. Donor and recipient clones never refer to each
other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mrdkit.karyotype.items import Item
from mrdkit.karyotype.layout import unreadable
from mrdkit.karyotype.parse import ParsedClone

__all__ = ["Line", "resolve"]

_NORMAL_COUNT = 46
_NORMAL_SEX = ("XX", "XY", "U")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A clone with what it inherits.

    Attributes:
        clone: as written.
        role: normal, constitutional, stem (written in full) or side (written by reference).
        parent: index of the clone referred to, or None.
        inherited: items of the parent that are still there.
        own: items of the clone itself; a chromosome that it only restores is not among them.
        sex: sex chromosomes as written, or the parent's.
        resolved: False where the reference could mean several clones.
    """

    clone: ParsedClone
    role: Literal["stem", "side", "normal", "constitutional"]
    parent: int | None
    inherited: tuple[Item, ...]
    own: tuple[Item, ...]
    sex: str | None
    resolved: bool

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, inherited ones first."""
        return self.inherited + self.own

    @property
    def doubled(self) -> bool:
        """Whether the line is a multiple of the clone that it refers to."""
        return self.clone.reference is not None and self.clone.reference.times > 1


def resolve(clones: Sequence[ParsedClone]) -> tuple[Line, ...]:
    """Return the clones with their inheritance, in their order.

    Raises:
        InputError: REFERENCE_UNKNOWN, where a clone refers to one that does not exist.
    """
    lines: list[Line] = []
    for clone in clones:
        lines.append(_written(clone) if clone.reference is None else _derived(clone, lines))
    return tuple(lines)


def _written(clone: ParsedClone) -> Line:
    return Line(
        clone=clone,
        role=_role(clone),
        parent=None,
        inherited=(),
        own=clone.items,
        sex=clone.sex,
        resolved=True,
    )


def _role(clone: ParsedClone) -> Literal["stem", "normal", "constitutional"]:
    sex = clone.sex or ""
    if any(not item.constitutional for item in clone.items) or sex.strip("?c") == "":
        return "stem"
    if clone.items or sex.endswith("c"):
        return "constitutional"
    one_count = clone.count_low == clone.count_high == _NORMAL_COUNT
    return "normal" if one_count and clone.level in (None, 2) and sex in _NORMAL_SEX else "stem"


def _derived(clone: ParsedClone, lines: Sequence[Line]) -> Line:
    own_side = [i for i, line in enumerate(lines) if line.clone.population == clone.population]
    parent = _parent(clone, lines, own_side)
    if parent is None:
        return Line(
            clone=clone,
            role="side",
            parent=None,
            inherited=(),
            own=clone.items,
            sex=clone.sex,
            resolved=False,
        )
    source = lines[parent]
    inherited, own = _merged(source.items, clone.items)
    return Line(
        clone=clone,
        role="side",
        parent=parent,
        inherited=inherited,
        own=own,
        sex=clone.sex or source.sex,
        resolved=source.resolved,
    )


def _parent(clone: ParsedClone, lines: Sequence[Line], own_side: Sequence[int]) -> int | None:
    """Return the index of the clone referred to, or None where several could be meant."""
    reference = clone.reference
    word = reference.word if reference else ""
    number = reference.number if reference else None
    if word == "idem":
        candidates = own_side[:1]
    else:
        role = "stem" if word == "sl" else "side"
        candidates = [i for i in own_side if lines[i].role == role]
    if not candidates or (number is not None and not 1 <= number <= len(candidates)):
        name = reference.text if reference else ""
        raise unreadable(
            f"{name} refers to no clone before it", code="REFERENCE_UNKNOWN", position=clone.position
        )
    if number is not None:
        return candidates[number - 1]
    return candidates[0] if len(candidates) == 1 else None


def _merged(inherited: Sequence[Item], items: Sequence[Item]) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Return what stays of the inherited items, and what the clone adds."""
    kept, own = list(inherited), list[Item]()
    for item in items:
        restored = next((other for other in kept if _cancels(other, item)), None)
        if restored is not None:
            kept.remove(restored)
        elif item.sign == "-" and item.kind != "number":
            removed = next((other for other in kept if _names(item.text[1:], other.text.lstrip("+"))), None)
            if removed is not None:
                kept.remove(removed)
            own.append(item if removed else replace(item, understood=False))
        else:
            own.append(item)
    return tuple(kept), tuple(own)


def _cancels(inherited: Item, item: Item) -> bool:
    """Return whether one whole chromosome is gained and the same one lost."""
    both = inherited.kind == item.kind == "number" and inherited.low == item.low == 1
    same = inherited.chromosome is not None and inherited.chromosome == item.chromosome
    germ_line = inherited.constitutional or item.constitutional
    return both and same and inherited.sign != item.sign and not germ_line


def _names(short: str, full: str) -> bool:
    """Return whether an item is named in full or by its beginning: add(7) for add(7)(q36)."""
    rest = full.removeprefix(short)
    return full.startswith(short) and (not rest or rest[0] == "(" or rest[0].isalpha())
