"""Recovery of blood counts after a course: days from its start, and thrombocytopenia that stays."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patient_tables import BASELINE, START, blood, event, marrow, record
from tables import rows

from mrdkit.patient.course_records import CourseRecovery
from mrdkit.patient.records import BloodCount, Event, EventKind, PatientRecord

COURSE_1 = event(0, EventKind.COURSE_START)


def one_course(cells: str, *events: Event) -> CourseRecovery:
    """Return the first course with platelets as `day:count`, neutrophils a hundredth of them."""
    return record(BASELINE, events=(COURSE_1, *events), counts=serial(cells)).courses[0]


def serial(cells: str) -> tuple[BloodCount, ...]:
    pairs = (cell.split(":") for cell in cells.split())
    return tuple(blood(int(day), platelets=count) for day, count in pairs)


PLATELETS = """
    day:platelets                     | state         | days | prolonged | why
    ----------------------------------+---------------+------+-----------+-----------------------------------------
    3:80 14:10 21:60 28:101           | recovered     | 28   | N         | more than 100
    3:80 14:10 21:60 28:100           | not_recovered |      | N         | exactly 100 is not recovered
    3:120 14:10 21:150 28:200         | recovered     | 21   | N         | the first recovered count
    2:105 4:102 14:10 21:150          | recovered     | 21   | N         | recovery is after the lowest count
    2:95 4:105 14:10 21:150           | recovered     | 21   | N         | a bounce on the way down is none
    3:150 14:120 21:200               | not_low       |      | N         | nothing had to recover
    14:10 28:30 35:40 43:50           | not_recovered |      | Y         | at most 50 on day 43
    14:10 28:30 35:40 42:50           | not_recovered |      | NE        | day 42 is not beyond 6 weeks
    14:10 28:30 43:51                 | not_recovered |      | N         | above 50 when next counted
    14:10 28:60 43:40                 | not_recovered |      | N         | above 50 on day 28: a new fall
    14:10 28:150 60:5                 | recovered     | 28   | N         | a later fall does not undo recovery
    50:20                             | not_recovered |      | Y         | first counted beyond 6 weeks, and low
    14:10 21:50-150                   | not_recovered |      | NE        | a range on both sides tells nothing
    14:<20 21:>100                    | recovered     | 21   | N         | certain on either side
    0:10 14:150                       | not_low       |      | N         | the first day's count is before the course
                                      | not_assessed  |      | NE        | not counted
"""


@pytest.mark.parametrize(("cells", "state", "days", "prolonged", "why"), rows(PLATELETS))
def test_platelets_of_one_course(*, cells: str, state: str, days: str, prolonged: str, why: str) -> None:
    found = one_course(cells)
    assert (found.platelets.state, found.platelets.days) == (state, int(days) if days else None), why
    assert found.prolonged_thrombocytopenia == prolonged, why


NEUTROPHILS = """
    day:neutrophils     | state         | days | why
    --------------------+---------------+------+------------------------------
    7:0.1 14:0.9 18:1.1 | recovered     | 18   | more than 1
    7:0.1 14:1.0        | not_recovered |      | exactly 1.0 is not recovered
    7:2 14:3            | not_low       |      | never low
"""


@pytest.mark.parametrize(("cells", "state", "days", "why"), rows(NEUTROPHILS))
def test_neutrophils_of_one_course(*, cells: str, state: str, days: str, why: str) -> None:
    pairs = (cell.split(":") for cell in cells.split())
    counts = tuple(blood(int(day), anc=count) for day, count in pairs)
    found = record(BASELINE, events=(COURSE_1,), counts=counts).courses[0]
    assert (found.neutrophils.state, found.neutrophils.days) == (state, int(days) if days else None), why
    assert found.platelets.state == "not_assessed", why


ENDS = """
    event        | day | state         | why
    -------------+-----+---------------+-----------------------------------------------
    course_start | 20  | not_recovered | the next course began
    course_start | 21  | recovered     | counted on its day, before it
    sct          | 20  | not_recovered | transplanted
    relapse      | 20  | not_recovered | relapsed
    death        | 21  | recovered     | counted on the last day
    inotuzumab   | 8   | recovered     | a dose within the course does not end it
    last_contact | 300 | recovered     | no end of the course
