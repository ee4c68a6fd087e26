"""Karyotype definitions as tables: metaphases and donors, clonality, ploidy, rearrangements, risk."""

import dataclasses

import pytest
from karyotype_calls import RULE, called
from tables import rows

from mrdkit.karyotype import call_karyotype
from mrdkit.results import Specimen

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
    46,XX[5]/46,XY[15] | - | - | - | - | whose cells?
    47,XY,+12[15]/46,XX[5] | - | - | - | - | likewise
    46,XX[2 0] | - | - | - | - | 2 or 20?
    46,XX[5]/46,XY[5]//46,XY[10] | - | - | - | - | likewise, beside a donor
    46,XX,+8,-7[15]/nonclonal w/del(11q)[2]/46,XX[3] | 20 | 20 | 0 | 3 | in the total alone
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
    53,XX,+4,+6,+10,+14,+17,+18,+fra(2)[20] | high_hyperdiploid |  | unread item
    27<n>,X,+10,+14,+18,+21[5]/54<2n>,slx2[15] | near_haploid+doubled | masked_near_haploid | <n> is <1n>
    46,XX,t(9;22)(q34;q11.2)dn[20] | normal_constitutional |  | new in the germ line
    46,XX,inv(2)(p11.2q13)mat[20] | normal_constitutional |  | inherited
    46,XX,5q-[5]/46,XX[15] | pseudodiploid |  | of the first editions
    45,XO[20] | - |  | as 45,X
    46,YY[20] | - |  | no X: not usual
    46,XX[0]/47,XX,+8[0] | - |  | no cell seen
    46,XX[20] normal female karyotype | normal_diploid |  | said in words
    46,XX[20] (normal male) | - |  | of the wrong sex
    46,XX[20] KMT2A rearranged | - |  | words that are not read
    27,X,+10,+14,+18,+21[5]/54,XX,+X,+4,+6,+8,+10,+14,+18,+21[15] | high_hyperdiploid |  | related
    25,X,+10,+21[6]/50,slx2[10]/46,XY[4] | near_haploid+doubled | masked_near_haploid | doubled
    34,X,-X,-2,-3,-4,-5,-7,-9,-13,-15,-16,-17,-20[5]/68,slx2[11] | low_hypodiploid+doubled | HoTr | doubled
    26,X,+14,+18,+21[9] | near_haploid |  | no HoTr
    36,X,-X,-2,-3,-4,-7,-9,-13,-15,-16,-17[12] | low_hypodiploid | HoTr | 30-39
    36,X,-X,-2,-3,-4,-7,-9,-13,-15,-16,-17[6]/72,slx2[6] | - | HoTr | whichever is the mainline
    36,X,-X,-2,-3,-4,-7,-9,-13,-15,-16,-17[6]/47,XX,+8[6] | - |  | one of the two is not
    26,X,+14,+18,+21[6]/52,slx2[6] | - |  | likewise
    69<3n>,XX,-X,+1,-3,+6,-7,-9,+10,-13,-17,+18,+21,+22[8] | near_triploid | HoTr | 66-78
    62<3n>,XX,-X,-3,-7,-9,-13,-15,-16,-17,+21[9] | overlap_60_65 | HoTr | lost
    60,XX,+X,+X,+4,+4,+5,+6,+8,+10,+11,+14,+17,+18,+21,+21[9] | overlap_60_65 | HeH | gained
    64<3n>,XX,-X,-1,-2,-5,-7,-8,-9,-11,+21,+22,+22[9] | overlap_60_65 |  | by number never
    65<3n>,XXX,-3,-7,-13,-16[9] | overlap_60_65 |  | some losses; the rest of 3n is no gain
    62<3n>,XX,-X,-3,-7,-9,-13,-15,-16,-19,+21[9] | overlap_60_65 |  | 17 is not lost
    37,XX,-3,-4,-7,-9,-13,-15,-16,-17,-20[5]/62<3n>,XX,-X,-3,-7,-9,-13,-15,-16,-19,+21[9] | overlap_60_65 | HoTr | related clone
    46,XX,del(6)(q21)[9]/37,XX,-3,-4,-7,-9,-13,-15,-16,-17,-20[5] | pseudodiploid |  | the mainline decides
    29,X,+X,+8,+10,+14,+18,+21[9] | near_haploid |  | 29 is the last
    30,X,+X,+8,+10,+14,+18,+21,+22[9] | low_hypodiploid | HoTr | 30 is the first
    39,XX,-2,-3,-7,-13,-15,-16,-17[9] | low_hypodiploid | HoTr | 39 is the last
    40,XX,-2,-3,-7,-13,-15,-16[9] | hypodiploid_40_43 |  | 40 is none
    43,XX,-7,-13,-17[9] | hypodiploid_40_43 |  | 43 is the last
    44,XX,-7,-13[9] | hypodiploid_44_45 |  | 44 is the first
    50,XX,+4,+6,+10,+14[9] | low_hyperdiploid |  | 50 is the last
    51,XX,+4,+6,+10,+14,+17[9] | high_hyperdiploid | HeH | 51 is the first
    59,XX,+X,+4,+5,+6,+8,+10,+11,+12,+14,+17,+18,+20,+21[9] | high_hyperdiploid | HeH | 59 is the last
    66<3n>,XXX,-7,-13,-17[9] | near_triploid | HoTr | 66 is the first
    78<3n>,XXX,+1,+2,+5,+6,+8,+10,+18,+21,+22[9] | near_triploid | HoTr | 78 is the last
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
    47,XY,+12[15]/46,XX[5] | - |  | whose clone?
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
    tt(4;11)(q21;q23)               | uncertain | no        | not understood
    Ph+                             | no        | uncertain | not understood, but named
    MLL+                            | uncertain | no        | likewise
    der(11)                         | uncertain | no        | derived from what?
    der(22)                         | no        | uncertain | likewise
    t(4;11)(q21;q23~24)             | uncertain | no        | a range of bands
    t(4;11)(q21;q22~24)             | uncertain | no        | likewise
    t(4;11)(q21;q23 or q13)         | uncertain | no        | one of two
    t(11;11)(p15;q23)               | suspect   | no        | both homologues
    t(4;11)(4pter->4q21::11q23->11qter;11pter->11q23::4q21->4qter) | yes | no | detailed form
    rea(11)                         | uncertain | no        | rearranged, of unknown kind
    rea(11)(q23)                    | uncertain | no        | likewise
    rea(22)(q11.2)                  | no        | uncertain | likewise
    rea(22)(q13)                    | no        | no        | another band
    del(11q)                        | no        | no        | a deletion
    add(11q)                        | uncertain | no        | an arm, no band
    add(11)(q2?3)                   | uncertain | no        | doubtful band
    add(11q23)                      | suspect   | no        | one bracket
    t(9;11)(p21;q23)                | yes       | no        | KMT2A::MLLT3
    t(4q21;11q23)                   | yes       | no        | one bracket
    t(4q;11q)                       | uncertain | no        | arms alone
    t(9q34;22q11)                   | no        | yes       | one bracket
    ins(11)(q23;?)                  | uncertain | no        | material of unknown origin
    ins(?;11q23q23)                 | uncertain | no        | likewise
    der(22)t(?;22)(?;q11.2)         | no        | uncertain | 9 may be the unknown partner
    t(9;?)(q34;?)                   | no        | uncertain | 22 may be
    t(9;?)                          | uncertain | uncertain | 11 or 22 may be
    t(3;?)(p21;?)                   | no        | no        | neither can be
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
    46,XX,i(17q)[9]                           | no        | no        | no         | no         | yes   | no     | no        | an arm alone
    46,XX,rea(17)[9]                          | no        | no        | no         | no         | uncertain | no | no        | of unknown kind
    46,XX,del(9p)[9]                          | no        | no        | no         | no         | no    | yes    | no        | an arm alone
    46,XX,t(8;?)(q24;?)[9]                    | uncertain | no        | no         | no         | no    | no     | no        | the partner is unknown
    46,XX,i(17)(q10)[9]                       | no        | no        | no         | no         | yes   | no     | no        | isochromosome
    46,XX,del(9)(p13)[9]                      | no        | no        | no         | no         | no    | yes    | no        | short arm
    46,XX,del(9)(q13)[9]                      | no        | no        | no         | no         | no    | no     | no        | long arm
    46,X,t(X;14)(p22.3;q32)[9]                | no        | no        | no         | no         | no    | no     | yes       | IGH::CRLF2?
    46,X,t(Y;14)(p11.3;q32)[9]                | no        | no        | no         | no         | no    | no     | yes       | the same on Y
    46,X,tt(X;14)(p22;q32)[9]                 | no        | no        | no         | no         | no    | no     | uncertain | not understood
    46,XX,tt(8;14)(q24;q32)[9]                | uncertain | no        | no         | no         | no    | no     | no        | not understood
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
    46,XX,del(6)(q21)[9]/37,XX,-3,-4,-7,-9,-13,-15,-16,-17,-20[5] | None | None | HoTr in a smaller clone: review
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


