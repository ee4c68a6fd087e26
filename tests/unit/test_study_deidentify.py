"""mrdkit study deidentify: no identity in anything that is written or said, and the same results."""

import gzip
import json
import logging
import re
import tomllib
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from blank_tubes import background
from deidentifying import patient_file
from identified_files import IDENTIFIERS
from identified_studies import NAMES, SUBJECTS, assert_silent_study, identified_study, rows_of
from study_folder import COLUMNS, file_row, write_study, write_table
from typer.testing import CliRunner, Result

from mrdkit import reference
from mrdkit.cli.root import app
from mrdkit.errors import InputError, UsageError
from mrdkit.files import sha256_of
from mrdkit.flow import read_panel
from mrdkit.flow.mrd.background_file import background_text, read_background
from mrdkit.patient.criteria import read_criteria
from mrdkit.study.check import check_study
from mrdkit.study.config import NgsOptions, StudyConfig, Tp53Options
from mrdkit.study.deidentify import deidentify_study
from mrdkit.study.deidentify.policy import read_study_policy
from mrdkit.study.deidentify.records import DeidentifiedStudy
from mrdkit.study.demo import write_demo
from mrdkit.study.run import run_study

ASSESSMENT = {"subject_id": "S1", "visit": "course 1", "marrow_date": "2024-02-05", "blasts_percent": "2"}


def command(study: Path, out: Path, key: Path, *more: str) -> Result:
    arguments = ["study", "deidentify", str(study), "-o", str(out), "--key", str(key), *more]
    return CliRunner().invoke(app, arguments)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def left_out(document: dict[str, Any]) -> set[tuple[str, int | None, str | None, str]]:
    return {(item["table"], item["row"], item["column"], item["code"]) for item in document["left_out"]}


# --- the acceptance test: twelve identifiers in every place -------------------------------------------------


def test_none_of_twelve_identifiers_is_left_in_files_names_tables_or_logs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    study, out, key = identified_study(tmp_path / "in"), tmp_path / "out", tmp_path / "apart" / "key.json"
    planted = b"".join(contents(study).values()).lower()
    assert all(identifier.encode().lower() in planted for identifier in IDENTIFIERS)
    result = command(study, out, key, "--json")
    assert result.exit_code == 4, (result.output, result.exception)
    document = json.loads(result.stdout)
    written = contents(out)
    assert len(document["files"]) == 6
    for name, content in written.items():
        assert_silent_study(name.encode(), "a name")
        assert_silent_study(gzip.decompress(content) if name.endswith(".gz") else content, name)
    captured = capfd.readouterr()
    for said in (result.output, result.stderr, captured.out, captured.err, caplog.text):
        assert_silent_study(said.encode(), "a log")
    people = command(study, tmp_path / "again", key)
    assert_silent_study((people.output + people.stderr).encode(), "a table for people")


@pytest.mark.parametrize("table", [name for name in COLUMNS if name != "manifest.csv"])
def test_a_name_in_any_cell_of_any_table_is_gone(tmp_path: Path, table: str) -> None:
    study, key = small(tmp_path), tmp_path / "key.json"
    for column in [*COLUMNS[table], "a column of Rosenkranz"]:
        whole = {"subject_id": "S1", "visit": "course 1", "date": "2024-02-05", "event": "relapse"}
        write_table(study / table, [{**whole, column: "Rosenkranz, Theophil"}])
        deidentify_study(study, tmp_path / "out", key)
        for name, content in contents(tmp_path / "out").items():
            assert b"osenkranz" not in content, (column, name)
            assert b"theophil" not in content.lower(), (column, name)
        write_study(study, assessments=[ASSESSMENT])


