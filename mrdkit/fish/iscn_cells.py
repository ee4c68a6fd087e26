"""Cell numbers of the clones of a string: whose total is whose, and whether they can be right.

`[n/total]` says both. `[n]` alone is the total where all nuclei are abnormal (or normal); of several clones
of one hybridisation, and of recipient and donor, the total is their sum. Clones never add up to more than it.
Source: ISCN 2024 sections 7.3.1 and 7.6 in our own words.
"""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from mrdkit.fish.iscn_layout import Population, refused
from mrdkit.fish.iscn_result import Nuclei
from mrdkit.fish.iscn_segment import Cells

__all__ = ["CloneCells", "chimera_nuclei", "totals_of"]


class CloneCells(NamedTuple):
    """Cell numbers of one clone, and what tells it apart: technique, hybridisation, genes, population."""

    cells: Cells | None
    section: int
    hybridisation: int
    genes: Hashable
    population: Population


class _Group(NamedTuple):
    nuclei: int
    total: int | None


def totals_of(clones: Sequence[CloneCells]) -> list[int | None]:
    """Return the nuclei scored for every clone.

    Raises:
        InputError: two totals of one hybridisation differ, or its clones are more than its total.
    """
    groups = {key: _group(clones, key) for key in dict.fromkeys(map(_key, clones))}
    return [_total(one, groups) for one in clones]


def chimera_nuclei(clones: Sequence[CloneCells]) -> Nuclei | None:
    """Return recipient and donor nuclei of a chimera, where one hybridisation says all of them."""
    if not clones or {one.population for one in clones} == {"recipient"}:
        return None
    groups = {key: _group(clones, key) for key in dict.fromkeys(map(_key, clones))}
    of_population = {key[-1]: group for key, group in groups.items()}
    whole = {group.total for group in groups.values()}
    nuclei = sum(group.nuclei for group in groups.values())
    one_hybridisation = len({key[:2] for key in groups}) == 1 and len(groups) == len(of_population)
    if not one_hybridisation or any(one.cells is None for one in clones) or whole not in ({None}, {nuclei}):
        return None
    recipient = of_population["recipient"].nuclei if "recipient" in of_population else 0
    return Nuclei(total=nuclei, recipient=recipient, donor=nuclei - recipient)


def _key(one: CloneCells) -> tuple[int, int, Hashable, Population]:
    return one.section, one.hybridisation, one.genes, one.population


def _group(clones: Sequence[CloneCells], key: tuple[int, int, Hashable, Population]) -> _Group:
    cells = [one.cells for one in clones if _key(one) == key and one.cells is not None]
    totals = {one.total for one in cells if one.total is not None}
    if len(totals) > 1:
        raise refused("the clones of one hybridisation have two totals", "ISCN_TOTALS", cells[-1].at)
    nuclei, total = sum(one.n for one in cells), totals.pop() if totals else None
    if total is not None and nuclei > total:
        what = "the clones add up to more nuclei than were scored"
        raise refused(what, "ISCN_CLONES", cells[-1].at, expected=f"at most {total}", found=str(nuclei))
    return _Group(nuclei, total)


def _total(one: CloneCells, groups: dict[tuple[int, int, Hashable, Population], _Group]) -> int | None:
    if one.cells is None:
        return None
    own = groups[_key(one)]
    if own.total is not None:
        return own.total
    other = [
        group.nuclei
        for (section, hybridisation, _, population), group in groups.items()
        if (section, hybridisation) == (one.section, one.hybridisation)
        and population != one.population
        and group.total is None
    ]
    return own.nuclei + (other[0] if len(other) == 1 else 0)
