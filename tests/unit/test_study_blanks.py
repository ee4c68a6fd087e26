"""Which blanks and which diagnosis tube a follow-up is called against, and what the check says of them."""

from pathlib import Path

import pytest
from flow_studies import blank_rows, diagnosis_row, planned, small_marrow, study_of
from study_folder import file_row, write_table

from mrdkit.flow import background_of, background_text, measure_blank, read_panel
from mrdkit.study.check import check_study
from mrdkit.study.plan import Entry, Job
from mrdkit.study.tasks import BackgroundTask, DiagnosisTask, Failure, FlowTask, Limits

FIXED = {"panel": "b_all_fixed"}
DIAGNOSIS = diagnosis_row("dx.fcs")
FOLLOW_UP = file_row("f.fcs")


def limits_of(entry: Entry) -> Limits | None:
    assert isinstance(entry.work, Job), entry.work
    assert isinstance(entry.work.task, FlowTask)
    return entry.work.task.background


def key_of(entry: Entry) -> str:
    assert isinstance(entry.work, Job), entry.work
    return entry.work.key


def code_of(entry: Entry) -> str | None:
    return entry.work.code if isinstance(entry.work, Failure) else None


def problems(folder: Path) -> list[tuple[str, int | None, str, str | None, str]]:
    return [(each.file, each.row, each.code, each.subject, each.severity) for each in check_study(folder)]


def test_the_blanks_of_a_panel_make_one_background(tmp_path: Path) -> None:
    folder = study_of(tmp_path, *blank_rows(), DIAGNOSIS, FOLLOW_UP, file_row("s.fcs", subject_id="S2"))
    plan = planned(folder)
    blanks = [plan[f"n{number:02}.fcs"].work for number in range(1, 21)]
    assert len(set(blanks)) == 1
    assert isinstance(blanks[0], Job)
    assert isinstance(blanks[0].task, BackgroundTask)
    assert [tube.name for tube in blanks[0].task.blanks] == [row["path"] for row in blank_rows()]
    screening = limits_of(plan["s.fcs"])
    assert screening == Limits(kind="screening", path=blanks[0].task.output, key=blanks[0].key)
    diagnosis = plan["dx.fcs"].work
    assert isinstance(diagnosis, Job)
    assert isinstance(diagnosis.task, DiagnosisTask)
    assert diagnosis.task.background == screening
    of_patient = limits_of(plan["f.fcs"])
    assert of_patient == Limits(kind="diagnosis", path=diagnosis.task.output, key=diagnosis.key)


def test_a_panel_with_a_target_gate_takes_a_background_and_calls_its_diagnosis_tubes(tmp_path: Path) -> None:
    rows = [{**row, **FIXED} for row in (*blank_rows(), DIAGNOSIS, FOLLOW_UP)]
    plan = planned(study_of(tmp_path, *rows))
    limits = [limits_of(plan[path]) for path in ("dx.fcs", "f.fcs")]
    assert [found.kind for found in limits if found] == ["gate", "gate"]


@pytest.mark.parametrize("n", [0, 19])
def test_too_few_blanks_refuse_a_panel_by_phenotype_and_leave_target_gates_alone(
    tmp_path: Path, n: int
) -> None:
    fixed = file_row("g.fcs", subject_id="S2", **FIXED)
    fixed_blanks = [{**row, **FIXED, "path": f"g{row['path']}"} for row in blank_rows(n)]
    folder = study_of(tmp_path, DIAGNOSIS, FOLLOW_UP, fixed, *blank_rows(n), *fixed_blanks)
    plan = planned(folder)
    assert [code_of(plan[path]) for path in ("dx.fcs", "f.fcs")] == ["BLANKS_TOO_FEW"] * 2
    assert limits_of(plan["g.fcs"]) is None
    whole_panel = [("manifest.csv", None, "BLANKS_TOO_FEW", None, "warning")] * 2 if n else []
    by_row = [("manifest.csv", row, "BLANKS_TOO_FEW", "S1", "warning") for row in (2, 3)]
    assert problems(folder) == [*whole_panel, *by_row]
    messages = " ".join(each.message for each in check_study(folder))
    assert f"at least 20; 60 to claim it; found {n} that can be used" in messages


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (file_row("x.fcs", subject_id="S1", role="blank"), "BLANK_OF_A_PATIENT"),
        (file_row("f.fcs", subject_id="D99", role="blank"), "BLANK_OF_A_PATIENT"),
        (file_row("x.fcs", subject_id="D01", role="blank"), "BLANK_REPEATED"),
        (file_row("./n01.fcs", subject_id="D99", role="blank", sample="0"), "BLANK_REPEATED"),
        (file_row("x.fcs", subject_id="D99", role="blank", assay="ngs_mrd"), "BLANK_NOT_SUPPORTED"),
        (file_row("x.fcs", subject_id="D99", role="blank", sha256="0" * 64), "SHA256_MISMATCH"),
    ],
    ids=["a patient's", "a patient's file", "donor twice", "content twice", "sequencing", "another file"],
)
def test_what_can_be_no_blank_is_named_and_left_out(tmp_path: Path, row: dict[str, str], code: str) -> None:
    before = planned(study_of(tmp_path / "without", *blank_rows(), DIAGNOSIS, FOLLOW_UP))
    folder = study_of(tmp_path / "with", *blank_rows(), DIAGNOSIS, FOLLOW_UP, row)
    subject = row["subject_id"]
    assert problems(folder) == [("manifest.csv", 24, code, subject, "warning")]
    assert key_of(planned(folder)["n01.fcs"]) == key_of(before["n01.fcs"])