"""


@pytest.mark.parametrize(("kind", "day", "state", "why"), rows(ENDS))
def test_what_ends_a_course(*, kind: str, day: str, state: str, why: str) -> None:
    found = one_course("14:10 21:150", event(int(day), EventKind(kind)))
    assert found.platelets.state == state, why


def test_how_long_a_course_was_followed_is_said() -> None:
    found = one_course("14:10 28:30 35:40").platelets
    assert (found.state, found.followed_days) == ("not_recovered", 35)


def test_every_course_has_its_own_days() -> None:
    second = event(30, EventKind.COURSE_START)
    found = record(BASELINE, events=(second, COURSE_1), counts=serial("14:10 25:150 44:20 50:110"))
    assert [(one.course, one.platelets.days) for one in found.courses] == [(1, 25), (2, 20)]
    assert found.courses[0].end == second.date


def test_without_documented_courses_nothing_is_counted() -> None:
    found = record(BASELINE, counts=serial("14:10 25:150"))
    assert (found.courses, found.prolonged_thrombocytopenia) == ((), "NE")


def test_the_count_of_an_assessment_counts_too() -> None:
    found = record(BASELINE, marrow(1, "2", platelets="150"), events=(COURSE_1,), counts=serial("14:10"))
    assert found.courses[0].platelets.days == 28


def test_a_count_that_cannot_be_right_is_not_used() -> None:
    found = one_course("14:10 21:150000 28:150")
    assert found.platelets.days == 28


def test_platelets_under_transfusion_prove_no_recovery() -> None:
    given = (START + timedelta(days=20)).isoformat()
    row = marrow(1, "2", platelets="120", platelet_transfusion_date=given)
    found = record(BASELINE, row, events=(COURSE_1,), counts=serial("14:10 21:150"))
    assert found.courses[0].platelets.days == 28


PATIENT = """
    course 1              | course 2    | prolonged | why
    ----------------------+-------------+-----------+---------------------------------
    14:10 28:150          | 75:10 90:60 | N         | recovered after both
    14:10 45:30           | 75:10 90:60 | Y         | after one of them
    14:10 28:150          |             | N         | one course tells
    14:10                 |             | NE        | none tells
"""


@pytest.mark.parametrize(("first", "second", "prolonged", "why"), rows(PATIENT))
def test_thrombocytopenia_of_a_patient(*, first: str, second: str, prolonged: str, why: str) -> None:
    later = event(60, EventKind.COURSE_START)
    found = record(BASELINE, events=(COURSE_1, later), counts=serial(f"{first} {second}"))
    assert found.prolonged_thrombocytopenia == prolonged, why


INOTUZUMAB = """
    given on days | transplanted on | days | why
    --------------+-----------------+------+--------------------------------
    3 38          | 87              | 49   | from the last dose
    3 90          | 87              | 84   | a dose after it does not count
    87            | 87              | 0    | the same day
    3             |                 |      | not transplanted
                  | 87              |      | never given
    3             | 87 400          | 84   | the first transplantation
    3             | -200 87         | 84   | one before treatment is another
"""


@pytest.mark.parametrize(("given_on", "transplanted", "days", "why"), rows(INOTUZUMAB))
def test_from_inotuzumab_to_transplantation(*, given_on: str, transplanted: str, days: str, why: str) -> None:
    doses = (event(int(day), EventKind.INOTUZUMAB) for day in given_on.split())
    grafts = (event(int(day), EventKind.SCT) for day in transplanted.split())
    found: PatientRecord = record(BASELINE, events=(*doses, *grafts))
    assert found.inotuzumab_to_sct_days == (int(days) if days else None), why


@given(st.lists(st.tuples(st.integers(1, 90), st.integers(0, 300)), max_size=8))
def test_neither_the_order_of_rows_nor_the_unit_matters(counts: list[tuple[int, int]]) -> None:
    series = tuple(blood(day, platelets=str(count)) for day, count in counts)
    found = record(BASELINE, events=(COURSE_1,), counts=series).courses[0]
    assert record(BASELINE, events=(COURSE_1,), counts=series[::-1]).courses[0] == found
    assert (found.platelets.days is None) == (found.platelets.state != "recovered")
    if found.platelets.days is not None:
        assert (found.platelets.days, True) in {(day, count > 100) for day, count in counts}
    same = tuple(replace(one, platelets_unit="K/uL") for one in series)
    assert record(BASELINE, events=(COURSE_1,), counts=same).courses[0] == found
