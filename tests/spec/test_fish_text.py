"""Free-text CRLF2 FISH results as tables: which words mean what, and what is never read as negative."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import rows

from mrdkit.fish import TextResult, read_fish_rule, read_text, read_text_rule

RULE, WORDS = read_fish_rule(), read_text_rule()


def heard(text: str) -> TextResult:
    return read_text(text, RULE, WORDS)


def numbers(found: TextResult) -> str:
    """Write the numbers as abnormal/scored percent: `85/200 42.5`, with `-` for what is not written."""
    counts = "/".join("-" if one is None else str(one) for one in (found.n_abnormal, found.n_scored))
    return f"{counts} {'-' if found.percent is None else format(found.percent, 'g')}"


REARRANGED = """
    text                                                                                  | call                       | numbers
    --------------------------------------------------------------------------------------+----------------------------+--------------
    CRLF2 break apart: POSITIVE for rearrangement in 85 of 200 interphase nuclei (42.5%)  | rearranged_unspecified     | 85/200 42.5
    CRLF2 rearrangement: detected (45%)                                                   | rearranged_unspecified     | -/- 45
    Signal pattern consistent with rearrangement of CRLF2 in 85/200 (42.5%) cells.        | rearranged_unspecified     | 85/200 42.5
    CRLF2 rearranged (85 of 200 nuclei; 42.5%; reference range <2.4%)                     | rearranged_unspecified     | 85/200 42.5
    CRLF2: Positive (42.5%, cutoff 2.4%)                                                  | rearranged_unspecified     | -/- 42.5
    CRLF2-r                                                                               | rearranged_unspecified     | -/- -
    CRLF2 pos                                                                             | rearranged_unspecified     | -/- -
    Positive                                                                              | rearranged_unspecified     | -/- -
    CRLF2: abnormal, split signal pattern in 85 out of 200 cells                          | rearranged_split           | 85/200 42.5
    CRLF2 split signals in 60/200 nuclei; the remaining nuclei were normal                | rearranged_split           | 60/200 30
    CRLF2: one red, one green and one fusion signal in 85/200 nuclei                      | rearranged_split           | 85/200 42.5
    CRLF2 split in 85/200                                                                 | rearranged_split           | 85/200 42.5
    IGH::CRLF2 fusion detected in 70% of nuclei                                           | rearranged_split           | -/- 70
    CRLF2 FISH shows t(X;14)(p22;q32) in 40% of nuclei                                    | rearranged_split           | -/- 40
    loss of one 5'CRLF2 signal in 22% (44/200), suggestive of P2RY8::CRLF2                | rearranged_deletion_5prime | 44/200 22
    Deletion of the 5-prime CRLF2 region in 40% of cells                                  | rearranged_deletion_5prime | -/- 40
    isolated 3′ CRLF2 signal in 80 of 200 nuclei                                          | rearranged_deletion_5prime | 80/200 40
    P2RY8::CRLF2 positive (60/200)                                                        | rearranged_deletion_5prime | 60/200 30
"""

OTHER = """
    text                                                                                  | call                 | numbers
    --------------------------------------------------------------------------------------+----------------------+------------
    loss of 3'CRLF2 in 30/200 nuclei (15%)                                                | atypical_loss_3prime | 30/200 15
    NEGATIVE for CRLF2 rearrangement. Three copies of CRLF2 in 30% of nuclei              | gain_not_rearranged  | -/- 30
    CRLF2 gain (3-4 copies) in 45% of nuclei                                              | gain_not_rearranged  | -/- 45
    CRLF2 break-apart: 3 fusion signals in 60 of 200 nuclei                               | gain_not_rearranged  | 60/200 30
    CRLF2: no split signals in 200 nuclei; 62 of 200 nuclei (31%) show a single fusion    | loss_not_rearranged  | 62/200 31
    Loss of one CRLF2 signal in 40% of nuclei                                             | loss_not_rearranged  | -/- 40
    CRLF2: 42.5% (normal <2.4%)                                                           | abnormal_unspecified | -/- 42.5
    CRLF2: 42,5 % (Cut-off: 2,4 %)                                                        | abnormal_unspecified | -/- 42.5
    CRLF2: one fusion and one red signal in 85/200 nuclei                                 | abnormal_unspecified | 85/200 42.5
    CRLF2 FISH abnormal: see report                                                       | abnormal_unspecified | -/- -
    There is no normal CRLF2 signal pattern                                               | abnormal_unspecified | -/- -
