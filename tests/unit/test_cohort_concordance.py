"""Flow beside sequencing over a cohort, with the numbers of a published one."""

from typing import Literal

import pytest
from mrd_points import measured
from report_examples import record_of

from mrdkit.cohort.concordance import agreement_rows
from mrdkit.patient.mrd_concordance_findings import concordance_rule
from mrdkit.patient.records import PatientRecord


def patient(flow: str, ngs: str, *, visit: str = "C1") -> PatientRecord:
    found: list[tuple[str, Literal["flow", "ngs"]]] = [(flow, "flow"), (ngs, "ngs")]
    return record_of(mrd=tuple(measured(cell, method=method, visit=visit) for cell, method in found))


def test_seventy_four_published_pairs() -> None:
    """12 and 47 of 74 samples concordant (80 %), 14 by sequencing alone (19 %), 1 by flow alone (1 %).

    Annals of Leukemia Research and Therapy 4:008, abstract.
    """
    cohort = [
        *[patient("1e-3", "2e-3")] * 12,
        *[patient("<4e-5", "<1e-6")] * 47,
        *[patient("<4e-5", "1e-5")] * 14,
        patient("1e-3", "<1e-6"),
    ]
    found = {row.agreement: row for row in agreement_rows(cohort) if row.question == "disease found"}
    assert [row.n for row in found.values()] == [12, 47, 14, 1, 0]
    rule = concordance_rule()
    both = (found["concordant_positive"].percent or 0) + (found["concordant_negative"].percent or 0)
    assert round(both) == rule.concordant_percent[0]
    assert round(found["ngs_only"].percent or 0) == rule.ngs_only_percent[1]
    assert round(found["flow_only"].percent or 0) == rule.flow_only_percent
    assert {row.denominator for row in found.values()} == {74, None}


def test_what_cannot_be_compared_is_counted_apart() -> None:
    cohort = [patient("1e-3", "2e-3"), patient("not_evaluable", "2e-3")]
    found = {row.agreement: row for row in agreement_rows(cohort) if row.question == "at the threshold"}
    assert (found["concordant_positive"].n, found["concordant_positive"].denominator) == (1, 1)
    assert found["concordant_positive"].percent == pytest.approx(100.0)
    assert (found["not_comparable"].n, found["not_comparable"].percent) == (1, None)


def test_a_sample_before_treatment_says_nothing_of_residual_disease() -> None:
    assert agreement_rows([patient("0.8", "0.7", visit="baseline")]) == ()
    assert agreement_rows([record_of(mrd=())]) == ()
