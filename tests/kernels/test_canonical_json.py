"""Canonical JSON against its twin, which is Python's own, on whatever JSON can hold."""

from datetime import date
from enum import IntEnum, StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import canonical_json as twin

from mrdkit._ext.canonical_json import canonical_json


class Word(StrEnum):
    ONE = "on\\e"


class Count(IntEnum):
    TWO = 2


words = st.text(max_size=8) | st.sampled_from(["a", "b", "\ud800", "\0", '"', "\\", "\u2028", "\x7f", "é"])
leaves = (
    words
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.sampled_from([Word.ONE, Count.TWO, 10**400, -0.0, 5e-324])
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(words | st.just(Word.ONE), inner, max_size=4)
    ),
    max_leaves=12,
)


def plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


@given(values, st.frozensets(words, max_size=2))
def test_a_value_is_written_as_by_the_twin(value: object, skipped: frozenset[str]) -> None:
    assert canonical_json(value, plain, skipped) == twin(value, plain, skipped)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [{"a": float("-inf")}]])
def test_a_number_that_is_none_has_no_form(value: object) -> None:
    for write in (canonical_json, twin):
        with pytest.raises(ValueError, match=r"not finite|not JSON compliant"):
            write(value, plain, frozenset())


@pytest.mark.parametrize("value", [object(), {1, 2}, {1: 2}, {"a": 1, 2: 3}, b"x"])
def test_what_json_does_not_know_has_no_form(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value, plain, frozenset())


def test_a_document_without_end_is_an_error_and_no_crash() -> None:
    whole: list[object] = []
    whole.append(whole)
    with pytest.raises(RecursionError):
        canonical_json(whole, plain, frozenset())
