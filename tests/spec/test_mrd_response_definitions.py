"""MRD response of a patient: at the first remission, the best of the first three courses, the best of all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patient_tables import BASELINE, START, flow, marrow, record
from tables import rows

from mrdkit.patient.course_records import MrdResponse
from mrdkit.patient.records import ExternalResult

SHORT = {
    "+": "positive",
    "-": "negative",
    "?": "indeterminate",
    "x": "not_evaluable",
    ".": "not_tested",
}

#: Flow of courses 1 to 4; + positive, - negative, ? indeterminate, x not evaluable, . not tested.
FLOW = """
    C1 C2 C3 C4 | at response | within 3 courses | any time | first negative | flags         | why
    ------------+-------------+------------------+----------+----------------+---------------+-----------------------
    - . . .     | -           | -                | -        | 1              |               | negative at response
    + - . .     | +           | -                | -        | 2              |               | in course 2
    + + - .     | +           | -                | -        | 3              |               | in course 3
    + + + -     | +           | +                | -        | 4              | LATE_NEGATIVE | course 4 does not count
    . . . -     | .           | .                | -        | 4              | LATE_NEGATIVE | nothing within three
    - + . .     | -           | -                | -        | 1              | REEMERGENCE   | does not undo the best
    + - + -     | +           | -                | -        | 2              | REEMERGENCE   | came back and went
    ? - . .     | ?           | -                | -        | 2              |               | one is enough
    ? ? . .     | ?           | ?                | ?        |                |               | indeterminate is not assessed
    ? + . .     | ?           | +                | +        |                |               | assessed once
    x x . .     | x           | x                | x        |                |               | nothing to judge
    . . . .     | .           | .                | .        |                |               | not tested
"""


def results(cells: str) -> tuple[ExternalResult, ...]:
    words = enumerate(cells.split(), 1)
    return tuple(flow(f"C{course}", SHORT[word]) for course, word in words if word != ".")


def by_flow(*external: ExternalResult, courses: int = 4) -> MrdResponse:
    marrows = (marrow(course, "2") for course in range(1, courses + 1))
    return record(BASELINE, *marrows, external=external).mrd_response[0]


@pytest.mark.parametrize(("cells", "at", "within", "ever", "first", "flags", "why"), rows(FLOW))
def test_flow_over_the_courses(
    *, cells: str, at: str, within: str, ever: str, first: str, flags: str, why: str
) -> None:
    found = by_flow(*results(cells))
    assert found.at_response == {"1e-4": SHORT[at]}, why
    assert found.within_courses == {"1e-4": SHORT[within]}, why
    assert found.any_time == {"1e-4": SHORT[ever]}, why
    assert found.first_negative_course == (int(first) if first else None), why
    assert found.flags == tuple(flags.split()), why


AT_RESPONSE = """
    cluster | nucleated | limit | word          | undetectable | below 1e-4 | why
    --------+-----------+-------+---------------+--------------+------------+--------------------------------
    0       | 500000    | 4e-5  | negative      | yes          | yes        | not seen, and deep enough
    0       | 200000    | 1e-4  | negative      | yes          | yes        | the limit is inclusive
    0       | 100000    | 2e-4  | indeterminate | yes          | not known  | not seen is not below 1e-4
    49      | 500000    | 4e-5  | positive      | no           | yes        | two different questions
    50      | 500000    | 4e-5  | positive      | no           | no         | exactly 1e-4 is not below
    300     | 500000    | 4e-5  | positive      | no           | no         | above
"""
YES_NO = {"yes": True, "no": False, "not known": None}


@pytest.mark.parametrize(
    ("cluster", "nucleated", "limit", "word", "undetectable", "below", "why"), rows(AT_RESPONSE)
)
def test_undetectable_and_below_1e_4_are_kept_apart(
    *, cluster: str, nucleated: str, limit: str, word: str, undetectable: str, below: str, why: str
) -> None:
    result = replace(flow("C1", ""), numerator=int(cluster), denominator=float(nucleated), lod=float(limit))
    found = by_flow(result)
    assert found.at_response == {"1e-4": word}, why
    assert found.undetectable_at_response is YES_NO[undetectable], why
    assert found.below_1e4_at_response is YES_NO[below], why


def test_flow_and_sequencing_stand_side_by_side() -> None:
    ngs = replace(flow("C2", ""), assay="ngs_mrd", numerator=0, denominator=400000.0, lod=None)
    found = record(BASELINE, marrow(1, "2"), marrow(2, "2"), external=(flow("C1", "positive"), ngs))
    by_method = {one.method: one for one in found.mrd_response}
    assert by_method["flow"].within_courses == {"1e-4": "positive"}
    assert by_method["ngs"].within_courses == {
        "1e-4": "negative",
        "1e-5": "negative",
        "1e-6": "indeterminate",
    }
    assert set(by_method["ngs"].at_response.values()) == {"not_tested"}


def test_two_results_of_one_visit_are_one_answer() -> None:
    found = by_flow(flow("C1", "negative"), flow("C1", "positive"))
    assert found.within_courses == {"1e-4": "positive"}


def test_a_result_before_treatment_is_no_response() -> None:
    found = by_flow(flow("baseline", "negative"))
    assert found.any_time == {"1e-4": "not_tested"}


def test_a_result_without_a_course_is_not_within_the_first_ones() -> None:
    found = by_flow(replace(flow("unplanned", "negative"), collected_on=START + timedelta(days=400)))
    assert (found.within_courses, found.any_time) == ({"1e-4": "not_tested"}, {"1e-4": "negative"})
    assert found.flags == ("COURSE_UNKNOWN",)


def test_without_remission_there_is_no_result_at_response() -> None:
    found = record(BASELINE, marrow(1, "40"), external=(flow("C1", "positive"),)).mrd_response[0]
    assert (found.at_response, found.undetectable_at_response) == ({"1e-4": "not_tested"}, None)
    assert found.any_time == {"1e-4": "positive"}


@given(st.lists(st.sampled_from("+-?x."), min_size=4, max_size=4))
def test_a_further_negative_never_worsens_and_rows_have_no_order(words: list[str]) -> None:
    external = results(" ".join(words))
    assert by_flow(*external) == by_flow(*external[::-1])
    better = by_flow(*results(" ".join([*words[:2], "-", words[3]])))
    assert better.within_courses == {"1e-4": "negative"}
