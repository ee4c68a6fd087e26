"""What fits by column fits cell by cell: the quick look never lets a bad row pass."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_batches import full_batch

from mrdkit.store.check import problems_of
from mrdkit.store.rows import Rows, rows_of

CELLS: tuple[Any, ...] = (None, "", "x", "\0", "\ud800", "é", 0, -1, 2**63, True, 1.5, -1.5)
CELLS += (float("nan"), float("inf"), [], {"a": 1}, b"", "negative", "flow_mrd")
COLUMNS = tuple(rows_of(full_batch()).versioned["results"][0])


def codes(rows: Rows) -> set[tuple[str, str]]:
    return {(problem.column, problem.code) for problem in problems_of(rows)}


def changed(column: str, cell: object, *, beside: bool) -> Rows:
    """Return a batch with one other cell, beside a row that is bad for certain or not."""
    rows = rows_of(full_batch())
    results = rows.versioned["results"]
    results[0][column] = cell
    if beside:
        results[1]["assay"] = "no assay"
    return rows


@given(st.sampled_from([name for name in COLUMNS if name != "assay"]), st.sampled_from(CELLS))
def test_the_quick_look_finds_what_a_look_at_each_cell_finds(column: str, cell: object) -> None:
    certain = ("assay", "WORD_UNKNOWN")
    slow = codes(changed(column, cell, beside=True))
    assert certain in slow
    assert codes(changed(column, cell, beside=False)) == slow - {certain}


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("value", float("nan"), "NOT_FINITE"),
        ("value", "x", "KIND"),
        ("numerator", True, "KIND"),
        ("numerator", -1, "NEGATIVE"),
        ("numerator", 2**63, "TOO_LARGE"),
        ("flags", {"a": 1}, "KIND"),
        ("flags", None, "CELL_EMPTY"),
        ("analyte", "a\0", "TEXT_INVALID"),
        ("role", "\ud800", "TEXT_INVALID"),
        ("assay", "x", "WORD_UNKNOWN"),
        ("ci_low", 1.0, "INTERVAL"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(column: str, cell: object, code: str) -> None:
    assert (column, code) in codes(changed(column, cell, beside=False))


def test_a_row_that_stands_twice_is_named() -> None:
    rows = rows_of(full_batch())
    rows.versioned["results"].append(rows.versioned["results"][0])
    assert codes(rows) == {("result_id", "DUPLICATE_ROW")}
