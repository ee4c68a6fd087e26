"""What is noted beside a remission without changing it: boundary values, censoring, support, empty marrow.

Source: trial definitions, gap rules.
"""

from datetime import date
from decimal import Decimal

from mrdkit.patient.counts import CountsOfMarrow
from mrdkit.patient.criteria import Criteria
from mrdkit.patient.criteria_limits import CountLimit
from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.quantities import Measured, Problem
from mrdkit.patient.reading import Answer, AssessmentValues

__all__ = ["count_notes", "is_empty_marrow", "remission_notes", "transfused", "transfusion_notes"]


def remission_notes(values: AssessmentValues, criteria: Criteria) -> tuple[Finding, ...]:
    """Return the notes on marrow, blood blasts and extramedullary disease."""
    findings = [*_writing("Marrow blasts", values.blasts)]
    limit = criteria.remission.marrow_blasts
    if values.blasts.span and values.blasts.span.exact == limit.limit and limit.at_limit_flag:
        findings.append(
            Finding(flag=limit.at_limit_flag, reason=f"Marrow blasts are exactly {limit.limit} %.")
        )
    if values.counts.blood_blasts.problem is Problem.MISSING:
        findings.append(Finding(flag="PB_BLASTS_UNKNOWN", reason="Blood blasts are not stated."))
    if values.extramedullary is Answer.UNKNOWN:
        reason = "Extramedullary disease was not assessed; it was absent when last assessed."
        findings.append(Finding(flag="EMD_NOT_ASSESSED", reason=reason))
    if values.cns in criteria.extramedullary.cns_review:
        findings += [Finding(flag="CNS_REVIEW", reason=f"CNS status {values.cns} is not clear."), REVIEW]
    if values.growth_factor is Answer.YES:
        reason = "Growth factor was given; it is part of every course of the protocol."
        findings.append(Finding(flag="GCSF", reason=reason))
    if values.doubts:
        findings += [*values.doubts, REVIEW]
    findings += [Finding(flag=clause.flag, reason=clause.reason) for clause in criteria.not_asked]
    return tuple(findings)


def count_notes(counts: CountsOfMarrow, values: AssessmentValues, criteria: Criteria) -> tuple[Finding, ...]:
    """Return the notes on the counts that the marrow is judged by."""
    return (
        *_count_notes("Neutrophils", counts.anc, criteria.count_limits("neutrophils")),
        *_unit_doubtful(counts.anc, criteria.plausible.neutrophils_without_unit_at_most_e9_per_l),
        *_count_notes("Platelets", counts.platelets, criteria.count_limits("platelets")),
        *_neutropenia_only(counts, criteria),
        *transfusion_notes(counts.platelets_day, values, criteria),
        *_hypocellular(counts, values, criteria),
    )


def transfused(counted_on: date | None, values: AssessmentValues, criteria: Criteria) -> bool:
    """Tell whether platelets were transfused within the window before a count; unknown days count."""
    day, given = counted_on or values.marrow_date, values.transfusion_date
    if given is None or day is None:
        return given is not None or values.transfused_some_day
    return 0 <= (day - given).days <= criteria.windows.platelet_transfusion_within_days


def transfusion_notes(
    counted_on: date | None, values: AssessmentValues, criteria: Criteria
) -> tuple[Finding, ...]:
    """Return the note on a platelet count that a transfusion may have raised."""
    if not transfused(counted_on, values, criteria):
        return ()
    days = criteria.windows.platelet_transfusion_within_days
    reason = f"Platelets were transfused within {days} days before the count."
    if values.transfused_some_day:
        reason = "A platelet transfusion is reported without its day; it may have raised the count."
    return (Finding(flag=f"PLT_TX_{days}D", reason=reason), REVIEW)


def _writing(name: str, found: Measured) -> tuple[Finding, ...]:
    text = found.text.strip()
    notes = []
    if found.censored:
        notes.append(Finding(flag="CENSORED_VALUE", reason=f"{name} are given as {text}."))
    if found.ranged:
        notes.append(Finding(flag="RANGE", reason=f"{name} are given as the range {text}."))
    if found.converted:
        notes.append(Finding(flag="UNIT_CONVERTED", reason=f"{name} were converted from {found.unit}."))
    return tuple(notes)


def _count_notes(name: str, found: Measured, limits: tuple[CountLimit, ...]) -> tuple[Finding, ...]:
    notes = [*_writing(name, found)]
    for limit in limits if found.span else ():
        if found.span and found.span.exact == limit.limit and limit.at_limit_flag:
            reason = f"{name} are exactly {limit.limit}; {limit.words} is asked."
            notes.append(Finding(flag=limit.at_limit_flag, reason=reason))
        if found.span and len(limit.answers(found.span)) > 1:
            reason = f"{name} {found.text.strip()} lie on both sides of {limit.limit}."
            notes.append(Finding(flag="RANGE_STRADDLES", reason=reason))
    return tuple(notes)


def _unit_doubtful(anc: Measured, limit: Decimal | None) -> tuple[Finding, ...]:
    """Ask for a review where a bare number could be cells per microlitre: 50 would be deep neutropenia."""
    if limit is None or anc.unit or anc.span is None or anc.span.low <= limit:
        return ()
    reason = f"Neutrophils {anc.text.strip()} have no unit; cells per microlitre would be far below 10^9/L."
    return (Finding(flag="ANC_UNIT_DOUBTFUL", reason=reason), REVIEW)


def _neutropenia_only(counts: CountsOfMarrow, criteria: Criteria) -> tuple[Finding, ...]:
    complete = criteria.category[0]
    neutrophils, platelets = complete.neutrophils, complete.platelets
    if not (neutrophils and platelets and counts.anc.span and counts.platelets.span):
        return ()
    if neutrophils.answers(counts.anc.span) == {False} and platelets.answers(counts.platelets.span) == {True}:
        return (Finding(flag="NEUTROPENIA_ONLY", reason="Only the neutrophils have not recovered."),)
    return ()


def _hypocellular(
    counts: CountsOfMarrow, values: AssessmentValues, criteria: Criteria
) -> tuple[Finding, ...]:
    if not (_few_cells(values, criteria) or _no_counts(counts, criteria)):
        return ()
    reason = "The marrow may be empty rather than in remission."
    return (Finding(flag="CHECK_HYPOCELLULAR", reason=reason), REVIEW)


def is_empty_marrow(counts: CountsOfMarrow, values: AssessmentValues, criteria: Criteria) -> bool:
    """Tell whether marrow and blood are both empty, so that no blasts are no proof of remission."""
    return _few_cells(values, criteria) and _no_counts(counts, criteria)


def _few_cells(values: AssessmentValues, criteria: Criteria) -> bool:
    return _below(values.cellularity, criteria.hypocellular.cellularity_less_than_percent)


def _no_counts(counts: CountsOfMarrow, criteria: Criteria) -> bool:
    limits = criteria.hypocellular
    return _below(counts.anc, limits.neutrophils_less_than_e9_per_l) and _below(
        counts.platelets, limits.platelets_less_than_e9_per_l
    )


def _below(found: Measured, limit: Decimal) -> bool:
    span = found.span
    if span is None or span.high is None:
        return False
    return span.high < limit or (span.high == limit and span.high_open)
