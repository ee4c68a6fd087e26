"""Which clone each clone descends from: `idem`, `sl` and `sdl` resolved.

`idem` is always the first clone; `sl` a stemline, `sdl` a sideline, by number where several exist. A bare
`sl` or `sdl` that could mean several clones is not guessed. Source: ISCN 2024 section 6.3.4 in our own words.
Donor and recipient clones never refer to each other.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from mrdkit.karyotype.inheritance import completed, merged
from mrdkit.karyotype.items import Item
from mrdkit.karyotype.layout import Population, unreadable
from mrdkit.karyotype.parse import Karyotype, ParsedClone

__all__ = ["Line", "resolve"]

_NORMAL_COUNT = 46
_NORMAL_SEX = ("XX", "XY", "U")


class Line(NamedTuple):
    """A clone with what it inherits.

    Attributes:
        clone: as written.
        position: its first character in the cleaned text, from 1.
        role: normal, constitutional, stem (written in full) or side (written by reference).
        parent: index of the clone referred to, or None.
        inherited: items of the parent that are still there.
        own: what the clone itself adds, net; a chromosome that it only restores is not among them.
        items: all items, inherited ones first.
        sex: sex chromosomes as written, or the parent's.
        resolved: False where the reference could mean several clones.
    """

    clone: ParsedClone
    position: int
    role: Literal["stem", "side", "normal", "constitutional"]
    parent: int | None
    inherited: tuple[Item, ...]
    own: tuple[Item, ...]
    items: tuple[Item, ...]
    sex: str | None
    resolved: bool

    @property
    def doubled(self) -> bool:
        """Whether the line is a multiple of the clone that it refers to, or of the set that it states."""
        return self.clone.times > 1


def resolve(karyotype: Karyotype) -> tuple[Line, ...]:
    """Return the clones of a karyotype with their inheritance, in their order.

    Raises:
        InputError: REFERENCE_UNKNOWN, where a clone refers to one that does not exist.
    """
    lines: list[Line] = []
    written: dict[Population, tuple[Item, ...]] = {}
    for clone, position in zip(karyotype.clones, karyotype.positions, strict=True):
        before = written.get(clone.population, ())
        items = completed(clone.items, before)
        written[clone.population] = (*before, *items)
        full = clone if items is clone.items else replace(clone, items=items)
        lines.append(_written(full, position) if full.reference is None else _derived(full, position, lines))
    return tuple(lines)


def _written(clone: ParsedClone, position: int) -> Line:
    own = merged((), clone.items, doubled=False)[1]
    return Line(
        clone=clone,
        position=position,
        role=_role(clone),
        parent=None,
        inherited=(),
        own=own,
        items=own,
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


def _derived(clone: ParsedClone, position: int, lines: Sequence[Line]) -> Line:
    own_side = [i for i, line in enumerate(lines) if line.clone.population == clone.population]
    parent = _parent(clone, position, lines, own_side)
    if parent is None:
        return Line(
            clone=clone,
            position=position,
            role="side",
            parent=None,
            inherited=(),
            own=clone.items,
            items=clone.items,
            sex=clone.sex,
            resolved=False,
        )
    source = lines[parent]
    inherited, own = merged(source.items, clone.items, doubled=clone.times > 1)
    return Line(
        clone=clone,
        position=position,
        role="side",
        parent=parent,
        inherited=inherited,
        own=own,
        items=inherited + own,
        sex=clone.sex or source.sex,
        resolved=source.resolved,
    )


def _parent(clone: ParsedClone, position: int, lines: Sequence[Line], own_side: Sequence[int]) -> int | None:
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
        raise unreadable(f"{name} refers to no clone before it", code="REFERENCE_UNKNOWN", position=position)
    if number is not None:
        return candidates[number - 1]
    return candidates[0] if len(candidates) == 1 else None
