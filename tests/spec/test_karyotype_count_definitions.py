"""Numbers of abnormalities, and what a clone inherits, as tables."""

import pytest
from karyotype_calls import called
from tables import rows

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
    47,XX,t(9;22)(q34;q11.2),+der(22)[5]                            | 2    | likewise, abbreviated
    46,XX,t(9;22)(q34;q11.2)[9]/46,XX,t(9;22),del(9)(p21)[5]        | 2    | the same t(9;22), abbreviated
    46,XX,del(5)(q13q33)[9]/46,XX,del(5),add(9)(p13)[5]             | 2    | the same del(5)
    46,XX,rea(2)[5]                                                 | 1~2  | of unknown kind, balanced or not
    46,XX,rea(2)[5]/46,sl,-rea(2),+2[5]                             | 1~2  | a normal 2 in its place
    46,XX,del(11q)[5]                                               | 1    | an arm alone
    46,XX,der(7)t(7;8)(q22;q22)ins(7)(q22;?)[5]                     | 2~4  | unknown material inserted too
    46,XX,-21,+der(21)t(1;21)(q21;q22)[5]                           | 2~4  | the old form of der(21), or a loss and a gain
    48,XX,+21,+21[1]/46,XX[19]                                      | 0    | twice in one metaphase is no clone
    46,XX[0]/47,XX,+8[0]                                            | None | no metaphase seen
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
