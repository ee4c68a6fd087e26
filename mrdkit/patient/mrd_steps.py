"""The change of MRD between two days: in log10, and where it rises the days in which it doubles.

A day on which nothing was found stands at its limit, so a change from or to it is a bound and says so. A rise
is flagged where the two 95 % intervals do not overlap; no other number decides.
"""

import math
from typing import Literal, TypeAlias

from mrdkit.patient.mrd_points import level_of
from mrdkit.patient.mrd_records import MrdPoint, MrdStep

__all__ = ["step_between"]

_Relation: TypeAlias = Literal["exact", "at_least", "at_most", "unknown"]

#: What is said of the two intervals.
_OVERLAP = {
    True: "The 95 % intervals do not overlap.",
    False: "The 95 % intervals overlap.",
    None: "Whether this is more than chance is not known: an interval is missing.",
}
#: Flag of a rise, by whether the intervals are apart.
_RISE = {True: ("MRD_RISING",), False: (), None: ("MRD_RISE_WITHOUT_INTERVAL",)}


def step_between(earlier: MrdPoint, later: MrdPoint, *, passed_over: int) -> MrdStep:
    """Return the change from one point to a later one.

    Args:
        earlier: a dated point that has a place.
        later: one of a later day.
        passed_over: days between them whose result has no place.

    Raises:
        ValueError: a point has no day or no place.
    """
    first, second = earlier.measurement, later.measurement
    if first.collected_on is None or second.collected_on is None:
        raise ValueError("a change is counted between two days")
    days = (second.collected_on - first.collected_on).days
    relation, change = _change(earlier, later)
    rises = change is not None and change > 0.0
    doubling = days * math.log10(2.0) / change if change is not None and rises else None
    apart = None if relation == "unknown" else _apart(earlier, later)
    return MrdStep(
        from_visit=first.visit,
        from_on=first.collected_on,
        to_visit=second.visit,
        to_on=second.collected_on,
        days=days,
        relation=relation,
        change_log10=change,
        doubling_days=doubling,
        doubling_relation=None if doubling is None else "exact" if relation == "exact" else "at_most",
        intervals_apart=apart,
        flags=_flags(earlier, later, rises=rises, apart=apart),
        reasons=(
            _sentence(earlier, relation, change, days, doubling),
            *([] if relation == "unknown" else [_OVERLAP[apart]]),
            *_of_basis(earlier, later),
            *(["A result in between has no value."] if passed_over else []),
        ),
    )


def _change(earlier: MrdPoint, later: MrdPoint) -> tuple[_Relation, float | None]:
    if earlier.log10 is None or later.log10 is None:
        raise ValueError("a change is counted between two places")
    change = later.log10 - earlier.log10
    match earlier.state, later.state:
        case "detected", "detected":
            return "exact", change
        case "not_detected", "detected" if change > 0.0:
            return "at_least", change
        case "detected", "not_detected" if change < 0.0:
            return "at_most", change
        case _:
            return "unknown", None


def _apart(earlier: MrdPoint, later: MrdPoint) -> bool | None:
    """Tell whether two intervals do not overlap; a censored one reaches from 0 to its limit."""
    (first_low, first_high), (second_low, second_high) = _interval(earlier), _interval(later)
    if first_low is None or first_high is None or second_low is None or second_high is None:
        return None
    return first_high < second_low or second_high < first_low


def _interval(point: MrdPoint) -> tuple[float | None, float | None]:
    if point.state == "not_detected":
        return 0.0, level_of(point.measurement)
    return point.measurement.ci_low, point.measurement.ci_high


def _flags(earlier: MrdPoint, later: MrdPoint, *, rises: bool, apart: bool | None) -> tuple[str, ...]:
    rebased = ("MRD_BASIS_CHANGED",) if _rebased(earlier, later) else ()
    return (*(_RISE[apart] if rises else ()), *rebased)


def _rebased(earlier: MrdPoint, later: MrdPoint) -> bool:
    one, other = earlier.measurement, later.measurement
    return one.source != other.source or len({one.basis, other.basis} - {None}) > 1


def _of_basis(earlier: MrdPoint, later: MrdPoint) -> tuple[str, ...]:
    if not _rebased(earlier, later):
        return ()
    return ("The two values rest on different panels, sequences or laboratories.",)


def _sentence(
    earlier: MrdPoint, relation: _Relation, change: float | None, days: int, doubling: float | None
) -> str:
    if change is None:
        return _of_no_change(earlier, days)
    amount = f"{abs(change):.2f} log10 in {days} days"
    match relation:
        case "at_least":
            return f"Found again: a rise of at least {amount}, doubling in at most {doubling:.1f} days."
        case "at_most":
            return f"No longer found: a fall of at least {amount}."
    if doubling is not None:
        return f"A rise of {amount}, doubling in {doubling:.1f} days."
    return f"A fall of {amount}." if change else f"No change in {days} days."


def _of_no_change(earlier: MrdPoint, days: int) -> str:
    if earlier.state == "detected":
        return f"Not found after {days} days, by a measurement that could not have seen the earlier level."
    return (
        f"No change can be stated over {days} days: the earlier day says only that MRD was below its limit."
    )