def test_a_single_metaphase_of_a_known_clone_is_clonal() -> None:
    """ISCN 2024 6.3 b: one metaphase counts if the change is known from an earlier sample."""
    text = "46,XY,t(9;22)(q34;q11.2)[1]/46,XY[19]"
    unknown, known = called(text), called(text, "t(9;22)(q34;q11.2)")
    assert (unknown.ploidy, unknown.n_abnormalities_iscn, unknown.ph) == (None, 0, "yes")
    assert (known.ploidy, known.n_abnormalities_iscn) == ("pseudodiploid", 1)
    for other_resolution in ("t(9;22)(q34;q11)", "der(22)t(9;22)(q34.1;q11.2)"):
        assert called(text, other_resolution) == known
    assert called(text, "t(9;22)(q34;q13)") == unknown


CONFIRMED = """
    FISH part                                    | n    | why
    ---------------------------------------------+------+---
    .nuc ish(ABL1,BCR)x3(ABL1 con BCRx2)[60/200] | 1    | FISH shows the fusion
    .nuc ish(ABL1,BCR)x2[200]                    | 0    | FISH is normal
    .nuc ish(ABL1x3,BCRx2)[60/200]               | 0    | FISH shows no fusion
    .nuc ish(KMT2Ax2)(5'KMT2A sep 3'KMT2Ax1)[60/200] | 0 | of another gene
"""


