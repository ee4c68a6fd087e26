"""MRD over time, and flow beside sequencing."""

from dataclasses import replace
from typing import Literal

import pytest
from mrd_points import measured
from tables import rows

from mrdkit.patient.criteria import read_criteria
from mrdkit.patient.mrd_concordance import compare
from mrdkit.patient.mrd_flow import flow_of_external
from mrdkit.patient.mrd_ngs import ngs_of_external
from mrdkit.patient.mrd_points import level_of, state_of
from mrdkit.patient.mrd_trend import trends_of
from mrdkit.patient.records import ExternalResult

CHANGE_BETWEEN_TWO_DAYS = """
    first day          | second day         | days | change, log10 | doubling, days | flag                       | clause
    -------------------+--------------------+------+---------------+----------------+----------------------------+-----------------------------------------
    1e-3 [8e-4, 1.2e-3] | 1e-5 [5e-6, 2e-5] | 28   | -2            |                |                            | a fall of two decades
    1e-5 [5e-6, 2e-5]  | 1e-4 [8e-5, 1.2e-4] | 28  | 1             | 8.43           | MRD_RISING                 | intervals apart: ln 2 x 28 / ln 10
    1e-5 [5e-6, 2e-5]  | 2e-5 [1e-5, 4e-5]  | 30   | 0.301         | 30             |                            | doubled, but the intervals overlap
    1e-5 [5e-6, 2e-5]  | 3e-5 [2e-5, 4e-5]  | 30   | 0.477         | 18.93          |                            | intervals that touch overlap
    1e-5               | 1e-3               | 28   | 2             | 4.21           | MRD_RISE_WITHOUT_INTERVAL  | delivered without counts: not tested
    1e-4 [8e-5, 1.2e-4] | 1e-4 [8e-5, 1.2e-4] | 28 | 0             |                |                            | no change
    <1e-5              | 1e-4 [8e-5, 1.2e-4] | 28  | at least 1    | at most 8.43   | MRD_RISING                 | found again, above the earlier limit
    <1e-5              | 2e-5 [5e-6, 4e-5]  | 28   | at least 0.301 | at most 28    |                            | its interval reaches below that limit
    <1e-4              | 2e-5 [1e-5, 4e-5]  | 28   |               |                |                            | the earlier tube could not have seen it
    1e-3 [8e-4, 1.2e-3] | <1e-5             | 28   | at most -2    |                |                            | a fall of at least two decades
    1e-5 [5e-6, 2e-5]  | <1e-4              | 28   |               |                |                            | the later tube could not have seen it
    <1e-5              | <1e-6              | 28   |               |                |                            | found on neither day
"""


@pytest.mark.parametrize(
    ("first", "second", "days", "change", "doubling", "flag", "clause"), rows(CHANGE_BETWEEN_TWO_DAYS)
)
def test_change_between_two_days(
    *, first: str, second: str, days: str, change: str, doubling: str, flag: str, clause: str
) -> None:
    (trend,) = trends_of([measured(first), measured(second, day=int(days), visit="C2")])
    (step,) = trend.steps
    assert step.days == int(days)
    assert step.relation == _relation(change), clause
    assert step.change_log10 == (None if not change else pytest.approx(_number(change), abs=5e-4)), clause
    assert step.doubling_days == (None if not doubling else pytest.approx(_number(doubling), abs=5e-3)), (
        clause
    )
    assert step.doubling_relation == (_relation(doubling) if doubling else None)
    assert set(step.flags) == ({flag} if flag else set()), clause
    assert step.reasons


