"""Cytogenetic response: whether the abnormalities of the baseline karyotype are gone.

Asked only of patients in morphologic response with an abnormal baseline. One metaphase of the patient's with
a baseline abnormality is enough against a complete response, and a karyotype that was not read whole is never
one. FISH only raises flags.
Source: trial report; cytogenetics definitions, section 6.2; ISCN 2024 6.3 (what is clonal).
"""

from dataclasses import dataclass
from typing import Literal

from mrdkit.patient.criteria_sections import CytogeneticPolicy
from mrdkit.patient.cytogenetic_alerts import ph_finding
from mrdkit.patient.cytogenetic_fish import fish_findings
from mrdkit.patient.findings import REVIEW, Finding, flags_of, reasons_of
from mrdkit.patient.karyotype_items import Baseline, baseline_of, is_loss, is_read, new_items
from mrdkit.results import FishCall, KaryotypeCall, KaryotypeClone, Metaphases
from mrdkit.stats import binomial_upper_limit, clopper_pearson

__all__ = [
    "Before",
    "Category",
    "CytogeneticResponse",
    "classify_cytogenetics",
    "cytogenetic_response",
    "read_before",
]

Category = Literal["CCyR", "CCyR_limited", "no_CCyR", "new_clone", "not_evaluable", "not_applicable"]

