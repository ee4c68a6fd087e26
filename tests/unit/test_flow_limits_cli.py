"""`mrdkit flow limits`: fields, exit codes, and tables that are damaged or too small."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import InputError, UsageError

RESULTS = "lot,day,sample,replicate,value\n"
HITS = "concentration,lot,positives,total\n"
SERIES = HITS + "0,A,0,40\n1,A,4,20\n2,A,10,20\n4,A,17,20\n8,A,20,20\n16,A,20,20\n"


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["flow", "limits", *(str(argument) for argument in arguments)])


def answer(*arguments: object) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def results(lots: str, n: int, *, level: float) -> str:
    """Return a table of n results per lot of five samples, spread over twelve values."""
    lines = [f"{lot},1,S{i % 5},{i},{level + (7 * i) % 12}" for lot in lots.split() for i in range(n)]
    return RESULTS + "\n".join(lines) + "\n"


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(name: str, content: str) -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize(
    ("lots", "n", "flags"),
    [
        ("A B", 60, []),
        ("A", 59, ["FEW_BLANKS"]),
        ("A", 19, ["LOB_NOT_CLAIMABLE", "FEW_BLANKS"]),
        ("A B C D", 60, ["LOTS_POOLED"]),
    ],
)
def test_fields_and_flags_of_the_classical_way(write: Any, lots: str, n: int, flags: list[str]) -> None:
    blanks, low = write("b.csv", results(lots, n, level=0)), write("l.csv", results(lots, 30, level=20))
    found = answer("--blanks", blanks, "--low", low)
    assert found["method"] == "rank"
    assert found["flags"] == flags
    assert len(found["reasons"]) == len(flags)
    assert found["provisional"] == (n < 60)
    assert found["lob"] == max(lot["lob"] for lot in found["per_lot"])
    assert found["lod"] == max(lot["lod"] for lot in found["per_lot"]) > found["lob"]
    assert answer("--blanks", blanks, "--low", low, "--lob-method", "parametric")["method"] == "parametric"


def test_fields_and_flags_of_the_probit(write: Any) -> None:
    table = write("p.csv", SERIES)
    found = answer("--probit", table)
    assert (found["method"], found["lob"], found["log_dose"], found["beta"]) == ("probit", None, False, 0.05)
    (lot,) = found["per_lot"]
    assert (lot["lot"], lot["n_blanks"], lot["n_low"]) == ("A", 40, 100)
    assert lot["ci_low"] < lot["lod"] == found["lod"] < lot["ci_high"]
    assert found["flags"] == ["ZERO_DOSE_LEFT_OUT"]
    assert answer("--probit", table, "--beta", "0.01")["lod"] > found["lod"]
    assert answer("--probit", table, "--log-dose")["log_dose"] is True


@pytest.mark.parametrize(
    ("rows", "flag"),
    [
        ("0,A,1,40\n1,A,4,20\n2,A,10,20\n4,A,17,20\n8,A,20,20\n16,A,20,20\n", "BLANKS_DETECTED"),
        ("1,A,4,20\n2,A,10,20\n4,A,17,20\n8,A,20,20\n16,A,20,20\n", "BLANKS_MISSING"),
        ("1,A,4,20\n2,A,10,20\n4,A,17,20\n8,A,20,20\n", "FEW_DOSES"),
        ("1,A,4,20\n2,A,10,20\n4,A,17,20\n8,A,20,20\n16,A,19,19\n", "FEW_REPLICATES"),
        ("1,A,0,20\n2,A,1,20\n4,A,3,20\n", "LOD_EXTRAPOLATED"),
        ("1,A,9,20\n2,A,10,20\n4,A,11,20\n", "LOD_UNBOUNDED"),
        ("1,A,200,400\n2,A,205,400\n4,A,210,400\n8,A,390,400\n16,A,400,400\n", "POOR_FIT"),
    ],
)
def test_doubts_about_a_probit_are_named(write: Any, rows: str, flag: str) -> None:
    found = answer("--probit", write("p.csv", HITS + rows))
    assert flag in found["flags"]
    assert all(reason.startswith("Lot A: ") for reason in found["reasons"])


def test_lots_with_different_limits_of_blank_say_so(write: Any) -> None:
    blanks = results("A", 60, level=0) + results("B", 60, level=5).removeprefix(RESULTS)
    low = results("A", 30, level=20) + results("B", 30, level=20).removeprefix(RESULTS)
    low = low.replace("A,1,S0,0,20\n", "A,1,S0,0,60\n")
    found = answer("--blanks", write("b.csv", blanks), "--low", write("l.csv", low))
    assert "LOBS_DIFFER" in found["flags"]
    assert found["lod_at_reported_lob"] > found["lod"]


def test_skewed_blanks_do_not_pass_as_normal(write: Any) -> None:
    """Every fifth blank at 100: 12 of 60 exceed mean + 1.65 SD, where chance would let 3."""
    skewed = RESULTS + "".join(f"A,1,S{i // 12},{i},{100 if i % 5 == 0 else i % 7}\n" for i in range(60))
    blanks, low = write("b.csv", skewed), write("l.csv", results("A", 30, level=200))
    found = answer("--blanks", blanks, "--low", low, "--lob-method", "parametric")
    assert found["flags"] == ["BLANKS_NOT_NORMAL"]
    assert found["reasons"][0].startswith("Lot A: 12 of 60 blanks exceed")
    assert answer("--blanks", blanks, "--low", low)["flags"] == []


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("", "TABLE_EMPTY", None),
        (RESULTS, "TABLE_WITHOUT_ROWS", None),
        ("lot,sample,value\nA,S,1\n", "COLUMN_MISSING", "header"),
        (RESULTS + "A,1,S,1,<5\n", "NUMBER_INVALID", "row 2, column value"),
        (RESULTS + "A,1,S,1,nan\n", "NUMBER_INVALID", "row 2, column value"),
        (RESULTS + "A,1,S,1,1e200\n", "NUMBER_INVALID", "row 2, column value"),
        (RESULTS + "A,1,S,1,\n", "CELL_EMPTY", "row 2, column value"),
        (RESULTS + ",1,S,1,4\n", "CELL_EMPTY", "row 2, column lot"),
        (RESULTS + "A,1,S,1,4\nA,1,S,1,4\n", "ROW_REPEATED", "row 3, column replicate"),
        (RESULTS + "A,1,S,1,4\nA,1,S,2,4\n", "BLANKS_TOO_FEW", "lot A"),
    ],
)
def test_a_damaged_table_of_blanks_is_named(write: Any, content: str, code: str, place: str | None) -> None:
    path = write("b.csv", content)
    result = run("--blanks", path, "--low", write("l.csv", results("A", 30, level=20)))
    refused(result, path, code, place)


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (results("B", 30, level=20), "LOTS_DIFFER", "column lot"),
        (RESULTS + "A,1,S,1,4\nA,1,T,1,5\n", "REPLICATES_MISSING", "lot A"),
        (RESULTS + "A,1,S,1,4\nA,1,S,2,4\n", "RESULTS_WITHOUT_SPREAD", "lot A"),
    ],
)
def test_low_samples_that_give_no_limit_are_named(write: Any, content: str, code: str, place: str) -> None:
    path = write("l.csv", content)
    result = run("--blanks", write("b.csv", results("A", 60, level=0)), "--low", path)
    refused(result, path, code, place)


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        ("1,A,-1,20\n", "COUNT_INVALID", "row 2, column positives"),
        ("1,A,1.5,20\n", "COUNT_INVALID", "row 2, column positives"),
        ("1,A,21,20\n", "POSITIVES_GT_TOTAL", "row 2, column positives"),
        ("1,A,0,0\n", "TOTAL_ZERO", "row 2, column total"),
        ("-1,A,0,20\n", "NUMBER_INVALID", "row 2, column concentration"),
        ("1,A,0\n", "ROW_LENGTH", "row 2"),
        ("", "TABLE_WITHOUT_ROWS", None),
        ("0,A,0,20\n", "PROBIT_DOSES_TOO_FEW", "lot A"),
        ("1,A,0,20\n2,A,0,20\n", "PROBIT_NONE_DETECTED", "lot A"),
        ("1,A,0,20\n2,A,20,20\n", "PROBIT_SEPARATED", "lot A"),
        ("1,A,98,100\n2,A,99,100\n3,A,99,100\n", "PROBIT_LIMIT_IMPOSSIBLE", "lot A"),
    ],
)
def test_a_damaged_table_of_replicates_is_named(write: Any, rows: str, code: str, place: str | None) -> None:
    path = write("p.csv", HITS + rows)
    refused(run("--probit", path), path, code, place)


def refused(result: Any, path: Path, code: str, place: str | None) -> None:
    error = result.exception
    assert isinstance(error, InputError), result.output
    assert error.exit_code == 3
    assert (error.code, error.file, error.place) == (code, str(path), place)


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "--blanks b.csv",
        "--low l.csv",
        "--blanks b.csv --low l.csv --probit p.csv",
        "--blanks b.csv --low l.csv --log-dose",
        "--probit p.csv --lob-method rank",
        "--probit p.csv --alpha 0.01",
        "--probit p.csv --beta 0.95",
        "--blanks b.csv --low l.csv --alpha 0",
    ],
)
def test_an_unclear_command_is_a_usage_error(arguments: str) -> None:
    error = run(*arguments.split()).exception
    assert isinstance(error, UsageError)
    assert error.exit_code == 2


def test_people_get_tables_and_reasons(write: Any) -> None:
    result = run("--probit", write("p.csv", SERIES))
    assert result.exit_code == 0
    assert "ZERO_DOSE_LEFT_OUT" in result.output
    assert "Lot A: 40 results at dose 0 are no part of the fit." in result.output
