"""Clinical data and time lines of cBioPortal. Days are counted from the first day of treatment.

Overall survival runs from the first day of treatment, relapse-free survival from the first response to
relapse or death. A time that would be negative is left out and noted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from mrdkit.export.cbioportal_samples import Sample
from mrdkit.export.cbioportal_terms import terms
from mrdkit.export.sdtm.model import sex_of
from mrdkit.export.values import Note, number_text
from mrdkit.patient.cytogenetic_alerts import tp53_word
from mrdkit.patient.history import first_date
from mrdkit.patient.mrd_points import level_of, state_of
from mrdkit.patient.records import EventKind, PatientRecord
from mrdkit.patient.sequence import treatment_start

__all__ = [
    "PATIENT_ATTRIBUTES",
    "SAMPLE_ATTRIBUTES",
    "TIMELINES",
    "Attribute",
    "patient_values",
    "sample_values",
    "timeline_rows",
]

_SEXES = {"F": "Female", "M": "Male", "U": ""}
_TREATMENTS = frozenset({EventKind.COURSE_START, EventKind.INOTUZUMAB, EventKind.BLINATUMOMAB, EventKind.SCT})


@dataclass(frozen=True, slots=True)
class Attribute:
    """One column of clinical data."""

    name: str
    label: str
    kind: str = "STRING"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Time:
    """A time to an event; `words` say that it has not happened, and that it has."""

    name: str
    start: date | None
    event: date | None
    last: date | None
    words: tuple[str, str]


PATIENT_ATTRIBUTES = (
    Attribute("PATIENT_ID", "Patient Identifier"),
    Attribute("SEX", "Sex"),
    Attribute("AGE", "Age at treatment start", "NUMBER"),
    Attribute("ARM", "Arm"),
    Attribute("SALVAGE", "Salvage"),
    Attribute("BEST_RESPONSE", "Best response"),
    Attribute("RESPONDER", "Responder"),
    Attribute("CRLF2", "CRLF2"),
    Attribute("TP53", "TP53"),
    Attribute("OS_STATUS", "Overall survival status"),
    Attribute("OS_MONTHS", "Overall survival (months)", "NUMBER"),
    Attribute("RFS_STATUS", "Relapse-free survival status"),
    Attribute("RFS_MONTHS", "Relapse-free survival (months)", "NUMBER"),
)
SAMPLE_ATTRIBUTES = (
    Attribute("PATIENT_ID", "Patient Identifier"),
    Attribute("SAMPLE_ID", "Sample Identifier"),
    Attribute("CANCER_TYPE", "Cancer Type"),
    Attribute("VISIT", "Visit"),
    Attribute("COLLECTION_DAY", "Day of collection from treatment start", "NUMBER"),
    Attribute("SPECIMEN_TYPE", "Specimen type"),
    Attribute("RESPONSE", "Response of the visit"),
    Attribute("MRD_FLOW_FRACTION", "MRD by flow, fraction", "NUMBER"),
    Attribute("MRD_FLOW_1E4", "MRD by flow at 1e-4"),
    Attribute("FLOW_STATE", "State of the flow call"),
    Attribute("MRD_NGS_FRACTION", "MRD by sequencing, fraction", "NUMBER"),
    Attribute("MRD_NGS_1E4", "MRD by sequencing at 1e-4"),
    Attribute("MRD_NGS_1E5", "MRD by sequencing at 1e-5"),
    Attribute("MRD_NGS_1E6", "MRD by sequencing at 1e-6"),
    Attribute("TP53_SAMPLE", "TP53 of the sample"),
    Attribute("CRLF2_FISH", "CRLF2 by FISH"),
    Attribute("KARYOTYPE", "Karyotype as written"),
)
_TIMELINE_HEAD = ("PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE")
#: Name of a time line -> its columns.
TIMELINES: Mapping[str, tuple[str, ...]] = {
    "treatment": (*_TIMELINE_HEAD, "TREATMENT_TYPE", "AGENT"),
    "status": (*_TIMELINE_HEAD, "STATUS"),
    "lab_test": (*_TIMELINE_HEAD, "TEST", "RESULT"),
}


def patient_values(record: PatientRecord, patient: str, notes: list[Note]) -> dict[str, object]:
    """Return one row of the patient table."""
    subject = record.subject
    died = first_date(record.events, EventKind.DEATH)
    return {
        "PATIENT_ID": patient,
        "SEX": _SEXES[sex_of(subject.sex)],
        "AGE": None if subject.age is None else number_text(subject.age),
        "ARM": subject.arm,
        "SALVAGE": subject.salvage,
        "BEST_RESPONSE": record.best_response,
        "RESPONDER": record.responder,
        "CRLF2": record.crlf2,
        "TP53": tp53_word(record.calls, record.external),
        **_survival(record, _overall(record, died), notes),
        **_survival(record, _relapse_free(record, died), notes),
    }


def sample_values(record: PatientRecord, patient: str, sample: Sample, name: str) -> dict[str, object]:
    """Return one row of the sample table, without the cancer type."""
    start = treatment_start(record.subject, record.events)
    day = (sample.day - start).days if sample.day and start else None
    head = {"PATIENT_ID": patient, "SAMPLE_ID": name, "VISIT": sample.visit, "COLLECTION_DAY": day}
    return {**head, **sample.values}


def timeline_rows(record: PatientRecord, patient: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the name of a time line and a row of it; without a first day of treatment there is none."""
    start = treatment_start(record.subject, record.events)
    if start is None:
        return
    for event in record.events:
        day = (event.date - start).days
        if event.kind in _TREATMENTS:
            treatment = {"TREATMENT_TYPE": event.kind.upper(), "AGENT": event.kind}
            yield "treatment", _row(patient, day, "TREATMENT", treatment)
        else:
            yield "status", _row(patient, day, "STATUS", {"STATUS": event.kind.upper()})
    for response in record.responses:
        if response.marrow_date is not None:
            day = (response.marrow_date - start).days
            yield "status", _row(patient, day, "STATUS", {"STATUS": response.response})
    for measured in record.mrd:
        if measured.collected_on is not None:
            level, state = level_of(measured), state_of(measured)
            sign = "<" if state == "not_detected" else ""
            found = f"{sign}{number_text(level)}" if level is not None else state.replace("_", " ")
            test = {"TEST": f"MRD {measured.method}", "RESULT": found}
            yield "lab_test", _row(patient, (measured.collected_on - start).days, "LAB_TEST", test)


