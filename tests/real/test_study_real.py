"""A study of real files, from the command line: results on disk, resumed after a kill, damage isolated.

Flow files of three encodings, one patient's calibration and tracking files, a caller's VCF; clinical tables
by hand. The files stem from different people: nothing here is a clinical case.
"""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from real_data import real
from study_folder import file_row, write_study

from mrdkit.store import read_records

PANEL = """
id = "wide_{marker}"
version = "1"
source = "Two wide gates on a file that has no panel; for tests only."
compensation = "already_compensated"
denominator = "nucleated"
denominator_gate = "cells"
target_gate = "target"
hematogone_gate = "cells"
not_evaluable_warnings = ["DATA_TRUNCATED"]
check = []

[events]
threshold_at_least_fraction = 1e-4
lod_at_least_events = 10
loq_at_least_events = 40
lineage_at_least_events = 10

[acquisition]
time_channel = "{time}"
runs_at_most = 50
run_at_least_events = 1000
slow_less_than_ratio = 0.01
slow_more_than_percent = 99.0

[[marker]]
name = "{marker}"
required = true

[[lineage_arm]]
markers = ["{marker}"]
gate = "target"

[[display]]
name = "target"
title = "Target"
population = "cells"
gate = "target"
x = "scatter"
y = "{marker}"

[gating.axis]
scatter = {{ channel = "{scatter}", compensation = "uncompensated", scale = "none" }}
"{marker}" = {{ marker = "{marker}", compensation = "uncompensated", scale = "none" }}

[[gating.gate]]
kind = "range"
name = "cells"
bounds = [{{ axis = "scatter", min = 1.0 }}]

[[gating.gate]]
kind = "rectangle"
name = "target"
parent = "cells"
bounds = [{{ axis = "{marker}", min = {least} }}, {{ axis = "scatter", min = 1.0 }}]
"""

