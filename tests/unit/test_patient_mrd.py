"""MRD of a visit: this software's calls and results made elsewhere, under the trial's profile."""

from dataclasses import replace
from datetime import date

import pytest
from karyotype_records import EVIDENCE
from tables import rows

from mrdkit.patient.criteria import Criteria, read_criteria
from mrdkit.patient.criteria_sections import MrdPolicy
from mrdkit.patient.mrd import mrd_at_visit, mrd_readings
from mrdkit.patient.mrd_flow import flow_of_call, flow_of_external
from mrdkit.patient.mrd_ngs import ngs_of_call, ngs_of_external
from mrdkit.patient.records import ExternalResult
from mrdkit.results import FlowMrdCall, MrdStatus, NgsMrdCall, Specimen

CRITERIA = read_criteria("jabbour2023")
DAY = date(2020, 1, 22)
SPECIMEN = Specimen(subject_id="S1", visit="C1", specimen_id="BM1", collected_on=DAY)

FLOW = FlowMrdCall(
    specimen=SPECIMEN,
    state="negative",
    status={"1e-4": MrdStatus.NEGATIVE},
    detected=False,
    quantifiable=None,
    n_target=0,
    n_denominator=500_000,
    denominator="nucleated",
    n_hematogones=0,
    fraction=0.0,
    ci_low=0.0,
    ci_high=7.4e-6,
    lob=1e-5,
    lod=4e-5,
    loq=1e-4,
    sensitivity=4e-5,
    lineage_arms=(),
    gates=(),
    panel="test",
    flags=(),
    reasons=(),
    evidence=EVIDENCE,
)
NGS = NgsMrdCall(
    specimen=SPECIMEN,
    sample_id="N1",
    compartment="cellular",
    cells=3e6,
    cells_source="reference_loci",
    plasma_ml=None,
    tracking=(),
    mrd_per_million=0.0,
    mrd_per_ml=None,
    driving_target=None,
    aggregation="maximum",
    detected=False,
    quantifiable=False,
    upper_limit=9.99e-7,
    status=dict.fromkeys(("1e-4", "1e-5", "1e-6"), MrdStatus.NEGATIVE),
    log_reduction=None,
    new_dominant=(),
    evolved=(),
    discordant_targets=(),
    flags=(),
    reasons=(),
    evidence=EVIDENCE,
)
RESULT = ExternalResult(
    subject_id="S1",
    visit="C1",
    specimen_id=None,
    collected_on=DAY,
    assay="flow_mrd",
    status="",
    source="elsewhere",
)


def stands(flag: str, flags: set[str]) -> bool:
    """Tell whether a flag of a table, which may be cut to its first words, is there."""
    return flag == "-" or any(found.startswith(flag) for found in flags)


def with_policy(word: str) -> Criteria:
    cells = {name: getattr(CRITERIA, name) for name in CRITERIA.__dataclass_fields__}
    policy = MrdPolicy(clause="", flow_threshold="1e-4", flow_detected_below=word)  # type: ignore[arg-type]  # a word
    return Criteria(**{**cells, "mrd": policy})


STATES = """
    state          | fraction | status        | jabbour2023   | if < 1e-4 is negative | flag
    ---------------+----------+---------------+---------------+-----------------------+-------------
    positive       | 6e-4     | positive      | positive      | positive              | -
    detected_below | 9.8e-5   | indeterminate | positive      | negative              | BELOW_1E4
    detected_below | 2e-4     | indeterminate | positive      | positive              | -
    insufficient   | 0        | indeterminate | indeterminate | indeterminate         | INSUFFICIENT
    negative       | 0        | negative      | negative      | negative              | -
    not_evaluable  |          | not_evaluable | not_evaluable | not_evaluable         | -
"""


@pytest.mark.parametrize(("state", "fraction", "status", "ours", "below", "flag"), rows(STATES))
def test_a_flow_call_under_two_profiles(
    *, state: str, fraction: str, status: str, ours: str, below: str, flag: str
) -> None:
    call = replace(
        FLOW,
        state=state,  # type: ignore[arg-type]  # a word of the table
        status={"1e-4": MrdStatus(status)},
        fraction=float(fraction) if fraction else None,
    )
    found = flow_of_call(call, "C1", CRITERIA)
    assert found.overall == found.measurement.status["1e-4"] == ours
    assert flow_of_call(call, "C1", with_policy("negative")).overall == below
    assert stands(flag, {finding.flag for finding in found.findings})


