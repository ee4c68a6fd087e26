"""ISCN FISH strings as tables: what each form says, what is refused and where.

Writing and reading are inverse over all patterns, in both editions.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import rows

from mrdkit.fish import iscn_signals, iscn_text, parse_iscn, read_fish_rule
from mrdkit.fish.classes import NucleusSignals
from mrdkit.fish.iscn import Edition
from mrdkit.fish.iscn_result import IscnClone, IscnResult

RULE = read_fish_rule()


def parsed(text: str) -> IscnResult:
    return parse_iscn(text, RULE)


def written(clone: IscnClone) -> str:
    """Write a clone as gene, fusions, isolated 3' and 5', and its cells: `CRLF2 1 1 1 85/200`."""
    genes = "; ".join(
        f"{one.gene} {one.fusions} {one.isolated_3prime} {one.isolated_5prime}" for one in clone.patterns
    )
    return f"{'donor ' if clone.population == 'donor' else ''}{genes}, {clone.n}/{clone.total}"


FORMS = """
    string                                                           | edition | gene F T C, cells                     | normal
    -----------------------------------------------------------------+---------+---------------------------------------+-------
    nuc ish (CRLF2)×2[200]                                           | 2024    | CRLF2 2 0 0, 200/200                  | True
    nuc ish(CRLF2x2)[200]                                            | 2020    | CRLF2 2 0 0, 200/200                  | True
    nuc ish Xp22.33/Yp11.32(CRLF2x2)[200]                            | 2016    | CRLF2 2 0 0, 200/200                  | True
    NUC ISH (CRLF2) X2 [200]                                         | 2024    | CRLF2 2 0 0, 200/200                  | True
    (CRLF2x2)[200]                                                   | 2020    | CRLF2 2 0 0, 200/200                  | True
    nuc ish (CRLF2)×2(3′CRLF2 sep 5′CRLF2)×1[85/200]                 | 2024    | CRLF2 1 1 1, 85/200                   | False
    nuc ish(CRLF2x2)(3'CRLF2 sep 5'CRLF2x1)[85/200]                  | 2020    | CRLF2 1 1 1, 85/200                   | False
    nuc ish(5'CRLF2,3'CRLF2)x2(5'CRLF2 sep 3'CRLF2x1)[85/200]        | 2020    | CRLF2 1 1 1, 85/200                   | False
    NUC ISH(CRLF2X2)(3'CRLF2 SEP 5'CRLF2X1)[85/200]                  | 2020    | CRLF2 1 1 1, 85/200                   | False
    nuc ish (CRLF2)×2(3’CRLF2 sep 5’CRLF2)×1[85/200]                 | 2024    | CRLF2 1 1 1, 85/200                   | False
    nuc ish ( CRLF2 ) × 2 ( 3'CRLF2 sep 5'CRLF2 ) × 1 [ 85 / 200 ]   | 2024    | CRLF2 1 1 1, 85/200                   | False
    nuc ish(CRLF2 x2)(3'CRLF2sep5'CRLF2 x1)[85 of 200]               | 2020    | CRLF2 1 1 1, 85/200                   | False
    nuc ish(5'CRLF2x2,3'CRLF2x2)(5'CRLF2 sep 3'CRLF2x1)[85/200]      | 2020    | CRLF2 1 1 1, 85/200                   | False
    nuc ish (CRLF2)&times;2(3&prime;CRLF2 sep 5&prime;CRLF2)&times;1[85/200] | 2024 | CRLF2 1 1 1, 85/200              | False
    nuc ish (crlf2)×2(3′crlf2 sep 5′crlf2)×1[85/200]                 | 2024    | CRLF2 1 1 1, 85/200                   | False
    nuc ish (3′CRLF2×2,5′CRLF2×1)(3′CRLF2 con 5′CRLF2)×1[150/200]    | 2024    | CRLF2 1 1 0, 150/200                  | False
    nuc ish(3'CRLF2x2,5'CRLF2x1)(3'CRLF2 con 5'CRLF2x1)[150/200]     | 2020    | CRLF2 1 1 0, 150/200                  | False
    nuc ish (3′CRLF2×1,5′CRLF2×2)(3′CRLF2 con 5′CRLF2)×1[150/200]    | 2024    | CRLF2 1 0 1, 150/200                  | False
    nuc ish (3′CRLF2×3,5′CRLF2×2)(3′CRLF2 con 5′CRLF2)×1[44/200]     | 2024    | CRLF2 1 2 1, 44/200                   | False
    nuc ish (3′CRLF2×3,5′CRLF2×2)(3′CRLF2 sep 5′CRLF2)×1[44/200]     | 2024    | CRLF2 1 2 1, 44/200                   | False
    nuc ish (3′CRLF2×3,5′CRLF2×0)[66/200]                            | 2024    | CRLF2 0 3 0, 66/200                   | False
    nuc ish (CRLF2)×3[60/200]                                        | 2024    | CRLF2 3 0 0, 60/200                   | False
    nuc ish (CRLF2)×2~4[50/200]                                      | 2024    | CRLF2 2~4 0 0, 50/200                 | False
    nuc ish (CRLF2)amp[50/200]                                       | 2024    | CRLF2 amp 0 0, 50/200                 | False
    nuc ish (CRLF2)×0[10/200]                                        | 2024    | CRLF2 0 0 0, 10/200                   | False
    nuc ish (CRLF2)×3[0/200]                                         | 2024    | CRLF2 3 0 0, 0/200                    | True
    nuc ish (CRLF2)×2                                                | 2024    | CRLF2 2 0 0, None/None                | True
    nuc ish(ABL1x3),(BCRx3),(ABL1 con BCRx2)[120/200]                | 2020    | ABL1 3 0 0; BCR 3 0 0, 120/200        | False
    nuc ish 9q34(ABL1x2),22q11.2(BCRx2)[200]                         | 2016    | ABL1 2 0 0; BCR 2 0 0, 200/200        | True
    nuc ish (PAX5)×2[200]                                            | 2024    | PAX5 2 0 0, 200/200                   | True
    nuc ish (CRLF2 x 2)(3' CRLF2 sep 5' CRLF2 x 1) [85 / 200]        | 2020    | CRLF2 1 1 1, 85/200                   | False
    nuc ish(PAX5x1)[20/200]                                          | 2020    | PAX5 1 0 0, 20/200                    | False
    nuc ish (KMT2A)×2(5′KMT2A sep 3′KMT2A)×1[200]                    | 2024    | KMT2A 1 1 1, 200/200                  | False
    nuc ish (ETV6×2,RUNX1×3c)[200]                                   | 2024    | ETV6 2 0 0; RUNX1 3 0 0, 200/200      | True
    nuc ish (DXZ1,DYZ3)×1[200]                                       | 2024    | DXZ1 1 0 0; DYZ3 1 0 0, 200/200       | True
    nuc ish (DXZ1)×1[200]                                            | 2024    | DXZ1 1 0 0, 200/200                   | None
    nuc ish (DXZ1)×2[400]//                                          | 2024    | DXZ1 2 0 0, 400/400                   | True
    nuc ish //(DXZ1,DYZ3)×1[400]                                     | 2024    | donor DXZ1 1 0 0; DYZ3 1 0 0, 400/400 | None
    ish Xp22.33(CRLF2)×2[10]                                         | 2024    | CRLF2 2 0 0, 10/10                    | True
    ish t(X;14)(p22.33;q32)(3′CRLF2-,5′CRLF2+;3′CRLF2+)[5]           | 2024    | CRLF2 None 1 1, 5/5                   | False
    ish del(X)(p22.33p22.33)(5'CRLF2-,3'CRLF2+)[5]                   | 2024    | CRLF2 None 1 0, 5/5                   | False
