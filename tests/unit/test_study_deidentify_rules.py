"""What a cell may say outside of the laboratory, and what is looked for in what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrdkit.flow.deidentify_scan import Removed
from mrdkit.flow.deidentify_search import Searcher
from mrdkit.study.deidentify.policy import is_pattern, read_study_policy
from mrdkit.study.deidentify.search import StudySearch
from mrdkit.study.demo.clinical import NOTICE
from mrdkit.study.load import ASSESSMENTS, BLOOD_COUNTS, EVENTS, EXTERNAL, SUBJECTS
from mrdkit.study.manifest import MANIFEST
from mrdkit.study.specimens import FISH_COUNTS, KARYOTYPES

POLICY = read_study_policy()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("baseline", True),
        ("Course 1 Day 15", True),
        ("C1D15", True),
        ("mini-HCVD-inotuzumab-blinatumomab", True),
        ("not_evaluable", True),
        ("matched unrelated donor", True),
        ("Course 1 (Rosenkranz)", False),
        ("J. D.", False),
        ("A B", False),
        ("course 20240108", False),
        ("day 03-05-71", False),
        ("555-01-987", False),
        ("Müller", False),
        ("baseline\x00", False),
    ],
)
def test_a_label_is_known_words_and_short_numbers(text: str, plain: bool) -> None:  # noqa: FBT001
    assert POLICY.is_plain(text) is plain


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        *[
            (text, True)
            for text in ("12.5", "<5", "0-1", ">= 100", "1e-4", "150 K/uL", "0.9 x10^9/L", "5 %", "rare")
        ],
        *[(text, True) for text in ("10^9/L", "10^3/µL", "percent", "per_million", "150,000", "20 to 30")],
        *[
            (text, False)
            for text in ("MRN7731905", "555-01-9876", "5 (Rosenkranz)", "1234567890", "03-MAY-1971")
        ],
    ],
)
def test_a_value_is_a_number_a_bound_a_range_or_words(text: str, kept: bool) -> None:  # noqa: FBT001
    assert POLICY.is_value(text) is kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("46,XX,t(9;22)(q34.1;q11.2)[18]/46,XX[2]", True),
        ("45~47,XY,del(9)(p21p24),+mar[cp4]/46,XY[16]", True),
        ("nuc ish(CRLF2x2)(5'CRLF2 sep 3'CRLF2x1)[120/200]", True),
        ("46,XX[20]//46,XY[3]", True),
        ("46,XY[20] Dr. Rosenkranz", False),
        ("46,XY[20] 03-05-1971", False),
        ("46,XY[20] 4711081", False),
    ],
)
def test_a_karyotype_is_iscn(text: str, kept: bool) -> None:  # noqa: FBT001
    assert POLICY.is_karyotype(text) is kept


@pytest.mark.parametrize(
    ("text", "given_away"), [("89", "89"), ("89.9", "89.9"), ("90", "90"), ("104", "90"), ("old", None)]
)
def test_ages_above_89_are_one_group(text: str, given_away: str | None) -> None:
    assert POLICY.age(text) == given_away


@pytest.mark.parametrize(
    ("text", "is_one"), [("2F", True), ("1Y1O 1G", True), ("1F1Rdim", True), ("2F Jane", False)]
)
def test_a_pattern_is_signals(text: str, is_one: bool) -> None:  # noqa: FBT001
    assert is_pattern(text) is is_one


def test_the_policy_knows_every_table_and_the_notice_of_the_demo() -> None:
    tables = {SUBJECTS, MANIFEST, ASSESSMENTS, BLOOD_COUNTS, EVENTS, FISH_COUNTS, KARYOTYPES, EXTERNAL}
    assert set(POLICY.rule.tables) == tables
    assert NOTICE in POLICY.rule.notices


# --- the search ------------------------------------------------------------------------


@given(st.lists(st.binary(min_size=1, max_size=9), max_size=12), st.binary(max_size=300))
def test_the_search_finds_what_looking_at_each_place_finds(texts: list[bytes], content: bytes) -> None:
    found = sorted(Searcher(texts).places(content))
    slow = sorted(
        (text, at) for text in set(texts) for at in range(len(content)) if content.startswith(text, at)
    )
    assert found == slow


def origins_in(content: str, *removed: str, name: bool = False) -> tuple[str, ...]:
    values = [Removed(origin="test", value=value, strict=True) for value in removed]
    search = StudySearch(values, POLICY, known=("PQZTRWBCDF",))
    return search.name(content).origins if name else search.found(content.encode().lower()).origins


@pytest.mark.parametrize(
    ("content", "removed", "found"),
    [
        ("a,Rosenkranz,b", "Rosenkranz", True),
        ("a,ROSENKRANZ_1,b", "Rosenkranz, Theophil", True),
        ("platelets,150", "Late", False),  # within a known word
        ("CATTGATTACAGG", "Gatta", False),  # within a sequence
        ("a,4711,b", "4711", False),  # a short number among numbers
        ("a,4711081512,b", "4711081512", True),
        ("PQZTRWBCDF", "ZTRW", False),  # within a pseudonym
        ("0cade" + 59 * "0", "Cade", False),  # within a digest
        ("a,0cade0,b", "Cade", True),
        (300 * "x9" + "jane" + 300 * "x9", "Jane", False),  # within packed cells
        (300 * "x9" + "rosenkranz" + 300 * "x9", "Rosenkranz", True),
    ],
)
def test_what_is_chance_and_what_is_identity(content: str, removed: str, found: bool) -> None:  # noqa: FBT001
    assert bool(origins_in(content, removed)) is found


def test_a_short_number_in_the_name_of_a_file_is_identity() -> None:
    assert origins_in("files/4711.tsv", "4711", name=True) == ("test",)
