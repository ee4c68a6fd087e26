"""On SQLite and on PostgreSQL: once is enough, a change has a reason, and nothing that was there is lost."""

import json
import multiprocessing
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import fake_rooms
import pytest
from postgresql_server import new_database
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from store_batches import amended, batch, connected, flow, full_batch, ingest_overlapping, record

from mrdkit.errors import InputError, StoreError, UsageError
from mrdkit.results import InputDigest
from mrdkit.store import (
    BatchError,
    Contents,
    StoredCall,
    add_to_database,
    find_results,
    history_of,
    init_database,
    read_contents,
    read_records,
    schema,
    study_ids,
    verify_database,
    write_database,
)
from mrdkit.store.versioned import TABLES_OF_STUDY
from mrdkit.study import load
from mrdkit.study.specimens import FISH_COUNTS, KARYOTYPES

TESTS = Path(__file__).parents[1]
TABLES = ("results", "results_subjects", "results_calls", "results_assay_runs", "audit")


def counts(url: str) -> dict[str, int]:
    with connected(url) as connection:
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in TABLES
        }


def headline(url: str, subject: str = "S1") -> str:
    (found,) = [
        row for row in find_results(url, subject_id=subject, assay="flow_mrd") if row["analyte"] == "mrd"
    ]
    return str(found["result_id"])


def test_the_same_batch_twice_adds_nothing(store_url: str) -> None:
    first = add_to_database(store_url, batch("S1", "S2"))
    assert (first.batch, first.new, first.unchanged) == (1, 18, 0)
    before = counts(store_url)
    second = add_to_database(store_url, batch("S2", "S1"))
    assert (second.batch, second.new, second.unchanged, second.audit_rows) == (None, 0, 18, 0)
    assert counts(store_url) == before
    assert verify_database(store_url).intact


def test_an_amended_value_is_one_more_version_with_its_reason_and_the_old_one_stays(store_url: str) -> None:
    add_to_database(store_url, batch("S1"), who="Ada")
    with pytest.raises(StoreError) as caught:
        add_to_database(store_url, amended(batch("S1")))
    assert (caught.value.code, caught.value.exit_code) == ("RESULT_CHANGED", 5)
    assert counts(store_url)["results"] == 9
    done = add_to_database(store_url, amended(batch("S1")), reason="gate of CD19 corrected", who="Grace")
    assert (done.new, done.amended, done.unchanged) == (0, 1, 8)
    history = history_of(store_url, headline(store_url)[:12])
    old, new = history.versions
    assert (old.action, old.who, old.reason, old.values["value"]) == ("create", "Ada", None, 3e-4)
    assert (new.action, new.who, new.reason) == ("amend", "Grace", "gate of CD19 corrected")
    assert new.changes == {"value": {"old": 3e-4, "new": 9e-4}}
    assert all(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", version.at or "") for version in (old, new)
    )
    with connected(store_url) as connection:
        query = "SELECT old, new, reason FROM audit WHERE table_name = 'results' AND action = 'amend'"
        (link,) = connection.execute(text(query)).all()
    old_value, new_value = (json.loads(cell) if isinstance(cell, str) else cell for cell in link[:2])
    assert (old_value, new_value, link[2]) == ({"value": 3e-4}, {"value": 9e-4}, "gate of CD19 corrected")
    assert verify_database(store_url).intact


def test_a_value_that_changes_back_is_a_third_version(store_url: str) -> None:
    add_to_database(store_url, batch("S1"))
    add_to_database(store_url, amended(batch("S1")), reason="recount")
    add_to_database(store_url, batch("S1"), reason="the first count was right")
    versions = history_of(store_url, headline(store_url)).versions
    assert [version.values["value"] for version in versions] == [3e-4, 9e-4, 3e-4]


