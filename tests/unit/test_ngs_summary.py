"""Sponsor summaries: what a map may say, damaged deliveries, and the way into a study."""

import csv
import gzip
import io
import json
import re
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from summary_files import COLUMNS, MAP, delivered, line, one_row, text
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import InputError, MrdkitError, RuleError
from mrdkit.ngs.summary import read_summary
from mrdkit.ngs.summary_map import read_summary_map
from mrdkit.ngs.summary_results import RESULT_COLUMNS
from mrdkit.patient.mrd_ngs import ngs_of_external
from mrdkit.patient.records import ExternalResult
from mrdkit.patient.tables import read_external_results

OPTIONS = 'source = "a test"'
ROW = (
    "row subject_id sample_id visit collected_on specimen_type mrd_per_million screening_per_million cells "
    "status as_delivered collapsed collapse_rule detected flags reasons"
)


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["ngs", "import-summary", *map(str, arguments)])


def with_option(option: str) -> str:
    return MAP.replace(OPTIONS, f"{OPTIONS}\n{option}")


def test_a_row_is_read_whole(tmp_path: Path) -> None:
    cells = {
        "PerMillion": "3.5",
        "Cells": "3e6",
        "Drawn": "2024-03-31",
        "Kind": "bone marrow",
        "Screen": "120000",
    }
    row = one_row(tmp_path, **cells, S6="Positive")
    assert (row.subject_id, row.sample_id, row.visit, row.specimen_type) == ("P1", "S1", "C1", "bone marrow")
    assert (row.mrd_per_million, row.cells, row.screening_per_million) == (3.5, 3e6, 120_000.0)
    assert (row.collected_on, row.detected, row.flags) == (date(2024, 3, 31), True, ())
    assert row.as_delivered["per_million"] == "3.5"


def test_a_column_that_the_delivery_lacks_is_null(tmp_path: Path) -> None:
    without = MAP.replace('"1e-4" = "S4"\n', "").replace('cells = "Cells"\n', "")
    row = one_row(tmp_path, without)
    assert (row.status["1e-4"], row.as_delivered["1e-4"], row.cells) == (None, None, None)
    assert row.status["1e-5"] == "negative"


@pytest.mark.parametrize(
    ("option", "cell", "day"),
    [
        ("", "2024-03-31", date(2024, 3, 31)),
        ("", "31/03/2024", None),
        ('date_format = "%d%b%Y"', "31MAR2024", date(2024, 3, 31)),
        ('date_format = "%m/%d/%Y"', "03/31/2024", date(2024, 3, 31)),
        ('date_format = "%m/%d/%Y"', "31/03/2024", None),
    ],
)
def test_dates_are_read_in_one_format(option: str, cell: str, day: date | None, tmp_path: Path) -> None:
    row = one_row(tmp_path, with_option(option), Drawn=cell)
    assert row.collected_on == day
    assert ("DATE_INVALID" in row.flags) == (day is None)


def test_a_decimal_comma_is_a_matter_of_the_map(tmp_path: Path) -> None:
    comma = with_option('decimal_mark = ","')
    rows = text([line(PerMillion="0,5", S6="Indeterminate")], mark=";")
    (row,) = delivered(tmp_path, rows, comma).summary.rows
    assert row.mrd_per_million == 0.5
    assert one_row(tmp_path, comma, PerMillion="0.5").mrd_per_million is None


def test_visits_may_be_renamed(tmp_path: Path) -> None:
    row = one_row(tmp_path, MAP + '\n[visits]\nScreening = "baseline"\n', Visit="Screening")
    assert (row.visit, row.as_delivered["visit"]) == ("baseline", "Screening")


@pytest.mark.parametrize(
    ("rows", "flags"),
    [
        ([line(), line(PerMillion=0)], [["DUPLICATE_DIFFERS", "REVIEW"]] * 2),
        ([line(PerMillion=0), line(PerMillion=0)], [[], ["DUPLICATE_ROW"]]),
        ([line(), line(Sample="S2")], [[], []]),
        ([line(), line(Visit="C2")], [[], []]),
        ([line(), line(Subj="P2")], [["SAMPLE_OF_TWO_SUBJECTS", "REVIEW"]] * 2),
        ([line(Screen=5), line(Sample="S2", Screen=6)], [["SCREENING_DIFFERS", "REVIEW"]] * 2),
        ([line(Screen=5), line(Sample="S2", Screen="")], [[], []]),
        ([line(Sample=""), line(Sample="", Kind="blood")], [[], []]),
        ([line(Sample=""), line(Sample="", PerMillion=0)], [["DUPLICATE_DIFFERS", "REVIEW"]] * 2),
    ],
)
def test_rows_side_by_side(rows: list[dict[str, str]], flags: list[list[str]], tmp_path: Path) -> None:
    summary = delivered(tmp_path, text(rows)).summary
    assert [list(row.flags) for row in summary.rows] == flags


