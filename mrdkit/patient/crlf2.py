"""CRLF2 by FISH or by flow: the union that the trial counts, with both findings kept.

Tested is who has at least one usable result; positive is who has at least one positive. FISH sees the
structure, flow the protein: they may differ, and say so. Source: trial report; cytogenetics definitions,
section 7.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mrdkit.patient.findings import Finding, flags_of, reasons_of

__all__ = ["Crlf2Status", "FishWord", "FlowWord", "combine_crlf2"]

FishWord = Literal["rearranged", "atypical", "gain", "loss", "normal", "indeterminate", "not_done"]
FlowWord = Literal["positive", "negative", "indeterminate", "not_done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crlf2Status:
    """CRLF2 of one patient.

    Attributes:
        status: the union of both assays.
        tested: whether the patient is in the denominator.
        fish: structure.
        flow: surface protein (TSLPR).
        noted: findings that a person should read, named as those of CRLF2.
        flags: codes of all findings.
        reasons: sentences of those noted.
    """

    status: Literal["positive", "negative", "indeterminate", "not_tested"]
    tested: bool
    fish: FishWord
    flow: FlowWord
    noted: tuple[Finding, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


def combine_crlf2(fish: FishWord, flow: FlowWord, remarks: Iterable[Finding] = ()) -> Crlf2Status:
    """Return the union of the two findings; `remarks` are findings on where they come from."""
    status = _status(fish, flow)
    findings = (*_findings(fish, flow), *remarks)
    return Crlf2Status(
        status=status,
        tested=status in ("positive", "negative"),
        fish=fish,
        flow=flow,
        noted=tuple(
            Finding(flag=f"CRLF2_{finding.flag}", reason=finding.reason)
            for finding in findings
            if finding.reason
        ),
        flags=flags_of(findings),
        reasons=reasons_of(findings),
    )


def _status(fish: FishWord, flow: FlowWord) -> Literal["positive", "negative", "indeterminate", "not_tested"]:
    if fish == "rearranged" or flow == "positive":
        return "positive"
    if fish in ("normal", "gain", "loss"):
        return "negative"
    if fish in ("indeterminate", "atypical"):
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
    if fish == "atypical":
        reason = "CRLF2 FISH is abnormal in a way that neither is nor excludes a known rearrangement."
        return (Finding(flag="FISH_ATYPICAL", reason=reason),)
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
            reason = "CRLF2 is seen on the surface and not rearranged by FISH."
            ask = "Ask for RNA: a point mutation or a cryptic rearrangement may be there."
            return (Finding(flag="DISCORDANT", reason=reason), Finding(flag="REFLEX_RNA", reason=ask))
        case _:
            return ()
