"""What a sponsor's summary of sequencing MRD means, as tables that a hematologist can read and correct."""

from pathlib import Path

import pytest
from summary_files import MAP, one_row
from tables import rows

from mrdkit.patient.mrd_ngs import ngs_of_external
from mrdkit.patient.records import ExternalResult

WORDS = {"pos": "positive", "neg": "negative", "ind": "indeterminate", "n/e": "not_evaluable"}
COLLAPSING = MAP.replace('source = "a test"', 'source = "a test"\ncollapse = "either_threshold"')

# The words at 1e-5 and 1e-6 as delivered, and the one word of the rule `either_threshold`.
EITHER_THRESHOLD = """
    1e-5          | 1e-6          | one word | clause
    --------------+---------------+----------+----------------------------------------------------
    Positive      | Positive      | pos      | positive at either threshold
    Positive      | Indeterminate | pos      | positive at either threshold
    Positive      | Negative      | pos      | positive at either threshold; flagged, since it cannot be
    Negative      | Positive      | pos      | positive at either threshold
    Indeterminate | Positive      | pos      | positive at either threshold
    Negative      | Indeterminate | neg      | indeterminate at 1e-6 with negative at 1e-5
    Negative      | Negative      | neg      | negative at both
    Indeterminate | Indeterminate | ind      | nothing is known
    Indeterminate | Negative      | ind      | not covered by the rule; flagged, since it cannot be
    Negative      |               | n/e      | one of the two was not delivered
                  | Negative      | n/e      | one of the two was not delivered
    Negative      | QNS           | n/e      | one of the two was not evaluable
    Positive      | QNS           | pos      | positive at either threshold
"""


@pytest.mark.parametrize(("at_5", "at_6", "one", "clause"), rows(EITHER_THRESHOLD))
def test_either_threshold(at_5: str, at_6: str, one: str, clause: str, tmp_path: Path) -> None:
    row = one_row(tmp_path, COLLAPSING, S4="", S5=at_5, S6=at_6)
    assert (row.collapsed, row.collapse_rule) == (WORDS[one], "either_threshold"), clause
    assert (row.as_delivered["1e-5"], row.as_delivered["1e-6"]) == (at_5, at_6)


def test_nothing_is_collapsed_unless_the_map_says_so(tmp_path: Path) -> None:
    row = one_row(tmp_path, S5="Negative", S6="Indeterminate")
    assert (row.collapsed, row.collapse_rule) == (None, None)
    assert dict(row.status) == {"1e-4": "negative", "1e-5": "negative", "1e-6": "indeterminate"}


# How a cell of a status column reads.
SPELLINGS = """
    cell          | word | flag           | clause
    --------------+------+----------------+---------------------------------------
    Positive      | pos  | -              | the vendor's word
    POSITIVE      | pos  | -              | case decides nothing
    Pos           | pos  | -              | a spelling of the map
    Not Detected  | neg  | -              | blanks and case decide nothing
    indeterminate | ind  | -              | the vendor's word
    Indet.        | ind  | -              | a spelling of the map
    QNS           | n/e  | -              | a spelling of the map
    Negativ       | n/e  | STATUS_UNKNOWN | the map does not know it
    0             | n/e  | STATUS_UNKNOWN | a number is no word
                  | n/e  | STATUS_MISSING | nothing was delivered
    NA            | n/e  | STATUS_MISSING | nothing was delivered
    n/a           | n/e  | STATUS_MISSING | nothing was delivered
"""


@pytest.mark.parametrize(("cell", "word", "flag", "clause"), rows(SPELLINGS))
def test_spellings(cell: str, word: str, flag: str, clause: str, tmp_path: Path) -> None:
    row = one_row(tmp_path, S4="Positive", S5="Positive", S6=cell)
    assert row.status["1e-6"] == WORDS[word], clause
    assert row.as_delivered["1e-6"] == cell
    found = set(row.flags) & {"STATUS_UNKNOWN", "STATUS_MISSING"}
    assert found == (set() if flag == "-" else {flag}), clause
    assert ("REVIEW" in row.flags) == (flag == "STATUS_UNKNOWN" or word == "neg"), clause


