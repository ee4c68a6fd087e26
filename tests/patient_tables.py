"""One patient's tables as short calls: marrows by course, events by day, results by visit, and the record."""

from datetime import date, timedelta

from mrdkit.patient.criteria import Criteria, read_criteria
from mrdkit.patient.records import (
    Assessment,
    BloodCount,
    Event,
    EventKind,
    ExternalResult,
    PatientRecord,
    Subject,
)
from mrdkit.patient.timeline import build_record
from mrdkit.results import Call, InputDigest

__all__ = ["BASELINE", "CRITERIA", "START", "SUBJECT", "blood", "event", "flow", "marrow", "record"]

CRITERIA = read_criteria("jabbour2023")
START = date(2020, 1, 1)
SUBJECT = Subject(
    subject_id="S1",
    sex="F",
    age=40.0,
    treatment_start=START,
    arm="A",
    salvage="1",
    cr1_duration_months=None,
    prior_sct="N",
    extra={},
)
BASELINE = Assessment(
    subject_id="S1",
    visit="baseline",
    course="0",
    marrow_date="2019-12-30",
    blasts_percent="80",
    extramedullary="N",
    cns="CNS1",
)


def marrow(course: int, blasts: str, anc: str = "2", platelets: str = "200", **cells: str) -> Assessment:
    """Return the marrow of a course, 28 days after the one before."""
    return Assessment(
        subject_id="S1",
        visit=f"C{course}",
        course=str(course),
        marrow_date=(START + timedelta(days=28 * course)).isoformat(),
        blasts_percent=blasts,
        anc=anc,
        platelets=platelets,
        extramedullary=cells.pop("extramedullary", "N"),
        **cells,
    )


def event(day: int, kind: EventKind) -> Event:
    """Return an event of a day of treatment, the first being day 0."""
    return Event(subject_id="S1", date=START + timedelta(days=day), kind=kind, detail="")


def flow(visit: str, status: str) -> ExternalResult:
    """Return a flow MRD result of a visit, delivered as a word with a limit of 1e-4."""
    return ExternalResult(
        subject_id="S1",
        visit=visit,
        specimen_id=None,
        collected_on=None,
        assay="flow_mrd",
        status=status,
        lod=1e-4,
        source="lab",
    )


def record(
    *assessments: Assessment,
    events: tuple[Event, ...] = (),
    calls: tuple[Call, ...] = (),
    external: tuple[ExternalResult, ...] = (),
    counts: tuple[BloodCount, ...] = (),
    refused: tuple[str, ...] = (),
    criteria: Criteria = CRITERIA,
    subject: Subject = SUBJECT,
) -> PatientRecord:
    """Return the record of one patient; `counts` are serial."""
    return build_record(
        subject,
        events=events,
        assessments=assessments,
        blood_counts=counts,
        calls=calls,
        external=external,
        criteria=criteria,
        inputs=(InputDigest(role="assessments", sha256="0" * 64),),
        refused=refused,
    )


def blood(day: int, anc: str = "", platelets: str = "", blasts: str = "") -> BloodCount:
    """Return a serial count of a day of treatment."""
    return BloodCount(
        subject_id="S1",
        date=START + timedelta(days=day),
        anc=anc,
        platelets=platelets,
        pb_blasts_percent=blasts,
    )
