"""Where one MRD measurement stands: at its value, below its limit, or nowhere, with the reason.

Of several results of one day one speaks, as everywhere in this room: what found disease before what did not,
the higher before the lower, the deeper before the shallower.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, TypeAlias

from mrdkit.patient.mrd_records import MrdMeasurement, MrdPoint

__all__ = ["found", "in_order", "level_of", "point_of", "speaker", "state_of"]

_State: TypeAlias = Literal["detected", "not_detected", "no_value", "not_evaluable"]

#: Flags of a measurement that decide where it stands.
_FEWER_THAN_A_CLUSTER = "BELOW_LOD"
_CONTRADICTED = "STATUS_CONTRADICTS_COUNT"
_PLASMA = "CELL_FREE"
_BEFORE_ALL = -math.inf  # what is not known stands before every number


def state_of(measured: MrdMeasurement) -> _State:
    """Return how a measurement stands in a series; see `MrdPoint`."""
    if set(measured.status.values()) <= {"not_evaluable"}:
        return "not_evaluable"
    if _censored_at(measured) is not None:
        return "not_detected"
    has_value = measured.detected and measured.fraction is not None and measured.fraction > 0.0
    return "detected" if has_value else "no_value"


def level_of(measured: MrdMeasurement) -> float | None:
    """Return the fraction at which a measurement stands: its value, or the limit below which it is."""
    return _level(measured, state_of(measured))


def _level(measured: MrdMeasurement, state: _State) -> float | None:
    match state:
        case "detected":
            return measured.fraction
        case "not_detected":
            return _censored_at(measured)
        case _:
            return None


def found(measured: MrdMeasurement) -> bool | None:
    """Tell whether disease was found; None where it cannot be said."""
    doubted = _FEWER_THAN_A_CLUSTER in measured.flags or _without_count(measured)
    return None if doubted else measured.detected


def point_of(measured: MrdMeasurement, *, speaks_for_day: bool = False) -> MrdPoint:
    """Return a measurement as a point, which speaks for its day or not yet."""
    state = state_of(measured)
    level = _level(measured, state)
    interval = (measured.ci_low, measured.ci_high) if state == "detected" else (None, None)
    return MrdPoint(
        measurement=measured,
        state=state,
        log10=_log10(level),
        log10_low=_log10(interval[0]),
        log10_high=_log10(interval[1]),
        speaks_for_day=speaks_for_day,
        reason=_reason(measured, state),
    )


def speaker(measurements: Sequence[MrdMeasurement]) -> MrdPoint:
    """Return the point that speaks among several measurements of one method."""
    if len(measurements) == 1:
        return point_of(measurements[0], speaks_for_day=True)
    points = [point_of(measured, speaks_for_day=True) for measured in measurements]
    return min(points, key=lambda point: (*_rank(point), _order(point.measurement)))


def in_order(measurements: Iterable[MrdMeasurement]) -> list[MrdMeasurement]:
    """Return measurements by day; completely ordered, so that the order of rows never matters."""
    found = list(measurements)
    of_day = {measured.collected_on or date.max: measured for measured in found}
    if len(of_day) == len(found):
        return [of_day[day] for day in sorted(of_day)]
    return sorted(found, key=_order)


def _order(measured: MrdMeasurement) -> tuple[object, ...]:
    numbers = (measured.fraction, measured.limit, measured.lod, measured.loq)
    others = (measured.ci_low, measured.ci_high, measured.course, measured.detected, measured.quantifiable)
    return (
        measured.collected_on or date.max,
        measured.visit,
        measured.method,
        (measured.specimen_id is not None, measured.specimen_id or ""),
        measured.source,
        [_BEFORE_ALL if number is None else number for number in (*numbers, *others)],
        sorted(measured.status.items()),
        measured.flags,
        *[(text is not None, text or "") for text in (measured.specimen_type, measured.basis)],
    )


def _censored_at(measured: MrdMeasurement) -> float | None:
    if _without_count(measured):
        return None
    fewer = _FEWER_THAN_A_CLUSTER in measured.flags
    limit = measured.lod if fewer else measured.limit if measured.detected is False else None
    return limit if limit is not None and limit > 0.0 else None


def _without_count(measured: MrdMeasurement) -> bool:
    """Tell whether a result was delivered as positive with a count of nothing."""
    return _CONTRADICTED in measured.flags and measured.detected is False


def _rank(point: MrdPoint) -> tuple[int, float]:
    match point.state:
        case "detected":
            return 0, -(point.log10 or 0.0)
        case "not_detected":
            return 2, point.log10 or 0.0
        case "no_value":
            return (1 if point.measurement.detected else 3), 0.0
        case "not_evaluable":
            return 4, 0.0


def _reason(measured: MrdMeasurement, state: _State) -> str:
    match state:
        case "detected":
            return ""
        case "not_detected":
            fewer = _FEWER_THAN_A_CLUSTER in measured.flags
            return "Fewer events than the smallest cluster: not counted as found." if fewer else ""
        case "not_evaluable":
            plasma = _PLASMA in measured.flags
            return "Plasma: a value per mL is no fraction of cells." if plasma else "Not evaluable."
        case "no_value":
            return _why_no_value(measured)


def _why_no_value(measured: MrdMeasurement) -> str:
    if _without_count(measured):
        return "Delivered as positive with a count of 0."
    if measured.detected is None:
        return "The result has no number."
    if measured.detected:
        return "Disease was found; its amount is not known."
    return "Nothing was found; the limit of the measurement is not known."


def _log10(value: float | None) -> float | None:
    return math.log10(value) if value is not None and value > 0.0 else None