def test_what_decides_a_result_and_cannot_be_cleaned_is_named_and_never_missing(tmp_path: Path) -> None:
    study, out = identified_study(tmp_path / "in"), tmp_path / "out"
    document = json.loads(command(study, out, tmp_path / "key.json", "--json").stdout)
    assert left_out(document) == {
        ("study.toml", None, None, "FILE_NOT_OF_STUDY"),
        ("study.toml", None, "notice", "TEXT_LEFT_OUT"),
        ("subjects.csv", None, None, "COLUMN_LEFT_OUT"),
        ("subjects.csv", 2, "age", "AGE_GROUPED"),
        ("assessments.csv", None, None, "COLUMN_LEFT_OUT"),
        ("assessments.csv", 3, "blasts_percent", "CELL_REMOVED"),
        ("assessments.csv", 3, "cbc_date", "CELL_REMOVED"),
        ("blood_counts.csv", 2, "anc", "CELL_REMOVED"),
        ("events.csv", 3, "detail", "TEXT_LEFT_OUT"),
        ("karyotypes.csv", 3, "karyotype", "CELL_REMOVED"),
    }
    assert rows_of(out / "assessments.csv")[1]["blasts_percent"] == "removed"
    assert rows_of(out / "karyotypes.csv")[1]["karyotype"] == "removed"
    assert rows_of(out / "subjects.csv")[0]["age"] == "90"
    assert rows_of(out / "events.csv")[1]["detail"] == ""


def test_a_key_says_who_is_who_and_is_for_its_owner_only(tmp_path: Path) -> None:
    study, out, key = identified_study(tmp_path / "in"), tmp_path / "out", tmp_path / "key.json"
    command(study, out, key)
    known = json.loads(key.read_text(encoding="utf-8"))
    assert set(known["subjects"]) == set(SUBJECTS)
    assert key.stat().st_mode & 0o777 == 0o600
    pseudonyms = {row["subject_id"] for row in rows_of(out / "subjects.csv")}
    assert pseudonyms == set(known["subjects"].values())
    assert {known["files"][row["path"]] for row in rows_of(study / "manifest.csv")} == {
        row["path"] for row in rows_of(out / "manifest.csv")
    }
    secret = known["secret"].encode()
    assert not any(secret in content for content in contents(out).values())


def test_every_date_of_a_subject_moves_by_one_offset(tmp_path: Path) -> None:
    study, out, key = identified_study(tmp_path / "in"), tmp_path / "out", tmp_path / "key.json"
    command(study, out, key)
    known = json.loads(key.read_text(encoding="utf-8"))
    shift = timedelta(days=int(known["date_shift_days"][SUBJECTS[0]]))
    assert timedelta(days=-366) < shift < timedelta(0)
    moved = {
        "subjects.csv": ("treatment_start", "2024-01-08"),
        "manifest.csv": ("collected_on", "2024-02-05"),
        "assessments.csv": ("cbc_date", "2024-02-05"),
        "blood_counts.csv": ("date", "2024-02-06"),
        "events.csv": ("date", "2024-01-08"),
        "fish_counts.csv": ("collected_on", "2024-01-04"),
        "karyotypes.csv": ("collected_on", "2024-01-04"),
        "external_results.csv": ("collected_on", "2024-02-05"),
    }
    for table, (column, before) in moved.items():
        after = rows_of(out / table)[0][column]
        assert date.fromisoformat(after) == date.fromisoformat(before) + shift, table


def test_labels_stay_the_same_everywhere_and_digests_are_those_of_the_new_files(tmp_path: Path) -> None:
    study, out, key = identified_study(tmp_path / "in"), tmp_path / "out", tmp_path / "key.json"
    command(study, out, key)
    rows = rows_of(out / "manifest.csv")
    assert all(sha256_of(out / row["path"]) == row["sha256"] for row in rows)
    specimen = rows[0]["specimen_id"]
    assert specimen == rows_of(out / "fish_counts.csv")[0]["specimen_id"]
    assert specimen == rows_of(out / "external_results.csv")[0]["specimen_id"]
    samples = {row["sample"] for row in rows if row["assay"] == "tp53"}
    assert len(samples) == 1
    variants = [(out / row["path"]).read_text(encoding="utf-8") for row in rows if row["assay"] == "tp53"]
    assert len(set(variants)) == 1  # plain, BGZF and BCF hold the same
    assert f"\t{samples.pop()}\n" in variants[0]
    assert "7675088" in variants[0]
    assert "\t1000\t" not in variants[0]  # only TP53 leaves
    beds = {(out / row["coverage"]).read_bytes() for row in rows if row["assay"] == "tp53"}
    assert beds == {b"chr17\t7668400\t7687500\t100\n"}


