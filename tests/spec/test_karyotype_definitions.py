"""Karyotype definitions as tables: metaphases and donors, clonality, ploidy, KMT2A-r and Ph, refusals."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import rows

from mrdkit.karyotype import call_karyotype, read_karyotype_rule
from mrdkit.results import KaryotypeCall, Specimen

RULE = read_karyotype_rule()


def called(text: str, *known: str) -> KaryotypeCall:
    return call_karyotype(text, specimen=Specimen(), rule=RULE, known_items=known)


METAPHASES = """
    karyotype                                        | total | recipient | donor | normal | why
    -------------------------------------------------+-------+--
    46,XX[20] | 20 | 20 | 0 | 20 | recipient only
    46,XX[20]// | 20 | 20 | 0 | 20 | the same, as a chimera
    //46,XY[20]                                      | 20    | 0         | 20    | 0      | donor only
    46,XX[8]//46,XY[12] | 20 | 8 | 12 | 8 | mixed chimera
    46,XX[8] recipient//46,XY[12] donor | 20 | 8 | 12 | 8 | both sides named
    chi 46,XX[8]//46,XY[12] | 20 | 8 | 12 | 8 | prefix
    46,XX[20 cells] | 20 | 20 | 0 | 20 | a word in the brackets
    46,XX[20,two w/nonclonal abnormalities] | 20 | 20 | 0 | 18 | two of them are not normal
    46,XX[20,one is 4n] | 20 | 20 | 0 | 20 | a doubled normal cell
    46,XX[17]/4n[2] | 19 | 19 | 0 | 17 | polyploid cells in the total alone
    47,XX,+8[9]/46,XX[10]/nonclonal w/clonal abnormalities[1] | 20 | 20 | 0 | 10 | likewise
    46,XX,t(9;22)(q34;q11.2)[6]//46,XY[14] | 20 | 6 | 14 | 0 | not the patient's normal
    46,XX,+8,-7[3]/46,XX[2]//46,XY[14]/47,XY,+21c[1] | 20 | 5 | 15 | 2 | donor may have clones
    47,XX,+8[9]/46,XX[11]                            | 20    | 20        | 0     | 11     | one clone
    47,XX,+21c[20] | 20 | 20 | 0 | 20 | constitutional is normal
    46,XY[19]/nonclonal[2] | 21 | 21 | 0 | 19 | in the total alone
    45,XX,-20[2]/46,XX[18] | 20 | 20 | 0 | 20 | two losses are no clone
    45,XX,-20[3]/46,XX[17]                           | 20    | 20        | 0     | 17     | three are
    46,XX,del(20)(q11q13)[1]/46,XX[19] | 20 | 20 | 0 | 19 | one cell, not normal
    46,XX | - | - | - | - | no number stated
    46,XX[20]/47,XX,+8 | - | - | - | - | one number missing
