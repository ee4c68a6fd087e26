"""The plan: a fixed order, and keys that change with all that an answer depends on and nothing else."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from study_folder import file_row, write_study, write_table

from mrdkit.study import keys
from mrdkit.study.assemble import targeted_by
from mrdkit.study.load import load_study
from mrdkit.study.plan import Entry, Job, plan_study
from mrdkit.study.tasks import CalibrationTask, FlowTask, KaryotypeTask, Task, Tp53Task, TrackingTask

BASELINE = {"visit": "baseline", "role": "diagnosis", "collected_on": "2024-01-02"}
ROWS = [
    file_row("mrd.tsv", assay="ngs_mrd"),
    {**file_row("id.tsv", assay="ngs_mrd"), **BASELINE},
    file_row("tube.fcs"),
    {**file_row("tp53.vcf", assay="tp53"), **BASELINE},
]
KARYOTYPES = [
    {
        "subject_id": "S1",
        "visit": "course 1",
        "specimen_id": "K2",
        "collected_on": "2024-02-05",
        "karyotype": "46,XX[20]",
    },
    {
        "subject_id": "S1",
        "visit": "baseline",
        "specimen_id": "K1",
        "collected_on": "2024-01-02",
        "karyotype": "46,XX,t(4;11)(q21;q23)[15]/46,XX[5]",
    },
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_study(tmp_path, manifest=ROWS, karyotypes=KARYOTYPES)
    for row in ROWS:
        (tmp_path / row["path"]).write_text(row["path"], encoding="utf-8")
    return tmp_path


def entries(folder: Path) -> tuple[Entry, ...]:
    study = load_study(folder)
    return plan_study(study, targeted_by(study))


def jobs(folder: Path) -> dict[str, Job]:
    found = {entry.specimen.specimen_id: entry.work for entry in entries(folder)}
    return {str(name): work for name, work in found.items() if isinstance(work, Job)}


def changed(before: dict[str, Job], after: dict[str, Job]) -> set[str]:
    return {name for name in before if before[name].key != after[name].key}


def task_of(folder: Path, name: str) -> Task:
    return jobs(folder)[name].task


def test_entries_stand_in_the_order_of_their_tables(folder: Path) -> None:
    assert [(entry.table, entry.row, entry.path) for entry in entries(folder)] == [
        ("manifest.csv", 2, "mrd.tsv"),
        ("manifest.csv", 3, "id.tsv"),
        ("manifest.csv", 4, "tube.fcs"),
        ("manifest.csv", 5, "tp53.vcf"),
        ("karyotypes.csv", 2, "karyotypes.csv"),
        ("karyotypes.csv", 3, "karyotypes.csv"),
    ]


def test_each_file_has_the_task_of_its_assay_and_role(folder: Path) -> None:
    tracking, flow = task_of(folder, "mrd"), task_of(folder, "tube")
    assert isinstance(tracking, TrackingTask)
    assert tracking.calibrations == (folder / "id.tsv",)
    assert isinstance(task_of(folder, "id"), CalibrationTask)
    assert isinstance(task_of(folder, "tp53"), Tp53Task)
    assert isinstance(flow, FlowTask)
    assert (flow.panel, flow.targeted) == ("b_all_fixed", ())
    later = task_of(folder, "K2")
    assert isinstance(later, KaryotypeTask)
    assert later.earlier == (KARYOTYPES[1]["karyotype"],)


def test_the_same_study_elsewhere_has_the_same_keys(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = write_study(tmp_path_factory.mktemp("other"), manifest=ROWS, karyotypes=KARYOTYPES)
    for row in ROWS:
        (other / row["path"]).write_text(row["path"], encoding="utf-8")
    assert changed(jobs(folder), jobs(other)) == set()


def test_a_changed_file_changes_what_depends_on_it(folder: Path) -> None:
    before = jobs(folder)
    (folder / "id.tsv").write_text("other", encoding="utf-8")
    assert changed(before, jobs(folder)) == {"id", "mrd"}


def test_another_day_visit_or_panel_is_another_question(folder: Path) -> None:
    before = jobs(folder)
    write_table(folder / "manifest.csv", [*ROWS[:2], {**ROWS[2], "collected_on": "2024-02-06"}, ROWS[3]])
    assert changed(before, jobs(folder)) == {"tube"}
    (folder / "own.toml").write_text("one", encoding="utf-8")
    write_table(folder / "manifest.csv", [*ROWS[:2], {**ROWS[2], "panel": "own.toml"}, ROWS[3]])
    own = jobs(folder)
    assert changed(before, own) == {"tube"}
    (folder / "own.toml").write_text("two", encoding="utf-8")
    assert changed(own, jobs(folder)) == {"tube"}


def test_earlier_therapy_is_part_of_the_question(folder: Path) -> None:
    before = jobs(folder)
    event = {"subject_id": "S1", "date": "2024-01-10", "event": "inotuzumab"}
    write_table(folder / "events.csv", [event])
    after = jobs(folder)
    assert changed(before, after) == {"tube"}
    flow = after["tube"].task
    assert isinstance(flow, FlowTask)
    assert flow.targeted == ("CD22",)
    write_table(folder / "events.csv", [{**event, "date": "2024-03-10"}])
    assert changed(before, jobs(folder)) == set(), "a drug given later has removed nothing yet"


def test_a_specimen_without_a_day_counts_every_therapy_as_earlier(folder: Path) -> None:
    write_table(folder / "events.csv", [{"subject_id": "S1", "date": "2024-03-10", "event": "blinatumomab"}])
    study = load_study(folder)
    assert targeted_by(study)("S1", date(2024, 3, 9)) == ()
    assert targeted_by(study)("S1", None) == ("CD19",)


def test_options_and_software_are_part_of_the_question(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = jobs(folder)
    with (folder / "study.toml").open("a", encoding="utf-8") as file:
        file.write("[ngs]\nmin_overlap = 30\n[tp53]\nassume_covered = true\n")
    assert changed(before, jobs(folder)) == {"mrd", "tp53"}
    monkeypatch.setattr(keys, "__version__", "99")
    assert changed(before, jobs(folder)) == set(before)


def test_coverage_is_that_of_the_sample(folder: Path) -> None:
    write_table(folder / "manifest.csv", [*ROWS[:3], {**ROWS[3], "coverage": "tp53.bed"}])
    (failed,) = [entry for entry in entries(folder) if not isinstance(entry.work, Job)]
    assert failed.path == "tp53.vcf", "a coverage file that is not there fails its row"
    (folder / "tp53.bed").write_text("17\t1\t2\t100\n", encoding="utf-8")
    task = task_of(folder, "tp53")
    assert isinstance(task, Tp53Task)
    assert task == replace(task, coverage=folder / "tp53.bed")


def test_tp53_takes_the_karyotype_of_its_visit(folder: Path) -> None:
    task = task_of(folder, "tp53")
    assert isinstance(task, Tp53Task)
    assert task.karyotype == KARYOTYPES[1]["karyotype"]
    write_table(folder / "karyotypes.csv", KARYOTYPES[:1])
    task = task_of(folder, "tp53")
    assert isinstance(task, Tp53Task)
    assert task.karyotype is None
