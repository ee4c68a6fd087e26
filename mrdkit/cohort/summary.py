"""The endpoint table of a cohort: every endpoint for all patients, or per group with their comparison."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mrdkit.cohort.endpoint import Endpoint
from mrdkit.cohort.endpoints import measures
from mrdkit.cohort.groups import Grouping, grouped
from mrdkit.cohort.measures import Measure
from mrdkit.cohort.rules import AnalysisRules, analysis_rules
from mrdkit.patient.records import PatientRecord

__all__ = ["endpoint_ids", "summarize", "summarize_by"]


def endpoint_ids() -> tuple[str, ...]:
    """Return the ids of all endpoints in the order of the table."""
    return tuple(measure.endpoint for measure in measures())


def summarize(records: Iterable[PatientRecord]) -> tuple[Endpoint, ...]:
    """Return every endpoint of a cohort in the order of `endpoint_ids`, whatever the order of patients."""
    cohort = _sorted(records)
    return tuple(measure.row(cohort, None, analysis_rules()) for measure in measures())


def summarize_by(records: Iterable[PatientRecord], column: str) -> tuple[Endpoint, ...]:
    """Return every endpoint per group, with the P value of the comparison on each row.

    Raises:
        UsageError: no such column, or it has more values than groups can be compared.
    """
    rules = analysis_rules()
    grouping = grouped(_sorted(records), column, rules)
    return tuple(row for measure in measures() for row in _compared(measure, grouping, rules))


def _compared(measure: Measure, grouping: Grouping, rules: AnalysisRules) -> Iterator[Endpoint]:
    comparison = measure.compare(tuple(grouping.groups.values()), rules)
    flags, reasons = _without(grouping)
    for name, patients in grouping.groups.items():
        row = measure.row(patients, name, rules)
        yield replace(
            row,
            p_value=comparison.p_value,
            method=f"{row.method}; {comparison.method} by {grouping.column}",
            flags=(*row.flags, *flags),
            reasons=(*row.reasons, *reasons),
        )


def _without(grouping: Grouping) -> tuple[Sequence[str], Sequence[str]]:
    if not grouping.without:
        return (), ()
    return ("GROUP_MISSING",), (
        f"{len(grouping.without)} patient(s) have no value of {grouping.column} and stand in no group.",
    )


def _sorted(records: Iterable[PatientRecord]) -> tuple[PatientRecord, ...]:
    return tuple(sorted(records, key=lambda record: record.subject.subject_id))
