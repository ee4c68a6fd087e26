"""Recurrent findings by name, such as t(1;19), -7 or i(17q), and the high-risk groups that rest on them.

A finding is looked for in all of the patient's lines, a lost chromosome in the clonal ones. Doubt stays
doubt: `?`, missing bands and text that was not read make a finding uncertain. A risk profile is true where
one of its findings is there, false where none is, and open where one that is uncertain would decide.
Source: reference/karyotype/lesions.toml, reference/cytogenetic_risk/.
"""

from collections.abc import Iterable, Mapping, Sequence

from mrdkit.karyotype.items import Item
from mrdkit.karyotype.lesions import JOINING, Answer, breaks, strongest
from mrdkit.karyotype.rules import Breakpoint, Finding, RiskProfile, names_chromosome
from mrdkit.karyotype.segments import UNKNOWN_KIND, Segment

__all__ = ["answers_of", "high_risk"]


def answers_of(
    findings: Iterable[Finding], items: Sequence[Item], clonal: Sequence[Item], *, unread: Sequence[str]
) -> dict[str, Answer]:
    """Return whether a karyotype shows each finding.

    Args:
        findings: their breakpoints, operations or lost chromosomes.
        items: all items of the patient's lines that are not constitutional.
        clonal: those of them that are clonal.
        unread: text of the patient's lines that was not understood.
    """
    texts = [*unread, *(item.text for item in items if not item.understood)]
    read = [item for item in items if item.understood and item.named]
    lost = [item for item in clonal if item.is_loss]
    found: dict[str, Answer] = {}
    for finding in findings:
        there = lost if finding.lost else read
        found[finding.name] = _answer(finding, there, texts) if there or texts else "no"
    return found


def _answer(finding: Finding, items: Sequence[Item], texts: Sequence[str]) -> Answer:
    groups = finding.groups
    hidden = any(all(names_chromosome(text, name) for name in group) for text in texts for group in groups)
    related = (
        items if finding.lost else [item for item in items if not item.named.isdisjoint(finding.related)]
    )
    seen = [_of_item(finding, item) for item in related]
    return strongest([*seen, "uncertain"] if hidden else seen)


def high_risk(profile: RiskProfile, answers: Mapping[str, bool | None]) -> bool | None:
    """Return whether a profile calls the karyotype high risk, None where that is open."""
    asked = [answers[name] for name in profile.any_of]
    return True if True in asked else None if None in asked else False


def _of_item(finding: Finding, item: Item) -> Answer:
    answer = strongest([_of_reading(finding, reading) for reading in (item, *item.alternatives)])
    return "uncertain" if item.doubtful and answer == "yes" else answer


def _of_reading(finding: Finding, item: Item) -> Answer:
    if finding.lost:
        return "yes" if item.is_loss and _lost(item) == finding.chromosome else "no"
    if item.sign == "-":
        return "no"
    if finding.point is not None:
        kinds = (*finding.kinds, UNKNOWN_KIND)
        return strongest([breaks(each, finding.point) for each in item.segments if each.name in kinds])
    joined = [segment for segment in item.segments if segment.name in JOINING]
    return strongest([_joins(segment, pair) for pair in finding.translocations for segment in joined])


def _lost(item: Item) -> str | None:
    """Return the lost chromosome, of an alternative the one that its text names first."""
    return item.chromosome or item.text.partition(" or ")[0].lstrip("-?")


def _joins(segment: Segment, pair: Sequence[Breakpoint]) -> Answer:
    """Return whether a segment joins two breakpoints; an unknown chromosome may be the other one."""
    answers = [breaks(segment, point) for point in pair]
    if "no" in answers:
        unknown = any("?" in name for name in segment.chromosomes)
        return "uncertain" if unknown and set(answers) & {"yes", "uncertain"} else "no"
    return "yes" if set(answers) == {"yes"} else "uncertain"
