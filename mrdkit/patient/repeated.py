"""Results whose day tells which marrow they are of, because the label of their visit does not.

Labels are free text. A study may call every later visit "follow-up", and a laboratory may name a visit that
the assessments do not know. A result of such a label that was collected on the day of a marrow belongs to it.
Without such a day it stays with all visits of its label, which are flagged, or with none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mrdkit.patient.history import is_baseline, label_of
from mrdkit.patient.records import ExternalResult
from mrdkit.patient.sequence import Classified
from mrdkit.results import Call, ResponseCall

__all__ = ["MarrowDays", "calls_by_day", "external_by_day", "marrow_days"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarrowDays:
    """The days of one subject's marrows.

    Attributes:
        repeated: label under treatment that stands twice, in lower case -> days of its marrows.
        labels: labels of all assessments.
        days: days of all marrows.
    """

    repeated: Mapping[str, frozenset[date]]
    labels: frozenset[str]
    days: frozenset[date]

    def tell(self, visit: str | None, day: date | None) -> bool:
        """Tell whether the day, not the label, says which marrow a result is of."""
        label = label_of(visit or "")
        if is_baseline(label):
            return False
        return day in (self.repeated.get(label, ()) if label in self.labels else self.days)


def marrow_days(classified: Sequence[Classified]) -> MarrowDays:
    """Return the days of all marrows, and those of every label under treatment that stands twice."""
    of_label: dict[str, list[date | None]] = {}
    for one in classified:
        if not one.baseline:
            of_label.setdefault(label_of(one.assessment.visit), []).append(one.values.marrow_date)
    return MarrowDays(
        repeated={
            label: frozenset(day for day in found if day is not None)
            for label, found in of_label.items()
            if len(found) > 1 and not is_baseline(label)
        },
        labels=frozenset(label_of(one.assessment.visit) for one in classified),
        days=frozenset(one.values.marrow_date for one in classified if one.values.marrow_date is not None),
    )


def calls_by_day(calls: Sequence[Call], marrows: MarrowDays) -> tuple[Call, ...]:
    """Return the calls; one that its day places is told by that day alone."""
    return tuple(
        replace(call, specimen=replace(call.specimen, visit=None))
        if not isinstance(call, ResponseCall)
        and marrows.tell(call.specimen.visit, call.specimen.collected_on)
        else call
        for call in calls
    )


def external_by_day(results: Sequence[ExternalResult], marrows: MarrowDays) -> tuple[ExternalResult, ...]:
    """Return results made elsewhere; as `calls_by_day`."""
    return tuple(
        replace(result, visit="") if marrows.tell(result.visit, result.collected_on) else result
        for result in results
    )
