"""What files declare wrongly: what is read with a flag, and what is refused."""

import binascii
from pathlib import Path

import numpy as np
import pytest
from fcs_files import fcs_bytes, packed

from mrdkit.errors import InputError
from mrdkit.flow import FcsDataset, read_fcs

EVENTS = [[1.5, 2.5], [10.0, 20.0], [100.0, 200.0]]
SIZE = 24  # bytes of these events as float32


def read(tmp_path: Path, content: bytes) -> FcsDataset:
    path = tmp_path / "tube.fcs"
    path.write_bytes(content)
    return read_fcs(path)


def codes(dataset: FcsDataset) -> set[str]:
    return {warning.code for warning in dataset.warnings}


def refusal(tmp_path: Path, content: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read(tmp_path, content)
    assert str(tmp_path / "tube.fcs") in str(caught.value)
    return caught.value.code


def first_byte(content: bytes) -> int:
    return int(content[26:34])


# --- where DATA stands ------------------------------------------------------------------------------------


def test_header_is_used_where_text_places_garbage(tmp_path: Path) -> None:
    true = first_byte(fcs_bytes(EVENTS, gap=100))
    wrong = {"$BEGINDATA": f"{true - 50:010}", "$ENDDATA": f"{true - 50 + SIZE - 1:010}"}
    dataset = read(tmp_path, fcs_bytes(EVENTS, gap=100, keywords=wrong))
    np.testing.assert_array_equal(dataset.stored(), EVENTS)
    assert dataset.offsets_used == "header"
    assert "OFFSET_CONFLICT" in codes(dataset)


def test_text_is_used_where_header_places_garbage(tmp_path: Path) -> None:
    true = first_byte(fcs_bytes(EVENTS, gap=100))
    dataset = read(tmp_path, fcs_bytes(EVENTS, gap=100, header_data=(true - 50, true - 51 + SIZE)))
    np.testing.assert_array_equal(dataset.stored(), EVENTS)
    assert dataset.offsets_used == "text"
    assert "OFFSET_CONFLICT" in codes(dataset)


@pytest.mark.parametrize("placeholder", [(0, 0), (99_999_999, 99_999_999), (0, 99_999_999)])
def test_an_offset_too_large_for_the_header_is_looked_up_in_text(
    tmp_path: Path, placeholder: tuple[int, int]
) -> None:
    dataset = read(tmp_path, fcs_bytes(EVENTS, header_data=placeholder))
    np.testing.assert_array_equal(dataset.stored(), EVENTS)
    assert (dataset.offsets_used, codes(dataset)) == ("text", set())


@pytest.mark.parametrize("end", [0, 99_999_999])
def test_an_end_too_large_for_the_header_is_looked_up_in_text(tmp_path: Path, end: int) -> None:
    true = first_byte(fcs_bytes(EVENTS))
    dataset = read(tmp_path, fcs_bytes(EVENTS, header_data=(true, end)))
    np.testing.assert_array_equal(dataset.stored(), EVENTS)
    assert not dataset.warnings


def test_the_place_directly_behind_text_is_used_where_both_look_measured(tmp_path: Path) -> None:
    content = fcs_bytes(EVENTS, tail=packed(EVENTS, numbers="FF", bits=[32, 32]))
    true = first_byte(content)
    moved = (true + 8, true + 8 + SIZE - 1)
    dataset = read(
        tmp_path, fcs_bytes(EVENTS, tail=packed(EVENTS, numbers="FF", bits=[32, 32]), header_data=moved)
    )
    np.testing.assert_array_equal(dataset.stored(), EVENTS)
    assert dataset.offsets_used == "text"


def test_a_true_tie_is_refused(tmp_path: Path) -> None:
    tail = packed(EVENTS, numbers="FF", bits=[32, 32])
    true = first_byte(fcs_bytes(EVENTS, gap=16, tail=tail))
    content = fcs_bytes(EVENTS, gap=16, tail=tail, header_data=(true + 4, true + 4 + SIZE - 1))
    assert refusal(tmp_path, content) == "OFFSETS_AMBIGUOUS"


def test_data_inside_text_is_refused(tmp_path: Path) -> None:
    content = fcs_bytes(EVENTS, version="2.0", header_data=(60, 60 + SIZE - 1))
    assert refusal(tmp_path, content) == "DATA_OVERLAPS_TEXT"


@pytest.mark.parametrize("begin", [1, 10, 57])
def test_data_inside_the_header_are_refused(tmp_path: Path, begin: int) -> None:
    content = fcs_bytes(EVENTS, version="2.0", header_data=(begin, begin + SIZE - 1))
    assert refusal(tmp_path, content) == "DATA_OVERLAPS_TEXT"


def test_a_place_in_the_header_loses_against_a_true_one(tmp_path: Path) -> None:
    dataset = read(tmp_path, fcs_bytes(EVENTS, header_data=(10, 10 + SIZE - 1), keywords={"$TOT": None}))
    np.testing.assert_array_equal(dataset.stored(), EVENTS)
    assert (dataset.offsets_used, codes(dataset)) == ("text", {"OFFSET_CONFLICT", "TOT_MISSING"})


def test_a_range_of_zero_says_nothing_about_the_place_of_data(tmp_path: Path) -> None:
    true = first_byte(fcs_bytes(EVENTS, gap=100, ranges=[0, 0]))
    content = fcs_bytes(EVENTS, gap=100, ranges=[0, 0], header_data=(true - 50, true - 51 + SIZE))
    np.testing.assert_array_equal(read(tmp_path, content).stored(), EVENTS)


def test_data_may_stand_before_text(tmp_path: Path) -> None:
    content = fcs_bytes(EVENTS, version="2.0")
    header, text, data = content[:58], content[58:-SIZE], content[-SIZE:]
    offsets = (58 + SIZE, 57 + SIZE + len(text), 58, 57 + SIZE)
    moved = header[:10] + b"".join(b"%8d" % n for n in offsets) + header[42:] + data + text
    np.testing.assert_array_equal(read(tmp_path, moved).stored(), EVENTS)


def test_data_that_only_one_damaged_place_would_give_are_refused(tmp_path: Path) -> None:
    # TEXT's place contradicts $TOT; HEADER's would give one event of a file cut short.
    content = fcs_bytes(EVENTS, keywords={"$TOT": "4"})
    near_end = len(content) - 8
    content = fcs_bytes(EVENTS, keywords={"$TOT": "4"}, header_data=(near_end, near_end + 31))
    assert refusal(tmp_path, content) == "DATA_LENGTH_CONFLICT"


# --- how many events --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shift", [-1, 1])
def test_a_length_off_by_one_is_flagged(tmp_path: Path, shift: int) -> None:
    true = first_byte(fcs_bytes(EVENTS, version="2.0"))
    content = fcs_bytes(EVENTS, version="2.0", header_data=(true, true + SIZE - 1 + shift))
    dataset = read(tmp_path, content)
    np.testing.assert_array_equal(dataset.stored(), EVENTS)
    assert codes(dataset) == {"DATA_LENGTH_OFF_BY_ONE"}


@pytest.mark.parametrize("total", [None, "0"])
def test_events_are_counted_where_their_number_is_missing(tmp_path: Path, total: str | None) -> None:
    dataset = read(tmp_path, fcs_bytes(EVENTS, keywords={"$TOT": total}))
    np.testing.assert_array_equal(dataset.stored(), EVENTS)
    assert codes(dataset) == {"TOT_MISSING"}
    assert dataset.n_events_declared == (None if total is None else 0)


@pytest.mark.parametrize(("cut", "whole"), [(1, 2), (8, 2), (9, 1), (16, 1)])
def test_a_truncated_file_gives_its_whole_events(tmp_path: Path, cut: int, whole: int) -> None:
    dataset = read(tmp_path, fcs_bytes(EVENTS)[:-cut])
    np.testing.assert_array_equal(dataset.stored(), EVENTS[:whole])
    assert (dataset.n_events, dataset.n_events_declared) == (whole, 3)
    assert codes(dataset) == {"DATA_TRUNCATED"}


def test_neither_a_number_nor_a_place_of_events_is_refused(tmp_path: Path) -> None:
    content = fcs_bytes(EVENTS, version="2.0", keywords={"$TOT": None}, header_data=(0, 0))
    assert refusal(tmp_path, content) == "DATA_MISSING"


def test_a_file_cut_before_its_data_is_refused_even_without_a_number_of_events(tmp_path: Path) -> None:
    assert refusal(tmp_path, fcs_bytes(EVENTS, keywords={"$TOT": None})[:-SIZE]) == "DATA_MISSING"


@pytest.mark.parametrize("cut", [17, 24])
def test_a_file_without_one_whole_event_is_refused(tmp_path: Path, cut: int) -> None:
    assert refusal(tmp_path, fcs_bytes(EVENTS)[:-cut]) == "DATA_MISSING"


@pytest.mark.parametrize("total", ["2", "4", "5", "1" + "0" * 17, "9" * 30])
def test_a_number_of_events_that_contradicts_the_size_is_refused(tmp_path: Path, total: str) -> None:
    assert refusal(tmp_path, fcs_bytes(EVENTS, keywords={"$TOT": total})) == "DATA_LENGTH_CONFLICT"


def test_an_empty_data_set_keeps_its_parameters(tmp_path: Path) -> None:
    dataset = read(tmp_path, fcs_bytes([], names=["FSC-A", "SSC-A"]))
    assert dataset.stored().shape == dataset.linear().shape == (0, 2)
    assert [channel.name for channel in dataset.channels] == ["FSC-A", "SSC-A"]


# --- how wide a value is ----------------------------------------------------------------------------------


def test_ten_bits_declared_and_sixteen_stored(tmp_path: Path) -> None:
    events = [[1, 1023], [512, 0], [7, 8]]
    data = packed(events, numbers="II", bits=[16, 16])
    dataset = read(tmp_path, fcs_bytes(events, number="I", bits=[10, 10], ranges=[1024, 1024], data=data))
    np.testing.assert_array_equal(dataset.stored(), events)
    assert codes(dataset) == {"WIDTH_INFERRED"}


def test_packed_bits_are_refused(tmp_path: Path) -> None:
    events = [[1, 1], [1, 1], [1, 1], [1, 1]]
    content = fcs_bytes(events, number="I", bits=[10, 10], ranges=[1024, 1024], data=bytes(10))
    assert refusal(tmp_path, content) == "BIT_PACKED_UNSUPPORTED"


def test_a_width_that_is_not_the_only_one_is_refused(tmp_path: Path) -> None:
    # 8 and 24 bits, or 16 and 16: both take four bytes, and the range allows both.
    events = [[1, 1], [2, 2], [3, 3]]
    content = fcs_bytes(events, number="I", bits=[6, 20], ranges=[16, 16], data=bytes(30))
    assert refusal(tmp_path, content) == "DATA_LENGTH_CONFLICT"


@pytest.mark.parametrize(
    ("keywords", "code"),
    [
        ({"$DATATYPE": "A"}, "DATA_LENGTH_CONFLICT"),
        ({"$DATATYPE": "X"}, "DATATYPE_INVALID"),
        ({"$DATATYPE": None}, "DATATYPE_INVALID"),
        ({"$BYTEORD": "1,3,2"}, "BYTE_ORDER_UNSUPPORTED"),
        ({"$BYTEORD": None}, "BYTE_ORDER_UNSUPPORTED"),
        ({"$MODE": "U"}, "MODE_UNSUPPORTED"),
        ({"$PAR": None}, "PARAMETERS_INVALID"),
        ({"$PAR": "999999999999"}, "PARAMETERS_INVALID"),
        ({"$P1DATATYPE": "I"}, "DATATYPE_AMBIGUOUS"),
        ({"$DATATYPE": "I", "$P1R": "NA"}, "RANGE_INVALID"),
        ({"$DATATYPE": "I", "$P1E": "log"}, "AMPLIFICATION_INVALID"),
        ({"$DATATYPE": "I", "$P1E": "4,1", "$P1R": "0"}, "RANGE_INVALID"),
        ({"$DATATYPE": "I", "$P1B": "0"}, "BITS_INVALID"),
        ({"$DATATYPE": "D"}, "DATA_LENGTH_CONFLICT"),
    ],
)
def test_what_cannot_be_decoded_exactly_is_refused(
    tmp_path: Path, keywords: dict[str, str | None], code: str
) -> None:
    assert refusal(tmp_path, fcs_bytes(EVENTS, keywords=keywords)) == code


@pytest.mark.parametrize(
    ("stored", "declared", "why"),
    [
        (("F", ">"), {"$BYTEORD": "1,2,3,4"}, "another byte order"),
        (("I", "<"), {"$DATATYPE": "F"}, "integers read as float32"),
        (("F", "<"), {"$DATATYPE": "I", "$P1R": "1024", "$P2R": "1024"}, "float32 read as integers"),
        (("I", ">"), {"$DATATYPE": "I", "$P1R": "1024", "$P2R": "1024"}, "integers of another byte order"),
    ],
)
def test_values_that_no_cytometer_stores_are_flagged(
    tmp_path: Path, stored: tuple[str, str], declared: dict[str, str | None], why: str
) -> None:
    events = [[float(i + 300), float(i + 5)] for i in range(100)]
    number, order = stored
    data = packed(events, numbers=number * 2, bits=[32, 32], big_endian=order == ">")
    dataset = read(tmp_path, fcs_bytes(events, data=data, keywords=declared))
    assert "VALUES_IMPLAUSIBLE" in codes(dataset), why


def test_data_one_byte_beside_their_true_place_are_flagged(tmp_path: Path) -> None:
    events = [[i * 1.7 + 300, i / 3 + 5] for i in range(100)]
    true = first_byte(fcs_bytes(events, version="2.0"))
    size = 8 * len(events)
    content = fcs_bytes(events, version="2.0", header_data=(true + 1, true + size), tail=bytes(8))
    assert codes(read(tmp_path, content)) == {"VALUES_IMPLAUSIBLE"}


# --- TEXT -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", ["/", "|", "\\", ";", "!", "+", "?", "^", "[", "\x0c", "\x1e", "*"])
def test_any_delimiter_is_taken_literally(tmp_path: Path, delimiter: str) -> None:
    keywords = {"NOTE": f"a{delimiter * 2}b", "ENDS": f"c{delimiter * 2}"}
    dataset = read(tmp_path, fcs_bytes(EVENTS, delimiter=delimiter, keywords=keywords))
    assert (dataset.text["NOTE"], dataset.text["ENDS"]) == (f"a{delimiter}b", f"c{delimiter}")
    assert not dataset.warnings


def test_empty_values_do_not_swallow_the_next_keyword(tmp_path: Path) -> None:
    keywords = {"$P1S": "", "$P2S": "", "NOTE": "a//b", "$P1G": "2", "LAST": ""}
    dataset = read(tmp_path, fcs_bytes(EVENTS, keywords=keywords))
    assert (dataset.text["$P1S"], dataset.text["$P2S"], dataset.text["LAST"]) == ("", "", "")
    assert dataset.text["NOTE"] == "a/b"
    assert dataset.channels[0].gain == 2.0
    assert codes(dataset) == {"TEXT_EMPTY_VALUE"}


def test_keywords_in_lower_case_and_values_in_latin_1(tmp_path: Path) -> None:
    content = fcs_bytes(EVENTS, version="2.0", keywords={"$par": "2", "$PAR": None, "$P1S": "CD34#"})
    dataset = read(tmp_path, content.replace(b"CD34#", b"CD34\xb5"))
    assert dataset.text["$PAR"] == "2"
    assert dataset.channels[0].label == "CD34µ"


def test_text_that_ends_one_byte_too_early(tmp_path: Path) -> None:
    content = fcs_bytes(EVENTS)
    last = int(content[18:26])
    dataset = read(tmp_path, content[:18] + f"{last - 1:8d}".encode() + content[26:])
    np.testing.assert_array_equal(dataset.stored(), EVENTS)
    assert codes(dataset) == {"TEXT_END_OFF_BY_ONE"}


@pytest.mark.parametrize(("key", "value"), [("$TOT", "4"), ("$P1R", "7"), ("$BYTEORD", "4,3,2,1")])
def test_two_values_of_a_keyword_that_decides_are_refused(tmp_path: Path, key: str, value: str) -> None:
    content = fcs_bytes(EVENTS, keywords={"#" * len(key): value})
    assert refusal(tmp_path, content.replace(b"#" * len(key), key.encode())) == "KEYWORD_CONFLICT"


def test_two_values_of_another_keyword_are_flagged(tmp_path: Path) -> None:
    dataset = read(tmp_path, fcs_bytes(EVENTS, keywords={"$COM": "first", "$com": "second"}))
    assert dataset.text["$COM"] == "first"
    assert codes(dataset) == {"KEYWORD_REPEATED"}


def with_supplement(supplement: bytes) -> bytes:
    keywords = {"$BEGINSTEXT": "0" * 8, "$ENDSTEXT": "9" * 8}
    content = fcs_bytes(EVENTS, keywords=keywords, tail=supplement)
    first = len(content) - len(supplement)
    last = len(content) - 1
    return content.replace(b"0" * 8 + b"/$ENDSTEXT", f"{first:08}/$ENDSTEXT".encode()).replace(
        b"9" * 8, f"{last:08}".encode()
    )


def test_supplemental_text_is_read_and_text_wins(tmp_path: Path) -> None:
    dataset = read(tmp_path, with_supplement(b"|$P1S|CD19|$TOT|99|"))
    assert (dataset.channels[0].label, dataset.n_events) == ("CD19", 3)
    assert codes(dataset) == {"STEXT_USED"}


def test_supplemental_text_may_end_one_byte_behind_the_file(tmp_path: Path) -> None:
    content = with_supplement(b"|$P1S|CD19|")
    last = f"{len(content) - 1:08}".encode()
    dataset = read(tmp_path, content.replace(last, f"{len(content):08}".encode()))
    assert (dataset.channels[0].label, codes(dataset)) == ("CD19", {"STEXT_USED"})


def test_a_last_value_of_supplemental_text_that_goes_on_behind_its_end_is_left_out(tmp_path: Path) -> None:
    content = with_supplement(b"|$P1S|CD19|$P1G|10|")
    last = len(content) - 1
    ends_early = [content.replace(b"%08d" % last, b"%08d" % (last - cut)) for cut in (1, 2)]
    off_by_one, within_value = (read(tmp_path, content) for content in ends_early)
    assert (off_by_one.channels[0].gain, codes(off_by_one)) == (10.0, {"STEXT_USED"})
    assert (within_value.channels[0].gain, within_value.channels[0].label) == (None, "CD19")
    assert codes(within_value) == {"STEXT_USED", "TEXT_NOT_TERMINATED"}


@pytest.mark.parametrize("supplement", [b"PK\x03\x04P\x00\x01P\x02P", b"|KEY|VALUE|UNPAIRED|"])
def test_supplemental_text_that_is_none_adds_nothing(tmp_path: Path, supplement: bytes) -> None:
    dataset = read(tmp_path, with_supplement(supplement))
    assert "STEXT_UNREADABLE" in codes(dataset)
    assert "KEY" not in dataset.text


# --- HEADER, check word, names ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "NOT_FCS"),
        (b"FCS3.1", "NOT_FCS"),
        (b"PK\x03\x04" + bytes(100), "NOT_FCS"),
        (b"FCS1.0" + bytes(100), "VERSION_UNSUPPORTED"),
        (b"FCS9.9" + bytes(100), "VERSION_UNSUPPORTED"),
        (b"FCS3.1" + bytes(100), "HEADER_INVALID"),
        (b"FCS3.1    " + b"      58 9999999" + b"       0" * 4, "TEXT_TRUNCATED"),
    ],
)
def test_what_is_no_whole_header_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert refusal(tmp_path, content) == code


