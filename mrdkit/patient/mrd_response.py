"""The MRD response of one patient: at the first remission, the best of the first courses, the best of all.

A negative result of a later course does not count among the first ones, and a later positive one does not
undo it. Of several results of one visit what found disease decides. Source: trial definitions, section 2.2;
the number of courses is the profile's.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from mrdkit.patient.course_records import MrdResponse
from mrdkit.patient.criteria import Criteria
from mrdkit.patient.history import label_of
from mrdkit.patient.mrd import is_of_visit
from mrdkit.patient.mrd_reading import NOT_TESTED
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.results import THRESHOLDS_FLOW, THRESHOLDS_NGS, ResponseCall

__all__ = ["mrd_responses"]

_Method = Literal["flow", "ngs"]

_THRESHOLDS: Mapping[_Method, Mapping[str, float]] = {"flow": THRESHOLDS_FLOW, "ngs": THRESHOLDS_NGS}
_DEEPEST = {method: min(limits, key=limits.__getitem__) for method, limits in _THRESHOLDS.items()}
_DECIDES_FIRST = ("positive", "detected", "negative", "indeterminate", "not_evaluable")
_BEST_FIRST = ("negative", "positive", "indeterminate", "not_evaluable", NOT_TESTED)
_EVALUABLE = frozenset({"positive", "negative"})
_LAST = 1000  # courses are written with at most three digits


class _Result(NamedTuple):
    """What one visit says at each threshold."""

    course: int | None
    day: date | None
    words: Mapping[str, str]


def mrd_responses(
    points: Sequence[MrdMeasurement],
    first: ResponseCall | None,
    criteria: Criteria,
    repeated: Collection[str] = (),
) -> tuple[MrdResponse, ...]:
    """Return the MRD response by flow, then by sequencing.

    Args:
        points: every result of the patient, with its course.
        first: the first remission, None without one.
        criteria: the profile.
        repeated: labels, in lower case, that stand for several marrows.
    """
    return tuple(
        _response(method, [one for one in points if one.method == method], first, criteria, repeated)
        for method in _THRESHOLDS
    )


def _response(
    method: _Method,
    points: Sequence[MrdMeasurement],
    first: ResponseCall | None,
    criteria: Criteria,
    repeated: Collection[str],
) -> MrdResponse:
    results = _results(points, _THRESHOLDS[method], repeated)
    courses = criteria.windows.best_mrd_within_courses
    early = [one for one in results if one.course is not None and one.course <= courses]
    deepest = _DEEPEST[method]
    negative = next((one for one in results if one.words[deepest] == "negative"), None)
    at_response = _of_call(points, first, repeated)
    return MrdResponse(
        method=method,
        at_response=_words_of(method, first),
        within_courses=_best(early, _THRESHOLDS[method]),
        any_time=_best(results, _THRESHOLDS[method]),
        undetectable_at_response=_undetectable(at_response),
        below_1e4_at_response=_below(at_response, THRESHOLDS_FLOW["1e-4"]),
        first_negative_course=negative.course if negative else None,
        flags=_flags(results, deepest, courses),
    )


def _results(
    points: Sequence[MrdMeasurement], thresholds: Collection[str], repeated: Collection[str]
) -> tuple[_Result, ...]:
    """Return one result per visit under treatment, in order of course, then day."""
    visits: dict[tuple[str, date | None], list[MrdMeasurement]] = {}
    for point in points:
        label = label_of(point.visit)
        dated = not label or label in repeated
        visits.setdefault((label, point.collected_on if dated else None), []).append(point)
    found = [_result(same, thresholds) for same in visits.values() if same[0].course != 0]
    return tuple(sorted(found, key=_order))


def _result(points: Sequence[MrdMeasurement], thresholds: Collection[str]) -> _Result:
    days = [point.collected_on for point in points if point.collected_on is not None]
    return _Result(
        course=points[0].course,
        day=min(days, default=None),
        words={name: min([_word(point, name) for point in points], key=_rank)[0] for name in thresholds},
    )


def _word(point: MrdMeasurement, threshold: str) -> tuple[str, bool]:
    return point.status.get(threshold, "not_evaluable"), point.detected is True


def _rank(word: tuple[str, bool]) -> int:
    return _DECIDES_FIRST.index("detected" if word == ("indeterminate", True) else word[0])


def _order(result: _Result) -> tuple[int, date]:
    return _LAST if result.course is None else result.course, result.day or date.max


def _best(results: Sequence[_Result], thresholds: Collection[str]) -> dict[str, str]:
    if not results:
        return dict.fromkeys(thresholds, NOT_TESTED)
    return {name: min({one.words[name] for one in results}, key=_BEST_FIRST.index) for name in thresholds}


def _words_of(method: _Method, first: ResponseCall | None) -> dict[str, str]:
    if first is None:
        return dict.fromkeys(_THRESHOLDS[method], NOT_TESTED)
    return dict.fromkeys(THRESHOLDS_FLOW, first.mrd_flow) if method == "flow" else dict(first.mrd_ngs)


def _of_call(
    points: Sequence[MrdMeasurement], first: ResponseCall | None, repeated: Collection[str]
) -> list[MrdMeasurement]:
    if first is None:
        return []
    if label_of(first.visit) in repeated:
        return [one for one in points if one.collected_on and one.collected_on == first.marrow_date]
    return [one for one in points if is_of_visit(one, first.visit, first.marrow_date)]


def _undetectable(points: Sequence[MrdMeasurement]) -> bool | None:
    found = {point.detected for point in points}
    if True in found:
        return False
    return True if found == {False} else None


def _below(points: Sequence[MrdMeasurement], threshold: float) -> bool | None:
    answers = {_is_below(point, threshold) for point in points}
    if False in answers:
        return False
    return True if answers == {True} else None


def _is_below(point: MrdMeasurement, threshold: float) -> bool | None:
    if point.detected is True:
        return None if point.fraction is None else point.fraction < threshold
    if point.detected is False and point.limit is not None:
        return True if point.limit <= threshold else None
    return None


def _flags(results: Sequence[_Result], deepest: str, courses: int) -> tuple[str, ...]:
    words = [one.words[deepest] for one in results]
    first = words.index("negative") if "negative" in words else None
    unknown = any(one.course is None and one.words[deepest] in _EVALUABLE for one in results)
    late = first is not None and (results[first].course or 0) > courses
    again = first is not None and "positive" in words[first:]
    flags = {"LATE_NEGATIVE": late, "REEMERGENCE": again, "COURSE_UNKNOWN": unknown}
    return tuple(flag for flag, holds in flags.items() if holds)
