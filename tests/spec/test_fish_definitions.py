"""CRLF2 break-apart definitions as tables: classes of nuclei, cut-off boundaries, numbers of nuclei."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from tables import rows

from mrdkit.fish import (
    Cutoff,
    CutoffTable,
    PatternCount,
    Probe,
    SpecimenCounts,
    call_fish,
    fisher_two_sided,
    iscn_signals,
    min_positive,
    parse_pattern,
    read_fish_rule,
)
from mrdkit.fish.classes import NucleusSignals, SignalClass, classify_nucleus, signals_of
from mrdkit.fish.iscn import Edition
from mrdkit.results import FishCall, Specimen

RULE = read_fish_rule()
PROBE = Probe(gene="CRLF2", kind="break_apart", red="3prime", green="5prime", source="a test")
#: The cut-offs of registry A: betainv, 200 nuclei, false positives 1, 5, 5, 3 and 8.
CUTOFFS = {"split": 2.349847, "del5": 5.184334, "del3": 5.184334, "gain": 3.830971, "loss": 7.101417}

NUCLEI = """
    pattern | red    | class           | why
    --------+--------+-----------------+------------------------------------------------------
    2F      | 3prime | normal          | two copies of PAR1 in XX and XY
    2F0R0G  | 3prime | normal          | the same, written in full
    2Y      | 3prime | normal          | yellow is a fusion
    2F2A    | 3prime | normal          | aqua decides nothing
    1F1R1G  | 3prime | split           | IGH::CRLF2-type
    2R2G    | 3prime | split           | both copies split
    1F2R1G  | 3prime | split           | both ends isolated, whatever their numbers
    1F1R    | 3prime | del5            | isolated 3' signal: the 5' side is lost
    1F1R    | 5prime | del3            | the same colours with the map the other way round
    2R      | 3prime | del5            | isolated 3' signals without any fusion
    1F1G    | 3prime | del3            | isolated 5' signal: atypical
    3F      | 3prime | gain            | three copies
    8F      | 3prime | gain            | many copies
    1F      | 3prime | loss            | one copy
    0F      | 3prime | uninterpretable | no signal at all
    3A      | 3prime | uninterpretable | nothing but the control
    1F1Fdim | 3prime | dim             | one fusion is weaker
    1F1Rdim | 3prime | dim             | a weak signal is never auto-positive
    1F1R dim | 3prime | dim            | with a blank
    1yellow 1red 1green | 3prime | split | colours in full
