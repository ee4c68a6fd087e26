"""A karyotype in a report: a row per clone, the donor apart, what was repaired and what was not read."""

from html_pages import Balanced
from karyotype_calls import called
from report_examples import record_of

from mrdkit.report import render_patient


def shown(text: str) -> str:
    record = record_of(calls=(called(text),), mrd=(), responses=())
    return " ".join(Balanced(render_patient(record, (), study_id="study-1")).text.split())


def test_clones_of_recipient_and_donor_stand_in_rows_of_their_own() -> None:
    seen = shown("46,XX,t(4;11)(q21;q23)[6]/47,sl,+8[2]//46,XY[12]")
    for row in (
        "recipient stem 46 t(4;11)(q21;q23) 6 yes",
        "recipient side 47 t(4;11)(q21;q23), +8 2 yes",
        "donor normal 46 \N{EN DASH} 12 no",
        "high risk (minihcvd2023) yes",
        "kmt2a_aff1 yes",
        "MIXED_CHIMERA",
    ):
        assert row in seen, (row, seen)


def test_what_was_repaired_not_read_or_left_open_is_said() -> None:
    seen = shown("46,XX,add(11)(q23),foo(3)[6] / 46,XX[14].nuc ish(KMT2A)x3[60/200]")
    for words in (
        "Repaired before reading: blanks beside a slash were removed.",
        "Not understood: character 20: foo(3).",
        "FISH behind the karyotype (abnormal): .nuc ish(KMT2A)x3[60/200]",
        "high risk (minihcvd2023) open",
    ):
        assert words in seen, (words, seen)


def test_a_refused_karyotype_says_why() -> None:
    seen = shown("45,XY,t(9;22)(q34;q11.2)[7]")
    assert "Not read: COUNT_MISMATCH at character 1: clone 1 states 45 chromosomes" in seen
