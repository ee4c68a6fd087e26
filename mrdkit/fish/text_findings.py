"""What a sentence about CRLF2 says: patterns and judgements, affirmed or negated, with its numbers.

A negation carries over a list (`no split, loss or gain`) until a part has a number or a judgement of its own.
Two negations affirm, and are flagged. A noun such as `CRLF2 rearrangement` alone is a heading, not a finding.
Source: project decision on free-text FISH results.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mrdkit.fish.text_numbers import Numbers, numbers_of
from mrdkit.fish.text_rules import TextRule

__all__ = ["Finding", "Sentence", "read_sentence"]

_PART = re.compile(r",(?!\d)|(?<![^\W_])(?:and|or|nor|/)(?![^\W_])")
_DIRECTLY = re.compile(
    r"(?:^|\W)(?:not|no|never|isnt|wasnt)(?: a| an| any| the| longer| entirely| completely)* *$"
)
_COLOUR = re.compile(
    r"(?<![^\W_])(?:one|single|1|two|2|isolated)(?: isolated| single)? (red|orange|green)(?![^\W_])"
)
_NOUN = re.compile(r"(?:rearrangement|translocation)s?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding: its kind, and how often it is negated."""

    kind: str
    negations: int

    @property
    def negated(self) -> bool:
        """Whether it is said not to be there."""
        return self.negations % 2 == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence: what it is, what it finds, its numbers; `judged` where it calls its pattern a result."""

    remarks: frozenset[str]
    findings: tuple[Finding, ...]
    numbers: Numbers
    judged: bool

    @property
    def normal(self) -> bool:
        """Whether it says that the result is normal, not that the other nuclei are."""
        kinds = {finding.kind for finding in self.findings if not finding.negated}
        return "normal" in kinds and kinds <= {"normal"} and "others" not in self.remarks


def read_sentence(text: str, rule: TextRule) -> Sentence:
    """Return what one sentence says."""
    numbers = numbers_of(text, rule)
    words = rule.word_patterns
    remarks = {
        name
        for name in (
            "pending",
            "not_done",
            "not_evaluable",
            "indeterminate",
            "suboptimal",
            "not_over",
            "others",
            "elsewhere",
        )
        if words[name].search(numbers.text)
    }
    if "indeterminate" in remarks and words["limitation"].search(numbers.text):
        remarks = (remarks - {"indeterminate"}) | {"limitation"}
    findings = () if remarks & {"pending", "not_done", "limitation"} else tuple(_findings(numbers, rule))
    if "elsewhere" in remarks:
        findings = tuple(one for one in findings if one.kind not in ("normal", "abnormal"))
    return Sentence(
        remarks=frozenset(remarks),
        findings=findings,
        numbers=numbers,
        judged=bool(words["judged"].search(numbers.text)),
    )


def _findings(numbers: Numbers, rule: TextRule) -> Iterator[Finding]:
    """Yield the findings; what is written of no nucleus is denied."""
    nowhere = numbers.n == 0 or numbers.percent == 0.0
    colours = {found[1].replace("orange", "red") for found in _COLOUR.finditer(numbers.text)}
    for finding in _said(numbers.text, rule):
        kind = _by_colours(finding.kind, len(colours))
        denied = nowhere and not finding.negated and kind != "normal"
        yield Finding(kind=kind, negations=1 if denied else finding.negations)


def _by_colours(kind: str, colours: int) -> str:
    """Return what copies of a fusion mean beside single colours: two are a split, one is an end not known."""
    if not colours or kind not in ("loss", "gain"):
        return kind
    return "abnormal" if colours == 1 else "split"


def _said(text: str, rule: TextRule) -> Iterator[Finding]:
    carried = 0
    affirmed = bool(rule.word_patterns["asserted"].search(text))
    for part in _PART.split(text):
        own = list(_of_part(part, rule, carried=carried, affirmed=affirmed))
        yield from own
        if rule.word_patterns["negators"].search(part):
            carried = 1
        elif own and (any(char.isdigit() for char in part) or rule.word_patterns["judged"].search(part)):
            carried = 0


def _of_part(part: str, rule: TextRule, *, carried: int, affirmed: bool) -> Iterator[Finding]:
    left = part
    anything = False
    for kind, pattern in rule.finding_patterns.items():
        match = pattern.search(left)
        if match is None or (anything and kind == "normal" and "detected" in match[0]):
            continue
        anything = True
        negations = _negations(kind, left, match, rule)
        left = f"{left[: match.start()]} {'#' * len(match[0])} {left[match.end() :]}"
        if not negations and kind not in ("normal", "positive"):
            negations = carried
        if _NOUN.fullmatch(match[0]) and not negations and not affirmed:
            continue
        yield Finding(kind=kind, negations=negations)


def _negations(kind: str, part: str, match: re.Match[str], rule: TextRule) -> int:
    if kind == "normal":
        return 1 if _DIRECTLY.search(part[: match.start()]) else 0
    before = len(rule.word_patterns["negators"].findall(part[: match.start()]))
    behind = rule.word_patterns["negated_after"].search(part[match.end() :])
    return before + (1 if behind else 0)
