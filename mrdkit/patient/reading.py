"""The cells of one assessment as values, and what makes the row contradict itself.

Nothing raises: a cell that cannot be right is a finding, and one such finding makes the row an ERROR.
Source: trial definitions, gap rules (ranges, units, words).
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from mrdkit.patient.criteria import Criteria
from mrdkit.patient.findings import Finding
from mrdkit.patient.quantities import COUNT_UNITS, PERCENT_UNITS, Measured, Problem, measure
from mrdkit.patient.records import Assessment, BloodCount

__all__ = ["Answer", "AssessmentValues", "Counts", "read_assessment", "read_counts", "read_day"]

_YES = frozenset({"y", "yes", "true", "1"})
_NO = frozenset({"n", "no", "false", "0"})
_UNKNOWN = frozenset({"", "u", "unknown", "na", "n/a", "nd", "not done", "not assessed"})
_CNS = re.compile("(CNS[123])[ABC]?")
_Count: TypeAlias = Literal["anc", "platelets"]
_Findings: TypeAlias = tuple[Finding, ...]
_NAMES: Mapping[_Count, str] = {"anc": "ANC", "platelets": "PLT"}
_NO_SUBJECT = Finding(flag="SUBJECT_MISSING", reason="The row names no subject.")


class Answer(StrEnum):
    """A yes-or-no cell; a blank one was not assessed."""

    YES = "Y"
    NO = "N"
    UNKNOWN = "U"


class Counts(NamedTuple):
    """Blood counts of one day in 10^9 per litre, and blood blasts in percent; `day` None is not stated."""

    day: date | None
    anc: Measured
    platelets: Measured
    blood_blasts: Measured
    problems: tuple[Finding, ...]


class AssessmentValues(NamedTuple):
    """One assessment as values.

    Attributes:
        transfused_some_day: a platelet transfusion is reported without its day.
        problems: cells that cannot be right.
        doubts: cells that cannot be right and decide nothing.
    """

    marrow_date: date | None
    transfusion_date: date | None
    transfused_some_day: bool
    blasts: Measured
    cellularity: Measured
    counts: Counts
    evaluable: Answer
    extramedullary: Answer
    growth_factor: Answer
    blood_blasts_leukemic: Answer
    regenerating: Answer
    cns: str | None
    problems: tuple[Finding, ...]
    doubts: tuple[Finding, ...]


def read_assessment(row: Assessment, criteria: Criteria) -> AssessmentValues:
    """Read every cell of one row; never raises."""
    marrow_date, of_marrow = _dated("marrow_date", row.marrow_date)
    cbc_date, of_cbc = _dated("cbc_date", row.cbc_date)
    transfused_on, of_transfusion = _dated("platelet_transfusion_date", row.platelet_transfusion_date)
    some_day = _answer(row.platelet_transfusion_date)
    evaluable, of_evaluable = _word("marrow_evaluable", row.marrow_evaluable)
    extramedullary, of_extramedullary = _word("extramedullary", row.extramedullary)
    leukemic, of_leukemic = _word("pb_blasts_leukemic", row.pb_blasts_leukemic)
    regenerating, of_regenerating = _word("regenerating", row.regenerating)
    growth_factor, of_growth_factor = _word("growth_factor", row.growth_factor)
    blasts, of_blasts = _percent("blasts_percent", row.blasts_percent, row.blasts_unit)
    cellularity, of_cellularity = _percent("cellularity_percent", row.cellularity_percent, "")
    cns, of_cns = _cns(row.cns)
    counts = _counts(row, cbc_date, criteria)
    return AssessmentValues(
        marrow_date=marrow_date,
        transfusion_date=transfused_on,
        transfused_some_day=some_day is Answer.YES,
        blasts=blasts,
        cellularity=cellularity,
        counts=counts,
        evaluable=evaluable,
        extramedullary=extramedullary,
        growth_factor=growth_factor,
        blood_blasts_leukemic=leukemic,
        regenerating=regenerating,
        cns=cns,
        problems=(
            *(() if row.subject_id else (_NO_SUBJECT,)),
            *of_evaluable,
            *of_extramedullary,
            *of_leukemic,
            *of_regenerating,
            *of_marrow,
            *of_cbc,
            *(() if some_day else of_transfusion),
            *of_blasts,
            *of_cellularity,
            *counts.problems,
            *of_cns,
        ),
        doubts=of_growth_factor,
    )


def read_counts(row: BloodCount, criteria: Criteria) -> Counts:
    """Read the counts of one day; never raises."""
    return _counts(row, row.date, criteria)


def _counts(row: Assessment | BloodCount, day: date | None, criteria: Criteria) -> Counts:
    limits = criteria.plausible
    anc, of_anc = _count("anc", row.anc, row.anc_unit, limits.neutrophils_at_most_e9_per_l)
    platelets, of_platelets = _count(
        "platelets", row.platelets, row.platelets_unit, limits.platelets_at_most_e9_per_l
    )
    blood_blasts, of_blasts = _percent("pb_blasts_percent", row.pb_blasts_percent, "")
    return Counts(
        day=day,
        anc=anc,
        platelets=platelets,
        blood_blasts=blood_blasts,
        problems=(*of_anc, *of_platelets, *of_blasts),
    )


# Each of these reads one cell and says what is wrong with it. Cells repeat: a text is read once per column.


@lru_cache(maxsize=4096)
def _count(column: _Count, text: str, unit: str, at_most: Decimal) -> tuple[Measured, _Findings]:
    found = measure(text, units=COUNT_UNITS, unit=unit)
    return found, _count_problems(column, found, at_most)


@lru_cache(maxsize=4096)
def _percent(column: str, text: str, unit: str) -> tuple[Measured, _Findings]:
    found = measure(text, units=PERCENT_UNITS, unit=unit)
    return found, _cell_problems(column, found)


@lru_cache(maxsize=1024)
def _word(column: str, text: str) -> tuple[Answer, _Findings]:
    answer = _answer(text)
    return (Answer.UNKNOWN, (_word_problem(column, text),)) if answer is None else (answer, ())


@lru_cache(maxsize=4096)
def _dated(column: str, text: str) -> tuple[date | None, _Findings]:
    day = read_day(text)
    return day, () if day or not text.strip() else (_date_problem(column, text),)


@lru_cache(maxsize=1024)
def _cns(text: str) -> tuple[str | None, _Findings]:
    found = _CNS.fullmatch("".join(text.upper().replace("-", "").split()))
    if found:
        return found[1], ()
    return None, () if text.strip().casefold() in _UNKNOWN else (_word_problem("cns", text),)


@lru_cache(maxsize=1024)
def _answer(text: str) -> Answer | None:
    word = text.strip().casefold()
    if word in _YES:
        return Answer.YES
    if word in _NO:
        return Answer.NO
    return Answer.UNKNOWN if word in _UNKNOWN else None


@lru_cache(maxsize=4096)
def read_day(text: str) -> date | None:
    """Return a cell as a date, None where it is empty or no ISO 8601 date."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _word_problem(column: str, text: str) -> Finding:
    return Finding(flag="WORD_UNKNOWN", reason=f"{column}: {text.strip()[:40]!r} is none of its words.")


