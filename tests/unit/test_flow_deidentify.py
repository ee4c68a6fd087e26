"""mrdkit flow deidentify: no identity in anything that is written or said, and the same events."""

import csv
import hashlib
import json
import logging
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fcs_files import fcs_bytes, packed
from fcs_rare_files import as_bit_stream, as_fixed_text, in_byte_order
from hypothesis import given, settings
from hypothesis import strategies as st
from identified_files import IDENTIFIERS, identified_fcs, planted
from real_data import needs_real_data, real
from typer.testing import CliRunner, Result

from mrdkit.cli.root import app
from mrdkit.errors import InputError, MrdkitError
from mrdkit.flow import FcsDataset, read_fcs, read_fcs_datasets
from mrdkit.flow.deidentify import deidentify_file
from mrdkit.flow.deidentify_map import Assignment
from mrdkit.flow.deidentify_policy import read_policy
from mrdkit.flow.deidentify_rewrite import Rewritten, joined
from mrdkit.results import as_json

SUBJECT = "Rosenkranz-7731905"
FILE = "Doe_Jane_MRN7731905_relapse"
EVENTS = [[1.5, 2.5], [10.0, 20.0], [100.0, 200.0]]
KEPT = {
    "$P1N": "FSC-A",
    "$P2N": "FL1-A",
    "$P2S": "CD19 PE-Cy7",
    "$P2V": "450",
    "$TIMESTEP": "0.01",
    "$CYT": "FACSCanto II",
    "$SPILLOVER": "2,FSC-A,FL1-A,1,0.25,0,1",
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["flow", "deidentify", *map(str, arguments)])


def table(tmp_path: Path, rows: Sequence[Sequence[object]], *, shift: bool = False) -> Path:
    path = tmp_path / "map.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "subject_id", "pseudonym", *(["date_shift_days"] if shift else [])])
        writer.writerows(rows)
    return path


def one(tmp_path: Path, content: bytes, *, name: str = "a", days: str = "", subject: str = "S-1") -> Result:
    """De-identify one file as P001 into `out`."""
    path = tmp_path / f"{name}.fcs"
    path.write_bytes(content)
    rows = table(tmp_path, [[path, subject, "P001", days]], shift=True)
    return run(path, "-o", tmp_path / "out", "--pseudonyms", rows, "--json")


