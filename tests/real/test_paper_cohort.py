"""A generated cohort of 110, arranged to the integers of the trial report, gives its printed numbers."""

import csv

import pytest
from real_data import real
from strategies.cohort import paper_cohort
from tables import rows

from mrdkit.cohort import Endpoint, summarize, summarize_by
from mrdkit.cohort.comparisons import compare_counts
from mrdkit.cohort.groups import only

#: endpoint of mrdkit | row of paper_endpoints.csv | its group | patients
PRINTED = """
    endpoint                           | row                      | group         | only
    -----------------------------------+--------------------------+---------------+----------------------
    overall_response                   | ORR                      | all           |
    cr                                 | CR                       | all           |
    crp                                | CRp                      | all           |
    cri                                | CRi                      | all           |
    response_after_course_1            | responded_after_course_1 | responders    |
    early_death_28d                    | early_death_28d          | all           |
    mrd_negative_at_response           | MRD_neg_at_response      | assessed      |
    mrd_negative_best_within_3_courses | MRD_neg_best_3_courses   | assessed      |
    mrd_negative_best_within_3_courses | MRD_neg_best             | salvage_1     | salvage_group=1
    mrd_negative_best_within_3_courses | MRD_neg_best             | salvage_2plus | salvage_group=2+
    complete_cytogenetic_response      | CCyR                     | abnormal      |
    crlf2_positive                     | CRLF2_pos                | tested        |
    tp53_mutated                       | TP53_mut                 | tested        |
    high_risk_cytogenetics             | high_risk_cyto           | all           |
    complex_karyotype                  | complex_karyotype        | all           |
    sct                                | SCT                      | all           |
    overall_response                   | ORR                      | salvage_1     | salvage=1
    overall_response                   | ORR                      | salvage_2     | salvage=2
    overall_response                   | ORR                      | salvage_3plus | salvage=3+
"""

RECORDS = paper_cohort()


def printed(endpoint: str, group: str) -> dict[str, str]:
    """Return the one row of an endpoint and a group, long names cut."""
    with real("trial/paper_endpoints.csv").open(encoding="utf-8", newline="") as file:
        (row,) = (
            row
            for row in csv.DictReader(file)
            if row["endpoint"] == endpoint and row["group"].split(" pre ")[0] == group
        )
    return row


def one(found: tuple[Endpoint, ...], endpoint: str) -> Endpoint:
    (row,) = (row for row in found if row.endpoint == endpoint)
    return row


@pytest.mark.parametrize("cells", rows(PRINTED), ids=lambda cells: f"{cells[1]} {cells[2]}")
def test_count_and_percentage(cells: list[str]) -> None:
    endpoint, name, group, condition = cells
    row = printed(name, group)
    found = one(summarize(only(RECORDS, [condition] if condition else [])), endpoint)
    assert (found.n, found.denominator) == (int(row["x"]), int(row["n"]))
    assert found.percent is not None
    assert f"{found.percent:.0f}" == row["pct_or_value"]


def test_time_to_response() -> None:
    """Results: "median time to response was 27 days (range, 12-134)"."""
    row = printed("time_to_response_median", "responders")
    found = one(summarize(RECORDS), "time_to_response_days")
    assert [found.value, found.ci_low, found.ci_high] == [
        float(row[name]) for name in ("pct_or_value", "ci_low", "ci_high")
    ]


def test_transplant_before_and_after_the_amendment() -> None:
    """29 of 67 and 24 of 43: Pearson without Yates gives the printed 0.20."""
    found = {row.group: row for row in summarize_by(RECORDS, "arm") if row.endpoint == "sct"}
    assert {name: (row.n, row.denominator) for name, row in found.items()} == {
        "original": (29, 67),
        "modified": (24, 43),
    }
    assert {f"{row.p_value:.3f}" for row in found.values()} == {"0.199"}


def test_sinusoidal_obstruction_before_and_after_the_amendment() -> None:
    """9 of 67 and 1 of 43: the printed 0.05 is Pearson's 0.048; Fisher's 0.085 stands beside it."""
    counts = [
        (
            sum(record.subject.extra["sos"] == "Y" for record in only(RECORDS, [f"arm={arm}"])),
            len(only(RECORDS, [f"arm={arm}"])),
        )
        for arm in ("original", "modified")
    ]
    assert counts == [(9, 67), (1, 43)]
    found = compare_counts(counts, expected_less_than=5)
    assert f"{found.p_value:.3f}" == "0.048"
    assert "Fisher's exact P 0.085" in found.method


def test_platelets_that_did_not_recover() -> None:
    """57 of 67 and 22 of 43: P below 0.01, chi-square 0.00011 by the table's note."""
    found = compare_counts([(57, 67), (22, 43)], expected_less_than=5)
    assert f"{found.p_value:.5f}" == "0.00011"