def test_a_subject_changes_with_a_reason_only(store_url: str) -> None:
    add_to_database(store_url, batch("S1"))
    contents = batch("S1")
    calls = tuple(one.call for one in contents.calls[:1])
    corrected = replace(contents, records=(record("S1", calls, sex="M"),))
    with pytest.raises(StoreError):
        add_to_database(store_url, corrected)
    add_to_database(store_url, corrected, reason="typing error in the clinic")
    assert read_records(store_url)[0].subject.sex == "M"


def test_a_retracted_result_keeps_its_history(store_url: str) -> None:
    add_to_database(store_url, batch("S1", visits=("C1", "C2")))
    fewer = batch("S1")
    left = add_to_database(store_url, fewer)
    assert (left.absent, left.deleted) == (4, 0), "what a batch has no longer is left alone"
    with pytest.raises(StoreError):
        add_to_database(store_url, fewer, retract=True)
    gone = add_to_database(store_url, fewer, retract=True, reason="tube of another patient")
    assert (gone.deleted, gone.new, gone.amended) == (4, 0, 0)
    deleted = [row for row in find_results(store_url, visit="C2") if row["action"] == "delete"]
    assert len(deleted) == 4
    key = next(str(row["result_id"]) for row in deleted if row["analyte"] == "mrd")
    old, tombstone = history_of(store_url, key).versions
    assert old.values["value"] == 3e-4
    assert (tombstone.action, tombstone.values, tombstone.reason) == ("delete", {}, "tube of another patient")
    assert [
        one.call.visit if hasattr(one.call, "visit") else one.call.specimen.visit
        for one in read_contents(store_url).calls
    ] == ["C1", "C1"]
    with connected(store_url) as connection:
        query = "SELECT count(*) FROM results_current WHERE visit = 'C2'"
        assert connection.execute(text(query)).scalar_one() == 0
    with pytest.raises(StoreError):
        add_to_database(store_url, batch("S1", visits=("C1", "C2")))
    assert verify_database(store_url).intact


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE results SET value = 0",
        "DELETE FROM results",
        "UPDATE audit SET who = 'nobody'",
        "DELETE FROM audit",
        "UPDATE results_subjects SET sex = 'M'",
        "DELETE FROM results_batches",
    ],
)
def test_the_database_itself_refuses_to_change_a_row(store_url: str, statement: str) -> None:
    add_to_database(store_url, batch("S1"))
    with pytest.raises(DBAPIError, match="append-only"), connected(store_url) as connection:
        connection.execute(text(statement))
    assert verify_database(store_url).intact


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_sqlite_refuses_to_replace_whatever_the_connection_is_set_to(tmp_path: Path, recursive: str) -> None:
    path = tmp_path / "store.sqlite"
    add_to_database(path, full_batch())
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA recursive_triggers={recursive}")
    for table in schema.metadata.tables:
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() > (0,)
        for verb in ("REPLACE", "INSERT OR REPLACE", "INSERT OR IGNORE"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(f"{verb} INTO {table} SELECT * FROM {table}")
        with pytest.raises(sqlite3.OperationalError):
            connection.execute(f"SELECT rowid FROM {table}")
    connection.close()
    assert verify_database(path).intact


def test_postgresql_refuses_to_replace_and_to_empty_a_table(postgresql: str) -> None:
    url = new_database(postgresql)
    add_to_database(url, batch("S1"))
    change = (
        "INSERT INTO results SELECT * FROM results ON CONFLICT (result_id, version) DO UPDATE SET value = 1"
    )
    for statement in (change, "TRUNCATE results CASCADE"):
        with pytest.raises(DBAPIError, match="append-only"), connected(url) as connection:
            connection.execute(text(statement))
    assert verify_database(url).intact


def unguarded(url: str, *statements: str) -> None:
    """Do what only the owner of the database can: take the guards away, and put them back."""
    with connected(url) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement))
            return
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        made = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _ in made:
            connection.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            connection.execute(text(statement))
        for _, sql in made:
            connection.execute(text(sql))


