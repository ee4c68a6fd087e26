"""Survival: when the clock starts and stops, who is left out, landmark and time-dependent exposure."""

from dataclasses import replace

import pytest
from strategies.cohort import Patient, record
from tables import rows

from mrdkit.cohort.landmark import landmark_group
from mrdkit.cohort.regression import exposure_intervals
from mrdkit.cohort.times import FollowUp, LeftOut, outcome_of
from mrdkit.patient.criteria import read_criteria
from mrdkit.patient.records import Assessment, EventKind
from mrdkit.patient.timeline import build_record

TIMES = """
    response | death | last contact | relapse | sct | OS days | OS event | RFS days | RFS event | shows
    ---------+-------+--------------+---------+-----+---------+----------+----------+-----------+-------------------------------------
    none     | 15    |              |         |     | 15      | yes      |          |           | an early death counts, never in RFS
    CR       |       | 1096         |         | 116 | 1096    | no       | 1069     | no        | a transplant censors nobody
    CR       | 400   |              | 300     |     | 400     | yes      | 273      | yes       | relapse comes first
    CR       | 400   |              |         |     | 400     | yes      | 373      | yes       | death without relapse is an event
    CRi      |       | 500          | 100     |     | 500     | no       | 73       | yes       | every remission starts the clock
    NR       | 90    |              |         |     | 90      | yes      |          |           | no response, no RFS
    none     | 0     |              |         |     | 0       | yes      |          |           | death on the first day
    CR       | 27    |              |         |     | 27      | yes      | 0        | yes       | death on the day of response
    CR       | 200   |              |         | 300 | DATE_ORDER |       | DATE_ORDER |         | a transplant after death
"""

LANDMARKS = """
    OS days | SCT on day | landmark day | group     | shows
    --------+------------+--------------+-----------+-----------------------------------------
    913     | 118.7      | 121.75       | exposed   | transplant before the landmark
    913     | 121.75     | 121.75       | exposed   | transplant on the landmark
    913     | 122        | 121.75       | unexposed | transplant after the landmark
    913     |            | 121.75       | unexposed | never transplanted
    91      |            | 121.75       | excluded  | death before the landmark
    121.75  | 60         | 121.75       | excluded  | at risk after the landmark is required
"""

INTERVALS = """
    OS days | SCT on day | intervals                  | shows
    --------+------------+----------------------------+---------------------------------------
    400     | 120        | 0-120 no, 120-400 yes died | cut at the transplant
    400     |            | 0-400 no died              | never exposed
    400     | 0          | 0-400 yes died             | exposed from the start
    400     | 400        | 0-400 no died              | no interval of zero length
    400     | 500        | 0-400 no died              | exposure after the end does not count
"""


def number(text: str) -> int | None:
    return int(text) if text else None


@pytest.mark.parametrize("cells", rows(TIMES), ids=lambda cells: cells[-1])
def test_times(cells: list[str]) -> None:
    response, death, contact, relapse, sct, *expected, shows = cells
    one = record(
        Patient(
            name="S1",
            response=response,
            death=number(death),
            last_contact=number(contact),
            relapse=number(relapse),
            sct=number(sct),
        )
    )
    found: list[str] = []
    for outcome in (outcome_of(one, "os"), outcome_of(one, "rfs")):
        match outcome:
            case FollowUp():
                found += [f"{outcome.days:g}", "yes" if outcome.event else "no"]
            case LeftOut():
                found += [outcome.code, ""]
            case None:
                found += ["", ""]
    assert found == expected, shows


@pytest.mark.parametrize("cells", rows(LANDMARKS), ids=lambda cells: cells[-1])
def test_landmark_groups(cells: list[str]) -> None:
    days, exposed, landmark, expected, shows = cells
    found = landmark_group(until(float(days)), float(exposed) if exposed else None, float(landmark))
    assert found == expected, shows


@pytest.mark.parametrize("cells", rows(INTERVALS), ids=lambda cells: cells[-1])
def test_time_dependent_exposure(cells: list[str]) -> None:
    days, exposed, expected, shows = cells
    found = exposure_intervals(until(float(days)), {EventKind.SCT.value: number(exposed)})
    words = (
        f"{part.start:g}-{part.stop:g} {'yes' if part.exposed['sct'] else 'no'}{' died' if part.event else ''}"
        for part in found
    )
    assert ", ".join(words) == expected, shows


def until(days: float) -> FollowUp:
    return FollowUp(subject_id="S1", endpoint="os", days=days, event=True, ended_by="death")


def test_without_a_last_contact_the_last_record_censors() -> None:
    found = outcome_of(record(Patient(name="S1", last_contact=None, sct=100)), "os")
    assert isinstance(found, FollowUp)
    assert (found.days, found.event, found.ended_by) == (100, False, "last_record")


def test_a_start_that_is_not_known_is_named() -> None:
    known = record(Patient(name="S1"))
    unknown = replace(known, subject=replace(known.subject, treatment_start=None), events=())
    found = outcome_of(unknown, "os")
    assert isinstance(found, LeftOut)
    assert found.code == "START_MISSING"


def test_a_refused_row_of_events_leaves_the_patient_out() -> None:
    """The row that could not be read may have been the death."""
    known = record(Patient(name="S1"))
    refused = build_record(
        known.subject,
        events=known.events,
        assessments=[Assessment(subject_id="S1", visit="C1", course="1")],
        blood_counts=(),
        calls=(),
        external=(),
        criteria=read_criteria("jabbour2023"),
        refused=("A row of events.csv was refused (DATE_INVALID).",),
    )
    found = outcome_of(refused, "os")
    assert isinstance(found, LeftOut)
    assert found.code == "INPUT_INCOMPLETE"