DELIVERED = """
    status        | count | of     | lod     | value | unit    | word          | flag
    --------------+-------+--------+---------+-------+---------+---------------+-------------------------
    NEGATIVE      |       |        |         |       |         | negative      | SENSITIVITY_NOT
    negative      |       |        | 1e-4    |       |         | negative      | -
    negative      |       |        | 2e-4    |       |         | indeterminate | INSUFFICIENT
    negative      | 300   | 500000 | 4e-5    |       |         | positive      | STATUS_CONTRA
    negative      | 49    | 500000 | 4e-5    |       |         | positive      | BELOW_1E4
    negative      | 3     | 500000 | 4e-5    |       |         | indeterminate | BELOW_LOD
    positive      | 0     | 500000 | 4e-5    |       |         | indeterminate | STATUS_CONTRA
    positive      |       |        |         |       |         | positive      | -
    positive      |       |        |         | 0.005 | percent | positive      | BELOW_1E4
    indeterminate | 0     | 500000 | 4e-5    |       |         | indeterminate | -
    maybe         |       |        |         |       |         | not_evaluable | STATUS_UNKNOWN
                  |       |        |         |       |         | not_evaluable | NO_RESULT
                  | 0     | 500000 |         |       |         | indeterminate | LOD_MISSING
                  | 0     | 200000 | 1e-4    |       |         | negative      | -
                  | 0     | 5000   | 1e-4    |       |         | indeterminate | LOD_IMPLAUSIBLE
                  | 20    | 200000 | 1e-4    |       |         | positive      | -
                  | 19    | 200000 | 1e-4    |       |         | indeterminate | BELOW_LOD
                  | 20    | 300000 | 6.67e-5 |       |         | positive      | BELOW_1E4
                  | 600   | 500    | 1e-4    |       |         | not_evaluable | CLUSTER_GT_TOTAL
                  | 0     | 0      |         |       |         | not_evaluable | ZERO_DENOMINATOR
                  |       |        | 1e-5    | 3     | furlong | positive      | UNIT_UNKNOWN
"""


@pytest.mark.parametrize(("status", "count", "of", "lod", "value", "unit", "word", "flag"), rows(DELIVERED))
def test_a_flow_result_made_elsewhere(
    *, status: str, count: str, of: str, lod: str, value: str, unit: str, word: str, flag: str
) -> None:
    result = replace(
        RESULT,
        status=status,
        numerator=int(count) if count else None,
        denominator=float(of) if of else None,
        lod=float(lod) if lod else None,
        value=float(value) if value else None,
        unit=unit or None,
    )
    found = flow_of_external(result, CRITERIA)
    assert found.overall == word
    assert stands(flag, {finding.flag for finding in found.findings})


SEQUENCED = """
    status   | templates | cells    | lod  | 1e-4          | 1e-5          | 1e-6          | flag
    ---------+-----------+----------+------+---------------+---------------+---------------+-------------------------
             | 0         | 3000000  |      | negative      | negative      | negative      | LOD_POISSON
             | 0         | 2995732  |      | negative      | negative      | indeterminate | INSUFFICIENT
             | 0         | 100000   |      | negative      | indeterminate | indeterminate | INSUFFICIENT
             | 0         | 2000000  | 1e-6 | negative      | negative      | negative      | LOD_STATED
             | 0         | 500000   | 1e-6 | negative      | negative      | indeterminate | LOD_IMPLAUSIBLE
             | 6         | 2000000  |      | negative      | negative      | positive      | -
             | 1         | 2000000  |      | negative      | negative      | indeterminate | DETECTED_BELOW_L
             | 10        | 20000000 |      | negative      | negative      | indeterminate | DETECTED_BELOW_1
             | 400       | 2000000  |      | positive      | positive      | positive      | -
             |           |          |      | not_evaluable | not_evaluable | not_evaluable | NO_RESULT
    negative |           |          |      | negative      | negative      | negative      | SENSITIVITY_NOT
    negative |           | 1000000  |      | negative      | negative      | indeterminate | INSUFFICIENT
    negative | 400       | 2000000  |      | positive      | positive      | positive      | STATUS_CONTRA
    positive |           |          |      | indeterminate | indeterminate | positive      | -
"""


@pytest.mark.parametrize(("status", "templates", "cells", "lod", "e4", "e5", "e6", "flag"), rows(SEQUENCED))
def test_a_sequencing_result_made_elsewhere(
    *, status: str, templates: str, cells: str, lod: str, e4: str, e5: str, e6: str, flag: str
) -> None:
    result = replace(
        RESULT,
        assay="ngs_mrd",
        status=status,
        numerator=int(templates) if templates else None,
        denominator=float(cells) if cells else None,
        lod=float(lod) if lod else None,
    )
    found = ngs_of_external(result)
    assert dict(found.status) == {"1e-4": e4, "1e-5": e5, "1e-6": e6}
    assert stands(flag, {finding.flag for finding in found.findings})


def test_a_sequencing_call_that_detected_is_not_negative_at_its_depth() -> None:
    call = replace(NGS, detected=True, mrd_per_million=0.5)
    found = ngs_of_call(call, "C1")
    assert dict(found.status) == {"1e-4": "negative", "1e-5": "negative", "1e-6": "indeterminate"}
    assert found.measurement.fraction == pytest.approx(5e-7)
    assert ngs_of_call(NGS, "C1").overall == "negative"


