"""What the karyotype before treatment alerts to: the Philadelphia chromosome, and HoTr with TP53 wild type."""

from dataclasses import replace
from typing import Literal, cast

import pytest
from karyotype_calls import RULE
from report_examples import TP53
from tables import rows

from mrdkit.karyotype import call_karyotype
from mrdkit.patient.before_treatment import BeforeTreatment
from mrdkit.patient.cytogenetic_alerts import cytogenetic_alerts
from mrdkit.patient.records import ExternalResult
from mrdkit.results import Call, Specimen

HYPODIPLOID = "36,X,-X,-2,-3,-4,-7,-9,-13,-15,-16,-17[12]/46,XX[8]"

ALERTS = """
    karyotype                         | visit    | TP53 called | TP53 delivered | alert                 | why
    ----------------------------------+----------+-------------+----------------+-----------------------+---
    46,XX,t(9;22)(q34;q11.2)[20]      | baseline |             |                | PH_POSITIVE_INELIGIBLE | the trial is Ph-negative
    46,XX,t(9;22)(q34;q11.2)[1]/46,XX[19] | baseline |         |                | PH_POSITIVE_INELIGIBLE | one cell is enough to look
    46,XX,t(9;22)(q34;q11.2)[20]      | C1       |             |                |                       | not before treatment
    46,XX,?t(9;22)(q34;q11.2)[20]     | baseline |             |                |                       | uncertain is no alert
    HYPODIPLOID                       | baseline | wild_type   |                | HOTR_TP53_WILD_TYPE   | unusual
    HYPODIPLOID                       | baseline |             | wild type      | HOTR_TP53_WILD_TYPE   | delivered from elsewhere
    HYPODIPLOID                       | baseline | mutated     |                |                       | as expected
    HYPODIPLOID                       | baseline | wild_type   | mutated        |                       | mutated in any sample
    HYPODIPLOID                       | baseline |             |                |                       | not tested
    HYPODIPLOID                       | C1       | wild_type   |                |                       | not before treatment
    46,XX[20]                         | baseline | wild_type   |                |                       | not HoTr
"""


@pytest.mark.parametrize("row", rows(ALERTS))
def test_alerts(row: list[str]) -> None:
    text, visit, called, delivered, alert, why = row
    karyotype = call_karyotype(
        HYPODIPLOID if text == "HYPODIPLOID" else text, specimen=Specimen(visit=visit), rule=RULE
    )
    calls: list[Call] = [karyotype]
    if called:
        calls.append(replace(TP53, status=cast("Literal['mutated', 'wild_type']", called)))
    external = ExternalResult(
        subject_id="P-01",
        visit="baseline",
        specimen_id=None,
        collected_on=None,
        assay="tp53",
        status=delivered,
        source="laboratory",
    )
    found = [
        each.flag for each in cytogenetic_alerts(calls, [external] if delivered else [], BeforeTreatment())
    ]
    assert [flag for flag in found if flag != "REVIEW"] == ([alert] if alert else []), why
    assert ("REVIEW" in found) == (alert == "HOTR_TP53_WILD_TYPE")
