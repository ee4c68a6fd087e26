"""The trial's response definitions, with every boundary, as tables that a hematologist can correct."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tables import rows

from mrdkit.patient.criteria import read_criteria
from mrdkit.patient.reading import read_counts
from mrdkit.patient.records import Assessment, BloodCount, Event, EventKind, Subject
from mrdkit.patient.response import MorphologicResponse, response_rank
from mrdkit.patient.sequence import classify_subject

CRITERIA = read_criteria("jabbour2023")
START = date(2020, 1, 1)
MARROW = date(2020, 1, 22)

SUBJECT = Subject(
    subject_id="S1",
    sex=None,
    age=None,
    treatment_start=START,
    arm=None,
    salvage=None,
    cr1_duration_months=None,
    prior_sct=None,
    extra={},
)
REMISSION = Assessment(
    subject_id="S1",
    visit="C1",
    course="1",
    marrow_date=MARROW.isoformat(),
    blasts_percent="2",
    marrow_evaluable="Y",
    cbc_date=MARROW.isoformat(),
    anc="1.5",
    platelets="150",
    extramedullary="N",
    pb_blasts_percent="0",
)


def classify(
    *assessments: Assessment, events: tuple[Event, ...] = (), counts: tuple[BloodCount, ...] = ()
) -> MorphologicResponse:
    """Return the answer to the last assessment."""
    found = classify_subject(
        SUBJECT,
        events=events,
        assessments=assessments,
        counts=[read_counts(row, CRITERIA) for row in counts],
        criteria=CRITERIA,
    )
    return found[-1].answer


def check(found: MorphologicResponse, response: str, flags: str, clause: str) -> None:
    responder = {"NR": "N", "NE": "NE", "ERROR": "NE"}.get(response, "Y")
    assert (found.response, found.responder) == (response, responder), clause
    assert set(flags.split()) - {"-"} <= set(found.flags), clause


COUNTS = """
    blasts | ANC   | platelets | response                | flags                       | clause
    -------+-------+-----------+-------------------------+-----------------------------+--------------------
    2      | 1.5   | 150       | CR                      | -                           | all recovered
    5      | 1.5   | 150       | CR                      | BLAST_EQ_5                  | 5 is remission
    5.1    | 1.5   | 150       | NR                      | BM_BLASTS                   | above 5 %
    2      | 1.5   | 100       | CRp                     | PLT_EQ_100                  | not more than 100
    2      | 1.5   | 100.0001  | CR                      | -                           | just recovered
    2      | 1.5   | 99        | CRp                     | -                           | CR except platelets
    2      | 1.0   | 150       | CRi                     | ANC_EQ_1 NEUTROPENIA_ONLY   | not more than 1
    2      | 1.0   | 99        | CRi                     | ANC_EQ_1                    | not more than 1
    2      | 1.001 | 150       | CR                      | -                           | just recovered
    2      | 0.9   | 150       | CRi                     | NEUTROPENIA_ONLY            | neutrophils alone
    2      | 0.5   | 20        | CRi                     | -                           | both low
    0      | 0     | 0         | CRi                     | CHECK_HYPOCELLULAR REVIEW   | an empty marrow?
    2      | 1.5   |           | CR_OR_CRp               | PLT_MISSING QUERY           | never imputed
    2      | 0.5   |           | CRi                     | PLT_MISSING                 | certain anyway
    2      |       | 150       | CR_OR_CRi               | ANC_MISSING                 | never imputed
    2      |       | 100       | CRp_OR_CRi              | ANC_MISSING PLT_EQ_100      | never imputed
    2      |       |           | INDETERMINATE_REMISSION | ANC_MISSING PLT_MISSING     | still a remission
    20     |       |           | NR                      | BM_BLASTS                   | certain anyway
    2      | nan   | NaN       | INDETERMINATE_REMISSION | ANC_MISSING PLT_MISSING     | NaN is missing
    2      | 1.5   | clumped   | CR_OR_CRp               | PLT_UNPARSEABLE PLT_MISSING | a word is no number
