"""Subjects (DM) and their specimens (BE, RELSPEC). Only pseudonyms; what the study lacks stays empty."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from mrdkit.export.sdtm.datasets import Row, Value
from mrdkit.export.sdtm.model import sex_of, words
from mrdkit.export.sdtm.subject import SubjectView, day_of, specimen_type
from mrdkit.export.values import Note
from mrdkit.patient.history import first_date
from mrdkit.patient.records import EventKind, PatientRecord, Subject
from mrdkit.results import ResponseCall

__all__ = ["arm_codes", "collection_rows", "demographic_notes", "demographic_row", "specimen_rows"]

_LONGEST_ARM_CODE = 20
#: Columns of subjects.csv that mrdkit does not know, by the variable that they fill where they are there.
_EXTRA = {
    "SITEID": ("site_id", "site", "siteid"),
    "COUNTRY": ("country",),
    "RACE": ("race",),
}
_CONSENT = ("consent_date", "informed_consent")


@dataclass(frozen=True, slots=True)
class _Material:
    specimen_id: str
    visit: str | None
    day: date | None
    kind: str | None


def demographic_row(view: SubjectView, arm_codes: Mapping[str, str]) -> Row:
    """Return one subject's row; the arm given is taken to be the planned and the actual one."""
    subject, events = view.record.subject, view.record.events
    start = view.start.isoformat() if view.start else None
    died = first_date(events, EventKind.DEATH)
    last = max((event.date for event in events), default=None)
    arm = arm_codes.get(subject.arm or "")
    values: dict[str, Value] = {
        "SUBJID": subject.subject_id,
        "RFSTDTC": start,
        "RFENDTC": last.isoformat() if last else None,
        "RFXSTDTC": start,
        "RFICDTC": _consent(subject),
        "RFPENDTC": last.isoformat() if last else None,
        "DTHDTC": died.isoformat() if died else None,
        "DTHFL": "Y" if died else None,
        "AGE": subject.age,
        "AGEU": "YEARS" if subject.age is not None else None,
        "SEX": sex_of(subject.sex),
        "ARMCD": arm,
        "ARM": subject.arm,
        "ACTARMCD": arm,
        "ACTARM": subject.arm,
        **{name: _extra(subject, columns) for name, columns in _EXTRA.items()},
    }
    return Row(subject_id=subject.subject_id, values=values)


def arm_codes(records: Iterable[PatientRecord]) -> dict[str, str]:
    """Return a code of at most 20 characters for every arm: its name, or its number where that is longer."""
    arms = sorted({record.subject.arm for record in records if record.subject.arm})
    return {
        arm: arm if len(arm) <= _LONGEST_ARM_CODE and arm.isascii() else f"ARM {number}"
        for number, arm in enumerate(arms, start=1)
    }


def demographic_notes(view: SubjectView) -> Iterator[Note]:
    """Yield what a required variable of DM lacks."""
    subject = view.record.subject
    for name in ("SITEID", "COUNTRY"):
        if not _extra(subject, _EXTRA[name]):
            message = f"subjects.csv has no column {' or '.join(_EXTRA[name])}: the variable is empty"
            yield Note(
                place=f"DM.{name}", subject_id=subject.subject_id, code="REQUIRED_EMPTY", message=message
            )
    if subject.sex and subject.sex.strip().casefold() not in words().sex:
        message = f"{subject.sex[:40]!r} is written as U"
        yield Note(place="DM.SEX", subject_id=subject.subject_id, code="WORD_UNKNOWN", message=message)


def collection_rows(view: SubjectView) -> Iterator[Row]:
    """Yield the collection of every specimen that has an identity."""
    for material in _materials(view.record):
        day = material.day.isoformat() if material.day else None
        values: dict[str, Value] = {
            "REFID": material.specimen_id,
            "TERM": "COLLECTING",
            "CAT": "COLLECTION",
            "STDTC": day,
            "STDY": view.study_day(material.day),
        }
        yield view.row("BE", values, visit=material.visit, day=material.day)


def specimen_rows(view: SubjectView) -> Iterator[Row]:
    """Yield every specimen that has an identity; none is known to be part of another."""
    for specimen_id, kind in {each.specimen_id: each.kind for each in _materials(view.record)}.items():
        values: dict[str, Value] = {"REFID": specimen_id, "SPEC": specimen_type(kind)[0], "LEVEL": 1}
        yield Row(subject_id=view.subject_id, values=values)


def _materials(record: PatientRecord) -> tuple[_Material, ...]:
    """Return every specimen once per day, sorted; one whose type is stated stands for one without."""
    found: dict[tuple[str, date], _Material] = {}
    for material in _all_materials(record):
        key = (material.specimen_id, material.day or date.max)
        if key not in found or (found[key].kind is None and material.kind):
            found[key] = material
    return tuple(found[key] for key in sorted(found))


def _all_materials(record: PatientRecord) -> Iterator[_Material]:
    for call in record.calls:
        if not isinstance(call, ResponseCall) and call.specimen.specimen_id:
            specimen = call.specimen
            yield _Material(
                call.specimen.specimen_id, specimen.visit, specimen.collected_on, specimen.specimen_type
            )
    for row in record.external:
        if row.specimen_id:
            yield _Material(row.specimen_id, row.visit, row.collected_on, None)


def _extra(subject: Subject, columns: tuple[str, ...]) -> str | None:
    found = (subject.extra.get(column, "").strip() for column in columns)
    return next((text for text in found if text), None)


def _consent(subject: Subject) -> str | None:
    day = day_of(_extra(subject, _CONSENT) or "")
    return day.isoformat() if day else None
