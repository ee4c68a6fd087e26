"""One marker of one patient at diagnosis and later: lost, reduced, kept, gained, or absent both times.

Percentages are relative to each tube's own cut-off; medians assume the same settings of the cytometer. Rules:
reference/flow/expression.toml.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from mrdkit.flow.mrd.expression import MarkerExpression
from mrdkit.flow.mrd.expression_rules import ChangeRules

__all__ = ["Change", "MarkerChange", "change_of"]

Change: TypeAlias = Literal["lost", "reduced", "kept", "gained", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerChange:
    """Percentages and medians side by side; `change` is None where either could not be told."""

    marker: str
    diagnosis_percent_positive: float | None
    percent_positive: float | None
    diagnosis_median: float | None
    median: float | None
    diagnosis_median_display: float | None
    median_display: float | None
    change: Change | None


def change_of(diagnosis: MarkerExpression, later: MarkerExpression, rules: ChangeRules) -> MarkerChange:
    """Return a marker of the same patient at diagnosis and later, side by side."""
    return MarkerChange(
        marker=later.marker,
        diagnosis_percent_positive=diagnosis.percent_positive,
        percent_positive=later.percent_positive,
        diagnosis_median=diagnosis.median,
        median=later.median,
        diagnosis_median_display=diagnosis.median_display,
        median_display=later.median_display,
        change=_change(diagnosis, later, rules),
    )


def _change(diagnosis: MarkerExpression, later: MarkerExpression, rules: ChangeRules) -> Change | None:
    before, now = diagnosis.percent_positive, later.percent_positive
    if before is None or now is None:
        return None
    limit = rules.positive_at_least_percent
    if before < limit:
        return "gained" if now >= limit else "absent"
    apart = (later.ci_high or 0.0) < (diagnosis.ci_low or 0.0)
    if apart and now < limit and now <= rules.lost_at_most_of_diagnosis * before:
        return "lost"
    fallen = apart and before - now >= rules.reduced_at_least_points
    return "reduced" if fallen or _dimmed(diagnosis, later, rules) else "kept"


def _dimmed(diagnosis: MarkerExpression, later: MarkerExpression, rules: ChangeRules) -> bool:
    """Return whether the median, above the cut-off at diagnosis, has fallen to the stated part of it."""
    before, cutoff, now = diagnosis.median, diagnosis.cutoff, later.median
    if before is None or cutoff is None or now is None or before <= max(cutoff, 0.0):
        return False
    return now <= rules.reduced_median_at_most_of_diagnosis * before
