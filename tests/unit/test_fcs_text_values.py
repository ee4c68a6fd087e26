"""Values written as ASCII text come back as they were written, or are refused with their place."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fcs_files import fcs_bytes
from fcs_rare_files import as_fixed_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tables import rows

from mrdkit.errors import InputError
from mrdkit.flow import FcsDataset, read_fcs

EVENTS = [[1, 2, 3], [40, 500, 60], [200, 1000, 255]]
FREE: dict[str, str | None] = {"$P1B": "*", "$P2B": "*", "$P3B": "*"}


def read(tmp_path: Path, content: bytes) -> FcsDataset:
    path = tmp_path / "tube.fcs"
    path.write_bytes(content)
    return read_fcs(path)


def codes(dataset: FcsDataset) -> list[str]:
    return [warning.code for warning in dataset.warnings]


def refused(tmp_path: Path, content: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read(tmp_path, content)
    return caught.value


# --- fixed width ---------------------------------------------------------------


def fixed(data: bytes, widths: Sequence[int], **keywords: str | None) -> bytes:
    named = {"$" + key: value for key, value in keywords.items()}
    events = [[0] * len(widths)] * (len(data) // sum(widths))
    return fcs_bytes(events, number="A", bits=list(widths), data=data, keywords=named)


def test_text_of_fixed_width_is_read_with_a_width_for_each_parameter(tmp_path: Path) -> None:
    dataset = read(tmp_path, fixed(as_fixed_text(EVENTS, [3, 6, 4]), [3, 6, 4]))
    np.testing.assert_array_equal(dataset.stored(), EVENTS)
    assert (dataset.data_type, dataset.n_events, codes(dataset)) == ("A", 3, [])
    assert [channel.bits for channel in dataset.channels] == [3, 6, 4]
    np.testing.assert_array_equal(dataset.stored_columns([2, 0]), np.array(EVENTS).T[[2, 0]])


FIELDS = """
    text   | read   | why
    -------+--------+----------------------------------------------------
    '   7' | 7      | blanks before
    '7   ' | 7      | blanks behind
    ' 7  ' | 7      | both
    '0007' | 7      | leading zeros
    '0000' | 0      | zero
    '12.5' | 12.5   | decimals
    '1234' | 1234   | the whole width
    '12. ' | 12     | a point without decimals
    '    ' | refuse | a value is missing
    ' 1 2' | refuse | two values
    '-12 ' | refuse | negative
    '+12 ' | refuse | a sign
    '1e3 ' | refuse | an exponent
    '1_0 ' | refuse | no digit
    'nan ' | refuse | no number
    '0x1F' | refuse | hexadecimal
    '1,25' | refuse | a decimal comma
    '1.2.' | refuse | two points
    '.5  ' | refuse | no digit before the point
