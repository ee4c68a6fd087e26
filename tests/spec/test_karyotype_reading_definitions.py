"""What is read of a karyotype, what is repaired, flagged, left open or refused, as tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from karyotype_calls import called
from tables import rows

FISH_PARTS = """
    FISH part                                                       | reading  | KMT2A-r   | Ph        | why
    ----------------------------------------------------------------+----------+-----------+-----------+---
    .nuc ish (CRLF2)\N{MULTIPLICATION SIGN}2[200]                                         | normal   | no        | no        | two signals
    .nuc ish(CRLF2x2)[200]                                          | normal   | no        | no        | earlier edition
    .nuc ish(ABL1,BCR)x2[200]                                       | normal   | no        | no        | two probes
    .nuc ish(DXZ1,DYZ3)x1[200]                                      | normal   | no        | no        | one X, one Y
    .nuc ish(DXZ1x2)[200]                                           | normal   | no        | no        | two X
    .nuc ish(DXZ1x1)[200]                                           | abnormal | no        | no        | one X and no Y
    .nuc ish(CRLF2)x3[60/200]                                       | abnormal | no        | no        | gain
    .nuc ish (CRLF2)\N{MULTIPLICATION SIGN}2(3\N{PRIME}CRLF2 sep 5\N{PRIME}CRLF2)\N{MULTIPLICATION SIGN}1[60/200]               | abnormal | no        | no        | split
    .nuc ish(KMT2Ax2)(5'KMT2A sep 3'KMT2Ax1)[60/200]                | abnormal | yes       | no        | split KMT2A
    .nuc ish(KMT2Ax3)[60/200]                                       | abnormal | uncertain | no        | a gain of KMT2A
    .nuc ish(ABL1,BCR)x3(ABL1 con BCRx2)[60/200]                    | abnormal | no        | yes       | fused
    .nuc ish(ABL1x3,BCRx2)[60/200]                                  | abnormal | no        | uncertain | not fused, not normal
    .nuc ish 9q34(ABL1x2),22q11.2(BCRx2)[200]                       | normal   | no        | no        | bands, until 2016
    .ish t(9;22)(ABL1+,BCR+;BCR+,ABL1+)                             | abnormal | no        | uncertain | metaphase FISH
    .ish del(17)(TP53-)                                             | abnormal | no        | no        | metaphase FISH
    .nuc ish(DXZ1)x2[50]//(DXZ1,DYZ3)x1[350]                        | not_read | no        | no        | two populations
    .arr(1-22,X)x2                                                  | not_read | no        | no        | an array
    .nuc ish KMT2A rearranged                                       | not_read | uncertain | no        | in words
"""


@pytest.mark.parametrize(("part", "reading", "kmt2a", "ph", "why"), rows(FISH_PARTS))
def test_fish_part_behind_a_normal_karyotype(part: str, reading: str, kmt2a: str, ph: str, why: str) -> None:
    found = called(f"46,XX[20]{part}")
    assert [each.reading for each in found.fish_parts] == [reading], why
    assert (found.kmt2a, found.ph) == (kmt2a, ph), why
    assert f"FISH_PART_{reading.upper()}" in found.flags
    assert found.status == ("partly" if reading == "not_read" else "parsed")
    assert (found.ploidy == "normal_diploid") == ({kmt2a, ph} == {"no"}), (
        "never normal beside a rearrangement"
    )


REFUSED = """
    karyotype                         | code                       | why
    ----------------------------------+-------------------------
    46,XX//47,XY//48,XY               | SECOND_DONOR_SEPARATOR     | two donor separators
    46,XX[5]///46,XY[5]               | SECOND_DONOR_SEPARATOR     | three slashes
    46,XX[5]/ /46,XY[5]               | EMPTY_CLONE                | neither one slash nor two
    46,XX,del(5)(q13q33[3]            | UNBALANCED_BRACKET         | not closed
    46,XX,del(5q13q33)),+8[3]         | UNBALANCED_BRACKET         | not opened
    46,XX,del(16)(q25)[3]             | BAND_UNKNOWN               | 16q24 is the last
    46,XX,t(4;11)(q21;q23.9)[3]       | BAND_UNKNOWN               | no such sub-band
    52(25,X,+14,+18,+21)x2[3]         | COUNT_MISMATCH             | the single set does not fit
    46,XX[5]/46,XY[5] donor           | DONOR_WITHOUT_SEPARATOR    | donor named, no //
    46,XX[5]/46,XY[5] donor cells     | DONOR_WITHOUT_SEPARATOR    | in other words
    46,XX[5]/46,XY[5, all donor]      | DONOR_WITHOUT_SEPARATOR    | in the brackets
    46,XX[5]/donor 46,XY[5]           | DONOR_WITHOUT_SEPARATOR    | in front
    chi 46,XX[5]/46,XY[5]             | DONOR_WITHOUT_SEPARATOR    | a chimera, but whose cells?
    46,XX[5]//46,XY[5] recipient      | RECIPIENT_BEHIND_SEPARATOR | on the wrong side
    46,XX[5]//46,XY[5]/patient[2]     | RECIPIENT_BEHIND_SEPARATOR | likewise
    45,XY,t(9;22)(q34;q11.2)[7]       | COUNT_MISMATCH             | the items give 46
    47,XX[20]                         | COUNT_MISMATCH             | nothing is gained
    46,XX,t(4;11)(q21)[3]             | BREAKPOINTS                | two are needed
    46,sl,+8[3]                       | REFERENCE_UNKNOWN          | no clone before it
    47,XX,+8[3]/48,sdl2,+9[3]         | REFERENCE_UNKNOWN          | no second sideline
    46,XX,+8,-7[3]//46,idem[3]        | REFERENCE_UNKNOWN          | donors do not inherit
    Unable to use                     | NOT_A_KARYOTYPE            | words
    -9                                | NOT_A_KARYOTYPE            | a missing-value code
    .nuc ish (CRLF2)x2[200]           | NOT_A_KARYOTYPE            | FISH alone
    no metaphases; 46,XX expected     | NOT_A_KARYOTYPE            | both a failure and a karyotype
