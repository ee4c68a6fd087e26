"""Time to classify a large cohort on one core: from its tables to records, and their summary.

    python benchmarks/response.py [PATIENTS]

Each patient has a marrow before treatment and three courses of a marrow, a flow result and four blood counts.
"""

import random
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta

from mrdkit.cohort import summarize
from mrdkit.patient.criteria import criteria_names, read_criteria
from mrdkit.patient.folder import Tables, records_of
from mrdkit.patient.records import Assessment, BloodCount, Event, EventKind, ExternalResult, Subject

PATIENTS = 10_000
GOAL_SECONDS = 10.0
START = date(2015, 1, 5)
COURSES = (1, 2, 3)
DAYS_OF_COURSE = 28


def tables(patients: int, *, seed: int) -> Tables:
    """Return the tables of a random cohort."""
    chance = random.Random(seed)  # noqa: S311  # no secret: the same cohort each time
    names = [f"P{number:05d}" for number in range(patients)]
    return Tables(
        assessments=tuple(row for name in names for row in assessments(name, chance)),
        subjects=tuple(subject(name) for name in names),
        events=tuple(row for name in names for row in events(name)),
        blood_counts=tuple(row for name in names for row in blood_counts(name, chance)),
        external=tuple(row for name in names for row in flow_results(name, chance)),
        errors=(),
        inputs=(),
    )


def subject(name: str) -> Subject:
    """Return a patient."""
    return Subject(
        subject_id=name,
        sex=None,
        age=None,
        treatment_start=START,
        arm=None,
        salvage=None,
        cr1_duration_months=None,
        prior_sct=None,
        extra={},
    )


def day_of(course: int, day: int) -> date:
    """Return a day of a course, 0 being its first."""
    return START + timedelta(days=DAYS_OF_COURSE * (course - 1) + day)


def assessments(name: str, chance: random.Random) -> Iterator[Assessment]:
    """Yield the marrow before treatment and one of each course."""
    yield Assessment(
        subject_id=name,
        visit="baseline",
        course="0",
        marrow_date="2015-01-02",
        blasts_percent="80",
        extramedullary="N",
    )
    for course in COURSES:
        day = day_of(course, 21).isoformat()
        yield Assessment(
            subject_id=name,
            visit=f"C{course}",
            course=str(course),
            marrow_date=day,
            blasts_percent=chance.choice(["1", "2", "<5", "4.5", "5", "6", "20"]),
            marrow_evaluable="Y",
            cbc_date=day,
            anc=f"{3 * chance.random():.2f}",
            platelets=str(chance.randint(10, 300)),
            extramedullary="N",
            pb_blasts_percent="0",
        )


def events(name: str) -> Iterator[Event]:
    """Yield the courses, a dose in each, and the last contact."""
    for course in COURSES:
        yield Event(subject_id=name, date=day_of(course, 0), kind=EventKind.COURSE_START, detail="")
        yield Event(subject_id=name, date=day_of(course, 3), kind=EventKind.INOTUZUMAB, detail="")
    yield Event(subject_id=name, date=day_of(30, 0), kind=EventKind.LAST_CONTACT, detail="")


def blood_counts(name: str, chance: random.Random) -> Iterator[BloodCount]:
    """Yield a count in every week."""
    for course in COURSES:
        for week in range(4):
            yield BloodCount(
                subject_id=name,
                date=day_of(course, 7 * week + 2),
                anc=f"{3 * chance.random():.2f}",
                platelets=str(chance.randint(10, 300)),
            )


def flow_results(name: str, chance: random.Random) -> Iterator[ExternalResult]:
    """Yield a flow MRD result of each marrow."""
    for course in COURSES:
        yield ExternalResult(
            subject_id=name,
            visit=f"C{course}",
            specimen_id=None,
            collected_on=day_of(course, 21),
            assay="flow_mrd",
            status="",
            value=None,
            unit=None,
            numerator=chance.choice([0, 0, 30, 400]),
            denominator=5e5,
            lod=4e-5,
            source="laboratory",
        )


def classification_seconds(given: Tables, name: str) -> tuple[float, float]:
    """Return the CPU time of classifying a cohort by one profile, and of summarising its counts."""
    criteria = read_criteria(name)
    before = time.process_time()
    records = records_of(given, criteria)
    classified = time.process_time()
    summarize(records)
    return classified - before, time.process_time() - classified


def main() -> None:
    """Print both times for each profile; the goal is for the two together."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS
    given = tables(size, seed=1)
    print(f"{size} patients with 4 marrows, 12 blood counts and 3 flow results each")
    for name in criteria_names():
        classified, summarised = classification_seconds(given, name)
        print(f"{name:<12} classified {classified:6.2f} s, summarised {summarised:5.2f} s CPU")
    print(f"goal: at most {GOAL_SECONDS:g} s for {PATIENTS} patients")


if __name__ == "__main__":
    main()
