"""The table kernels against plain Python: fields of rows, distinct texts, letters of sequences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrdkit._ext import table as kernel

field = st.binary(max_size=30).map(lambda text: text.translate(bytes(range(256)), b"\t\n"))
CAPACITY = 16


def block(lines: list[bytes]) -> tuple[np.ndarray[tuple[int], np.dtype[np.uint8]], int]:
    text = b"".join(lines)
    return np.frombuffer(text + b"\t\n" * 32, dtype=np.uint8), len(text)


def bounds(n_columns: int, wanted: list[int]) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    """What tells the kernel where fields begin and end; see its docstring."""
    ends = {column + 1: i for i, column in enumerate(wanted) if column + 1 < n_columns}
    begins = {column: i for i, column in enumerate(wanted) if column > 0}
    tabs = [[tab, ends.get(tab, -1), begins.get(tab, -1)] for tab in sorted({*ends, *begins})]
    last = [0, int(0 in wanted), int(n_columns - 1 in wanted)]
    return np.array([*tabs, last], dtype=np.int32)


@given(st.integers(2, 90), st.data())
def test_fields_are_those_between_the_tabs(n_columns: int, data: st.DataObject) -> None:
    wanted = sorted(data.draw(st.sets(st.integers(0, n_columns - 1), min_size=1, max_size=5)))
    rows = data.draw(
        st.lists(st.lists(field, min_size=n_columns, max_size=n_columns), min_size=1, max_size=5)
    )
    ends_of_lines = data.draw(st.lists(st.sampled_from([b"\n", b"\r\n"]), min_size=5, max_size=5))
    rows = [[cell.replace(b"\r", b"r") for cell in row] for row in rows]
    lines = [b"\t".join(row) + end for row, end in zip(rows, ends_of_lines, strict=False)]
    text, stop = block(lines)
    begins = np.zeros((len(wanted), CAPACITY), dtype=np.int32)
    ends = np.zeros_like(begins)
    n, behind = kernel.split_rows(text, stop, n_columns, bounds(n_columns, wanted), begins, ends)
    assert (n, behind) == (len(rows), stop)
    for row, cells in enumerate(rows):
        found = [text[begins[i, row] : ends[i, row]].tobytes() for i in range(len(wanted))]
        assert found == [cells[column] for column in wanted]


@pytest.mark.parametrize(
    ("lines", "n", "behind"),
    [
        ([b"a\tb\n", b"a\n", b"a\tb\n"], 1, 4),
        ([b"a\tb\n", b"a\tb\tc\n"], 1, 4),
        ([b"\n", b"a\tb\n"], 0, 0),
        ([b"a\tb\n", b"\r\n"], 1, 4),
        ([b"a\tb\n"] * 20, CAPACITY, 4 * CAPACITY),
        ([b"x" * 200 + b"\t" + b"y" * 200 + b"\n"], 1, 402),
        ([], 0, 0),
    ],
)
def test_it_stops_before_a_row_of_another_length(lines: list[bytes], n: int, behind: int) -> None:
    text, stop = block(lines)
    begins = np.zeros((1, CAPACITY), dtype=np.int32)
    found = kernel.split_rows(text, stop, 2, bounds(2, [1]), begins, np.zeros_like(begins))
    assert found == (n, behind)


@given(st.lists(st.one_of(st.sampled_from([b"", b"a", b"abcdefgh", b"x" * 40]), field), max_size=60))
def test_texts_are_numbered_in_the_order_in_which_they_appear(texts: list[bytes]) -> None:
    text, _ = block(texts)
    ends = np.cumsum([len(one) for one in texts]).astype(np.int32)
    begins = (ends - [len(one) for one in texts]).astype(np.int32)
    slots = np.full(4, -1, dtype=np.int32)
    keys, pool_ends, pool = (
        np.zeros((2, 3), dtype=np.uint64),
        np.zeros(3, dtype=np.int64),
        np.zeros(4, dtype=np.uint8),
    )
    codes = np.empty(len(texts), dtype=np.int32)
    done = known = 0
    while True:
        done, known = kernel.encode(text, begins, ends, done, slots, keys, pool_ends, pool, known, codes)
        if done == len(texts):
            break
        keys = np.concatenate([keys, np.zeros_like(keys)])
        pool_ends = np.concatenate([pool_ends, np.zeros(len(keys) // 2, dtype=np.int64)])
        pool = np.concatenate([pool, np.zeros_like(pool)])
        slots = np.full(2 * len(keys), -1, dtype=np.int32)
        kernel.place(keys, known, slots)
    distinct = list(dict.fromkeys(texts))
    assert codes.tolist() == [distinct.index(one) for one in texts]
    assert [pool[pool_ends[i] : pool_ends[i + 1]].tobytes() for i in range(known)] == distinct


@given(st.lists(st.one_of(st.text("ACGTNacgtn", max_size=12).map(str.encode), field), max_size=12))
def test_letters_are_copied_until_a_field_is_no_sequence(texts: list[bytes]) -> None:
    text, _ = block(texts)
    ends = np.cumsum([len(one) for one in texts]).astype(np.int32)
    begins = (ends - [len(one) for one in texts]).astype(np.int32)
    bases = np.zeros(len(text), dtype=np.uint8)
    lengths = np.zeros(len(texts), dtype=np.int64)
    done = kernel.gather(text, begins, ends, 10, bases, lengths)
    good = [0 < len(one) <= 10 and not one.upper().strip(b"ACGTN") for one in texts]
    expected = good.index(False) if False in good else len(texts)
    assert done == expected
    assert bases[: int(lengths[:done].sum())].tobytes() == b"".join(texts[:expected]).upper()
