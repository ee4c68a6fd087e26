"""mrdkit flow deidentify: the same events, whatever the input needed to be read; dates moved or dropped."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from deidentifying import (
    EVENTS,
    answer,
    assert_same_events,
    error_of,
    one,
    patient_file,
)
from fcs_files import fcs_bytes, packed
from fcs_rare_files import as_bit_stream, as_fixed_text, in_byte_order

from mrdkit.flow import read_fcs
from mrdkit.flow.deidentify_rewrite import Rewritten, joined


def test_delimiters_within_values_are_no_problem(tmp_path: Path) -> None:
    label = "CD19|PE\x0c\x1e\\/!~#"
    result = answer(one(tmp_path, fcs_bytes(EVENTS, keywords={"$P1S": label}, delimiter="@")))
    assert read_fcs(result["output"]).text["$P1S"] == label


def test_latin_1_labels_are_kept(tmp_path: Path) -> None:
    content = fcs_bytes(EVENTS, keywords={"$P1S": "TGFbX"}).replace(b"TGFbX", b"TGF\xdfX")
    result = answer(one(tmp_path, content))
    assert read_fcs(result["output"]).channels[0].label == "TGFßX"


# --- what was repaired is written as it was read ----------------------------------------------------------

TEN_BITS = packed([[1, 2], [3, 1023]], numbers="II", bits=[16, 16])
REPAIRED: Mapping[str, tuple[bytes, str]] = {
    "10 bits declared, 16 stored": (
        fcs_bytes(
            [[0, 0], [0, 0]],
            number="I",
            data=TEN_BITS,
            ranges=[1024, 1024],
            keywords={"$P1B": "10", "$P2B": "10"},
        ),
        "WIDTH_INFERRED",
    ),
    "types of their own (3.2)": (
        fcs_bytes(
            [[0, 0]],
            version="3.2",
            data=packed([[1.5, 7]], numbers="FI", bits=[32, 16]),
            keywords={"$P2DATATYPE": "I", "$P2B": "16", "$P2R": "1000", "$P2TYPE": "Index"},
        ),
        "",
    ),
    "no $TOT": (fcs_bytes(EVENTS, keywords={"$TOT": None}), "TOT_MISSING"),
    "cut within DATA": (fcs_bytes(EVENTS)[:-8], "DATA_TRUNCATED"),
    "DATA one byte too long": (
        fcs_bytes(EVENTS, data=packed(EVENTS, numbers="FF", bits=[32, 32]) + b"\0"),
        "",
    ),
    "HEADER misplaces DATA": (fcs_bytes(EVENTS, gap=100, header_data=(300, 323)), "OFFSET_CONFLICT"),
    "a wrong check word": (fcs_bytes(EVENTS, tail=b"00001234"), "CRC_MISMATCH"),
    "no byte order, single bytes": (
        fcs_bytes([[1, 2]], number="I", bits=[8, 8], ranges=[256, 256], keywords={"$BYTEORD": "Doe"}),
        "",
    ),
    "names twice": (fcs_bytes(EVENTS, names=["A", "A"]), "DUPLICATE_NAMES"),
    "empty values": (fcs_bytes(EVENTS, keywords={"$COM": ""}), "TEXT_EMPTY_VALUE"),
    "no events": (fcs_bytes([], names=["A", "B"]), ""),
    "stars for bits": (fcs_bytes(EVENTS, keywords={"$P1B": "*"}), ""),
}


SMALL = [[1, 200], [1023, 7], [512, 0]]
RARE: Mapping[str, tuple[bytes, str]] = {
    "packed bit by bit": (
        fcs_bytes(
            SMALL,
            number="I",
            bits=[10, 10],
            data=as_bit_stream(SMALL, [10, 10]),
            ranges=[1024] * 2,
            big_endian=True,
        ),
        "BIT_PACKED",
    ),
    "mixed byte order": (
        fcs_bytes(
            EVENTS,
            data=in_byte_order(EVENTS, numbers="FF", order=(3, 4, 1, 2)),
            keywords={"$BYTEORD": "3,4,1,2"},
        ),
        "",
    ),
    "text of fixed width": (
        fcs_bytes(SMALL, number="A", bits=[5, 5], data=as_fixed_text(SMALL, [5, 5])),
        "",
    ),
    "text of free width": (
        fcs_bytes(SMALL, number="A", data=b"1 200\n1023,7\n512\t0", keywords={"$P1B": "*", "$P2B": "*"}),
        "",
    ),
}


@pytest.mark.parametrize("case", RARE)
def test_rare_storages_are_copied_byte_for_byte(tmp_path: Path, case: str) -> None:
    content, flag = RARE[case]
    result = answer(one(tmp_path, content))
    assert_same_events(tmp_path / "a.fcs", Path(result["output"]))
    assert flag in {"", *result["flags"]}


@pytest.mark.parametrize("case", REPAIRED)
def test_what_was_read_is_what_is_written(tmp_path: Path, case: str) -> None:
    content, flag = REPAIRED[case]
    result = answer(one(tmp_path, content))
    assert_same_events(tmp_path / "a.fcs", Path(result["output"]))
    if flag:
        assert flag in result["flags"]
    assert len(result["flags"]) == len(result["reasons"])
    after = {warning.code for warning in read_fcs(result["output"]).warnings}
    assert after <= {"DUPLICATE_NAMES"}


def test_an_offset_that_the_header_cannot_hold_stands_in_text() -> None:
    data = np.zeros(100_000_000, dtype=np.uint8)
    for version in ("2.0", "3.1"):
        content = joined([Rewritten(version=version, keywords={"$PAR": "1"}, data=data)])
        assert content[26:42].split() == [b"0", b"0"]
        first = int(content[18:26]) + 1
        text = content[58:first].decode()
        assert f"$BEGINDATA|{first:020}|$ENDDATA|{first + len(data) - 1:020}|" in text


def test_same_input_same_bytes(tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        contents.append(Path(answer(one(folder, patient_file("3.1", "F"), days="9"))["output"]).read_bytes())
    assert contents[0] == contents[1]


# --- dates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "days", "expected"),
    [
        ("01-JAN-2024", "-1", "31-DEC-2023"),
        ("28-feb-2024", "+2", "01-MAR-2024"),
        ("3-Feb-06", "1", "04-FEB-2006"),
        ("01-JAN-84", "1", "02-JAN-1984"),
        ("2013-Jul-19", "12", "31-JUL-2013"),
        ("2013-07-19", "12", "31-JUL-2013"),
        ("06-07-2006", "1", None),
        ("31-FEB-2020", "1", None),
        ("31-DEC-9999", "1", None),
        ("yesterday", "1", None),
        ("01-JAN-2024", "", None),
    ],
)
def test_a_date_is_moved_or_dropped(tmp_path: Path, written: str, days: str, expected: str | None) -> None:
    keywords = {"$DATE": written, "$BTIM": "10:11:12", "$ETIM": "10:12:13", "EXPORT TIME": written}
    result = answer(one(tmp_path, fcs_bytes(EVENTS, keywords=keywords), days=days))
    text = read_fcs(result["output"]).text
    assert text.get("$DATE") == expected
    assert not set(text) & {"$BTIM", "$ETIM", "EXPORT TIME"}
    assert ("$DATE" in result["keywords_replaced"]) == (expected is not None)
    assert ("DATE_NOT_SHIFTED" in result["flags"]) == (expected is None and days != "")


@pytest.mark.parametrize("days", ["0", "x", "1.5", "٣", "1234567"])
def test_a_number_of_days_that_is_none_is_refused(tmp_path: Path, days: str) -> None:
    result = one(tmp_path, fcs_bytes(EVENTS), days=days)
    assert error_of(result) == "DATE_SHIFT_INVALID"
    assert result.exit_code == 3


# --- the search -------------------------------------------------------------------------------------------