"""

NORMAL = """
    text                                                                                  | call   | numbers
    --------------------------------------------------------------------------------------+--------+------------
    No evidence of CRLF2 rearrangement                                                    | normal | -/- -
    CRLF2 (Xp22.33/Yp11.32) rearrangement: NOT DETECTED (0/200)                           | normal | 0/200 0
    CRLF2 rearrangement was not detected in 200 nuclei                                    | normal | -/200 -
    CRLF2 0/200 rearranged                                                                | normal | 0/200 0
    No CRLF2 rearrangement in 197/200 nuclei                                              | normal | -/200 -
    No CRLF2 rearrangement, deletion or gain                                              | normal | -/- -
    CRLF2 FISH: normal (2F in 200 nuclei)                                                 | normal | -/200 -
    The CRLF2 break-apart probe showed a normal signal pattern in 98% of nuclei           | normal | -/- -
    CRLF2: 1.0% (normal <2.4%)                                                            | normal | -/- 1
    CRLF2: 2.4% (cut-off 2.4%)                                                            | normal | -/- 2.4
    CRLF2: Negative (1.5%, cutoff 2.4%)                                                   | normal | -/- 1.5
    CRLF2 neg                                                                             | normal | -/- -
    CRLF2 rearrangement FISH: negative                                                    | normal | -/- -
    CRLF2 rearrangement is no longer detected                                             | normal | -/- -
    No evidence of rearrangement of CRLF2. This assay cannot exclude cryptic ones.        | normal | -/- -
    No evidence of CRLF2 rearrangement in 200 nuclei examined (normal cutoff <3%)         | normal | -/200 -
    FISH CRLF2 12/05/2023: negative                                                       | normal | -/- -
"""

NO_RESULT = """
    text                                                                                  | call          | numbers
    --------------------------------------------------------------------------------------+---------------+------------
    cannot rule out CRLF2 rearrangement; suboptimal hybridization                         | indeterminate | -/- -
    CRLF2 rearrangement is likely present                                                 | indeterminate | -/- -
    CRLF2 rearrangement not ruled out                                                     | indeterminate | -/- -
    suspicious for CRLF2 rearrangement                                                    | indeterminate | -/- -
    Equivocal CRLF2 result (6/200)                                                        | indeterminate | 6/200 3
    CRLF2 split signals in 3/200 nuclei                                                   | indeterminate | 3/200 1.5
    CRLF2: 2.4% (normal <2.4%)                                                            | indeterminate | -/- 2.4
    CRLF2 FISH: QNS                                                                       | not_done      | -/- -
    CRLF2 FISH not performed                                                              | not_done      | -/- -
    No CRLF2 FISH performed                                                               | not_done      | -/- -
    Sample insufficient for CRLF2 FISH                                                    | not_done      | -/- -
    CRLF2 FISH: hybridization failed                                                      | not_evaluable | -/- -
    CRLF2: no hybridization signals                                                       | not_evaluable | -/- -
    Insufficient nuclei for CRLF2 FISH                                                    | not_evaluable | -/- -
    CRLF2 FISH pending                                                                    | pending       | -/- -
    CRLF2: results to follow                                                              | pending       | -/- -
    TSLPR (CRLF2) expressed on 95% of blasts                                              | not_fish      | -/- -
    CRLF2 overexpression by RNA-seq                                                       | not_fish      | -/- -
    CRLF2                                                                                 | needs_review  | -/- -
    CRLF2 rearrangement                                                                   | needs_review  | -/- -
    CRLF2 85/200                                                                          | needs_review  | 85/200 42.5
    CRLF2 42.5%                                                                           | needs_review  | -/- 42.5
    CRLF2 nicht rearrangiert                                                              | needs_review  | -/- -
    see report                                                                            | needs_review  | -/- -
