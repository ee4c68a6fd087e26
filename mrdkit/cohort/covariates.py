"""What a patient is at the start, as numbers for a model: columns that are numbers, words as indicators.

A word column with several values becomes one indicator per value but the first in order, which is the
reference. A patient without a value is in no model that uses the column. Source: trial definitions,
section 3.2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from mrdkit.cohort.groups import columns_of, grouped, value_of
from mrdkit.cohort.measures import Patients
from mrdkit.cohort.rules import AnalysisRules
from mrdkit.errors import UsageError

__all__ = ["Covariate", "covariates_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariate:
    """One column as the terms of a model.

    Attributes:
        column: as the user named it.
        reference: the value that the others are compared with, None of a number.
        terms: name of each term -> its value per subject; subjects without a value are absent.
    """

    column: str
    reference: str | None
    terms: Mapping[str, Mapping[str, float]]

    def __contains__(self, subject_id: str) -> bool:
        """Tell whether a subject has a value; if so it has one of every term."""
        return all(subject_id in values for values in self.terms.values())


def covariates_of(patients: Patients, columns: Sequence[str], rules: AnalysisRules) -> tuple[Covariate, ...]:
    """Return the covariates in the order of their columns.

    Raises:
        UsageError: no such column, one stands twice, or it has one value only or too many.
    """
    if len(set(columns)) < len(columns):
        raise UsageError("a covariate stands twice", code="COVARIATE_REPEATED", found=", ".join(columns))
    return tuple(_covariate(patients, column, rules) for column in columns)


def _covariate(patients: Patients, column: str, rules: AnalysisRules) -> Covariate:
    known = columns_of(patients)
    texts = {record.subject.subject_id: value_of(record, column, known=known) for record in patients}
    numbers = {subject: _number(text) for subject, text in texts.items() if text}
    if len(set(numbers.values())) < 2 and None not in numbers.values():  # noqa: PLR2004
        raise _constant(column)
    read = {subject: number for subject, number in numbers.items() if number is not None}
    if len(read) == len(numbers):
        return Covariate(column=column, reference=None, terms={column: read})
    return _of_words(patients, column, rules)


def _of_words(patients: Patients, column: str, rules: AnalysisRules) -> Covariate:
    groups = grouped(patients, column, rules).groups
    reference, *others = groups
    if not others:
        raise _constant(column)
    members = {name: {one.subject.subject_id for one in group} for name, group in groups.items()}
    subjects = sorted(subject for group in members.values() for subject in group)
    return Covariate(
        column=column,
        reference=reference,
        terms={
            f"{column}={name}": {subject: float(subject in members[name]) for subject in subjects}
            for name in others
        },
    )


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _constant(column: str) -> UsageError:
    return UsageError(
        "a covariate has one value only, so that nothing can be compared",
        code="COVARIATE_CONSTANT",
        found=column,
        remedy="leave it out",
    )