"""


@pytest.mark.parametrize(("pattern", "red", "expected", "why"), rows(NUCLEI))
def test_class_of_a_nucleus(pattern: str, red: str, expected: str, why: str) -> None:
    parsed = parse_pattern(pattern)
    signals = signals_of(parsed, red="3prime" if red == "3prime" else "5prime")
    found = classify_nucleus(signals, dim=parsed.dim, normal_fusions=RULE.normal_fusions)
    assert found is SignalClass(expected), why


def called(counts: str, cutoffs: dict[str, float] | None = None, n: int = 200) -> FishCall:
    """Call counts such as 2F:100, or b/2F:100 where a reader other than A is named."""
    pairs = [part.rpartition("/")[2].split(":") for part in counts.split()]
    readers = [part.rpartition("/")[0] or "A" for part in counts.split()]
    made = CUTOFFS if cutoffs is None else cutoffs
    registered = {("P", name): (Cutoff(percent=p, n=n, basis="a test"),) for name, p in made.items()}
    return call_fish(
        SpecimenCounts(
            specimen=Specimen(specimen_id="S"),
            probe_id="P",
            counts=tuple(
                PatternCount(reader=reader, pattern=parse_pattern(pattern), nuclei=int(nuclei))
                for reader, (pattern, nuclei) in zip(readers, pairs, strict=True)
            ),
        ),
        PROBE,
        CutoffTable(cutoffs=registered, sha256="0" * 64),
        rule=RULE,
    )


BOUNDARIES = """
    counts                   | call                       | why
    -------------------------+----------------------------+--------------------------------------------------
    2F:200                   | normal                     | nothing abnormal
    2F:197 1F1R1G:3          | normal                     | split: one below the smallest positive count
    2F:196 1F1R1G:4          | normal                     | 4/200 = 2.00 % is not more than 2.35 %
    2F:195 1F1R1G:5          | rearranged_split           | 5/200 = 2.50 % is
    2F:194 1F1R1G:6          | rearranged_split           | one above
    2F:190 1F1R:10           | normal                     | deletion: 5.00 % is not more than 5.18 %
    2F:189 1F1R:11           | rearranged_deletion_5prime | 5.50 % is
    2F:188 1F1R:12           | rearranged_deletion_5prime | one above
    2F:190 1F1G:10           | normal                     | loss of 3': not above
    2F:189 1F1G:11           | atypical_loss_3prime       | above
    2F:193 3F:7              | normal                     | gain: 3.50 % is not more than 3.83 %
    2F:192 3F:8              | gain_not_rearranged        | 4.00 % is
    2F:191 3F:9              | gain_not_rearranged        | one above
    2F:186 1F:14             | normal                     | loss: 7.00 % is not more than 7.10 %
    2F:185 1F:15             | loss_not_rearranged        | 7.50 % is
    2F:192 3F:4 4F:4         | gain_not_rearranged        | patterns of one class are added
    2F:182 1F1R1G:4 1F1R:10  | normal                     | classes are never added
    2F:100 1F:50 1F1R1G:50   | rearranged_split           | precedence, not size
    2F:199 1F1Fdim:1         | indeterminate              | a dim nucleus is not normal
    2F:150 1F1Fdim:1 3F:49   | gain_not_rearranged        | another class is positive
"""


@pytest.mark.parametrize(("counts", "expected", "why"), rows(BOUNDARIES))
def test_cutoff_boundary(counts: str, expected: str, why: str) -> None:
    assert called(counts).call == expected, why


NUMBERS = """
    counts          | call             | flags                                               | why
    ----------------+------------------+-----------------------------------------------------+---------------
    2F:200          | normal           |                                                     | 200 is full
    2F:199          | normal           | CUTOFF_N_MISMATCH LIMITED_NUCLEI                    | one fewer
    2F:100 | normal | CUTOFF_N_MISMATCH LIMITED_NUCLEI | negative is said
    2F:99           | insufficient     | CUTOFF_N_MISMATCH LIMITED_NUCLEI                    | not below 100
    2F:48 1F1R1G:2  | rearranged_split | CUTOFF_N_MISMATCH LIMITED_NUCLEI NEAR_CUTOFF:split  | 50: positive
    2F:47 1F1R1G:2  | insufficient     | CUTOFF_N_MISMATCH LIMITED_NUCLEI NEAR_CUTOFF:split  | 49: too weak
    2F:43 1F1R1G:6  | rearranged_split | CUTOFF_N_MISMATCH LIMITED_NUCLEI                    | 49: sure
    0F:200 | insufficient | UNINTERPRETABLE_DROPPED CUTOFF_N_MISMATCH LIMITED_NUCLEI | nothing scored
"""


@pytest.mark.parametrize(("counts", "expected", "flags", "why"), rows(NUMBERS))
def test_numbers_of_nuclei(counts: str, expected: str, flags: str, why: str) -> None:
    found = called(counts)
    assert (found.call, " ".join(found.flags)) == (expected, flags), why


READERS = """
    counts                             | third | why
    -----------------------------------+-------+-----------------------------------------------
    2F:100 b/2F:100                    | no    | the same
    2F:99 0F:1 b/2F:100                | no    | 99 are too few for a negative, and no finding
    2F:100 b/2F:91 b/1F1R1G:9          | yes   | Fisher 0.003
    2F:100 b/2F:96 b/1F1R1G:4          | yes   | normal and rearranged
    2F:150 b/2F:47 b/1F1R1G:2          | no    | the second one is not sure of anything
