"""Cytogenetic response, boundary by boundary; the karyotypes are written by hand."""

from dataclasses import replace
from typing import Literal

import pytest
from karyotype_records import karyotype
from tables import rows

from mrdkit.patient.criteria import read_criteria
from mrdkit.patient.cytogenetics import classify_cytogenetics

POLICY = read_criteria("jabbour2023").cytogenetics

#: In the table T stands for this translocation.
T = "t(4;11)(q21;q23)"

CASES = """
    baseline                     | follow-up                             | category       | flag
    -----------------------------+---------------------------------------+----------------+-------------------
    46,XX,T[20]                  | 46,XX[20]                             | CCyR           | -
    46,XX,T[20]                  | 46,XX[19]                             | CCyR_limited   | METAPHASES_BELOW
    46,XX,T[20]                  | 46,XX[1]                              | CCyR_limited   | METAPHASES_BELOW
    46,XX,T[20]                  | 46,XX,T[1]/46,XX[99]                  | no_CCyR        | BASELINE_CLONE
    46,XX,T[20]                  | 46,XX,t(4;11)(q21;q23.3)[1]/46,XX[19] | no_CCyR        | BASELINE_CLONE
    46,XX,T[20]                  | 46,XX,?T[1]/46,XX[19]                 | no_CCyR        | BASELINE_CLONE
    46,XX,T[20]                  | 46,XX,der(4)T[1]/46,XX[19]            | no_CCyR        | BASELINE_CLONE
    46,XX,der(4)T[20]            | 46,XX,T[1]/46,XX[19]                  | no_CCyR        | BASELINE_CLONE
    46,XX,T[20]                  | 46,XX,T/46,XX                         | no_CCyR        | BASELINE_CLONE
    46,XX,T[20]                  | 46,XX                                 | not_evaluable  | NO_METAPHASES
    46,XX,T[20]                  | no growth                             | not_evaluable  | KARYOTYPE_NOT_READ
    46,XX,T[20]                  | 46,XX[5]//46,XY[15]                   | CCyR           | MIXED_CHIMERA
    46,XX,T[20]                  | 47,XX,+8[2]/46,XX[18]                 | new_clone      | NEW_CLONE
    46,XX,T[20]                  | 47,XX,+8[1]/46,XX[19]                 | CCyR           | NONCLONAL_SINGLE
    46,XX,T[20]                  | 45,XX,-7[2]/46,XX[18]                 | CCyR           | NONCLONAL_LOSS
    46,XX,T[20]                  | 45,XX,-7[3]/46,XX[17]                 | new_clone      | NEW_CLONE
    46,XY,T[20]                  | 45,X,-Y[5]/46,XY[15]                  | CCyR           | AGE_RELATED_ALONE
    46,XX,T[20]                  | 46,XX,inv(9)(p12q13)[20]              | CCyR           | -
    46,XX,inv(9)(p12q13)[20]     | 46,XX,inv(9)(p12q13)[20]              | not_applicable | HETEROMORPHISM
    46,XX[20]                    | 46,XX[20]                             | not_applicable | -
    47,XX,+21c[20]               | 47,XX,+21c[20]                        | not_applicable | -
    48,XX,+8,+21c[20]            | 47,XX,+21[20]                         | CCyR           | -
    48,XX,+21,+21c[20]           | 48,XX,+21,+21c[1]/47,XX,+21c[19]      | no_CCyR        | BASELINE_CLONE
    47,XX,+8[1]/46,XX[19]        | 46,XX[20]                             | not_applicable | -
    no growth                    | 46,XX[20]                             | not_evaluable  | BASELINE_NOT_READ
    46,XX,t(9;22)(q34;q11.2)[20] | 46,XX[20]                             | CCyR           | PH_POSITIVE
"""


@pytest.mark.parametrize(("baseline", "followup", "category", "flag"), rows(CASES))
def test_category(*, baseline: str, followup: str, category: str, flag: str) -> None:
    found = classify_cytogenetics(
        karyotype(baseline.replace("T", T)),
        karyotype(followup.replace("T", T), visit="C1"),
        in_response=True,
        policy=POLICY,
    )
    assert found.category == category, found
    assert flag == "-" or any(each.startswith(flag) for each in found.flags)
    outside = ("not_applicable",) if baseline != "no growth" else ("not_applicable", "not_evaluable")
    assert found.in_denominator == (category not in outside)
    assert found.in_numerator == (category == "CCyR")


@pytest.mark.parametrize("status", ["partly", "rejected"])
def test_a_karyotype_not_read_whole_is_never_a_complete_response(
    status: Literal["partly", "rejected"],
) -> None:
    baseline = karyotype("46,XX,t(4;11)(q21;q23)[20]")
    clean = replace(karyotype("46,XX[20]", visit="C1"), status=status)
    found = classify_cytogenetics(baseline, clean, in_response=True, policy=POLICY)
    assert (found.category, found.excluded_level) == ("not_evaluable", None)
    seen = replace(karyotype("46,XX,t(4;11)(q21;q23)[20]", visit="C1"), status=status)
    found = classify_cytogenetics(baseline, seen, in_response=True, policy=POLICY)
    assert found.category == "not_evaluable"
    assert "BASELINE_CLONE_SEEN" in found.flags


def test_without_response_or_karyotypes() -> None:
    abnormal, clean = karyotype("46,XX,t(4;11)(q21;q23)[20]"), karyotype("46,XX[20]", visit="C1")
    no_response = classify_cytogenetics(abnormal, clean, in_response=False, policy=POLICY)
    no_baseline = classify_cytogenetics(None, clean, in_response=True, policy=POLICY)
    no_followup = classify_cytogenetics(abnormal, None, in_response=True, policy=POLICY)
    assert (no_response.category, no_response.in_denominator) == ("not_applicable", False)
    assert (no_baseline.category, no_baseline.flags) == ("not_applicable", ("BASELINE_MISSING",))
    assert (no_followup.category, no_followup.in_denominator) == ("not_evaluable", True)


def test_limited_metaphases_count_only_where_the_profile_says_so() -> None:
    abnormal, few = karyotype("46,XX,t(4;11)(q21;q23)[20]"), karyotype("46,XX[10]", visit="C1")
    lenient = replace(POLICY, limited_counts=True)
    assert not classify_cytogenetics(abnormal, few, in_response=True, policy=POLICY).in_numerator
    assert classify_cytogenetics(abnormal, few, in_response=True, policy=lenient).in_numerator