"""


@pytest.mark.parametrize(("text", "expected", "why"), rows(FIELDS))
def test_fields_of_text(tmp_path: Path, text: str, expected: str, why: str) -> None:
    content = fixed(b"1234" + text.strip("'").encode(), [4])
    if expected == "refuse":
        error = refused(tmp_path, content)
        assert (error.code, error.place) == ("ASCII_VALUE_INVALID", "event 2, parameter 1"), why
    else:
        dataset = read(tmp_path, content)
        assert dataset.stored().tolist() == [[1234], [float(expected)]], why
        assert codes(dataset) == (["TEXT_DECIMALS"] if "." in text else [])


@pytest.mark.parametrize("text", [b"1.024", b"999.123"])
def test_a_point_that_may_group_thousands_is_refused(tmp_path: Path, text: bytes) -> None:
    assert refused(tmp_path, fixed(text, [len(text)])).code == "ASCII_VALUE_INVALID"


@pytest.mark.parametrize("text", [b"0.125", b"1234.125", b"1.0240"])
def test_a_point_that_cannot_group_thousands_is_read(tmp_path: Path, text: bytes) -> None:
    assert read(tmp_path, fixed(text, [len(text)])).stored()[0, 0] == float(text)


def test_bytes_that_text_would_hide_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, fixed(b"12\0\0", [4])).code == "ASCII_VALUE_INVALID"


@pytest.mark.parametrize(("text", "exact"), [(b" 9007199254740991", True), (b" 9007199254740992", False)])
def test_text_of_a_number_that_float64_would_round_is_refused(
    tmp_path: Path, text: bytes, *, exact: bool
) -> None:
    content = fixed(text, [17])
    if exact:
        assert read(tmp_path, content).stored()[0, 0] == 2**53 - 1
    else:
        error = refused(tmp_path, content)
        assert (error.code, error.place) == ("INTEGER_TOO_LARGE", "event 1, parameter 1")


def test_text_is_scaled_as_integers_are_but_never_masked(tmp_path: Path) -> None:
    dataset = read(tmp_path, fixed(b" 5122000", [4, 4], P1E="4,1", P1R="1024", P2R="1024", P2G="4"))
    np.testing.assert_array_equal(dataset.stored(), [[512, 2000]])
    np.testing.assert_allclose(dataset.linear(), [[100, 500]])


@pytest.mark.parametrize(
    ("total", "cut", "n_events", "flags"),
    [
        ("3", 0, 3, []),
        (None, 0, 3, ["TOT_MISSING"]),
        ("3", 1, 2, ["DATA_TRUNCATED"]),
        ("3", 14, 1, ["DATA_TRUNCATED"]),
    ],
)
def test_text_that_is_cut_or_uncounted_is_read_as_binary_data_are(
    tmp_path: Path, total: str | None, cut: int, n_events: int, flags: list[str]
) -> None:
    content = fixed(as_fixed_text(EVENTS, [3, 6, 4]), [3, 6, 4], TOT=total)
    dataset = read(tmp_path, content[: len(content) - cut])
    np.testing.assert_array_equal(dataset.stored(), EVENTS[:n_events])
    assert codes(dataset) == flags


def test_text_of_another_size_than_declared_is_refused(tmp_path: Path) -> None:
    content = fixed(as_fixed_text(EVENTS, [3, 6, 4]), [3, 6, 4], TOT="2")
    assert refused(tmp_path, content).code == "DATA_LENGTH_CONFLICT"


def test_an_error_in_text_shows_none_of_it(tmp_path: Path) -> None:
    assert "Miller" not in str(refused(tmp_path, fixed(b"Miller", [6])))


# --- free width ----------------------------------------------------------------


def free(data: bytes, *, tail: bytes = b"", shift: int = 0, **keywords: str | None) -> bytes:
    named = FREE | {"$" + key: value for key, value in keywords.items()}
    content = fcs_bytes(EVENTS, number="A", data=data, tail=tail, keywords=named, version="2.0")
    last = int(content[34:42]) + shift
    return content[:34] + str(last).rjust(8).encode() + content[42:]


@pytest.mark.parametrize("between", [b" ", b"\t", b",", b"\r\n", b"  ", b" ,\t\r\n", b", "])
@pytest.mark.parametrize("behind", [b"", b"\n", b" \r\n\r\n"])
def test_text_of_free_width_is_read_whatever_separates_it(
    tmp_path: Path, between: bytes, behind: bytes
) -> None:
    data = between.join(b"%d" % value for event in EVENTS for value in event) + behind
    dataset = read(tmp_path, free(data))
    np.testing.assert_array_equal(dataset.stored(), EVENTS)
    assert (dataset.data_type, codes(dataset)) == ("A", [])
    assert [channel.bits for channel in dataset.channels] == [0, 0, 0]


DATA = b"1 2 3 40 500 60 200 1000 255"
COUNTS = """
    TOT | data            | events | flags or refusal
    ----+-----------------+--------+----------------------------
    2   | 1 2 3 4 5 6     | 2      |
    2   | 1 2 3 4 5 6 7   |        | DATA_LENGTH_CONFLICT
    2   | 1 2 3 4 5       |        | DATA_LENGTH_CONFLICT
    -   | 1 2 3 4 5 6     | 2      | TOT_MISSING
    -   | 1 2 3 4 5       |        | DATA_LENGTH_CONFLICT
    0   | 1 2 3           | 1      | TOT_MISSING
    1   | 1 2 x           |        | ASCII_VALUE_INVALID
    1   | 1 2 3;          |        | ASCII_VALUE_INVALID
    1   | 1,5 2,5 3       |        | DATA_LENGTH_CONFLICT
    1   | 1.5 2 3         | 1      | TEXT_DECIMALS
