"""Checking a study: each problem is named with file, row, code and subject, before anything is analysed."""

import hashlib
from pathlib import Path

import pytest
from study_folder import file_row, write_study, write_table

from mrdkit.errors import InputError, RuleError
from mrdkit.study.check import check_study
from mrdkit.study.config import named_path, read_config

EVENT = {"subject_id": "S1", "date": "2024-01-08", "event": "course_start", "detail": "1"}
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
EXTERNAL = {
    "subject_id": "S1",
    "visit": "course 1",
    "assay": "flow_mrd",
    "numerator": "12",
    "denominator": "500000",
    "source": "central laboratory",
}
FISH = {
    "specimen_id": "F1",
    "subject_id": "S1",
    "visit": "baseline",
    "probe_id": "CRLF2_BA",
    "pattern": "2F",
    "count": "200",
}


def codes(folder: Path) -> list[tuple[str, int | None, str, str | None, str]]:
    return [(each.file, each.row, each.code, each.subject, each.severity) for each in check_study(folder)]


def study_with_files(folder: Path, *rows: dict[str, str], **tables: list[dict[str, str]]) -> Path:
    write_study(folder, manifest=list(rows), **tables)
    for row in rows:
        if row["path"] and not row["path"].startswith(("/", "..")):
            (folder / row["path"]).write_text("ok", encoding="utf-8")
    return folder


def test_a_clean_study_has_no_problem(tmp_path: Path) -> None:
    folder = study_with_files(
        tmp_path,
        file_row("a.fcs"),
        file_row("b.fcs", replicate="2", specimen_id="a"),
        assessments=[ASSESSMENT],
        events=[EVENT],
        external_results=[EXTERNAL],
    )
    assert check_study(folder) == ()


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        check_study(tmp_path / "missing")
    assert caught.value.code == "STUDY_MISSING"


def test_an_empty_folder_is_unusable_and_says_all_that_is_missing(tmp_path: Path) -> None:
    assert codes(tmp_path) == [
        ("manifest.csv", None, "NO_RESULTS", None, "error"),
        ("study.toml", None, "FILE_MISSING", None, "error"),
        ("subjects.csv", None, "FILE_MISSING", None, "error"),
    ]


@pytest.mark.parametrize(
    "table", ["subjects", "manifest", "assessments", "events", "fish_counts", "karyotypes"]
)
def test_a_missing_required_column_names_file_and_column(tmp_path: Path, table: str) -> None:
    folder = write_study(tmp_path, assessments=[ASSESSMENT])
    write_table(folder / f"{table}.csv", [], without="subject_id")
    problems = [each for each in check_study(folder) if each.code == "COLUMN_MISSING"]
    assert [(each.file, each.severity) for each in problems] == [(f"{table}.csv", "error")]
    assert "subject_id" in problems[0].message


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"path": "missing.fcs"}, "FILE_MISSING"),
        ({"path": ""}, "CELL_EMPTY"),
        ({"path": "../missing.fcs"}, "FILE_MISSING"),
        ({"path": "files\\\\a.fcs"}, "PATH_INVALID"),
        ({"path": "/dev/zero"}, "FILE_UNREADABLE"),
        ({"path": "."}, "FILE_UNREADABLE"),
        ({"sha256": "0" * 64}, "SHA256_MISMATCH"),
        ({"sha256": "abc"}, "SHA256_INVALID"),
        ({"subject_id": "S9"}, "SUBJECT_UNKNOWN"),
        ({"assay": "elisa"}, "ASSAY_UNKNOWN"),
        ({"role": "control"}, "ROLE_UNKNOWN"),
        ({"role": "blank"}, "BLANK_OF_A_PATIENT"),
        ({"role": "blank", "assay": "tp53"}, "BLANK_NOT_SUPPORTED"),
        ({"collected_on": "5.2.2024"}, "DATE_INVALID"),
        ({"panel": "no_such_panel"}, "RULE_UNKNOWN"),
        ({"panel": "../panel.toml"}, "RULE_UNKNOWN"),
        ({"assay": "ngs_mrd"}, "NO_DIAGNOSIS_FILE"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_leaves_the_study_usable(
    tmp_path: Path, cells: dict[str, str], code: str
) -> None:
    folder = study_with_files(tmp_path, file_row("good.fcs"))
    (folder / "a.fcs").write_text("ok", encoding="utf-8")
    write_table(folder / "manifest.csv", [file_row("good.fcs"), {**file_row("a.fcs"), **cells}])
    (problem,) = check_study(folder)
    assert (problem.file, problem.row, problem.code) == ("manifest.csv", 3, code)
    assert (problem.subject, problem.severity) == (cells.get("subject_id", "S1"), "warning")
    assert str(tmp_path) not in problem.message


def test_a_declared_sha256_may_be_written_in_capitals(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"ok").hexdigest().upper()
    assert check_study(study_with_files(tmp_path, file_row("a.fcs", sha256=digest))) == ()


@pytest.mark.parametrize(
    "second", [file_row("a.fcs", specimen_id="other"), file_row("b.fcs", specimen_id="a")]
)
def test_a_row_that_repeats_a_file_or_a_specimen_is_named(tmp_path: Path, second: dict[str, str]) -> None:
    folder = study_with_files(tmp_path, file_row("a.fcs"), second)
    assert codes(folder) == [("manifest.csv", 3, "DUPLICATE_ROW", "S1", "warning")]


def test_a_calibration_counts_up_to_the_day_of_the_follow_up(tmp_path: Path) -> None:
    calibration = file_row("id.tsv", assay="ngs_mrd", role="diagnosis", collected_on="2024-03-01")
    folder = study_with_files(tmp_path, calibration, file_row("mrd.tsv", assay="ngs_mrd"))
    assert codes(folder) == [("manifest.csv", 3, "NO_DIAGNOSIS_FILE", "S1", "warning")]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("events", {**EVENT, "date": "2024-01-07"}),
        ("events", {**EVENT, "event": "last_contact", "date": "2024-07-01"}),
        ("assessments", {**ASSESSMENT, "marrow_date": "2024-01-02"}),
        ("assessments", {**ASSESSMENT, "visit": "baseline", "course": "0"}),
        ("assessments", {**ASSESSMENT, "marrow_date": "2024-07-02"}),
        ("external_results", {**EXTERNAL, "collected_on": "2024-07-01"}),
    ],
)
def test_days_that_contradict_each_other_are_named(tmp_path: Path, table: str, row: dict[str, str]) -> None:
    death = {**EVENT, "event": "death", "date": "2024-06-30"}
    tables = {"assessments": [ASSESSMENT], "external_results": [EXTERNAL], "events": [death]}
    tables[table] = [*tables[table], row]
    folder = write_study(tmp_path, **tables)
    assert codes(folder) == [(f"{table}.csv", 3, "DATE_ORDER", "S1", "warning")]