"""

CENSORED = """
    blasts        | ANC         | platelets     | response  | flags                | clause
    --------------+-------------+---------------+-----------+----------------------+------------------------
    <5            | 1.5         | 150           | CR        | CENSORED_VALUE       | all of it at most 5
    <=5           | 1.5         | 150           | CR        | CENSORED_VALUE       | 5 is remission
    <6            | 1.5         | 150           | NE        | RANGE_STRADDLES      | 5.5 would be none
    >5            | 1.5         | 150           | NR        | BM_BLASTS            | all of it above 5
    >=5           | 1.5         | 150           | NE        | RANGE_STRADDLES      | 5 would be remission
    0-1           | 1.5         | 150           | CR        | RANGE                | all of it at most 5
    5-10          | 1.5         | 150           | NE        | RANGE_STRADDLES      | on both sides
    2             | 1.5         | <100          | CRp       | CENSORED_VALUE       | certainly not above 100
    2             | 1.5         | <=100         | CRp       | CENSORED_VALUE       | certainly not above 100
    2             | 1.5         | >100          | CR        | CENSORED_VALUE       | certainly above
    2             | 1.5         | >=100         | CR_OR_CRp | RANGE_STRADDLES      | 100 is not recovered
    2             | <1          | 150           | CRi       | CENSORED_VALUE       | certainly not recovered
    2             | 0.5-1.5     | 150           | CR_OR_CRi | RANGE_STRADDLES      | missing between
    2             | 1500 /uL    | 150000 /uL    | CR        | UNIT_CONVERTED       | cells per microlitre
    2             | 1.5 K/uL    | 150 10^3/mm3  | CR        | -                    | the same unit
    2             | 1500 10^6/L | 150 x10^9/L   | CR        | UNIT_CONVERTED       | the same unit
    0.02 fraction | 1.5         | 150           | CR        | UNIT_CONVERTED       | 2 %
    0.06 fraction | 1.5         | 150           | NR        | BM_BLASTS            | 6 %
    rare          | 1.5         | 150           | NE        | BM_UNPARSEABLE       | a word is no number
    -1            | 1.5         | 150           | ERROR     | RANGE                | negative
    101           | 1.5         | 150           | ERROR     | RANGE                | above 100 %
    >100          | 1.5         | 150           | ERROR     | RANGE                | above 100 %
    10-5          | 1.5         | 150           | ERROR     | RANGE                | the wrong way round
    2             | inf         | 150           | ERROR     | RANGE                | infinite
    2             | 1.5         | 5000          | CR        | -                    | still plausible
    2             | 1.5         | 5001          | ERROR     | PLT_IMPLAUSIBLE_UNIT | the unit is not guessed
    2             | 1500        | 150           | ERROR     | ANC_IMPLAUSIBLE_UNIT | the unit is not guessed
    2             | 30          | 150           | CR        | -                    | plausible
    2             | 50          | 150           | CR        | ANC_UNIT_DOUBTFUL    | or 50 per microlitre?
    2             | 50 10^9/L   | 150           | CR        | -                    | the unit is stated
    2             | 50 /uL      | 150           | CRi       | UNIT_CONVERTED       | 0.05
    2             | 1.5 1000/uL | 150 Gpt/L     | CR        | -                    | the same unit
    2 percent     | 1500 per uL | 150 10(3)/mcL | CR        | UNIT_CONVERTED       | the same unit
    2             | 1.5e9/L     | 150 x10^9/litre | CR      | -                    | the same unit
    2             | 1.5         | 150 furlong/h | ERROR     | UNIT_UNKNOWN         | no such unit