def test_one_donor_may_be_a_blank_of_two_panels(tmp_path: Path) -> None:
    fixed = [{**row, **FIXED} for row in blank_rows()]
    assert problems(study_of(tmp_path, *blank_rows(), *fixed)) == []


@pytest.mark.parametrize(
    ("day", "days", "chosen"),
    [
        ("2024-02-05", ["2024-01-02"], 0),
        ("2024-02-05", ["2024-02-05"], 0),
        ("2024-02-05", ["2024-02-06"], None),
        ("2024-02-05", ["2023-05-01", "2024-01-02", "2024-06-01"], 1),
        ("2024-07-05", ["2023-05-01", "2024-01-02", "2024-06-01"], 2),
        ("2024-02-05", [""], 0),
        ("2024-02-05", ["", "2024-01-02"], 1),
        ("", ["2023-05-01", "2024-06-01"], 1),
    ],
)
def test_the_latest_diagnosis_up_to_the_day_counts(
    tmp_path: Path, day: str, days: list[str], chosen: int | None
) -> None:
    tubes = [
        diagnosis_row(f"dx{number}.fcs", collected_on=text, visit=f"b{number}")
        for number, text in enumerate(days)
    ]
    others = [
        diagnosis_row("other.fcs", subject_id="S2"),
        diagnosis_row("fixed.fcs", visit="b9", **FIXED),
    ]
    folder = study_of(tmp_path, *blank_rows(), *tubes, *others, {**FOLLOW_UP, "collected_on": day})
    plan = planned(folder)
    limits = limits_of(plan["f.fcs"])
    assert limits is not None
    assert limits.key == key_of(plan["n01.fcs" if chosen is None else f"dx{chosen}.fcs"])
    missing = [each for each in problems(folder) if each[2] == "DIAGNOSIS_MISSING"]
    assert len(missing) == (1 if chosen is None else 0)


def test_two_diagnosis_tubes_of_one_day_are_ambiguous(tmp_path: Path) -> None:
    second = diagnosis_row("dx2.fcs")
    folder = study_of(tmp_path, *blank_rows(), DIAGNOSIS, second, FOLLOW_UP)
    assert problems(folder) == [("manifest.csv", 24, "DIAGNOSIS_AMBIGUOUS", "S1", "warning")]
    (problem,) = check_study(folder)
    assert "rows 22, 23" in problem.message


def test_a_diagnosis_tube_that_is_away_is_no_screening(tmp_path: Path) -> None:
    folder = study_of(tmp_path, *blank_rows(), DIAGNOSIS, FOLLOW_UP)
    (folder / "dx.fcs").unlink()
    assert [code_of(planned(folder)[path]) for path in ("dx.fcs", "f.fcs")] == ["FILE_MISSING"] * 2