def _date_problem(column: str, text: str) -> Finding:
    reason = f"{column}: {text.strip()[:40]!r} is not an ISO 8601 date such as 2024-03-31."
    return Finding(flag="DATE_INVALID", reason=reason)


def _cell_problems(column: str, found: Measured) -> tuple[Finding, ...]:
    if found.problem is None or found.problem is Problem.MISSING:
        return ()
    cell = f"{column}: {found.text.strip()[:40]!r}"
    match found.problem:
        case Problem.RANGE:
            return (Finding(flag="RANGE", reason=f"{cell} lies outside the possible range."),)
        case Problem.UNIT_UNKNOWN:
            return (Finding(flag="UNIT_UNKNOWN", reason=f"{cell} has the unknown unit {found.unit[:20]!r}."),)
        case Problem.UNIT_CONFLICT:
            return (Finding(flag="UNIT_CONFLICT", reason=f"{cell} and its unit column name two units."),)
        case _:
            return ()


def _count_problems(column: _Count, found: Measured, at_most: Decimal) -> _Findings:
    span, name = found.span, _NAMES[column]
    if span is None:
        return _cell_problems(column, found)
    if not (span.low > at_most or (span.high is not None and span.high > at_most)):
        return ()
    if found.unit:
        return (Finding(flag="RANGE", reason=f"{name}: {found.text.strip()!r} is no possible count."),)
    reason = (
        f"{name}: {found.text.strip()!r} has no unit and is too high for 10^9/L; the unit is not guessed."
    )
    return (Finding(flag=f"{name}_IMPLAUSIBLE_UNIT", reason=reason),)
