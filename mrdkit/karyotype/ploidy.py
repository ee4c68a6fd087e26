"""The ploidy class of the mainline, and its group HoTr, HeH or masked near-haploid.

The stated count decides the class. A doubled line has the class of its stem, a range that spans several
classes is `range`, 60 to 65 is decided by pattern and never by number alone, and paired gains at 48 to 58 are
a doubled near-haploid line, never high hyperdiploidy. Where the pattern is not certain there is no group, and
a flag. Source: project decision; limits in reference/karyotype.
"""

from collections.abc import Sequence
from typing import NamedTuple

from mrdkit.karyotype.clonality import JudgedLine
from mrdkit.karyotype.lineage import Line
from mrdkit.karyotype.rules import Group, PloidyRule

__all__ = ["Ploidy", "ploidy_of"]

_DIPLOID, _TRIPLOID, _TETRAPLOID = 2, 3, 4
_TWICE = 2
_AUTOSOMES = tuple(str(number) for number in range(1, 23))


class Ploidy(NamedTuple):
    """Class, group and what to flag; a class of None is not covered by the definitions."""

    name: str | None
    group: Group | None
    flags: tuple[str, ...]


def ploidy_of(main: int, judged: Sequence[JudgedLine], level: int | None, rule: PloidyRule) -> Ploidy:
    """Return the ploidy of the line with index `main`; `level` is its ploidy level where certain.

    A smaller clone of HoTr does not decide, but a person must know of it.
    """
    found = _of_line(main, judged, level, rule)
    others = {rule.groups.get(name or "") for name in _clonal_classes(judged, rule)}
    if found.group is None and "HoTr" in others:
        return found._replace(flags=(*found.flags, "HOTR_IN_ANOTHER_CLONE", "REVIEW"))
    return found


def _of_line(main: int, judged: Sequence[JudgedLine], level: int | None, rule: PloidyRule) -> Ploidy:
    line = judged[main].line
    if line.doubled:
        return _doubled(line, judged, rule)
    name = _class(line.clone.count_low, line.clone.count_high, rule)
    if name is None:
        return Ploidy(None, None, ("PLOIDY_NOT_COVERED",))
    if name == "range":
        return Ploidy(name, None, ("PLOIDY_RANGE",))
    copies = _copies(judged[main], level)
    if name == "overlap_60_65":
        known = None if line.clone.composite else copies
        group = _overlap_group(known, judged, rule, diploid=level == _DIPLOID)
        return Ploidy(name, group, ("OVERLAP_60_65",) if group else ("OVERLAP_60_65", "REVIEW"))
    masked = rule.masked.lowest <= line.clone.count_high and line.clone.count_low <= rule.masked.highest
    if masked or rule.groups.get(name) == "HeH":
        return _possibly_masked(name, copies, judged, rule)
    group = rule.groups.get(name)
    return Ploidy(name, group, ("NEAR_HAPLOID",) if name == "near_haploid" else ())


def _class(low: int, high: int, rule: PloidyRule) -> str | None:
    name = _name(low, rule)
    return name if low == high or name == _name(high, rule) else "range"


def _name(count: int, rule: PloidyRule) -> str | None:
    for band in rule.ploidy:
        if band.lowest <= count <= band.highest:
            return band.name
    return None


def _doubled(line: Line, judged: Sequence[JudgedLine], rule: PloidyRule) -> Ploidy:
    counts = _single_counts(line, judged) if line.clone.times == _TWICE else None
    stem = _class(*counts, rule) if counts else None
    if stem is None or stem == "range":
        return Ploidy(None, None, ("DOUBLED", "REVIEW"))
    name = f"{stem}+doubled"
    return Ploidy(name, rule.groups.get(name), ("DOUBLED",))


def _single_counts(line: Line, judged: Sequence[JudgedLine]) -> tuple[int, int] | None:
    """Return the counts of the set that was doubled: of the clone referred to, or in round brackets."""
    clone = line.clone if line.parent is None else judged[line.parent].line.clone
    if line.parent is not None:
        return clone.count_low, clone.count_high
    if clone.single_low is None or clone.single_high is None:
        return None
    return clone.single_low, clone.single_high


def _clonal_classes(judged: Sequence[JudgedLine], rule: PloidyRule) -> set[str | None]:
    clones = [each.line.clone for each in judged if each.clonal]
    own = {(clone.count_low, clone.count_high) for clone in clones if clone.population == "recipient"}
    return {_class(low, high, rule) for low, high in own}


def _copies(judged: JudgedLine, level: int | None) -> dict[str, int] | None:
    """Return the copies of each chromosome, or None where an item or the level leaves them open."""
    line = judged.line
    if level is None or not line.resolved or any(not item.understood for item in line.items):
        return None
    if any(item.sign == "-" and item.kind != "number" for item in line.items):
        return None
    sex = line.sex or ""
    copies = {**dict.fromkeys(_AUTOSOMES, level), "X": sex.count("X"), "Y": sex.count("Y")}
    for item in line.items:
        if item.kind != "number":
            continue
        if item.chromosome is None:
            return None
        if item.sign == "+" or item.chromosome not in ("X", "Y"):
            copies[item.chromosome] += item.low if item.sign == "+" else -item.low
    return copies


def _overlap_group(
    copies: dict[str, int] | None, judged: Sequence[JudgedLine], rule: PloidyRule, *, diploid: bool
) -> Group | None:
    """Return the group by pattern; gains say something only where the clone is written against 2n."""
    if rule.overlap.HoTr_related_class in _clonal_classes(judged, rule):
        return "HoTr"
    if copies is None:
        return None
    lost = all(copies[name] < _TRIPLOID for name in rule.overlap.HoTr_lost_against_3n)
    gained = diploid and all(copies[name] > _DIPLOID for name in rule.overlap.HeH_gained_against_2n)
    if lost == gained:
        return None
    return "HoTr" if lost else "HeH"


def _possibly_masked(
    name: str, copies: dict[str, int] | None, judged: Sequence[JudgedLine], rule: PloidyRule
) -> Ploidy:
    hidden = "near_haploid" in _clonal_classes(judged, rule)
    group = rule.groups.get(name)
    if copies is None or hidden:
        doubt = hidden or group is not None
        return Ploidy(name, None, ("POSSIBLE_MASKED_NEAR_HAPLOID", "REVIEW") if doubt else ())
    pairs = len([name for name, n in copies.items() if n >= _TETRAPLOID and name != "Y"])
    singles = list(copies.values()).count(_TRIPLOID)
    if pairs >= rule.masked.at_least_pairs and not singles:
        masked = "near_haploid+doubled"
        return Ploidy(masked, rule.groups.get(masked), ("MASKED_NEAR_HAPLOID",))
    if pairs and pairs >= singles:
        return Ploidy(name, None, ("POSSIBLE_MASKED_NEAR_HAPLOID", "REVIEW"))
    return Ploidy(name, group, ())