"""


@pytest.mark.parametrize("row", rows(METAPHASES))
def test_metaphases(row: list[str]) -> None:
    text, *expected, why = row
    found = called(text).metaphases
    if found is None:
        assert set(expected) == {"-"}, why
        return
    counts = (found.total, found.recipient, found.donor, found.normal)
    assert counts == tuple(int(cell) for cell in expected), why


PLOIDY = """
    karyotype | ploidy | group | why
    ------------------------------------------------------------
    46,XX[20] | normal_diploid |  | normal
    47,XX,+8[2]/46,XX[18] | low_hyperdiploid |  | gain in 2
    47,XX,+8[1]/46,XX[19] | normal_diploid |  | gain in 1
    45,XX,-7[3]/46,XX[17] | hypodiploid_44_45 |  | loss in 3
    52,XX,+4,+6,+10,+14,+17,+18[20] | high_hyperdiploid | HeH | trisomies
    55,XX,+X,+4,+6,+10,+14,+17,+18,+21,+21[20] | high_hyperdiploid | HeH | one pair
    54,XX,+X,+X,+14,+14,+18,+18,+21,+21[20] | near_haploid+doubled | masked_near_haploid | only pairs
    48,XX,+21,+21[20] | low_hyperdiploid |  | one pair
    54,XX,+4,+4,+14,+14,+18,+21,+21,+mar[20] | high_hyperdiploid |  | not certain
    53,XX,+4,+6,+10,+14,+17,+18,+rea(2)[20] | high_hyperdiploid |  | unread item
    27,X,+10,+14,+18,+21[5]/54,XX,+X,+4,+6,+8,+10,+14,+18,+21[15] | high_hyperdiploid |  | related
    25,X,+10,+21[6]/50,slx2[10]/46,XY[4] | near_haploid+doubled | masked_near_haploid | doubled
    34,X,-X,-2,-3,-4,-5,-7,-9,-13,-15,-16,-17,-20[5]/68,slx2[11] | low_hypodiploid+doubled | HoTr | doubled
    26,X,+14,+18,+21[9] | near_haploid |  | no HoTr
    36,X,-X,-2,-3,-4,-7,-9,-13,-15,-16,-17[12] | low_hypodiploid | HoTr | 30-39
    69<3n>,XX,-X,+1,-3,+6,-7,-9,+10,-13,-17,+18,+21,+22[8] | near_triploid | HoTr | 66-78
    62<3n>,XX,-X,-3,-7,-9,-13,-15,-16,-17,+21[9] | overlap_60_65 | HoTr | lost
    60,XX,+X,+X,+4,+4,+5,+6,+8,+10,+11,+14,+17,+18,+21,+21[9] | overlap_60_65 | HeH | gained
    64<3n>,XX,-X,-1,-2,-5,-7,-8,-9,-11,+21,+22,+22[9] | overlap_60_65 |  | by number never
    60~64,XX,+X,+4,+6[cp9] | overlap_60_65 |  | composite
    43~46,XX,-7,del(9)(p13),-13,+mar[cp8]/46,XX[12] | range |  | spans classes
    79<3n>,XXX,+1,+2,+3,+4,+5,+6,+7,+8,+9,+10[4] | - |  | not covered
    92,XXYY[4]/46,XY[16] | near_tetraploid |  | 81-103
    47,XXY[20] | - |  | constitutional?
    45,X[20] | - |  | lost or never there?
    52(26,X,+14,+18,+21)x2[10]/46,XX[10] | near_haploid+doubled | masked_near_haploid | written as a doubled set
    68(34,X,-X,-2,-3,-4,-5,-7,-9,-13,-15,-16,-17,-20)x2[10] | low_hypodiploid+doubled | HoTr | likewise
    56~58,XX,+X,+4,+5,+6,+8,+10,+14,+17,+18,+21,+21[cp10] | high_hyperdiploid | HeH | two sex chromosomes: 2n
    47,XXYc[20] | normal_constitutional |  | marked c
    46,XX[0] | - |  | no cell seen
    //46,XY,+8,-7[5]/46,XY[15] | - |  | donor's clone
    46,XX[10]/something else[10] | - |  | unread part
    46,XX[5]/46,XY[15] | - |  | whose cells?
