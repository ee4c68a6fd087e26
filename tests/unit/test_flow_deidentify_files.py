"""mrdkit flow deidentify: names of outputs, the table of pseudonyms, nothing replaced."""

import json
from pathlib import Path

import pytest
from deidentifying import (
    EVENTS,
    error_of,
    one,
    run,
    table,
)
from fcs_files import fcs_bytes

from mrdkit.errors import InputError, MrdkitError
from mrdkit.flow import FcsDataset


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