@pytest.mark.parametrize(("part", "n", "why"), rows(CONFIRMED))
def test_a_single_metaphase_that_fish_confirms_is_clonal(part: str, n: str, why: str) -> None:
    """ISCN 2024 6.3 c."""
    found = called(f"46,XY,t(9;22)(q34;q11.2)[1]/46,XY[19]{part}")
    assert (str(found.n_abnormalities_iscn), found.ph) == (n, "yes"), why
    assert any(clone.clonal for clone in found.clones) == (n == "1")


@pytest.mark.parametrize(
    ("n", "confidence", "percent"), [(20, 0.95, 13.911), (20, 0.90, 10.875), (10, 0.95, 25.887)]
)
def test_what_normal_metaphases_exclude(n: int, confidence: float, percent: float) -> None:
    """Cytogenetics page, Hook: "n = 20: 13.911 % (95 %), 10.875 (90 %)"; "10: 25.887"."""
    rule = dataclasses.replace(RULE, ploidy=dataclasses.replace(RULE.ploidy, exclusion_confidence=confidence))
    found = call_karyotype(f"46,XX[{n}]", specimen=Specimen(), rule=rule)
    assert found.excluded_level == pytest.approx(percent / 100, abs=1e-5)


@pytest.mark.parametrize(
    ("n", "two", "three"),
    [(20, 21.61, 28.26), (30, 14.86, 19.53), (50, 9.14, 12.06), (2, 97.47, None), (1, None, None)],
)
def test_what_they_exclude_where_a_clone_needs_two_or_three_cells(
    n: int, two: float | None, three: float | None
) -> None:
    """Cytogenetics page, honest limit: "n = 20: 21.61 % (28.26 %); 30: 14.86 (19.53); 50: 9.14 (12.06)"."""
    found = called(f"46,XX[{n}]")
    for level, percent in ((found.excluded_level_two_cells, two), (found.excluded_level_three_cells, three)):
        assert (level is None) == (percent is None)
        if level is not None and percent is not None:
            assert 100 * level == pytest.approx(percent, abs=5e-3)
