"""Time to classify and summarise a large cohort on one core, through the code of the commands.

    taskset -c 0 python benchmarks/cohort.py [PATIENTS]

Each patient has a marrow with its blood count before treatment and after each of three courses, and events to
the end of follow-up; then also a flow result and four more blood counts per course, two karyotypes, TP53 and
CRLF2. All times are CPU times of this process.
"""

import gc
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from yardstick import print_yardstick

from mrdkit.cohort import summarize, summarize_by
from mrdkit.cohort.landmark import landmark_rows, read_landmark
from mrdkit.cohort.regression import cox_report
from mrdkit.karyotype import call_karyotype, read_karyotype_rule
from mrdkit.patient.criteria import criteria_names, read_criteria
from mrdkit.patient.folder import Tables, records_of
from mrdkit.patient.records import (
    Assessment,
    BloodCount,
    Event,
    EventKind,
    ExternalResult,
    PatientRecord,
    Subject,
)
from mrdkit.results import KaryotypeCall, Specimen

PATIENTS = 10_000
GOAL_SECONDS = 10.0
START = date(2015, 1, 5)
COURSES = (1, 2, 3)
DAYS_OF_COURSE = 28
#: As the command line sets it.
OBJECTS_BETWEEN_COLLECTIONS = 100_000

KARYOTYPES = (
    "46,XX[20]",
    "46,XY,t(4;11)(q21;q23)[18]/46,XY[2]",
    "47,XX,+8[12]/46,XX[8]",
    "36,XY,-2,-3,-4,-7,-9,-12,-13,-15,-16,-17[10]/46,XY[10]",
    "46,XX,del(6)(q15q23),add(12)(p13),-13,+mar[15]/46,XX[5]",
)
KNOWN = ("crlf2_fish", ("normal", "rearranged")), ("tp53", ("wild_type", "mutated"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of one patient, in days from the start of treatment."""

    end: int
    died: bool
    transplanted_on: int | None
    relapsed_on: int | None


def tables(names: list[str], chance: random.Random) -> Tables:
    """Return the tables of a random cohort."""
    fates = {name: fate(chance) for name in names}
    return Tables(
        assessments=tuple(row for name in names for row in assessments(name, chance)),
        subjects=tuple(subject(name, chance) for name in names),
        events=tuple(row for name in names for row in events(name, fates[name])),
        blood_counts=tuple(row for name in names for row in blood_counts(name, chance)),
        external=tuple(row for name in names for row in external_results(name, chance)),
        errors=(),
        inputs=(),
    )


def fate(chance: random.Random) -> Fate:
    """Return how long a patient is followed, and what happens then."""
    end = int(chance.expovariate(1 / 900)) + 90
    later = [chance.randint(90, end), None]
    return Fate(
        end=end,
        died=chance.choice((True, False)),
        transplanted_on=chance.choice(later),
        relapsed_on=chance.choice([chance.randint(90, end), None, None]),
    )


def subject(name: str, chance: random.Random) -> Subject:
    """Return a patient."""
    return Subject(
        subject_id=name,
        sex=chance.choice("FM"),
        age=float(chance.randint(18, 80)),
        treatment_start=START,
        arm=chance.choice(("original", "modified")),
        salvage=chance.choice("123"),
        cr1_duration_months=None,
        prior_sct="N",
        extra={"cd20_percent": str(chance.randint(0, 100))},
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
        blasts_percent=str(chance.randint(20, 95)),
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


def events(name: str, fate: Fate) -> Iterator[Event]:
    """Yield the courses, a dose in each, and what became of the patient."""
    for course in COURSES:
        yield Event(subject_id=name, date=day_of(course, 0), kind=EventKind.COURSE_START, detail="")
        yield Event(subject_id=name, date=day_of(course, 3), kind=EventKind.INOTUZUMAB, detail="")
    last = EventKind.DEATH if fate.died else EventKind.LAST_CONTACT
    for kind, day in (
        (EventKind.SCT, fate.transplanted_on),
        (EventKind.RELAPSE, fate.relapsed_on),
        (last, fate.end),
    ):
        if day is not None:
            yield Event(subject_id=name, date=day_of(1, day), kind=kind, detail="")


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


def external_results(name: str, chance: random.Random) -> Iterator[ExternalResult]:
    """Yield a flow MRD result of each marrow, and CRLF2 and TP53 before treatment."""
    empty = ExternalResult(
        subject_id=name,
        visit="baseline",
        specimen_id=None,
        collected_on=None,
        assay="flow_mrd",
        status="",
        source="laboratory",
    )
    for assay, words in KNOWN:
        yield replace(empty, assay=assay, status=chance.choice(words))
    for course in COURSES:
        total = chance.randint(300_000, 900_000)
        yield replace(
            empty,
            visit=f"C{course}",
            collected_on=day_of(course, 21),
            numerator=chance.choice([0, 0, chance.randint(20, 100), chance.randint(100, 9000)]),
            denominator=float(total),
            lod=20 / total,
        )


def karyotypes(names: list[str], chance: random.Random) -> list[KaryotypeCall]:
    """Return a karyotype before treatment and one of the first course for each patient."""
    rule = read_karyotype_rule()
    read = [call_karyotype(text, specimen=Specimen(), rule=rule) for text in KARYOTYPES]
    visits = (("baseline", date(2015, 1, 2), read), ("C1", day_of(1, 21), read[:1]))
    return [
        replace(
            chance.choice(calls),
            specimen=Specimen(subject_id=name, visit=visit, specimen_id=None, collected_on=day),
        )
        for name in names
        for visit, day, calls in visits
    ]


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of one call."""
    before = time.process_time()
    work()
    return time.process_time() - before


def measured(name: str, given: Tables, calls: Sequence[KaryotypeCall]) -> tuple[PatientRecord, ...]:
    """Print how long a profile takes to classify and summarise; return the records."""
    criteria = read_criteria(name)
    before = time.process_time()
    records = records_of(given, criteria, calls)
    classified = time.process_time()
    summarize(records)
    done = time.process_time()
    print(
        f"  {name:<12} classified {classified - before:5.2f} s, summarised {done - classified:5.2f} s, "
        f"together {done - before:5.2f} s CPU",
        flush=True,
    )
    return records


def main() -> None:
    """Print the times of each profile, then of the other analyses of a cohort."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS
    chance = random.Random(1)  # noqa: S311  # no secret: the same cohort each time
    names = [f"P{number:05d}" for number in range(size)]
    given, calls = tables(names, chance), karyotypes(names, chance)
    marrows = replace(given, blood_counts=(), external=())
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    print_yardstick()
    print(f"{size} patients of 4 marrows and their events (goal {GOAL_SECONDS:g} s for {PATIENTS})")
    for name in criteria_names():
        measured(name, marrows, [])
    print("the same with 12 more blood counts, 5 results and 2 karyotypes each")
    for name in criteria_names():
        records = measured(name, given, calls)
    landmark = read_landmark("sct:122")
    print(f"by arm       {seconds(lambda: summarize_by(records, 'arm')):5.2f} s CPU")
    print(f"landmark     {seconds(lambda: landmark_rows(records, landmark)):5.2f} s CPU")
    fitted = seconds(lambda: cox_report(records, ["age", "tp53"], time_dependent=[EventKind.SCT]))
    print(f"Cox          {fitted:5.2f} s CPU (age, TP53 and transplant)")


if __name__ == "__main__":
    main()