"""


@pytest.mark.parametrize(("text", "edition", "clone", "normal"), rows(FORMS))
def test_form(text: str, edition: str, clone: str, normal: str) -> None:
    found = parsed(text)
    assert (found.status, found.error, found.unparsed) == ("parsed", None, ())
    assert (found.edition, str(found.normal)) == (edition, normal)
    assert [written(one) for one in found.clones] == [clone]


#: Several clones, hybridisations or populations in one string; ` + ` stands between them.
SEVERAL = """
    string                                                                              | clones
    ------------------------------------------------------------------------------------+-----------------------------------------------------
    nuc ish (CRLF2)×3[40/200]/(CRLF2)×2(3′CRLF2 sep 5′CRLF2)×1[30/200]                  | CRLF2 3 0 0, 40/200 + CRLF2 1 1 1, 30/200
    nuc ish(CRLF2x3)[40]/(CRLF2x2)[160]                                                 | CRLF2 3 0 0, 40/200 + CRLF2 2 0 0, 160/200
    nuc ish (CRLF2)×1[30/100],(KMT2A)×2[200]                                            | CRLF2 1 0 0, 30/100 + KMT2A 2 0 0, 200/200
    nuc ish (CRLF2)×2[150]//(CRLF2)×2[50]                                               | CRLF2 2 0 0, 150/200 + donor CRLF2 2 0 0, 50/200
    nuc ish (DXZ1)×2[50]//(DXZ1,DYZ3)×1[350]                                            | DXZ1 2 0 0, 50/400 + donor DXZ1 1 0 0; DYZ3 1 0 0, 350/400
    nuc ish (CRLF2)×3[20]/(CRLF2)×2[30]//(CRLF2)×2[150]                                 | CRLF2 3 0 0, 20/200 + CRLF2 2 0 0, 30/200 + donor CRLF2 2 0 0, 150/200
    nuc ish (CRLF2)×3[20/50]//(CRLF2)×2[150]                                            | CRLF2 3 0 0, 20/50 + donor CRLF2 2 0 0, 150/150
    46,XX[9]//46,XY[11].nuc ish (DXZ1)×2[50]//(DXZ1,DYZ3)×1[350]                        | DXZ1 2 0 0, 50/400 + donor DXZ1 1 0 0; DYZ3 1 0 0, 350/400
    46,XX[9].nuc ish (CRLF2)×2[200]//46,XY[11].nuc ish (CRLF2)×2[50]                    | CRLF2 2 0 0, 200/200 + donor CRLF2 2 0 0, 50/50
    nuc ish(CRLF2x3)[20/200]/nuc ish(CRLF2x1)[9/200]                                    | CRLF2 3 0 0, 20/200 + CRLF2 1 0 0, 9/200
    nuc ish (CRLF2)×2[90]//nuc ish (CRLF2)×2[10]                                        | CRLF2 2 0 0, 90/90 + donor CRLF2 2 0 0, 10/10
    //46,XY[20].nuc ish (CRLF2)×2[200]                                                  | donor CRLF2 2 0 0, 200/200
    46,XX[20].ish Xp22.33(CRLF2)×2[10].nuc ish (CRLF2)×2[200]                           | CRLF2 2 0 0, 10/10 + CRLF2 2 0 0, 200/200