WHERE_A_RESULT_STANDS = """
    method | status             | count | of     | lod  | value | unit    | state         | at     | clause
    -------+--------------------+-------+--------+------+-------+---------+---------------+--------+-----------------------------------------
    flow   |                    | 300   | 500000 | 4e-5 |       |         | detected      | 6e-4   | a count above the smallest cluster
    flow   |                    | 0     | 500000 | 4e-5 |       |         | not_detected  | 4e-5   | below its limit, never 0
    flow   |                    | 0     | 500000 |      |       |         | no_value      |        | a limit that is not stated
    flow   |                    | 3     | 500000 | 4e-5 |       |         | not_detected  | 4e-5   | fewer events than the smallest cluster
    flow   | negative           |       |        | 1e-4 |       |         | not_detected  | 1e-4   | a word and its limit
    flow   | negative           |       |        |      |       |         | no_value      |        | a word alone
    flow   | positive           |       |        | 1e-4 |       |         | no_value      |        | positive is never drawn below a limit
    flow   | positive           | 0     | 500000 | 4e-5 |       |         | no_value      |        | word and count contradict each other
    flow   | negative           | 300   | 500000 | 4e-5 |       |         | detected      | 6e-4   | the count decides
    flow   | indeterminate      |       |        | 1e-4 |       |         | no_value      |        | nobody says that nothing was found
    flow   | detected_below_lod |       |        | 1e-4 |       |         | no_value      |        | found; no amount
    flow   | maybe              |       |        | 1e-4 |       |         | not_evaluable |        | an unknown word
    flow   |                    | 600   | 500    | 1e-4 |       |         | not_evaluable |        | an impossible count
    ngs    |                    | 6     | 2000000 |     |       |         | detected      | 3e-6   | templates among cells
    ngs    |                    | 1     | 2000000 |     |       |         | detected      | 5e-7   | one template is found, with its interval
    ngs    |                    | 0     | 2000000 |     |       |         | not_detected  | 1.5e-6 | the one-sided limit of the cells
    ngs    | positive           |       |        |      | 12    | per_million | detected  | 1.2e-5 | a delivered value
    ngs    | positive           |       |        |      | 12    | furlong | no_value      |        | a unit that is not guessed
    ngs    | no_trackable_clone |       |        |      |       |         | not_evaluable |        | nothing to track
"""


@pytest.mark.parametrize(
    ("method", "status", "count", "of", "lod", "value", "unit", "state", "at", "clause"),
    rows(WHERE_A_RESULT_STANDS),
)
def test_where_a_result_stands(
    *,
    method: str,
    status: str,
    count: str,
    of: str,
    lod: str,
    value: str,
    unit: str,
    state: str,
    at: str,
    clause: str,
) -> None:
    result = ExternalResult(
        subject_id="S1",
        visit="C1",
        specimen_id=None,
        collected_on=None,
        assay="flow_mrd" if method == "flow" else "ngs_mrd",
        status=status,
        value=float(value) if value else None,
        unit=unit or None,
        numerator=int(count) if count else None,
        denominator=float(of) if of else None,
        lod=float(lod) if lod else None,
        source="elsewhere",
    )
    criteria = read_criteria("jabbour2023")
    reading = flow_of_external(result, criteria) if method == "flow" else ngs_of_external(result)
    assert state_of(reading.measurement) == state, clause
    assert level_of(reading.measurement) == (pytest.approx(float(at), rel=2e-3) if at else None), clause


FLOW_BESIDE_SEQUENCING = """
    flow                | sequencing          | at 1e-4             | disease found       | flag                           | clause
    --------------------+---------------------+---------------------+---------------------+--------------------------------+------------------------------------------
    1e-3 [8e-4, 1.2e-3] | 2e-3 [1e-3, 3e-3]   | concordant_positive | concordant_positive |                                | both above
    <4e-5               | <1e-6               | concordant_negative | concordant_negative |                                | both below
    <4e-5               | 5e-6 [2e-6, 1e-5]   | concordant_negative | ngs_only            | NGS_DEEPER_THAN_FLOW           | the expected direction
    <4e-5               | 1e-3 [8e-4, 1.2e-3] | ngs_only            | ngs_only            | NGS_POSITIVE_WITHIN_FLOW_REACH | flow could have seen it
    1e-3 [8e-4, 1.2e-3] | <1e-6               | flow_only           | flow_only           | FLOW_POSITIVE_NGS_NEGATIVE     | the unexpected direction
    6e-5 [4e-5, 8e-5]   | <1e-6               | concordant_negative | flow_only           | FLOW_POSITIVE_NGS_NEGATIVE     | unexpected below 1e-4 as well
    6e-5 [4e-5, 8e-5]   | <9e-5               | concordant_negative | flow_only           | NGS_NOT_DEEP_ENOUGH            | too few cells explain it
    positive            | negative            | flow_only           | flow_only           | FLOW_POSITIVE_NGS_NEGATIVE     | words alone
    negative            | positive            | ngs_only            | ngs_only            | NGS_DEEPER_THAN_FLOW           | words alone
    1.1e-4 [8e-5, 1.4e-4] | 9e-5 [7e-5, 1.1e-4] | flow_only         | concordant_positive | MRD_NEAR_THRESHOLD             | chance on either side of 1e-4
    9e-5 [7e-5, 1.1e-4] | 1.1e-4 [8e-5, 1.4e-4] | ngs_only          | concordant_positive | MRD_NEAR_THRESHOLD             | chance on either side of 1e-4
    1e-3 [8e-4, 1.2e-3] | 1e-6 [1e-7, 5e-6]   | flow_only           | concordant_positive | FLOW_POSITIVE_NGS_NEGATIVE     | three decades are no chance
    5e-5 [4e-5, 8e-5]   | 1e-3 [8e-4, 1.2e-3] | ngs_only            | concordant_positive | NGS_POSITIVE_WITHIN_FLOW_REACH | more than one decade is no chance
    <4e-4               | <1e-6               | not_comparable      | concordant_negative | MRD_NOT_COMPARABLE             | flow saw too few cells for 1e-4
    not_evaluable       | 1e-3 [8e-4, 1.2e-3] | not_comparable      | not_comparable      | MRD_NOT_COMPARABLE             | flow could not be judged
    1e-3 [8e-4, 1.2e-3] | not_evaluable       | not_comparable      | not_comparable      | MRD_NOT_COMPARABLE             | sequencing without a denominator
"""