def test_a_second_run_gives_the_same_bytes_and_another_key_other_names(tmp_path: Path) -> None:
    study, key = identified_study(tmp_path / "in"), tmp_path / "key.json"
    command(study, tmp_path / "out", key)
    first, first_key = contents(tmp_path / "out"), key.read_bytes()
    command(study, tmp_path / "again", key)
    assert contents(tmp_path / "again") == first
    assert command(study, tmp_path / "out", key).exit_code == 4
    assert contents(tmp_path / "out") == first
    assert key.read_bytes() == first_key
    command(study, tmp_path / "other", tmp_path / "other.json")
    assert contents(tmp_path / "other").keys() != first.keys()


def test_it_gives_the_same_results_but_for_names_and_dates(tmp_path: Path) -> None:
    study, out, key = tmp_path / "demo", tmp_path / "out", tmp_path / "key.json"
    write_demo(study, patients=3)
    answer = deidentify_study(study, out, key)
    assert answer.complete
    assert [problem.code for problem in check_study(out)] == [problem.code for problem in check_study(study)]
    for folder in (study, out):
        run_study(folder, tmp_path / f"{folder.name}-results", workers=1)
    known = json.loads(key.read_text(encoding="utf-8"))
    compared = 0
    for table in sorted((tmp_path / "demo-results" / "tables").glob("*.csv")):
        before = sorted(renamed(row, known) for row in rows_of(table))
        after = sorted(comparable(row) for row in rows_of(tmp_path / "out-results" / "tables" / table.name))
        assert before == after, table.name
        compared += len(after)
    assert compared > 100


#: Columns that name: digests of inputs and rule files, and targets, whose name holds the subject's.
NAMING = {"inputs", "rules", "sample_id", "driving_target", "basis"}


def comparable(row: dict[str, str]) -> tuple[tuple[str, str], ...]:
    unnamed = {column: re.sub(r"target:[0-9a-f]{16}", "target", cell) for column, cell in row.items()}
    return tuple((column, cell) for column, cell in unnamed.items() if column not in NAMING)


def renamed(row: dict[str, str], known: dict[str, dict[str, str]]) -> tuple[tuple[str, str], ...]:
    names = {**known["subjects"], **known["specimens"]}
    name = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
    days = timedelta(days=int(known["date_shift_days"].get(row.get("subject_id", ""), "0")))

    def cell(text: str) -> str:
        moved = re.sub(
            r"\d{4}-\d{2}-\d{2}", lambda day: (date.fromisoformat(day[0]) + days).isoformat(), text
        )
        return name.sub(lambda found: names[found[0]], moved)

    return comparable({column: cell(text) for column, text in row.items()})


# --- what is refused, and what is left out ------------------------------------------------------------


def small(tmp_path: Path, **tables: Any) -> Path:
    return write_study(tmp_path / "in", **({"assessments": [ASSESSMENT]} | tables))


def test_the_key_never_lies_in_the_new_folder(tmp_path: Path) -> None:
    study = small(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "out", target_is_directory=True)
    for key in (tmp_path / "out" / "key.json", tmp_path / "link" / "deep" / "key.json"):
        with pytest.raises(UsageError) as caught:
            deidentify_study(study, tmp_path / "out", key)
        assert caught.value.code == "KEY_INSIDE_OUTPUT"
    assert not (tmp_path / "out").exists()


def test_folders_that_lie_in_each_other_or_hold_something_are_refused(tmp_path: Path) -> None:
    study, key = small(tmp_path), tmp_path / "key.json"
    for out in (study, study / "out", tmp_path):
        with pytest.raises(UsageError) as caught:
            deidentify_study(study, out, tmp_path.parent / "key.json")
        assert caught.value.code in {"OUTPUT_IS_INPUT", "KEY_INSIDE_OUTPUT"}
    deidentify_study(study, tmp_path / "out", key)
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        deidentify_study(study, tmp_path / "out", key)
    assert caught.value.code == "FOLDER_NOT_EMPTY"
    assert (tmp_path / "out" / "mine.txt").exists()


@pytest.mark.parametrize("content", ["", "{}", '{"format": "mrdkit key map 1", "secret": "00"}', "[1]"])
def test_something_else_in_place_of_the_key_is_never_replaced(tmp_path: Path, content: str) -> None:
    study, key = small(tmp_path), tmp_path / "key.json"
    key.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        deidentify_study(study, tmp_path / "out", key)
    assert caught.value.code in {"KEY_INVALID", "JSON_INVALID"}
    assert key.read_text(encoding="utf-8") == content
    assert not (tmp_path / "out").exists()


