"""The MRD of one patient as values: measurements, the course over time, flow beside sequencing.

Fractions are plain numbers; a name that begins with `log10` is their decadic logarithm. What was not detected
stands at its own limit (left-censored), never at zero, and what has no number is kept and named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

__all__ = ["Agreement", "MrdComparison", "MrdMeasurement", "MrdPoint", "MrdStep", "MrdTrend"]

#: What flow and sequencing of one visit say together.
Agreement: TypeAlias = Literal[
    "concordant_positive", "concordant_negative", "ngs_only", "flow_only", "not_comparable"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdMeasurement:
    """One point of the MRD time line, whoever measured it.

    Attributes:
        fraction: residual fraction, None where not evaluable.
        limit: where nothing was detected, the fraction below which it is censored.
        status: threshold -> status word.
        source: "mrdkit" or the source named in external_results.csv.
        course: course of the visit, None where it is not known; 0 is before treatment.
        lod: limit of detection, None where not stated.
        loq: limit of quantitation, None where not stated.
        quantifiable: whether the laboratory relies on the value as a number, None where it does not say.
        specimen_type: as the laboratory wrote it, None where it did not.
        basis: what the value rests on: the panel, or the sequence that drives it.
    """

    method: Literal["flow", "ngs"]
    visit: str
    specimen_id: str | None
    collected_on: date | None
    fraction: float | None
    ci_low: float | None
    ci_high: float | None
    limit: float | None
    detected: bool | None
    status: Mapping[str, str]
    source: str
    flags: tuple[str, ...]
    course: int | None = None
    lod: float | None = None
    loq: float | None = None
    quantifiable: bool | None = None
    specimen_type: str | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdPoint:
    """One measurement in a series.

    Attributes:
        state: `detected` (has a value), `not_detected` (below its limit), `no_value` (a result without a
            number to place it at) or `not_evaluable`.
        log10: of the value, or of the limit where nothing was detected; None without either.
        log10_low: lower end of the interval, None where there is none or it is 0.
        log10_high: upper end of the interval.
        speaks_for_day: whether changes are counted from and to this point; one of each day does.
        reason: why the point has no value, or does not speak; empty for every other.
    """

    measurement: MrdMeasurement
    state: Literal["detected", "not_detected", "no_value", "not_evaluable"]
    log10: float | None
    log10_low: float | None
    log10_high: float | None
    speaks_for_day: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdStep:
    """The change between two consecutive days of a series that both have a place.

    Attributes:
        relation: whether the change is `exact`, `at_least` or `at_most` the number (one of the two days is
            censored), or `unknown`.
        change_log10: log10 of the later over the earlier; None where unknown.
        doubling_days: where MRD rises, the days in which it doubles.
        doubling_relation: `exact`, or `at_most` where the earlier day is censored.
        intervals_apart: whether the two 95 % intervals do not overlap; None where one is missing.
    """

    from_visit: str
    from_on: date
    to_visit: str
    to_on: date
    days: int
    relation: Literal["exact", "at_least", "at_most", "unknown"]
    change_log10: float | None
    doubling_days: float | None
    doubling_relation: Literal["exact", "at_most"] | None
    intervals_apart: bool | None
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdTrend:
    """MRD over time by one method in one material; blood and marrow are never one series.

    Attributes:
        material: `marrow` (also where the specimen is not stated), or the specimen's type.
        points: in order of date; those without a date are the last.
        steps: changes between the days that have a place, oldest first.
    """

    method: Literal["flow", "ngs"]
    material: str
    points: tuple[MrdPoint, ...]
    steps: tuple[MrdStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdComparison:
    """Flow and sequencing of one visit: at the threshold of flow, and as detected or not.

    Attributes:
        flow_at_threshold: on which side of the threshold flow lies: a status word.
        flow_found: whether flow found disease; None where it cannot be said.
        within_reach: where one of them found nothing, whether it could have seen what the other found.
        difference_log10: log10 of sequencing over flow, where both are quantified.
        days_apart: days from the flow specimen to the sequencing specimen; None where a date is missing.
    """

    visit: str
    flow_on: date | None
    ngs_on: date | None
    days_apart: int | None
    threshold: str
    flow_at_threshold: str
    ngs_at_threshold: str
    at_threshold: Agreement
    flow_found: bool | None
    ngs_found: bool | None
    detection: Agreement
    within_reach: bool | None
    difference_log10: float | None
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
