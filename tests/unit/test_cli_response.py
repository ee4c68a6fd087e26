"""The response commands: JSON, exit codes, tables beside the assessments."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mrdkit.patient.criteria import read_criteria
from mrdkit.patient.folder import classify_folder

COLUMNS = (
    *(
        "subject_id",
        "visit",
        "course",
        "marrow_date",
        "blasts_percent",
        "marrow_evaluable",
        "cbc_date",
        "anc",
    ),
    *(
        "anc_unit",
        "platelets",
        "platelets_unit",
        "extramedullary",
        "pb_blasts_percent",
        "cellularity_percent",
    ),
    *("growth_factor", "platelet_transfusion_date"),
)
FIELDS = {
    *("subject_id", "visit", "response", "responder", "cytogenetic_response", "mrd_flow", "mrd_ngs"),
    *("mrd_combined", "flags", "reasons", "criteria"),
}
REMISSION = {
    "visit": "C1",
    "course": "1",
    "marrow_date": "2020-01-22",
    "blasts_percent": "2",
    "marrow_evaluable": "Y",
    "cbc_date": "2020-01-22",
    "anc": "1.5",
    "platelets": "150",
    "extramedullary": "N",
    "pb_blasts_percent": "0",
}


def write(folder: Path, *rows: dict[str, str]) -> Path:
    lines = [",".join(COLUMNS), *(",".join(row.get(name, "") for name in COLUMNS) for row in rows)]
    path = folder / "assessments.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def row(subject: str, **cells: str) -> dict[str, str]:
    return {**REMISSION, "subject_id": subject, **cells}


def run(*arguments: object) -> tuple[int, Any, str]:
    done = subprocess.run(
        [sys.executable, "-m", "mrdkit", "response", *(str(each) for each in arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


def test_profiles_are_listed() -> None:
    code, document, _ = run("criteria", "--json")
    assert code == 0
    assert [one["criteria"] for one in document["criteria"]] == [
        *("blina_crh", "cibmtr", "eln2024", "inovate", "jabbour2023", "nccn")
    ]


def test_a_profile_is_printed_clause_by_clause() -> None:
    code, document, _ = run("criteria", "JABBOUR2023", "--json")
    assert (code, document["criteria"], document["version"]) == (0, "jabbour2023", "1.0.0")
    rules = {(one["part"], one["asked"]): one["rule"] for one in document["clauses"]}
    assert rules["remission", "marrow blasts"] == "at most 5 %"
    assert rules["CRp (responder Y)", "neutrophils"] == "more than 1 x 10^9/L"
    assert rules["relapse", "marrow blasts"] == "more than 5 %"
    assert rules["windows", "cbc within days"] == "7"
    assert all(one["clause"] for one in document["clauses"])


def test_the_printed_table_of_a_profile_says_each_clause_once() -> None:
    done = subprocess.run(  # our own command
        [sys.executable, "-m", "mrdkit", "response", "criteria", "eln2024"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("eln2024 1.0.0: European LeukemiaNet 2024")
    assert done.stdout.count("CR: neutrophils above 1 and platelets above 100.") == 1
    assert "at least 5 %, at most 25 %" in done.stdout


def test_a_profile_that_is_not_shipped_cannot_be_printed() -> None:
    code, _, errors = run("criteria", "eln1999")
    assert code == 2
    assert "one of blina_crh" in errors


def test_a_lone_table_is_answered_in_its_order(tmp_path: Path) -> None:
    path = write(
        tmp_path, row("S2", platelets="60"), row("S1", anc=""), row("S2", visit="C2", platelets="150")
    )
    code, document, _ = run("classify", path, "--criteria", "JABBOUR2023", "--json")
    assert code == 0
    found = [(one["subject_id"], one["visit"], one["response"]) for one in document["results"]]
    assert found == [("S2", "C1", "CRp"), ("S1", "C1", "CR_OR_CRi"), ("S2", "C2", "CR")]
    assert all(set(one) >= FIELDS for one in document["results"])
    assert document["results"][0]["criteria"] == "jabbour2023"
    assert document["results"][0]["mrd_ngs"] == dict.fromkeys(("1e-4", "1e-5", "1e-6"), "not_tested")
    assert document["failures"] == []


def test_a_contradicting_row_is_an_error_and_the_others_are_answered(tmp_path: Path) -> None:
    path = write(tmp_path, row("S1", blasts_percent="-1"), row("S2"), row("S3", marrow_date="22.01.2020"))
    code, document, _ = run("classify", path, "--json")
    assert code == 4
    assert [one["response"] for one in document["results"]] == ["ERROR", "CR", "ERROR"]
    assert (
        "marrow_date: '22.01.2020' is not an ISO 8601 date such as 2024-03-31."
        in (document["results"][2]["reasons"])
    )


def test_tables_beside_it_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, row("S1", platelets="60"), row("S2", blasts_percent="", anc="", platelets=""))
    (tmp_path / "events.csv").write_text(
        "subject_id,date,event,detail\nS1,2020-01-01,course_start,\nS1,2020-02-05,course_start,\n"
        "S2,2020-01-15,death,\nS1,2020-03-05,party,\nS3,2020-02-01,death,\n",
        encoding="utf-8",
    )
    (tmp_path / "blood_counts.csv").write_text(
        "subject_id,date,anc,anc_unit,platelets,platelets_unit,pb_blasts_percent\nS2,2020-02-03,2,,150,,0\n",
        encoding="utf-8",
    )
    (tmp_path / "subjects.csv").write_text(
        "subject_id,sex,age,treatment_start,arm,salvage,cr1_duration_months,prior_sct\n"
        "S1,F,40,2020-01-01,A,1,,N\nS2,F,40,2020-01-01,A,1,,N\nS3,F,40,2020-01-20,A,1,,N\n",
        encoding="utf-8",
    )
    (tmp_path / "external_results.csv").write_text(
        "subject_id,visit,specimen_id,collected_on,assay,status,value,unit,numerator,denominator,lod,source\n"
        "S1,C1,,,flow_mrd,,,,0,500000,4e-5,lab\n",
        encoding="utf-8",
    )
    code, document, errors = run("classify", path, "--json")
    first, second, third = document["results"]
    assert code == 4
    assert (first["response"], first["mrd_flow"], first["mrd_combined"]) == ("CRp", "negative", "negative")
    assert {"INPUT_INCOMPLETE", "REVIEW"} <= set(first["flags"])
    assert (third["subject_id"], third["response"], third["responder"]) == ("S3", "NE", "N")
    assert "EARLY_DEATH" in third["flags"]
    assert second["response"] == "ERROR"
    assert [one["error"] for one in document["failures"]] == ["EVENT_UNKNOWN", "DATE_ORDER"]
    assert "S2: Contradicting dates: blood count of 2020-02-03 after death (2020-01-15)." in errors
    assert "row 5, column event" in errors


def test_an_early_death_is_no_responder(tmp_path: Path) -> None:
    path = write(tmp_path, row("S1", blasts_percent="", marrow_date="", anc="", platelets=""))
    (tmp_path / "events.csv").write_text(
        "subject_id,date,event,detail\nS1,2020-01-01,course_start,\nS1,2020-01-15,death,\n", encoding="utf-8"
    )
    code, document, _ = run("classify", path, "--json")
    assert code == 4
    assert (document["results"][0]["response"], document["results"][0]["responder"]) == ("NE", "N")


def test_results_of_nobody_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, row("S1"))
    (tmp_path / "subjects.csv").write_text(
        "subject_id,sex,age,treatment_start,arm,salvage,cr1_duration_months,prior_sct\nS1,F,40,,,,,\n",
        encoding="utf-8",
    )
    (tmp_path / "karyotypes.csv").write_text(
        'subject_id,visit,specimen_id,collected_on,karyotype\ns1,C1,,,"46,XX[20]"\n', encoding="utf-8"
    )
    found = classify_folder(path, read_criteria("jabbour2023"))
    assert [one.response for one in found.responses] == ["CR"]
    assert [(one.code, Path(one.file).name) for one in found.failures] == [
        ("SUBJECT_UNKNOWN", "karyotypes.csv")
    ]


def test_an_early_death_after_the_baseline_has_an_answer(tmp_path: Path) -> None:
    baseline = {"visit": "baseline", "course": "0", "marrow_date": "2019-12-30", "blasts_percent": "80"}
    path = write(tmp_path, row("S1", **baseline), row("S2", **baseline))
    (tmp_path / "events.csv").write_text(
        "subject_id,date,event,detail\nS1,2020-01-01,course_start,\nS1,2020-01-15,death,\n"
        "S2,2020-01-01,course_start,\n",
        encoding="utf-8",
    )
    found = classify_folder(path, read_criteria("jabbour2023")).responses
    assert [(one.subject_id, one.visit, one.responder) for one in found] == [
        ("S1", "baseline", "NE"),
        ("S2", "baseline", "NE"),
        ("S1", "", "N"),
    ]
    assert found[2].flags == ("EARLY_DEATH", "NO_ASSESSMENT")


ABNORMAL, UNREAD = "46,XX,t(4;11)(q21;q23)[18]/46,XX[2]", "46,XX,foo(3)[18]/46,XX[2]"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((ABNORMAL, "46,XX[20]"), "46,XX[20]", "CCyR"),
        ((ABNORMAL, ""), "46,XX[20]", "CCyR"),
        (("", " "), "46,XX[20]", "not_applicable"),
        (("46,XX[20]", ""), "46,XX[20]", "not_applicable"),
        ((ABNORMAL, ""), "", "not_evaluable"),
        ((UNREAD, "46,XX[20]"), "46,XX[20]", "not_evaluable"),
        (("46,XX[20]", "46,XX[10]"), "46,XX[20]", "not_applicable"),
        ((ABNORMAL, "47,XX,+8[10]/46,XX[10]"), "47,XX,+8[1]/46,XX[19]", "no_CCyR"),
        ((ABNORMAL, "47,XX,+8[10]/46,XX[10]"), "46,XX[20]", "CCyR"),
    ],
)
def test_every_karyotype_before_treatment_speaks(
    before: tuple[str, str], after: str, expected: str, tmp_path: Path
) -> None:
    path = write(tmp_path, row("S1"))
    rows = [f'S1,baseline,K{number},,"{text}"' for number, text in enumerate(before)]
    lines = ["subject_id,visit,specimen_id,collected_on,karyotype", *rows, f'S1,C1,K9,,"{after}"']
    (tmp_path / "karyotypes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = classify_folder(path, read_criteria("jabbour2023"))
    assert found.responses[0].cytogenetic_response == expected


def test_karyotypes_beside_it_are_called(tmp_path: Path) -> None:
    path = write(tmp_path, row("S1"))
    (tmp_path / "karyotypes.csv").write_text(
        "subject_id,visit,specimen_id,collected_on,karyotype\n"
        'S1,baseline,,,"46,XX,t(4;11)(q21;q23)[20]"\nS1,C1,,,"46,XX[20]"\nS1,,,,"46,XX[20]"\n',
        encoding="utf-8",
    )

    found = classify_folder(path, read_criteria("jabbour2023"))
    assert [one.cytogenetic_response for one in found.responses] == ["CCyR"]
    assert [one.code for one in found.failures] == ["CELL_EMPTY"]
    assert "karyotypes" in {one.role for one in found.responses[0].evidence.inputs}


def test_contradicting_events_are_named_with_their_subject(tmp_path: Path) -> None:
    path = write(tmp_path, row("S1"))
    (tmp_path / "events.csv").write_text(
        "subject_id,date,event,detail\nS1,2020-01-01,course_start,\nS1,2019-06-01,sct,\n", encoding="utf-8"
    )
    code, document, _ = run("classify", path, "--json")
    assert code == 4
    assert [one["error"] for one in document["failures"]] == ["DATE_ORDER"]
    assert document["failures"][0]["message"].startswith("S1: ")


@pytest.mark.parametrize(
    ("arguments", "expected", "words"),
    [
        (("--criteria", "eln1999"), 2, "one of blina_crh"),
        (("--criteria", "nothing.toml"), 3, "nothing.toml"),
    ],
)
def test_an_unknown_profile(tmp_path: Path, arguments: tuple[str, ...], expected: int, words: str) -> None:
    code, document, errors = run("classify", write(tmp_path, row("S1")), *arguments)
    assert (code, document) == (expected, None)
    assert words in errors


def test_a_missing_column_refuses_the_table(tmp_path: Path) -> None:
    path = tmp_path / "assessments.csv"
    path.write_text("subject_id,visit\nS1,C1\n", encoding="utf-8")
    code, document, errors = run("classify", path, "--json")
    assert (code, document) == (3, None)
    assert "course" in errors


def test_the_same_tables_elsewhere_give_the_same_bytes(tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        out = tmp_path / name / "out.json"
        run("classify", write(tmp_path / name, row("S1"), row("S2", anc="<1")), "-o", out, "--json")
        found.append(out.read_bytes())
    assert found[0] == found[1]
