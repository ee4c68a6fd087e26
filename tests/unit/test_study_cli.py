"""The commands on a study: JSON documents, exit codes, and what is printed where."""

import json
from pathlib import Path
from typing import Any

import pytest
from study_folder import file_row, write_study
from tp53_files import R175H, vcf
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import InputError, UsageError
from mrdkit.study import doctor

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


def mrdkit(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def document(text: str) -> Any:
    return json.loads(text)


def test_a_clean_study_has_exit_code_0(tmp_path: Path) -> None:
    code, stdout, _ = mrdkit("check", write_study(tmp_path, assessments=[ASSESSMENT]))
    assert (code, stdout) == (0, "no problems\n")


def test_warnings_have_exit_code_4_and_name_file_row_code_and_subject(tmp_path: Path) -> None:
    study = write_study(tmp_path, manifest=[file_row("missing.fcs")])
    code, stdout, _ = mrdkit("check", study, "--json")
    (problem,) = document(stdout)["problems"]
    assert code == 4
    assert problem["file"] == "manifest.csv"
    assert problem["row"] == 2
    assert problem["code"] == "FILE_MISSING"
    assert problem["subject"] == "S1"
    code, stdout, _ = mrdkit("check", study)
    assert code == 4
    assert "FILE_MISSING" in stdout


def test_an_unusable_study_has_exit_code_3(tmp_path: Path) -> None:
    code, stdout, _ = mrdkit("check", tmp_path, "--json")
    assert code == 3
    assert {problem["severity"] for problem in document(stdout)["problems"]} == {"error"}
    with pytest.raises(InputError) as caught:
        mrdkit("run", tmp_path, "-o", tmp_path / "out")
    assert caught.value.exit_code == 3


def test_a_study_without_files_of_a_laboratory_runs(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study", assessments=[ASSESSMENT])
    code, stdout, stderr = mrdkit("run", study, "-o", tmp_path / "out", "--json")
    assert code == 0
    assert stderr == ""
    found = document(stdout)
    assert found["files"] == []
    assert found["summary"]["calls"] == 1
    assert found == document((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))


def test_a_failed_file_has_exit_code_4_and_is_named_on_stderr(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study", manifest=[file_row("a.fcs")], assessments=[ASSESSMENT])
    (study / "a.fcs").write_text("no FCS", encoding="utf-8")
    code, stdout, stderr = mrdkit("run", study, "-o", tmp_path / "out", "--workers", 1)
    assert code == 4
    assert "a.fcs" in stderr
    assert stdout.splitlines()[0].split()[:5] == ["subjects", "files", "done", "skipped", "failed"]
    assert stdout.splitlines()[1].split()[:5] == ["1", "1", "0", "0", "1"]


def test_an_option_out_of_range_is_a_usage_error(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study", assessments=[ASSESSMENT])
    with pytest.raises(UsageError) as caught:
        mrdkit("run", study, "-o", tmp_path / "out", "--workers", 0)
    assert caught.value.exit_code == 2
    with pytest.raises(UsageError):
        mrdkit("run", study, "-o", tmp_path / "out", "--db", "results.sqlite")


def test_a_demo_study_is_clean(tmp_path: Path) -> None:
    code, stdout, _ = mrdkit("demo", tmp_path / "demo", "--patients", 1, "--seed", 3, "--json")
    assert code == 0
    assert document(stdout) == {"path": str(tmp_path / "demo"), "patients": 1, "seed": 3}
    assert mrdkit("check", tmp_path / "demo")[0] == 0


def test_the_doctor_names_versions_kernels_and_optional_parts() -> None:
    code, stdout, _ = mrdkit("doctor", "--json")
    found = document(stdout)
    kinds = {part["kind"] for part in found["parts"]}
    assert {"python", "mrdkit", "library", "kernel", "reference", "optional"} == kinds
    assert found["sound"] is (code == 0)
    assert {"numpy", "polars", "sqlalchemy"} <= {part["name"] for part in found["parts"]}


def test_a_kernel_that_cannot_be_loaded_makes_the_installation_unsound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "_kernels", lambda: ("no_such_kernel",))
    found = doctor.examine()
    (kernel,) = [part for part in found.parts if part.kind == "kernel"]
    assert (kernel.name, kernel.ok, found.sound) == ("no_such_kernel", False, False)
    assert mrdkit("doctor")[0] == 1


def test_names_of_samples_in_a_vcf_reach_no_output_unless_the_manifest_names_them(tmp_path: Path) -> None:
    names = ["MEIER^HANS", "MEIER^EVA"]
    rows = [file_row(f"{name}.vcf", assay="tp53") for name in ("one", "two", "three")]
    rows[2]["sample"] = "P1"
    study, out = write_study(tmp_path / "study", manifest=rows), tmp_path / "out"
    record = (*R175H, "GT:AD:DP", "0/1:50,50:100")
    (study / "one.vcf").write_text(vcf([record], samples=names[:1]), encoding="utf-8")
    (study / "two.vcf").write_text(vcf([(*record, record[-1])], samples=names), encoding="utf-8")
    (study / "three.vcf").write_text(vcf([record], samples=["P1"]), encoding="utf-8")
    code, stdout, stderr = mrdkit("run", study, "-o", out, "--workers", "1", "--json")
    files = document(stdout)["files"]
    assert (code, [file["code"] for file in files]) == (4, [None, "SAMPLE_AMBIGUOUS", None])
    assert "column sample" in files[1]["error"]
    assert "MEIER" not in stdout + stderr
    assert not [path for path in out.rglob("*") if path.is_file() and b"MEIER" in path.read_bytes()]
    samples = [line.split(",")[6] for line in (out / "tables" / "tp53_variant.csv").read_text().splitlines()]
    assert samples == ["sample", "", "P1"]


def test_a_run_says_what_to_do_next(tmp_path: Path) -> None:
    rows = [{**ASSESSMENT, "subject_id": "S9"}, ASSESSMENT]
    study = write_study(tmp_path / "a study", assessments=rows, manifest=[file_row("missing.fcs")])
    code, _, stderr = mrdkit("run", study, "-o", tmp_path / "out")
    assert code == 4
    assert f"mrdkit check '{study}'" in stderr
    assert "run the same command again" in stderr
