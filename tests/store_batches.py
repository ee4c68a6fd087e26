"""Small batches for the results database: a few subjects, each with flow results and a karyotype."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import fake_rooms
from sqlalchemy import Connection

from mrdkit.patient.records import Event, EventKind, PatientRecord, Subject
from mrdkit.result_rows import QueryRow
from mrdkit.results import Call, ResponseCall
from mrdkit.store import Contents, Picture, StoredCall, add_to_database
from mrdkit.store.engine import engine_of

__all__ = ["amended", "batch", "connected", "flow", "full_batch", "ingest_overlapping", "record", "response"]

_SUBJECT = Subject(
    subject_id="S1",
    sex="F",
    age=61.5,
    treatment_start=date(2024, 3, 1),
    arm="A",
    salvage="1",
    cr1_duration_months=None,
    prior_sct=None,
    extra={"site": "A"},
)


def flow(subject: str, visit: str = "C1", fraction: float = 3e-4) -> StoredCall:
    """Return a flow call of one subject and visit."""
    specimen = replace(
        fake_rooms.FLOW.specimen, subject_id=subject, visit=visit, specimen_id=f"{subject}-{visit}"
    )
    return StoredCall(
        call=replace(fake_rooms.FLOW, specimen=specimen, fraction=fraction),
        role="followup",
        instrument="Canto II",
    )


def response(subject: str, answer: str = "CR") -> ResponseCall:
    """Return a response that looked at the flow call of its visit."""
    return ResponseCall(
        subject_id=subject,
        visit="C1",
        course="1",
        marrow_date=date(2024, 3, 31),
        response=answer,
        responder="Y",
        cytogenetic_response="not_applicable",
        mrd_flow="positive",
        mrd_ngs={},
        mrd_combined="positive",
        flags=(),
        reasons=(),
        criteria="jabbour2023",
        evidence=fake_rooms.EVIDENCE,
    )


def record(subject: str, calls: tuple[Call, ...] = (), *, sex: str = "F") -> PatientRecord:
    """Return a record with one course and one event."""
    start = Event(subject_id=subject, date=date(2024, 3, 1), kind=EventKind.COURSE_START, detail="1")
    contact = Event(subject_id=subject, date=date(2024, 9, 1), kind=EventKind.LAST_CONTACT, detail="")
    return PatientRecord(
        subject=replace(_SUBJECT, subject_id=subject, sex=sex),
        events=(start, contact),
        responses=(response(subject),),
        best_response="CR",
        best_response_visit="C1",
        mrd=(),
        calls=calls,
        external=(),
        not_measured=(),
    )


def batch(*subjects: str, study_id: str = "T1", visits: tuple[str, ...] = ("C1",)) -> Contents:
    """Return a batch of these subjects."""
    flows = {subject: tuple(flow(subject, visit) for visit in visits) for subject in subjects}
    responses = tuple(StoredCall(call=response(subject)) for subject in subjects)
    return Contents(
        study_id=study_id,
        software_version="0.1.0",
        settings={"config": {"id": study_id}},
        records=tuple(record(subject, tuple(one.call for one in flows[subject])) for subject in subjects),
        calls=(*(one for subject in subjects for one in flows[subject]), *responses),
        queries=(),
    )


def full_batch(subject: str = "S1") -> Contents:
    """Return a batch that puts rows into every table: with a picture and a query."""
    picture = Picture(
        specimen_id="M1",
        input_sha256="ab" * 32,
        section="gating",
        name="cells",
        title="Cells",
        caption="All cells.",
        png=b"\x89PNG",
    )
    query = QueryRow(
        kind="failure",
        file="a.fcs",
        row=2,
        code="BAD",
        subject_id=subject,
        visit="C1",
        assay="flow_mrd",
        message="damaged",
    )
    contents = batch(subject)
    first = replace(contents.calls[0], figures=(picture,))
    return replace(contents, calls=(first, *contents.calls[1:]), queries=(query,))


def amended(contents: Contents, fraction: float = 9e-4) -> Contents:
    """Return the batch with another fraction in its first call."""
    first = contents.calls[0].call
    assert isinstance(first, type(fake_rooms.FLOW))
    changed = replace(contents.calls[0], call=replace(first, fraction=fraction))
    return replace(contents, calls=(changed, *contents.calls[1:]))


def ingest_overlapping(url: str, first: int) -> None:
    """Add four of eight subjects; importable by a spawned process."""
    add_to_database(url, batch(*(f"S{number % 8}" for number in range(first, first + 4))))


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Yield a connection that keeps to no rule of the store's own."""
    engine = engine_of(url)
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()
