"""Endpoints of one kind each: a share of patients, or the spread of a value; per group, and compared.

A measure says who is in its denominator, who reached it and how its groups are compared. Nobody is dropped
without a word: `note` counts whom an answer is not about.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from mrdkit.cohort.comparisons import Comparison, compare_counts, compare_values
from mrdkit.cohort.endpoint import Endpoint, share, spread
from mrdkit.cohort.rules import AnalysisRules
from mrdkit.patient.records import PatientRecord

__all__ = ["Measure", "Patients", "Share", "Spread"]

Patients: TypeAlias = Sequence[PatientRecord]


class Measure(Protocol):
    """What gives one row per group, and one comparison of all groups."""

    @property
    def endpoint(self) -> str:
        """Id of the endpoint."""

    def row(self, patients: Patients, group: str | None, rules: AnalysisRules) -> Endpoint:
        """Return the row of one group."""

    def compare(self, groups: Sequence[Patients], rules: AnalysisRules) -> Comparison:
        """Compare the groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of patients.

    Attributes:
        among: whether a patient is in the denominator.
        reached: whether a patient of the denominator reached the endpoint.
        note: whom the share is about, given all patients of the group.
    """

    endpoint: str
    among: Callable[[PatientRecord], bool]
    reached: Callable[[PatientRecord], bool]
    note: Callable[[Patients], str]

    def row(self, patients: Patients, group: str | None, rules: AnalysisRules) -> Endpoint:
        """Return the share of one group with its exact interval."""
        del rules
        n, among = self._counts(patients)
        return share(self.endpoint, group, n, among, self.note(patients))

    def compare(self, groups: Sequence[Patients], rules: AnalysisRules) -> Comparison:
        """Compare the shares by chi-square."""
        counts = [self._counts(patients) for patients in groups]
        return compare_counts(counts, expected_less_than=rules.groups.expected_less_than)

    def _counts(self, patients: Patients) -> tuple[int, int]:
        among = [record for record in patients if self.among(record)]
        return sum(map(self.reached, among)), len(among)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The median and range of a value.

    Attributes:
        among: whether a patient should have a value.
        value: the value, None where there is none.
    """

    endpoint: str
    among: Callable[[PatientRecord], bool]
    value: Callable[[PatientRecord], float | None]
    unit: str
    note: str

    def row(self, patients: Patients, group: str | None, rules: AnalysisRules) -> Endpoint:
        """Return the median and range of one group."""
        del rules
        among = sum(map(self.among, patients))
        return spread(self.endpoint, group, self._values(patients), among, unit=self.unit, note=self.note)

    def compare(self, groups: Sequence[Patients], rules: AnalysisRules) -> Comparison:
        """Compare the values by their ranks."""
        del rules
        return compare_values([self._values(patients) for patients in groups])

    def _values(self, patients: Patients) -> list[float]:
        found = (self.value(record) for record in patients if self.among(record))
        return sorted(value for value in found if value is not None)
