"""Partial remission, where a profile knows it: blood counts of CR, fewer blasts than before, and not none.

What cannot be shown is no partial remission: the answer stays NR, and the row is a query. Source: the
profile.
"""

from decimal import Decimal

from mrdkit.patient.counts import counts_of_marrow
from mrdkit.patient.criteria import Criteria
from mrdkit.patient.criteria_limits import BOTH, NO, YES
from mrdkit.patient.criteria_sections import PartialRemission
from mrdkit.patient.findings import Finding
from mrdkit.patient.history import History
from mrdkit.patient.quantities import Span, any_count
from mrdkit.patient.reading import AssessmentValues

__all__ = ["partial_remission"]

_HUNDRED = Decimal(100)


def partial_remission(
    values: AssessmentValues, history: History, criteria: Criteria
) -> tuple[PartialRemission | None, tuple[Finding, ...]]:
    """Return the partial remission of a marrow above the limit of remission, or why it stays open."""
    rule, span = criteria.partial, values.blasts.span
    if rule is None or span is None:
        return None, ()
    answers = (
        rule.marrow_blasts_from.answers(span),
        rule.marrow_blasts_to.answers(span),
        _fell(span, history.blasts_before.span if history.blasts_before else None, rule),
        _counts_of_complete(values, history, criteria),
    )
    if NO in answers:
        return None, ()
    if all(answer == YES for answer in answers):
        reason = f"Blasts fell to {values.blasts.text.strip()} with recovered counts. {rule.clause}"
        return rule, (Finding(flag="PARTIAL_REMISSION", reason=reason),)
    reason = f"{rule.name} is possible; blasts before treatment or the counts do not show it."
    return None, (Finding(flag=f"{rule.name}_NOT_ASSESSED", reason=reason), Finding(flag="QUERY"))


def _fell(now: Span, before: Span | None, rule: PartialRemission) -> frozenset[bool]:
    """Tell whether blasts fell as far as asked, for all or some of the possible values."""
    if before is None or now.high is None:
        return BOTH
    left = (_HUNDRED - rule.fall_at_least_percent) / _HUNDRED
    if now.high <= before.low * left:
        return YES
    highest = _HUNDRED if before.high is None else before.high
    return NO if now.low > highest * left else BOTH


def _counts_of_complete(values: AssessmentValues, history: History, criteria: Criteria) -> frozenset[bool]:
    counts = counts_of_marrow(values, history.counts, criteria)
    possible = criteria.categories_of(counts.anc.span or any_count(), counts.platelets.span or any_count())
    return frozenset(category is criteria.category[0] for category in possible)