"""


@pytest.mark.parametrize(("total", "data", "n_events", "outcome"), rows(COUNTS))
def test_values_of_free_width_are_as_many_as_declared(
    tmp_path: Path, total: str, data: str, n_events: str, outcome: str
) -> None:
    content = free(data.encode(), TOT=None if total == "-" else total)
    if n_events:
        dataset = read(tmp_path, content)
        assert (dataset.n_events, codes(dataset)) == (int(n_events), outcome.split())
    else:
        assert refused(tmp_path, content).code == outcome


@pytest.mark.parametrize(
    ("cut", "n_events"),
    [(1, 2), (3, 2), (4, 2), (13, 1), (20, 1)],
    ids=[
        "within a value",
        "the last value gone",
        "no separator behind",
        "in the second event",
        "its last value",
    ],
)
def test_a_value_of_free_width_that_may_be_cut_does_not_count(
    tmp_path: Path, cut: int, n_events: int
) -> None:
    dataset = read(tmp_path, free(DATA)[:-cut])
    np.testing.assert_array_equal(dataset.stored(), EVENTS[:n_events])
    assert codes(dataset) == ["DATA_TRUNCATED"]


def test_text_of_free_width_cut_before_its_first_event_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, free(DATA)[: -len(DATA) + 3]).code == "DATA_MISSING"


@pytest.mark.parametrize(("shift", "tail"), [(-1, b""), (-2, b""), (-1, b"00000000"), (1, b"00000000")])
def test_an_end_that_cuts_or_prolongs_the_last_value_is_refused(
    tmp_path: Path, shift: int, tail: bytes
) -> None:
    assert refused(tmp_path, free(DATA, tail=tail, shift=shift)).code == "DATA_LENGTH_CONFLICT"


def test_a_check_word_may_follow_the_last_value(tmp_path: Path) -> None:
    np.testing.assert_array_equal(read(tmp_path, free(DATA, tail=b"00000000")).stored(), EVENTS)


def test_a_begin_that_cuts_the_first_value_is_refused(tmp_path: Path) -> None:
    content = free(b"12" + DATA)
    first = int(content[26:34]) + 1
    moved = content[:26] + str(first).rjust(8).encode() + content[34:]
    assert refused(tmp_path, moved).code == "DATA_LENGTH_CONFLICT"


def test_text_of_free_width_without_an_end_is_refused(tmp_path: Path) -> None:
    content = free(DATA)
    assert refused(tmp_path, content[:34] + b"       0" + content[42:]).code == "DATA_LENGTH_CONFLICT"


def test_long_text_of_free_width_is_read_block_by_block(tmp_path: Path) -> None:
    values = np.arange(90_000).reshape(-1, 3)
    data = " ".join(map(str, values.reshape(-1).tolist())).encode()
    np.testing.assert_array_equal(read(tmp_path, free(data, TOT="30000")).stored(), values)


def test_a_place_far_into_long_text_is_named(tmp_path: Path) -> None:
    data = b"7 " * 59_999 + b"x"
    assert refused(tmp_path, free(data, TOT="20000")).place == "event 20000, parameter 3"


@pytest.mark.parametrize("digits", [65, 70_000])
def test_a_number_of_absurd_length_is_refused(tmp_path: Path, digits: int) -> None:
    error = refused(tmp_path, free(b"1 2 " + b"0" * digits, TOT="1"))
    assert (error.code, error.place) == ("ASCII_VALUE_INVALID", "event 1, parameter 3")


@pytest.mark.parametrize(
    ("keywords", "code"),
    [
        ({"$P2B": "4"}, "BITS_INVALID"),
        ({"$P2B": None}, "BITS_INVALID"),
        ({"$P2B": "65"}, "BITS_INVALID"),
        ({"$P2DATATYPE": "I"}, "DATATYPE_AMBIGUOUS"),
        ({"$P1E": "4,1", "$P1R": "0"}, "RANGE_INVALID"),
    ],
)
def test_parameters_that_text_cannot_have_are_refused(
    tmp_path: Path, keywords: dict[str, str | None], code: str
) -> None:
    content = fcs_bytes(EVENTS, number="A", data=DATA, keywords=FREE | keywords, version="3.2")
    assert refused(tmp_path, content).code == code


def test_a_parameter_of_its_own_data_type_is_not_text(tmp_path: Path) -> None:
    content = fcs_bytes(EVENTS, version="3.2", keywords={"$P2DATATYPE": "A"})
    assert refused(tmp_path, content).code == "DATATYPE_AMBIGUOUS"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    events=st.lists(st.tuples(*[st.integers(0, 10**9)] * 3), min_size=1, max_size=6),
    padding=st.tuples(*[st.integers(0, 4)] * 3),
)
def test_any_integers_come_back_from_text(
    tmp_path: Path, events: Sequence[Sequence[int]], padding: Sequence[int]
) -> None:
    widths = [max(len(str(event[i])) for event in events) + padding[i] for i in range(3)]
    np.testing.assert_array_equal(
        read(tmp_path, fixed(as_fixed_text(events, widths), widths)).stored(), events
    )