"""


@pytest.mark.parametrize(("counts", "third", "why"), rows(READERS))
def test_two_readers(counts: str, third: str, why: str) -> None:
    assert ("THIRD_READER" in called(counts).flags) == (third == "yes"), why


FEW_NUCLEI = """
    counts                 | call                       | iscn                    | why
    -----------------------+----------------------------+-------------------------+------------------------------
    2F:17 1F1R1G:2 1F1R:30 | rearranged_deletion_5prime | x2,5'CRLF2x1            | split unsure, del5 sure
    2F:23 1F1R1G:20 1F1R:6 | rearranged_split           | (CRLF2x2)(3'CRLF2 sep   | del5 unsure: not listed
    2F:43 1F1R1G:2 1F1R:4  | insufficient               |                         | both unsure
"""


@pytest.mark.parametrize(("counts", "expected", "iscn", "why"), rows(FEW_NUCLEI))
def test_below_50_nuclei_only_what_is_sure_is_positive(
    counts: str, expected: str, iscn: str, why: str
) -> None:
    found = called(counts)
    assert found.call == expected, why
    assert iscn in (found.iscn_2020 or ""), why
    assert (found.iscn_2020 or "").count("/49]") == (1 if iscn else 0), why


MISSING = """
    counts                | cut-offs    | call                       | flags           | why
    ----------------------+-------------+----------------------------+-----------------+-----------------------
    2F:200                |             | indeterminate              | NO_CUTOFF       | never negative
    2F:50 1F1R:150        |             | indeterminate              | NO_CUTOFF       | never positive
    2F:50 1F1R:150        | split       | indeterminate              | NO_CUTOFF:del5  | this class has none
    2F:50 1F1R:100 3F:50 | del5 | rearranged_deletion_5prime | NO_CUTOFF:gain | a lower class has none
    2F:50 1F1R1G:50 3F:100| gain        | indeterminate              | NO_CUTOFF:split | a higher one may hide
    2F:200 | split del5 | normal | | none seen: above no cut-off
"""


@pytest.mark.parametrize(("counts", "registered", "expected", "flags", "why"), rows(MISSING))
def test_missing_cutoffs(counts: str, registered: str, expected: str, flags: str, why: str) -> None:
    found = called(counts, {name: CUTOFFS[name] for name in registered.split()})
    assert (found.call, " ".join(found.flags)) == (expected, flags), why
    if expected == "indeterminate":
        assert (found.percent, found.iscn_2024) == (None, None)


@given(st.integers(0, 2000), st.integers(1, 2000))
def test_a_share_equal_to_a_written_cutoff_is_never_positive(tenths: int, n: int) -> None:
    least = min_positive(tenths / 10, n)
    assert (least - 1) * 1000 <= tenths * n < least * 1000


def test_the_sum_of_one_class_is_listed_although_no_pattern_is_over() -> None:
    found = called("2F:193 1F1R1G:4 2F1R1G:3")
    assert found.call == "rearranged_split"
    assert found.iscn_2020 == (
        "nuc ish(CRLF2x2)(3'CRLF2 sep 5'CRLF2x1)[4/200]/(CRLF2x3)(3'CRLF2 sep 5'CRLF2x1)[3/200]"
    )


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_fisher_equals_scipy(a: int, b: int, c: int, d: int) -> None:
    expected = fisher_exact([[a, b], [c, d]]).pvalue
    assert fisher_two_sided((a, c), (a + b, c + d)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("edition", ["2024", "2020"])
def test_every_pattern_has_its_own_iscn_string(edition: str) -> None:
    patterns = [
        NucleusSignals(f, t, c)
        for f in range(7)
        for t in range(5)
        for c in range(5)
        if (f, t, c) != (0, 0, 0)
    ]
    assert len(patterns) == 174
    chosen = iscn_edition(edition)
    written = {iscn_signals(p, gene="CRLF2", first_end="3prime", edition=chosen) for p in patterns}
    assert len(written) == 174


def iscn_edition(name: str) -> Edition:
    return "2024" if name == "2024" else "2020"
