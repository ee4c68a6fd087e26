"""The sentences of a text weighed: what is affirmed, what lies within the limit, what nobody judged.

A pattern at or below the laboratory's own limit is within it. A pattern in few nuclei, which the text neither
judges nor compares with a limit, is doubtful; so is one that the text itself calls doubtful.
Source: project decision on free-text FISH results.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mrdkit.fish.text_findings import Finding, Sentence
from mrdkit.fish.text_numbers import Limit
from mrdkit.fish.text_rules import TextRule

__all__ = ["CALLS", "Affirmed", "Weighed", "weigh"]

#: Kind of finding -> its call, in the order of precedence.
CALLS = {
    "split": "rearranged_split",
    "del5": "rearranged_deletion_5prime",
    "rearranged": "rearranged_unspecified",
    "del3": "atypical_loss_3prime",
    "gain": "gain_not_rearranged",
    "loss": "loss_not_rearranged",
    "abnormal": "abnormal_unspecified",
}
_DESCRIBED = {"split", "del5"}
_Weight: TypeAlias = Literal["affirmed", "below", "doubtful"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Affirmed:
    """A finding that stands, its sentence, and whether its share is within the limit all the same."""

    kind: str
    sentence: Sentence
    within: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A text by its sentences.

    Attributes:
        sentences: all of them.
        limit: the laboratory's limit.
        affirmed: findings that stand.
        below: sentences within the limit.
        doubtful: sentences that nobody judged.
        denied: kinds of findings that are said not to be there.
        normal: the result is called normal.
        remarks: what else is said.
    """

    sentences: tuple[Sentence, ...]
    limit: Limit | None
    affirmed: tuple[Affirmed, ...]
    below: tuple[Sentence, ...]
    doubtful: tuple[Sentence, ...]
    denied: frozenset[str]
    normal: bool
    remarks: frozenset[str]


def weigh(sentences: Sequence[Sentence], rule: TextRule) -> Weighed:
    """Return the sentences weighed."""
    limit = next((one.numbers.limit for one in sentences if one.numbers.limit), None)
    with_kinds = [(one, _affirmed_kinds(one.findings)) for one in sentences]
    weights = [(one, kinds, _weight(one, kinds, limit, rule)) for one, kinds in with_kinds if kinds]
    remarks = frozenset[str]().union(*(one.remarks for one in sentences))
    return Weighed(
        sentences=tuple(sentences),
        limit=limit,
        affirmed=tuple(
            Affirmed(kind=kind, sentence=one, within=_is_within(one, limit))
            for one, kinds, weight in weights
            if weight == "affirmed"
            for kind in kinds
        ),
        below=tuple(one for one, _, weight in weights if weight == "below"),
        doubtful=tuple(one for one, _, weight in weights if weight == "doubtful"),
        denied=frozenset(f.kind for one in sentences for f in one.findings if f.negated),
        normal=any(one.normal for one in sentences) or "not_over" in remarks,
        remarks=remarks,
    )


def _weight(one: Sentence, kinds: Sequence[str], limit: Limit | None, rule: TextRule) -> _Weight:
    if _is_within(one, limit) and not one.judged:
        return "below"
    share = one.numbers.percent
    judged = one.judged or "rearranged" in kinds or limit is not None
    small = share is not None and share < rule.needs_judgement_below_percent
    left_open = "indeterminate" in one.remarks and not _DESCRIBED & set(kinds)
    return "doubtful" if left_open or (small and not judged) else "affirmed"


def _is_within(one: Sentence, limit: Limit | None) -> bool:
    share = one.numbers.percent
    return "not_over" in one.remarks or (share is not None and limit is not None and share <= limit.percent)


def _affirmed_kinds(findings: Sequence[Finding]) -> list[str]:
    kinds = [finding.kind for finding in findings if not finding.negated and finding.kind in CALLS]
    words = {(finding.kind, finding.negated) for finding in findings}
    if ("positive", False) in words and not kinds:
        kinds.append("rearranged")
    if ("normal", True) in words and not kinds:
        kinds.append("abnormal")
    return kinds