def test_earlier_drugs_and_baseline_material_may_precede_the_start(tmp_path: Path) -> None:
    earlier = {**EVENT, "event": "blinatumomab", "date": "2023-05-01"}
    baseline = {**ASSESSMENT, "visit": "baseline", "course": "0", "marrow_date": "2024-01-02"}
    assert check_study(write_study(tmp_path, events=[earlier], assessments=[baseline])) == ()


def test_a_cluster_larger_than_its_total_is_named(tmp_path: Path) -> None:
    row = {**EXTERNAL, "numerator": "500001"}
    folder = write_study(tmp_path, external_results=[EXTERNAL, row])
    assert codes(folder) == [("external_results.csv", 3, "CLUSTER_GT_TOTAL", "S1", "warning")]


@pytest.mark.parametrize(
    ("table", "row"),
    [("events", EVENT), ("assessments", ASSESSMENT), ("external_results", EXTERNAL), ("fish_counts", FISH)],
)
def test_a_row_of_an_unknown_subject_is_named(tmp_path: Path, table: str, row: dict[str, str]) -> None:
    folder = write_study(tmp_path, assessments=[ASSESSMENT])
    write_table(folder / f"{table}.csv", [{**row, "subject_id": "S9"}])
    assert (f"{table}.csv", 2, "SUBJECT_UNKNOWN", "S9", "warning") in codes(folder)


def test_fish_counts_need_probes_and_cutoffs(tmp_path: Path) -> None:
    folder = write_study(tmp_path, fish_counts=[FISH])
    assert codes(folder) == [("fish_counts.csv", 2, "PROBES_MISSING", "S1", "warning")]


@pytest.mark.parametrize(
    ("toml", "code"),
    [
        ("", "RULE_INVALID"),
        ('id = "T1"\ncriterias = "x"\n', "RULE_INVALID"),
        ("id = ", "RULE_NOT_TOML"),
        ('id = "T1"\ncriteria = "no_such"\n', "RULE_UNKNOWN"),
        ('id = "T1"\ncriteria = "../c.toml"\n', "RULE_UNKNOWN"),
        ('id = "T1"\n[ngs]\nmin_bin = 0\n', "RULE_INVALID"),
    ],
)
def test_a_configuration_that_is_not_exact_makes_the_study_unusable(
    tmp_path: Path, toml: str, code: str
) -> None:
    folder = write_study(tmp_path, toml, assessments=[ASSESSMENT])
    assert codes(folder) == [("study.toml", None, code, None, "error")]


def test_a_panel_that_is_not_exact_is_named_before_anything_is_analysed(tmp_path: Path) -> None:
    folder = study_with_files(
        tmp_path, file_row("a.fcs", panel="own.toml"), file_row("b.fcs", panel="own.toml")
    )
    (folder / "own.toml").write_text('id = "own"\n', encoding="utf-8")
    assert codes(folder) == [("own.toml", None, "RULE_INVALID", None, "warning")]


def test_extra_columns_are_kept(tmp_path: Path) -> None:
    folder = write_study(
        tmp_path, subjects=[{"subject_id": "S1", "centre": "A"}], assessments=[{**ASSESSMENT, "note": "x"}]
    )
    assert check_study(folder) == ()


@pytest.mark.parametrize("name", ["a\\b", "", "a\0b"])
def test_a_path_that_is_none_everywhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RuleError) as caught:
        named_path(tmp_path, name)
    assert caught.value.code == "PATH_INVALID"


def test_files_may_stay_where_the_instrument_wrote_them(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    for name in ("one.fcs", "two.fcs"):
        (share / name).write_text(name, encoding="utf-8")
    rows = [file_row("../share/one.fcs", specimen_id="1"), file_row(str(share / "two.fcs"), specimen_id="2")]
    write_study(tmp_path / "study", manifest=rows)
    assert codes(tmp_path / "study") == []


def test_the_defaults_of_a_study(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text('id = "T1"', encoding="utf-8")
    config = read_config(tmp_path)
    assert (config.id, config.criteria, config.panel) == ("T1", "jabbour2023", None)
    assert config.ngs.min_bin is None
    assert config.tp53.assume_covered is False


@pytest.mark.parametrize("table", ["fish_counts", "karyotypes"])
def test_a_damaged_table_of_results_fails_alone(tmp_path: Path, table: str) -> None:
    folder = study_with_files(tmp_path, file_row("a.fcs"))
    (folder / f"{table}.csv").write_bytes(b"\xff\xfe\x00damaged")
    assert codes(folder) == [(f"{table}.csv", 1, "TABLE_NOT_TEXT", None, "warning")]