"""


@pytest.mark.parametrize(("text", "ploidy", "group", "why"), rows(PLOIDY))
def test_ploidy(text: str, ploidy: str, group: str, why: str) -> None:
    found = called(text)
    assert (found.ploidy or "-", found.ploidy_group or "") == (ploidy, group), why
    assert found.status != "rejected", found.error
    if found.ploidy is None or (found.ploidy in {"high_hyperdiploid", "overlap_60_65"} and not group):
        assert found.flags, "an open class is always flagged"


LESIONS = """
    change                          | KMT2A-r   | Ph        | why
    --------------------------------+-----------+-----------+---
    t(4;11)(q21;q23)                | yes       | no        | KMT2A::AFF1
    t(4;11)(q21;q23.3)              | yes       | no        | the same, higher resolution
    t(9;11)(p21.3;q23.3)            | yes       | no        | KMT2A::MLLT3
    t(6;11)(q27;q23)                | yes       | no        | KMT2A::AFDN
    t(11;19)(q23;p13.3)             | yes       | no        | KMT2A::MLLT1
    ins(10;11)(p12;q23q13)          | yes       | no        | KMT2A::MLLT10 by insertion
    der(4)t(4;11)(q21;q23)          | yes       | no        | unbalanced
    t(4;11;17)(q21;q23;p13)         | yes       | no        | three-way
    t(3;11)(p21;q23)                | suspect   | no        | another partner: FISH
    t(4;11)(q25;q23)                | suspect   | no        | another band of a partner
    add(11)(q23)                    | suspect   | no        | needs FISH
    inv(11)(p15q23)                 | suspect   | no        | needs FISH
    del(11)(q23)                    | no        | no        | a deletion is not KMT2A-r
    t(9;11)(p21;p15)                | no        | no        | right chromosomes, wrong arm
    t(11;14)(q13;q32)               | no        | no        | other band of 11
    ?t(4;11)(q21;q23)               | uncertain | no        | doubtful
    t(4;11)(q21;q2?3)               | uncertain | no        | doubtful band
    t(4;11)                         | uncertain | no        | no bands
    T(4;11)(q21;q23)                | uncertain | no        | not understood
    t(4;11)(q21;q23~24)             | uncertain | no        | a range of bands
    t(4;11)(q21;q22~24)             | uncertain | no        | likewise
    t(4;11)(q21;q23 or q13)         | uncertain | no        | one of two
    t(11;11)(p15;q23)               | suspect   | no        | both homologues
    t(4;11)(4pter->4q21::11q23->11qter;11pter->11q23::4q21->4qter) | yes | no | detailed form
    der(22)(22pter->22q11.2::9q34->9qter) | no  | yes       | detailed form
    der(22)ins(22;9)(q11.2;q34q34)  | no        | yes       | insertion
    t(9;22)(q34;q11.2)              | no        | yes       | BCR::ABL1
    t(9;22)(q34;q11)                | no        | yes       | lower resolution
    der(22)t(9;22)(q34;q11.2)       | no        | yes       | unbalanced
    ider(22)(q10)t(9;22)(q34;q11.2) | no        | yes       | ider
    t(9;22;17)(q34;q11.2;p11.2)     | no        | yes       | three-way
    t(9;22)(q34;q13)                | no        | suspect   | wrong band of 22
    t(9;22)                         | no        | uncertain | no bands
    t(8;22)(q24;q11.2)              | no        | no        | another partner
    del(22)(q11.2)                  | no        | no        | a deletion
"""


@pytest.mark.parametrize(("change", "kmt2a", "ph", "why"), rows(LESIONS))
def test_lesions(change: str, kmt2a: str, ph: str, why: str) -> None:
    found = called(f"46,XX,{change}[10]/46,XX[10]")
    assert (found.kmt2a, found.ph) == (kmt2a, ph), why


FINDINGS = """
    karyotype                                 | t_8_14    | t_1_19    | kmt2a_aff1 | monosomy_7 | i_17q | del_9p | CRLF2     | why
    ------------------------------------------+-----------+-----------+------------+------------+-------+--------+-----------+---
    46,XX[20]                                 | no        | no        | no         | no         | no    | no     | no        | normal
    46,XX,t(8;14)(q24.1;q32)[9]               | yes       | no        | no         | no         | no    | no     | no        | MYC::IGH
    46,XX,t(1;19)(q23;p13.3)[9]               | no        | yes       | no         | no         | no    | no     | no        | TCF3::PBX1
    46,XX,der(19)t(1;19)(q23;p13.3)[9]        | no        | yes       | no         | no         | no    | no     | no        | unbalanced
    46,XX,?t(1;19)(q23;p13.3)[9]              | no        | uncertain | no         | no         | no    | no     | no        | doubtful
    46,XX,t(1;19)[9]                          | no        | uncertain | no         | no         | no    | no     | no        | no bands
    46,XX,t(1;19)(p36;q13)[9]                 | no        | no        | no         | no         | no    | no     | no        | other bands
    46,XX,t(4;11)(q21;q23)[9]                 | no        | no        | yes        | no         | no    | no     | no        | KMT2A::AFF1
    46,XX,t(9;11)(p21;q23)[9]                 | no        | no        | no         | no         | no    | no     | no        | KMT2A::MLLT3
    45,XX,-7[9]                               | no        | no        | no         | yes        | no    | no     | no        | clonal
    45,XX,-7[2]/46,XX[18]                     | no        | no        | no         | no         | no    | no     | no        | not clonal
    45,XX,-7 or -8[9]                         | no        | no        | no         | uncertain  | no    | no     | no        | one of two
    46,XX,i(17)(q10)[9]                       | no        | no        | no         | no         | yes   | no     | no        | isochromosome
    46,XX,del(9)(p13)[9]                      | no        | no        | no         | no         | no    | yes    | no        | short arm
    46,XX,del(9)(q13)[9]                      | no        | no        | no         | no         | no    | no     | no        | long arm
    46,X,t(X;14)(p22.3;q32)[9]                | no        | no        | no         | no         | no    | no     | yes       | IGH::CRLF2?
    46,X,t(Y;14)(p11.3;q32)[9]                | no        | no        | no         | no         | no    | no     | yes       | the same on Y
    46,XX,T(8;14)(q24;q32)[9]                 | uncertain | no        | no         | no         | no    | no     | no        | not understood
