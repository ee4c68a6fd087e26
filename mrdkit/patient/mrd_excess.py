"""A remission that MRD contradicts, where a profile asks for MRD below a limit if it is available.

Source: the profile; `eln2024` asks for MRD below 1 %.
"""

from collections.abc import Sequence
from decimal import Decimal

from mrdkit.patient.criteria import Criteria
from mrdkit.patient.criteria_limits import PercentLimit
from mrdkit.patient.findings import Finding, flags_of, reasons_of
from mrdkit.patient.mrd import mrd_at_visit
from mrdkit.patient.mrd_reading import MrdReading
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.response import MorphologicResponse
from mrdkit.patient.sequence import Classified

__all__ = ["without_mrd_excess"]

_PERCENT = Decimal(100)
_NO_REMISSION = ("NR", "NE", "ERROR")


def without_mrd_excess(
    classified: Sequence[Classified], readings: Sequence[MrdReading], criteria: Criteria
) -> tuple[Classified, ...]:
    """Return the assessments; a remission with more MRD than the profile allows becomes NR.

    A partial remission stays: its blasts are more than that already.
    """
    limit = criteria.remission.mrd
    if limit is None:
        return tuple(classified)
    partial = (criteria.partial.name,) if criteria.partial else ()
    return tuple(
        _checked(one, readings, limit)
        if not one.baseline and one.answer.response not in (*partial, *_NO_REMISSION)
        else one
        for one in classified
    )


def _checked(one: Classified, readings: Sequence[MrdReading], limit: PercentLimit) -> Classified:
    measured = mrd_at_visit(one.assessment.visit, one.values.marrow_date, readings).measurements
    if not any(_exceeds(point, limit) for point in measured):
        return one
    reason = f"MRD is not {limit.words} %: no remission. {limit.clause}"
    found = (Finding(flag="MRD_ABOVE_LIMIT", reason=reason),)
    answer = MorphologicResponse(
        response="NR",
        responder="N",
        flags=(*one.answer.flags, *flags_of(found)),
        reasons=(*one.answer.reasons, *reasons_of(found)),
    )
    return one._replace(answer=answer)


def _exceeds(point: MrdMeasurement, limit: PercentLimit) -> bool:
    """Tell whether a measured share keeps the limit not; what has no number cannot contradict."""
    if point.fraction is None or point.detected is False:
        return False
    return not limit.holds(Decimal(repr(point.fraction)) * _PERCENT)
