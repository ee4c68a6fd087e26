"""Which group a patient belongs to: a column of subjects.csv, or a finding of the record.

A patient without a value stands in no group, and is counted. Transplant and other later events are no groups:
who lives longer has more of them; a landmark or a time-dependent model compares those. Source: trial
definitions, section 3.2.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mrdkit.cohort.measures import Patients
from mrdkit.cohort.members import (
    EVALUABLE,
    best_flow,
    flow_at_response,
    has_readable_karyotype,
    is_complex,
    is_high_risk,
    tp53_status,
)
from mrdkit.cohort.rules import AnalysisRules
from mrdkit.errors import UsageError
from mrdkit.patient.records import PatientRecord

__all__ = ["Grouping", "columns_of", "grouped", "only", "read_condition", "value_of"]

_OF_SUBJECT = ("sex", "age", "arm", "salvage", "cr1_duration_months", "prior_sct")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Patients by the value of one column; `without` are those who have none."""

    column: str
    groups: Mapping[str, tuple[PatientRecord, ...]]
    without: tuple[str, ...]


def grouped(patients: Patients, column: str, rules: AnalysisRules) -> Grouping:
    """Return the groups in order of their value, numbers by size.

    Raises:
        UsageError: no such column, or it has more values than groups can be compared.
    """
    known = columns_of(patients)
    values = [(value_of(record, column, known=known), record) for record in patients]
    names = sorted({value for value, _ in values if value}, key=_natural)
    if len(names) > rules.groups.at_most:
        raise UsageError(
            f"column {column} has too many values to be compared",
            code="GROUPS_TOO_MANY",
            expected=f"at most {rules.groups.at_most} groups",
            found=f"{len(names)}",
            remedy="add a column to subjects.csv that names the groups",
        )
    return Grouping(
        column=column,
        groups={name: tuple(record for value, record in values if value == name) for name in names},
        without=tuple(record.subject.subject_id for value, record in values if not value),
    )


def only(patients: Patients, conditions: Sequence[str]) -> tuple[PatientRecord, ...]:
    """Return the patients for whom every COLUMN=VALUE holds.

    Raises:
        UsageError: a condition is none, or names no column.
    """
    known = columns_of(patients)
    for column, value in map(read_condition, conditions):
        patients = [record for record in patients if value_of(record, column, known=known) == value]
    return tuple(patients)


def read_condition(text: str) -> tuple[str, str]:
    """Read COLUMN=VALUE.

    Raises:
        UsageError: it is none.
    """
    column, sign, value = (part.strip() for part in text.partition("="))
    if not (column and sign):
        raise UsageError(
            "the condition is not understood", code="CONDITION_INVALID", found=text, expected="COLUMN=VALUE"
        )
    return column, value


def columns_of(patients: Patients) -> tuple[str, ...]:
    """Return the columns that patients can be grouped by: those of subjects.csv, then findings."""
    extra = dict.fromkeys(name for record in patients for name in record.subject.extra)
    return tuple(dict.fromkeys((*_OF_SUBJECT, *extra, *_FINDINGS)))


def value_of(record: PatientRecord, column: str, *, known: Sequence[str]) -> str:
    """Return a patient's value of a column as text, empty where there is none.

    Raises:
        UsageError: there is no such column.
    """
    if column not in known:
        raise UsageError(
            "there is no such column",
            code="COLUMN_UNKNOWN",
            found=column,
            expected="one of " + ", ".join(known),
        )
    if column in _OF_SUBJECT:
        return _text(getattr(record.subject, column))
    if column in record.subject.extra or column not in _FINDINGS:
        return record.subject.extra.get(column, "").strip()
    return _FINDINGS[column](record)


def _evaluable(word: str) -> str:
    return word if word in EVALUABLE else ""


def _tp53(record: PatientRecord) -> str:
    word = tp53_status(record)
    return word if word in ("mutated", "wild_type") else ""


def _if_karyotyped(record: PatientRecord, yes: str, no: str, *, holds: bool) -> str:
    if holds:
        return yes
    return no if has_readable_karyotype(record) else ""


_FINDINGS: Mapping[str, Callable[[PatientRecord], str]] = {
    "best_response": lambda one: one.best_response,
    "responder": lambda one: one.responder,
    "mrd_at_response": lambda one: _evaluable(flow_at_response(one)),
    "mrd_best": lambda one: _evaluable(best_flow(one)),
    "crlf2": lambda one: _evaluable(one.crlf2),
    "tp53": _tp53,
    "cytogenetic_risk": lambda one: _if_karyotyped(one, "high", "not_high", holds=is_high_risk(one)),
    "complex_karyotype": lambda one: _if_karyotyped(one, "complex", "not_complex", holds=is_complex(one)),
}


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case float():
            return f"{value:g}"
        case _:
            return str(value).strip()


def _natural(text: str) -> tuple[tuple[int, float, str], ...]:
    parts = (part for part in re.split(r"([0-9]+(?:\.[0-9]+)?)", text) if part)
    return tuple((0, float(part), "") if part[0].isdigit() else (1, 0.0, part) for part in parts)
