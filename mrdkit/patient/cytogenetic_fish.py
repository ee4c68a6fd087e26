"""What FISH adds to a cytogenetic response: flags, never a better or worse category.

A FISH abnormality of the baseline that is still over its cut-off speaks against a complete response; one that
is gone is noted, also where the karyotype was normal. Counts decide; where there are none, the FISH part that
stands behind the karyotype is taken, for the same gene before and after.
Source: cytogenetics definitions, section 6.2.
"""

import re

from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.results import FishCall, KaryotypeCall

__all__ = ["fish_findings"]

_ABNORMAL = ("rearranged", "gain", "loss", "atypical", "abnormal")
_GENE = re.compile(r"[A-Z][A-Z0-9]{2,}")
_TECHNIQUE = re.compile(r"\A\. ?(?:nuc\.? ?)?ish", re.IGNORECASE)


def fish_findings(
    baseline: KaryotypeCall | None,
    followup: KaryotypeCall | None,
    baseline_fish: FishCall | None,
    followup_fish: FishCall | None,
    *,
    clear: bool,
) -> tuple[Finding, ...]:
    """Return the flags of FISH beside the karyotypes of one visit.

    Args:
        baseline: karyotype before treatment.
        followup: karyotype of the visit.
        baseline_fish: FISH call before treatment.
        followup_fish: FISH call of the visit.
        clear: the karyotype of the visit shows no abnormal cell.
    """
    if baseline_fish is not None and followup_fish is not None:
        before, after = _word(baseline_fish), _word(followup_fish)
    else:
        before, after = _behind(baseline, followup)
    if before != "abnormal":
        return ()
    if after == "normal":
        return (Finding(flag="FISH_CLEARED", reason="The FISH abnormality of the baseline is gone."),)
    if after == "abnormal" and clear:
        reason = "The FISH abnormality of the baseline is still over its cut-off."
        return (Finding(flag="CCYR_FISH_DISCORDANT", reason=reason), REVIEW)
    return ()


def _word(call: FishCall) -> str:
    return "abnormal" if call.call.startswith(_ABNORMAL) else call.call


def _behind(baseline: KaryotypeCall | None, followup: KaryotypeCall | None) -> tuple[str, str]:
    """Return what the FISH parts of two karyotypes say of a gene that stands in both."""
    for before in baseline.fish_parts if baseline else ():
        for after in followup.fish_parts if followup else ():
            if before.reading == "abnormal" and _genes(before.text) & _genes(after.text):
                return before.reading, after.reading
    return "not_read", "not_read"


def _genes(text: str) -> set[str]:
    return set(_GENE.findall(_TECHNIQUE.sub("", text)))