def answer(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    (document,) = json.loads(result.stdout)["results"]
    assert isinstance(document, dict)
    return document


def error_of(result: Result) -> str:
    (failure,) = json.loads(result.stdout)["failures"]
    return str(failure["error"])


def texts_of(identifiers: Sequence[str]) -> Iterator[str]:
    for identifier in identifiers:
        yield identifier
        yield from (word for word in re.split(r"[\W_]+", identifier) if len(word) >= 4)


def assert_silent(content: bytes, *, also: Sequence[str] = ()) -> None:
    """Find no identifier and no word of one, in any encoding, in capitals or not."""
    lowered = content.lower()
    for text in texts_of([*IDENTIFIERS, SUBJECT, FILE, *also]):
        for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be"):
            for form in (text, text.lower(), text.upper()):
                assert form.encode(encoding).lower() not in lowered, (text, encoding)


def said_by(result: Result) -> str:
    """Return all that a command said, but for the paths, which stand in `path` as they were given."""
    said = result.output + result.stderr + str(result.exception or "")
    document = json.loads(result.stdout) if result.stdout.startswith("{") else {}
    for item in (*document.get("results", ()), *document.get("failures", ())):
        said = said.replace(json.dumps(item["path"], ensure_ascii=False), "")
    return said


# --- the acceptance test: twelve identifiers in every place -----------------------------------------------

STORED: Mapping[str, tuple[bytes, Mapping[str, str]]] = {
    "F": (packed(EVENTS, numbers="FF", bits=[32, 32]), {"$DATATYPE": "F", "$BYTEORD": "1,2,3,4"}),
    "D big": (
        packed(EVENTS, numbers="DD", bits=[64, 64], big_endian=True),
        {"$DATATYPE": "D", "$BYTEORD": "4,3,2,1", "$P1B": "64", "$P2B": "64"},
    ),
    "I 16": (
        packed([[1, 2], [3, 4], [5, 6]], numbers="II", bits=[16, 16]),
        {"$DATATYPE": "I", "$BYTEORD": "1,2,3,4", "$P1B": "16", "$P2B": "16"},
    ),
    "I 8 and 32": (
        packed([[1, 2], [3, 4], [5, 6]], numbers="II", bits=[8, 32]),
        {"$DATATYPE": "I", "$BYTEORD": "4,3,2,1", "$P1B": "8"},
    ),
}
VERSIONS = ("2.0", "3.0", "3.1", "3.2")


def keywords_of(stored: str) -> dict[str, str]:
    general = {"$PAR": "2", "$TOT": "3", "$MODE": "L"}
    for n in (1, 2):
        general |= {f"$P{n}B": "32", f"$P{n}R": "262144", f"$P{n}E": "0,0"}
    return {**general, **KEPT, **STORED[stored][1]}


def patient_file(
    version: str, stored: str, others: Mapping[str, str] | None = None, *, turn: int = 0
) -> bytes:
    """Return two data sets, each with another identifier in every keyword."""
    parts = []
    for index in (0, 1):
        keywords = {**keywords_of(stored), **(others or {})}
        secret = {key: value for key, value in planted(turn + index).items() if key not in keywords}
        parts.append(
            identified_fcs(
                STORED[stored][0],
                keywords,
                version=version,
                secret=secret,
                utf_16=("$OP", "&10PT NAME"),
                has_next=index == 0,
            )
        )
    return b"".join(parts)


@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("version", VERSIONS)
def test_none_of_twelve_identifiers_is_left_anywhere(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    version: str,
    stored: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    out = tmp_path / "out"
    paths = []
    turns = range(0, len(IDENTIFIERS), 2 if version == "3.1" else 6)
    for turn in turns:
        paths.append(tmp_path / f"{FILE}_{turn}.fcs")
        paths[-1].write_bytes(patient_file(version, stored, turn=turn))
    rows = table(tmp_path, [[path, SUBJECT, "P001"] for path in paths])
    result = run(*paths, "-o", out, "--pseudonyms", rows, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["results"]
    numbered = ["P001.fcs", *(f"P001_{n}.fcs" for n in range(2, len(turns) + 1))]
    assert [Path(item["output"]).name for item in found] == numbered
    for path, item in zip(paths, found, strict=True):
        assert item["path"] == str(path)
        assert_same_events(path, Path(item["output"]))
        assert_silent(Path(item["output"]).read_bytes())
    assert sorted(file.name for file in out.iterdir()) == sorted(Path(item["output"]).name for item in found)
    captured = capfd.readouterr()
    assert_silent((said_by(result) + captured.out + captured.err + caplog.text).encode())
    table_for_people = run(paths[0], "-o", tmp_path / "again", "--pseudonyms", rows)
    assert_silent((table_for_people.output + table_for_people.stderr).encode())


def assert_same_events(before: Path, after: Path) -> None:
    first, second = read_fcs_datasets(before), read_fcs_datasets(after)
    assert [d.n_events for d in first] == [d.n_events for d in second]
    for old, new in zip(first, second, strict=True):
        assert raw(old) == raw(new)
        assert old.stored().tobytes() == new.stored().tobytes()
        assert [c.name for c in old.channels] == [c.name for c in new.channels]
        assert old.version == new.version
        assert old.spillover == new.spillover
        np.testing.assert_array_equal(old.linear(), new.linear())


def raw(dataset: FcsDataset) -> bytes:
    assert dataset.data is not None
    return dataset.data.tobytes()


FAILING: Mapping[str, tuple[bytes, str]] = {
    "no FCS": (b"Doe^Jane", "NOT_FCS"),
    "cut within TEXT": (patient_file("3.1", "F")[:400], "TEXT_TRUNCATED"),
    "a range that is a name": (patient_file("3.1", "I 16", {"$P1R": "Doe^Jane"}), "RANGE_INVALID"),
    "a type that is a name": (patient_file("3.1", "F", {"$DATATYPE": "Doe^Jane"}), "DATATYPE_INVALID"),
    "a mode that is a name": (patient_file("3.1", "F", {"$MODE": "Doe^Jane"}), "MODE_UNSUPPORTED"),
    "two names of a channel": (
        identified_fcs(STORED["F"][0], keywords_of("F"), secret={"$P1N": "Doe^Jane"}),
        "KEYWORD_CONFLICT",
    ),
    "a name as label": (patient_file("3.1", "F", {"$P2S": "rosenkranz CD19"}), "IDENTITY_LEFT"),
    "a name as channel": (patient_file("3.1", "F", {"$P2N": "x-JANE"}), "IDENTITY_LEFT"),
    "a name as cytometer": (patient_file("3.1", "F", {"$CYT": "Canto of Theophil"}), "IDENTITY_LEFT"),
    "a name in a matrix": (
        patient_file("3.1", "F", {"$SPILLOVER": "2,MRN7731905,FL1-A,1,0,0,1"}),
        "IDENTITY_LEFT",
    ),
}


@pytest.mark.parametrize("case", FAILING)
def test_a_file_that_fails_leaves_nothing_says_nothing_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    caplog.set_level(logging.DEBUG)
    content, code = FAILING[case]
    bad, good, out = tmp_path / f"{FILE}.fcs", tmp_path / "good.fcs", tmp_path / "out"
    bad.write_bytes(content)
    good.write_bytes(fcs_bytes(EVENTS))
    rows = table(tmp_path, [[bad, SUBJECT, "P001"], [good, "S-0002", "P002"]])
    for options in (["--json"], []):
        result = run(bad, good, "-o", out, "--pseudonyms", rows, *options)
        assert result.exit_code == 4
        assert [path.name for path in out.iterdir()] == ["P002.fcs"]
        assert_silent((said_by(result) + caplog.text).encode())
        assert f"mrdkit: {code}: P001" in result.stderr
        (out / "P002.fcs").unlink()
    alone = run(bad, "-o", out, "--pseudonyms", rows, "--json")
    assert (alone.exit_code, error_of(alone)) == (3, code)
    assert not list(out.iterdir())


@settings(max_examples=40)
@given(data=st.data())
def test_a_damaged_file_leaks_no_more_than_a_whole_one(data: st.DataObject) -> None:
    content = bytearray(patient_file("3.1", "I 16"))
    length = data.draw(st.sampled_from([len(content), len(content) // 2, 2000]))
    places = data.draw(st.lists(st.integers(0, length - 1), max_size=4))
    for place in places:
        content[place] = data.draw(st.integers(0, 255))
    assignment = Assignment(subject_id=SUBJECT, pseudonym="P1", output_name="P1.fcs", date_shift_days=3)
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / f"{FILE}.fcs", Path(folder) / "out"
        path.write_bytes(bytes(content[:length]))
        try:
            made = deidentify_file(path, assignment, out, read_policy())
        except InputError as error:
            assert_silent(str(error).encode())
            assert not out.exists()
        else:
            assert_silent((out / "P1.fcs").read_bytes())
            assert_silent(json.dumps(as_json(made)).encode())


def test_a_missing_file_is_named_by_its_pseudonym_only(tmp_path: Path) -> None:
    path = tmp_path / f"{FILE}.fcs"
    result = run(path, "-o", tmp_path / "out", "--pseudonyms", table(tmp_path, [[path, SUBJECT, "P001"]]))
    assert result.exit_code == 3
    assert "FILE_MISSING: P001" in result.stderr
    assert_silent(result.output.encode())


# --- what is kept -----------------------------------------------------------------------------------------


def test_the_answer_names_everything_of_the_contract(tmp_path: Path) -> None:
    result = answer(one(tmp_path, fcs_bytes(EVENTS, keywords={**KEPT, "$OP": "Somebody", "LAB 12": "x"})))
    assert result["output"] == str(tmp_path / "out" / "P001.fcs")
    assert (result["pseudonym"], result["n_datasets"]) == ("P001", 1)
    written = read_fcs(result["output"])
    assert result["data_sha256"] == [hashlib.sha256(raw(written)).hexdigest()]
    assert set(result["keywords_kept"]) == {
        *(
            "$PAR",
            "$TOT",
            "$MODE",
            "$DATATYPE",
            "$BYTEORD",
            "$NEXTDATA",
            "$BEGINDATA",
            "$ENDDATA",
            "$BEGINSTEXT",
        ),
        *(
            "$ENDSTEXT",
            "$BEGINANALYSIS",
            "$ENDANALYSIS",
            "$PnB",
            "$PnE",
            "$PnR",
            "$PnN",
            "$PnS",
            "$PnV",
            "$CYT",
        ),
        *("$TIMESTEP", "$SPILLOVER"),
    }
    assert (result["keywords_dropped"], result["n_keywords_unnamed"]) == (["$OP"], 1)
    assert result["keywords_replaced"] == ["$SRC"]
    assert result["scan"] == {"n_values": 4, "n_hits_text": 0, "n_hits_data": 0}
    assert (result["flags"], result["reasons"]) == ([], [])
    for keyword, value in KEPT.items():
        assert written.text[keyword] == value
    assert written.text["$SRC"] == "P001"


def test_the_record_holds_names_and_counts_over_all_data_sets(tmp_path: Path) -> None:
    path = tmp_path / "a.fcs"
    first = fcs_bytes(EVENTS, next_data=True, keywords={"$OP": "Somebody", "LAB 12": "x"})
    path.write_bytes(
        first + fcs_bytes(EVENTS[:1], version="2.0", keywords={"&10PATIENT ID": "4711", "LAB 7": "y"})
    )
    assignment = Assignment(subject_id="S-1", pseudonym="P001", output_name="P001.fcs", date_shift_days=None)
    made = deidentify_file(path, assignment, tmp_path / "out", read_policy())
    assert (made.n_datasets, len(set(made.data_sha256)), made.pseudonym) == (2, 2, "P001")
    assert made.keywords_dropped == ("$OP", "&nPATIENT ID")
    assert (made.n_keywords_unnamed, made.keywords_replaced) == (1, ("$SRC",))
    assert {"$PnN", "$NEXTDATA"} <= set(made.keywords_kept)
    assert (made.scan.n_values, made.scan.n_hits_text, made.scan.n_hits_data) == (6, 0, 0)
    assert [d.version for d in read_fcs_datasets(made.output)] == ["3.1", "2.0"]


def test_a_kept_keyword_with_a_value_of_another_kind_is_dropped(tmp_path: Path) -> None:
    odd = {"$P1G": "Doe", "$P1V": "x 450", "$P1D": "Doe,1", "$VOL": "Doe", "$TIMESTEP": "Doe", "$P3S": "CD3"}
    usual = {"$P2G": "2.5", "$P2L": "488,561", "$P2D": "Linear,0,1000", "SPILL": "2,C1,C2,1,0,0,1"}
    result = answer(one(tmp_path, fcs_bytes(EVENTS, keywords={**odd, **usual, "$COMP": "Doe"})))
    text = read_fcs(result["output"]).text
    assert not set(text) & {*odd, "$COMP"}
    assert {key: text[key] for key in usual} == usual


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


@pytest.mark.parametrize(
    ("keyword", "value", "label", "left"),
    [
        ("$OP", "Rosenkranz", "CD19 ROSENKRANZ", True),
        ("$OP", "Theo Rosenkranz", "rosenkranz", True),
        ("$OP", "TheoRosenkranz", "Rosenkranz", True),
        ("$OP", "R\0o\0s\0e\0n\0k\0r\0a\0n\0z\0", "Rosenkranz", True),
        ("$OP", "Rosenkranz", "\0R\0o\0s\0e\0n\0k\0r\0a\0n\0z", True),
        ("#P7TARGET", "Crimson", "Crimson 700", False),
        ("STATION NAME", "Crimson", "Crimson 700", True),
        ("$OP", "Müller", "MÜLLER", True),
        ("$OP", "MÜLLER", "Müller", True),
        ("$OP", "Müller", "Mu\u0308ller", True),
        ("SAMPLE ID", "CD19 PE", "CD19 PE-Cy7", False),
        ("TUBE NAME", "3FITC_4PE", "FITC", False),
        ("PANEL NAME", "kappa lambda CD45", "Kappa FITC", False),
        ("$SRC", "xxxxxxxxxx", "xxxxxxxxxxxx", False),
        ("$SMNO", "ab", "cab", False),
        ("SAMPLE ID", "20481024", "20481024", True),
        ("HOSPITAL NO", "K20481024", "x 20481024", True),
        ("LASER1NAME", "Crimson", "Crimson 700", False),
        ("MY LAB FIELD", "Rosenkranz", "Rosenkranz", True),
        ("MY LAB FIELD", "Theo Rosenkranz", "Rosenkranz", False),
        ("MY LAB FIELD", "FL1-A", "FL1-A area", False),
    ],
)
def test_a_removed_value_in_a_label_is_found_where_it_identifies(
    tmp_path: Path, keyword: str, value: str, label: str, *, left: bool
) -> None:
    keywords = {keyword: value, "$P1S": label}
    result = one(tmp_path, fcs_bytes(EVENTS, names=["FL1-A", "FL2-A"], keywords=keywords))
    assert (result.exit_code == 3) == left
    if left:
        assert error_of(result) == "IDENTITY_LEFT"
        assert "$PnS" in result.stderr
        assert "MY LAB" not in result.stderr
        assert value not in said_by(result)


@pytest.mark.parametrize(
    ("name", "subject", "label"),
    [
        ("Rosenkranz_tube", "S-1", "Rosenkranz"),
        ("tube", "Rosenkranz-12", "x rosenkranz"),
        ("a", "771905", "771905"),
    ],
)
def test_the_file_name_and_the_subject_are_looked_for(
    tmp_path: Path, name: str, subject: str, label: str
) -> None:
    result = one(tmp_path, fcs_bytes(EVENTS, keywords={"$P1S": label}), name=name, subject=subject)
    assert error_of(result) == "IDENTITY_LEFT"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_long_value_among_the_events_is_refused_and_a_short_one_counted(
    tmp_path: Path, encoding: str
) -> None:
    def hidden(value: str) -> bytes:
        data = value.upper().encode(encoding).ljust(48, b"\xff")
        return fcs_bytes([[0, 0]] * 6, number="I", data=data, ranges=[2**32] * 2, keywords={"$OP": value})

    assert error_of(one(tmp_path, hidden("Rosenkranz"))) == "IDENTITY_LEFT"
    result = answer(one(tmp_path, hidden("Roxann")))
    assert result["scan"] == {"n_values": 3, "n_hits_text": 0, "n_hits_data": 1}
    assert result["flags"] == ["CHANCE_MATCH_IN_DATA"]


def test_a_short_number_among_numbers_is_counted(tmp_path: Path) -> None:
    result = answer(one(tmp_path, fcs_bytes(EVENTS, keywords={"$SMNO": "2621"})))
    assert result["scan"]["n_hits_text"] == 2  # $P1R and $P2R are 262144
    assert result["flags"] == ["CHANCE_MATCH_IN_NUMBERS"]


def test_a_specimen_that_is_labelled_with_its_pseudonym_is_no_leak_but_a_patient_is(tmp_path: Path) -> None:
    labelled = {"$SMNO": "P001", "SAMPLE ID": "P001 day 15", "$SRC": "P001"}
    assert answer(one(tmp_path, fcs_bytes(EVENTS, keywords=labelled), name="P001_d15"))["flags"] == []
    (tmp_path / "out" / "P001.fcs").unlink()
    named = {"$SMNO": "P001", "&10PT NAME": "P001"}
    assert error_of(one(tmp_path, fcs_bytes(EVENTS, keywords=named))) == "IDENTITY_LEFT"


def test_a_laboratory_may_add_words_in_a_policy_of_its_own(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "reference" / "flow" / "deidentification.toml"
    own = tmp_path / "own.toml"
    own.write_text(
        shipped.read_text(encoding="utf-8").replace("kappa lambda", "kappa lambda crimson"), "utf-8"
    )
    path = tmp_path / "a.fcs"
    path.write_bytes(fcs_bytes(EVENTS, keywords={"PANEL NAME": "Crimson", "$P1S": "CD19 Crimson"}))
    arguments = (path, "-o", tmp_path / "out", "--pseudonyms", table(tmp_path, [[path, "S-1", "P001"]]))
    assert run(*arguments).exit_code == 3
    assert run(*arguments, "--policy", own).exit_code == 0


# --- names and the table of pseudonyms --------------------------------------------------------------------


def test_files_are_numbered_in_the_order_of_the_command_line(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.fcs" for name in "cab"]
    for i, path in enumerate(paths):
        path.write_bytes(fcs_bytes([[float(i), 0.0]]))
    paths[1].write_bytes(b"no FCS")
    rows = table(tmp_path, [[path, "S-0001", "P"] for path in paths])
    result = run(*paths, "-o", tmp_path / "out", "--pseudonyms", rows, "--json")
    assert result.exit_code == 4
    names = [Path(item["output"]).name for item in json.loads(result.stdout)["results"]]
    assert names == ["P.fcs", "P_3.fcs"]  # the second one keeps its number for a later run


def test_nothing_is_ever_replaced(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "P001.fcs").write_bytes(b"mine")
    assert error_of(one(tmp_path, fcs_bytes(EVENTS))) == "OUTPUT_EXISTS"
    assert [(path.name, path.read_bytes()) for path in out.iterdir()] == [("P001.fcs", b"mine")]


def test_a_folder_that_cannot_be_written_is_a_named_failure(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"a file")
    assert error_of(one(tmp_path, fcs_bytes(EVENTS))) == "OUTPUT_UNWRITABLE"


def test_a_rewritten_file_that_would_not_read_back_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(_: object) -> tuple[FcsDataset, ...]:
        return ()

    monkeypatch.setattr("mrdkit.flow.deidentify_output.read_fcs_datasets", other)
    assert error_of(one(tmp_path, fcs_bytes(EVENTS))) == "OUTPUT_NOT_EQUAL"
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    "pseudonym",
    *[
        [
            "../P1",
            "a/b",
            "a\\b",
            "..",
            ".P1",
            "-P1",
            "P1.",
            "P..1",
            "CON",
            "nul.x",
            "P 1",
            "Pé",
            "P" * 65,
            "P1:2",
        ]
    ],
)
def test_a_pseudonym_that_is_no_safe_name_is_refused(tmp_path: Path, pseudonym: str) -> None:
    assert map_error(tmp_path, [["a.fcs", "S-0001", pseudonym]]) == "PSEUDONYM_UNSAFE"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["b.fcs", "S-0001", "P1"]], "PSEUDONYM_MISSING"),
        ([["a.fcs", "S-0001", ""]], "CELL_EMPTY"),
        ([["a.fcs", "", "P1"]], "CELL_EMPTY"),
        ([["a.fcs", "S-0001", "P1"], ["b.fcs", "S-0002", "P1"]], "PSEUDONYM_SHARED"),
        ([["a.fcs", "S-0001", "P1"], ["b.fcs", "S-0002", "p1"]], "PSEUDONYM_SHARED"),
        ([["a.fcs", "S-0001", "P1"], ["b.fcs", "S-0001", "P2"]], "PSEUDONYM_CHANGED"),
        ([["a.fcs", "S-0001", "P1"], ["b.fcs", "s0001", "P2"]], "PSEUDONYM_CHANGED"),
        ([["a.fcs", "S-0001", "S-0001"]], "PSEUDONYM_IDENTIFIES"),
        ([["a.fcs", "S-0001", "x-s0001-7"]], "PSEUDONYM_IDENTIFIES"),
        ([["a.fcs", "12", "P-12"]], "PSEUDONYM_IDENTIFIES"),
        ([["a.fcs", "S-0001", "P1"], ["./a.fcs", "S-0002", "P2"]], "PATH_REPEATED"),
        ([["a.fcs", "S-0001", "P1", "3"], ["b.fcs", "S-0001", "P1", "4"]], "DATE_SHIFT_CHANGED"),
        ([["a.fcs", "S-0001", "P1", "3"], ["b.fcs", "S-0001", "P1", ""]], "DATE_SHIFT_CHANGED"),
        ([["a.fcs", "12", "P-312"]], None),
        ([["a.fcs", "S-0001", "P1"], ["./a.fcs", "S-0001", "P1"]], None),
        ([["a.fcs", "S-0001", "P.1_x-2"]], None),
        ([["x" * 5000, "S-0002", "P2"], ["a.fcs", "S-0001", "P1"]], None),
    ],
)
def test_the_table_of_pseudonyms_is_refused_by_name(
    tmp_path: Path, rows: list[list[str]], code: str | None
) -> None:
    assert map_error(tmp_path, rows) == code


def map_error(tmp_path: Path, rows: list[list[str]]) -> str | None:
    """De-identify `a.fcs` beside the table; return the code of its failure, whose message says no cell."""
    path = tmp_path / "a.fcs"
    path.write_bytes(fcs_bytes(EVENTS))
    padded = [[*row, *[""] * (4 - len(row))] for row in rows]
    result = run(path, "-o", tmp_path / "out", "--pseudonyms", table(tmp_path, padded, shift=True), "--json")
    failures = json.loads(result.stdout)["failures"]
    if not failures:
        assert result.exit_code == 0
        return None
    assert not (tmp_path / "out").exists()
    cells = [cell for row in rows for cell in row[1:] if len(cell) > 2]
    message = failures[0]["message"].replace(str(tmp_path), "").replace("letters, digits, _ - and single", "")
    assert not any(cell in message for cell in cells)
    assert "map.csv" in message
    return str(failures[0]["error"])


def test_one_file_given_twice_is_refused_the_second_time(tmp_path: Path) -> None:
    path = tmp_path / "a.fcs"
    path.write_bytes(fcs_bytes(EVENTS))
    rows = table(tmp_path, [[path, "S-0001", "P1"]])
    result = run(path, path, "-o", tmp_path / "out", "--pseudonyms", rows, "--json")
    assert (result.exit_code, error_of(result)) == (4, "FILE_REPEATED")


@pytest.mark.parametrize(
    "content",
    [
        "tube.fcs,Doe Jane,P1\n",
        "path,subject_id\nDoe Jane,x\n",
        "",
        "Doe,Doe,x\n",
        "path,subject_id,pseudonym\nDoe\n",
    ],
)
def test_a_table_that_is_none_is_refused_without_quoting_it(tmp_path: Path, content: str) -> None:
    rows = tmp_path / "map.csv"
    rows.write_text(content, encoding="utf-8")
    result = run(tmp_path / "a.fcs", "-o", tmp_path / "out", "--pseudonyms", rows)
    assert isinstance(result.exception, InputError)
    assert isinstance(result.exception, MrdkitError)
    assert "Doe" not in str(result.exception)


# --- real files -------------------------------------------------------------------------------------------


@needs_real_data
def test_every_real_file_that_can_be_read_is_written_without_identity(tmp_path: Path) -> None:
    root = real("flow")
    folders = ("fcs_zoo", "fcs_traps", "flowjo_wsp", "compensation", "gatingml2")
    candidates = sorted(path for folder in folders for path in (root / folder).iterdir() if path.is_file())
    paths = [path for path in candidates if path.read_bytes()[:3] == b"FCS"]
    rows = table(tmp_path, [[path, f"S-{i:05}", f"P{i}", "-31"] for i, path in enumerate(paths)], shift=True)
    result = run(*paths, "-o", tmp_path / "out", "--pseudonyms", rows, "--json")
    document = json.loads(result.stdout)
    assert [Path(item["path"]).name for item in document["failures"]] == ["sample_header.fcs"]
    assert document["failures"][0]["error"] == "DATA_MISSING"
    assert len(document["results"]) == len(paths) - 1 >= 40
    for item in document["results"]:
        assert_same_events(Path(item["path"]), Path(item["output"]))
        assert_no_identity_of(Path(item["path"]), Path(item["output"]))


def assert_no_identity_of(before: Path, after: Path) -> None:
    """Look for the whole values of what usually identifies, but for those that say nothing."""
    content = after.read_bytes()
    text = content[: int(content[18:26])].lower()
    keywords = (
        "$FIL",
        "$OP",
        "$INST",
        "$SMNO",
        "$DATE",
        "EXPORT USER NAME",
        "GUID",
        "CYTNUM",
        "&10PATIENT ID",
    )
    for dataset in read_fcs_datasets(before):
        for keyword in keywords:
            value = dataset.text.get(keyword, "").strip().lower()
            if len(value) >= 4 and len(set(value)) > 1:
                assert value.encode() not in text, keyword
