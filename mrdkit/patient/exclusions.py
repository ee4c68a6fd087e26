"""What an assessment must pass before its counts are looked at: consistent, no disease seen, nothing unknown.

Each function returns what it found; an empty answer is a pass. Source: trial definitions, gap rules.
"""

from mrdkit.patient.criteria import Criteria
from mrdkit.patient.criteria_limits import BOTH, NO
from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.history import History
from mrdkit.patient.quantities import Problem
from mrdkit.patient.reading import Answer, AssessmentValues

__all__ = ["contradictions", "exclusions", "no_assessment", "not_assessed", "unknowns"]


def contradictions(values: AssessmentValues, history: History) -> tuple[Finding, ...]:
    """Return why the row cannot be right: impossible cells, impossible dates, cells against each other."""
    blood = values.counts.blood_blasts.span
    findings = [*values.problems, *_date_order(values, history)]
    if values.blood_blasts_leukemic is Answer.YES and blood is not None and blood.exact == 0:
        reason = "pb_blasts_leukemic is Y and there are no blasts in the blood."
        findings.append(Finding(flag="CONTRADICTION", reason=reason))
    return tuple(findings)


def exclusions(values: AssessmentValues, criteria: Criteria) -> tuple[Finding, ...]:
    """Return what excludes remission, whatever else is missing."""
    findings: list[Finding] = []
    if values.extramedullary is Answer.YES:
        findings.append(Finding(flag="EMD", reason="Extramedullary disease is present."))
    if values.cns in criteria.extramedullary.cns_disease:
        findings.append(Finding(flag="EMD", reason=f"CNS disease is present ({values.cns})."))
    blasts = values.blasts.span
    limit = criteria.remission.marrow_blasts
    usable = blasts is not None and values.evaluable is not Answer.NO
    if usable and blasts is not None and limit.answers(blasts) == NO:
        reason = f"Marrow blasts {values.blasts.text.strip()} are not {limit.words} %."
        findings.append(Finding(flag="BM_BLASTS", reason=reason))
    findings.extend(_blood_blasts(values, criteria))
    return tuple(findings)


def not_assessed(values: AssessmentValues, history: History, criteria: Criteria) -> tuple[Finding, ...]:
    """Return why a subject without any marrow result is no responder: died early, or left."""
    if values.blasts.problem is not Problem.MISSING or values.evaluable is Answer.NO:
        return ()
    if history.marrow_known or not history.ended:
        return ()
    return no_assessment(history, criteria)


def no_assessment(history: History, criteria: Criteria) -> tuple[Finding, ...]:
    """Return the flag of a subject who was never assessed; both kinds stay in the denominator."""
    limit = criteria.windows.early_death_within_days
    if history.death_on and history.treatment_start:
        days = (history.death_on - history.treatment_start).days
        if days <= limit:
            reason = f"Died on day {days} of treatment, before any marrow was assessed."
            return (Finding(flag="EARLY_DEATH", reason=reason), Finding(flag="NO_ASSESSMENT"))
    return (Finding(flag="NO_ASSESSMENT", reason="No marrow was ever assessed."),)


def unknowns(values: AssessmentValues, history: History, criteria: Criteria) -> tuple[Finding, ...]:
    """Return what is not known and could exclude remission."""
    return (
        *_marrow_unknown(values, criteria),
        *_extramedullary_unknown(values, history),
        *_cns_unknown(values, history, criteria),
        *_blood_blasts_unknown(values, criteria),
    )


def _marrow_unknown(values: AssessmentValues, criteria: Criteria) -> tuple[Finding, ...]:
    text = values.blasts.text.strip()[:40]
    if values.evaluable is Answer.NO:
        return (Finding(flag="BM_NOT_EVALUABLE", reason="The marrow was not evaluable."),)
    if values.blasts.problem is Problem.UNPARSEABLE:
        return (Finding(flag="BM_UNPARSEABLE", reason=f"Marrow blasts {text!r} are not a number."),)
    if values.blasts.span is None:
        return (Finding(flag="BM_MISSING", reason="There is no marrow blast percentage."),)
    limit = criteria.remission.marrow_blasts
    if limit.answers(values.blasts.span) == BOTH:
        reason = f"Marrow blasts {text} lie on both sides of {limit.limit} %."
        return (Finding(flag="RANGE_STRADDLES", reason=reason), *_written(values))
    return ()


def _written(values: AssessmentValues) -> tuple[Finding, ...]:
    return (Finding(flag="RANGE" if values.blasts.ranged else "CENSORED_VALUE"),)


def _extramedullary_unknown(values: AssessmentValues, history: History) -> tuple[Finding, ...]:
    if values.extramedullary is not Answer.UNKNOWN or history.extramedullary is Answer.NO:
        return ()
    flag = Finding(flag="EMD_NOT_ASSESSED")
    if history.extramedullary is Answer.YES:
        reason = "Extramedullary disease was known and was not assessed again."
        return (Finding(flag="EMD_NOT_REASSESSED", reason=reason), flag)
    reason = "Extramedullary disease was assessed neither now nor before."
    return (Finding(flag="BASELINE_EMD_UNKNOWN", reason=reason), flag)


def _cns_unknown(values: AssessmentValues, history: History, criteria: Criteria) -> tuple[Finding, ...]:
    if values.cns is not None or history.cns not in criteria.extramedullary.cns_disease:
        return ()
    reason = "CNS disease was known and was not assessed again."
    return (Finding(flag="CNS_NOT_REASSESSED", reason=reason),)


def _blood_blasts(values: AssessmentValues, criteria: Criteria) -> tuple[Finding, ...]:
    limit, span = criteria.remission.blood_blasts, values.counts.blood_blasts.span
    if limit is None or values.blood_blasts_leukemic is Answer.NO:
        return ()
    present = span is not None and limit.answers(span) == NO
    if not present and values.blood_blasts_leukemic is not Answer.YES:
        return ()
    return (Finding(flag="PB_BLASTS", reason="There are leukemic blasts in the blood."),)


def _blood_blasts_unknown(values: AssessmentValues, criteria: Criteria) -> tuple[Finding, ...]:
    found, limit = values.counts.blood_blasts, criteria.remission.blood_blasts
    if limit is None or values.blood_blasts_leukemic is Answer.NO or found.problem is Problem.MISSING:
        return ()
    if found.span is None:
        reason = f"Blood blasts {found.text.strip()[:40]!r} are not a number."
        return (Finding(flag="PB_BLASTS_UNPARSEABLE", reason=reason), REVIEW)
    if limit.answers(found.span) == BOTH:
        reason = f"Blood blasts {found.text.strip()[:40]} may be none or some."
        return (Finding(flag="RANGE_STRADDLES", reason=reason), Finding(flag="PB_BLASTS_UNKNOWN"), REVIEW)
    return ()


def _date_order(values: AssessmentValues, history: History) -> tuple[Finding, ...]:
    day, start, death = values.marrow_date, history.treatment_start, history.death_on
    if day is None:
        return ()
    last = history.last_contact_on if death is None else None
    wrong = []
    if start is not None and day < start and not history.baseline:
        wrong.append(f"before treatment started ({start})")
    if start is not None and day > start and history.baseline:
        wrong.append(f"a baseline after treatment started ({start})")
    if death is not None and day > death:
        wrong.append(f"after death ({death})")
    if last is not None and day > last:
        wrong.append(f"after the last contact ({last})")
    return tuple([Finding(flag="DATE_ORDER", reason=f"The marrow of {day} is {what}.") for what in wrong])
