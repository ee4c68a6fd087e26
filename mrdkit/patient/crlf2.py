"""CRLF2 by FISH or by flow: the union that the trial counts, with both findings kept.

Tested is who has at least one usable result; positive is who has at least one positive. FISH sees the
structure, flow the protein: they may differ, and say so. Source: trial report; cytogenetics definitions,
section 7.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mrdkit.patient.findings import Finding, flags_of, reasons_of
from mrdkit.patient.records import ExternalResult
from mrdkit.results import FishCall

__all__ = ["Crlf2Status", "FishWord", "FlowWord", "combine_crlf2", "crlf2_status"]

FishWord = Literal["rearranged", "gain", "loss", "normal", "indeterminate", "not_done"]
FlowWord = Literal["positive", "negative", "indeterminate", "not_done"]

_FISH_WORDS: dict[str, FishWord] = {
    "rearranged": "rearranged",
    "rearranged_split": "rearranged",
    "rearranged_deletion_5prime": "rearranged",
    "rearranged_unspecified": "rearranged",
    "gain": "gain",
    "gain_not_rearranged": "gain",
    "normal": "normal",
    "loss": "loss",
    "loss_not_rearranged": "loss",
    "not_done": "not_done",
    "not_tested": "not_done",
}
_FLOW_WORDS: dict[str, FlowWord] = {
    "positive": "positive",
    "negative": "negative",
    "not_done": "not_done",
    "not_tested": "not_done",
}
_BEST_FISH: tuple[FishWord, ...] = ("rearranged", "gain", "loss", "normal", "indeterminate")
_BEST_FLOW: tuple[FlowWord, ...] = ("positive", "negative", "indeterminate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crlf2Status:
    """CRLF2 of one patient; `tested` tells whether the patient is in the denominator."""

    status: Literal["positive", "negative", "indeterminate", "not_tested"]
    tested: bool
    fish: FishWord
    flow: FlowWord
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


def combine_crlf2(fish: FishWord, flow: FlowWord) -> Crlf2Status:
    """Return the union of the two findings."""
    status = _status(fish, flow)
    findings = _findings(fish, flow)
    return Crlf2Status(
        status=status,
        tested=status in ("positive", "negative"),
        fish=fish,
        flow=flow,
        flags=flags_of(findings),
        reasons=reasons_of(findings),
    )


def crlf2_status(calls: Iterable[object], external: Iterable[ExternalResult]) -> Crlf2Status:
    """Return CRLF2 of one patient from the laboratory's FISH calls and results made elsewhere.

    A word that is not known is indeterminate, never normal.
    """
    results = tuple(external)
    # A laboratory names its probes as it likes; the FISH room calls CRLF2 and refuses every other gene.
    fish = [_fish(call.call) for call in calls if isinstance(call, FishCall)]
    fish += [_fish(result.status) for result in results if result.assay == "crlf2_fish"]
    flow = [_flow(result.status) for result in results if result.assay == "crlf2_flow"]
    return combine_crlf2(
        next((word for word in _BEST_FISH if word in fish), "not_done"),
        next((word for word in _BEST_FLOW if word in flow), "not_done"),
    )


def _fish(word: str) -> FishWord:
    return _FISH_WORDS.get(_plain(word), "indeterminate")


def _flow(word: str) -> FlowWord:
    return _FLOW_WORDS.get(_plain(word), "indeterminate")


def _plain(word: str) -> str:
    return "_".join(word.casefold().split())


def _status(fish: FishWord, flow: FlowWord) -> Literal["positive", "negative", "indeterminate", "not_tested"]:
    if fish == "rearranged" or flow == "positive":
        return "positive"
    if fish in ("normal", "gain", "loss"):
        return "negative"
    if fish == "indeterminate":
        return "indeterminate"
    match flow:
        case "negative":
            return "negative"
        case "not_done":
            return "not_tested"
        case _:
            return "indeterminate"


def _findings(fish: FishWord, flow: FlowWord) -> tuple[Finding, ...]:
    if fish == flow == "not_done":
        return ()
    return (*_of_fish(fish, flow), *_of_both(fish, flow))


def _of_fish(fish: FishWord, flow: FlowWord) -> tuple[Finding, ...]:
    if fish == "indeterminate":
        return (Finding(flag="FISH_INDETERMINATE", reason="CRLF2 FISH is indeterminate."),)
    if fish != "gain":
        return ()
    if flow == "positive":
        reason = "CRLF2 is expressed with extra copies of the locus."
        return (Finding(flag="GAIN"), Finding(flag="GAIN_ASSOCIATED_EXPRESSION", reason=reason))
    return (Finding(flag="GAIN", reason="Extra copies of CRLF2 without expression are not positive."),)


def _of_both(fish: FishWord, flow: FlowWord) -> tuple[Finding, ...]:
    if flow == "not_done":
        return (Finding(flag="FISH_ONLY"),)
    if fish == "not_done":
        return (Finding(flag="FLOW_ONLY"),)
    match fish, flow:
        case ("rearranged", "positive") | ("normal" | "gain" | "loss", "negative"):
            return (Finding(flag="CONCORDANT"),)
        case "rearranged", "negative":
            reason = "CRLF2 is rearranged by FISH and not seen on the surface."
            return (Finding(flag="DISCORDANT", reason=reason),)
        case "normal" | "loss", "positive":
            reason = "CRLF2 is seen on the surface and not rearranged by FISH; ask for RNA."
            return (Finding(flag="DISCORDANT", reason=reason), Finding(flag="REFLEX_RNA"))
        case _:
            return ()
