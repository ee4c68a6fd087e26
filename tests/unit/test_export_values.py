"""Cells of trial formats: no exponent, ASCII that can be read back, nothing that a spreadsheet runs."""

import ast
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrdkit.export.values import ascii_text, number_text, spreadsheet_cell, spreadsheet_row

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(NUMBERS)
def test_a_number_keeps_every_digit_and_has_no_exponent(value: float) -> None:
    text = number_text(value)
    assert float(text) == value
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text)


@given(st.text())
def test_text_becomes_printable_ascii_and_can_be_read_back(text: str) -> None:
    plain = ascii_text(text)
    assert plain.isascii()
    assert not plain or plain.isprintable()
    assert ast.literal_eval('"' + plain.replace('"', r"\"") + '"') == text


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_what_a_spreadsheet_would_run_is_shown(text: str) -> None:
    assert spreadsheet_cell(text) == f"'{text}"
    assert spreadsheet_row([text, -1]) == [f"'{text}", -1], "numbers stay numbers"


def test_other_cells_stay() -> None:
    assert spreadsheet_cell("46,XX[20]") == "46,XX[20]"
