"""What one patient's courses gave, as values: recovery of the blood counts, MRD response per method."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

__all__ = ["CountRecovery", "CourseRecovery", "MrdResponse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRecovery:
    """How one blood count came back in one course.

    Attributes:
        state: `recovered`; `not_recovered` until the last count; `not_low`, so that nothing had to recover;
            `not_assessed`, without a count that tells.
        days: from the course's start to the first recovered count after the lowest, where it recovered.
        followed_days: from the course's start to the last count that tells, None without one.
    """

    state: Literal["recovered", "not_recovered", "not_low", "not_assessed"]
    days: int | None
    followed_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRecovery:
    """The blood counts of one course.

    Attributes:
        course: number of the course, from 1.
        start: its first day.
        end: day on which the next course, transplantation, relapse, death or end of study begins; None where
            the course is the last thing known.
        prolonged_thrombocytopenia: whether platelets stayed low beyond the profile's days; NE where no count
            tells.
    """

    course: int
    start: date
    end: date | None
    neutrophils: CountRecovery
    platelets: CountRecovery
    prolonged_thrombocytopenia: Literal["Y", "N", "NE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdResponse:
    """The MRD response of one method, as status words per threshold; `not_tested` where there is no result.

    Attributes:
        method: flow or ngs.
        at_response: at the marrow of the first remission.
        within_courses: the best of the first courses, as many as the profile says.
        any_time: the best of all results under treatment.
        undetectable_at_response: nothing was found at the first remission, whatever its limit of detection.
        below_1e4_at_response: what was found there, or could have been missed, is below 1e-4.
        first_negative_course: course of the first negative result at the method's deepest threshold.
        flags: LATE_NEGATIVE, REEMERGENCE, COURSE_UNKNOWN.
    """

    method: Literal["flow", "ngs"]
    at_response: Mapping[str, str]
    within_courses: Mapping[str, str]
    any_time: Mapping[str, str]
    undetectable_at_response: bool | None
    below_1e4_at_response: bool | None
    first_negative_course: int | None
    flags: tuple[str, ...]
