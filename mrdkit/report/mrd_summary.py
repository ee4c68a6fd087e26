"""The MRD of one patient in a few words: the latest result of each method, and what a person must look at."""

from mrdkit.patient.findings import REVIEW
from mrdkit.patient.mrd_points import level_of, state_of
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.records import PatientRecord
from mrdkit.report.wording import fraction

__all__ = ["latest_mrd", "mrd_alerts", "mrd_value"]


def latest_mrd(record: PatientRecord, method: str) -> MrdMeasurement | None:
    """Return the last measurement after baseline: a diagnosis sample says nothing about residual disease."""
    after = [each for each in record.mrd if each.method == method and each.course != 0]
    return after[-1] if after else None


def mrd_value(measured: MrdMeasurement) -> str:
    """Return where a measurement stands, in words."""
    match state_of(measured):
        case "not_evaluable":
            return "not_evaluable"
        case "detected":
            return fraction(measured.fraction)
        case "not_detected":
            return f"not detected, below {fraction(level_of(measured))}"
        case "no_value":
            return {True: "detected, no value", False: "not detected", None: "no value"}[measured.detected]


def mrd_alerts(record: PatientRecord) -> tuple[str, ...]:
    """Return the flags of every rise, and of every visit at which flow and sequencing ask for a person."""
    rises = (flag for trend in record.mrd_trends for step in trend.steps for flag in step.flags)
    pairs = (flag for pair in record.mrd_comparisons if REVIEW.flag in pair.flags for flag in pair.flags)
    return tuple(sorted({*rises, *pairs} - {REVIEW.flag}))