CHANGED, REMOVED, UNKNOWN = "was changed", "removed", "no link"
CHAIN, GAP = "link of the audit trail was changed", "gap"
BATCH = "a row of this batch was changed, added or removed"
LAST = "(SELECT max(number) FROM audit)"


@pytest.mark.parametrize(
    ("statements", "table", "message"),
    [
        ("UPDATE results SET value = 0 WHERE analyte = 'mrd'", "results", CHANGED),
        ("UPDATE results SET flags = '[]' WHERE analyte = 'mrd'", "results", CHANGED),
        ("UPDATE results SET detected = NULL WHERE analyte = 'mrd'", "results", CHANGED),
        ("UPDATE results SET collected_on = '2024-04-01'", "results", CHANGED),
        ("UPDATE results_calls SET assay = 'fish' WHERE assay = 'flow_mrd'", "results_calls", CHANGED),
        ("UPDATE results_calls SET document = '{}'", "results_calls", CHANGED),
        ("UPDATE results_specimens SET visit = 'C9'", "results_specimens", CHANGED),
        ("UPDATE results_specimens SET parent_key = NULL", "results_specimens", BATCH),
        ("UPDATE results_figures SET title = 'Other cells'", "results_figures", CHANGED),
        ("UPDATE results_queries SET code = 'GOOD'", "results_queries", BATCH),
        ("DELETE FROM results_queries", "results_queries", REMOVED),
        (("INSERT INTO results_queries SELECT batch, 2, kind, file, 3, code, subject_id, visit, assay, '' "
         "FROM results_queries"), "results_queries", BATCH),
        ("UPDATE results_batches SET software_version = '9'", "results_batches", CHANGED),
        ("UPDATE results_assessments SET inputs = '[]'", "results_assessments", CHANGED),
        ("UPDATE results_records SET record = '{}'", "results_records", CHANGED),
        ("UPDATE results_assay_runs SET call_id = NULL", "results_assay_runs", CHANGED),
        ("UPDATE results_subjects SET sex = 'M'", "results_subjects", CHANGED),
        ("UPDATE results_events SET date = '2024-03-02'", "results_events", CHANGED),
        ("DELETE FROM results WHERE analyte = 'hematogones'", "results", REMOVED),
        ("DELETE FROM results_figures", "results_figures", REMOVED),
        ("INSERT INTO results_studies VALUES ('T9')", "results_studies", UNKNOWN),
        (f"DELETE FROM audit WHERE number = {LAST}", "results_subjects", UNKNOWN),
    ],
)  # fmt: skip
def test_a_tampered_row_is_found(store_url: str, statements: str, table: str, message: str) -> None:
    add_to_database(store_url, full_batch())
    unguarded(store_url, statements)
    found = verify_database(store_url)
    assert not found.intact
    assert message in (found.message or "")
    assert (found.table, bool(found.row_key)) == (table, True)


@pytest.mark.parametrize(
    ("statements", "broken_at", "message"),
    [
        ("UPDATE audit SET who = 'nobody' WHERE number = 5", 5, CHAIN),
        ("UPDATE audit SET reason = 'x', action = 'amend' WHERE number = 9", 9, CHAIN),
        ("UPDATE audit SET row_hash = hash WHERE number = 1", 1, CHAIN),
        ("UPDATE audit SET previous_hash = hash WHERE number = 4", 4, GAP),
        ("DELETE FROM audit WHERE number = 5", 5, GAP),
        ("DELETE FROM audit WHERE number = 1", 1, GAP),
        # Two links change places: each keeps what it says, under the other's number.
        (("UPDATE audit SET number = -5 WHERE number = 5; UPDATE audit SET number = 5 WHERE number = 6;"
         "UPDATE audit SET number = 6 WHERE number = -5"), 5, GAP),
        # One is taken out, and those behind it close up.
        (("DELETE FROM audit WHERE number = 5; UPDATE audit SET number = -number WHERE number > 5;"
         "UPDATE audit SET number = -number - 1 WHERE number < 0"), 5, GAP),
        ("UPDATE audit SET number = -number; UPDATE audit SET number = 1 - number", 1, GAP),
    ],
)  # fmt: skip
def test_a_tampered_chain_is_found(store_url: str, statements: str, broken_at: int, message: str) -> None:
    add_to_database(store_url, full_batch())
    unguarded(store_url, *statements.split(";"))
    found = verify_database(store_url)
    assert (found.intact, found.broken_at) == (False, broken_at)
    assert message in (found.message or "")