# Words at three thresholds, a count per million and the cells: what contradicts what.
CONTRADICTIONS = """
    1e-4 | 1e-5 | 1e-6 | count  | cells   | flag                          | review | detected | clause
    -----+------+------+--------+---------+-------------------------------+--------+----------+------------------------------------
    pos  | pos  | pos  | 100    |         | -                             | no     | yes      | exactly 1e-4
    pos  | pos  | pos  | 99.9   |         | POSITIVE_BELOW_THRESHOLD      | yes    | yes      | below 1e-4
    neg  | pos  | pos  | 99.9   |         | -                             | no     | yes      | below 1e-4
    neg  | neg  | pos  | 10     |         | STATUS_CONTRADICTS_COUNT      | yes    | yes      | exactly 1e-5 is not negative there
    neg  | neg  | pos  | 9.99   |         | -                             | no     | yes      | below 1e-5
    neg  | neg  | neg  | 1      |         | STATUS_CONTRADICTS_COUNT      | yes    | yes      | exactly 1e-6 is not negative there
    neg  | neg  | neg  | 0.5    |         | DETECTED_BELOW_1E6            | no     | yes      | found, below 1e-6
    neg  | neg  | ind  | 0.5    |         | -                             | no     | yes      | found, below 1e-6
    neg  | neg  | ind  | 5      |         | INDETERMINATE_ABOVE_THRESHOLD | no     | yes      | at least 1e-6
    neg  | neg  | neg  | 0      |         | -                             | no     | no       | nothing found
    neg  | neg  | pos  | 0      |         | STATUS_CONTRADICTS_COUNT      | yes    | -        | positive with nothing found
    pos  | pos  | neg  |        |         | STATUS_CONTRADICTS_THRESHOLDS | yes    | yes      | positive at 1e-4, negative at 1e-6
    neg  | ind  | neg  |        |         | STATUS_CONTRADICTS_THRESHOLDS | yes    | -        | negative at 1e-6 holds at 1e-5 too
    pos  | ind  | ind  |        |         | -                             | no     | yes      | another target may speak at 1e-6
    neg  | neg  | neg  |        |         | -                             | no     | -        | no count
    neg  | neg  | neg  | 0      | 2995732 | NEGATIVE_BEYOND_CELLS         | yes    | no       | one cell too few for 1e-6
    neg  | neg  | neg  | 0      | 2995733 | -                             | no     | no       | enough cells for 1e-6
    neg  | neg  | ind  | 0      | 2000000 | -                             | no     | no       | too few cells, and said so
    pos  | pos  | pos  | 1.2e6  |         | ABOVE_ONE_PER_CELL            | no     | yes      | two copies per cell
    pos  | pos  | pos  | <1     |         | COUNT_INVALID                 | yes    | yes      | not a number
    neg  | neg  | neg  | -5     |         | COUNT_INVALID                 | yes    | -        | no count is negative
    neg  | neg  | neg  | 0,5    |         | COUNT_INVALID                 | yes    | -        | the map's decimal mark is a point
    neg  | neg  | neg  | 1,234  |         | COUNT_INVALID                 | yes    | -        | no mark between thousands
    neg  | neg  | neg  | inf    |         | COUNT_INVALID                 | yes    | -        | not a number
    neg  | neg  | neg  | nan    |         | COUNT_INVALID                 | yes    | -        | not a number
    neg  | neg  | neg  | 0      | 0       | CELLS_INVALID                 | yes    | no       | nothing rests on no cells
"""