TOGETHER = """
    flow          | sequencing    | combined      | discordant | clause
    --------------+---------------+---------------+------------+---------------------------
    negative      | negative      | negative      | no         | agree
    positive      | positive      | positive      | no         | agree
    negative      | positive      | positive      | yes        | the deeper method decides
    positive      | negative      | negative      | yes        | the deeper method decides
    positive      | indeterminate | positive      | no         | a positive is never hidden
    negative      | indeterminate | indeterminate | no         | the deeper method decides
    indeterminate | negative      | negative      | no         | the deeper method decides
    negative      | not_evaluable | negative      | no         | only flow says something
    negative      |               | negative      | no         | only flow was tested
                  | positive      | positive      | no         | only sequencing was tested
                  |               | not_tested    | no         | nothing was tested
"""


@pytest.mark.parametrize(("flow", "sequencing", "combined", "discordant", "clause"), rows(TOGETHER))
def test_flow_and_sequencing_together(
    *, flow: str, sequencing: str, combined: str, discordant: str, clause: str
) -> None:
    results = [
        replace(RESULT, assay=assay, status=word)  # type: ignore[arg-type]  # a word of the table
        for assay, word in (("flow_mrd", flow), ("ngs_mrd", sequencing))
        if word
    ]
    found = mrd_at_visit("c1 ", DAY, mrd_readings((), results, CRITERIA))
    assert found.mrd_combined == combined, clause
    assert found.mrd_flow == (flow or "not_tested")
    assert found.mrd_ngs["1e-6"] == (sequencing or "not_tested")
    assert ("DISCORDANT" in {finding.flag for finding in found.findings}) == (discordant == "yes")


def test_two_results_of_one_visit_never_hide_a_positive_one() -> None:
    results = [replace(RESULT, status=word, specimen_id=word) for word in ("negative", "positive")]
    found = mrd_at_visit("C1", DAY, mrd_readings((), results, CRITERIA))
    assert found.mrd_flow == "positive"
    assert {"RESULTS_DISAGREE", "REVIEW"} <= {finding.flag for finding in found.findings}
    assert len(found.measurements) == 2


REPLICATES = """
    first       | second      | 1e-4     | 1e-5          | 1e-6          | clause
    ------------+-------------+----------+---------------+---------------+------------------------------------
    0/3500000   | 2/3500000   | negative | negative      | indeterminate | found below the LoD: never negative
    0/3500000   | 0/1000000   | negative | negative      | negative      | the deeper one speaks
    20/3500000  | 700/3500000 | positive | positive      | positive      | the higher one at 1e-4
    20/3500000  | 0/100000    | negative | negative      | positive      | too few cells hide nothing
"""


@pytest.mark.parametrize(("first", "second", "at_1e4", "at_1e5", "at_1e6", "clause"), rows(REPLICATES))
@pytest.mark.parametrize("turned", [False, True])
def test_replicates_of_one_visit(
    *, first: str, second: str, at_1e4: str, at_1e5: str, at_1e6: str, clause: str, turned: bool
) -> None:
    results = []
    for number, counted in enumerate((second, first) if turned else (first, second)):
        numerator, denominator = (int(part) for part in counted.split("/"))
        one = replace(RESULT, assay="ngs_mrd", status="", specimen_id=f"N{number}", lod=None)
        results.append(replace(one, numerator=numerator, denominator=float(denominator)))
    found = mrd_at_visit("C1", DAY, mrd_readings((), results, CRITERIA))
    assert tuple(found.mrd_ngs.values()) == (at_1e4, at_1e5, at_1e6), clause
    assert "MULTIPLE_RESULTS" in {finding.flag for finding in found.findings}


def test_a_replicate_below_the_smallest_cluster_is_not_made_negative() -> None:
    nothing = replace(RESULT, status="", numerator=0, denominator=500_000.0, lod=4e-5)
    few = replace(nothing, numerator=10, specimen_id="F2")
    found = mrd_at_visit("C1", DAY, mrd_readings((), (nothing, few), CRITERIA))
    assert found.mrd_flow == "indeterminate"
    assert {"RESULTS_DISAGREE", "REVIEW"} <= {finding.flag for finding in found.findings}


def test_a_result_without_visit_belongs_to_the_marrow_of_its_day() -> None:
    call = replace(FLOW, specimen=replace(SPECIMEN, visit=None))
    readings = mrd_readings((call,), (), CRITERIA)
    assert mrd_at_visit("C1", DAY, readings).mrd_flow == "negative"
    assert mrd_at_visit("C2", date(2020, 3, 1), readings).mrd_flow == "not_tested"