"""


@pytest.mark.parametrize("row", rows(FINDINGS))
def test_findings_by_name(row: list[str]) -> None:
    text, *expected, why = row
    names = ("t_8_14", "t_1_19", "kmt2a_aff1", "monosomy_7", "i_17q", "del_9p", "crlf2_translocation")
    assert called(text).findings == dict(zip(names, expected, strict=True)), why


HIGH_RISK = """
    karyotype                                               | minihcvd2023 | ukall14 | why
    --------------------------------------------------------+--------------+---------+---
    46,XX[20]                                               | False        | False   | normal
    36,X,-X,-2,-3,-4,-7,-9,-13,-15,-16,-17[12]              | True         | True    | low hypodiploid
    62<3n>,XX,-X,-3,-7,-9,-13,-15,-16,-17,+21[9]            | True         | True    | near-triploid by pattern
    64<3n>,XX,-X,-1,-2,-5,-7,-8,-9,-11,+21,+22,+22[9]       | None         | None    | 60-65 without a pattern
    26,X,+14,+18,+21[9]                                     | False        | None    | near-haploid is not part of HoTr
    46,XX,t(4;11)(q21;q23)[9]                               | True         | True    | KMT2A::AFF1
    46,XX,t(9;11)(p21;q23)[9]                               | True         | False   | KMT2A-r of another partner
    46,XX,add(11)(q23)[9]                                   | None         | False   | suspect: FISH decides
    46,XX,del(11)(q23)[9]                                   | False        | False   | a deletion is not KMT2A-r
    46,XX,t(9;22)(q34;q11.2)[9]                             | False        | True    | Ph: not eligible for the trial
    47,XX,del(6)(q21),+8,add(9)(p13),del(12)(p12),inv(14)(q11.2q32)[9] | False | True | complex is apart in the trial
    55,XX,+X,+4,+6,+10,+14,+17,+18,+21,+21[15]              | False        | False   | HeH is not complex
