"""Whether an assessment after a response is a relapse. Never responded is refractory, not relapsed.

Source: the criteria profile; trial definitions, section 2.2. A profile without a limit answers REVIEW.
"""

from dataclasses import dataclass
from typing import Literal

from mrdkit.patient.criteria import Criteria, PercentLimit
from mrdkit.patient.findings import REVIEW, Finding, flags_of, reasons_of
from mrdkit.patient.reading import Answer, AssessmentValues

__all__ = ["RelapseStatus", "classify_relapse"]

_Status = Literal["RELAPSE", "NO_RELAPSE", "REFRACTORY", "MRD_RELAPSE", "REVIEW", "NE"]
_YES = frozenset({True})
_BOTH = frozenset({True, False})


@dataclass(frozen=True, slots=True, kw_only=True)
class RelapseStatus:
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
    limit = criteria.relapse.marrow_blasts
    if responded and _extramedullary(values, criteria):
        return _status("RELAPSE", Finding(flag="EMD", reason="New extramedullary disease after a response."))
    if limit is None:
        reason = f"{criteria.id} gives no limit of marrow blasts for a relapse."
        return _status("REVIEW", Finding(flag="PROFILE_RELAPSE_UNDEFINED", reason=reason), REVIEW)
    above: frozenset[bool] = frozenset() if values.problems else _above(values, limit)
    if above == _BOTH:
        return _status("REVIEW", Finding(flag="RANGE_STRADDLES"), REVIEW)
    if above == _YES:
        return _blasts_after_response(values, mrd) if responded else _status("REFRACTORY")
    if not above:
        return _status("NE")
    return _only_mrd(mrd, was_negative=mrd_was_negative and responded)


def _above(values: AssessmentValues, limit: PercentLimit) -> frozenset[bool]:
    span = values.blasts.span
    return frozenset() if span is None or values.evaluable is Answer.NO else limit.answers(span)


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
