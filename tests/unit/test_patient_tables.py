"""The study's tables: cells as written, refused rows named by file, row and column, the others read."""

from pathlib import Path

import pytest

from mrdkit.errors import InputError
from mrdkit.patient.records import EventKind
from mrdkit.patient.tables import (
    read_assessments,
    read_blood_counts,
    read_events,
    read_external_results,
    read_subjects,
)
from mrdkit.study.specimens import Item, read_karyotype_items

ASSESSMENTS = (
    "subject_id,visit,course,marrow_date,blasts_percent,marrow_evaluable,cbc_date,anc,anc_unit,platelets,"
    "platelets_unit,extramedullary,pb_blasts_percent,cellularity_percent,growth_factor,"
    "platelet_transfusion_date"
)


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_cells_of_an_assessment_stay_as_written(tmp_path: Path) -> None:
    line = "S1,C1,1,2020-01-22,<5,Y,,0-1,,>100,K/uL,N,,,,"
    found = read_assessments(write(tmp_path, "assessments.csv", ASSESSMENTS, line))
    row = found.rows[0]
    assert (row.blasts_percent, row.anc, row.platelets, row.platelets_unit, row.cns) == (
        *("<5", "0-1", ">100", "K/uL"),
        "",
    )
    assert found.errors == ()


def test_a_missing_column_names_file_and_column(tmp_path: Path) -> None:
    header = ASSESSMENTS.replace(",platelets,", ",thrombocytes,")
    with pytest.raises(InputError) as caught:
        read_assessments(write(tmp_path, "assessments.csv", header))
    assert caught.value.code == "COLUMN_MISSING"
    assert caught.value.expected == "platelets"
    assert str(caught.value).startswith(str(tmp_path / "assessments.csv"))


def test_a_bad_event_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "events.csv",
        "subject_id,date,event,detail",
        "S1,2020-01-01,course_start,1",
        "S1,2020-02-01,courze_start,2",
        "S2,2020-02-30,death,",
        "S2,,death,",
        "S3,2020-03-01,Death,",
    )
    found = read_events(path)
    assert [event.kind for event in found.rows] == [EventKind.COURSE_START, EventKind.DEATH]
    assert [(one.subject_id, one.error.code, one.error.place) for one in found.errors] == [
        ("S1", "EVENT_UNKNOWN", "row 3, column event"),
        ("S2", "DATE_INVALID", "row 4, column date"),
        ("S2", "CELL_EMPTY", "row 5, column date"),
    ]
    assert all(str(path) in str(one.error) for one in found.errors)


def test_subjects_keep_their_extra_columns_and_stand_once(tmp_path: Path) -> None:
    header = "subject_id,sex,age,treatment_start,arm,salvage,cr1_duration_months,prior_sct,site"
    path = write(
        tmp_path,
        "subjects.csv",
        header,
        "S1,F,34.5,2020-01-01,A,1,12,N,Houston",
        "S1,F,34.5,2020-01-01,A,1,12,N,Houston",
        "S2,M,old,2020-01-01,A,1,12,N,Houston",
    )
    found = read_subjects(path)
    assert [(one.subject_id, one.age, dict(one.extra)) for one in found.rows] == [
        ("S1", 34.5, {"site": "Houston"})
    ]
    assert [one.error.code for one in found.errors] == ["SUBJECT_REPEATED", "NUMBER_INVALID"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("flow,,,,,,", "ASSAY_UNKNOWN"),
        ("flow_mrd,,,,-1,500000,", "COUNT_INVALID"),
        ("flow_mrd,,,,1.5,500000,", "COUNT_INVALID"),
        ("flow_mrd,,,,20,inf,", "NUMBER_INVALID"),
        ("flow_mrd,,,,20,nan,", "NUMBER_INVALID"),
        ("flow_mrd,,,,20,5_000,", "NUMBER_INVALID"),
        ("flow_mrd,,,,20,500000,<1e-4", "NUMBER_INVALID"),
    ],
)
def test_a_bad_external_result_is_named(tmp_path: Path, cells: str, code: str) -> None:
    path = write(
        tmp_path,
        "external_results.csv",
        "subject_id,visit,specimen_id,collected_on,assay,status,value,unit,numerator,denominator,lod,source",
        f"S1,C1,BM1,2020-01-22,{cells},lab",
        "S1,C2,BM2,2020-02-22,NGS_MRD,Negative,,,0,3e6,1e-6,lab",
    )
    found = read_external_results(path)
    assert [one.error.code for one in found.errors] == [code]
    assert [(row.assay, row.status, row.denominator, row.lod) for row in found.rows] == [
        ("ngs_mrd", "Negative", 3e6, 1e-6)
    ]


def test_serial_counts_keep_their_text(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "blood_counts.csv",
        "subject_id,date,anc,anc_unit,platelets,platelets_unit,pb_blasts_percent",
        "S1,2020-01-22,<0.1,,60,,0",
        "S1,yesterday,1,,60,,0",
    )
    found = read_blood_counts(path)
    assert [(row.anc, row.platelets) for row in found.rows] == [("<0.1", "60")]
    assert [one.error.code for one in found.errors] == ["DATE_INVALID"]


def test_a_karyotype_of_a_study_needs_no_specimen_id(tmp_path: Path) -> None:
    path = tmp_path / "karyotypes.csv"
    path.write_text('subject_id,visit,specimen_id,collected_on,karyotype\nS1,baseline,,,"46,XX[20]"\n')
    (item,) = read_karyotype_items(path, subjects=["S1"])
    assert isinstance(item, Item)
    assert (item.specimen.specimen_id, item.what) == (None, "46,XX[20]")
