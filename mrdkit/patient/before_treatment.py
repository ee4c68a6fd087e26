"""Which results are of the time before treatment: by the visit they name, else by their day.

A visit lies before treatment where it is called `baseline` or an assessment gives it course 0, under any
label. A label that no assessment has tells nothing: the result's day decides, before the start of treatment
or that of a baseline marrow.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from mrdkit.patient.history import BASELINE_VISIT, is_baseline, label_of
from mrdkit.patient.reading import read_day
from mrdkit.patient.records import Assessment, PatientRecord
from mrdkit.patient.sequence import treatment_start

__all__ = ["BeforeTreatment", "before_treatment", "before_treatment_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeTreatment:
    """What one subject's assessments say of the time before treatment.

    Attributes:
        labels: labels, in lower case, of visits before treatment only.
        others: labels of the other assessments.
        days: days of the marrows before treatment.
        start: first day of treatment, None where it is not known.
    """

    labels: frozenset[str] = frozenset({BASELINE_VISIT})
    others: frozenset[str] = frozenset()
    days: frozenset[date] = frozenset()
    start: date | None = None

    def holds(self, visit: str | None, day: date | None = None) -> bool:
        """Tell whether a result of a visit and day is of the time before treatment."""
        label = label_of(visit or "")
        if label in self.labels or label in self.others:
            return label in self.labels
        return day is not None and (day in self.days or (self.start is not None and day < self.start))


def before_treatment(assessments: Iterable[Assessment], start: date | None) -> BeforeTreatment:
    """Return the time before treatment of one subject."""
    before: set[str] = set()
    others: set[str] = set()
    days: set[date] = set()
    for row in assessments:
        label = label_of(row.visit)
        if not is_baseline(row.visit, row.course):
            others.add(label)
            continue
        before.add(label)
        if (day := read_day(row.marrow_date)) is not None:
            days.add(day)
    others -= {"", BASELINE_VISIT}
    return BeforeTreatment(
        labels=frozenset({BASELINE_VISIT, *(before - others - {""})}),
        others=frozenset(others),
        days=frozenset(days),
        start=start,
    )


def before_treatment_of(record: PatientRecord) -> BeforeTreatment:
    """Return the time before treatment of a record."""
    return before_treatment(record.assessments, treatment_start(record.subject, record.events))
