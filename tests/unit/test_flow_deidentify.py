"""mrdkit flow deidentify: no identity in anything that is written or said."""

import hashlib
import json
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from deidentifying import (
    EVENTS,
    FILE,
    KEPT,
    STORED,
    SUBJECT,
    VERSIONS,
    answer,
    assert_same_events,
    assert_silent,
    error_of,
    keywords_of,
    one,
    patient_file,
    raw,
    run,
    said_by,
    table,
)
from fcs_files import fcs_bytes
from hypothesis import given, settings
from hypothesis import strategies as st
from identified_files import IDENTIFIERS, identified_fcs
from real_data import needs_real_data, real

from mrdkit.errors import InputError
from mrdkit.flow import read_fcs, read_fcs_datasets
from mrdkit.flow.deidentify import deidentify_file
from mrdkit.flow.deidentify_map import Assignment
from mrdkit.flow.deidentify_policy import read_policy
from mrdkit.results import as_json


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
