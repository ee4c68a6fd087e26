"""`mrdkit db`: documents, exit codes, and what is printed where."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from store_batches import amended, batch, flow
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import InputError, MrdkitError, StoreError, UsageError
from mrdkit.store import Contents, write_database


def mrdkit(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def answer(*arguments: object) -> dict[str, Any]:
    code, stdout, stderr = mrdkit(*arguments, "--json")
    assert code == 0, stderr
    document: dict[str, Any] = json.loads(stdout)
    return document


def run_folder(path: Path, contents: Contents) -> Path:
    write_database(path / "results.sqlite", contents)
    return path


@pytest.fixture
def db(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/trial.sqlite"


def test_from_init_to_verify(tmp_path: Path, db: str) -> None:
    out = run_folder(tmp_path / "out", batch("S1"))
    assert answer("db", "init", "--db", db) == {"schema_version": "0001", "ingest_role": None}
    assert answer("db", "ingest", out, "--db", db)["new"] == 9
    again = answer("db", "ingest", out, "--db", db)
    assert (again["new"], again["unchanged"], again["batch"]) == (0, 9, None)
    other = run_folder(tmp_path / "other", amended(batch("S1")))
    with pytest.raises(StoreError) as caught:
        mrdkit("db", "ingest", other, "--db", db)
    assert (caught.value.code, caught.value.exit_code) == ("RESULT_CHANGED", 5)
    changed = answer("db", "ingest", other, "--db", db, "--reason", "recount", "--user", "Ada")
    assert (changed["amended"], changed["new"]) == (1, 0)
    listed = answer("db", "list", "--db", db, "--subject", "S1", "--assay", "flow_mrd", "--visit", "C1")[
        "results"
    ]
    (key,) = [row["result_id"] for row in listed if row["analyte"] == "mrd"]
    history = answer("db", "history", key, "--db", db)
    assert [version["version"] for version in history["versions"]] == [1, 2]
    assert history["versions"][1]["changes"] == {"value": {"old": 3e-4, "new": 9e-4}}
    assert (history["versions"][1]["who"], history["versions"][1]["reason"]) == ("Ada", "recount")
    assert (history["about"]["subject_id"], history["about"]["analyte"]) == ("S1", "mrd")
    found = answer("db", "verify", "--db", db)
    assert found["intact"]
    assert answer("db", "verify", "--db", db, "--head", found["head"])["intact"]
    code, stdout, _ = mrdkit("db", "history", key[:10], "--db", db)
    assert code == 0
    assert "recount" in stdout
    assert mrdkit("db", "list", "--db", db)[0] == 0
    assert mrdkit("db", "init", "--db", db)[1] == "tables of version 0001\n"
    assert mrdkit("db", "ingest", out / "results.sqlite", "--db", db, "--reason", "back")[0] == 0


def test_what_a_run_has_no_longer_is_named_and_retracted_on_request(tmp_path: Path, db: str) -> None:
    mrdkit("db", "ingest", run_folder(tmp_path / "a", batch("S1", visits=("C1", "C2"))), "--db", db)
    fewer = run_folder(tmp_path / "b", batch("S1"))
    code, _, stderr = mrdkit("db", "ingest", fewer, "--db", db)
    assert code == 0
    assert "4 stored value(s)" in stderr
    retracted = answer("db", "ingest", fewer, "--db", db, "--retract", "--reason", "wrong tube")
    assert retracted["deleted"] == 4


def test_a_broken_chain_has_exit_code_5(tmp_path: Path, db: str) -> None:
    out = run_folder(tmp_path / "out", batch("S1"))
    mrdkit("db", "ingest", out, "--db", db)
    for path in (tmp_path / "trial.sqlite", out / "results.sqlite"):
        with sqlite3.connect(path) as connection:
            connection.execute("DROP TRIGGER results_no_update")
            connection.execute("UPDATE results SET value = 1e-6 WHERE analyte = 'mrd'")
        connection.close()
    code, stdout, stderr = mrdkit("db", "verify", "--db", db, "--json")
    found = json.loads(stdout)
    assert code == 5
    assert (found["intact"], found["table"]) == (False, "results")
    assert found["broken_at"] > 0
    assert "AUDIT_BROKEN" in stderr
    assert mrdkit("db", "verify", "--db", db)[0] == 5
    with pytest.raises(StoreError) as caught:
        mrdkit("db", "ingest", out, "--db", db, "--reason", "x")
    assert caught.value.code == "AUDIT_BROKEN"


@pytest.mark.parametrize(
    ("arguments", "error", "code"),
    [
        ("history abcdef12", InputError, "RESULT_UNKNOWN"),
        ("history abc", InputError, "RESULT_UNKNOWN"),
        ("history %%%%%%%", InputError, "RESULT_UNKNOWN"),
        ("init --ingest-role nobody", UsageError, "DB_ROLE_UNKNOWN"),
    ],
)
def test_what_cannot_be_done_is_named(
    tmp_path: Path, db: str, arguments: str, error: type[MrdkitError], code: str
) -> None:
    mrdkit("db", "ingest", run_folder(tmp_path / "out", batch("S1")), "--db", db)
    with pytest.raises(error) as caught:
        mrdkit("db", *arguments.split(), "--db", db)
    assert caught.value.code == code


@pytest.mark.parametrize("command", ["verify", "list", "history abcdef12"])
def test_a_database_that_is_not_there_is_named_and_not_made(tmp_path: Path, db: str, command: str) -> None:
    with pytest.raises(InputError) as caught:
        mrdkit("db", *command.split(), "--db", db)
    assert caught.value.code == "FILE_MISSING"
    assert not (tmp_path / "trial.sqlite").exists()


def test_a_folder_without_results_is_named(tmp_path: Path, db: str) -> None:
    with pytest.raises(InputError) as caught:
        mrdkit("db", "ingest", tmp_path, "--db", db)
    assert caught.value.code == "FILE_MISSING"
    assert not (tmp_path / "trial.sqlite").exists()


def test_a_batch_that_does_not_fit_is_reported_row_by_row(
    tmp_path: Path, db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = run_folder(tmp_path / "out", batch("S1"))
    bad = replace(batch("S1"), calls=(replace(flow("S1"), replicate="a\0b"),))
    monkeypatch.setattr("mrdkit.store.database.read_contents", lambda *_, **__: bad)
    code, stdout, stderr = mrdkit("db", "ingest", out, "--db", db, "--json")
    document = json.loads(stdout)
    assert code == 3
    assert document["error"] == "BATCH_INVALID"
    assert {problem["column"] for problem in document["problems"]} == {"replicate"}
    assert {problem["table"] for problem in document["problems"]} == {"results", "results_assay_runs"}
    assert stderr.count("TEXT_INVALID") == len(document["problems"])
