"""A run isolates what fails, resumes what is done, and writes the same bytes whatever happened on the way."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import fake_rooms
import polars as pl
import pytest
from study_folder import file_row, write_study, write_table

from mrdkit.errors import InputError, StoreError, UsageError
from mrdkit.store import read_records
from mrdkit.study.run import RunReport, run_study

ASSESSMENT = {
    "subject_id": "S1",
    "visit": "course 1",
    "course": "1",
    "marrow_date": "2024-02-05",
    "blasts_percent": "2",
    "marrow_evaluable": "Y",
    "cbc_date": "2024-02-05",
    "anc": "1.4",
    "platelets": "150",
    "extramedullary": "N",
}
KARYOTYPE = {"subject_id": "S1", "visit": "baseline", "specimen_id": "K1", "karyotype": "46,XX[20]"}


def make_study(folder: Path, **words: str) -> Path:
    """Write a study whose files say what the fake rooms do with them."""
    rows = [file_row(f"{name}.fcs", replicate=name) for name in words]
    write_study(folder, manifest=rows, assessments=[ASSESSMENT], karyotypes=[KARYOTYPE])
    for name, word in words.items():
        (folder / f"{name}.fcs").write_text(word, encoding="utf-8")
    return folder


def run(
    folder: Path, out: Path, *, workers: int = 2, force: bool = False, db: str | None = None
) -> RunReport:
    return run_study(folder, out, workers=workers, force=force, db=db, analyse=fake_rooms.analyse)


def outputs(out: Path) -> dict[str, bytes]:
    """Return the bytes of everything that must not depend on how it was made."""
    paths = [
        out / "results.sqlite",
        *sorted((out / "tables").iterdir()),
        *sorted((out / "reports").iterdir()),
    ]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


def statuses(report: RunReport) -> list[str]:
    return [file.status for file in report.files]


def test_a_run_writes_tables_reports_database_and_run_json(tmp_path: Path) -> None:
    out = tmp_path / "out"
    report = run(make_study(tmp_path / "study", a="ok a", b="ok b"), out)
    assert statuses(report) == ["done", "done", "done"]
    document = json.loads((out / "run.json").read_text(encoding="utf-8"))
    first = document["files"][0]
    assert {"path", "sha256", "assay", "subject_id", "status", "error", "seconds"} <= first.keys()
    assert (first["path"], first["assay"], first["subject_id"], first["error"]) == (
        "a.fcs",
        "flow_mrd",
        "S1",
        None,
    )
    assert document["summary"]["done"] == 3
    assert {path.name for path in (out / "reports").glob("*.html")} == {"cohort.html", "patient_S1.html"}
    results = pl.read_parquet(out / "tables" / "results.parquet")
    assert set(results["assay"]) == {"flow_mrd", "karyotype", "response"}
    (record,) = read_records(out / "results.sqlite")
    assert record.subject.subject_id == "S1"


def test_a_second_run_skips_everything_and_changes_no_byte(tmp_path: Path) -> None:
    study, out = make_study(tmp_path / "study", a="ok a", b="ok b"), tmp_path / "out"
    run(study, out)
    before = outputs(out)
    assert statuses(run(study, out)) == ["skipped"] * 3
    assert outputs(out) == before
    assert statuses(run(study, out, force=True)) == ["done"] * 3
    assert outputs(out) == before


def test_the_bytes_do_not_depend_on_workers_or_place(tmp_path: Path) -> None:
    words = {"a": "ok a", "b": "bad", "c": "ok c"}
    run(make_study(tmp_path / "one", **words), tmp_path / "out one", workers=1)
    run(make_study(tmp_path / "two" / "deeper", **words), tmp_path / "out two", workers=3)
    assert outputs(tmp_path / "out one") == outputs(tmp_path / "out two")


def test_only_what_changed_is_done_again(tmp_path: Path) -> None:
    study, out = make_study(tmp_path / "study", a="ok a", b="ok b"), tmp_path / "out"
    run(study, out)
    (study / "b.fcs").write_text("ok other", encoding="utf-8")
    assert statuses(run(study, out)) == ["skipped", "done", "skipped"]


def test_a_bad_file_a_bug_and_a_killed_worker_fail_alone_and_are_told_everywhere(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", a="ok a", b="bad", c="bug", d="die", e="ok e")
    out = tmp_path / "out"
    report = run(study, out)
    assert statuses(report) == ["done", "failed", "failed", "failed", "done", "done"]
    assert [file.code for file in report.files[1:4]] == ["BAD", "INTERNAL_ERROR", "WORKER_DIED"]
    assert report.files[1].error == "b.fcs, byte 7: the file is damaged; found 7"
    assert report.summary.failed == 3
    assert not report.summary.complete
    queries = pl.read_csv(out / "tables" / "queries.csv").filter(pl.col("kind") == "failure")
    assert queries["code"].to_list() == ["BAD", "INTERNAL_ERROR", "WORKER_DIED"]
    page = (out / "reports" / "patient_S1.html").read_text(encoding="utf-8")
    assert "the file is damaged" in page, "the report says what was not measured, and why"
    assert statuses(run(study, out)) == ["skipped", "failed", "failed", "failed", "skipped", "skipped"]


def test_what_failed_is_tried_again(tmp_path: Path) -> None:
    study, out = make_study(tmp_path / "study", a="bad"), tmp_path / "out"
    assert statuses(run(study, out)) == ["failed", "done"]
    (study / "a.fcs").write_text("ok", encoding="utf-8")
    assert statuses(run(study, out)) == ["done", "skipped"]


def test_a_row_that_cannot_be_planned_is_a_failure_too(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", a="ok")
    rows = [file_row("a.fcs"), file_row("missing.fcs"), file_row("blank.fcs", role="blank")]
    write_table(study / "manifest.csv", rows)
    (study / "blank.fcs").write_text("ok", encoding="utf-8")
    report = run(study, tmp_path / "out")
    assert [file.code for file in report.files] == [None, "FILE_MISSING", "BLANK_OF_A_PATIENT", None]
    assert report.summary.problems == 0, "a failed entry is not counted twice"


def test_a_study_that_cannot_be_run_writes_nothing(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", a="ok")
    write_table(study / "subjects.csv", [{"subject_id": "S1"}], without="sex")
    with pytest.raises(InputError) as caught:
        run(study, tmp_path / "out")
    assert caught.value.code == "COLUMN_MISSING"
    assert caught.value.exit_code == 3
    assert not (tmp_path / "out").exists()


def test_reports_of_subjects_who_left_the_study_are_removed(tmp_path: Path) -> None:
    study, out = make_study(tmp_path / "study", a="ok"), tmp_path / "out"
    write_table(study / "subjects.csv", [{"subject_id": "S1"}, {"subject_id": "../S/2"}])
    run(study, out)
    reports = {path.name for path in (out / "reports").glob("*.html")}
    assert reports == {"cohort.html", "patient_S1.html", "patient_..%2FS%2F2.html"}
    (out / "reports" / "notes.html").write_text("mine", encoding="utf-8")
    write_table(study / "subjects.csv", [{"subject_id": "S1"}])
    run(study, out)
    left = {path.name for path in (out / "reports").glob("*.html")}
    assert left == {"cohort.html", "patient_S1.html", "notes.html"}


def test_half_written_files_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    study, out = make_study(tmp_path / "study", a="ok"), tmp_path / "out"
    run(study, out)
    partial = out / "tables" / ".results.csv.ab12cd34"
    partial.write_text("half", encoding="utf-8")
    keep = out / ".gitignore"
    keep.write_text("*", encoding="utf-8")
    run(study, out)
    assert not partial.exists()
    assert keep.exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        run(make_study(tmp_path / "study", a="ok"), tmp_path / "out")
    assert caught.value.code == "OUTPUT_UNWRITABLE"


def test_a_wrong_address_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        run(make_study(tmp_path / "study", a="ok"), tmp_path / "out", db="results.sqlite")
    assert caught.value.code == "DB_URL_INVALID"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("source", ["karyotypes", "external_results", "assessments", "fish_counts"])
def test_one_source_of_results_is_enough(tmp_path: Path, source: str) -> None:
    rows = {
        "karyotypes": KARYOTYPE,
        "assessments": ASSESSMENT,
        "fish_counts": {"subject_id": "S1", "visit": "baseline", "specimen_id": "F1", "probe_id": "BA"},
        "external_results": {
            "subject_id": "S1",
            "visit": "course 1",
            "assay": "flow_mrd",
            "numerator": "0",
            "denominator": "500000",
            "lod": "2e-5",
            "source": "elsewhere",
        },
    }
    study = write_study(tmp_path / "study", **{source: [rows[source]]})
    report = run(study, tmp_path / "out")
    assert report.summary.failed == (1 if source == "fish_counts" else 0), "no probes are named"
    assert (tmp_path / "out" / "reports" / "patient_S1.html").exists()


@pytest.mark.parametrize("workers", [0, -1])
def test_a_run_needs_a_worker(tmp_path: Path, workers: int) -> None:
    with pytest.raises(UsageError):
        run(make_study(tmp_path / "study", a="ok"), tmp_path / "out", workers=workers)


def test_an_external_database_grows_and_refuses_a_changed_value(tmp_path: Path) -> None:
    study, out = make_study(tmp_path / "study", a="ok"), tmp_path / "out"
    url = f"sqlite:///{tmp_path}/external.sqlite"
    first = run(study, out, db=url)
    assert first.summary.new_results is not None
    assert first.summary.new_results > 0
    assert not (out / "results.sqlite").exists()
    assert run(study, out, db=url).summary.new_results == 0
    before = {path.name: path.read_bytes() for path in (out / "tables").iterdir()}
    (study / "a.fcs").write_text("ok changed", encoding="utf-8")
    with pytest.raises(StoreError) as caught:
        run(study, out, db=url)
    assert caught.value.code == "RESULT_CHANGED"
    assert {path.name: path.read_bytes() for path in (out / "tables").iterdir()} == before


RUNNER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
import fake_rooms
from mrdkit.study.run import run_study
if __name__ == "__main__":
    run_study(Path(sys.argv[1]), Path(sys.argv[2]), workers=2, analyse=fake_rooms.analyse)
"""


