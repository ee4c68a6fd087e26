"""Which results of flow and sequencing are compared: one visit, one day where a label stands for several."""

from itertools import permutations
from typing import Literal

import pytest
from hypothesis import given
from mrd_points import in_two_orders, measured
from tables import rows

from mrdkit.patient.mrd_pairs import comparison_findings_of, comparisons_of
from mrdkit.patient.mrd_records import MrdMeasurement

PAIRS = """
    flow                | sequencing          | pairs             | clause
    --------------------+---------------------+-------------------+----------------------------------------------
    C1 0                | C1 0                | C1                | one visit, one day
    C1 0                | c1 5                | C1                | one visit, in any case; the days are told
    C1 0                | C2 0                |                   | two visits are not joined by their day
    C1 0                | . 0                 | C1                | without a visit the day joins
    . 0                 | . 0                 | .                 | two without a visit, of one day
    . 0                 | . 5                 |                   | two without a visit, of two days
    . -                 | . -                 |                   | neither visit nor day
    C1 -                | C1 -                | C1                | one visit without days
    C1 0, C1 28         | C1 0, C1 28         | C1, C1            | a label of several days: by day
    C1 0, C1 28         | C1 28               | C1                | the other flow result is alone
    C1 0, C1 28         | C1 5                | C1 unclear        | a label of several days, none shared
    C1 0                |                     |                   | one method alone
"""


def results(cell: str, method: Literal["flow", "ngs"]) -> list[MrdMeasurement]:
    found = []
    for one in filter(None, cell.split(", ")):
        visit, day = one.split()
        found.append(
            measured(
                "1e-3",
                visit=visit.replace(".", ""),
                day=None if day == "-" else int(day),
                method=method,
            )
        )
    return found


@pytest.mark.parametrize(("flow", "sequencing", "pairs", "clause"), rows(PAIRS))
def test_pairs(*, flow: str, sequencing: str, pairs: str, clause: str) -> None:
    found = comparisons_of([*results(flow, "flow"), *results(sequencing, "ngs")])
    named = [f"{one.visit or '.'}{' unclear' if one.flags else ''}" for one in found]
    assert named == list(filter(None, pairs.split(", "))), clause


def test_the_days_between_two_specimens_of_a_visit_are_told() -> None:
    (pair,) = comparisons_of([*results("C1 0", "flow"), *results("C1 5", "ngs")])
    assert pair.days_apart == 5


def test_a_label_of_several_marrows_is_only_paired_by_day() -> None:
    found = [*results("follow-up -", "flow"), *results("follow-up -", "ngs")]
    (pair,) = comparisons_of(found, {"follow-up"})
    assert (pair.at_threshold, pair.flags) == ("not_comparable", ("MRD_PAIR_UNCLEAR",))


@given(in_two_orders())
def test_the_order_of_the_rows_does_not_matter(
    found: tuple[list[MrdMeasurement], list[MrdMeasurement]],
) -> None:
    first, second = found
    assert comparisons_of(first) == comparisons_of(second)


@pytest.mark.parametrize("order", list(permutations(("<1e-6", "1e-3", "not_evaluable"))))
def test_of_several_results_the_one_that_found_disease_is_compared(order: tuple[str, ...]) -> None:
    flow = measured("1e-3")
    (pair,) = comparisons_of([flow, *(measured(cell, method="ngs") for cell in order)])
    assert pair.detection == "concordant_positive"


def test_flow_alone_is_a_finding_of_the_patient() -> None:
    pairs = comparisons_of([measured("1e-3"), measured("<1e-6", method="ngs")])
    assert [finding.flag for finding in comparison_findings_of(pairs)] == [
        "FLOW_POSITIVE_NGS_NEGATIVE",
        "REVIEW",
    ]
    assert comparison_findings_of(comparisons_of([measured("<4e-5"), measured("1e-5", method="ngs")])) == ()