"""


@pytest.mark.parametrize(("text", "trial", "ukall14", "why"), rows(HIGH_RISK))
def test_high_risk(text: str, trial: str, ukall14: str, why: str) -> None:
    found = called(text).high_risk
    assert {name: str(answer) for name, answer in found.items()} == {
        "minihcvd2023": trial,
        "ukall14": ukall14,
    }, why


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


WEIGHTS = """
    karyotype                                                       | n    | why
    ----------------------------------------------------------------+------+------------------------------------------
    46,XY,+1,der(1;16)(q10;p10)[5]                                  | 2    | +1 is part of the exchange
    47,XY,+1,+1,der(1;16)(q10;p10)[5]                               | 3    | one +1 is part of it, the other a gain
    46,XY,+1,der(1;16)(q10;p10)[5]/47,XY,+1[5]                      | 3    | +1 on its own too
    46,XX,der(9)t(1;9)(q21;p13)[5]                                  | 2    | unbalanced translocation
    46,XX,t(1;9)(q21;p13)[5]/46,XX,der(9)t(1;9)(q21;p13)[5]         | 1~2  | related derivative: new or not?
    46,XX,der(1)t(1;9)(q21;p13),der(9)t(1;9)(q21;p13)[5]            | 2    | it belongs to the other one
    46,XX,der(9)t(1;9)(q21;p13),der(7)t(1;7)(q21;q11)[5]            | 2~4  | they share a breakpoint
    46,XX,der(9)t(1;9)(q21;p13),der(7)t(1;7)(p32;q11)[5]            | 4    | they do not
    46,XX,der(1)del(1)(p13)t(1;3)(q21;q21)[5]                       | 2~3  | a derivative of two changes
    46,XX,der(17)add(17)(p11.2)add(17)(q21)[5]                      | 1~2  | of two additions
    46,XX,ins(5;2)(p14;q22q32)[5]                                   | 1    | balanced insertion
    46,XX,der(5)ins(5;2)(p14;q22q32)[5]                             | 2    | unbalanced insertion
    46,XX,r(7)(p22q36)[5]                                           | 1    | ring
    45,XX,r(1;3)(p36.1q23;q21q27)[5]                                | 2    | complex ring
    46,XX,qdp(1)(q23q32)[5]                                         | 2    | four copies of a segment
    46,XX,idic(17)(p11.2)[5]                                        | 1    | of one chromosome
    45,XX,psu dic(15;17)(q22;p13)[5]                                | 2    | of two
    47,XX,+r[5]                                                     | 1    | ring of unknown origin, as a marker
    47,XX,+r(7)(p22q36)[5]                                          | 2    | gain and ring
    47,XX,+add(9)(p22)[5]                                           | 2    | gain and addition
    48,XX,+21x2[5]                                                  | 2    | tetrasomy
    48,XX,+mar1x2[5]                                                | 2    | two copies of a marker
    46,XX,inc[5]                                                    | 0    | incomplete: nothing more is known
    47,XX,t(9;22)(q34;q11.2),+der(22)t(9;22)[5] | 2 | a copy of a counted derivative: one gain
    47,XX,der(22)t(9;22)(q34;q11.2),+der(22)t(9;22)[5]              | 3    | likewise
    47,XX,+der(22)t(9;22)(q34;q11.2)[5]                             | 3    | nothing counted before it
    47,XX,+i(1)(q10)[5]                                             | 2    | gain and isochromosome
    46,XX,add(9)(p13)[3]/47,sl,+8[3]/47,sl,+21[3]/46,XX[3]          | 3    | each change once
    46,XX,add(9)(p13)[3]/47,XX,add(9)(p13),+8[1]                    | 1    | +8 in one cell only
    46,XX,del(5)(q13q33)[5]/92,idemx2[15]                           | 2    | multiplied once
    45,XX,-3[5]/46,sl,+3,add(9)(p13)[5]                             | 2    | restored, not gained
    46,XX,del(11)(q13q23)[5]/46,sl,+11,-del(11)[5]                  | 1    | a normal 11 in its place
    46,XX,del(11)(q13q23)[5]/46,sl,-del(11),+add(11)(q13)[5]        | 2    | another change in its place
    45,XX,dic(8;17)(p11.1;p11.2)[5]/45,sl,-dic(8;17),+17[5]         | 3    | 8 is then lost
    45,XX,t(9;22)(q34;q11.2),-der(9)t(9;22)[5]                      | 2    | a product is lost
    69,XXX[10]                                                      | 1    | multiplication alone
    94<4n>,XXYY,+8,+8[10]                                           | 2~3  | does 4n itself count here?
    52(26,X,+14,+18,+21)x2[10]                                      | None | haploid base
    47,XX,add(9)(p13 or p22),+8[10]                                 | 2    | an alternative is one change
    46,XX,9qh+[10]                                                  | 0    | a variant is no abnormality
    51~53,XX,+4,+6,+10,+14,+17,+1~3mar[cp6]                         | 6~8  | markers are a range