@pytest.mark.parametrize(
    ("at_4", "at_5", "at_6", "count", "cells", "flag", "review", "detected", "clause"), rows(CONTRADICTIONS)
)
def test_contradictions(
    *,
    at_4: str,
    at_5: str,
    at_6: str,
    count: str,
    cells: str,
    flag: str,
    review: str,
    detected: str,
    clause: str,
    tmp_path: Path,
) -> None:
    words = {"S4": WORDS[at_4], "S5": WORDS[at_5], "S6": WORDS[at_6]}
    row = one_row(tmp_path, **words, PerMillion=f'"{count}"', Cells=cells)
    assert [code for code in row.flags if code != "REVIEW"] == ([] if flag == "-" else [flag]), clause
    assert ("REVIEW" in row.flags) == (review == "yes"), clause
    assert row.detected is {"yes": True, "no": False, "-": None}[detected], clause
    assert list(row.status.values()) == list(words.values()), "words stay as delivered"
    assert (row.mrd_per_million is None) == (not count or flag == "COUNT_INVALID")
    assert bool(row.reasons) == (flag != "-")


# Sequencing delivered with a word for each threshold, the value per million and the cells.
APART = """
    1e-4     | 1e-5     | 1e-6          | value | cells   | at 1e-4       | at 1e-5       | at 1e-6       | flag
    ---------+----------+---------------+-------+---------+---------------+---------------+---------------+--------------------------
    negative | negative | indeterminate | 0     | 2000000 | negative      | negative      | indeterminate | -
    negative | positive | positive      | 12    |         | negative      | positive      | positive      | SENSITIVITY_NOT_STATED
             | negative | indeterminate |       |         | negative      | negative      | indeterminate | SENSITIVITY_NOT_STATED
             | positive | positive      | 12    |         | negative      | positive      | positive      | -
             | positive | positive      | 200   |         | positive      | positive      | positive      | -
             | positive | positive      |       |         | indeterminate | positive      | positive      | -
    positive |          |               |       |         | positive      | positive      | positive      | -
    negative |          |               | 0     |         | negative      | indeterminate | indeterminate | -
             | weird    | negative      |       |         | negative      | not_evaluable | negative      | STATUS_UNKNOWN
             |          | weird         |       |         | not_evaluable | not_evaluable | not_evaluable | STATUS_UNKNOWN
    negative | negative | negative      | 12    |         | negative      | indeterminate | indeterminate | STATUS_CONTRADICTS_COUNT
    negative | negative | positive      | 0     |         | negative      | negative      | indeterminate | STATUS_CONTRADICTS_COUNT
    positive | positive | negative      |       |         | positive      | positive      | indeterminate | STATUS_CONTRADICTS_THRESHOLDS
    negative | negative | negative      | 0     | 2000000 | negative      | negative      | indeterminate | INSUFFICIENT_SENSITIVITY
    negative | negative | negative      | 0.5   |         | negative      | negative      | indeterminate | DETECTED_BELOW_1E6
    negative | negative | negative      | 0     | 0       | not_evaluable | not_evaluable | not_evaluable | ZERO_DENOMINATOR
"""


@pytest.mark.parametrize(("w4", "w5", "w6", "value", "cells", "e4", "e5", "e6", "flag"), rows(APART))
def test_sequencing_delivered_with_a_word_for_each_threshold(
    *, w4: str, w5: str, w6: str, value: str, cells: str, e4: str, e5: str, e6: str, flag: str
) -> None:
    result = ExternalResult(
        subject_id="P1",
        visit="C1",
        specimen_id="S1",
        collected_on=None,
        assay="ngs_mrd",
        status="",
        source="a test",
        value=float(value) if value else None,
        unit="per_million",
        denominator=float(cells) if cells else None,
        status_1e4=w4,
        status_1e5=w5,
        status_1e6=w6,
    )
    found = ngs_of_external(result)
    assert dict(found.status) == {"1e-4": e4, "1e-5": e5, "1e-6": e6}
    codes = {finding.flag for finding in found.findings}
    assert flag == "-" or flag in codes
    assert ("REVIEW" in codes) == (flag not in {"-", "SENSITIVITY_NOT_STATED", "DETECTED_BELOW_1E6"})
