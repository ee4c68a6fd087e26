"""The conclusion of a flow MRD report, one sentence per state."""

from dataclasses import replace

import pytest
from report_examples import DETECTION, phenotype_call
from tables import rows

from mrdkit.report.flow_wording import flow_conclusion
from mrdkit.results import FlowMrdCall

#: In every row the limit of quantitation is 9.9e-5 and the cells are nucleated; "gate, blanks" is a target gate with a background.
CONCLUSIONS = """
    state          | found by    | quantifiable | events | cells   | fraction | interval          | sensitivity | conclusion
    ---------------+-------------+--------------+--------+---------+----------+-------------------+-------------+----------------------------------------------------------------
    positive       | diagnosis   | yes          | 102    | 443953  | 2.44e-4  | 1.93e-4 3.04e-4   | 3.6e-5      | Positive: 102 MRD events of 443,953 nucleated cells, 2.4e-4 after correction for background and recall (95 % interval 1.9e-4 to 3.0e-4); sensitivity reached 3.6e-5.
    positive       | gate, blanks | yes         | 345    | 148063  | 2.29e-3  | 2.02e-3 2.56e-3   | 6.8e-5      | Positive: 345 MRD events of 148,063 nucleated cells, 2.3e-3 after correction for background (95 % interval 2.0e-3 to 2.6e-3); sensitivity reached 6.8e-5.
    positive       | fixed gates | yes          | 345    | 148063  | 2.33e-3  | 2.09e-3 2.59e-3   | 6.8e-5      | Positive: 345 MRD events of 148,063 nucleated cells, 2.3e-3 (95 % interval 2.1e-3 to 2.6e-3); sensitivity reached 6.8e-5.
    detected_below | diagnosis   | yes          | 47     | 943953  | 6.1e-5   | 3.9e-5 9.2e-5     | 3.6e-5      | Detected below 1e-4, neither positive nor negative at 1e-4: 47 MRD events of 943,953 nucleated cells, 6.1e-5 after correction for background and recall (95 % interval 3.9e-5 to 9.2e-5); sensitivity reached 3.6e-5.
    detected_below | diagnosis   | no           | 27     | 443953  | 6.1e-5   | 3.9e-5 9.2e-5     | 3.6e-5      | Detected, not quantifiable (a cluster, but with too few events for a reliable number; limit of quantitation 9.9e-5), neither positive nor negative at 1e-4: 27 MRD events of 443,953 nucleated cells, about 6.1e-5 after correction for background and recall (95 % interval 3.9e-5 to 9.2e-5); sensitivity reached 3.6e-5.
    insufficient   | diagnosis   | no           | 2      | 41200   | 0        | 0 1.6e-4          | 2.5e-4      | Insufficient, not a negative: no cluster among 41,200 nucleated cells (2 events called, 95 % interval 0 to 1.6e-4), and one at 1e-4 could have been missed; sensitivity reached 2.5e-4.
    negative       | diagnosis   | no           | 2      | 443953  | 0        | 0 1.3e-5          | 3.6e-5      | Negative at a sensitivity of 3.6e-5: no cluster among 443,953 nucleated cells (2 events called, 95 % interval 0 to 1.3e-5).
    positive       | screening   | yes          | 102    | 443953  | 2.30e-4  | 1.87e-4 2.79e-4   | 3.6e-5      | Positive: 102 MRD events of 443,953 nucleated cells, 2.3e-4 (95 % interval 1.9e-4 to 2.8e-4); sensitivity reached 3.6e-5; by screening only, without a diagnosis tube.
    insufficient   | screening   | no           | 0      | 443953  | 0        | 0 1.3e-5          | 3.6e-5      | Insufficient, not a negative: no cluster among 443,953 nucleated cells (0 events called, 95 % interval 0 to 1.3e-5), and one at 1e-4 could have been missed; sensitivity reached 3.6e-5; by screening only, without a diagnosis tube.
    negative       | diagnosis   | no           | 1      | 443953  | 0        | 0 1.3e-5          | 3.6e-5      | Negative at a sensitivity of 3.6e-5: no cluster among 443,953 nucleated cells (1 event called, 95 % interval 0 to 1.3e-5).
    not_evaluable  | diagnosis   | -            | -      | 443953  | -        | - -               | -           | Not evaluable: the tube cannot be judged and no quantity is given.
"""


def call_of(row: list[str]) -> FlowMrdCall:
    state, found_by, quantifiable, events, cells, fraction, interval, sensitivity, _ = row
    low, high = interval.split()
    return phenotype_call(
        state=state,
        quantifiable={"yes": True, "no": False, "-": None}[quantifiable],
        n_target=None if events == "-" else int(events),
        n_denominator=int(cells),
        fraction=number(fraction),
        ci_low=number(low),
        ci_high=number(high),
        sensitivity=number(sensitivity),
        n_blanks=None if found_by == "fixed gates" else 84,
        detection={
            "diagnosis": DETECTION,
            "screening": replace(DETECTION, method="screening"),
        }.get(found_by),
    )


def number(cell: str) -> float | None:
    return None if cell == "-" else float(cell)


@pytest.mark.parametrize("row", rows(CONCLUSIONS), ids=lambda row: f"{row[0]}, {row[1]}")
def test_the_conclusion_is_one_sentence(row: list[str]) -> None:
    assert flow_conclusion(call_of(row)) == row[-1]
    assert row[-1].count(". ") == 0