def test_a_run_that_was_killed_resumes_to_the_same_bytes(tmp_path: Path) -> None:
    words = {f"f{number}": f"slow 0.4 {number}" for number in range(8)}
    study = make_study(tmp_path / "study", **words)
    script = tmp_path / "runner.py"
    script.write_text(RUNNER, encoding="utf-8")
    out, tests = tmp_path / "out", Path(fake_rooms.__file__).parent
    process = subprocess.Popen([sys.executable, str(script), str(study), str(out), str(tests)])
    wal = out / "ledger.sqlite-wal"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (wal.exists() and wal.stat().st_size > 40_000):
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (out / "run.json").exists()
    resumed = run(study, out)
    assert "skipped" in statuses(resumed)
    assert "done" in statuses(resumed)
    run(study, tmp_path / "whole")
    assert outputs(out) == outputs(tmp_path / "whole")


def test_a_database_in_the_output_folder_is_kept_and_added_to(tmp_path: Path) -> None:
    study, out = make_study(tmp_path / "study", a="ok a"), tmp_path / "out"
    out.mkdir()
    address = f"sqlite:///{out / 'results.sqlite'}"
    assert run(study, out, db=address).summary.new_results
    assert len(read_records(out / "results.sqlite")) == 1
    assert run(study, out, db=address).summary.new_results == 0
    assert (out / "results.sqlite").exists()


