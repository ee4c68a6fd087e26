"""MRD response of one visit: flow, sequencing, and the two together.

Where the methods disagree both are kept and the deeper one decides. Of several results of one method a
positive one decides, at each threshold; what one of them detected is not made negative by another. No result
is `not_tested`. Source: trial definitions, section 2.2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from mrdkit.patient.criteria import Criteria
from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.history import label_of
from mrdkit.patient.mrd_concordance import comparison_findings
from mrdkit.patient.mrd_flow import flow_of_call, flow_of_external
from mrdkit.patient.mrd_ngs import ngs_of_call, ngs_of_external
from mrdkit.patient.mrd_points import in_order
from mrdkit.patient.mrd_reading import NOT_TESTED, MrdReading
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.records import ExternalResult
from mrdkit.patient.specimens import for_marrow
from mrdkit.results import THRESHOLDS_NGS, Call, FlowMrdCall, NgsMrdCall, Specimen

__all__ = ["NOT_TESTED", "VisitMrd", "is_of_visit", "mrd_at_visit", "mrd_of_readings", "mrd_readings"]

_BEST_FIRST = ("positive", "detected", "negative", "indeterminate", "not_evaluable")
_DEEPEST = min(THRESHOLDS_NGS, key=lambda name: THRESHOLDS_NGS[name])
_DETECTED = _BEST_FIRST.index("detected")
_OPPOSITE = frozenset({"positive", "negative"})


class VisitMrd(NamedTuple):
    """MRD of one visit; every word is a status word or `not_tested`."""

    mrd_flow: str
    mrd_ngs: Mapping[str, str]
    mrd_combined: str
    measurements: tuple[MrdMeasurement, ...]
    findings: tuple[Finding, ...]


_NO_MRD = VisitMrd(
    mrd_flow=NOT_TESTED,
    mrd_ngs=dict.fromkeys(THRESHOLDS_NGS, NOT_TESTED),
    mrd_combined=NOT_TESTED,
    measurements=(),
    findings=(),
)


def mrd_readings(
    calls: Sequence[Call], external: Sequence[ExternalResult], criteria: Criteria
) -> tuple[MrdReading, ...]:
    """Return every MRD result of one patient under a profile, in order of visit date, method and specimen."""
    found = [
        *(
            for_marrow(flow_of_call(call, call.specimen.visit or "", criteria), call.specimen)
            for call in calls
            if isinstance(call, FlowMrdCall)
        ),
        *(
            for_marrow(ngs_of_call(call, call.specimen.visit or ""), call.specimen)
            for call in calls
            if isinstance(call, NgsMrdCall)
        ),
        *(flow_of_external(result, criteria) for result in external if result.assay == "flow_mrd"),
        *(ngs_of_external(result) for result in external if result.assay == "ngs_mrd"),
    ]
    of_measurement = {id(one.measurement): one for one in found}
    return tuple([of_measurement[id(measured)] for measured in in_order([one.measurement for one in found])])


def mrd_at_visit(visit: str, marrow_date: date | None, readings: Sequence[MrdReading]) -> VisitMrd:
    """Return MRD of one visit: results of that visit, or without visit but of the marrow's date."""
    mine = [one for one in readings if is_of_visit(one.measurement, visit, marrow_date)]
    return mrd_of_readings([_at_visit(one, visit) for one in mine])


def mrd_of_readings(readings: Sequence[MrdReading]) -> VisitMrd:
    """Combine the results of one visit."""
    if not readings:
        return _NO_MRD
    by_flow = [one for one in readings if one.measurement.method == "flow"]
    by_ngs = [one for one in readings if one.measurement.method == "ngs"]
    (flow, of_flow), (ngs, of_ngs) = _one(by_flow), _one(by_ngs)
    flow_word = flow.overall if flow else NOT_TESTED
    ngs_word = ngs.overall if ngs else NOT_TESTED
    return VisitMrd(
        mrd_flow=flow_word,
        mrd_ngs=_at_each_threshold(by_ngs),
        mrd_combined=_combined(flow_word, ngs_word),
        measurements=tuple(one.measurement for one in readings),
        findings=(
            *of_flow,
            *of_ngs,
            *_discordant(flow_word, ngs_word),
            *_unexpected(by_flow, by_ngs),
        ),
    )


def is_of_visit(of: Specimen | MrdMeasurement, visit: str, marrow_date: date | None) -> bool:
    """Tell whether a specimen or a result belongs to a visit."""
    if of.visit:
        return of.visit == visit or label_of(of.visit) == label_of(visit)
    return marrow_date is not None and of.collected_on == marrow_date


def _at_visit(reading: MrdReading, visit: str) -> MrdReading:
    if reading.measurement.visit == visit:
        return reading
    return reading._replace(measurement=replace(reading.measurement, visit=visit))


def _one(readings: Sequence[MrdReading]) -> tuple[MrdReading | None, tuple[Finding, ...]]:
    """Return the result that decides: a positive one, then one that detected disease, then a negative one."""
    if not readings:
        return None, ()
    if len(readings) == 1:
        return readings[0], readings[0].findings
    chosen = min(readings, key=lambda one: _rank(one, one.overall))
    words = {one.overall for one in readings}
    method = chosen.measurement.method
    found = [Finding(flag="MULTIPLE_RESULTS", reason=f"{len(readings)} {method} results at one visit.")]
    found_one = any(_rank(one, one.overall) == _DETECTED for one in readings)
    if words >= _OPPOSITE or (found_one and "negative" in words):
        reason = f"The {method} results of one visit disagree; the one that found disease decides."
        found += [Finding(flag="RESULTS_DISAGREE", reason=reason), REVIEW]
    return chosen, (*chosen.findings, *found)


def _rank(reading: MrdReading, word: str) -> int:
    """Return which word decides among several: what detected disease stands before a negative one."""
    if word == "indeterminate" and reading.measurement.detected:
        return _DETECTED
    return _BEST_FIRST.index(word)


def _at_each_threshold(readings: Sequence[MrdReading]) -> dict[str, str]:
    """Return the word of sequencing at each threshold; a detection decides only at the deepest one."""
    if not readings:
        return dict.fromkeys(THRESHOLDS_NGS, NOT_TESTED)
    words = {name: {one.status[name] for one in readings} for name in THRESHOLDS_NGS}
    found = {name: min(words[name], key=_BEST_FIRST.index) for name in words}
    found[_DEEPEST] = min((_rank(one, one.status[_DEEPEST]), one.status[_DEEPEST]) for one in readings)[1]
    return found


def _combined(flow: str, ngs: str) -> str:
    if ngs in (NOT_TESTED, "not_evaluable"):
        return ngs if flow == NOT_TESTED else flow
    if ngs == "indeterminate" and flow == "positive":
        return flow
    return ngs


def _discordant(flow: str, ngs: str) -> tuple[Finding, ...]:
    if {flow, ngs} != _OPPOSITE:
        return ()
    reason = f"Flow is {flow} and sequencing {ngs}; both are kept, sequencing is deeper and decides."
    return (Finding(flag="DISCORDANT", reason=reason),)


def _unexpected(flow: Sequence[MrdReading], ngs: Sequence[MrdReading]) -> tuple[Finding, ...]:
    """Return the finding of a pair that a person must look at; every other one stands in the record."""
    if not (flow and ngs):
        return ()
    found = comparison_findings([one.measurement for one in flow], [one.measurement for one in ngs])
    return found if REVIEW in found else ()
