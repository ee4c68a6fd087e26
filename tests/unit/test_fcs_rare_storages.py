"""Odd widths, mixed byte orders and bits packed without regard to bytes; what a size proves about them."""

from pathlib import Path

import numpy as np
import pytest
from fcs_files import fcs_bytes
from fcs_rare_files import as_bit_stream, in_byte_order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tables import rows

from mrdkit.errors import InputError
from mrdkit.flow import FcsDataset, read_fcs, read_fcs_datasets
from mrdkit.flow.decode import PackedEvents


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


# --- integers of every whole width, mixed byte orders -----------------------------------------------------


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("bits", [[40] * 3, [48] * 3, [56] * 3, [8, 40, 24], [56, 16, 64]])
def test_integers_of_every_whole_width_are_read(tmp_path: Path, bits: list[int], *, big_endian: bool) -> None:
    large = [[2 ** min(width, 53) - 1 for width in bits], [0, 1, 2], [200, 200, 200]]
    content = fcs_bytes(large, number="I", bits=bits, big_endian=big_endian, ranges=[2**53] * 3)
    dataset = read(tmp_path, content)
    np.testing.assert_array_equal(dataset.stored(), large)
    assert not dataset.warnings


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        ("3,4,1,2", "FFF"),
        ("2,1,4,3", "FFF"),
        ("3 , 4 , 1 , 2", "FFF"),
        ("2,3,4,1", "FFF"),
        ("2,1,4,3", "III"),
        ("2,1,4,3", "IBF"),
        ("1,3,2", "III"),
        ("1,2,3", "III"),
        ("3,2,1", "IBI"),
        ("5,6,7,8,1,2,3,4", "DDD"),
        ("2,1,4,3,6,5,8,7", "IIB"),
    ],
)
def test_a_permutation_holds_for_values_of_as_many_bytes(tmp_path: Path, order: str, numbers: str) -> None:
    ranks = [int(rank) for rank in order.split(",")]
    events = [[1, 2, 3], [100, 200, 250], [0, 255, 77]]
    width = {"F": "F", "D": "D"}
    own = {f"$P{i + 1}DATATYPE": width.get(number, "I") for i, number in enumerate(numbers)}
    content = fcs_bytes(
        events,
        version="3.2",
        number="F" if "F" in numbers else "D" if "D" in numbers else "I",
        bits=[8 if number == "B" else 8 * len(ranks) for number in numbers],
        data=in_byte_order(events, numbers=numbers, order=ranks),
        keywords={"$BYTEORD": order, **own},
        ranges=[256] * 3,
    )
    dataset = read(tmp_path, content)
    np.testing.assert_array_equal(dataset.stored(), events)
    np.testing.assert_array_equal(dataset.stored_columns([1]), np.array(events).T[[1]])
    assert dataset.byte_order == {"1,2,3": "little", "3,2,1": "big"}.get(order, order)
    assert not dataset.warnings


def test_the_first_byte_of_a_pdp_11_integer_is_its_third(tmp_path: Path) -> None:
    keywords = {"$BYTEORD": "3,4,1,2"}
    content = fcs_bytes([[0]], number="I", data=b"\x0b\x0a\x0d\x0c", keywords=keywords, ranges=[2**32])
    assert read(tmp_path, content).stored()[0, 0] == 0x0A0B0C0D