@pytest.mark.parametrize(
    ("flow", "sequencing", "at_1e4", "found", "flag", "clause"), rows(FLOW_BESIDE_SEQUENCING)
)
def test_flow_beside_sequencing(
    *, flow: str, sequencing: str, at_1e4: str, found: str, flag: str, clause: str
) -> None:
    pair = compare("C1", [measured(flow)], [measured(sequencing, method="ngs")])
    assert (pair.at_threshold, pair.detection) == (at_1e4, found), clause
    assert set(pair.flags) - {"REVIEW"} == ({flag} if flag else set()), clause
    assert ("REVIEW" in pair.flags) == (flag == "FLOW_POSITIVE_NGS_NEGATIVE")
    assert bool(pair.reasons) == bool(flag)


def test_the_difference_is_given_where_both_are_quantified() -> None:
    flow, ngs = measured("2e-3"), measured("2e-4", method="ngs")
    assert compare("C1", [flow], [ngs]).difference_log10 == pytest.approx(-1.0)
    rough = replace(flow, quantifiable=False)
    assert compare("C1", [rough], [ngs]).difference_log10 is None
    assert compare("C1", [measured("<1e-4")], [ngs]).difference_log10 is None


DIFFERENT_MATERIAL = """
    flow of  | sequencing of    | pairs    | clause
    ---------+------------------+----------+------------------------------------------------
    BM       |                  | compared | not stated is marrow
    BM       | marrow           | compared | two spellings
    PB       | peripheral blood | compared | blood beside blood
    BM       | PB               | unclear  | MRD in blood is lower than in marrow
    BM       | swab             | unclear  | a word that is not known
"""


@pytest.mark.parametrize(("flow_of", "ngs_of", "pairs", "clause"), rows(DIFFERENT_MATERIAL))
def test_material(*, flow_of: str, ngs_of: str, pairs: str, clause: str) -> None:
    flow = measured("1e-3", specimen_type=flow_of or None)
    ngs = measured("<1e-6", method="ngs", specimen_type=ngs_of or None)
    found = compare("C1", [flow], [ngs])
    assert ("MRD_PAIR_UNCLEAR" in found.flags) == (pairs == "unclear"), clause
    assert (found.detection == "not_comparable") == (pairs == "unclear"), clause


def test_a_small_cluster_is_compared_by_its_value_not_by_the_profile() -> None:
    """The profile calls a cluster below 1e-4 positive; at 1e-4 it agrees with sequencing below 1e-4."""
    flow = replace(measured("5e-5 [4e-5, 6e-5]"), status={"1e-4": "positive"})
    pair = compare("C1", [flow], [measured("6e-5 [5e-5, 7e-5]", method="ngs")])
    assert (pair.flow_at_threshold, pair.ngs_at_threshold) == ("negative", "negative")
    assert (pair.flow_found, pair.ngs_found) == (True, True)
    assert (pair.at_threshold, pair.detection) == ("concordant_negative", "concordant_positive")


def _relation(cell: str) -> Literal["exact", "at_least", "at_most", "unknown"]:
    if not cell:
        return "unknown"
    return "at_least" if "least" in cell else "at_most" if "most" in cell else "exact"


def _number(cell: str) -> float:
    return float(cell.rsplit(maxsplit=1)[-1])