def test_errors_about_a_study_quote_nothing_of_it(tmp_path: Path) -> None:
    study, key = small(tmp_path), tmp_path / "key.json"
    (study / "study.toml").write_text('id = "x"\n"Doe^Jane" = "MRN7731905"\n', encoding="utf-8")
    (study / "events.csv").write_text("subject_id,Doe^Jane\nMRN7731905\n", encoding="utf-8")
    for name in ("study.toml", "events.csv"):
        with pytest.raises(InputError) as caught:
            deidentify_study(study, tmp_path / "out", key)
        assert caught.value.file == name
        assert_silent_study(str(caught.value).encode(), name)
        (study / "study.toml").write_text('id = "x"\n', encoding="utf-8")


def test_a_ready_background_is_written_without_the_paths_of_its_blanks(tmp_path: Path) -> None:
    toml = 'id = "x"\n[backgrounds]\nb_all_mrd = "Doe_Jane.json"\n'
    study = write_study(tmp_path / "in", toml, assessments=[ASSESSMENT])
    ready = background()
    named = replace(ready, blanks=tuple(replace(blank, path="Doe^Jane.fcs") for blank in ready.blanks))
    (study / "Doe_Jane.json").write_text(background_text(named), encoding="utf-8")
    answer = deidentify_study(study, tmp_path / "out", tmp_path / "key.json")
    assert answer.complete
    assert not any(
        b"Doe^Jane" in content or b"Doe_Jane" in content for content in contents(tmp_path / "out").values()
    )
    written = read_background(tmp_path / "out" / "rules" / "background_1.json")
    assert written.counts == ready.counts
    assert [blank.sha256 for blank in written.blanks] == [blank.sha256 for blank in ready.blanks]
    assert check_study(tmp_path / "out") == check_study(study)


def test_rule_files_keep_their_numbers_and_lose_words_about_people(tmp_path: Path) -> None:
    study, out = identified_study(tmp_path / "in"), tmp_path / "out"
    deidentify_study(study, out, tmp_path / "key.json")
    probes = tomllib.loads((out / "rules" / "probes_1.toml").read_text(encoding="utf-8"))
    (cutoff,) = tomllib.loads((out / "rules" / "cutoffs_1.toml").read_text(encoding="utf-8"))["cutoff"]
    assert probes["probe"]["CRLF2_BA"]["red"] == "3prime"
    assert probes["probe"]["CRLF2_BA"]["lot"].startswith("lot-")
    assert cutoff == {
        "probe": "CRLF2_BA",
        "class": "split",
        "method": "given",
        "percent": 2.5,
        "n": 200,
        "source": "removed",
        "laboratory": "removed",
    }


def test_a_panel_of_the_study_is_the_same_panel(tmp_path: Path) -> None:
    toml = 'id = "x"\npanel = "Doe_Jane.toml"\ncriteria = "our criteria.toml"\n'
    study = write_study(tmp_path / "in", toml, assessments=[ASSESSMENT])
    for name, kind, shipped in (
        ("Doe_Jane.toml", "panels", "b_all_fixed"),
        ("our criteria.toml", "criteria", "jabbour2023"),
    ):
        (study / name).write_text(
            "# Rosenkranz\n" + reference.text(kind, f"{shipped}.toml"), encoding="utf-8"
        )
    deidentify_study(study, tmp_path / "out", tmp_path / "key.json")
    rules = tmp_path / "out" / "rules"
    written = read_panel(rules / "panels_1.toml")
    assert written.rule == read_panel("b_all_fixed").rule
    assert read_criteria(rules / "criteria_1.toml") == read_criteria("jabbour2023")
    assert check_study(tmp_path / "out") == check_study(study)