#: FCS 3.0 big-endian floats, 2.0 little-endian floats, 2.0 big-endian integers; what their panels look at.
FLOW = {
    "facs_diva_test.fcs": {"marker": "CD20", "scatter": "FSC-A", "time": "Time", "least": "2000.0"},
    "EY_2013-07-19_PBS_FCS_2.0_Custom_Without_Add_Well_A1.001.fcs": {
        "marker": "SSC-A",
        "scatter": "FSC-A",
        "time": "HDR-T",
        "least": "5.0",
    },
    "Sample_Well_A02.fcs": {"marker": "FL1-Height", "scatter": "FSC-H", "time": "Time", "least": "300.0"},
}
TOML = 'id = "REAL"\ncriteria = "jabbour2023"\nprobes = "probes.toml"\ncutoffs = "cutoffs.toml"\n'
PROBES = (
    '[probe.BA]\ngene = "CRLF2"\nkind = "break_apart"\nred = "3prime"\ngreen = "5prime"\nsource = "test"\n'
)
CUTOFF = '[[cutoff]]\nprobe = "BA"\nclass = "{}"\nmethod = "given"\npercent = 5.0\nn = 200\nsource = "test"\n'
BASELINE = {"visit": "baseline", "collected_on": "2024-01-02", "role": "diagnosis"}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Write the study; its files are copies, so that a test may damage them."""
    folder = tmp_path / "study"
    (folder / "files").mkdir(parents=True)
    rows = [_calibration(folder), _tracking(folder), _variants(folder)]
    rows += [_tube(folder, f"S{number}", name, number) for number, name in enumerate(FLOW, start=1)]
    subjects = [{"subject_id": f"S{number}", "treatment_start": "2024-01-08"} for number in (1, 2, 3)]
    write_study(
        folder,
        TOML,
        subjects=subjects,
        manifest=rows,
        assessments=[_assessment(subject["subject_id"]) for subject in subjects],
        events=[{"subject_id": "S1", "date": "2024-01-08", "event": "course_start", "detail": "1"}],
        fish_counts=[_fish("F1", "2F", "120"), _fish("F1", "1F1R1G", "80")],
        karyotypes=[
            {"subject_id": "S1", "visit": "baseline", "specimen_id": "K1", "karyotype": "46,XX[20]"},
        ],
    )
    (folder / "probes.toml").write_text(PROBES, encoding="utf-8")
    cutoffs = "".join(CUTOFF.format(name) for name in ("split", "del5", "del3", "gain", "loss"))
    (folder / "cutoffs.toml").write_text(cutoffs, encoding="utf-8")
    return folder


def _copied(folder: Path, source: str, name: str) -> str:
    shutil.copyfile(real(source), folder / "files" / name)
    return f"files/{name}"


def _calibration(folder: Path) -> dict[str, str]:
    path = _copied(folder, "ngs/seanno-vdj/A_BCell_ID.tsv", "id.tsv")
    return {**file_row(path, assay="ngs_mrd"), **BASELINE}


def _tracking(folder: Path) -> dict[str, str]:
    return file_row(_copied(folder, "ngs/seanno-vdj/A_BCell_MRD.tsv", "mrd.tsv"), assay="ngs_mrd")


def _variants(folder: Path) -> dict[str, str]:
    path = _copied(folder, "tp53/caller_vcfs/ngs-bits/panel_vep.vcf", "tp53.vcf")
    return {**file_row(path, assay="tp53"), **BASELINE}


def _tube(folder: Path, subject: str, name: str, number: int) -> dict[str, str]:
    panel = f"panel{number}.toml"
    (folder / panel).write_text(PANEL.format(**FLOW[name]), encoding="utf-8")
    path = _copied(folder, f"flow/fcs_zoo/{name}", f"tube{number}.fcs")
    return file_row(path, subject_id=subject, panel=panel)


def _assessment(subject: str) -> dict[str, str]:
    return {
        "subject_id": subject,
        "visit": "course 1",
        "course": "1",
        "marrow_date": "2024-02-05",
        "blasts_percent": "2",
        "marrow_evaluable": "Y",
        "cbc_date": "2024-02-05",
        "anc": "1.4",
        "anc_unit": "10^9/L",
        "platelets": "150",
        "platelets_unit": "10^9/L",
        "extramedullary": "N",
    }


def _fish(specimen: str, pattern: str, count: str) -> dict[str, str]:
    return {
        "specimen_id": specimen,
        "subject_id": "S1",
        "visit": "baseline",
        "probe_id": "BA",
        "reader": "R1",
        "pattern": pattern,
        "count": count,
    }


def mrdkit(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mrdkit", *(str(each) for each in arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def run(study: Path, out: Path) -> tuple[int, dict[str, Any]]:
    finished = mrdkit("run", study, "-o", out, "--workers", 2, "--json")
    assert finished.returncode in (0, 4), finished.stderr
    document: dict[str, Any] = json.loads(finished.stdout)
    assert document == json.loads((out / "run.json").read_text(encoding="utf-8"))
    return finished.returncode, document


def outputs(out: Path) -> dict[str, bytes]:
    paths = [out / "results.sqlite", *(out / "tables").iterdir(), *(out / "reports").iterdir()]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(paths)}


def test_a_real_study_runs_and_runs_again_without_changing_a_byte(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert mrdkit("check", study).returncode == 0
    code, document = run(study, out)
    assert [file["error"] for file in document["files"]] == [None] * 8
    assert code == 0
    flow = pl.read_parquet(out / "tables" / "mrd_flow.parquet")
    assert flow["n_denominator"].to_list()[0] == 83_411, "every event of facs_diva_test.fcs has FSC-A above 1"
    assert set(flow["state"]) == {"positive"}
    (tracked,) = pl.read_parquet(out / "tables" / "mrd_ngs.parquet").to_dicts()
    assert tracked["cells"] == pytest.approx(1_045_767.05), "the vendor's own count of cells"
    results = pl.read_parquet(out / "tables" / "results.parquet")
    targets = results.filter(pl.col("analyte").str.starts_with("target:"))
    assert sorted(targets["numerator"]) == [182, 285, 292], "templates of the vendor's three Dx sequences"
    fish = pl.read_parquet(out / "tables" / "fish_crlf2.parquet")
    assert fish["call"].to_list() == ["rearranged_split"]
    variants = pl.read_parquet(out / "tables" / "tp53_variant.parquet")
    assert set(variants["status"]) == {"mutated"}
    responses = pl.read_parquet(out / "tables" / "response_timepoint.parquet")
    assert responses["response"].to_list() == ["CR", "CR", "CR"]
    reports = {path.name for path in (out / "reports").glob("*.html")}
    assert reports == {"cohort.html", "patient_S1.html", "patient_S2.html", "patient_S3.html"}
    assert [len(record.calls) for record in read_records(out / "results.sqlite")] == [5, 1, 1]
    before = outputs(out)
    code, again = run(study, out)
    assert code == 0
    assert {file["status"] for file in again["files"]} == {"skipped"}
    assert outputs(out) == before


def test_a_killed_run_resumes_to_the_same_bytes(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "mrdkit", "run", str(study), "-o", str(out), "--workers", "1"],
        stdout=subprocess.DEVNULL,
    )
    wal = out / "ledger.sqlite-wal"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if wal.exists() and wal.stat().st_size > 30_000:
            break
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (out / "run.json").exists()
    code, document = run(study, out)
    assert code == 0
    assert {file["status"] for file in document["files"]} == {"skipped", "done"}
    run(study, tmp_path / "whole")
    assert outputs(out) == outputs(tmp_path / "whole")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def _halve(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _cut_last_row(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _cut_compressed(path: Path) -> None:
    packed = gzip.compress(path.read_bytes(), mtime=0)
    path.write_bytes(packed[: len(packed) // 2])


@pytest.mark.parametrize(
    ("name", "damage", "also_fail"),
    [
        ("tube1.fcs", _cut, 0),
        ("tube1.fcs", _halve, 0),
        ("mrd.tsv", _cut_last_row, 0),
        ("id.tsv", _cut_last_row, 1),  # what is tracked by it cannot be called either
        ("tp53.vcf", _cut_compressed, 0),
    ],
)
def test_a_damaged_file_fails_alone_with_place_and_reason(
    study: Path, tmp_path: Path, name: str, damage: Callable[[Path], None], also_fail: int
) -> None:
    damage(study / "files" / name)
    out = tmp_path / "out"
    code, document = run(study, out)
    assert code == 4
    failed = [file for file in document["files"] if file["status"] == "failed"]
    assert len(failed) == 1 + also_fail
    own = next(file for file in failed if file["path"] == f"files/{name}")
    assert own["error"].startswith(f"files/{name}")
    assert len(own["error"]) > len(f"files/{name}: ") + 10
    assert own["code"]
    assert str(tmp_path) not in json.dumps(document), "no path of this machine is a result"
    assert {file["status"] for file in document["files"] if file not in failed} == {"done"}
    page = (out / "reports" / f"patient_{own['subject_id']}.html").read_text(encoding="utf-8")
    assert own["code"] in page
    assert not list(out.rglob(".*")), "nothing is left half-written"


def test_a_refused_fish_specimen_stays_alone(study: Path, tmp_path: Path) -> None:
    counts = study / "fish_counts.csv"
    counts.write_text(counts.read_text(encoding="utf-8").replace(",80", ",-80"), encoding="utf-8")
    code, document = run(study, tmp_path / "out")
    assert code == 4
    (failed,) = [file for file in document["files"] if file["status"] == "failed"]
    assert (failed["path"], failed["assay"]) == ("fish_counts.csv", "fish")
    assert "row 3" in failed["error"]


def test_a_text_that_is_no_karyotype_is_not_evaluable(study: Path, tmp_path: Path) -> None:
    table = study / "karyotypes.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("46,XX[20]", "see scan"), encoding="utf-8")
    code, document = run(study, tmp_path / "out")
    assert code == 4
    assert document["summary"]["failed"] == 0
    assert document["summary"]["not_evaluable"] == 1