@pytest.mark.parametrize("cells", [{"Subj": ""}, {"Visit": " "}])
def test_a_row_of_nobody_is_refused_and_the_others_are_read(cells: dict[str, str], tmp_path: Path) -> None:
    read = delivered(tmp_path, text([line(**cells), line()]))
    assert [error.code for error in read.refused] == ["CELL_EMPTY"]
    assert [row.row for row in read.summary.rows] == [3]
    assert read.summary.n_rows == 2


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("[words]", "[word]"), "RULE_INVALID"),
        (('"1e-4" = "S4"', '"1e-3" = "S4"'), "RULE_INVALID"),
        (('subject = "Subj"', ""), "RULE_INVALID"),
        (('visit = "Visit"', 'visit = "Subj"'), "RULE_INVALID"),
        (('"Pos", "detected"', '"Pos", "Negative"'), "RULE_INVALID"),
        (('"Pos", "detected"', '"Pos", "QNS"'), "RULE_INVALID"),
        (('positive = ["Pos"', 'postive = ["Pos"'), "RULE_INVALID"),
        ((OPTIONS, f'{OPTIONS}\ndate_format = "%d/%m"'), "RULE_INVALID"),
        ((OPTIONS, f'{OPTIONS}\ndate_format = "DD.MM.YYYY"'), "RULE_INVALID"),
        ((OPTIONS, f'{OPTIONS}\ncollapse = "none_such"'), "RULE_UNKNOWN"),
        ((OPTIONS, f'{OPTIONS}\nmissing = ["negative"]'), "RULE_INVALID"),
        ((OPTIONS + "\n", ""), "RULE_INVALID"),
        (('specimen_type = "Kind"', 'specimen_type = "Patient Name"'), "IDENTIFYING_COLUMN"),
        (('cells = "Cells"', 'cells = "DateOfBirth"'), "IDENTIFYING_COLUMN"),
        (('subject = "Subj"', 'subject = "MRN"'), "IDENTIFYING_COLUMN"),
        (('subject = "Subj"', 'subject = "Medical Record #"'), "IDENTIFYING_COLUMN"),
    ],
)
def test_a_map_is_read_exactly(change: tuple[str, str], found: str, tmp_path: Path) -> None:
    assert change[0] in MAP
    with pytest.raises(RuleError) as caught:
        delivered(tmp_path, text([line()]), MAP.replace(*change))
    assert caught.value.code == found


def test_a_map_without_results_is_refused(tmp_path: Path) -> None:
    nothing = MAP[: MAP.index("[status]")].replace('per_million = "PerMillion"\n', "")
    with pytest.raises(RuleError, match="neither"):
        delivered(tmp_path, text([line()]), nothing)


def test_a_collapse_rule_needs_its_thresholds(tmp_path: Path) -> None:
    lacking = with_option('collapse = "either_threshold"').replace('"1e-5" = "S5"\n', "")
    with pytest.raises(RuleError) as caught:
        delivered(tmp_path, text([line()]), lacking)
    assert caught.value.code == "COLLAPSE_INCOMPLETE"


def test_a_study_may_bring_its_own_collapse_rule(tmp_path: Path) -> None:
    rule = tmp_path / "own.toml"
    rule.write_text(
        'id = "only_1e-4"\nversion = "1"\nsource = "a test"\nneeds = ["1e-4"]\n'
        '[[case]]\nwhen = { "1e-4" = "negative" }\nresult = "negative"\n'
    )
    row = one_row(tmp_path, with_option(f"collapse = '{rule}'"))
    assert (row.collapsed, row.collapse_rule) == ("negative", "only_1e-4")
    rule.write_text(rule.read_text().replace('needs = ["1e-4"]', 'needs = ["1e-5"]'))
    with pytest.raises(RuleError, match="needs does not name 1e-4"):
        one_row(tmp_path, with_option(f"collapse = '{rule}'"))


