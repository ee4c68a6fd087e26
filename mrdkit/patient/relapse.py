"""Whether an assessment after a response is a relapse. Never responded is refractory, not relapsed.

Blasts between the limit of remission and that of relapse, and blasts in the blood alone where the profile
asks for a marrow, are reviewed. Source: the criteria profile; trial definitions, section 2.2. A profile
without a limit answers REVIEW where the marrow is not in remission.
"""

from typing import Literal, NamedTuple

from mrdkit.patient.criteria import Criteria
from mrdkit.patient.criteria_limits import BOTH, NO, YES, PercentLimit
from mrdkit.patient.findings import REVIEW, Finding, flags_of, reasons_of
from mrdkit.patient.reading import Answer, AssessmentValues

__all__ = ["RelapseStatus", "classify_relapse"]

_Status = Literal["RELAPSE", "NO_RELAPSE", "REFRACTORY", "MRD_RELAPSE", "REVIEW", "NE"]


class RelapseStatus(NamedTuple):
    """The answer with its codes and sentences; MRD_RELAPSE is no event of relapse-free survival."""

    status: _Status
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


def classify_relapse(
    values: AssessmentValues,
    *,
    responded: bool,
    mrd: str,
    mrd_was_negative: bool,
    criteria: Criteria,
) -> RelapseStatus:
    """Classify one assessment under treatment.

    Args:
        values: the assessment.
        responded: a remission was reached before.
        mrd: MRD status word of this assessment.
        mrd_was_negative: MRD was negative before.
        criteria: the profile.
    """
    if responded and _extramedullary(values, criteria):
        return _status("RELAPSE", Finding(flag="EMD", reason="New extramedullary disease after a response."))
    blood = _blood(values, criteria) if responded else None
    if blood is not None and blood.status == "RELAPSE":
        return blood
    marrow = _marrow(values, mrd, criteria) if responded else _before_response(values, criteria)
    if blood is not None and marrow.status in ("NE", "NO_RELAPSE", "MRD_RELAPSE"):
        return blood
    if marrow.status == "NO_RELAPSE" and not marrow.flags:
        return _only_mrd(mrd, was_negative=mrd_was_negative and responded)
    return marrow


def _before_response(values: AssessmentValues, criteria: Criteria) -> RelapseStatus:
    remission = _answers(values, criteria.remission.marrow_blasts)
    if remission == BOTH:
        return _status("REVIEW", Finding(flag="RANGE_STRADDLES"), REVIEW)
    if not remission:
        return _status("NE")
    return _status("NO_RELAPSE" if remission == YES else "REFRACTORY")


def _marrow(values: AssessmentValues, mrd: str, criteria: Criteria) -> RelapseStatus:
    limit = criteria.relapse.marrow_blasts
    remission = _answers(values, criteria.remission.marrow_blasts)
    if not remission:
        return _status("NE")
    if remission == YES:
        return _status("NO_RELAPSE")
    if limit is None:
        reason = f"{criteria.id} gives no limit of marrow blasts for a relapse."
        return _status("REVIEW", Finding(flag="PROFILE_RELAPSE_UNDEFINED", reason=reason), REVIEW)
    above = _answers(values, limit)
    if above == BOTH or (above == NO and remission == BOTH):
        return _status("REVIEW", Finding(flag="RANGE_STRADDLES"), REVIEW)
    return _blasts_after_response(values, mrd) if above == YES else _between(values, limit)


def _answers(values: AssessmentValues, limit: PercentLimit) -> frozenset[bool]:
    span = values.blasts.span
    if span is None or values.evaluable is Answer.NO or values.problems:
        return frozenset()
    return limit.answers(span)


def _between(values: AssessmentValues, limit: PercentLimit) -> RelapseStatus:
    text = values.blasts.text.strip()
    reason = f"Marrow blasts {text} are no remission, and not {limit.words} % as a relapse asks."
    return _status("REVIEW", Finding(flag="BELOW_RELAPSE_LIMIT", reason=reason), REVIEW)


def _blood(values: AssessmentValues, criteria: Criteria) -> RelapseStatus | None:
    """Return what leukemic blasts in the blood mean: a relapse, or a review; None where there are none."""
    span, limit = values.counts.blood_blasts.span, criteria.relapse.blood_blasts
    remission = criteria.remission.blood_blasts
    seen = values.blood_blasts_leukemic is Answer.YES or (
        remission is not None and span is not None and remission.answers(span) == NO
    )
    if not seen or values.blood_blasts_leukemic is Answer.NO:
        return None
    if limit is not None and (span is None or limit.answers(span) == YES):
        reason = "Leukemic blasts came back in the blood after a response."
        return _status("RELAPSE", Finding(flag="RELAPSE", reason=reason))
    reason = "There are leukemic blasts in the blood after a response; the profile asks for a marrow."
    return _status("REVIEW", Finding(flag="BLOOD_BLASTS_AFTER_RESPONSE", reason=reason), REVIEW)


def _extramedullary(values: AssessmentValues, criteria: Criteria) -> bool:
    return values.extramedullary is Answer.YES or values.cns in criteria.extramedullary.cns_disease


def _blasts_after_response(values: AssessmentValues, mrd: str) -> RelapseStatus:
    text = values.blasts.text.strip()
    if values.regenerating is Answer.YES and mrd == "negative":
        reason = f"Marrow blasts {text} in a regenerating marrow without MRD are no relapse."
        return _status("NO_RELAPSE", Finding(flag="REGENERATING", reason=reason), REVIEW)
    if values.regenerating is Answer.YES:
        reason = f"Marrow blasts {text} in a regenerating marrow, MRD {mrd.replace('_', ' ')}."
        return _status("REVIEW", Finding(flag="REGENERATING", reason=reason), REVIEW)
    reason = f"Marrow blasts {text} after a response."
    if values.regenerating is Answer.UNKNOWN:
        unknown = Finding(flag="REGENERATION_NOT_ASSESSED", reason="Regeneration was not assessed.")
        return _status("RELAPSE", Finding(flag="RELAPSE", reason=reason), unknown)
    return _status("RELAPSE", Finding(flag="RELAPSE", reason=reason))


def _only_mrd(mrd: str, *, was_negative: bool) -> RelapseStatus:
    if mrd == "positive" and was_negative:
        reason = "MRD came back in morphologic remission; this is no event of relapse-free survival."
        return _status("MRD_RELAPSE", Finding(flag="REEMERGENCE", reason=reason))
    return _status("NO_RELAPSE")


def _status(status: _Status, *findings: Finding) -> RelapseStatus:
    return RelapseStatus(status=status, flags=flags_of(findings), reasons=reasons_of(findings))
