"""Which call the classes of one specimen give, or why none can be given.

The abnormal classes are asked in their order of precedence. One that has nuclei but no cut-off ends the
search: a lower class must not hide what could not be excluded. One with too few nuclei to be sure is no
positive; a lower class that is sure of itself gives the call, and the reason names both.
Source: project decision on CRLF2 break-apart FISH.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mrdkit.fish.classes import PRECEDENCE, SignalClass
from mrdkit.fish.rules import FishRule
from mrdkit.results import FishClass

__all__ = ["CALLS", "Decision", "decide", "is_sure"]

CALLS = {
    SignalClass.SPLIT: "rearranged_split",
    SignalClass.DEL5: "rearranged_deletion_5prime",
    SignalClass.DEL3: "atypical_loss_3prime",
    SignalClass.GAIN: "gain_not_rearranged",
    SignalClass.LOSS: "loss_not_rearranged",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A call, the class whose share it quotes, why, and whether an ISCN string may be written."""

    call: str
    leading: FishClass | None
    reason: str
    iscn: bool


def decide(classes: Sequence[FishClass], *, n_scored: int, has_cutoffs: bool, rule: FishRule) -> Decision:
    """Return the call of one specimen or of one reader."""
    if not has_cutoffs:
        return _no_cutoff("No cut-off is registered for this probe.")
    if not n_scored:
        reason = "No nucleus with a signal was scored."
        return Decision(call="insufficient", leading=None, reason=reason, iscn=False)
    by_name = {result.class_: result for result in classes}
    unsure: Decision | None = None
    for class_ in PRECEDENCE:
        decision = _judged(class_, by_name[class_], n_scored, rule)
        if decision is None:
            continue
        if decision.call == "insufficient":
            unsure = unsure or decision
        elif unsure is None:
            return decision
        elif decision.leading is not None:
            return replace(decision, reason=f"{decision.reason} {unsure.reason}")
    return unsure or _not_positive(by_name, n_scored, rule)


def is_sure(result: FishClass, n_scored: int, rule: FishRule) -> bool:
    """Tell whether a class is positive: over its cut-off, with few nuclei by its lower limit too."""
    if not result.abnormal or result.cutoff is None:
        return False
    return n_scored >= rule.plain_positive_at_least_nuclei or result.ci_low > result.cutoff


def _judged(class_: SignalClass, result: FishClass, n_scored: int, rule: FishRule) -> Decision | None:
    if result.n and result.cutoff is None:
        return _no_cutoff(f"Class {class_} has {result.n} nuclei and no registered cut-off.")
    if not result.abnormal or result.cutoff is None:
        return None
    share = f"{class_} in {result.n} of {n_scored} nuclei ({result.percent:.2f} %)"
    reason = f"{share} is more than the cut-off of {result.cutoff:.4f} %."
    if not is_sure(result, n_scored, rule):
        reason += " With so few nuclei the lower confidence limit would have to be above it too."
        return Decision(call="insufficient", leading=result, reason=reason, iscn=False)
    return Decision(call=CALLS[class_], leading=result, reason=reason, iscn=True)


def _not_positive(by_name: dict[str, FishClass], n_scored: int, rule: FishRule) -> Decision:
    dim = by_name[SignalClass.DIM]
    if dim.n:
        reason = (
            f"{dim.n} of {n_scored} nuclei have a weaker (dim) signal; they are neither normal nor positive."
        )
        return Decision(call="indeterminate", leading=dim, reason=reason, iscn=False)
    commonest = max((by_name[class_] for class_ in PRECEDENCE), key=lambda result: result.n)
    if n_scored < rule.negative_at_least_nuclei:
        need = rule.negative_at_least_nuclei
        reason = f"No class is above its cut-off, but a negative result needs at least {need} nuclei."
        return Decision(call="insufficient", leading=commonest, reason=reason, iscn=True)
    reason = f"No class of signals is above its cut-off in {n_scored} nuclei."
    return Decision(call="normal", leading=commonest, reason=reason, iscn=True)


def _no_cutoff(reason: str) -> Decision:
    return Decision(call="indeterminate", leading=None, reason=reason, iscn=False)