"""


@pytest.mark.parametrize(
    ("blasts", "anc", "platelets", "response", "flags", "clause"), [*rows(COUNTS), *rows(CENSORED)]
)
def test_counts_as_written(
    *, blasts: str, anc: str, platelets: str, response: str, flags: str, clause: str
) -> None:
    found = classify(replace(REMISSION, blasts_percent=blasts, anc=anc, platelets=platelets))
    check(found, response, flags, clause)


@pytest.mark.parametrize(
    "unit",
    [
        "10^9/L",
        "x10E9/L",
        "10*9/L",
        "E9/L",
        "x10(9)/L",
        "109/L",
        "K/uL",
        "10^3/mcL",
        "k/cumm",
        "G/l",
        "/nL",
        "",
    ],
)
def test_units_of_one_size(unit: str) -> None:
    found = classify(replace(REMISSION, anc="1.0", anc_unit=unit, platelets="100.1", platelets_unit=unit))
    assert (found.response, "ANC_EQ_1" in found.flags) == ("CRi", True)


@pytest.mark.parametrize("unit", ["/uL", "cells/mm3", "10^6/L", "cells per microliter", "/cmm"])
def test_units_of_a_thousandth(unit: str) -> None:
    found = classify(replace(REMISSION, anc="1000", anc_unit=unit, platelets="100100", platelets_unit=unit))
    assert (found.response, "ANC_EQ_1" in found.flags) == ("CRi", True)


def test_no_digit_is_rounded_away() -> None:
    found = classify(replace(REMISSION, blasts_percent="5.0000000000000000000000000000000001"))
    assert found.response == "NR"


DISEASE = """
    cell                      | value      | response | flags                 | clause
    --------------------------+------------+----------+-----------------------+-------------------------------
    blasts_percent            |            | NE       | BM_MISSING            | never inferred from the blood
    marrow_evaluable          | N          | NE       | BM_NOT_EVALUABLE      | dry tap
    extramedullary            | Y          | NR       | EMD                   | "no extramedullary disease"
    extramedullary            |            | NE       | BASELINE_EMD_UNKNOWN  | assessed neither time
    cns                       | CNS3       | NR       | EMD                   | CNS disease
    cns                       | CNS2       | CR       | CNS_REVIEW REVIEW     | not clear: reviewed
    cns                       | CNS1       | CR       | -                     | none
    cns                       | CNS4       | ERROR    | WORD_UNKNOWN          | no such word
    pb_blasts_percent         | 3          | NR       | PB_BLASTS             | circulating blasts
    pb_blasts_percent         | 0.1        | NR       | PB_BLASTS             | any
    pb_blasts_percent         |            | CR       | PB_BLASTS_UNKNOWN     | noted
    pb_blasts_percent         | <1         | NE       | PB_BLASTS_UNKNOWN     | none or some
    pb_blasts_percent         | rare       | NE       | PB_BLASTS_UNPARSEABLE | none or some
    pb_blasts_leukemic        | Y          | ERROR    | CONTRADICTION         | leukemic blasts, and none seen
    marrow_evaluable          | perhaps    | ERROR    | WORD_UNKNOWN          | no such word
    marrow_date               | 2020-02-30 | ERROR    | DATE_INVALID          | no such day
    marrow_date               | 2019-12-31 | ERROR    | DATE_ORDER            | before treatment
    growth_factor             | Y          | CR       | GCSF                  | protocol therapy: noted
    growth_factor             | pegylated  | CR       | WORD_UNKNOWN REVIEW   | decides nothing: no ERROR
    cellularity_percent       | 9          | CR       | CHECK_HYPOCELLULAR    | below 10 %
    cellularity_percent       | 10         | CR       | -                     | enough
    platelet_transfusion_date | 2020-01-15 | CR       | PLT_TX_7D REVIEW      | 7 days before the count
    platelet_transfusion_date | 2020-01-14 | CR       | -                     | 8 days before
    platelet_transfusion_date | Y          | CR       | PLT_TX_7D REVIEW      | on an unknown day
    platelet_transfusion_date | N          | CR       | -                     | none
    platelet_transfusion_date | 14.1.2020  | ERROR    | DATE_INVALID          | no ISO 8601 date
    subject_id                |            | ERROR    | SUBJECT_MISSING       | nobody's marrow
