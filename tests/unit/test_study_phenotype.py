"""A study of made-up tubes through the flow room itself: the run's calls are those of the room."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import polars as pl
import pytest
from flow_studies import blank_rows, diagnosis_row, fcs_of, small_marrow, study_of
from study_folder import file_row

from mrdkit.flow import (
    background_text,
    build_background,
    call_flow_mrd,
    read_background,
    read_fcs,
    read_panel,
)
from mrdkit.results import FlowMrdCall
from mrdkit.store import read_records
from mrdkit.study.check import check_study
from mrdkit.study.run import RunReport, run_study

MadeFiles: TypeAlias = Callable[[str], Path]

pytestmark = pytest.mark.simulated

FIXED = [{**row, "panel": "b_all_fixed"} for row in blank_rows()]
ROWS = [
    file_row("f1.fcs"),
    file_row("f2.fcs", subject_id="S2"),
    file_row("f3.fcs", subject_id="S3", panel="b_all_fixed"),
    diagnosis_row("dx.fcs"),
    *blank_rows(21),
    *FIXED,
]
INOTUZUMAB = {"subject_id": "S1", "date": "2024-01-10", "event": "inotuzumab"}
TUBES = {"f1.fcs": {"blast": 200}, "f2.fcs": {}, "f3.fcs": {"blast": 200}, "dx.fcs": {"blast": 8000}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the study; the 21st blank holds hardly any cell and cannot be used."""
    place = tmp_path_factory.mktemp("study")
    for number, (name, cells) in enumerate(TUBES.items(), start=100):
        (place / name).write_bytes(fcs_of(small_marrow(number, cells)))
    for number, row in enumerate(blank_rows(20)):
        (place / row["path"]).write_bytes(fcs_of(small_marrow(number)))
    (place / "n21.fcs").write_bytes(fcs_of(small_marrow(21))[:-5000])
    return study_of(place, *ROWS, events=[INOTUZUMAB])


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")


@pytest.fixture(scope="module")
def report(folder: Path, out: Path) -> RunReport:
    return run_study(folder, out, workers=2)


@pytest.fixture(scope="module")
def calls(report: RunReport, out: Path) -> dict[str | None, FlowMrdCall]:
    assert report.summary.calls == 3
    found = [call for record in read_records(out / "results.sqlite") for call in record.calls]
    return {call.specimen.specimen_id: call for call in found if isinstance(call, FlowMrdCall)}


@pytest.fixture(scope="module")
def made_files(report: RunReport, out: Path) -> MadeFiles:
    """Return the one background that a run wrote under a name."""
    assert report.files

    def found(pattern: str) -> Path:
        (path,) = (out / "backgrounds").glob(pattern)
        return path

    return found


def test_a_damaged_blank_is_named_and_the_others_make_the_background(report: RunReport) -> None:
    assert {file.path: file.code for file in report.files if file.code} == {"n21.fcs": "DATA_TRUNCATED"}


@pytest.mark.parametrize(
    ("name", "made", "targeted"),
    [
        ("f1", "b_all_mrd-S1-*.json", frozenset({"CD22"})),
        ("f2", "b_all_mrd-????????????.json", frozenset()),
        ("f3", "b_all_fixed-*.json", frozenset()),
    ],
)
def test_the_call_is_that_of_the_room(
    folder: Path,
    calls: dict[str | None, FlowMrdCall],
    made_files: MadeFiles,
    *,
    name: str,
    made: str,
    targeted: frozenset[str],
) -> None:
    background = read_background(made_files(made))
    expected = call_flow_mrd(
        read_fcs(folder / f"{name}.fcs"),
        read_panel(background.panel),
        specimen=calls[name].specimen,
        targeted=targeted,
        background=background,
    )
    assert calls[name] == expected


def test_a_diagnosis_tube_makes_the_call_the_patients_and_without_one_it_is_a_screening(
    calls: dict[str | None, FlowMrdCall],
) -> None:
    patient, screened, gated = (calls[name] for name in ("f1", "f2", "f3"))
    assert patient.detection is not None
    assert (patient.state, patient.detection.method, patient.n_blanks) == ("positive", "diagnosis", 20)
    assert {"LINEAGE_ANTIGEN_TARGETED", "BACKGROUND_PROVISIONAL"} <= set(patient.flags)
    assert [item.role for item in patient.evidence.inputs] == ["followup", "diagnosis", *["blank"] * 20]
    assert screened.detection is not None
    assert (screened.state, screened.detection.method) == ("insufficient", "screening")
    assert "SCREENING_ONLY" in screened.flags
    assert (gated.state, gated.detection, gated.n_blanks) == ("positive", None, 20)
    assert gated.lob is not None


def test_the_background_of_a_study_is_that_of_the_command(folder: Path, made_files: MadeFiles) -> None:
    blanks = ((row["path"], read_fcs(folder / row["path"])) for row in FIXED)
    made = background_text(build_background(blanks, read_panel("b_all_fixed")))
    assert made_files("b_all_fixed-*.json").read_text(encoding="utf-8") == made


def test_a_ready_background_gives_the_same_call_and_is_left_where_it_stands(
    folder: Path, tmp_path: Path, calls: dict[str | None, FlowMrdCall], made_files: MadeFiles
) -> None:
    ready = tmp_path / "out" / "backgrounds" / "ready.json"
    ready.parent.mkdir(parents=True)
    ready.write_bytes(made_files("b_all_mrd-????????????.json").read_bytes())
    row = file_row(str(folder / "f2.fcs"), subject_id="S2", specimen_id="f2")
    toml = '[backgrounds]\nb_all_mrd = "../out/backgrounds/ready.json"\n'
    report = run_study(study_of(tmp_path / "study", row, toml=toml), tmp_path / "out", workers=1)
    assert report.summary.failed == 0
    (call,) = [call for record in read_records(tmp_path / "out" / "results.sqlite") for call in record.calls]
    assert call == calls["f2"]
    assert ready.exists()


def test_a_background_of_one_patient_is_nobody_elses(
    folder: Path, tmp_path: Path, made_files: MadeFiles
) -> None:
    ready = made_files("b_all_mrd-S1-*.json")
    row = file_row(str(folder / "f2.fcs"), subject_id="S2")
    study = study_of(tmp_path / "study", row, toml=f'[backgrounds]\nb_all_mrd = "{ready}"\n')
    problems = [(each.file, each.code, each.severity) for each in check_study(study)]
    assert ("study.toml", "BACKGROUND_OF_A_PATIENT", "warning") in problems
    (failed,) = run_study(study, tmp_path / "out", workers=1).files
    assert failed.code == "BACKGROUND_OF_A_PATIENT"


def test_the_tables_say_on_what_a_call_rests(report: RunReport, out: Path) -> None:
    assert report.summary.problems == 1, "the screening"
    flow = pl.read_parquet(out / "tables" / "mrd_flow.parquet")
    assert flow["n_blanks"].to_list() == [20, 20, 20]
    assert flow["provisional"].to_list() == [True] * 3
    assert flow["method"].to_list() == ["diagnosis", "screening", None]
    rows = pl.read_parquet(out / "tables" / "results.parquet").filter(pl.col("specimen_id") == "f1")
    opinion = rows.filter(pl.col("analyte") == "second_opinion")
    assert opinion["result"].to_list() == ["agrees"]