"""


@pytest.mark.parametrize(("text", "clones"), rows(SEVERAL))
def test_several(text: str, clones: str) -> None:
    found = parsed(text)
    assert found.status == "parsed"
    assert " + ".join(written(one) for one in found.clones) == clones


CALLS = """
    string                                                                          | CRLF2 call                 | cells   | why
    --------------------------------------------------------------------------------+----------------------------+---------+-------------------------------------------
    nuc ish (CRLF2)×2[200]                                                          | normal                     | 0/200   | two copies
    46,XX[20].nuc ish (CRLF2)×2(3′CRLF2 sep 5′CRLF2)×1[60/200]                      | rearranged_split           | 60/200  | a normal karyotype does not make it normal
    nuc ish (CRLF2)×3[40/200]/(CRLF2)×2(3′CRLF2 sep 5′CRLF2)×1[30/200]              | rearranged_split           | 30/200  | precedence, not size
    nuc ish (3′CRLF2×2,5′CRLF2×1)(3′CRLF2 con 5′CRLF2)×1[150/200]                   | rearranged_deletion_5prime | 150/200 | the 5' side is lost
    46,X,t(X;14)(p22;q32)[9].ish t(X;14)(3'CRLF2-,5'CRLF2+;3'CRLF2+)[5].nuc ish(CRLF2x2)(3'CRLF2 sep 5'CRLF2x1)[120/200] | rearranged_split | 120/200 | metaphases are no nuclei
    nuc ish(CRLF2x1)[30/100],(CRLF2x1)[50/200]                                      | loss_not_rearranged        | 50/200  | two hybridisations are not added
    nuc ish (3′CRLF2×1,5′CRLF2×2)(3′CRLF2 con 5′CRLF2)×1[150/200]                   | atypical_loss_3prime       | 150/200 | the 3' side is lost
    nuc ish (CRLF2)×2~4[50/200]                                                     | gain_not_rearranged        | 50/200  | no fewer than two
    nuc ish (CRLF2)×1~3[50/200]                                                     | indeterminate              | -/200   | loss or gain
    nuc ish (CRLF2)amp[50/200]                                                      | gain_not_rearranged        | 50/200  | more than can be counted
    nuc ish (CRLF2)×0[50/200]                                                       | loss_not_rearranged        | 50/200  | both lost
    nuc ish (CRLF2)×3[0/200]                                                        | normal                     | 0/200   | in no nucleus
    nuc ish (CRLF2)×3c[200]                                                         | normal                     | 0/200   | constitutional
    nuc ish (IGH,CRLF2)×3(IGH con CRLF2)×2[40/200]                                  | rearranged_unspecified     | 40/200  | fused with another gene
    nuc ish (IGH,CRLF2)×2(IGH con CRLF2)×0[40/200]                                  | indeterminate              | -/200   | a relation that says nothing of a break
    nuc ish (3'CRLF2 sep 5'CRLF2)×1[85/200]                                         | rearranged_split           | 85/200  | without totals
    nuc ish (5'CRLF2,3'CRLF2)×2[200]                                                | indeterminate              | -/200   | without a relation
    nuc ish (CRLF2)×2[200],(CRLF2,KMT2A)[200]                                       | indeterminate              | -/200   | something about CRLF2 was not understood
    nuc ish (CRLF2)×2[200],(KMT2A)[200]                                             | normal                     | 0/200   | something about another gene was not
    nuc ish (CRLF2)×2[200],(KMT2A)×2(5′KMT2A sep 3′KMT2A)×1[90/200]                 | normal                     | 0/200   | one gene never leaks to another
    nuc ish (CRLF2)×2[150]//(CRLF2)×2(3′CRLF2 sep 5′CRLF2)×1[50]                    | normal                     | 0/150   | the donor's cells are not the patient's
    nuc ish (KMT2A)×2[200]                                                          |                            |         | not tested
    nuc ish //(CRLF2)×2[200]                                                        |                            |         | the patient not tested
"""


@pytest.mark.parametrize(("text", "call", "cells", "why"), rows(CALLS))
def test_call_of_crlf2(text: str, call: str, cells: str, why: str) -> None:
    found = [(one.call, f"{'-' if one.n is None else one.n}/{one.total}") for one in parsed(text).calls]
    assert found == ([(call, cells)] if call else []), why


REFUSED = """
    string                                                                   | error               | position
    -------------------------------------------------------------------------+---------------------+---------
    nuc ish(CRLF2x2)(3'CRLF2 sep 5'CRLF2x1)[85                               | ISCN_BRACKET        | 40
    nuc ish CRLF2x2)[200]                                                    | ISCN_BRACKET        | 16
    nuc ish (CRLF2]×2                                                        | ISCN_BRACKET        | 15
    nuc ish (CRLF2)×3[250/200]                                               | ISCN_CELLS          | 19
    nuc ish (CRLF2)×3[0]                                                     | ISCN_CELLS          | 19
    nuc ish (CRLF2)×1(3′CRLF2 sep 5′CRLF2)×2[10/200]                         | ISCN_SEP_COUNT      | 19
    nuc ish (3′CRLF2×2,5′CRLF2×1)(3′CRLF2 con 5′CRLF2)×2[10/200]             | ISCN_CON_COUNT      | 31
    nuc ish (ABL1,BCR)×2(ABL1 con BCR)×3[10/200]                             | ISCN_CON_COUNT      | 22
    nuc ish (CRLF2)×2(3′CRLF2 sep 5′CRLF2)×1(3′CRLF2 con 5′CRLF2)×0[10/200]  | ISCN_RELATION       | 42
    nuc ish (CRLF2)×2(CRLF2)×3[10/200]                                       | ISCN_COPIES         | 19
    nuc ish (5′×2,3′×1)(5′ con 3′)×1[10/200]                                 | ISCN_GENE           | 9
    nuc ish (CRLF2)×3[150/200]/(CRLF2)×1[100/200]                            | ISCN_CLONES         | 38
    nuc ish (CRLF2)×3[50/200]/(CRLF2)×1[50/100]                              | ISCN_TOTALS         | 37
    nuc ish (CRLF2)×3[50/200]//(CRLF2)×2[50]//(CRLF2)×2[50]                  | ISCN_TWO_DONORS     | 41
    nuc ish (CRLF2)×3[50/200]//46,XX//                                       | ISCN_TWO_DONORS     | 33
    nuc ish (CRLF2)×3[50/200]/                                               | ISCN_EMPTY_CLONE    | 27
    nuc ish                                                                  | ISCN_NOT_UNDERSTOOD | 1
    nuc ish //                                                               | ISCN_EMPTY          | 9
    nuc ish (CRLF2)[200]                                                     | ISCN_NOT_UNDERSTOOD | 1
    nuc ish (5CRLF2)×2[200]                                                  | ISCN_NOT_UNDERSTOOD | 1
    nuc ish (CRLF2x2)x2[200]                                                 | ISCN_NOT_UNDERSTOOD | 1
    46,XX[20]                                                                | ISCN_NO_FISH        | 1
    CRLF2 FISH normal                                                        | ISCN_NO_FISH        | 1
"""


@pytest.mark.parametrize(("text", "error", "position"), rows(REFUSED))
def test_refused(text: str, error: str, position: str) -> None:
    found = parsed(text)
    assert (found.status, found.clones, found.calls, found.normal) == ("rejected", (), (), None)
    assert (found.error or "").startswith(f"{error}: position {position}: ")


PARTLY = """
    string                                                             | unparsed                                    | normal | why
    -------------------------------------------------------------------+---------------------------------------------+--------+----------------------
    nuc ish (CRLF2)×2[200].arr[GRCh38] (1-22)×2                        | position 24: arr[GRCh38] (1-22)×2           | True   | another technique
    nuc ish (CRLF2)×2[200],(KMT2A)[200]                                | position 24: (KMT2A)[200]                   | None   | copies are missing
    nuc ish (CRLF2)×2[200]; see comment                                | position 25: see comment                    | None   | a remark
    nuc ish (CRLF2)×3[20/200]; see comment                             | position 28: see comment                    | False  | what is abnormal stays
    ish del(22)(q11.2q11.2)[5].nuc ish (CRLF2)×2[200]                  | position 5: del(22)(q11.2q11.2)[5]          | None   | no signals
"""


@pytest.mark.parametrize(("text", "unparsed", "normal", "why"), rows(PARTLY))
def test_what_is_not_understood_is_listed_and_never_normal(
    text: str, unparsed: str, normal: str, why: str
) -> None:
    found = parsed(text)
    assert (found.status, "; ".join(found.unparsed), str(found.normal)) == ("partly", unparsed, normal), why


FLAGS = """
    string                                                         | flags                             | why
    ---------------------------------------------------------------+-----------------------------------+-----------------------------------
    nuc ish (CRLF2)×2(3′CRLF2 sep 5′CRLF2)×1[85/200]               |                                   | 3' is nearer to pter
    nuc ish (CRLF2)×2(5′CRLF2 sep 3′CRLF2)×1[85/200]               | PROBE_ORDER                       | the other way round
    nuc ish (KMT2A)×2(5′KMT2A sep 3′KMT2A)×1[85/200]               |                                   | KMT2A is on the plus strand
    nuc ish (KMT2A)×2(3′KMT2A sep 5′KMT2A)×1[85/200]               | PROBE_ORDER                       | the other way round
    nuc ish (5'NEW sep 3'NEW)×1[85/200]                            | TOTALS_MISSING                    | a gene that is not listed
    nuc ish (CRLF2)×3[0/200]                                       | ZERO_NUCLEI                       | no nucleus
    nuc ish (CRLF2)×3                                              | CELLS_MISSING                     | no numbers
    nuc ish (ETV6×2,RUNX1×3c)[200]                                 | CONSTITUTIONAL                    | the person's own
    (CRLF2)×2[200]                                                 | TECHNIQUE_MISSING                 | read as nuc ish
    ish Xp22.33(CRLF2)×2[10]                                       | METAPHASE                         |
    46,XX[20].nuc ish (CRLF2)×2[200]//                             | KARYOTYPE_NOT_READ                | recipient only
    nuc ish (CRLF2)×2[150]//(CRLF2)×2[50]                          | DONOR_CELLS                       |
"""


@pytest.mark.parametrize(("text", "flags", "why"), rows(FLAGS))
def test_flags(text: str, flags: str, why: str) -> None:
    found = parsed(text)
    assert " ".join(found.flags) == flags, why
    assert len(found.reasons) == len(found.flags)


EDITIONS: list[Edition] = ["2024", "2020"]
PATTERNS = [NucleusSignals(f, t, c) for f in range(7) for t in range(5) for c in range(5) if f or t or c]


@pytest.mark.parametrize("edition", EDITIONS)
def test_reading_is_the_inverse_of_writing(edition: Edition) -> None:
    assert len(PATTERNS) == 174
    for signals in PATTERNS:
        text = iscn_signals(signals, gene="CRLF2", first_end="3prime", edition=edition)
        found = parsed(f"nuc ish{' ' if edition == '2024' else ''}{text}[7/200]")
        (clone,) = found.clones
        assert [written(clone)] == ["CRLF2 {} {} {}, 7/200".format(*signals)], text
        assert found.edition == edition, text


@given(
    st.lists(st.tuples(st.sampled_from(PATTERNS), st.integers(1, 40)), min_size=1, max_size=5, unique=True),
    st.sampled_from(EDITIONS),
)
def test_several_clones_are_read_as_they_were_written(
    entries: list[tuple[NucleusSignals, int]], edition: Edition
) -> None:
    text = iscn_text(
        entries, total=200, normal=NucleusSignals(2, 0, 0), gene="CRLF2", first_end="3prime", edition=edition
    )
    found = parsed(text)
    assert found.status == "parsed"
    assert [written(clone) for clone in found.clones] == [
        "CRLF2 {} {} {}, {}/200".format(*signals, n) for signals, n in entries
    ]


@given(st.integers(1, 500), st.integers(1, 500))
def test_recipient_and_donor_always_add_up(recipient: int, donor: int) -> None:
    found = parsed(f"nuc ish (DXZ1)×2[{recipient}]//(DXZ1,DYZ3)×1[{donor}]")
    assert found.nuclei is not None
    assert (found.nuclei.recipient, found.nuclei.donor) == (recipient, donor)
    assert found.nuclei.total == recipient + donor == found.clones[0].total


PIECES = st.sampled_from(
    "nuc ish|ish|(|)|[|]|/|//|,|;|.|×|x|X|2|1|0|~|sep|con|3'|5'|CRLF2|KMT2A|amp|c|[85/200]|[200]|(CRLF2)×2|46,XX[20]|"
    "Xp22.33|t(X;14)(p22;q32)|+|-| |&times;|\u200b|\n|\U0001f9ec".split("|")
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)))
def test_whatever_the_text_the_answer_is_a_result(text: str) -> None:
    found = parsed(text)
    assert (found.status == "rejected") == (found.error is not None)
    assert found.status != "rejected" or not found.clones


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "nuc ish " + "(" * 5_000 + ")" * 4_000,
        "nuc ish (" + "A " * 4_900 + ")",
        "nuc ish (A" + " " * 9_900 + "B)",
        "nuc ish " + "(A)x2[9]/" * 1_000 + "(A)x2[9]",
        "nuc ish (" + "A," * 4_900 + "A)x2",
        "nuc " * 2_500,
        "nuc ish (CRLF2)x2[200]" + " " * 20_000,
    ],
)
def test_long_texts_end(text: str) -> None:
    assert parsed(text).status in ("parsed", "partly", "rejected")
