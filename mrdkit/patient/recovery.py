"""Whether counts recovered later in the same course, so that CRp or CRi rises; the marrow's date stays.

Only a count before the next course, without new therapy, and only where the starts of the courses are known.
Source: trial definitions, gap rule "later recovery".
"""

from datetime import date
from typing import NamedTuple

from mrdkit.patient.counts import CountsOfMarrow
from mrdkit.patient.criteria import Criteria
from mrdkit.patient.criteria_sections import Category
from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.history import History
from mrdkit.patient.notes import transfused, transfusion_notes
from mrdkit.patient.quantities import Problem, any_count
from mrdkit.patient.reading import AssessmentValues, Counts

__all__ = ["LaterRecovery", "later_recovery"]


class LaterRecovery(NamedTuple):
    """The better category of a later count and its day; None where there is none."""

    category: Category | None = None
    day: date | None = None
    findings: tuple[Finding, ...] = ()


def later_recovery(
    possible: tuple[Category, ...],
    values: AssessmentValues,
    counts: CountsOfMarrow,
    history: History,
    criteria: Criteria,
) -> LaterRecovery:
    """Look for the best certain category of a later count, where the present category is certain."""
    after = max((day for day in (values.marrow_date, counts.day) if day is not None), default=None)
    if len(possible) != 1 or values.marrow_date is None or after is None:
        return LaterRecovery()
    rank = criteria.category.index(possible[0])
    if not rank:
        return LaterRecovery()
    better = [(found, day) for found, day in _certain_later(values, after, history, criteria) if found < rank]
    if not better:
        return LaterRecovery()
    found, day = min(better)
    name = criteria.category[found].name
    if not history.courses_documented:
        reason = f"The count of {day} would be {name}, but the start of the next course is not known."
        return LaterRecovery(findings=(Finding(flag="UPGRADE_NOT_ASSESSED", reason=reason), REVIEW))
    reason = f"Counts recovered on {day}, before the next course: {possible[0].name} became {name}."
    support = transfusion_notes(day, values, criteria)
    upgraded = Finding(flag=f"UPGRADED_FROM_{possible[0].name}", reason=reason)
    return LaterRecovery(category=criteria.category[found], day=day, findings=(upgraded, *support))


def _certain_later(
    values: AssessmentValues, after: date, history: History, criteria: Criteria
) -> list[tuple[int, date]]:
    later: list[tuple[int, date]] = []
    for counts in (values.counts, *history.counts):
        day = counts.day
        if day is None or day <= after or (history.next_therapy_on and day >= history.next_therapy_on):
            continue
        if criteria.platelet_transfusion.policy == "not_recovered" and transfused(day, values, criteria):
            continue
        found = criteria.categories_of(counts.anc.span or any_count(), counts.platelets.span or any_count())
        if len(found) == 1 and _no_blood_blasts(counts, criteria):
            later.append((criteria.category.index(found[0]), day))
    return later


def _no_blood_blasts(counts: Counts, criteria: Criteria) -> bool:
    limit, found = criteria.remission.blood_blasts, counts.blood_blasts
    if limit is None or found.problem is Problem.MISSING:
        return True
    return found.span is not None and limit.answers(found.span) == {True}
