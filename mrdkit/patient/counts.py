"""Which blood count belongs to a marrow: the nearest within the profile's window, for each count.

A count outside the window is no count. Two counts equally near are judged by the lower one, so that no answer
is better than the worse of them. Source: trial definitions, gap rule "CBC date against marrow date".
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Literal, NamedTuple, TypeAlias

from mrdkit.patient.criteria import Criteria
from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.quantities import Measured, Problem
from mrdkit.patient.reading import Answer, AssessmentValues, Counts

__all__ = ["CountsOfMarrow", "counts_of_marrow", "stating_blasts", "with_blood_blasts"]

_Name = Literal["anc", "platelets"]
_CODES: dict[_Name, str] = {"anc": "ANC", "platelets": "PLT"}
_WORDS: dict[_Name, str] = {"anc": "neutrophil", "platelets": "platelet"}
_OF: dict[_Name, Callable[[Counts], Measured]] = {
    "anc": attrgetter("anc"),
    "platelets": attrgetter("platelets"),
}
_ABSENT = Measured(text="", problem=Problem.MISSING)


class CountsOfMarrow(NamedTuple):
    """The counts that a marrow is judged by.

    Attributes:
        day: the later of their days, None where unknown.
        platelets_day: day of the platelets, None where unknown.
    """

    anc: Measured
    platelets: Measured
    day: date | None
    platelets_day: date | None
    findings: tuple[Finding, ...]


#: Counts with their days from the marrow.
_Near: TypeAlias = tuple[int, Counts]


def counts_of_marrow(
    values: AssessmentValues, series: Iterable[Counts], criteria: Criteria
) -> CountsOfMarrow:
    """Choose the neutrophils and the platelets of one marrow from its own row and the serial counts."""
    everything = _with_distance(values, (values.counts, *series))
    limit = criteria.windows.cbc_within_days
    inside = [(days, counts) for days, counts in everything if days <= limit]
    anc, anc_day, of_anc = _nearest("anc", inside, everything, criteria)
    platelets, platelets_day, of_platelets = _nearest("platelets", inside, everything, criteria)
    days = [day for day in (anc_day, platelets_day) if day is not None]
    findings = (*_undated(values), *of_anc, *of_platelets)
    if len(set(days)) > 1:
        findings += (Finding(flag="CBC_MIXED_DATES", reason="The two counts are of different days."),)
    return CountsOfMarrow(
        anc=anc,
        platelets=platelets,
        day=max(days, default=None),
        platelets_day=platelets_day,
        findings=findings,
    )


def with_blood_blasts(
    values: AssessmentValues, series: Sequence[Counts], criteria: Criteria
) -> AssessmentValues:
    """Return the assessment with the blood blasts of the nearest serial count, where its row states none."""
    if (
        not series
        or values.counts.blood_blasts.problem is not Problem.MISSING
        or values.blood_blasts_leukemic is Answer.YES
    ):
        return values
    stated = [
        (days, counts)
        for days, counts in _with_distance(values, stating_blasts(series))
        if days <= criteria.windows.cbc_within_days
    ]
    if not stated:
        return values
    days = min(days for days, _ in stated)
    # Of two equally near the higher one, and one that is no number, says more against remission.
    worst = max((counts.blood_blasts for near, counts in stated if near == days), key=_order_of_blasts)
    return values._replace(counts=values.counts._replace(blood_blasts=worst))


def stating_blasts(series: Iterable[Counts]) -> tuple[Counts, ...]:
    """Return the counts that state blood blasts, readable or not."""
    return tuple([counts for counts in series if counts.blood_blasts.problem is not Problem.MISSING])


def _order_of_blasts(found: Measured) -> tuple[bool, Decimal, str]:
    return found.span is None, found.span.low if found.span else Decimal(0), found.text


def _with_distance(values: AssessmentValues, series: Iterable[Counts]) -> list[_Near]:
    """Return counts with their days from the marrow; an undated count of the row is the marrow's own."""
    marrow = values.marrow_date
    if marrow is None:
        own, far = (None, values.counts.day), date.max.toordinal()
        return [(0 if counts.day in own else far, counts) for counts in series]
    return [(0 if counts.day is None else abs((counts.day - marrow).days), counts) for counts in series]


def _nearest(
    name: _Name, inside: list[_Near], everything: list[_Near], criteria: Criteria
) -> tuple[Measured, date | None, tuple[Finding, ...]]:
    of = _OF[name]
    usable = [near for near in inside if of(near[1]).span is not None]
    if not usable:
        return _ABSENT, None, _why_absent(name, inside, everything, criteria)
    days = min([days for days, _ in usable])
    nearest = [counts for near, counts in usable if near == days]
    chosen = min(nearest, key=lambda counts: _order(of(counts)))
    findings: tuple[Finding, ...] = ()
    if len({of(counts).span for counts in nearest}) > 1:
        reason = f"Two different {_WORDS[name]} counts are equally near to the marrow; the lower one decides."
        findings = (Finding(flag="CBC_CONFLICT", reason=reason), REVIEW)
    return of(chosen), chosen.day, findings


def _order(found: Measured) -> tuple[Decimal, bool, Decimal]:
    if found.span is None:
        return Decimal(0), True, Decimal(0)
    return found.span.low, found.span.high is None, found.span.high or Decimal(0)


def _why_absent(
    name: _Name, inside: list[_Near], everything: list[_Near], criteria: Criteria
) -> tuple[Finding, ...]:
    of = _OF[name]
    written = next((of(one) for _, one in inside if of(one).problem is Problem.UNPARSEABLE), None)
    missing = Finding(flag=f"{_CODES[name]}_MISSING", reason=f"No {_WORDS[name]} count is known.")
    if written is not None:
        reason = f"The {_WORDS[name]} count {written.text.strip()[:40]!r} is not a number."
        return (Finding(flag=f"{_CODES[name]}_UNPARSEABLE", reason=reason), missing, REVIEW)
    if any(of(one).span is not None for _, one in everything):
        days = criteria.windows.cbc_within_days
        reason = f"No {_WORDS[name]} count lies within {days} days of the marrow."
        return (Finding(flag="CBC_OUT_OF_WINDOW", reason=reason),)
    return (missing,)


def _undated(values: AssessmentValues) -> tuple[Finding, ...]:
    if values.marrow_date is None:
        return (
            Finding(flag="MARROW_DATE_MISSING", reason="The marrow has no date; its row's count is used."),
        )
    return ()
