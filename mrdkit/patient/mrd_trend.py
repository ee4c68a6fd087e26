"""MRD over time: one dated series in log10 per method and material, and the changes between its days.

Nothing is dropped: a result without a number or a day stays in the series with its reason. Flow and
sequencing, and marrow and blood, are never one series. Each series is independent of the order of its rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from mrdkit.patient.findings import Finding
from mrdkit.patient.mrd_points import in_order, point_of, speaker
from mrdkit.patient.mrd_records import MrdMeasurement, MrdPoint, MrdStep, MrdTrend
from mrdkit.patient.mrd_steps import step_between
from mrdkit.patient.specimens import MARROW, material_of

__all__ = ["trend_findings", "trends_of"]

_NAMES = {"flow": "flow", "ngs": "sequencing"}
_WORDS = {
    "MRD_RISING": "rises",
    "MRD_RISE_WITHOUT_INTERVAL": "is higher, by values without an interval,",
}


def trends_of(measurements: Iterable[MrdMeasurement]) -> tuple[MrdTrend, ...]:
    """Return the series of one patient: flow before sequencing, marrow before other material."""
    series: dict[tuple[str, bool, str], list[MrdMeasurement]] = {}
    for measured in measurements:
        material = material_of(measured.specimen_type)
        series.setdefault((measured.method, material != MARROW, material), []).append(measured)
    return tuple(_trend(series[key], material=key[-1]) for key in sorted(series))


def trend_findings(trends: Iterable[MrdTrend]) -> tuple[Finding, ...]:
    """Return what a reader of the patient's record must know: each rise, by method and visits."""
    return tuple(
        Finding(
            flag=flag,
            reason=f"MRD in {trend.material} by {_NAMES[trend.method]} {word} "
            f"from {step.from_on} to {step.to_on}.",
        )
        for trend in trends
        for step in trend.steps
        for flag, word in _WORDS.items()
        if flag in step.flags
    )


def _trend(measurements: Sequence[MrdMeasurement], *, material: str) -> MrdTrend:
    ordered = in_order(measurements)
    days: dict[date, list[MrdMeasurement]] = {}
    for measured in ordered:
        if measured.collected_on is not None:
            days.setdefault(measured.collected_on, []).append(measured)
    speakers = {day: speaker(found) for day, found in days.items()}
    return MrdTrend(
        method=measurements[0].method,
        material=material,
        points=tuple([_said(measured, speakers) for measured in ordered]),
        steps=_steps([speakers[day] for day in sorted(speakers)]),
    )


def _said(measured: MrdMeasurement, speakers: dict[date, MrdPoint]) -> MrdPoint:
    if measured.collected_on is None:
        return _with_reason(point_of(measured), "The day is not known.")
    chosen = speakers[measured.collected_on]
    if chosen.measurement is measured:
        return chosen
    return _with_reason(point_of(measured), "Another result of this day speaks.")


def _with_reason(point: MrdPoint, reason: str) -> MrdPoint:
    return replace(point, reason=f"{point.reason} {reason}".lstrip())


def _steps(speakers: Sequence[MrdPoint]) -> tuple[MrdStep, ...]:
    places = [index for index, point in enumerate(speakers) if point.log10 is not None]
    return tuple(
        step_between(speakers[first], speakers[second], passed_over=second - first - 1)
        for first, second in pairwise(places)
    )