"""


@pytest.mark.parametrize(
    ("text", "call", "written"), rows(REARRANGED) + rows(OTHER) + rows(NORMAL) + rows(NO_RESULT)
)
def test_words(text: str, call: str, written: str) -> None:
    found = heard(text)
    assert found.call == call
    if call not in ("needs_review", "not_fish"):
        assert numbers(found) == written
    assert found.reasons


#: Whatever stands beside them, these stay what they are.
AFFIRMED = (
    "CRLF2 rearranged in 85/200 nuclei",
    "Positive for CRLF2 rearrangement (42.5%)",
    "CRLF2 rearrangement detected",
    "CRLF2 split signals in 85/200 nuclei",
    "P2RY8::CRLF2 deletion in 60/200 nuclei",
    "CRLF2 FISH is abnormal",
    "CRLF2 (+) by FISH",
    "The CRLF2 locus is disrupted in 30% of cells",
    "CRLF2 break-apart positive",
    "CRLF2: rearrangement (85/200)",
    "Loss of the 5' CRLF2 signal in 85 of 200 nuclei",
)
DENIED = (
    "No evidence of CRLF2 rearrangement",
    "Negative for CRLF2 rearrangement",
    "CRLF2 rearrangement not detected",
    "No split CRLF2 signals in 200 nuclei",
    "CRLF2 FISH normal",
    "CRLF2 not rearranged",
    "absence of CRLF2 rearrangement",
    "The CRLF2 probe showed no rearrangement in 200 cells",
)
BESIDE = (
    "",
    "Normal karyotype in 20 metaphases.",
    "BCR::ABL1 not detected.",
    "Results were reviewed.",
    "The normal cut-off is 3%.",
    "FISH was performed with a break-apart probe.",
    "200 nuclei were scored.",
    "This test was developed by the laboratory and is not approved.",
    "The patient has a history of ALL.",
    "ABL1, ABL2 and PDGFRB: normal.",
    "No other abnormalities were seen.",
    "TSLPR negative by flow.",
)


@pytest.mark.parametrize("beside", BESIDE)
def test_what_stands_beside_a_result_does_not_change_it(beside: str) -> None:
    for said, abnormal in [*((one, True) for one in AFFIRMED), *((one, False) for one in DENIED)]:
        for text in (f"{said}. {beside}", f"{beside} {said}."):
            call = heard(text).call
            assert call.startswith(("rearranged", "abnormal")) if abnormal else call == "normal", text


def test_a_sentence_about_crlf2_that_is_not_understood_is_never_beside_a_normal_result() -> None:
    assert heard("FISH with the CRLF2 probe was performed on interphase nuclei. Normal.").call == "normal"
    assert heard("CRLF2 nicht unauffaellig. Normal.").call == "needs_review"


CONFLICTS = """
    text                                                                            | flag                   | numbers
    --------------------------------------------------------------------------------+------------------------+-------------
    CRLF2 rearranged in 60/200 nuclei (25%)                                         | PERCENT_COUNT_CONFLICT | 60/200 30
    CRLF2 rearranged in 210/200 nuclei                                              | PERCENT_COUNT_CONFLICT | 210/200 -
    CRLF2 rearranged in 3/200 nuclei (1.5%), below the cut-off of 2.4%              | CUTOFF_CONFLICT        | 3/200 1.5
    Negative for CRLF2 rearrangement; 85/200 nuclei, cut-off 2.4%                   | CUTOFF_CONFLICT        | 85/200 42.5
    Negative for CRLF2 rearrangement; split signals in 85/200 nuclei                | POLARITY_CONFLICT      | 85/200 42.5
    CRLF2 rearranged. No rearrangement of CRLF2.                                    | POLARITY_CONFLICT      | -/- -
    Negative for CRLF2 rearrangement. nuc ish(CRLF2x2)(3'CRLF2 sep 5'CRLF2x1)[85/200] | TEXT_ISCN_CONFLICT   | 85/200 42.5
    CRLF2 rearranged in 60/200. nuc ish(CRLF2x2)(3'CRLF2 sep 5'CRLF2x1)[85/200]     | TEXT_ISCN_CONFLICT     | 85/200 42.5
    CRLF2 rearranged. nuc ish (CRLF2)×2[200]                                        | TEXT_ISCN_CONFLICT     | 0/200 0
