"""One call from the sentences of a text: what is affirmed, what is denied, and whether the numbers fit.

Precedence is that of counts: split, deletion of 5', rearranged, loss of 3', gain, loss, abnormal. `No split`
or `negative for rearrangement` leaves a gain or a loss standing, and contradicts a rearrangement.
Source: project decision on free-text FISH results.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mrdkit.fish.text_findings import Finding, Sentence
from mrdkit.fish.text_numbers import Numbers
from mrdkit.fish.text_rules import TextRule
from mrdkit.fish.text_weigh import CALLS, Weighed, weigh

__all__ = ["ABNORMAL", "REARRANGED", "Opinion", "decide_text"]

REARRANGED = ("rearranged_split", "rearranged_deletion_5prime", "rearranged_unspecified")
ABNORMAL = tuple(CALLS.values())
_CONTRADICTED = {
    "split": ("split", "rearranged"),
    "del5": ("del5", "rearranged"),
    "rearranged": ("rearranged",),
    "del3": ("del3",),
    "gain": ("gain",),
    "loss": ("loss",),
    "abnormal": ("abnormal",),
}
_NO_RESULT = ("not_evaluable", "pending", "not_done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """A call word with its numbers, flags and reasons; `denies_only` tells that nothing is called normal."""

    call: str
    n: int | None = None
    total: int | None = None
    percent: float | None = None
    flags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    denies_only: bool = False


def decide_text(sentences: Sequence[Sentence], rule: TextRule, *, left_out: Sequence[str]) -> Opinion:
    """Return the call of a text.

    Args:
        sentences: those about CRLF2 now.
        rule: how text is read.
        left_out: flags of what was not about CRLF2 now.
    """
    weighed = weigh(sentences, rule)
    opinions = (step(weighed, rule) for step in _STEPS)
    opinion = next((found for found in opinions if found is not None), _NOT_UNDERSTOOD)
    if (
        opinion.call == "needs_review"
        and set(left_out) & {"FLOW", "MOLECULAR", "KARYOTYPE_IGNORED"}
        and not _others(left_out)
    ):
        opinion = Opinion(call="not_fish", reasons=("The text is no FISH result.",))
    return replace(opinion, flags=(*opinion.flags, *_general(sentences, opinion), *left_out))


def _others(left_out: Sequence[str]) -> set[str]:
    return set(left_out) & {"HISTORY_IGNORED", "OTHER_GENE_IGNORED"}


def _general(sentences: Sequence[Sentence], opinion: Opinion) -> Iterator[str]:
    if any("suboptimal" in one.remarks for one in sentences):
        yield "SUBOPTIMAL"
    if any("limitation" in one.remarks for one in sentences):
        yield "LIMITATION_STATED"
    if any(_is_double(finding) for one in sentences for finding in one.findings):
        yield from ("DOUBLE_NEGATION", "REVIEW")
    limits = [one.numbers.limit.written for one in sentences if one.numbers.limit]
    if limits and opinion.call == "abnormal_unspecified":
        yield f"LAB_CUTOFF_{limits[0]}"
    if any(one.numbers.bounded for one in sentences):
        yield "PERCENT_BOUND"
    counted = opinion.total is not None or opinion.percent is not None
    if not counted and (opinion.call == "normal" or opinion.call in ABNORMAL):
        yield "TOTAL_UNKNOWN"


def _is_double(finding: Finding) -> bool:
    return finding.negations > 1 or (finding.kind == "normal" and finding.negated)


def _contradiction(text: Weighed, _: TextRule) -> Opinion | None:
    wrong = next((one for one in text.sentences if one.numbers.contradictory), None)
    if wrong is None:
        return None
    reason = "Percentage and nuclei cannot both be right."
    return _opinion("conflict", wrong.numbers, reason, "PERCENT_COUNT_CONFLICT")


def _affirmative(text: Weighed, _: TextRule) -> Opinion | None:
    if not text.affirmed:
        return None
    kinds = {one.kind for one in text.affirmed}
    kind = next(kind for kind in CALLS if kind in kinds)
    numbers = next(one.sentence.numbers for one in text.affirmed if one.kind == kind)
    contradicted = any(set(_CONTRADICTED[one]) & text.denied for one in kinds)
    if contradicted or (text.normal and kind not in ("gain", "loss") and "not_over" not in text.remarks):
        reason = "The text affirms and denies it."
        return _opinion("conflict", numbers, reason, "POLARITY_CONFLICT", "REVIEW")
    if any(one.within for one in text.affirmed):
        reason = "The text judges as a result what is not above its own limit."
        return _opinion("conflict", numbers, reason, "CUTOFF_CONFLICT", "REVIEW")
    review = ("REVIEW",) if text.remarks & {"indeterminate", *_NO_RESULT} else ()
    return _opinion(CALLS[kind], numbers, f"The text says {CALLS[kind].replace('_', ' ')}.", *review)


def _open(text: Weighed, _: TextRule) -> Opinion | None:
    if text.doubtful and "indeterminate" not in text.doubtful[0].remarks:
        reason = "Neither judged nor compared with a limit."
        return _opinion("indeterminate", text.doubtful[0].numbers, reason, "NO_CUTOFF")
    if "indeterminate" in text.remarks:
        return _opinion("indeterminate", _first_numbers(text.sentences), "The text leaves the result open.")
    return None


def _no_result(text: Weighed, _: TextRule) -> Opinion | None:
    word = next((word for word in _NO_RESULT if word in text.remarks), None)
    return Opinion(call=word, reasons=(f"The text says {word.replace('_', ' ')}.",)) if word else None


def _within(text: Weighed, _: TextRule) -> Opinion | None:
    if not text.below:
        return None
    return _opinion("normal", text.below[0].numbers, "The nuclei are not above the laboratory's limit.")


def _negative(text: Weighed, rule: TextRule) -> Opinion | None:
    if not text.normal and not text.denied & {"rearranged", "split", "positive", "abnormal"}:
        return None
    numbers = _first_numbers([replace(one, numbers=_of_negative(one.numbers)) for one in text.sentences])
    whole = text.normal or text.denied & {"rearranged", "positive", "abnormal"}
    flags = () if whole else ("DELETION_NOT_ADDRESSED",)
    share = numbers.percent or 0.0
    if share > rule.normal_nuclei_above_percent:
        numbers, flags = replace(numbers, n=None, percent=None), (*flags, "NORMAL_NUCLEI_COUNTED")
    elif share > (text.limit.percent if text.limit else rule.needs_judgement_below_percent):
        reason = "The text is negative, its count is not."
        return _opinion("conflict", numbers, reason, "CUTOFF_CONFLICT", "REVIEW")
    opinion = _opinion("normal", numbers, "The text denies a rearrangement.", *flags)
    return replace(opinion, denies_only=not text.normal)


def _bare(text: Weighed, _: TextRule) -> Opinion | None:
    """Return the call of a percentage that stands alone with the laboratory's limit."""
    numbers, limit = _first_numbers(text.sentences), text.limit
    share = numbers.percent
    if share is None or limit is None:
        return None
    if share == limit.percent and limit.below:
        return _opinion("indeterminate", numbers, "The share is exactly the limit.", "NEAR_CUTOFF")
    if share > limit.percent:
        reason = "Above the laboratory's limit; of which class is not said."
        return _opinion("abnormal_unspecified", numbers, reason)
    return _opinion("normal", numbers, "Not above the laboratory's limit.")


_STEPS = (_contradiction, _affirmative, _open, _no_result, _within, _negative, _bare)
_NOT_UNDERSTOOD = Opinion(call="needs_review", reasons=("The text is not understood.",))


def _first_numbers(sentences: Sequence[Sentence]) -> Numbers:
    """Return the numbers of the first sentence with a share, else with a total, else none."""
    with_share = [one.numbers for one in sentences if one.numbers.percent is not None]
    with_total = [one.numbers for one in sentences if one.numbers.total is not None]
    return next(iter((*with_share, *with_total)), Numbers(text=""))


def _of_negative(numbers: Numbers) -> Numbers:
    """Return the numbers of a negative sentence: `in 200 nuclei` are all that were scored."""
    return numbers if numbers.total is not None else replace(numbers, total=numbers.among)


def _opinion(call: str, numbers: Numbers, reason: str, *flags: str) -> Opinion:
    return Opinion(
        call=call,
        n=numbers.n,
        total=numbers.total,
        percent=numbers.percent,
        flags=flags,
        reasons=(reason,),
    )