"""


@pytest.mark.parametrize(("cell", "value", "response", "flags", "clause"), rows(DISEASE))
def test_one_cell_changed(cell: str, value: str, response: str, flags: str, clause: str) -> None:
    found = classify(replace(REMISSION, **{cell: value}))
    check(found, response, flags, clause)


@pytest.mark.parametrize("cell", ["platelet_transfusion_date", "cellularity_percent", "cns"])
def test_beyond_the_boundary_there_is_no_flag(cell: str) -> None:
    value = {"platelet_transfusion_date": "2020-01-14", "cellularity_percent": "10", "cns": "CNS1"}[cell]
    assert classify(replace(REMISSION, **{cell: value})).flags == ()


def test_blood_blasts_that_a_reviewer_calls_not_leukemic() -> None:
    found = classify(replace(REMISSION, pb_blasts_percent="1", pb_blasts_leukemic="N"))
    assert (found.response, found.flags) == ("CR", ())


EARLIER = """
    baseline EMD | baseline CNS | EMD now | CNS now | response | flag               | clause
    -------------+--------------+---------+---------+----------+--------------------+------------------------
    N            |              |         |         | CR       | EMD_NOT_ASSESSED   | absent before treatment
    Y            |              |         |         | NE       | EMD_NOT_REASSESSED | known and not looked at
    Y            |              | N       |         | CR       | -                  | gone
    Y            |              | Y       |         | NR       | EMD                | still there
    N            | CNS3         | N       |         | NE       | CNS_NOT_REASSESSED | known and not looked at
    N            | CNS3         | N       | CNS1    | CR       | -                  | gone
    N            | CNS1         | N       |         | CR       | -                  | absent before treatment
"""


@pytest.mark.parametrize(("emd", "cns", "emd_now", "cns_now", "response", "flag", "clause"), rows(EARLIER))
def test_extramedullary_disease_before(
    *, emd: str, cns: str, emd_now: str, cns_now: str, response: str, flag: str, clause: str
) -> None:
    before = Assessment(subject_id="S1", visit="baseline", course="0", extramedullary=emd, cns=cns)
    now = replace(REMISSION, extramedullary=emd_now, cns=cns_now)
    assert classify(now, before).response == response, clause
    assert {flag} - {"-"} <= set(classify(before, now).flags), clause


WINDOW = """
    days after marrow | response                | flag
    ------------------+-------------------------+------------------
    0                 | CR                      | -
    7                 | CR                      | -
    -7                | CR                      | -
    8                 | INDETERMINATE_REMISSION | CBC_OUT_OF_WINDOW
    -8                | INDETERMINATE_REMISSION | CBC_OUT_OF_WINDOW
"""


@pytest.mark.parametrize(("days", "response", "flag"), rows(WINDOW))
def test_window_of_the_count(days: str, response: str, flag: str) -> None:
    day = MARROW + timedelta(days=int(days))
    own = classify(replace(REMISSION, cbc_date=day.isoformat()))
    without = replace(REMISSION, anc="", platelets="", cbc_date="")
    serial = classify(without, counts=(BloodCount(subject_id="S1", date=day, anc="1.5", platelets="150"),))
    assert own.response == serial.response == response
    assert {flag} - {"-"} <= set(own.flags) & set(serial.flags)


def count(days: int, platelets: str, anc: str = "1.5") -> BloodCount:
    return BloodCount(subject_id="S1", date=MARROW + timedelta(days=days), anc=anc, platelets=platelets)


def event(days: int, kind: EventKind) -> Event:
    return Event(subject_id="S1", date=MARROW + timedelta(days=days), kind=kind, detail="")


COURSE_1 = Event(subject_id="S1", date=START, kind=EventKind.COURSE_START, detail="")
LOW = replace(REMISSION, platelets="60")

RECOVERY = """
    recovered on day | what follows, and its day | response | flag              | clause
    -----------------+---------------------------+----------+-------------------+---------------------------
    12               | course_start 14           | CR       | UPGRADED_FROM_CRp | before the next course
    13               | course_start 14           | CR       | UPGRADED_FROM_CRp | the day before
    14               | course_start 14           | CRp      | -                 | the day itself is too late
    12               | course_start 0            | CRp      | -                 | course on the marrow day
    12               | inotuzumab 10             | CRp      | -                 | other therapy in between
    12               | sct 10                    | CRp      | -                 | transplantation in between
    12               | last_contact 40           | CR       | UPGRADED_FROM_CRp | no course followed