def test_a_file_that_a_study_refuses_stays_refused(tmp_path: Path) -> None:
    study = small(tmp_path)
    (study / "a.vcf").write_text("no variants", encoding="utf-8")
    (study / "b.fcs").write_bytes(b"no tube")
    rows = [
        file_row("missing.fcs"),
        file_row("a.vcf", assay="tp53", specimen_id="A"),
        file_row("b.fcs", specimen_id="B"),
        file_row("a.vcf", assay="ngs_mrd", specimen_id="C", sha256="0" * 64),
        file_row("d.tsv", assay="unheard of", specimen_id="D"),
    ]
    write_study(study, manifest=rows)
    answer = deidentify_study(study, tmp_path / "out", tmp_path / "key.json")
    assert not answer.complete
    assert not answer.files
    codes = {(item.row, item.code) for item in answer.left_out if item.table == "manifest.csv"}
    assert codes == {
        (2, "FILE_MISSING"),
        (3, "FILE_SHARED"),
        (4, "NOT_FCS"),
        (5, "FILE_SHARED"),
        (6, "ROW_REFUSED"),
        (6, "CELL_REMOVED"),
    }
    before = {(problem.row, problem.severity) for problem in check_study(study)}
    after = {(problem.row, problem.severity) for problem in check_study(tmp_path / "out")}
    assert {2, 6} <= {row for row, _ in after}
    assert before <= after | {(3, "warning"), (4, "warning"), (5, "warning")}


def test_a_changed_file_is_left_out_though_it_could_be_cleaned(tmp_path: Path) -> None:
    study = identified_study(tmp_path / "in")
    with next(study.glob("*/*.tsv")).open("a", encoding="utf-8") as file:
        file.write("\n")
    answer = deidentify_study(study, tmp_path / "out", tmp_path / "key.json")
    assert ("SHA256_MISMATCH", 3) in {(item.code, item.row) for item in answer.left_out}
    row = rows_of(tmp_path / "out" / "manifest.csv")[1]
    assert row["sha256"] == ""
    assert not (tmp_path / "out" / row["path"]).exists()


def with_label(tmp_path: Path, label: str) -> DeidentifiedStudy:
    study = identified_study(tmp_path / "in")
    tube = next(study.glob("*/*.fcs"))
    tube.write_bytes(patient_file("3.1", "F", {"$P2S": label}))
    rows = rows_of(study / "manifest.csv")
    rows[0]["sha256"] = sha256_of(tube)
    write_table(study / "manifest.csv", rows)
    return deidentify_study(study, tmp_path / "out", tmp_path / "key.json")


@pytest.mark.parametrize("label", ["CD19 Nightingale", "CD19 nightingale"])
def test_a_name_in_a_label_that_stands_elsewhere_leaves_the_tube_out(tmp_path: Path, label: str) -> None:
    answer = with_label(tmp_path, label)
    assert ("IDENTITY_LEFT", 2) in {(item.code, item.row) for item in answer.left_out}
    assert not list((tmp_path / "out").glob("files/*.fcs"))


@pytest.mark.parametrize(
    "label",
    [
        "Smith^John",
        "CD19 MRN12",
        "john@clinic",
        "02-APR-1980",
        "1980-04-02",
        "Smith, Jonathan",
        "CD19 123456",
    ],
)
def test_a_label_that_looks_like_a_person_leaves_the_tube_out(tmp_path: Path, label: str) -> None:
    answer = with_label(tmp_path, label)
    assert ("LABEL_IDENTIFIES", 2) in {(item.code, item.row) for item in answer.left_out}
    assert not list((tmp_path / "out").glob("files/*.fcs"))


@pytest.mark.parametrize(
    ("label", "flagged"),
    [
        ("CD19 PE-Cy7", False),
        ("Texas Red", False),
        ("PerCP-Cy5-5", False),
        ("TIGIT PE", True),
        ("Smith", True),
    ],
)
def test_a_label_that_is_not_known_is_flagged(tmp_path: Path, label: str, flagged: bool) -> None:  # noqa: FBT001
    (tube,) = (file for file in with_label(tmp_path, label).files if file.assay == "flow_mrd")
    assert ("LABEL_UNKNOWN" in tube.flags) is flagged


def test_nothing_of_a_configuration_or_a_table_is_forgotten() -> None:
    known = {"id", "criteria", "probes", "cutoffs", "panel", "notice", "ngs", "tp53", "backgrounds"}
    assert {field.name for field in fields(StudyConfig)} == known
    assert {field.name for field in fields(NgsOptions)} == {"max_mismatch", "min_overlap", "min_bin"}
    assert {field.name for field in fields(Tp53Options)} == {"policy", "build", "assume_covered"}
    kept = read_study_policy().rule.tables
    assert all(set(columns) <= set(kept[table]) for table, columns in COLUMNS.items())


def test_names_of_the_test_are_looked_for_at_all() -> None:
    with pytest.raises(AssertionError):
        assert_silent_study(NAMES[0].encode(), "here")
