"""Dates that contradict each other: start of treatment, then results and events, then death or last contact.

Source: facts on the trial, choice "date order errors". A drug given before the start is earlier therapy, and
a baseline specimen belongs before it; both are in order.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from mrdkit.errors import InputError
from mrdkit.files import Row
from mrdkit.patient.history import is_baseline
from mrdkit.patient.records import EventKind
from mrdkit.study.problems import Problem

__all__ = ["date_problems"]

#: Column of the day on which a row's material was taken or its event happened.
_DAYS = {
    "manifest.csv": "collected_on",
    "fish_counts.csv": "collected_on",
    "karyotypes.csv": "collected_on",
    "external_results.csv": "collected_on",
    "assessments.csv": "marrow_date",
    "events.csv": "date",
}
_EARLIER_THERAPY = frozenset({EventKind.INOTUZUMAB, EventKind.BLINATUMOMAB})
_ASSESSMENTS = "assessments.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dated:
    """One dated row: `event` is empty for a result; `baseline` material was taken before treatment."""

    file: str
    row: int
    day: date
    event: str
    baseline: bool

    @property
    def may_precede_start(self) -> bool:
        """Baseline material and earlier drugs lie before the start."""
        return self.baseline or self.event in _EARLIER_THERAPY


def date_problems(tables: Mapping[str, Iterable[Row]]) -> tuple[Problem, ...]:
    """Return a warning for each row whose day contradicts its subject's start, last contact or death.

    Args:
        tables: file name -> rows; subjects.csv gives the start of treatment.
    """
    starts = {row.text("subject_id"): _day(row, "treatment_start") for row in tables.get("subjects.csv", ())}
    before = {_visit(row) for row in tables.get(_ASSESSMENTS, ()) if _is_baseline(row)}
    by_subject: dict[str, list[_Dated]] = {}
    for file, column in _DAYS.items():
        for row in tables.get(file, ()):
            if (day := _day(row, column)) is not None:
                by_subject.setdefault(row.text("subject_id"), []).append(_dated(file, row, day, before))
    return tuple(
        Problem(
            file=item.file, row=item.row, code="DATE_ORDER", subject=subject, message=why, severity="warning"
        )
        for subject, items in by_subject.items()
        for item, why in _contradictions(items, starts.get(subject))
    )


def _contradictions(items: list[_Dated], start: date | None) -> Iterator[tuple[_Dated, str]]:
    death = min((item.day for item in items if item.event == EventKind.DEATH), default=None)
    contact = max((item.day for item in items if item.event == EventKind.LAST_CONTACT), default=None)
    for item in items:
        what = item.event or "result"
        if start and item.day < start and not item.may_precede_start:
            yield item, f"the {what} of {item.day} is before the start of treatment ({start})"
        if start and item.day > start and item.baseline and item.file == _ASSESSMENTS:
            yield item, f"the baseline of {item.day} is after the start of treatment ({start})"
        if death and item.day > death:
            yield item, f"the {what} of {item.day} is after death ({death})"
        elif contact and not death and item.day > contact:
            yield item, f"the {what} of {item.day} is after the last contact ({contact})"


def _dated(file: str, row: Row, day: date, before: Container[tuple[str, str]]) -> _Dated:
    event = row.text("event").casefold() if file == "events.csv" else ""
    baseline = _is_baseline(row) or (file != _ASSESSMENTS and _visit(row) in before)
    return _Dated(file=file, row=row.number, day=day, event=event, baseline=baseline)


def _is_baseline(row: Row) -> bool:
    return is_baseline(row.text("visit"), row.text("course")) or row.text("role").casefold() == "diagnosis"


def _visit(row: Row) -> tuple[str, str]:
    return row.text("subject_id"), row.text("visit").strip().casefold()


def _day(row: Row, column: str) -> date | None:
    """Return the day, None where the cell is empty or no date; the reader of the table says so."""
    try:
        return row.date(column)
    except InputError:
        return None
