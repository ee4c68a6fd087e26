"""Which changes are clonal: gain or structural change in two metaphases, loss in three.

A change is counted over all clones that carry it. A single metaphase is clonal only with a change that is
known from an earlier sample or confirmed by FISH, whatever the resolution of its bands. Clones without stated
metaphases are taken at the word of who wrote them, and flagged. Source: ISCN 2024 sections 4.5.1 and 6.3 in
our own words.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mrdkit.karyotype.items import Item, parse_item
from mrdkit.karyotype.layout import Population
from mrdkit.karyotype.lineage import Line
from mrdkit.karyotype.rules import PloidyRule

__all__ = ["JudgedLine", "judge", "mainline"]

_MANY = 10_000  # metaphases of a clone without a stated number


class JudgedLine(NamedTuple):
    """A line, whether it is a clone, and which of its items are clonal (constitutional ones never)."""

    line: Line
    clonal: bool
    clonal_items: tuple[Item, ...]

    @property
    def only_lost(self) -> bool:
        """Whether nothing but whole chromosomes is missing, not clonally: read as lost in preparation."""
        changes = [item for item in self.line.items if not item.constitutional]
        return bool(changes) and not self.clonal and all(item.is_loss for item in changes)


def judge(lines: Sequence[Line], rule: PloidyRule, known: Iterable[str]) -> tuple[JudgedLine, ...]:
    """Return the lines judged; `known` are items of an earlier sample, as written."""
    earlier = frozenset(parse_item(text).change for text in known)
    persons: tuple[Population, ...] = ("recipient", "donor")
    seen = {population: _cells_by_item(lines, population) for population in persons}

    def is_clonal(item: Item, cells: int) -> bool:
        if item.constitutional:
            return False
        loss, other = rule.clonal_loss_at_least_cells, rule.clonal_gain_or_structural_at_least_cells
        return cells >= (loss if item.is_loss else other) or (bool(earlier) and item.change in earlier)

    found = []
    for line in lines:
        cells = seen[line.clone.population]
        found.append(_judged(line, rule, [item for item in line.items if is_clonal(item, cells[item.text])]))
    return tuple(found)


def mainline(judged: Sequence[JudgedLine]) -> JudgedLine | None:
    """Return the recipient's clonal abnormal line with most metaphases, or None where that is not certain."""
    clonal = [line for line in judged if line.clonal and line.line.clone.population == "recipient"]
    if len(clonal) <= 1:
        return clonal[0] if clonal else None
    if any(line.line.clone.cells is None for line in clonal):
        return None
    most = max(line.line.clone.cells or 0 for line in clonal)
    largest = [line for line in clonal if line.line.clone.cells == most]
    counts = {(line.line.clone.count_low, line.line.clone.count_high) for line in largest}
    return largest[0] if len(counts) == 1 else None


def _judged(line: Line, rule: PloidyRule, clonal_items: list[Item]) -> JudgedLine:
    texts = {item.text for item in clonal_items}
    cells = _MANY if line.clone.cells is None else line.clone.cells
    by_number = not line.own or line.doubled
    own = any(item.text in texts for item in line.own)
    enough = cells >= rule.clonal_gain_or_structural_at_least_cells
    clonal = line.role in ("stem", "side") and (own or (by_number and enough))
    return JudgedLine(line=line, clonal=clonal, clonal_items=tuple(clonal_items))


def _cells_by_item(lines: Sequence[Line], population: Population) -> dict[str, int]:
    """Return item -> metaphases with it over all clones of one person; twice in a clone counts once."""
    found: dict[str, int] = {}
    for line in lines:
        if line.clone.population != population:
            continue
        cells = _MANY if line.clone.cells is None else line.clone.cells
        own = {item.text: cells for item in line.inherited}
        for item in line.own:
            own[item.text] = max(own.get(item.text, 0), cells if item.cells is None else item.cells)
        for text, n in own.items():
            found[text] = found.get(text, 0) + n
    return found