@pytest.mark.parametrize(
    "column", ["SampleName", "CustomerSubjectId", "CustomerTimepoint", "Patient", "Subject ID"]
)
def test_ordinary_columns_identify_nobody(column: str, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(MAP.replace('"Subj"', f'"{column}"'))
    assert column in read_summary_map(tmp_path / "map.toml").column_names()


def test_the_map_of_the_documentation_is_sound(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "import-a-sponsor-summary.md"
    (shown,) = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "map.toml").write_text(shown, encoding="utf-8")
    assert read_summary_map(tmp_path / "map.toml").visits == {"Screening": "baseline"}


def test_the_shipped_map_is_sound() -> None:
    assert read_summary_map("clonoseq_trial").status == {"1e-5": "Mrd1E5", "1e-6": "Mrd1E6"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "TABLE_EMPTY"),
        ("Subj,Sample\nP1,S1\n", "COLUMN_MISSING"),
        (text([line()]).replace("P1,S1", "P1"), "ROW_LENGTH"),
        (text([line()], ("Subj", *COLUMNS)), "COLUMN_REPEATED"),
        (text([line()]).replace("P1", '"P1'), "TABLE_INVALID"),
        (text([line()], mark="|"), "COLUMN_MISSING"),
        ("\x1f\x8b\x08\x00", "TABLE_NOT_TEXT"),
    ],
)
def test_damaged_deliveries_are_named(content: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        delivered(tmp_path, content)
    assert caught.value.code == code


def test_a_gzip_file_that_is_cut_off_is_named(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(MAP)
    path = tmp_path / "d.csv.gz"
    path.write_bytes(gzip.compress(text([line()]).encode())[:-12])
    with pytest.raises(InputError) as caught:
        read_summary(path, read_summary_map(tmp_path / "map.toml"))
    assert caught.value.code == "GZIP_DAMAGED"


WRITTEN = [
    line(PerMillion="0", Cells="3e6", Drawn="2024-03-31", S6="Negative"),
    line(Sample="S2", Visit="C2", PerMillion="12.5", S5="Positive", S6="Positive", Kind='bone "marrow"'),
]


@given(
    order=st.permutations(COLUMNS),
    mark=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    packed=st.booleans(),
    quoted=st.booleans(),
)
def test_how_a_delivery_is_written_changes_nothing(
    *, order: list[str], mark: str, end: str, bom: bool, packed: bool, quoted: bool, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("written")
    (folder / "map.toml").write_text(MAP)
    buffer = io.StringIO()
    style: Literal[0, 1] = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.DictWriter(buffer, order, restval="", delimiter=mark, lineterminator=end, quoting=style)
    writer.writeheader()
    writer.writerows(WRITTEN)
    content = buffer.getvalue().encode("utf-8-sig" if bom else "utf-8")
    (folder / "d").write_bytes(gzip.compress(content) if packed else content)
    rows = read_summary(folder / "d", read_summary_map(folder / "map.toml")).summary.rows
    assert [(row.row, row.mrd_per_million, row.flags) for row in rows] == [(2, 0.0, ()), (3, 12.5, ())]
    assert [row.specimen_type for row in rows] == [None, 'bone "marrow"']


def test_the_command_answers_in_one_document(tmp_path: Path) -> None:
    delivered(tmp_path, text([line(), line(Sample="S2", Subj="")]))
    done = run(tmp_path / "delivery.csv", "--map", tmp_path / "map.toml", "--json")
    document = json.loads(done.stdout)
    (result,) = document["results"]
    assert done.exit_code == 4
    assert {"path", "sha256", "map", "collapse", "n_rows", "rows", "flags", "reasons"} <= set(result)
    assert set(ROW.split()) == set(result["rows"][0])
    assert result["rows"][0]["status"] == dict.fromkeys(("1e-4", "1e-5", "1e-6"), "negative")
    assert document["failures"][0]["error"] == "CELL_EMPTY"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (text([line()]), 0),
        (text([line(S6="Indeterminate")]), 0),
        (text([line(S6="")]), 4),
        (text([line(S6="?")]), 4),
        (text([line(PerMillion=50)]), 4),
        (text([]), 0),
        ("Subj\n", 3),
    ],
)
def test_exit_codes(content: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "d.csv").write_text(content)
    assert run(tmp_path / "d.csv", "--map", tmp_path / "map.toml").exit_code == code


def test_one_bad_delivery_stops_no_other(tmp_path: Path) -> None:
    delivered(tmp_path, text([line()]))
    done = run(tmp_path / "none.csv", tmp_path / "delivery.csv", "--map", tmp_path / "map.toml", "--json")
    document = json.loads(done.stdout)
    assert (done.exit_code, len(document["results"])) == (4, 1)
    assert document["failures"][0]["error"] == "FILE_MISSING"


def test_a_refused_map_gives_no_result(tmp_path: Path) -> None:
    delivered(tmp_path, text([line()]))
    (tmp_path / "map.toml").write_text(MAP + "unknown = 1\n")
    done = run(tmp_path / "delivery.csv", "--map", tmp_path / "map.toml", "-o", tmp_path / "r.csv")
    assert isinstance(done.exception, MrdkitError)
    assert done.exception.exit_code == 3
    assert not (tmp_path / "r.csv").exists()


@pytest.mark.parametrize(
    ("name", "code"), [("r.xlsx", "SUFFIX_UNKNOWN"), ("delivery.csv", "OUTPUT_IS_INPUT")]
)
def test_an_output_that_cannot_be_is_refused(name: str, code: str, tmp_path: Path) -> None:
    delivered(tmp_path, text([line()]))
    before = (tmp_path / "delivery.csv").read_bytes()
    done = run(tmp_path / "delivery.csv", "--map", tmp_path / "map.toml", "-o", tmp_path / name)
    assert isinstance(done.exception, MrdkitError)
    assert (done.exception.code, done.exception.exit_code) == (code, 2)
    assert (tmp_path / "delivery.csv").read_bytes() == before


def test_the_results_are_what_a_study_reads(tmp_path: Path) -> None:
    rows = [
        line(PerMillion=0, Cells=2_000_000, Drawn="2024-03-31", S6="Indeterminate"),
        line(PerMillion=0, Cells=2_000_000, Drawn="2024-03-31", S6="Indeterminate"),
        line(Sample="S2", Visit="C2", PerMillion="12.5", S5="Positive", S6="Positive"),
        line(Sample="S3", Visit="C3", S6="weird"),
        line(Sample="S4", Visit="C4", PerMillion="<1"),
        line(Sample="S5", Visit="C5", Drawn="31.3.24"),
    ]
    delivered(tmp_path, text(rows))
    run(tmp_path / "delivery.csv", "--map", tmp_path / "map.toml", "-o", tmp_path / "external_results.csv")
    assert {field.name for field in fields(ExternalResult)} <= set(RESULT_COLUMNS)
    read = read_external_results(tmp_path / "external_results.csv")
    assert [row.visit for row in read.rows] == ["C1", "C2", "C3"]
    assert [error.error.code for error in read.errors] == ["NUMBER_INVALID", "DATE_INVALID"]
    first, second, third = (ngs_of_external(row) for row in read.rows)
    assert dict(first.status) == {"1e-4": "negative", "1e-5": "negative", "1e-6": "indeterminate"}
    assert dict(second.status) == {"1e-4": "negative", "1e-5": "positive", "1e-6": "positive"}
    assert second.measurement.fraction == pytest.approx(12.5e-6)
    assert third.status["1e-6"] == "not_evaluable"
    assert "STATUS_UNKNOWN" in {finding.flag for finding in third.findings}


def test_results_as_parquet_have_types(tmp_path: Path) -> None:
    rows = [line(PerMillion=0.1, Cells=3e6, Drawn="2024-03-31"), line(Sample="S2", PerMillion="<1")]
    delivered(tmp_path, text(rows))
    done = run(tmp_path / "delivery.csv", "--map", tmp_path / "map.toml", "-o", tmp_path / "r.parquet")
    assert done.exit_code == 4
    table = pl.read_parquet(tmp_path / "r.parquet")
    assert tuple(table.columns) == RESULT_COLUMNS
    assert table["value"].to_list() == [0.1, None]
    assert table["collected_on"].to_list() == [date(2024, 3, 31), None]
    assert table["detected"].to_list() == [True, None]
    assert "COUNT_INVALID" in table["flags"][1]


def test_the_same_delivery_gives_the_same_bytes(tmp_path: Path) -> None:
    delivered(tmp_path, text(WRITTEN))
    for name in ("a.csv", "b.csv", "a.parquet", "b.parquet"):
        run(tmp_path / "delivery.csv", "--map", tmp_path / "map.toml", "-o", tmp_path / name)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_no_other_column_leaves_the_delivery(tmp_path: Path) -> None:
    columns = (*COLUMNS, "PatientName")
    delivered(tmp_path, text([line(PatientName="Erika Muster", S6="")], columns))
    done = run(
        tmp_path / "delivery.csv", "--map", tmp_path / "map.toml", "--json", "-o", tmp_path / "results.csv"
    )
    assert "Muster" not in done.output + (tmp_path / "results.csv").read_text()