def test_rows_that_change_places_between_batches_are_found(store_url: str) -> None:
    add_to_database(store_url, full_batch())
    add_to_database(store_url, full_batch("S2"))
    unguarded(store_url, "UPDATE results_calls SET batch = 3 - batch")
    assert BATCH in (verify_database(store_url).message or "")


def test_an_end_that_was_cut_off_is_found_by_a_head_noted_earlier(store_url: str) -> None:
    add_to_database(store_url, batch("S1"))
    noted = add_to_database(store_url, batch("S2")).head
    assert verify_database(store_url).head == noted
    assert add_to_database(store_url, batch("S2")).head == noted
    unguarded(
        store_url,
        *(
            f"DELETE FROM {name} WHERE batch = 2"
            for name in ("audit", "results", "results_assay_runs", "results_calls")
        ),
        *(
            f"DELETE FROM results_{name} WHERE batch = 2"
            for name in ("assessments", "records", "events", "courses")
        ),
        *(f"DELETE FROM results_{name} WHERE batch = 2" for name in ("subjects", "specimens")),
        "DELETE FROM results_batches WHERE number = 2",
    )
    assert verify_database(store_url).intact, "a shorter chain is a chain"
    assert not verify_database(store_url, head=noted).intact


def test_a_guard_that_was_taken_away_is_found(store_url: str) -> None:
    add_to_database(store_url, batch("S1"))
    with connected(store_url) as connection:
        on = "" if connection.dialect.name == "sqlite" else " ON results"
        connection.execute(text(f"DROP TRIGGER results_no_update{on}"))
    assert "guard results_no_update" in (verify_database(store_url).message or "")


def test_a_batch_with_one_bad_row_is_rejected_whole_and_every_row_is_named(store_url: str) -> None:
    call = replace(fake_rooms.FLOW, specimen=replace(fake_rooms.FLOW.specimen, subject_id="S2"))
    broken = StoredCall(call=replace(call, ci_low=9e-4, ci_high=1e-4), replicate="a\0b")
    contents = replace(batch("S1"), calls=(flow("S1"), broken))
    with pytest.raises(BatchError) as caught:
        add_to_database(store_url, contents)
    assert (caught.value.code, caught.value.exit_code) == ("BATCH_INVALID", 3)
    found = {(problem.table, problem.column, problem.code) for problem in caught.value.problems}
    assert ("results", "ci_low", "INTERVAL") in found
    assert ("results", "replicate", "TEXT_INVALID") in found
    assert all(problem.row > 4 for problem in caught.value.problems if problem.table == "results")
    assert all(
        problem.key.startswith("S2, C1, flow_mrd")
        for problem in caught.value.problems
        if problem.table == "results"
    )
    with pytest.raises(StoreError) as empty:
        read_records(store_url)
    assert empty.value.code == "STORE_EMPTY"


def test_a_guard_that_refuses_nothing_any_more_is_found(postgresql: str) -> None:
    url = new_database(postgresql)
    add_to_database(url, batch("S1"))
    for statement in (
        "ALTER TABLE results DISABLE TRIGGER results_no_delete",
        (
            "DROP TRIGGER results_no_delete ON results; "
            "CREATE TRIGGER results_no_delete BEFORE UPDATE ON results "
            "FOR EACH ROW EXECUTE FUNCTION results_append_only()"
        ),
        (
            "CREATE OR REPLACE FUNCTION results_append_only() RETURNS trigger LANGUAGE plpgsql "
            "AS $$BEGIN RETURN NEW; END$$"
        ),
    ):
        with connected(url) as connection:
            connection.execute(text(statement))
        assert "lost its guard" in (verify_database(url).message or "")


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from store_batches import batch
from mrdkit.store import add_to_database, ingest
insert_columns = ingest.insert_columns
def killing(connection, table, columns):
    insert_columns(connection, table, columns)
    if table.name == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)
