"""States of a flow MRD call, as a table that a hematologist can read and correct.

ALL MRD terms (Hematology 2021:718, Table 1). Rows M... are the worked boundary cases of the trial's material;
there a cluster of 20 events is detected and quantifiable.
"""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_data import real
from tables import rows

from mrdkit.flow.mrd.decision import EventRules, decide
from mrdkit.results import MrdStatus
from mrdkit.stats import clopper_pearson

DEFINITIONS = """
    case  | target | cells   | LOD | LOQ | sound | state          | at 1e-4       | why
    ------+--------+---------+-----+-----+-------+----------------+---------------+---------------------------
    M001  |    0   |  500000 |  20 |  20 |  yes  | negative       | negative      | sensitivity 4e-5
    M002  |    0   |  200000 |  20 |  20 |  yes  | negative       | negative      | 1e-4 itself is enough
    -     |    0   |  199999 |  20 |  20 |  yes  | insufficient   | indeterminate | one cell short of it
    M004  |    0   |  100000 |  20 |  20 |  yes  | insufficient   | indeterminate | sensitivity 2e-4
    M006  |   49   |  500000 |  20 |  20 |  yes  | detected_below | indeterminate | 9.8e-5
    -     |   50   |  500000 |  20 |  20 |  yes  | positive       | positive      | exactly 1e-4
    M011  |  300   |  500000 |  20 |  20 |  yes  | positive       | positive      | 6e-4
    -     |   40   |  400000 |  10 |  40 |  yes  | positive       | positive      | exactly LOQ, exactly 1e-4
    -     |   39   |  300000 |  10 |  40 |  yes  | detected_below | indeterminate | 1.3e-4, but below LOQ
    -     |   10   |  500000 |  10 |  40 |  yes  | detected_below | indeterminate | exactly the cluster of LOD
    -     |    9   |  500000 |  10 |  40 |  yes  | negative       | negative      | no cluster
    -     |   15   |   50000 |  10 |  40 |  yes  | detected_below | indeterminate | few cells hide no cluster
    -     |   60   |   50000 |  10 |  40 |  yes  | positive       | positive      | few cells hide no cluster
    -     |    9   |   50000 |  10 |  40 |  yes  | insufficient   | indeterminate | 1.8e-4 of nothing certain
    -     |    0   |  500000 |  10 |  40 |  no   | insufficient   | indeterminate | diluted: N is no marrow
    -     |   60   |  500000 |  10 |  40 |  no   | positive       | positive      | dilution hides no cluster
    M009  |    0   |       0 |  20 |  20 |  yes  | not_evaluable  | not_evaluable | zero denominator
"""


def rules(lod: int, loq: int) -> EventRules:
    return EventRules(
        threshold_at_least_fraction=1e-4,
        lod_at_least_events=lod,
        loq_at_least_events=loq,
        lineage_at_least_events=100,
    )


@pytest.mark.parametrize(
    ("case", "target", "cells", "lod", "loq", "sound", "state", "status", "why"), rows(DEFINITIONS)
)
def test_definition(  # noqa: PLR0917 (the columns of the table)
    case: str,
    target: str,
    cells: str,
    lod: str,
    loq: str,
    sound: str,
    state: str,
    status: str,
    why: str,
) -> None:
    decision = decide(int(target), int(cells), rules(int(lod), int(loq)), representative=sound == "yes")
    assert decision.state == state, f"{case}: {why}"
    assert decision.status == status, f"{case}: {why}"


def test_worked_cases_of_the_trial_material() -> None:
    """Rows of kind flow_mrd under the trial's own profile, numbers as printed there."""
    with real("trial/mrd_cyto_relapse_tte_cases.csv").open(encoding="utf-8", newline="") as file:
        cases = [
            row for row in csv.DictReader(file) if row["case"] in {"M001", "M002", "M004", "M006", "M009"}
        ]
    assert len(cases) == 5
    for row in cases:
        given_values = dict(part.split("=") for part in row["input"].split(";"))
        smallest = int(given_values["min_cluster"])
        decision = decide(
            int(given_values["cluster"]), int(given_values["nucleated"]), rules(smallest, smallest)
        )
        expected = dict(part.split("=") for part in row["expected_value"].split(";") if part)
        if "lod" in expected:
            assert decision.lod == pytest.approx(float(expected["lod"]))
        if "value" in expected:
            assert decision.fraction == pytest.approx(float(expected["value"]))
        assert set(filter(None, row["flags"].split(";"))) <= set(decision.flags)
        if row["expected_status"] in {"NEGATIVE", "INDETERMINATE"}:
            assert decision.status == row["expected_status"].lower()


@given(
    st.integers(1, 3_000_000), st.integers(0, 5_000), st.integers(1, 60), st.integers(0, 60), st.booleans()
)
def test_every_tube_has_one_honest_state(
    cells: int,
    target: int,
    lod: int,
    above_lod: int,
    representative: bool,  # noqa: FBT001 (a drawn value)
) -> None:
    target = min(target, cells)
    decision = decide(target, cells, rules(lod, lod + above_lod), representative=representative)
    if decision.status is MrdStatus.NEGATIVE:
        assert decision.sensitivity is not None
        assert decision.sensitivity <= 1e-4
        assert representative
        assert target < lod
    if decision.status is MrdStatus.POSITIVE:
        assert target / cells >= 1e-4
        assert decision.quantifiable
    assert decision.detected == (target >= lod)
    assert decision.interval == clopper_pearson(target, cells)


def test_more_target_events_than_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="5 target events of 4"):
        decide(5, 4, rules(10, 40))
    with pytest.raises(ValueError, match="target events of -1"):
        decide(0, -1, rules(10, 40))


@pytest.mark.parametrize(
    ("lod", "loq", "words"), [(0, 40, "greater than or equal to 1"), (50, 40, "not be below")]
)
def test_rules_that_contradict_themselves_are_refused(lod: int, loq: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rules(lod, loq)
