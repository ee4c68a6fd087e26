"""The cells of one assessment as values, and what makes the row contradict itself.

Nothing raises: a cell that cannot be right is a finding, and one such finding makes the row an ERROR.
Source: trial definitions, gap rules (ranges, units, words).
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from mrdkit.patient.criteria import Criteria
from mrdkit.patient.findings import Finding
from mrdkit.patient.quantities import COUNT_UNITS, PERCENT_UNITS, Measured, Problem, measure
from mrdkit.patient.records import Assessment, BloodCount

__all__ = ["Answer", "AssessmentValues", "Counts", "read_assessment", "read_counts", "read_day"]

_YES = frozenset({"y", "yes", "true", "1"})
_NO = frozenset({"n", "no", "false", "0"})
_UNKNOWN = frozenset({"", "u", "unknown", "na", "n/a", "nd", "not done", "not assessed"})
_CNS = re.compile("(CNS[123])[ABC]?")
_ANSWERS = ("marrow_evaluable", "extramedullary", "growth_factor", "pb_blasts_leukemic", "regenerating")
_ONLY_NOTED = frozenset({"growth_factor"})
_TRANSFUSION = "platelet_transfusion_date"  # its cell may also say yes or no
_DATES = ("marrow_date", "cbc_date", _TRANSFUSION)


class Answer(StrEnum):
    """A yes-or-no cell; a blank one was not assessed."""

    YES = "Y"
    NO = "N"
    UNKNOWN = "U"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Blood counts of one day in 10^9 per litre, and blood blasts in percent; `day` None is not stated."""

    day: date | None
    anc: Measured
    platelets: Measured
    blood_blasts: Measured
    problems: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentValues:
    """One assessment as values.

    Attributes:
        transfused_some_day: a platelet transfusion is reported without its day.
        problems: cells that cannot be right.
        doubts: cells that cannot be right and decide nothing.
    """

    marrow_date: date | None
    transfusion_date: date | None
    transfused_some_day: bool = False
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
    doubts: tuple[Finding, ...] = ()


def read_assessment(row: Assessment, criteria: Criteria) -> AssessmentValues:
    """Read every cell of one row; never raises."""
    answers = {name: _answer(getattr(row, name)) for name in _ANSWERS}
    unknown = [name for name in _ANSWERS if answers[name] is None]
    dates = {name: read_day(getattr(row, name)) for name in _DATES}
    blasts = _percent(row.blasts_percent, row.blasts_unit)
    cellularity = _percent(row.cellularity_percent)
    counts = _counts(row, dates["cbc_date"], criteria)
    cns = _CNS.fullmatch("".join(row.cns.upper().replace("-", "").split()))
    problems = (
        *([] if row.subject_id else [Finding(flag="SUBJECT_MISSING", reason="The row names no subject.")]),
        *[_word_problem(name, getattr(row, name)) for name in unknown if name not in _ONLY_NOTED],
        *[
            _date_problem(name, text)
            for name, found in dates.items()
            if found is None
            and (text := getattr(row, name)).strip()
            and not (name == _TRANSFUSION and _answer(text))
        ],
        *(_cell_problems("blasts_percent", blasts) if blasts.span is None else ()),
        *(_cell_problems("cellularity_percent", cellularity) if cellularity.span is None else ()),
        *counts.problems,
        *([] if cns or row.cns.strip().casefold() in _UNKNOWN else [_word_problem("cns", row.cns)]),
    )
    return AssessmentValues(
        marrow_date=dates["marrow_date"],
        transfusion_date=dates[_TRANSFUSION],
        transfused_some_day=_answer(row.platelet_transfusion_date) is Answer.YES,
        blasts=blasts,
        cellularity=cellularity,
        counts=counts,
        evaluable=answers["marrow_evaluable"] or Answer.UNKNOWN,
        extramedullary=answers["extramedullary"] or Answer.UNKNOWN,
        growth_factor=answers["growth_factor"] or Answer.UNKNOWN,
        blood_blasts_leukemic=answers["pb_blasts_leukemic"] or Answer.UNKNOWN,
        regenerating=answers["regenerating"] or Answer.UNKNOWN,
        cns=cns[1] if cns else None,
        problems=problems,
        doubts=tuple([_word_problem(name, getattr(row, name)) for name in unknown if name in _ONLY_NOTED]),
    )


def read_counts(row: BloodCount, criteria: Criteria) -> Counts:
    """Read the counts of one day; never raises."""
    return _counts(row, row.date, criteria)


def _counts(row: Assessment | BloodCount, day: date | None, criteria: Criteria) -> Counts:
    anc = measure(row.anc, units=COUNT_UNITS, unit=row.anc_unit)
    platelets = measure(row.platelets, units=COUNT_UNITS, unit=row.platelets_unit)
    blood_blasts = measure(row.pb_blasts_percent, units=PERCENT_UNITS)
    limits = criteria.plausible
    return Counts(
        day=day,
        anc=anc,
        platelets=platelets,
        blood_blasts=blood_blasts,
        problems=(
            *_count_problems("anc", "ANC", anc, limits.neutrophils_at_most_e9_per_l),
            *_count_problems("platelets", "PLT", platelets, limits.platelets_at_most_e9_per_l),
            *(_cell_problems("pb_blasts_percent", blood_blasts) if blood_blasts.span is None else ()),
        ),
    )


def _percent(text: str, unit: str = "") -> Measured:
    return measure(text, units=PERCENT_UNITS, unit=unit)


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


def _count_problems(column: str, name: str, found: Measured, at_most: Decimal) -> tuple[Finding, ...]:
    span = found.span
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