@pytest.mark.parametrize("start", [0, 0xFFFF])
def test_a_check_word_that_agrees_is_silent_and_another_is_flagged(tmp_path: Path, start: int) -> None:
    content = fcs_bytes(EVENTS)
    word = f"{binascii.crc_hqx(content, start):08X}".encode()
    assert not read(tmp_path, content + word).warnings
    assert codes(read(tmp_path, content + b"00001234")) == {"CRC_MISMATCH"}


def test_repeated_names_stay_distinct(tmp_path: Path) -> None:
    names = ["FL1-A", "FL1-A", "FL1-A_2", "FL1-A"]
    dataset = read(tmp_path, fcs_bytes([[1, 2, 3, 4]], names=names))
    assert [channel.name for channel in dataset.channels] == ["FL1-A", "FL1-A_3", "FL1-A_2", "FL1-A_4"]
    assert codes(dataset) == {"DUPLICATE_NAMES"}


def test_a_file_that_changes_while_in_use_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tube.fcs"
    path.write_bytes(fcs_bytes(EVENTS))
    dataset = read_fcs(path)
    path.write_bytes(fcs_bytes([[9.0, 9.0]] * 3) + b" ")
    with pytest.raises(InputError, match="changed while it was being read"):
        dataset.stored()


@pytest.mark.parametrize("missing", [True, False])
def test_a_path_that_is_no_file_is_refused(tmp_path: Path, *, missing: bool) -> None:
    with pytest.raises(InputError) as caught:
        read_fcs(tmp_path / "nothing.fcs" if missing else tmp_path)
    assert caught.value.code == ("FILE_MISSING" if missing else "NOT_FCS")