"""


@pytest.mark.parametrize(("text", "n", "why"), rows(WEIGHTS))
def test_number_of_abnormalities(text: str, n: str, why: str) -> None:
    found = called(text)
    assert found.status != "rejected", found.error
    assert str(found.n_abnormalities_iscn) == n, why
    assert (n == "None") == ("ABNORMALITIES_OPEN" in found.flags)


COMPLEX = """
    karyotype                                                                  | raw   | all   | why
    ---------------------------------------------------------------------------+-------+-------+--------------------
    47,XX,del(6)(q21),+8,add(9)(p13),del(12)(p12)[9]                           | False | False | four
    47,XX,del(6)(q21),+8,add(9)(p13),del(12)(p12),inv(14)(q11.2q32)[9]         | True  | True  | five
    47,XX,del(6)(q21),+8,add(9)(p13),del(12)(p12),t(9;22)(q34;q11.2)[9]        | True  | False | established
    47,XX,del(6)(q21),+8,add(9)(p13),del(12)(p12),t(8;14)(q24;q32)[9]          | True  | False | established
    47,XX,del(6)(q21),+8,add(9)(p13),del(12)(p12),add(11)(q23)[9]              | True  | None  | KMT2A open
    55,XX,+X,+4,+6,+10,+14,+17,+18,+21,+21[15] | True | False | a ploidy group
    44~47,XX,-3,-5,-7,add(17)(p11.2),+3~5mar[cp10]                             | True  | None  | class open
    46,XX,del(6)(q21),add(9)(p13),del(12)(p12),2~3mar[9] | None | None | not understood
"""


@pytest.mark.parametrize(("text", "raw", "complex_all", "why"), rows(COMPLEX))
def test_complex(text: str, raw: str, complex_all: str, why: str) -> None:
    found = called(text)
    assert (str(found.complex_raw), str(found.complex_all)) == (raw, complex_all), why


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


def test_a_failed_culture_has_no_metaphases_and_is_not_normal() -> None:
    found = called("No metaphases obtained - culture failure")
    assert (found.ploidy, found.modal_number, found.kmt2a) == ("not_evaluable", None, None)
    assert found.metaphases is not None
    assert found.metaphases.total == 0


def test_a_single_metaphase_of_a_known_clone_is_clonal() -> None:
    """ISCN 2024 6.3 b: one metaphase counts if the change is known from an earlier sample."""
    text = "46,XY,t(9;22)(q34;q11.2)[1]/46,XY[19]"
    unknown, known = called(text), called(text, "t(9;22)(q34;q11.2)")
    assert (unknown.ploidy, unknown.n_abnormalities_iscn, unknown.ph) == (None, 0, "yes")
    assert (known.ploidy, known.n_abnormalities_iscn) == ("pseudodiploid", 1)
    for other_resolution in ("t(9;22)(q34;q11)", "der(22)t(9;22)(q34.1;q11.2)"):
        assert called(text, other_resolution) == known
    assert called(text, "t(9;22)(q34;q13)") == unknown


def test_clones_carry_what_they_inherit() -> None:
    found = called("46,XX,t(1;19)(q23;p13.3)[5]/47,sl,+8[8]/48,sdl1,+22[4]/46,XX[3]")
    assert [clone.items for clone in found.clones] == [
        ("t(1;19)(q23;p13.3)",),
        ("t(1;19)(q23;p13.3)", "+8"),
        ("t(1;19)(q23;p13.3)", "+8", "+22"),
        (),
    ]
    assert [(clone.role, clone.cells, clone.clonal) for clone in found.clones] == [
        ("stem", 5, True),
        ("side", 8, True),
        ("side", 4, True),
        ("normal", 3, False),
    ]


INHERITED = """
    karyotype                                                       | items of clone 2  | why
    ------------------------------------------------------------
    45,XX,-3[5]/46,sl,+3[5] |  | +3 restores: no trisomy 3
    46,XX,inv(6)(p21q23)[5]/46,sl,-inv(6),+6[5] |  | a normal 6 in the place of the inverted one
    46,XX,inv(6)(p21q23)[5]/45,sl,-inv(6)[5] | -6 | no 6 in its place
    47,XX,+mar2[5]/46,sl,-mar2[5] |  | a marker taken away
    46,XX,del(5)(q13q33)[5]/46,sl,-del(5),+del(5)(q22q31)[5] | del(5)(q22q31) | one in the place of the other
    45,XX,dic(8;17)(p11.1;p11.2)[5]/46,sl,+8,-dic(8;17),+17[5] |  | both are normal again
    46,XX,t(9;22)(q34;q11.2)[5]/45,sl,-der(9)t(9;22)[5] | t(9;22)(q34;q11.2) -der(9)t(9;22) | a product is lost
    46,XX,del(5)(q13q33)[5]/46,idem,add(9)(p13)[5] | del(5)(q13q33) add(9)(p13) | idem is clone 1