"""


@pytest.mark.parametrize(("text", "flag", "written"), rows(CONFLICTS))
def test_contradictions(text: str, flag: str, written: str) -> None:
    found = heard(text)
    assert (found.call, numbers(found)) == ("conflict", written)
    assert flag in found.flags


ISCN = """
    text                                                                            | call                       | numbers     | why
    --------------------------------------------------------------------------------+----------------------------+-------------+-------------------------------
    nuc ish(CRLF2x2)(3'CRLF2 sep 5'CRLF2x1)[85/200]                                 | rearranged_split           | 85/200 42.5 | the string alone
    CRLF2 rearranged. nuc ish(CRLF2x2)(3'CRLF2 sep 5'CRLF2x1)[85/200]               | rearranged_split           | 85/200 42.5 | the words say less
    Normal. 46,XX[20].nuc ish (CRLF2)×2[200]                                        | normal                     | 0/200 0     | both normal
    No CRLF2 rearrangement. nuc ish (CRLF2)×3[60/200]                               | gain_not_rearranged        | 60/200 30   | no rearrangement denies no gain
    Normal CRLF2. nuc ish (CRLF2)×3[60/200]                                         | conflict                   | 60/200 30   | normal does
    Normal CRLF2. nuc ish (CRLF2)×2[200                                             | needs_review               | -/- -       | an unreadable string
    CRLF2 rearranged. nuc ish (CRLF2)×2[200                                         | rearranged_unspecified     | -/- -       | words stay, for review
    CRLF2 normal. nuc ish (KMT2A)×2(5'KMT2A sep 3'KMT2A)×1[90/200]                  | normal                     | -/- -       | the string is of another gene
"""


@pytest.mark.parametrize(("text", "call", "written", "why"), rows(ISCN))
def test_iscn_before_words(text: str, call: str, written: str, why: str) -> None:
    found = heard(text)
    assert (found.call, numbers(found)) == (call, written), why
    assert found.iscn is not None
    assert found.iscn_call in (call, None) or call == "conflict"


NOT_NOW = """
    text                                                                                       | call                   | flags
    -------------------------------------------------------------------------------------------+------------------------+-----------------------------------
    Previously positive for CRLF2 rearrangement                                                | needs_review           | HISTORY_IGNORED
    At diagnosis CRLF2-rearranged (140/200). Current specimen: 3/200 with split signals (cut-off 2.4%) | normal         | HISTORY_IGNORED
    Known CRLF2 rearrangement. Now: 0 of 200 nuclei rearranged.                                | normal                 | HISTORY_IGNORED
    Previously CRLF2-rearranged, now negative                                                  | normal                 | TOTAL_UNKNOWN HISTORY_IGNORED
    CRLF2 FISH: positive at diagnosis, normal now                                              | normal                 | TOTAL_UNKNOWN HISTORY_IGNORED
    The previously seen CRLF2 rearrangement persists in 30% of nuclei                          | rearranged_unspecified |
    CRLF2 rearrangement not seen in 200 nuclei (previously 85/200)                             | normal                 |
    BCR::ABL1 positive in 90% of nuclei                                                        | needs_review           | OTHER_GENE_IGNORED
    Positive for KMT2A rearrangement, negative for CRLF2 rearrangement                         | normal                 | TOTAL_UNKNOWN OTHER_GENE_IGNORED
    ABL1: negative. CRLF2: positive 45/200. PDGFRB: negative.                                  | rearranged_unspecified | OTHER_GENE_IGNORED
    TP53 deletion in 8%, CRLF2 not rearranged                                                  | normal                 | TOTAL_UNKNOWN OTHER_GENE_IGNORED
    Negative for BCR::ABL1, KMT2A and CRLF2 rearrangements                                     | normal                 | TOTAL_UNKNOWN
    CRLF2 FISH not done; TSLPR positive by flow in 95%                                         | not_done               | FLOW
    CRLF2 FISH: No rearrangement. RNA-seq: P2RY8::CRLF2 detected.                              | normal                 | TOTAL_UNKNOWN MOLECULAR
    Not negative for CRLF2 rearrangement                                                       | rearranged_unspecified | DOUBLE_NEGATION REVIEW TOTAL_UNKNOWN
    Negative                                                                                   | normal                 | TOTAL_UNKNOWN GENE_NOT_NAMED
    CRLF2 rearranged in <5% of nuclei                                                          | rearranged_unspecified | PERCENT_BOUND TOTAL_UNKNOWN
"""


@pytest.mark.parametrize(("text", "call", "flags"), rows(NOT_NOW))
def test_history_other_genes_and_other_methods_are_left_out(text: str, call: str, flags: str) -> None:
    found = heard(text)
    assert (found.call, " ".join(found.flags)) == (call, flags)


PIECES = st.sampled_from(
    "CRLF2|no |not |negative |for |positive |rearrangement |split signals |85/200 |42.5% |(normal <2.4%) |. |; |, |and |"
    "5'|loss of |previously |pending |nuc ish |(CRLF2)×2|[200]|[85/200]|TSLPR |gain |KMT2A |\n|in 200 nuclei ".split(
        "|"
    )
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)))
def test_whatever_the_text_the_answer_is_a_result(text: str) -> None:
    found = heard(text)
    assert found.call
    assert found.reasons


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60).filter(
        lambda text: not any(word in text.casefold() for word in ("neg", "n", "2f", "0"))
    )
)
def test_what_is_not_understood_is_never_negative(text: str) -> None:
    assert heard(f"CRLF2 {text}").call != "normal"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 20_000,
        "1/" * 10_000,
        "no " * 6_000,
        "ish (" * 4_000,
        "11,x." * 4_000,
        "5' " * 6_000,
        "a" * 20_000,
        "CRLF2" * 9_000,
    ],
)
def test_long_texts_end(text: str) -> None:
    assert heard(text).call in ("needs_review", "normal", "conflict")
