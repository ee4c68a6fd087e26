"""A run makes backgrounds before what needs them, once, and makes again only what a changed file concerns."""

from collections.abc import Mapping
from pathlib import Path

import fake_rooms
from flow_studies import blank_rows, diagnosis_row, study_of
from study_folder import file_row

from mrdkit.results import FlowMrdCall
from mrdkit.store import read_records
from mrdkit.study.run import RunReport, run_study

FIXED = [
    {**row, "panel": "b_all_fixed", "path": f"g{row['path']}"}
    for row in (*blank_rows(), file_row("f3.fcs", subject_id="S3"))
]
ROWS = [
    file_row("f1.fcs"),
    file_row("f2.fcs", subject_id="S2"),
    diagnosis_row("dx1.fcs"),
    *blank_rows(21),
    *FIXED,
]


def run(folder: Path, out: Path) -> RunReport:
    return run_study(folder, out, workers=2, analyse=fake_rooms.analyse)


def statuses(report: RunReport) -> Mapping[str, str]:
    return {file.path: file.status for file in report.files}


def codes(report: RunReport) -> Mapping[str, str]:
    return {file.path: file.code for file in report.files if file.code}


def called_against(out: Path) -> Mapping[str, str]:
    """Return what each called file was called against, as the stand-in says it."""
    calls = [call for record in read_records(out / "results.sqlite") for call in record.calls]
    flow = [call for call in calls if isinstance(call, FlowMrdCall)]
    return {f"{call.specimen.specimen_id}": call.reasons[0] for call in flow}


def backgrounds(out: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "backgrounds").iterdir()}


def test_follow_ups_are_called_against_what_was_made_for_them(tmp_path: Path) -> None:
    folder, out = study_of(tmp_path / "study", *ROWS), tmp_path / "out"
    (folder / "n05.fcs").write_text("bad blank", encoding="utf-8")
    report = run(folder, out)
    assert codes(report) == {"n05.fcs": "BAD"}, "the other 20 are enough"
    used = "blanks " + " ".join(row["path"] for row in blank_rows(21) if row["path"] != "n05.fcs")
    fixed = "blanks " + " ".join(row["path"] for row in FIXED[:20])
    assert called_against(out) == {"f1": f"{used} diagnosis dx1.fcs", "f2": used, "f3": fixed}
    assert report.summary.calls == 3, "blanks and diagnosis tubes of such a panel have no call of their own"
    before = backgrounds(out)
    assert sorted(name.rsplit("-", 1)[0] for name in before) == ["b_all_fixed", "b_all_mrd", "b_all_mrd-S1"]

    again = run(folder, out)
    assert set(statuses(again).values()) == {"skipped", "failed"}
    assert backgrounds(out) == before

    next(path for path in (out / "backgrounds").iterdir() if path.name.startswith("b_all_mrd-S1")).unlink()
    redone = statuses(run(folder, out))
    assert [path for path, status in redone.items() if status == "done"] == ["dx1.fcs"]
    assert backgrounds(out) == before

    (folder / "n06.fcs").write_text("ok another marrow", encoding="utf-8")
    redone = statuses(run(folder, out))
    done = {path for path, status in redone.items() if status == "done"}
    assert {"f1.fcs", "f2.fcs", "dx1.fcs", "n06.fcs"} <= done
    assert not done & {row["path"] for row in FIXED}
    assert len(backgrounds(out)) == 3, "the earlier ones are removed"
    assert not backgrounds(out).keys() >= before.keys()


def test_what_cannot_be_made_fails_with_all_that_needs_it_and_nothing_else(tmp_path: Path) -> None:
    rows = [*ROWS, diagnosis_row("dx2.fcs", subject_id="S2")]
    folder, out = study_of(tmp_path / "study", *rows), tmp_path / "out"
    (folder / "dx2.fcs").write_text("bad diagnosis", encoding="utf-8")
    (folder / "gn01.fcs").write_text("bad fixed blank", encoding="utf-8")
    report = run(folder, out)
    assert codes(report) == {"f2.fcs": "BACKGROUND_NOT_MADE", "gn01.fcs": "BAD", "dx2.fcs": "BAD"}
    error = next(file.error for file in report.files if file.path == "f2.fcs")
    assert error == (
        "f2.fcs: the background that it needs was not made: byte 7: the file is damaged; found 7 (BAD)"
    )
    assert called_against(out)["f3"] == "no background"

    for name in ("n01.fcs", "n02.fcs"):
        (folder / name).write_text(f"bad {name}", encoding="utf-8")
    report = run(folder, out)
    assert {path: code for path, code in codes(report).items() if path[0] in "df"} == {
        "f1.fcs": "BLANKS_TOO_FEW",
        "f2.fcs": "BLANKS_TOO_FEW",
        "dx1.fcs": "BLANKS_TOO_FEW",
        "dx2.fcs": "BLANKS_TOO_FEW",
    }
    assert statuses(report)["n03.fcs"] == "done", "a blank that can be used is no failure"

    for name in ("n01.fcs", "n02.fcs", "dx2.fcs"):
        (folder / name).write_text(f"ok {name}", encoding="utf-8")
    assert codes(run(folder, out)) == {"gn01.fcs": "BAD"}


def test_a_killed_process_fails_a_background_by_name_and_it_is_tried_again(tmp_path: Path) -> None:
    folder, out = study_of(tmp_path / "study", *ROWS[:3], *blank_rows()), tmp_path / "out"
    (folder / "n07.fcs").write_text("die", encoding="utf-8")
    failed = codes(run(folder, out))
    assert {failed[path] for path in ("n01.fcs", "n07.fcs")} == {"WORKER_DIED"}
    assert {failed[path] for path in ("dx1.fcs", "f1.fcs", "f2.fcs")} == {"BACKGROUND_NOT_MADE"}
    (folder / "n07.fcs").write_text("ok", encoding="utf-8")
    assert codes(run(folder, out)) == {}