def test_a_ledger_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "out" / "ledger.sqlite").mkdir(parents=True)
    with pytest.raises(UsageError) as caught:
        run(make_study(tmp_path / "study", a="ok"), tmp_path / "out")
    assert caught.value.code == "OUTPUT_UNWRITABLE"
    assert "-o" in (caught.value.remedy or "")


def test_results_of_another_study_are_replaced_only_by_force(tmp_path: Path) -> None:
    study, out = make_study(tmp_path / "study", a="ok"), tmp_path / "out"
    run(study, out)
    before = outputs(out)
    other = make_study(tmp_path / "other", b="ok b")
    (other / "study.toml").write_text('id = "T2"\npanel = "b_all_fixed"\n', encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        run(other, out)
    assert caught.value.code == "OUTPUT_OF_OTHER_STUDY"
    assert outputs(out) == before
    assert run(other, out, force=True).summary.study_id == "T2"


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("assessments", ASSESSMENT | {"subject_id": "S9"}),
        ("events", {"subject_id": "S1", "date": "yesterday", "event": "death"}),
        ("subjects", {"subject_id": "S2", "age": "forty"}),
    ],
)
def test_a_run_that_left_a_row_out_is_not_complete(tmp_path: Path, table: str, row: dict[str, str]) -> None:
    study = make_study(tmp_path / "study", a="ok")
    rows = {"assessments": [ASSESSMENT], "subjects": [{"subject_id": "S1"}]}.get(table, [])
    write_table(study / f"{table}.csv", [*rows, row])
    report = run(study, tmp_path / "out")
    assert (report.summary.failed, report.summary.faulty_rows) == (0, 1)
    assert not report.summary.complete


def test_a_very_long_subject_id_has_a_report(tmp_path: Path) -> None:
    study, out = make_study(tmp_path / "study", a="ok"), tmp_path / "out"
    twins = ["\N{SNOWMAN}" * 200 + end for end in "ab"]
    write_table(study / "subjects.csv", [{"subject_id": name} for name in ["S1", *twins]])
    run(study, out)
    assert len(list((out / "reports").glob("patient_*.html"))) == 3


def test_a_path_that_the_system_refuses_fails_alone(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", a="ok")
    rows = [file_row("a.fcs"), file_row("x" * 5000, specimen_id="L"), file_row("b.fcs", panel="y" * 5000)]
    (study / "b.fcs").write_text("ok", encoding="utf-8")
    write_table(study / "manifest.csv", rows)
    report = run(study, tmp_path / "out")
    assert [file.code for file in report.files] == [None, "FILE_UNREADABLE", "FILE_UNREADABLE", None]


def test_one_file_under_two_spellings_answers_once(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", a="ok")
    write_table(study / "manifest.csv", [file_row("a.fcs"), file_row("./b/../a.fcs", specimen_id="other")])
    assert [file.code for file in run(study, tmp_path / "out").files] == [None, "DUPLICATE_ROW", None]