"""


@pytest.mark.parametrize(("text", "code", "why"), rows(REFUSED))
def test_refused(text: str, code: str, why: str) -> None:
    found = called(text)
    assert (found.status, (found.error or "").partition(" ")[0]) == ("rejected", code), why
    assert "character" in (found.error or "")
    assert (found.ploidy, found.ploidy_group, found.n_abnormalities_iscn) == (None, None, None)
    assert (found.high_risk, found.findings) == ({}, {}) or found.clones


NOT_READ = """
    text                                     | KMT2A-r   | Ph        | why
    -----------------------------------------+-----------+-----------+---
    46,XX,del(5)(q13q33[3]                   | no        | no        | neither 11 nor 22 is named
    46,XX,t(4;11)(q21;q23[3]                 | uncertain | no        | 11 is named
    46,XX,t(9;22)(q34;q11.2[3]               | no        | uncertain | 22 is named
    Unable to use                            | None      | None      | nothing like a clone
    culture failure                          | None      | None      | likewise
"""


@pytest.mark.parametrize(("text", "kmt2a", "ph", "why"), rows(NOT_READ))
def test_what_is_left_to_say_of_a_text_without_clones(text: str, kmt2a: str, ph: str, why: str) -> None:
    found = called(text)
    assert (str(found.kmt2a), str(found.ph)) == (kmt2a, ph), why
    assert not found.clones


@pytest.mark.parametrize(
    "text",
    [
        *("No metaphases obtained - culture failure", "no growth", "failed", "QNS", "Not done"),
        *("insufficient material", "no mitoses", "karyotype not available"),
    ],
)
def test_a_failed_culture_has_no_metaphases_and_is_not_normal(text: str) -> None:
    found = called(text)
    assert (found.ploidy, found.modal_number, found.kmt2a) == ("not_evaluable", None, None)
    assert found.metaphases is not None
    assert found.metaphases.total == 0
    assert found.flags == ("NO_METAPHASES",)


def test_a_fish_part_is_kept_and_never_read_as_normal() -> None:
    found = called("46,XX[20].nuc ish (DXZ1)\u00d72[50]//(DXZ1,DYZ3)\u00d71[350]")
    assert found.status == "partly"
    assert found.unparsed == ("character 10: .nuc ish(DXZ1)\u00d72[50]//(DXZ1,DYZ3)\u00d71[350]",)
    assert "FISH_PART_NOT_READ" in found.flags
    assert found.metaphases is not None
    assert (found.metaphases.recipient, found.metaphases.donor) == (20, 0)


NUCLEI_ARE_NO_METAPHASES = """
    text                                                            | metaphases | normal | why
    ----------------------------------------------------------------+
    46,XX,t(4;11)(q21;q23)[18]/46,XX[2] nuc ish(KMT2Ax2)[100]       | 20         | 2      | no dot
    46,XY[20], nuc ish (CRLF2)\N{MULTIPLICATION SIGN}2[200]         | 20         | 20     | a comma
    46,XY[20]; NUC ISH(CRLF2x2)[200]                                | 20         | 20     | a semicolon
    46,XY[20] ish t(4;11)(KMT2A+)[5]                                | 20         | 20     | metaphase FISH
    46,XX[20] FISH CRLF2 [200]                                      | none       | none   | in words
    46,XX,+21[2][6]                                                 | none       | none   | which of the two
    44~47,XY,+4[2],-9[3],+21[2][cp6]                                | 6          | 0      | a composite
"""


@pytest.mark.parametrize(("text", "metaphases", "normal", "why"), rows(NUCLEI_ARE_NO_METAPHASES))
def test_nuclei_of_a_fish_are_never_metaphases(text: str, metaphases: str, normal: str, why: str) -> None:
    found = called(text).metaphases
    assert (str(found.total) if found else "none") == metaphases, why
    assert (str(found.normal) if found else "none") == normal, why


DIRTY = """
    as entered                                                 | as read
    -----------------------------------------------------------+
    46, XX , t(4;11) (q21;q23) [18] / 46 , XX[2]               | 46,XX,t(4;11)(q21;q23)[18]/46,XX[2]
    45,XX,\N{MINUS SIGN}7[5]/46,XX[15]                         | 45,XX,-7[5]/46,XX[15]
    44\N{EN DASH}46,XY,-7,+mar[cp5]                            | 44~46,XY,-7,+mar[cp5]
    43-35,XY,del(17)(q23)[cp3]                                 | 35~43,XY,del(17)(q23)[cp3]
    47,XX,\N{FULLWIDTH PLUS SIGN}8[5]                          | 47,XX,+8[5]
    46,XX,&nbsp;del(5)(q13q33)[3]                              | 46,XX,del(5)(q13q33)[3]
    46,XXt(9;22)(q34;q11)[12]46,XY[4]                          | 46,XX,t(9;22)(q34;q11)[12]/46,XY[4]
    46 XX[20]                                                  | 46,XX[20]
    46,XX,t(9;22)(q34:q11.2)[20]                               | 46,XX,t(9;22)(q34;q11.2)[20]
    2024-03-31: 46,XX[20].                                     | 46,XX[20]
    .46,XX[20]                                                 | 46,XX[20]
    mos 46,XX[20]                                              | 46,XX[20]
    46,XX[20] 31.1.2024                                        | 46,XX[20]
    46,XX,t(3;16)(p21q24)[2]                                   | 46,XX,t(3;16)(p21;q24)[2]
    46,XX,der(11)(del(11)(p11)del(11)(q13)[2]                  | 46,XX,der(11)del(11)(p11)del(11)(q13)[2]
    46,XX,del13)(q14)[2]                                       | 46,XX,del(13)(q14)[2]
    46,XX,+8,-7[2]/92,slx2)[2]                                 | 46,XX,+8,-7[2]/92,slx2[2]
    46,XX,+8,-7[2,one is 4n/46,XX[2]                           | 46,XX,+8,-7[2,one is 4n]/46,XX[2]
    41~45,XX,-7[4],der(3)t(2;3)(q11;p11)[3]del(6)(q15q21)[3][cp6] | 41~45,XX,-7[4],der(3)t(2;3)(q11;p11)[3],del(6)(q15q21)[3][cp6]
    46,Xx,T(9;22)(Q34;Q11.2),+MAR[CP20]                        | 46,XX,t(9;22)(q34;q11.2),+mar[CP20]
    46,XX,+8,-7[18]/47,IDEM,+8[2]                              | 46,XX,+8,-7[18]/47,idem,+8[2]
    46XX                                                       | 46,XX
    46.XX,t(9,22)(q34,q11.2)[20]                               | 46,XX,t(9;22)(q34;q11.2)[20]
    46;XX;inv(9)(p12,q13)[20]                                  | 46,XX,inv(9)(p12q13)[20]
    46,XX,del(9)(p21)[15], 46,XX [5]                           | 46,XX,del(9)(p21)[15]/46,XX[5]
    46,XX,del(9)(p21)[15] and 46,XX[5]                         | 46,XX,del(9)(p21)[15]/46,XX[5]
    46,XX,del(9)(p21)cp[20]                                    | 46,XX,del(9)(p21)[cp20]
    46,XX,del(9)(p21)(15)/46,XX{5}                             | 46,XX,del(9)(p21)[15]/46,XX[5]
    46,XX、del(9)(p21)【9】 | 46,XX,del(9)(p21)[9]
    CHI46,XX[8]//46,XY[12]                                     | 46,XX[8]//46,XY[12]
    mos47,XX,+21[5]/46,XX[15]                                  | 47,XX,+21[5]/46,XX[15]
    Final diagnosis: 46,XX[20]                                 | 46,XX[20]
    bone marrow 46,XX[20]                                      | 46,XX[20]
    31-MAR-2024 46,XX[20]                                      | 46,XX[20]
    March 31, 2024: 46,XX[20] reported 31/03/2024              | 46,XX[20]
    46,XX[n=20]                                                | 46,XX[20]
"""


@pytest.mark.parametrize(("entered", "read"), rows(DIRTY))
def test_dirty_input(entered: str, read: str) -> None:
    found = called(entered)
    assert found.cleaned == read
    assert found.changes
    assert "2024-03-31" not in " ".join((*found.changes, *found.unparsed, *found.reasons))


ASIDES = """
    karyotype                                            | status | flag                  | why
    -----------------------------------------------------+--------+-----------------------+---
    46,XX,del(5)(q13q33)[6,one w/nonclonal abnormalities]/46,XX[14] | parsed | NONCLONAL_CELLS | in the brackets
    46,XX,del(5)(q13q33)[3, one is 4n]/46,XX[17]         | parsed | POLYPLOID_CELLS       | in the brackets
    46,XX[17]/4n[2]/nonclonal[1]                         | parsed | POLYPLOID_CELLS       | sections
    47,XX,+8[9]/nonclonal w/clonal abnormalities[1]      | parsed | NONCLONAL_WITH_CLONAL | cells of the clone
    47,XX,+8[9]/nonclonal w/del(11q), +8 and add(3)(q21)[1] | parsed | NONCLONAL_WITH_CLONAL | a list
    47,XX,+8[9]/nonclonal w/+8[1]                        | parsed | NONCLONAL_WITH_CLONAL | with items
    47,XX,+8[9]/nonclonal w/+8q[1]                       | partly | NONCLONAL_CELLS       | an item that is not read
    47,XX,+8[9]/somewhat odd[1]                          | partly | NONCLONAL_CELLS       | words
    47,XX,+8[2,five are 4n]                              | partly |                       | more cells than there are
    46,XX,add(9)(p13)[3],+8[2],-7[5]                     | partly | CELLS_NOT_STATED      | which cells are whose?
    46,XX,9qh+[20]                                       | parsed | CONSTITUTIONAL        | variant of a person
    46,XX,inv(9)(p12q13)[20]                             | parsed | HETEROMORPHISM        | c or not?
    46,XX,inv(2)(p11.2q13)?c[20]                         | partly |                       | born with it or not?
    46,XX,inv(2)(p11.2q13)c?[20]                         | partly |                       | the same doubt
    46,XX,-Y[8]                                          | partly |                       | XX, and a Y lost?
    45,XY,-Y[8]/46,XY[12]                                | parsed | AGE_RELATED_Y_LOSS    | the lost one named twice
    45,X,-Y[8]/46,XY[12]                                 | parsed | AGE_RELATED_Y_LOSS    | may come with age
    46,XX,del(9)(p13),inc[4]                             | parsed | INCOMPLETE            | more is there
    45,XY,-7 or -8[5]/46,XY[15]                          | parsed | ALTERNATIVE           | one of two
    45,XX,psu dic(15;17)(q22;p13)[5]                     | parsed | DICENTRIC_COUNT       | project decision: 2
    46,XX,+8,-7[3]/47,idem,+21[3]/47,sl,+22[3]           | parsed | IDEM_AND_SL_MIXED     | never in one karyotype
    46,XX[20]//46,XY,t(1;7)(p36;q11)[3]                  | parsed | DONOR_ABNORMAL        | the donor's clone
    47,XX,+8[9]/4,sl,+9[cp2]                             | partly |                       | no such count
    Name: Doe Jane, 46,XX[20]                            | parsed | PERSONAL_DATA         | taken out
    46,XX[20] (31.1.2024)                                | parsed | PERSONAL_DATA         | taken out
"""


@pytest.mark.parametrize(("text", "status", "flag", "why"), rows(ASIDES))
def test_what_is_flagged_and_what_is_not_understood(text: str, status: str, flag: str, why: str) -> None:
    found = called(text)
    assert found.status == status, (why, found.error, found.unparsed)
    assert not flag or flag in found.flags, (why, found.flags)
    assert (status == "partly") == bool(found.unparsed)
    assert "Jane" not in str((found.cleaned, found.changes, found.unparsed, found.reasons))


clones = st.lists(
    st.tuples(st.sampled_from(["46,XX", "47,XX,+8", "46,XX,del(5)(q13q33)"]), st.integers(1, 40))
)


@given(clones, clones)
def test_recipient_and_donor_add_up_and_never_mix(
    recipient: list[tuple[str, int]], donor: list[tuple[str, int]]
) -> None:
    sides = ["/".join(f"{clone}[{cells}]" for clone, cells in side) for side in (recipient, donor)]
    found = called("//".join(sides))
    if not recipient and not donor:
        assert found.status == "rejected"
        return
    assert found.metaphases is not None
    assert found.metaphases.recipient == sum(cells for _, cells in recipient)
    assert found.metaphases.donor == sum(cells for _, cells in donor)
    assert found.metaphases.total == found.metaphases.recipient + found.metaphases.donor
    assert found.metaphases.normal == sum(cells for clone, cells in recipient if clone == "46,XX")
    populations = [clone.population for clone in found.clones]
    assert populations == ["recipient"] * len(recipient) + ["donor"] * len(donor)
