"""Which changes are clonal: gain or structural change in two metaphases, loss in three.

A change is counted over all clones that carry it. A single metaphase is clonal only with a change that is
known from an earlier sample or confirmed by FISH, whatever the resolution of its bands. Clones without stated
metaphases are taken at the word of who wrote them, and flagged. Source: ISCN 2024 sections 4.5.1 and 6.3 in
our own words.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mrdkit.karyotype.items import Item, parse_item
from mrdkit.karyotype.lineage import Line
from mrdkit.karyotype.rules import PloidyRule

__all__ = ["JudgedLine", "judge", "mainline"]

_MANY = 10_000  # metaphases of a clone without a stated number


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLine:
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
    cells: Counter[tuple[str, str]] = Counter()
    for line in lines:
        for item in dict.fromkeys(line.items):
            cells[line.clone.population, item.text] += _cells_with(line, item)

    def is_clonal(line: Line, item: Item) -> bool:
        need = (
            rule.clonal_loss_at_least_cells if item.is_loss else rule.clonal_gain_or_structural_at_least_cells
        )
        enough = (earlier and item.change in earlier) or cells[line.clone.population, item.text] >= need
        return bool(enough) and not item.constitutional

    return tuple(
        _judged(line, rule, [item for item in line.items if is_clonal(line, item)]) for line in lines
    )


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


def _cells_with(line: Line, item: Item) -> int:
    if item in line.own and item.cells is not None:
        return item.cells
    return _MANY if line.clone.cells is None else line.clone.cells
