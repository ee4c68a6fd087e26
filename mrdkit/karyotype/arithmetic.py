"""Whether the stated chromosome count fits the items of a clone.

The sex chromosomes that stand after the count are those still present; a changed one stands among the items
instead. Gains and losses are relative to the ploidy level, written as <3n> or found as the one that fits.
Nothing is concluded where an item is not understood, for incomplete clones, or for composites, whose cells
differ. Source: ISCN 2024 in our own words.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from mrdkit.karyotype.items import Item
from mrdkit.karyotype.lineage import Line
from mrdkit.karyotype.parse import ParsedClone

__all__ = ["CountCheck", "check_counts", "sex_is_open"]

_AUTOSOMES, _HAPLOID = 22, 23
_JOINED = {"dic", "trc", "tas", "rob", "der", "r"}
#: Largest count -> ploidy levels that a clone without <n> may be written against.
_LEVELS = ((34, (1, 2)), (57, (2,)), (80, (2, 3)), (103, (2, 3, 4)))
_HIGHEST_LEVELS = (2, 3, 4, 5, 6, 7, 8)


class _Fit(NamedTuple):
    level: int
    low: int
    high: int


class _Added(NamedTuple):
    low: int
    high: int
    whole: bool


class CountCheck(NamedTuple):
    """The ploidy level of a clone if certain, and what its items add up to where that does not fit."""

    level: int | None
    mismatch: str | None


def check_counts(lines: Sequence[Line]) -> tuple[CountCheck, ...]:
    """Return the check of every line, in order."""
    fits: list[tuple[_Fit, ...] | None] = []
    checks: list[CountCheck] = []
    for line in lines:
        expected = _expected(line, fits)
        clone = line.clone
        if expected is None or clone.composite:
            fits.append(None)
            checks.append(CountCheck(_unchecked_level(line, checks), None))
            continue
        fitting = tuple(fit for fit in expected if _fits(fit, clone))
        fits.append(fitting or None)
        levels = {fit.level for fit in fitting}
        level = levels.pop() if len(levels) == 1 else None
        checks.append(CountCheck(clone.level or level, None if fitting else _written(expected)))
    return tuple(checks)


def _unchecked_level(line: Line, checks: Sequence[CountCheck]) -> int | None:
    """Return the ploidy level of a clone whose items say nothing of it: of its parent, or of its count."""
    if line.clone.level is None and line.parent is not None:
        level = checks[line.parent].level
        return level and level * line.clone.times
    possible = _levels(line)
    if len(possible) > 1:
        possible = tuple(level for level in possible if not _is_unusual_sex(line, level))
    return possible[0] * line.clone.times if len(possible) == 1 else None


def sex_is_open(line: Line, level: int | None) -> bool:
    """Return whether the sex complement is neither usual, nor explained by an item, nor constitutional."""
    sex, items = line.clone.sex or "", line.clone.items
    known = level is not None and all(item.understood for item in items) and set(sex) <= {"X", "Y"}
    if line.role != "stem" or level is None or not known or not sex or line.clone.composite:
        return False
    return _is_unusual_sex(line, level // line.clone.times)


def _is_unusual_sex(line: Line, level: int) -> bool:
    if "X" not in (line.clone.sex or "") and not any("X" in _named(item) for item in line.clone.items):
        return True
    present = len((line.clone.sex or "").rstrip("?c"))
    if present + _missing_sex_chromosomes(line) == level:
        return False
    added = _sum(line.clone.items)
    low, high = _HAPLOID * level + added.low, _HAPLOID * level + added.high
    times = line.clone.times
    fits = low * times <= line.clone.count_high and high * times >= line.clone.count_low
    # 45,XY,-Y names a lost or changed one twice; the count tells.
    return present != level or not fits


def _fits(fit: _Fit, clone: ParsedClone) -> bool:
    """Return whether the stated count, and that of a single set in round brackets, can be the items' sum."""
    single_low, single_high = clone.single_low, clone.single_high
    whole = fit.low <= clone.count_high and fit.high >= clone.count_low
    if single_low is None or single_high is None:
        return whole
    return whole and fit.low <= single_high * clone.times and fit.high >= single_low * clone.times


def _expected(line: Line, fits: Sequence[tuple[_Fit, ...] | None]) -> tuple[_Fit, ...] | None:
    added = _sum(line.clone.items)
    if not (line.resolved and added.whole):
        return None
    low, high = added.low, added.high
    times = line.clone.times
    if line.parent is None:
        missing = _missing_sex_chromosomes(line)
        full = _written_in_full(_levels(line), line.clone.sex or "", missing, low, high)
        return tuple([_Fit(fit.level * times, fit.low * times, fit.high * times) for fit in full])
    source = fits[line.parent]
    if source is None:
        return None
    return tuple([_Fit(fit.level * times, fit.low * times + low, fit.high * times + high) for fit in source])


@lru_cache(maxsize=4096)
def _written_in_full(
    levels: tuple[int, ...], sex: str, missing: int, low: int, high: int
) -> tuple[_Fit, ...]:
    """Return the counts that a sex field, X and Y among the items, and the items' sum allow at each level."""
    sex = sex.rstrip("c")
    found: list[_Fit] = []
    for level in levels:
        if set(sex) <= {"X", "Y"}:
            base = _AUTOSOMES * level + len(sex) + missing
            found.append(_Fit(level, base + low, base + high))
        if missing or not set(sex) <= {"X", "Y"}:
            found.append(_Fit(level, _HAPLOID * level + low, _HAPLOID * level + high))
    return tuple(found)


def _levels(line: Line) -> tuple[int, ...]:
    if line.clone.level:
        return (line.clone.level,)
    count = line.clone.single_high or line.clone.count_high
    return next((levels for most, levels in _LEVELS if count <= most), _HIGHEST_LEVELS)


def _missing_sex_chromosomes(line: Line) -> int:
    """Return how many X and Y stand among the items instead of in the sex field: lost or changed ones."""
    missing = 0
    for item in line.clone.items:
        if item.chromosome is None:
            missing += _changed_sex_chromosomes(item)
        elif item.is_loss and item.chromosome in ("X", "Y"):
            missing += item.low
    return missing


def _named(item: Item) -> tuple[str, ...]:
    return (item.chromosome,) if item.chromosome else item.chromosomes


def _changed_sex_chromosomes(item: Item) -> int:
    """Return how many X and Y an unsigned structural item stands for, instead of the sex field."""
    if item.sign or not item.segments:
        return 0
    return sum(chromosome.strip("?") in ("X", "Y") for chromosome in item.segments[0].chromosomes)


def _sum(items: Iterable[Item]) -> _Added:
    """Return how many chromosomes items add; one that leaves it open adds none, and the sum is not whole."""
    low, high, whole = 0, 0, True
    for item in items:
        change = _change(item)
        if change is None:
            whole = False
        else:
            low += change[0]
            high += change[1]
    return _Added(low, high, whole)


def _change(item: Item) -> tuple[int, int] | None:
    """Return how many chromosomes an item adds, least and most, or None where that is not known."""
    if not item.understood or item.kind == "inc":
        return None
    if item.sign == "+" and item.kind != "dmin":
        return item.low, item.high
    if item.sign == "-":
        return -item.high, -item.low
    if item.kind in _JOINED:
        fewer = 1 - len(item.segments[0].chromosomes)
        return fewer, fewer
    return 0, 0


def _written(expected: Sequence[_Fit]) -> str:
    first = expected[0]
    return f"{first.low}" if first.low == first.high else f"{first.low}~{first.high}"
