"""Every row of the response table, by the profile it names, written as a laboratory would deliver it."""

import re
from datetime import date, timedelta

import pytest
from real_data import or_skip, real, real_rows

from mrdkit.patient.criteria import read_criteria
from mrdkit.patient.reading import read_counts
from mrdkit.patient.records import Assessment, BloodCount, Event, EventKind, Subject
from mrdkit.patient.sequence import classify_subject

START = date(2020, 1, 1)
MARROW = START + timedelta(days=21)

CASES = real_rows("trial/response_cases.csv")
#: The table's word for any answer that is no response -> the word of the contract.
WORDS = {"NOT_CR": "NR"}


def day(number: int) -> date:
    return START + timedelta(days=number)


def extras(case: dict[str, str]) -> dict[str, str]:
    return dict(part.split("=") for part in case["extra"].split(";") if "=" in part)


def assessment(case: dict[str, str]) -> Assessment:
    extra = extras(case)
    cbc = MARROW + timedelta(days=int(extra.get("cbc_minus_marrow_days", "0")))
    return Assessment(
        subject_id=case["case"],
        visit="C1",
        course="1",
        marrow_date=MARROW.isoformat() if case["bm_blast"] else "",
        blasts_percent=case["bm_blast"],
        marrow_evaluable=case["bm_evaluable"],
        cbc_date=cbc.isoformat(),
        anc=case["anc"],
        platelets=case["plt"],
        extramedullary=case["emd"],
        pb_blasts_percent=case["pb_blast_pct"],
        growth_factor=extra.get("gcsf_within_7d", ""),
        platelet_transfusion_date=cbc.isoformat() if "plt_transfusion_within_7d" in extra else "",
        pb_blasts_leukemic=extra.get("pb_blasts_leukemic", ""),
    )


def baseline(case: dict[str, str]) -> list[Assessment]:
    if "baseline_emd" not in extras(case):
        return []
    answer = extras(case)["baseline_emd"]
    return [Assessment(subject_id=case["case"], visit="baseline", course="0", extramedullary=answer)]


def events(case: dict[str, str]) -> list[Event]:
    found = []
    if match := re.search(r"death_day=(\d+)", case["extra"]):
        found.append((EventKind.DEATH, day(int(match[1]))))
    if match := re.search(r"course2 starts d(\d+)", case["extra"]):
        found.append((EventKind.COURSE_START, day(int(match[1]))))
    if "off_study" in case["extra"]:
        found.append((EventKind.OFF_STUDY, day(40)))
    return [Event(subject_id=case["case"], date=on, kind=kind, detail="") for kind, on in found]


def serial_counts(case: dict[str, str]) -> list[BloodCount]:
    """R064 tells its serial counts in words: "marrow d21 plt 60; cbc d33 plt 150"."""
    return [
        BloodCount(subject_id=case["case"], date=day(int(on)), anc=case["anc"], platelets=platelets)
        for on, platelets in re.findall(r"(?:marrow|cbc) d(\d+) plt (\d+)", case["extra"])
    ]


def lone_count(case: dict[str, str], row: Assessment) -> Assessment:
    """Where the serial counts are told, the row itself carries none."""
    if not serial_counts(case):
        return row
    cells = {name: getattr(row, name) for name in row.__slots__}
    return Assessment(**{**cells, "anc": "", "platelets": "", "cbc_date": ""})


@pytest.mark.parametrize("case", or_skip(CASES), ids=lambda case: str(case["case"]))
def test_case_of_the_table(case: dict[str, str]) -> None:
    subject = Subject(
        subject_id=case["case"],
        sex=None,
        age=None,
        treatment_start=START,
        arm=None,
        salvage=None,
        cr1_duration_months=None,
        prior_sct=None,
        extra={},
    )
    criteria = read_criteria(case["profile"])
    found = classify_subject(
        subject,
        events=events(case),
        assessments=[lone_count(case, assessment(case)), *baseline(case)],
        counts=[read_counts(row, criteria) for row in serial_counts(case)],
        criteria=criteria,
    )
    answer = found[-1].answer
    expected = WORDS.get(case["expected"], case["expected"])
    assert (answer.response, answer.responder) == (expected, case["responder"]), answer
    assert set(filter(None, case["flags"].split(";"))) <= set(answer.flags)


def test_the_table_is_whole() -> None:
    real("trial/response_cases.csv")
    assert len(CASES) == 57