_STILL_THERE = Finding(flag="BASELINE_CLONE", reason="A baseline abnormality is still there.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CytogeneticResponse:
    """The answer to one follow-up karyotype; percentages and their interval in percent, the level a fraction.

    Attributes:
        abnormal: metaphases with a baseline abnormality, None where their number is not written.
        excluded_level: share of a clone that this many clean metaphases exclude (95 %), None unless clean.
        in_denominator: morphologic response and a baseline known to be abnormal.
        in_numerator: counts as complete.
    """

    category: Category
    metaphases: Metaphases | None
    abnormal: int | None
    percent_of_recipient: float | None
    percent_of_all: float | None
    ci_low: float | None
    ci_high: float | None
    excluded_level: float | None
    in_denominator: bool
    in_numerator: bool
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A karyotype before treatment, and the disease that it shows; None where there were no metaphases."""

    karyotype: KaryotypeCall
    disease: Baseline | None


def read_before(baseline: KaryotypeCall, policy: CytogeneticPolicy) -> Before:
    """Return the disease of a karyotype before treatment, which is the same for every visit."""
    return Before(karyotype=baseline, disease=None if _failed(baseline) else baseline_of(baseline, policy))


def classify_cytogenetics(
    baseline: KaryotypeCall | None,
    followup: KaryotypeCall | None,
    *,
    in_response: bool,
    policy: CytogeneticPolicy,
    baseline_fish: FishCall | None = None,
    followup_fish: FishCall | None = None,
) -> CytogeneticResponse:
    """Classify the cytogenetic response of one visit; total over all karyotypes.

    Args:
        baseline: karyotype before treatment, None where not done.
        followup: karyotype of the visit, None where there is none.
        in_response: the visit is a morphologic response.
        policy: metaphases needed, and changes that are no disease.
        baseline_fish: FISH before treatment; it never upgrades a response.
        followup_fish: FISH of the visit.
    """
    before = None if baseline is None else read_before(baseline, policy)
    category, findings = cytogenetic_response(
        before,
        followup,
        in_response=in_response,
        policy=policy,
        baseline_fish=baseline_fish,
        followup_fish=followup_fish,
    )
    disease = before.disease if before else None
    applies = in_response and disease is not None and bool(disease.items)
    counted = category == "CCyR" or (category == "CCyR_limited" and policy.limited_counts)
    metaphases = followup.metaphases if followup is not None else None
    abnormal = _abnormal(disease, followup)
    shares = _shares(metaphases, abnormal)
    return CytogeneticResponse(
        category=category,
        metaphases=metaphases,
        abnormal=abnormal,
        percent_of_recipient=shares[0],
        percent_of_all=shares[1],
        ci_low=shares[2],
        ci_high=shares[3],
        excluded_level=_excluded(metaphases, abnormal),
        in_denominator=applies,
        in_numerator=applies and counted,
        flags=flags_of(findings),
        reasons=reasons_of(findings),
    )


def cytogenetic_response(
    before: Before | None,
    followup: KaryotypeCall | None,
    *,
    in_response: bool,
    policy: CytogeneticPolicy,
    baseline_fish: FishCall | None,
    followup_fish: FishCall | None,
) -> tuple[Category, tuple[Finding, ...]]:
    """Return the category of one visit and what was found, as `classify_cytogenetics` without its numbers."""
    baseline, disease = (before.karyotype, before.disease) if before else (None, None)
    category, findings = _category(disease, followup, policy, in_response=in_response)
    clear = category in ("CCyR", "CCyR_limited")
    of_fish = fish_findings(baseline, followup, baseline_fish, followup_fish, clear=clear)
    of_baseline = () if baseline is None else (*ph_finding(baseline), *_of_sex(baseline, followup))
    return category, (*findings, *of_baseline, *_of_cells(followup), *of_fish)


def _category(
    disease: Baseline | None, followup: KaryotypeCall | None, policy: CytogeneticPolicy, *, in_response: bool
) -> tuple[Category, tuple[Finding, ...]]:
    if disease is None:
        reason = "There is no karyotype before treatment."
        return "not_applicable", (Finding(flag="BASELINE_MISSING", reason=reason),)
    if not in_response:
        return "not_applicable", ()
    if not disease.readable:
        return _of_unread_baseline(disease, followup, policy)
    if not disease.items:
        return "not_applicable", disease.findings
    category, findings = _of_followup(disease, followup, policy)
    return category, (*disease.findings, *findings)


def _of_unread_baseline(
    disease: Baseline, followup: KaryotypeCall | None, policy: CytogeneticPolicy
) -> tuple[Category, tuple[Finding, ...]]:
    """Judge by the abnormalities that were read; what is new may be among those that were not."""
    reason = "The karyotype before treatment could not be read whole."
    unread = (Finding(flag="BASELINE_NOT_READ", reason=reason), REVIEW)
    if not disease.items or not disease.certain:
        return "not_evaluable", unread
    category, findings = _of_followup(disease, followup, policy)
    return "not_evaluable" if category == "new_clone" else category, (*findings, *unread)


def _failed(baseline: KaryotypeCall) -> bool:
    """Tell whether there were no metaphases before treatment: not done, and not a normal karyotype."""
    return baseline.status == "parsed" and not baseline.clones


def _of_followup(
    disease: Baseline, followup: KaryotypeCall | None, policy: CytogeneticPolicy
) -> tuple[Category, tuple[Finding, ...]]:
    if followup is None:
        reason = "There is no karyotype of this visit."
        return "not_evaluable", (Finding(flag="KARYOTYPE_MISSING", reason=reason),)
    seen = any(disease.shared(clone) for clone in _of_recipient(followup))
    if not is_read(followup) or (not seen and "NONCLONAL_WITH_CLONAL" in followup.flags):
        return _of_unread_followup(followup, seen=seen)
    if seen:
        return "no_CCyR", (_STILL_THERE,)
    if any(disease.shared(clone) for clone in followup.clones):
        reason = "A baseline abnormality stands on the donor's side of //."
        return "not_evaluable", (Finding(flag="BASELINE_CLONE_IN_DONOR", reason=reason), REVIEW)
    total = followup.metaphases.total if followup.metaphases else 0
    if total == 0 or any(clone.cells is None for clone in followup.clones):
        reason = "The number of metaphases is not known."
        return "not_evaluable", (Finding(flag="NO_METAPHASES", reason=reason),)
    return _without_baseline_clone(disease, followup, total, policy)


def _of_unread_followup(followup: KaryotypeCall, *, seen: bool) -> tuple[Category, tuple[Finding, ...]]:
    """Answer only where a baseline abnormality was read: what was not read cannot take it back."""
    reason = "The karyotype of this visit could not be read whole."
    findings = (Finding(flag="KARYOTYPE_NOT_READ", reason=reason), REVIEW)
    if seen and followup.status == "partly":
        return "no_CCyR", (_STILL_THERE, *findings)
    return "not_evaluable", (*findings, *_seen_anyway()) if seen else findings


def _of_recipient(followup: KaryotypeCall) -> list[KaryotypeClone]:
    return [clone for clone in followup.clones if clone.population == "recipient"]


def _without_baseline_clone(
    disease: Baseline, followup: KaryotypeCall, total: int, policy: CytogeneticPolicy
) -> tuple[Category, tuple[Finding, ...]]:
    notes: list[Finding] = []
    new_clone = False
    for clone in followup.clones:
        items = new_items(clone, disease, policy)
        if not items:
            continue
        if not clone.clonal:
            notes.append(_nonclonal(clone, items))
        elif set(items) <= set(policy.age_related_alone):
            reason = f"{items[0]} alone may come with age; it is not counted as a new clone."
            notes += [Finding(flag="AGE_RELATED_ALONE", reason=reason), REVIEW]
        else:
            new_clone = True
            reason = f"A new clone in {clone.cells} metaphases: {', '.join(items)}."
            notes.append(Finding(flag="NEW_CLONE", reason=reason))
    if new_clone:
        return "new_clone", tuple(notes)
    if total >= policy.metaphases_at_least:
        return "CCyR", tuple(notes)
    needed = policy.metaphases_at_least
    reason = f"Only {total} metaphases; a complete response needs {needed}."
    return "CCyR_limited", (Finding(flag=f"METAPHASES_BELOW_{needed}", reason=reason), *notes)


def _nonclonal(clone: KaryotypeClone, items: tuple[str, ...]) -> Finding:
    text = ", ".join(items)
    if clone.cells == 1:
        return Finding(flag="NONCLONAL_SINGLE_CELL", reason=f"A single cell with {text} is no clone.")
    flag = "NONCLONAL_LOSS" if all(is_loss(item) for item in items) else "NONCLONAL"
    return Finding(flag=flag, reason=f"{clone.cells} cells with {text} are no clone.")


def _seen_anyway() -> tuple[Finding, ...]:
    reason = "What could be read of it shows a baseline abnormality."
    return (Finding(flag="BASELINE_CLONE_SEEN", reason=reason),)


def _abnormal(disease: Baseline | None, followup: KaryotypeCall | None) -> int | None:
    """Return the patient's metaphases with a baseline abnormality; None where their number is not written."""
    if disease is None or followup is None or not is_read(followup):
        return None
    cells = [clone.cells for clone in _of_recipient(followup) if disease.shared(clone)]
    return sum(count for count in cells if count is not None) if None not in cells else None


def _shares(
    metaphases: Metaphases | None, abnormal: int | None
) -> tuple[float | None, float | None, float | None, float | None]:
    if (
        metaphases is None
        or abnormal is None
        or not 0 <= abnormal <= metaphases.total
        or not metaphases.total
    ):
        return None, None, None, None
    low, high = clopper_pearson(abnormal, metaphases.total)
    of_recipient = 100.0 * abnormal / metaphases.recipient if metaphases.recipient else None
    return of_recipient, 100.0 * abnormal / metaphases.total, 100.0 * low, 100.0 * high


def _excluded(metaphases: Metaphases | None, abnormal: int | None) -> float | None:
    if metaphases is None or not metaphases.total or abnormal != 0:
        return None
    return binomial_upper_limit(0, metaphases.total)


def _of_sex(baseline: KaryotypeCall, followup: KaryotypeCall | None) -> tuple[Finding, ...]:
    """Return the flag of cells of the other sex on the recipient's side: a donor's, or another patient's."""
    if followup is None or not _sexes(baseline) or not _sexes(followup) - _sexes(baseline):
        return ()
    reason = "Cells of the other sex than before treatment stand without //: the donor's, or a mix-up."
    return (Finding(flag="SEX_DIFFERS_FROM_BASELINE", reason=reason), REVIEW)


def _sexes(call: KaryotypeCall) -> set[str]:
    """Return whether cells of the patient's are XX, XY or both; lost or unusual complements say nothing."""
    return {clone.sex for clone in _of_recipient(call) if clone.sex in ("XX", "XY")}


def _of_cells(followup: KaryotypeCall | None) -> tuple[Finding, ...]:
    metaphases = followup.metaphases if followup is not None else None
    if metaphases is None or not metaphases.donor:
        return ()
    if not metaphases.recipient:
        return (Finding(flag="DONOR_100PCT", reason="All metaphases are of the donor."),)
    reason = f"{metaphases.recipient} metaphases of the recipient, {metaphases.donor} of the donor."
    return (Finding(flag="MIXED_CHIMERA", reason=reason),)
