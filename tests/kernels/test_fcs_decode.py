"""The decoding kernel equals its twin on any bytes, layout and byte order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import decoded_events, same_number

from mrdkit.flow.decode import ColumnFormat, Layout, PackedEvents

integer_columns = st.builds(
    lambda width, mask: ColumnFormat(number="I", width=width, mask=mask),
    st.integers(1, 8),
    st.integers(0, 64).map(lambda bits: 2**bits - 1),
)
float_columns = st.sampled_from([ColumnFormat(number="F", width=4), ColumnFormat(number="D", width=8)])
layouts = st.builds(
    Layout,
    columns=st.lists(integer_columns | float_columns, min_size=1, max_size=6).map(tuple),
    big_endian=st.booleans(),
)


@st.composite
def packed_events(draw: st.DrawFn) -> PackedEvents:
    layout = draw(layouts)
    n_events = draw(st.integers(0, 12) | st.sampled_from([511, 512, 513, 1025]))
    seed = draw(st.binary(min_size=1, max_size=200))
    size = n_events * layout.event_bytes
    raw = np.frombuffer((seed * (size // len(seed) + 1))[:size], dtype=np.uint8)
    return PackedEvents(raw=raw, n_events=n_events, layout=layout)


def twin(events: PackedEvents) -> list[list[float]]:
    columns = [(c.number, c.width, c.mask) for c in events.layout.columns]
    return decoded_events(events.raw.tobytes(), columns, big_endian=events.layout.big_endian)


@given(packed_events())
def test_all_columns_equal_the_twin(events: PackedEvents) -> None:
    matrix = events.matrix()
    assert matrix.shape == events.shape
    expected = twin(events)
    assert all(
        same_number(a, b)
        for row, other in zip(matrix.tolist(), expected, strict=True)
        for a, b in zip(row, other, strict=True)
    )


@given(packed_events())
def test_chosen_columns_equal_those_of_all(events: PackedEvents) -> None:
    matrix = events.matrix()
    for positions in ([], [0], list(range(events.shape[1])), list(range(events.shape[1]))[::-1]):
        np.testing.assert_array_equal(events.columns(positions), matrix[:, positions].T)


def test_a_view_that_does_not_begin_at_a_multiple_of_its_width_is_read() -> None:
    raw = np.frombuffer(b"\xff" + np.array([1.5, -2.5], dtype="<f4").tobytes(), dtype=np.uint8)[1:]
    layout = Layout(columns=(ColumnFormat(number="F", width=4),), big_endian=False)
    assert PackedEvents(raw=raw, n_events=2, layout=layout).matrix().tolist() == [[1.5], [-2.5]]


def test_bytes_that_do_not_hold_the_events_are_refused() -> None:
    layout = Layout(columns=(ColumnFormat(number="F", width=4),), big_endian=False)
    with pytest.raises(ValueError, match="2 events of 4 bytes do not make 7 bytes"):
        PackedEvents(raw=np.zeros(7, dtype=np.uint8), n_events=2, layout=layout)


@pytest.mark.parametrize("position", [-1, 1])
def test_a_column_that_is_not_there_is_refused(position: int) -> None:
    layout = Layout(columns=(ColumnFormat(number="F", width=4),), big_endian=False)
    events = PackedEvents(raw=np.zeros(4, dtype=np.uint8), n_events=1, layout=layout)
    with pytest.raises(IndexError, match=f"no column {position}"):
        events.columns([0, position])


@pytest.mark.parametrize(("number", "width"), [("I", 9), ("I", 0), ("F", 8), ("D", 4)])
def test_a_width_that_its_type_cannot_have_is_refused(number: str, width: int) -> None:
    with pytest.raises(ValueError, match=f"type {number} cannot have {width} bytes"):
        ColumnFormat(number=number, width=width)  # type: ignore[arg-type]  # text of the table