@pytest.mark.parametrize(
    ("order", "number", "bits"),
    [
        ("3,4,1,2", "I", [32, 16]),
        ("3,4,1,2", "D", [64, 64]),
        ("3,4,1,2", "I", [24, 24]),
        ("3,4,1,2", "I", [10, 10]),
        ("2,1,4,4", "F", [32, 32]),
        ("0,1,2,3", "F", [32, 32]),
        ("1", "F", [32, 32]),
        ("1,2,3,4,5,6,7,8,9", "F", [32, 32]),
        ("4321", "F", [32, 32]),
        ("", "F", [32, 32]),
    ],
)
def test_an_order_that_does_not_tell_about_a_value_is_refused(
    tmp_path: Path, order: str, number: str, bits: list[int]
) -> None:
    data = bytes(3 * sum(-(-width // 8) for width in bits))
    content = fcs_bytes(
        [[0, 0]] * 3, number=number, bits=bits, data=data, keywords={"$BYTEORD": order or None}
    )
    assert refused(tmp_path, content).code == "BYTE_ORDER_UNSUPPORTED"


def test_single_bytes_need_no_order_until_their_size_says_that_they_are_wider(tmp_path: Path) -> None:
    keywords: dict[str, str | None] = {"$BYTEORD": None}
    events = [[1, 2], [3, 4], [5, 6]]
    small = fcs_bytes(events, number="I", bits=[8, 8], keywords=keywords, ranges=[256, 256])
    np.testing.assert_array_equal(read(tmp_path, small).stored(), events)
    wide = fcs_bytes(events, number="I", bits=[8, 8], keywords=keywords, ranges=[1024] * 2, data=bytes(12))
    assert refused(tmp_path, wide).code == "DATA_LENGTH_CONFLICT"


# --- bits packed without regard to bytes ------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data(), bits=st.lists(st.integers(1, 64), min_size=1, max_size=5), n=st.integers(3, 40))
def test_any_packed_bits_come_back(tmp_path: Path, data: st.DataObject, bits: list[int], n: int) -> None:
    values = st.tuples(*[st.integers(0, 2 ** min(width, 53) - 1) for width in bits])
    events = data.draw(st.lists(values, min_size=n, max_size=n))
    stream = as_bit_stream(events, bits)
    ranges = [2**width for width in bits]
    content = fcs_bytes(events, number="I", bits=bits, big_endian=True, data=stream, ranges=ranges)
    if all(width % 8 == 0 for width in bits):
        np.testing.assert_array_equal(read(tmp_path, content).stored(), events)
        return
    try:
        dataset = read(tmp_path, content)
    except InputError as error:
        assert error.code == "DATA_LENGTH_CONFLICT"  # noqa: PT017 - a width of whole bytes fits as well
        return
    np.testing.assert_array_equal(dataset.stored(), events)
    assert codes(dataset) == ["BIT_PACKED"]


@pytest.mark.parametrize("bits", [[10, 10, 12], [12, 12, 12], [20, 20, 20], [10, 11, 17], [8, 9, 33]])
def test_packed_bits_are_read_where_the_size_proves_them(tmp_path: Path, bits: list[int]) -> None:
    events = [[i % 256, i % 500, (77 * i) % 4000] for i in range(1000)]
    content = fcs_bytes(
        events,
        number="I",
        bits=bits,
        big_endian=True,
        data=as_bit_stream(events, bits),
        ranges=[256, 512, 4096],
    )
    dataset = read(tmp_path, content)
    np.testing.assert_array_equal(dataset.stored(), events)
    np.testing.assert_array_equal(dataset.stored_columns([2]), np.array(events).T[[2]])
    assert (codes(dataset), dataset.byte_order) == (["BIT_PACKED"], "big")


def test_packed_bits_are_masked_to_the_range(tmp_path: Path) -> None:
    stream = as_bit_stream([[1023, 4095]] * 7, [10, 12])
    content = fcs_bytes(
        [[0, 0]] * 7, number="I", bits=[10, 12], big_endian=True, data=stream, ranges=[512, 1000]
    )
    np.testing.assert_array_equal(read(tmp_path, content).stored(), [[511, 1023]] * 7)


def test_packed_bits_of_a_file_cut_short_give_their_whole_events(tmp_path: Path) -> None:
    events = [[i, 2 * i] for i in range(50)]
    content = fcs_bytes(
        events, number="I", bits=[10, 11], big_endian=True, data=as_bit_stream(events, [10, 11])
    )
    dataset = read(tmp_path, content[:-10])
    assert dataset.n_events == (132 - 10) * 8 // 21
    np.testing.assert_array_equal(dataset.stored(), events[: dataset.n_events])
    assert codes(dataset) == ["BIT_PACKED", "DATA_TRUNCATED"]


PROOFS = """
    bits  | ranges      | bytes | order  | refusal               | why
    ------+-------------+-------+--------+-----------------------+-------------------------------------------
    10,10 | 1024,1024   | 100   | little | BIT_PACKED_UNSUPPORTED | packing is not defined for this order
    10,10 | 1024,1024   | 99    | big    | BIT_PACKED_UNSUPPORTED | one byte less proves nothing
    10,10 | 1024,1024   | 101   | big    | BIT_PACKED_UNSUPPORTED | one byte more proves nothing
    20,12 | 4096,4096   | 160   | big    | DATA_LENGTH_CONFLICT  | 16 bits for each value fit as well
    10,6  | 256,64      | 80    | big    | DATA_LENGTH_CONFLICT  | 8 bits for each value fit as well
    10,10 | 1024,1024   | 120   | big    | DATA_LENGTH_CONFLICT  | three whole bytes per event are no storage
"""


@pytest.mark.parametrize("row", rows(PROOFS), ids=lambda row: row[5])
def test_packed_bits_without_proof_are_refused(tmp_path: Path, row: list[str]) -> None:
    bits, ranges, size, order, code, why = row
    content = fcs_bytes(
        [[1, 1]] * 40,
        number="I",
        bits=[int(b) for b in bits.split(",")],
        ranges=[float(r) for r in ranges.split(",")],
        big_endian=order == "big",
        data=bytes(int(size)),
    )
    assert refused(tmp_path, content).code == code, why


# --- what a size proves -----------------------------------------------------------------------------------


@pytest.mark.parametrize("total", [20, 15, 60])
def test_a_wrong_number_of_events_is_not_taken_for_a_wrong_width(tmp_path: Path, total: int) -> None:
    # Of 30 events of 16 bits, 20 would have 24 bits, 15 would have 32 and 60 would have 8.
    events = [[i + 300, 900 - i] for i in range(30)]
    keywords = {"$TOT": str(total)}
    content = fcs_bytes(events, number="I", bits=[16, 16], ranges=[1024, 1024], keywords=keywords)
    assert refused(tmp_path, content).code == "DATA_LENGTH_CONFLICT"


@pytest.mark.parametrize("range_", [2**53 + 1, 2**63 + 1])
def test_no_bit_that_a_large_range_needs_is_masked_away(tmp_path: Path, range_: int) -> None:
    content = fcs_bytes([[range_ - 1]], number="I", bits=[64], keywords={"$P1R": str(range_)})
    assert refused(tmp_path, content).code == "INTEGER_TOO_LARGE"


def test_data_do_not_reach_into_the_next_data_set(tmp_path: Path) -> None:
    first = fcs_bytes([[1.0, 2.0]], keywords={"$TOT": "2"}, next_data=True, version="2.0")
    last = int(first[34:42]) + 8
    path = tmp_path / "tube.fcs"
    path.write_bytes(first[:34] + str(last).rjust(8).encode() + first[42:] + fcs_bytes([[3.0, 4.0]]))
    one, two = read_fcs_datasets(path)
    np.testing.assert_array_equal(one.stored(), [[1.0, 2.0]])
    assert codes(one) == ["DATA_TRUNCATED"]
    np.testing.assert_array_equal(two.stored(), [[3.0, 4.0]])


# --- how values are kept ----------------------------------------------------------------------------------


def test_plain_values_stay_in_the_bytes_of_the_file(tmp_path: Path) -> None:
    dataset = read(tmp_path, fcs_bytes([[1.0, 2.0]], big_endian=True))
    assert isinstance(dataset.events, PackedEvents)
    assert not dataset.events.raw.flags.owndata


def test_bytes_that_are_not_those_of_the_file_are_never_given_for_them(tmp_path: Path) -> None:
    events = [[1, 2], [3, 4], [5, 6]]
    swapped = in_byte_order(events, numbers="FF", order=[3, 4, 1, 2])
    stream = as_bit_stream(events, [10, 10])
    contents = [
        fcs_bytes(events, data=swapped, keywords={"$BYTEORD": "3,4,1,2"}),
        fcs_bytes(events, number="I", bits=[10, 10], big_endian=True, data=stream),
        fcs_bytes(events, number="A", bits=[2, 1], data=b" 12 34 56"),
    ]
    for content in contents:
        dataset = read(tmp_path, content)
        assert not isinstance(dataset.events, PackedEvents)
        np.testing.assert_array_equal(dataset.stored(), events)
        np.testing.assert_array_equal(dataset.packed().matrix(), events)
