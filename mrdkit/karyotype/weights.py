"""How many abnormalities a karyotype has: by the weights of ISCN 2024 and by plain count of items.

Every clonal change of the patient's clones counts once, however many clones carry it. Where the weights leave
two readings (derivatives of several changes, multiplied sets with further changes) the number is a range; a
haploid base and anything not understood give no number. Source: ISCN 2024 section 6.5, Tables 7 and 8, in our
own words; project decisions: a dicentric of two chromosomes counts 2, with a flag; an extra copy of a changed
chromosome counts one gain beside the change, as the tables have it for +del.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mrdkit.karyotype.clonality import JudgedLine
from mrdkit.karyotype.items import Item
from mrdkit.karyotype.structures import Weight, structure_weight

__all__ = ["AbnormalityCount", "count_iscn", "count_tokens"]

_WITHOUT_STRUCTURE = ("mar", "dmin", "r")
_DIPLOID, _TRIPLOID, _TETRAPLOID = 2, 3, 4


class AbnormalityCount(NamedTuple):
    """Least and largest number of abnormalities; both None where there is none to give."""

    low: int | None
    high: int | None

    @property
    def written(self) -> int | str | None:
        """The number, or a range such as 7~9."""
        return self.low if self.low == self.high else f"{self.low}~{self.high}"


def count_iscn(judged: Sequence[JudgedLine], levels: Sequence[int | None]) -> AbnormalityCount:
    """Return the weighted number of the clonal changes of the recipient; `levels` as in the count check."""
    clonal = [(each, level) for each, level in zip(judged, levels, strict=True) if _counts(each)]
    items = _union([each for each, _ in clonal])
    whole = all(item.understood for each, _ in clonal for item in each.line.items)
    if not (whole and all(_settled(each, level) for each, level in clonal)):
        return AbnormalityCount(None, None)
    weights = [_weight(at, items) for at in range(len(items))]
    weights += [_multiplication(each, level) for each, level in clonal]
    replaced = 2 * len(_in_place(each for each, _ in clonal))
    return AbnormalityCount(sum(low for low, _ in weights) - replaced, sum(high for _, high in weights))


def count_tokens(judged: Sequence[JudgedLine]) -> int | None:
    """Return how many items are written in the clonal lines, each once; None where a reference is open."""
    clonal = [each.line for each in judged if _counts(each)]
    if any(not line.resolved for line in clonal):
        return None
    written = [(*line.inherited, *line.clone.items) for line in clonal]
    return sum(_most([item.text for item in items] for items in written).values())


def _counts(each: JudgedLine) -> bool:
    return each.clonal and each.line.clone.population == "recipient"


def _settled(each: JudgedLine, level: int | None) -> bool:
    """Return whether the gains and losses of a line can be weighed at all."""
    if not each.line.resolved or level is None:
        return False
    return level >= (_TETRAPLOID if each.line.doubled else _DIPLOID)


def _multiplication(each: JudgedLine, level: int | None) -> Weight:
    """Return the weight of a multiplied set: 1 alone or as a doubled clone, 0 for changes against 3n."""
    if each.line.doubled:
        return 1, 1
    if level is None or level < _TRIPLOID:
        return 0, 0
    if not each.line.items:
        return 1, 1
    return 0, int(level > _TRIPLOID)


def _union(clonal: Sequence[JudgedLine]) -> list[Item]:
    kept = [_without_exchanged(each.clonal_items) for each in clonal]
    most = _most([item.text for item in items] for items in kept)
    by_text = {item.text: item for items in kept for item in items}
    found = [by_text[text] for text, n in most.items() for _ in range(n)]
    return sorted(found, key=lambda item: (item.sign == "+", item.kind == "der"))


def _in_place(clonal: Iterable[JudgedLine]) -> set[str]:
    """Return the gains that may only stand in the place of a lost chromosome, as in the old -21,+der(21)."""
    found: set[str] = set()
    for each in clonal:
        lost = {item.chromosome for item in each.clonal_items if item.is_loss}
        if not lost:
            continue
        gains = [item for item in each.clonal_items if item.sign == "+" and len(item.chromosomes) == 1]
        found.update(item.text for item in gains if item.chromosomes[0] in lost)
    return found


def _without_exchanged(items: Sequence[Item]) -> list[Item]:
    """Leave out each gain that is part of a whole-arm exchange, as +1 in +1,der(1;16)."""
    left = list(items)
    for exchange in items:
        if exchange.kind != "der" or exchange.sign or len(exchange.chromosomes) == 1:
            continue
        names = [f"+{name}" for name in exchange.chromosomes]
        part = next((item for item in left if item.text in names), None)
        if part is not None:
            left.remove(part)
    return left


def _most(lines: Iterable[list[str]]) -> dict[str, int]:
    """Return how often each item stands in the line that has it most often."""
    found: dict[str, int] = {}
    for texts in lines:
        here: dict[str, int] = {}
        for text in texts:
            here[text] = n = here.get(text, 0) + 1
            if n > found.get(text, 0):
                found[text] = n
    return found


def _weight(at: int, items: Sequence[Item]) -> Weight:
    """Return least and largest weight of one item beside those before it."""
    item = items[at]
    if item.kind in ("inc", "variant"):
        return 0, 0
    if item.kind == "dmin":
        return 1, 1
    if item.kind == "number" or item.sign == "-" or (item.kind in _WITHOUT_STRUCTURE and not item.segments):
        return item.low, item.high
    low, high = structure_weight(item, items[:at])
    if item.sign == "+":
        return low + item.low, high + item.high
    return low, high * item.high
