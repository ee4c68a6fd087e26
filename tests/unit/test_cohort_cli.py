"""`mrdkit cohort` as laboratories call it: a study's folder or a run's output in, one document out."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.cohort import endpoint_ids
from mrdkit.errors import InputError, UsageError

SUBJECTS = "subject_id,sex,age,treatment_start,arm,salvage,cr1_duration_months,prior_sct,sos_date\n"
ASSESSMENTS = (
    "subject_id,visit,course,marrow_date,blasts_percent,marrow_evaluable,cbc_date,anc,anc_unit,platelets,"
    "platelets_unit,extramedullary,pb_blasts_percent,cellularity_percent,growth_factor,"
    "platelet_transfusion_date\n"
)
ENDPOINT = "endpoint group n denominator percent value unit ci_low ci_high p_value method".split()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Eight patients of two arms, one dead early; no laboratory file."""
    (tmp_path / "study.toml").write_text('id = "trial"\n')
    subjects, assessments, events = SUBJECTS, ASSESSMENTS, "subject_id,date,event,detail\n"
    for n in range(8):
        subjects += f"S{n},F,{40 + n * n},2020-01-01,{'ab'[n % 2]},1,,,{'2020-03-01' if n == 3 else ''}\n"
        events += f"S{n},2020-01-01,course_start,\n"
        if n:
            assessments += f"S{n},C1,1,2020-01-28,2,Y,2020-01-28,2,,150,,N,,,,\n"
            events += f"S{n},{2020 + n}-06-01,{'death' if n % 3 else 'last_contact'},\n"
    events += "S0,2020-01-16,death,\nS2,2020-04-01,sct,\nS4,2020-04-05,sct,\n"
    (tmp_path / "subjects.csv").write_text(subjects)
    (tmp_path / "assessments.csv").write_text(assessments)
    (tmp_path / "events.csv").write_text(events)
    return tmp_path


def asked(*arguments: str, code: int = 0) -> Any:
    done = CliRunner().invoke(app, ["cohort", *arguments, "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def test_every_endpoint_stands_once_with_its_fields(study: Path) -> None:
    found = asked("summarize", str(study))
    assert [row["endpoint"] for row in found["endpoints"]] == list(endpoint_ids())
    for row in found["endpoints"]:
        assert set(ENDPOINT) <= set(row)
        assert row["group"] is None
    response = found["endpoints"][0]
    assert (response["n"], response["denominator"], response["percent"]) == (7, 8, 87.5)


def test_by_gives_one_row_per_group_and_the_p_value(study: Path) -> None:
    found = [
        row
        for row in asked("summarize", str(study), "--by", "arm")["endpoints"]
        if row["endpoint"] == "os_36m"
    ]
    assert [(row["group"], row["denominator"]) for row in found] == [("a", 4), ("b", 4)]
    assert found[0]["p_value"] == found[1]["p_value"] is not None


def test_landmark_gives_exposed_and_unexposed(study: Path) -> None:
    found = asked("summarize", str(study), "--landmark", "sct:122")["endpoints"]
    rows = [(row["group"], row["denominator"]) for row in found if row["endpoint"] == "os_36m"]
    assert rows == [("exposed", 2), ("unexposed", 5)]


def test_a_run_answers_as_its_study(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    CliRunner().invoke(app, ["run", str(study), "-o", str(out)])
    from_run, from_study = (asked("summarize", str(path)) for path in (out, study))
    assert from_run["endpoints"] == from_study["endpoints"]
    assert (out / "reports" / "os.svg").read_text().startswith("<svg")
    assert "at risk" in (out / "reports" / "cohort.html").read_text()


def test_rows_of_nobody_and_contradicting_dates_are_named(study: Path) -> None:
    with (study / "events.csv").open("a") as file:
        file.write("S9,2020-02-01,death,\nS1,2024-01-01,sct,\nS2,someday,death,\n")
    found = asked("summarize", str(study), code=4)
    assert {failure["error"] for failure in found["failures"]} == {
        "SUBJECT_UNKNOWN",
        "DATE_ORDER",
        "DATE_INVALID",
    }
    os = next(row for row in found["endpoints"] if row["endpoint"] == "os_36m")
    assert (os["denominator"], os["flags"]) == (6, ["PATIENTS_LEFT_OUT"])


def test_other_analyses(study: Path, tmp_path: Path) -> None:
    terms = asked("cox", str(study), "--covariates", "age", "--time-dependent", "sct")["terms"]
    assert [term["covariate"] for term in terms][:2] == ["age", "sct"]
    assert asked("incidence", str(study), "--column", "sos_date")["n_events"] == 1
    assert asked("match", str(study), "--treated", "arm=a", "--covariates", "age")["treated"] == "a"
    drawn = asked("curves", str(study), "-o", str(tmp_path / "fig"), "--by", "arm")
    assert [Path(each["path"]).name for each in drawn["results"]] == ["os.svg", "rfs.svg"]
    stopping = ["--limit-percent", "30", "--certainty-percent", "90", "--patients", "5"]
    found = asked("stopping", *stopping, "--true-percent", "30")
    assert len(found["boundaries"]) == 5


def test_tables_are_written_by_suffix(study: Path, tmp_path: Path) -> None:
    for name in ("table.csv", "table.json"):
        asked("summarize", str(study), "-o", str(tmp_path / name))
    assert (tmp_path / "table.csv").read_text().startswith("endpoint,group,n,denominator")
    done = CliRunner().invoke(app, ["cohort", "summarize", str(study), "-o", str(tmp_path / "t.xls")])
    assert isinstance(done.exception, UsageError)


def test_a_table_for_people(study: Path) -> None:
    done = CliRunner().invoke(app, ["cohort", "summarize", str(study)])
    assert done.exit_code == 0
    assert "overall_response" in done.stdout


@pytest.mark.parametrize(
    "options", [["--by", "colour"], ["--landmark", "sct"], ["--by", "arm", "--landmark", "sct:1"]]
)
def test_an_unclear_question_is_refused(study: Path, options: list[str]) -> None:
    done = CliRunner().invoke(app, ["cohort", "summarize", str(study), *options])
    assert isinstance(done.exception, UsageError)


def test_a_folder_that_is_neither_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["cohort", "summarize", str(tmp_path)])
    assert isinstance(done.exception, InputError)
