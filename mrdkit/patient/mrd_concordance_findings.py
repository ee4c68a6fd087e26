"""What a pair of flow and sequencing says to a reader: one code and one sentence for each way to differ.

A difference that the limits of the methods or their intervals explain is said without an alarm. Source of the
shares: `reference/mrd/concordance.toml`.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.mrd_records import Agreement, MrdPoint

__all__ = ["ConcordanceRule", "Pair", "concordance_rule", "pair_findings"]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ConcordanceRule(Rule):
    """Where flow and sequencing are compared, and which shares of pairs are expected, in percent."""

    threshold: Literal["1e-4"]
    concordant_percent: tuple[float, float]
    ngs_only_percent: tuple[float, float]
    flow_only_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The results that speak for one visit; fields as in `MrdComparison`, of two entries flow is first."""

    flow: MrdPoint
    ngs: MrdPoint
    words: tuple[str, str]
    seen: tuple[bool | None, bool | None]
    at_threshold: Agreement
    detection: Agreement
    within_reach: bool | None
    unclear: str


@cache
def concordance_rule() -> ConcordanceRule:
    """Return the shipped rule."""
    return read_rule("mrd", "concordance", ConcordanceRule)


def pair_findings(pair: Pair) -> tuple[Finding, ...]:
    """Return what must be known of a pair; nothing where it agrees in both questions."""
    if pair.unclear:
        return (Finding(flag="MRD_PAIR_UNCLEAR", reason=pair.unclear),)
    if pair.detection == "flow_only":
        return (_too_few_cells(),) if pair.within_reach is False else _flow_alone()
    if pair.detection == "ngs_only":
        return (_ngs_within_reach() if pair.within_reach else _ngs_deeper(),)
    if pair.at_threshold == "flow_only":
        return _flow_alone() if _apart(pair) else (_straddle(),)
    if pair.at_threshold == "ngs_only":
        return (_ngs_within_reach() if _apart(pair) else _straddle(),)
    return _not_comparable(pair)


def _apart(pair: Pair) -> bool:
    """Tell whether two intervals do not overlap; without an interval that is not excluded."""
    flow, ngs = pair.flow.measurement, pair.ngs.measurement
    if flow.ci_low is None or flow.ci_high is None or ngs.ci_low is None or ngs.ci_high is None:
        return True
    return flow.ci_high < ngs.ci_low or ngs.ci_high < flow.ci_low


def _flow_alone() -> tuple[Finding, ...]:
    reason = (
        "Flow found disease at a level where sequencing did not: the unexpected direction, about "
        f"{concordance_rule().flow_only_percent:g} % of pairs. Check that both samples are of this patient "
        "and day, whether blood diluted the sequenced specimen, and whether the tracked sequences were lost."
    )
    return Finding(flag="FLOW_POSITIVE_NGS_NEGATIVE", reason=reason), REVIEW


def _too_few_cells() -> Finding:
    reason = "Flow alone found disease; sequencing had too few cells to see that level."
    return Finding(flag="NGS_NOT_DEEP_ENOUGH", reason=reason)


def _ngs_within_reach() -> Finding:
    reason = (
        "Sequencing found disease at a level that flow could have seen: check whether blood diluted the flow "
        "specimen, and whether the phenotype has changed since diagnosis."
    )
    return Finding(flag="NGS_POSITIVE_WITHIN_FLOW_REACH", reason=reason)


def _ngs_deeper() -> Finding:
    low, high = concordance_rule().ngs_only_percent
    reason = (
        "Sequencing alone found disease, at a level that flow is not known to reach; that is expected, in "
        f"{low:g} to {high:g} % of pairs."
    )
    return Finding(flag="NGS_DEEPER_THAN_FLOW", reason=reason)


def _straddle() -> Finding:
    threshold = concordance_rule().threshold
    reason = f"Both found disease, on either side of {threshold}, with overlapping 95 % intervals."
    return Finding(flag="MRD_NEAR_THRESHOLD", reason=reason)


def _not_comparable(pair: Pair) -> tuple[Finding, ...]:
    parts = []
    if pair.at_threshold == "not_comparable":
        flow, ngs = pair.words
        parts.append(f"Not comparable at {concordance_rule().threshold}: flow is {flow}, sequencing {ngs}.")
    for name, seen in zip(("flow", "sequencing"), pair.seen, strict=True):
        if seen is None:
            parts.append(f"Whether {name} found disease cannot be said.")
    return (Finding(flag="MRD_NOT_COMPARABLE", reason=" ".join(parts)),) if parts else ()
