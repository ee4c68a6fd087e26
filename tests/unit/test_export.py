"""The output tables: stable columns, typed, raw text, the same bytes each time, in Parquet as in CSV."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import fake_rooms
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies.calls import calls, value_of

from mrdkit.export import StudyTables, study_frames, write_tables
from mrdkit.export.columns import TABLES
from mrdkit.patient.records import PatientRecord
from mrdkit.result_rows import QueryRow
from mrdkit.results import Call, Tp53Call

NAMES = {
    "mrd_flow",
    "mrd_ngs",
    "fish_crlf2",
    "tp53_variant",
    "karyotype",
    "cbc_marrow",
    "response_timepoint",
    "response_best",
    "mrd_timeline",
    "mrd_trend",
    "mrd_concordance",
    "external_results",
    "results",
    "cohort_summary",
    "time_to_event",
    "queries",
}
QUERY = QueryRow(
    kind="failure",
    file="=cmd()",
    row=2,
    code="BAD",
    subject_id="+1",
    visit="@C1",
    assay="flow_mrd",
    message="-damaged",
)
ENDPOINT = {
    "endpoint": "cr",
    "group": None,
    "n": 6,
    "denominator": 12,
    "percent": 50.0,
    "value": None,
    "unit": None,
    "ci_low": 21.1,
    "ci_high": 78.9,
    "p_value": None,
    "method": "Clopper-Pearson",
}
TABLES_OF_ONE = StudyTables(
    study_id="T1",
    records=(),
    calls=(fake_rooms.FLOW, fake_rooms.KARYOTYPE),
    endpoints=(ENDPOINT,),
    queries=(QUERY,),
)


def test_every_table_is_written_twice_and_empty_ones_have_their_header(tmp_path: Path) -> None:
    write_tables(tmp_path, TABLES_OF_ONE)
    assert {path.name for path in tmp_path.iterdir()} == {
        "README.txt",
        *(f"{name}.csv" for name in NAMES),
        *(f"{name}.parquet" for name in NAMES),
        *(f"{name}.schema.json" for name in NAMES),
    }
    header = (tmp_path / "mrd_ngs.csv").read_text(encoding="utf-8").splitlines()
    assert len(header) == 1
    assert header[0].startswith(
        "study_id,subject_id,visit,specimen_id,collected_on,sample_id,compartment,cells"
    )


def test_cells_are_typed_dates_are_iso_and_lists_are_joined(tmp_path: Path) -> None:
    write_tables(tmp_path, TABLES_OF_ONE)
    (row,) = pl.read_parquet(tmp_path / "mrd_flow.parquet").to_dicts()
    assert row["collected_on"] == date(2024, 3, 31)
    assert (row["n_target"], row["fraction"], row["detected"]) == (120, 3e-4, True)
    assert row["status_1e-4"] == "positive"
    assert row["inputs"] == "fcs:" + "ab" * 32
    assert row["rules"] == "panel-x@1"
    text = (tmp_path / "mrd_flow.csv").read_text(encoding="utf-8")
    assert "2024-03-31" in text
    assert ",120,400000," in text, "counts are whole numbers"


def test_text_cells_stay_raw_and_the_folder_says_so(tmp_path: Path) -> None:
    write_tables(tmp_path, TABLES_OF_ONE)
    text = (tmp_path / "queries.csv").read_text(encoding="utf-8")
    assert "T1,failure,=cmd(),2,BAD,+1,@C1,flow_mrd,-damaged" in text
    assert "raw" in (tmp_path / "README.txt").read_text(encoding="utf-8")


def test_a_spreadsheet_shows_what_it_would_run(tmp_path: Path) -> None:
    write_tables(tmp_path, TABLES_OF_ONE, spreadsheet=True)
    text = (tmp_path / "spreadsheet" / "queries.csv").read_text(encoding="utf-8-sig")
    assert "T1,failure,'=cmd(),2,BAD,'+1,'@C1,flow_mrd,'-damaged" in text
    numbers = (tmp_path / "spreadsheet" / "cohort_summary.csv").read_text(encoding="utf-8-sig")
    assert ",50.0," in numbers


def test_a_sample_without_variants_has_a_row_of_its_own() -> None:
    call = Tp53Call(
        specimen=fake_rooms.FLOW.specimen,
        build="GRCh38",
        build_evidence="contigs",
        sample="T",
        status="indeterminate",
        n_counted=0,
        max_vaf=None,
        allelic_state=None,
        allelic_evidence=None,
        policy="default",
        variants=(),
        flags=("COVERAGE_MISSING",),
        reasons=("No evidence of depth.",),
        evidence=fake_rooms.EVIDENCE,
    )
    (row,) = study_frames(replace(TABLES_OF_ONE, calls=(call,)))["tp53_variant"].to_dicts()
    assert (row["status"], row["key"], row["counted"]) == ("indeterminate", None, None)


def test_the_same_study_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_tables(tmp_path / name, TABLES_OF_ONE)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


@settings(max_examples=25)
@given(st.lists(calls(), max_size=4).map(tuple), st.lists(value_of(PatientRecord), max_size=1).map(tuple))
def test_every_call_fits_its_table(made: tuple[Call, ...], records: tuple[PatientRecord, ...]) -> None:
    frames = study_frames(replace(TABLES_OF_ONE, calls=made, records=records))
    assert frames.keys() == NAMES
    for name, frame in frames.items():
        assert frame.columns == [column.name for column in TABLES[name]]
    assert frames["response_best"].height == len(records)
    assert frames["results"].height >= len(made)
    assert frames["mrd_timeline"].height == sum(len(record.mrd) for record in records)
    assert frames["external_results"].height == sum(len(record.external) for record in records)
