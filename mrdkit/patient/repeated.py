"""Results of a visit whose label stands in several assessments: the day tells which marrow they are of.

Labels are free text, and a study may call every later visit "follow-up". A result that was collected on the
day of one of these marrows belongs to that one; without such a day it stays with all of them, which are
flagged.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from mrdkit.patient.history import is_baseline
from mrdkit.patient.records import ExternalResult
from mrdkit.patient.sequence import Classified
from mrdkit.results import Call, ResponseCall

__all__ = ["calls_by_day", "external_by_day", "repeated_visits"]


def repeated_visits(classified: Sequence[Classified]) -> dict[str, frozenset[date]]:
    """Return label -> days of its marrows, for every label under treatment that stands twice."""
    days: dict[str, list[date | None]] = {}
    for one in classified:
        if not one.baseline:
            days.setdefault(_label(one.assessment.visit), []).append(one.values.marrow_date)
    return {
        label: frozenset(day for day in found if day is not None)
        for label, found in days.items()
        if len(found) > 1 and not is_baseline(label)
    }


def calls_by_day(calls: Sequence[Call], repeated: dict[str, frozenset[date]]) -> tuple[Call, ...]:
    """Return the calls; one of the day of a repeated visit's marrow is told by that day alone."""
    return tuple(
        call
        if isinstance(call, ResponseCall)
        or call.specimen.collected_on not in repeated.get(_label(call.specimen.visit or ""), ())
        else replace(call, specimen=replace(call.specimen, visit=None))
        for call in calls
    )


def external_by_day(
    results: Sequence[ExternalResult], repeated: dict[str, frozenset[date]]
) -> tuple[ExternalResult, ...]:
    """Return results made elsewhere; as `calls_by_day`."""
    return tuple(
        replace(result, visit="") if result.collected_on in repeated.get(_label(result.visit), ()) else result
        for result in results
    )


def _label(visit: str) -> str:
    return visit.strip().casefold()