def test_blanks_diagnosis_and_therapy_are_part_of_the_question(tmp_path: Path) -> None:
    others = [diagnosis_row("dx2.fcs", subject_id="S2"), file_row("f2.fcs", subject_id="S2")]
    fixed = file_row("g.fcs", subject_id="S3", **FIXED)
    folder = study_of(tmp_path, *blank_rows(), DIAGNOSIS, FOLLOW_UP, *others, fixed)
    names = ("n01.fcs", "dx.fcs", "f.fcs", "dx2.fcs", "f2.fcs", "g.fcs")

    def keys() -> dict[str, str]:
        plan = planned(folder)
        return {name: key_of(plan[name]) for name in names}

    def changed(before: dict[str, str]) -> set[str]:
        after = keys()
        return {name for name in names if before[name] != after[name]}

    before = keys()
    (folder / "dx.fcs").write_text("ok changed", encoding="utf-8")
    assert changed(before) == {"dx.fcs", "f.fcs"}
    before = keys()
    (folder / "n20.fcs").write_text("ok other", encoding="utf-8")
    assert changed(before) == {"n01.fcs", "dx.fcs", "f.fcs", "dx2.fcs", "f2.fcs"}
    before = keys()
    write_table(folder / "events.csv", [{"subject_id": "S2", "date": "2024-01-10", "event": "inotuzumab"}])
    assert changed(before) == {"f2.fcs"}
    task = planned(folder)["f2.fcs"].work
    assert isinstance(task, Job)
    assert isinstance(task.task, FlowTask)
    assert task.task.targeted == ("CD22",)


def test_where_backgrounds_are_written_is_no_part_of_the_question(tmp_path: Path) -> None:
    rows = (*blank_rows(), DIAGNOSIS, FOLLOW_UP)
    here, there = planned(study_of(tmp_path / "a", *rows)), planned(study_of(tmp_path / "b" / "c", *rows))
    assert {name: key_of(entry) for name, entry in here.items()} == {
        name: key_of(entry) for name, entry in there.items()
    }


READY = '[backgrounds]\nb_all_mrd = "ready.json"\n'


def test_a_ready_background_stands_before_the_blanks(tmp_path: Path) -> None:
    folder = study_of(tmp_path, *blank_rows(2), DIAGNOSIS, FOLLOW_UP, toml=READY)
    (folder / "ready.json").write_text("one", encoding="utf-8")
    plan = planned(folder)
    assert [code_of(plan[f"n0{number}.fcs"]) for number in (1, 2)] == ["BLANK_NOT_USED"] * 2
    diagnosis = plan["dx.fcs"].work
    assert isinstance(diagnosis, Job)
    assert isinstance(diagnosis.task, DiagnosisTask)
    assert diagnosis.task.background == Limits(kind="screening", path=folder / "ready.json", key=None)
    (folder / "ready.json").write_text("two", encoding="utf-8")
    assert key_of(planned(folder)["f.fcs"]) != key_of(plan["f.fcs"])
    (folder / "ready.json").unlink()
    assert code_of(planned(folder)["f.fcs"]) == "FILE_MISSING"


@pytest.mark.parametrize(
    ("toml", "code", "severity"),
    [
        ('[backgrounds]\nb_all_mrd = "missing.json"\n', "FILE_MISSING", "warning"),
        ('[backgrounds]\nb_all_mrd = "study.toml"\n', "BACKGROUND_INVALID", "warning"),
        ('[backgrounds]\nb_all_mrd = "fixed.json"\n', "BACKGROUND_OF_OTHER_PANEL", "warning"),
        ('[backgrounds]\nb_all_mdr = "fixed.json"\n', "RULE_UNKNOWN", "error"),
        ("[backgrounds]\nb_all_mrd = 3\n", "RULE_INVALID", "error"),
    ],
)
def test_a_ready_background_that_is_none_is_named(
    tmp_path: Path, toml: str, code: str, severity: str, fixed_background: str
) -> None:
    folder = study_of(tmp_path, file_row("g.fcs", **FIXED), toml=toml)
    (folder / "fixed.json").write_text(fixed_background, encoding="utf-8")
    (problem,) = [each for each in check_study(folder) if each.file == "study.toml"]
    assert (problem.code, problem.severity) == (code, severity)
    assert str(tmp_path) not in problem.message


def test_a_sound_ready_background_has_no_problem(tmp_path: Path, fixed_background: str) -> None:
    toml = '[backgrounds]\nb_all_fixed = "fixed.json"\n'
    folder = study_of(tmp_path, file_row("g.fcs", **FIXED), toml=toml)
    (folder / "fixed.json").write_text(fixed_background, encoding="utf-8")
    assert problems(folder) == []
    limits = limits_of(planned(folder)["g.fcs"])
    assert limits == Limits(kind="gate", path=folder / "fixed.json", key=None)


@pytest.fixture(scope="module")
def fixed_background() -> str:
    """Return a background of the panel with fixed gates, from 20 made-up marrows."""
    panel = read_panel("b_all_fixed")
    measured = [measure_blank(f"n{number}", small_marrow(number), panel) for number in range(20)]
    return background_text(background_of(measured, panel))
