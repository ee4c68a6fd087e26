"""Where a row stands: whose it is, at which visit, on which study day, in which epoch.

Day 1 is the first day of treatment, and there is no day 0. A specimen of that day was drawn before treatment.
Visits are numbered over the whole study: baseline, then by course, by first study day, by name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mrdkit.export.sdtm.datasets import Row, Value
from mrdkit.export.sdtm.model import domains, words
from mrdkit.patient.history import course_number, first_date, is_baseline
from mrdkit.patient.records import EventKind, PatientRecord
from mrdkit.patient.sequence import treatment_start
from mrdkit.patient.specimens import material_of
from mrdkit.results import ResponseCall

__all__ = ["SubjectView", "day_of", "flag_baseline", "specimen_type", "subject_views"]

_NO_COURSE = 10**6
_NO_DAY = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectView:
    """One patient's record with what places its rows; `visits` numbers every visit of the study."""

    study_id: str
    record: PatientRecord
    visits: Mapping[str, int]
    start: date | None

    @property
    def subject_id(self) -> str:
        """The pseudonym."""
        return self.record.subject.subject_id

    def row(
        self,
        prefix: str,
        values: Mapping[str, Value],
        *,
        visit: str | None = None,
        day: date | None = None,
        qualifiers: Mapping[str, str | None] | None = None,
    ) -> Row:
        """Return one row of the data set `prefix`; the names in `values` lack the prefix.

        Args:
            prefix: name of the data set.
            values: variable without its prefix -> value.
            visit: label of the visit.
            day: of collection or assessment.
            qualifiers: supplemental qualifiers; empty ones are left out.
        """
        named = {f"{prefix}{name}": value for name, value in values.items()}
        return Row(
            subject_id=self.subject_id,
            values={**named, **self._timing(prefix, visit or None, day)},
            qualifiers={name: text for name, text in (qualifiers or {}).items() if text},
        )

    def study_day(self, day: date | None) -> int | None:
        """Return the study day of a date."""
        if day is None or self.start is None:
            return None
        distance = (day - self.start).days
        return distance + 1 if distance >= 0 else distance

    def _timing(self, prefix: str, visit: str | None, day: date | None) -> dict[str, Value]:
        timing: dict[str, Value] = {
            "VISITNUM": self.visits.get(visit) if visit else None,
            "VISIT": visit,
            f"{prefix}DTC": day.isoformat() if day else None,
        }
        if domains()[prefix].has(f"{prefix}DY"):
            timing[f"{prefix}DY"] = self.study_day(day)
        if domains()[prefix].has("EPOCH"):
            timing["EPOCH"] = self._epoch(day)
        return timing

    def _epoch(self, day: date | None) -> str | None:
        if day is None or self.start is None:
            return None
        off = first_date(self.record.events, EventKind.OFF_STUDY)
        if off is not None and day > off:
            return "FOLLOW-UP"
        return "TREATMENT" if day > self.start else "SCREENING"


def subject_views(study_id: str, records: Sequence[PatientRecord]) -> tuple[SubjectView, ...]:
    """Return the view of every patient, sorted by subject."""
    starts = {record.subject.subject_id: treatment_start(record.subject, record.events) for record in records}
    visits = _visit_numbers(records, starts)
    return tuple(
        SubjectView(study_id=study_id, record=record, visits=visits, start=starts[record.subject.subject_id])
        for record in sorted(records, key=lambda record: record.subject.subject_id)
    )


def flag_baseline(name: str, rows: Sequence[Row], views: Iterable[SubjectView]) -> Sequence[Row]:
    """Return rows with --LOBXFL on the last result of each test up to the first day of treatment."""
    if not domains()[name].has(f"{name}LOBXFL"):
        return rows
    starts = {view.subject_id: view.start for view in views}
    last: dict[tuple[Value, ...], tuple[str, int]] = {}
    for at, row in enumerate(rows):
        day, start = row.values.get(f"{name}DTC"), starts[row.subject_id]
        if isinstance(day, str) and start and day <= start.isoformat() and row.values.get(f"{name}STRESC"):
            key = _test_of(name, row)
            last[key] = max(last.get(key, (day, at)), (day, at))
    chosen = {at for _, at in last.values()}
    return [
        replace(row, values={**row.values, f"{name}LOBXFL": "Y"}) if at in chosen else row
        for at, row in enumerate(rows)
    ]


def _test_of(name: str, row: Row) -> tuple[Value, ...]:
    method = row.values.get(f"{name}TSTPNL") or row.values.get(f"{name}NAM")
    return (row.subject_id, row.values[f"{name}TESTCD"], method)


def day_of(text: str) -> date | None:
    """Return an ISO date as written in a table, None where it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def specimen_type(word: str | None) -> tuple[str | None, str | None]:
    """Return the term of a specimen's type, and the word itself where no term has its meaning."""
    if not word:
        return None, None
    term = words().material.get(material_of(word))
    return (term, None) if term else ("OTHER", word)


def _visit_numbers(records: Iterable[PatientRecord], starts: Mapping[str, date | None]) -> Mapping[str, int]:
    places: dict[str, tuple[bool, int, int]] = {}
    for record in records:
        start = starts[record.subject.subject_id]
        for visit, course, day in _visits(record):
            distance = (day - start).days if day and start else _NO_DAY
            place = (not is_baseline(visit), _NO_COURSE if course is None else course, distance)
            places[visit] = min(places.get(visit, place), place)
    ordered = sorted(places, key=lambda visit: (places[visit], visit))
    return {visit: number for number, visit in enumerate(ordered, start=1)}


def _visits(record: PatientRecord) -> Iterable[tuple[str, int | None, date | None]]:
    for response in record.responses:
        if response.visit:
            yield response.visit, course_number(response.course or ""), response.marrow_date
    for point in record.mrd:
        yield point.visit, point.course, point.collected_on
    for row in record.external:
        yield row.visit, None, row.collected_on
    for call in record.calls:
        if not isinstance(call, ResponseCall) and call.specimen.visit:
            yield call.specimen.visit, None, call.specimen.collected_on
