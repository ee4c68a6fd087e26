"""Cytogenetic response, boundary by boundary; the karyotypes are written by hand."""

import re
from dataclasses import replace
from typing import Literal

import pytest
from karyotype_records import karyotype
from tables import rows

from mrdkit.karyotype import call_karyotype, read_karyotype_rule
from mrdkit.patient.criteria import read_criteria
from mrdkit.patient.cytogenetics import classify_cytogenetics
from mrdkit.results import Specimen

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
    46,XX,T[20]                  | //46,XY,T[2]/46,XY[18]                | not_evaluable  | BASELINE_CLONE_IN_DONOR
    46,XX,T[20]                  | 46,XX[8]//47,XY,+8[3]/46,XY[9]        | new_clone      | NEW_CLONE
    46,XX,T[20]                  | 46,XY[20]                             | CCyR           | SEX_DIFFERS
    46,XX,r(7)(p22q36)[20]       | 46,XX,der(7)t(7;9)(p22;q34)[2]/46,XX[18] | new_clone   | NEW_CLONE
    46,XX,del(9)(p21)[20]        | 46,XX,del(9)(p13)[1]/46,XX[19]        | no_CCyR        | BASELINE_CLONE
    46,XX,del(9)(p21)[20]        | 46,XX,del(9)(q22)[2]/46,XX[18]        | new_clone      | NEW_CLONE
    46,XX,9qh+[20]               | 46,XX,9qh+[20]                        | not_applicable | -
    46,XX,T,9qh+[20]             | 46,XX,9qh+[20]                        | CCyR           | -
    47,XX,+mar1[20]              | 47,XX,+mar[1]/46,XX[19]               | no_CCyR        | BASELINE_CLONE
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
    assert found.category == ("no_CCyR" if status == "partly" else "not_evaluable")
    assert {"BASELINE_CLONE", "BASELINE_CLONE_SEEN"} & set(found.flags)
    assert {"KARYOTYPE_NOT_READ", "REVIEW"} <= set(found.flags)


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


READ_AND_JUDGED = """
    baseline                                      | follow-up                                  | category       | flag
    ----------------------------------------------+--------------------------------------------+----------------+---------------
    46,XX,T,add(9)(p13)[20]                       | 46,XX[18]/nonclonal[2]                     | CCyR           | -
    46,XX,T[20]                                   | 46,XX[18]/nonclonal w/clonal abnormalities[2] | not_evaluable | KARYOTYPE_NOT_READ
    47,XX,+8[20]                                  | 46,XX[18]/nonclonal w/+8[2]                | not_evaluable  | KARYOTYPE_NOT_READ
    47,XX,+8[20]                                  | 47,XX,+8[1]/46,XX[18]/nonclonal w/+8[1]    | no_CCyR        | BASELINE_CLONE
    no metaphases                                 | 46,XX[20]                                  | not_applicable | BASELINE_MISSING
    46,XX,T[20]                                   | no metaphases                              | not_evaluable  | NO_METAPHASES
    46,XX,T,foo(3)[20]                            | 46,XX[20]                                  | CCyR           | BASELINE_NOT_READ
    46,XX,T,foo(3)[20]                            | 47,XX,+8[3]/46,XX[17]                      | not_evaluable  | BASELINE_NOT_READ
    46,XX,foo(3)[20]                              | 46,XX[20]                                  | not_evaluable  | BASELINE_NOT_READ
    46,XX,T[20]                                   | 46,XX,T[1]/46,XX,foo(3)[19]                | no_CCyR        | KARYOTYPE_NOT_READ
    46,XX,T[20]                                   | 46,XX,foo(3)[1]/46,XX[19]                  | not_evaluable  | KARYOTYPE_NOT_READ
    46,XX,T[20]                                   | 46,XX[10]/46,XY[10]                        | not_evaluable  | KARYOTYPE_NOT_READ
    46,XX,T[20]                                   | 46,XX[20].nuc ish(KMT2Ax2)[200]            | CCyR           | -
    46,XX,T[20]                                   | 46,XX[5]//46,XY[15].arr(1-22)x2            | CCyR           | MIXED_CHIMERA
    46,XX,T[20].nuc ish(KMT2Ax2)(5'KMT2A sep 3'KMT2Ax1)[90/200] | 46,XX[20].nuc ish(KMT2Ax2)[200] | CCyR        | FISH_CLEARED
    46,XX,T[20].nuc ish(KMT2Ax2)(5'KMT2A sep 3'KMT2Ax1)[90/200] | 46,XX[20].nuc ish(KMT2Ax2)(5'KMT2A sep 3'KMT2Ax1)[9/200] | CCyR | CCYR_FISH_DISCORDANT
    46,XX,T[20].nuc ish(CRLF2x3)[90/200]          | 46,XX[20].nuc ish(KMT2Ax2)[200]            | CCyR           | -
    92,XXXX[10]/46,XX[10]                         | 92,XXXX[1]/46,XX[19]                       | no_CCyR        | BASELINE_CLONE
    34,X,-X,-2,-3,-4,-5,-7,-9,-13,-15,-16,-17,-20[5]/68,slx2[11]/46,XX[4] | 46,XX[20]          | CCyR           | -
"""


@pytest.mark.parametrize(("baseline", "followup", "category", "flag"), rows(READ_AND_JUDGED))
def test_category_of_karyotypes_as_the_reader_gives_them(
    *, baseline: str, followup: str, category: str, flag: str
) -> None:
    rule = read_karyotype_rule()
    before, after = (
        call_karyotype(re.sub(r"(?<=,)T(?=[,\[])", T, text), specimen=Specimen(), rule=rule)
        for text in (baseline, followup)
    )
    found = classify_cytogenetics(before, after, in_response=True, policy=POLICY)
    assert found.category == category, found
    assert flag in {"-", *found.flags}, found.flags
    assert (flag != "-") or not found.flags, found.flags
    assert found.abnormal is None or found.metaphases is None or found.abnormal <= found.metaphases.recipient