"""


@pytest.mark.parametrize(("text", "items", "why"), rows(INHERITED))
def test_inheritance(text: str, items: str, why: str) -> None:
    found = called(text)
    assert found.status != "rejected", found.error
    assert " ".join(found.clones[1].items) == items, why


def test_a_reference_that_could_mean_two_clones_is_not_guessed() -> None:
    found = called("47,XX,+8[9]/46,XX,del(6)(q21)[4]/47,sl,+21[3]/46,XX[4]")
    assert found.status == "partly"
    assert any("sl" in part for part in found.unparsed)
    assert found.n_abnormalities_iscn is None


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
    2024-03-31: 46,XX[20].                                     | 46,XX[20]
    .46,XX[20]                                                 | 46,XX[20]
    mos 46,XX[20]                                              | 46,XX[20]
    46,XX[20] 31.1.2024                                        | 46,XX[20]
    46,XX,t(3;16)(p21q24)[2]                                   | 46,XX,t(3;16)(p21;q24)[2]
    46,XX,der(11)(del(11)(p11)del(11)(q13)[2]                  | 46,XX,der(11)del(11)(p11)del(11)(q13)[2]
    46,XX,del13)(q14)[2]                                       | 46,XX,del(13)(q14)[2]
    46,XX,+8,-7[2]/92,slx2)[2]                                 | 46,XX,+8,-7[2]/92,slx2[2]
    46,XX,+8,-7[2,one is 4n/46,XX[2]                           | 46,XX,+8,-7[2,one is 4n]/46,XX[2]
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
    47,XX,+8[9]/nonclonal w/+8[1]                        | parsed | NONCLONAL_WITH_CLONAL | with items
    47,XX,+8[9]/nonclonal w/+8q[1]                       | partly | NONCLONAL_CELLS       | an item that is not read
    47,XX,+8[9]/somewhat odd[1]                          | partly | NONCLONAL_CELLS       | words
    47,XX,+8[2,five are 4n]                              | partly |                       | more cells than there are
    46,XX,add(9)(p13)[3],+8[2],-7[5]                     | partly | CELLS_NOT_STATED      | which cells are whose?
    46,XX,9qh+[20]                                       | parsed | CONSTITUTIONAL        | variant of a person
    46,XX,inv(9)(p12q13)[20]                             | parsed | HETEROMORPHISM        | c or not?
    46,XX,inv(2)(p11.2q13)?c[20]                         | partly |                       | born with it or not?
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


@pytest.mark.parametrize(
    ("n", "confidence", "percent"), [(20, 0.95, 13.911), (20, 0.90, 10.875), (10, 0.95, 25.887)]
)
def test_what_normal_metaphases_exclude(n: int, confidence: float, percent: float) -> None:
    """Cytogenetics page, Hook: "n = 20: 13.911 % (95 %), 10.875 (90 %)"; "10: 25.887"."""
    rule = dataclasses.replace(RULE, ploidy=dataclasses.replace(RULE.ploidy, exclusion_confidence=confidence))
    found = call_karyotype(f"46,XX[{n}]", specimen=Specimen(), rule=rule)
    assert found.excluded_level == pytest.approx(percent / 100, abs=1e-5)