ingest.insert_columns = killing
add_to_database(sys.argv[2], batch("S1", "S2"))
"""


@pytest.mark.parametrize("table", ["results_studies", "results", "audit"])
def test_a_process_that_is_killed_in_the_middle_of_a_batch_leaves_nothing(
    store_url: str, tmp_path: Path, table: str
) -> None:
    init_database(store_url)
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script), str(TESTS), store_url, table], check=False)
    assert done.returncode == -signal.SIGKILL
    assert set(counts(store_url).values()) == {0}
    assert add_to_database(store_url, batch("S1", "S2")).new == 18
    assert verify_database(store_url).intact


def test_eight_ingests_at_once_of_overlapping_batches_end_in_exactly_the_right_rows(store_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=ingest_overlapping, args=(store_url, first)) for first in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * 8
    with connected(store_url) as connection:
        rows = connection.execute(
            text("SELECT subject_id, count(*), max(version) FROM results GROUP BY subject_id")
        )
        assert sorted(map(tuple, rows)) == [(f"S{number}", 9, 1) for number in range(8)]
    assert [one.subject.subject_id for one in read_records(store_url)] == [
        f"S{number}" for number in range(8)
    ]
    assert verify_database(store_url).intact


def test_a_response_names_the_exact_versions_that_it_rests_on(store_url: str) -> None:
    add_to_database(store_url, batch("S1"))
    key = headline(store_url)
    add_to_database(store_url, amended(batch("S1")), reason="recount")
    with connected(store_url) as connection:
        query = "SELECT inputs, response FROM results_assessments ORDER BY version"
        rows = connection.execute(text(query)).all()
    inputs = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in rows]
    assert inputs == [[f"{key}@1"], [f"{key}@2"]]


def test_what_is_read_back_is_what_was_ingested(store_url: str, tmp_path: Path) -> None:
    contents = batch("S1", "S2", visits=("C1", "C2"))
    add_to_database(store_url, contents)
    found = read_contents(store_url)
    assert found.records == contents.records
    assert sorted(map(repr, found.calls)) == sorted(map(repr, contents.calls))
    assert (found.settings, found.software_version) == (contents.settings, contents.software_version)
    write_database(tmp_path / "results.sqlite", found)
    again = add_to_database(store_url, read_contents(tmp_path / "results.sqlite"))
    assert (again.new, again.amended, again.batch) == (0, 0, None)


def test_several_studies_share_a_database(store_url: str) -> None:
    add_to_database(store_url, batch("S1"))
    add_to_database(store_url, batch("S1", study_id="T2"))
    assert study_ids(store_url) == ("T1", "T2")
    with pytest.raises(UsageError) as caught:
        read_records(store_url)
    assert caught.value.code == "STUDY_AMBIGUOUS"
    assert len(read_records(store_url, study_id="T2")) == 1
    with pytest.raises(InputError):
        read_records(store_url, study_id="T3")


def test_tables_of_another_version_are_refused(store_url: str) -> None:
    init_database(store_url)
    assert init_database(store_url) == "0001"
    with connected(store_url) as connection:
        connection.execute(text("UPDATE results_schema_version SET version_num = '9999'"))
    for action in (add_to_database, lambda url, _: init_database(url)):
        with pytest.raises(StoreError) as caught:
            action(store_url, batch("S1"))
        assert caught.value.code == "STORE_VERSION"


def test_the_ingest_role_of_postgresql_can_add_and_read_and_nothing_else(postgresql: str) -> None:
    owner = new_database(postgresql)
    role = f"ingest_{os.getpid()}"
    init_database(owner, ingest_role=role)
    with connected(owner) as connection:
        connection.execute(text(f"ALTER ROLE {role} LOGIN PASSWORD 'only for this test'"))
    url = make_url(owner).set(username=role, password="only for this test")  # noqa: S106
    ingest = url.render_as_string(hide_password=False)
    assert add_to_database(ingest, batch("S1")).new == 9
    assert verify_database(ingest).intact
    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    for statement in (
        "UPDATE results SET value = 1",
        "DELETE FROM results",
        "TRUNCATE audit",
        "ALTER TABLE results DISABLE TRIGGER ALL",
        "DROP TABLE audit",
    ):
        with (
            pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
            engine.begin() as connection,
        ):
            connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize("reason", ["", "  ", "a\0b", "x" * 3000])
def test_a_reason_that_is_none_is_refused(tmp_path: Path, reason: str) -> None:
    with pytest.raises(UsageError):
        add_to_database(tmp_path / "s.sqlite", batch("S1"), reason=reason)


def test_a_newer_release_that_answers_the_same_adds_no_version(store_url: str) -> None:
    def released(version: str) -> Callable[[StoredCall], StoredCall]:
        def of(one: StoredCall) -> StoredCall:
            evidence = replace(one.call.evidence, software_version=version)
            return replace(one, call=replace(one.call, evidence=evidence, reasons=(f"said by {version}",)))

        return of

    def contents(version: str) -> Contents:
        whole = batch("S1")
        return replace(whole, software_version=version, calls=tuple(map(released(version), whole.calls)))

    add_to_database(store_url, contents("0.1.0"))
    newer = add_to_database(store_url, contents("0.2.0"))
    assert (newer.new, newer.amended, newer.batch) == (0, 0, 2)
    assert add_to_database(store_url, contents("0.1.0")).batch is None
    assert {row["version"] for row in find_results(store_url)} == {1}


def resting_on(contents: Contents, role: str, sha256: str) -> Contents:
    """Return a batch whose calls rest on one more input."""

    def of(one: StoredCall) -> StoredCall:
        inputs = (*one.call.evidence.inputs, InputDigest(role=role, sha256=sha256))
        return replace(one, call=replace(one.call, evidence=replace(one.call.evidence, inputs=inputs)))

    return replace(contents, calls=tuple(map(of, contents.calls)))


@pytest.mark.parametrize("role", sorted(TABLES_OF_STUDY))
def test_another_line_in_a_table_of_the_study_changes_no_result(tmp_path: Path, role: str) -> None:
    path = tmp_path / "store.sqlite"
    add_to_database(path, resting_on(batch("S1"), role, "a" * 64))
    done = add_to_database(path, resting_on(batch("S1", "S2"), role, "b" * 64))
    assert (done.new, done.amended) == (9, 0)
    with connected(f"sqlite:///{path}") as connection:
        query = "SELECT max(version), min(inputs), max(inputs) FROM results_assay_runs WHERE visit = 'C1'"
        (version, first, last) = connection.execute(text(query)).one()
    assert version == 2
    assert ("a" * 64 in first, "b" * 64 in last) == (True, True)
    assert verify_database(path).intact


def test_another_file_of_its_own_changes_a_result(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    add_to_database(path, resting_on(batch("S1"), "followup", "a" * 64))
    with pytest.raises(StoreError) as caught:
        add_to_database(path, resting_on(batch("S1"), "followup", "b" * 64))
    assert caught.value.code == "RESULT_CHANGED"


def test_the_tables_of_a_study_are_those_that_a_study_reads() -> None:
    read = {load.SUBJECTS, load.EVENTS, load.ASSESSMENTS, load.BLOOD_COUNTS, load.EXTERNAL}
    read |= {FISH_COUNTS, KARYOTYPES}
    assert {name.removesuffix(".csv") for name in read} == TABLES_OF_STUDY