"""


@pytest.mark.parametrize(("on", "follows", "response", "flag", "clause"), rows(RECOVERY))
def test_later_recovery(on: str, follows: str, response: str, flag: str, clause: str) -> None:
    kind, day = follows.split()
    found = classify(
        LOW, events=(COURSE_1, event(int(day), EventKind(kind))), counts=(count(int(on), "150"),)
    )
    assert found.response == response, clause
    assert {flag} - {"-"} <= set(found.flags), clause
    assert found.upgraded_on == (None if flag == "-" else MARROW + timedelta(days=int(on))), clause


def test_no_recovery_is_concluded_where_courses_are_not_known() -> None:
    found = classify(LOW, counts=(count(12, "150"),))
    assert found.response == "CRp"
    assert {"UPGRADE_NOT_ASSESSED", "REVIEW"} <= set(found.flags)


def test_the_nearest_count_decides_and_a_tie_goes_to_the_lower() -> None:
    row = replace(REMISSION, anc="", platelets="", cbc_date="")
    nearest = classify(row, counts=(count(-3, "150"), count(1, "60")))
    tie = classify(row, counts=(count(-2, "150"), count(2, "60")))
    assert nearest.response == tie.response == "CRp"
    assert "CBC_CONFLICT" in tie.flags
    assert "CBC_CONFLICT" not in nearest.flags


UNASSESSED = """
    event     | day | flags                     | clause
    ----------+-----+---------------------------+-------------------------
    death     | 4   | EARLY_DEATH NO_ASSESSMENT | early death
    death     | 28  | EARLY_DEATH NO_ASSESSMENT | day 28 is within 28 days
    death     | 29  | NO_ASSESSMENT             | later
    off_study | 40  | NO_ASSESSMENT             | left
"""


@pytest.mark.parametrize(("kind", "on", "flags", "clause"), rows(UNASSESSED))
def test_never_assessed_is_no_responder(kind: str, on: str, flags: str, clause: str) -> None:
    row = Assessment(subject_id="S1", visit="C1", course="1")
    before = replace(
        REMISSION, visit="baseline", course="0", blasts_percent="90", marrow_date=START.isoformat()
    )
    end = Event(subject_id="S1", date=START + timedelta(days=int(on)), kind=EventKind(kind), detail="")
    found = classify(before, row, events=(end,))
    assert (found.response, found.responder) == ("NE", "N"), clause
    assert set(flags.split()) == set(found.flags), clause


def test_an_assessment_after_death_contradicts_itself() -> None:
    found = classify(REMISSION, events=(event(-1, EventKind.DEATH),))
    assert found.response == "ERROR"
    assert "DATE_ORDER" in found.flags


SERIAL_BLASTS = """
    days after marrow | blood blasts | response
    ------------------+--------------+---------
    0                 | 0            | CR
    7                 | 3            | NR
    8                 | 3            | CR
    -2                | rare         | NE
"""


@pytest.mark.parametrize(("days", "blasts", "response"), rows(SERIAL_BLASTS))
def test_blood_blasts_of_the_nearest_count(*, days: str, blasts: str, response: str) -> None:
    serial = replace(count(int(days), "150"), pb_blasts_percent=blasts)
    assert classify(replace(REMISSION, pb_blasts_percent=""), counts=(serial,)).response == response


def test_without_dates_the_courses_give_the_order() -> None:
    undated = replace(REMISSION, marrow_date="")
    found = classify_subject(
        SUBJECT,
        events=(),
        assessments=[replace(REMISSION, visit="C2", course="2"), undated],
        counts=(),
        criteria=CRITERIA,
    )
    assert [one.assessment.visit for one in found] == ["C1", "C2"]


def test_before_treatment_there_is_no_response() -> None:
    found = classify(replace(REMISSION, visit="Baseline", course="0", marrow_date=START.isoformat()))
    assert (found.response, found.responder, found.flags) == ("NE", "NE", ("BASELINE",))


def test_order_of_best_response() -> None:
    """Trial page: "CR > CRp > CRi > indeterminate remission > NR > NE over all courses"."""
    order = ["CR", "CRp", "CRi", "INDETERMINATE_REMISSION", "NR", "NE", "ERROR"]
    ranks = [response_rank(name, CRITERIA) for name in order]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(order)
    assert response_rank("CR_OR_CRp", CRITERIA) == response_rank("INDETERMINATE_REMISSION", CRITERIA)