def _overall(record: PatientRecord, died: date | None) -> _Time:
    start = treatment_start(record.subject, record.events)
    words = ("0:LIVING", "1:DECEASED")
    return _Time(name="OS", start=start, event=died, last=_last(record), words=words)


def _relapse_free(record: PatientRecord, died: date | None) -> _Time:
    event = min(filter(None, (record.relapse_on, died)), default=None)
    words = ("0:Relapse-free", "1:Relapsed or deceased")
    return _Time(name="RFS", start=record.first_response_on, event=event, last=_last(record), words=words)


def _last(record: PatientRecord) -> date | None:
    return max((event.date for event in record.events), default=None)


def _row(patient: str, day: int, kind: str, values: Mapping[str, object]) -> dict[str, object]:
    return {"PATIENT_ID": patient, "START_DATE": day, "STOP_DATE": None, "EVENT_TYPE": kind, **values}


def _survival(record: PatientRecord, time: _Time, notes: list[Note]) -> dict[str, object]:
    end = time.event or time.last
    if time.start is None or end is None:
        return {}
    place = f"{time.name}_MONTHS"
    if end < time.start:
        message = f"{end} lies before {time.start}: the time is left out"
        note = Note(place=place, subject_id=record.subject.subject_id, code="DATE_ORDER", message=message)
        notes.append(note)
        return {}
    months = number_text(round((end - time.start).days / terms().days_per_month, 4))
    return {f"{time.name}_STATUS": time.words[1 if time.event else 0], place: months}
