"""The REDCap import file obeys its own dictionary, and importing it again erases and mixes up nothing."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from export_examples import RECORDS, external, record_with, response
from hypothesis import HealthCheck, given, settings
from report_examples import RECORD
from strategies.calls import value_of

from mrdkit.errors import InputError
from mrdkit.export import write_redcap
from mrdkit.export.redcap_dictionary import DICTIONARY_COLUMNS, instruments, obeys
from mrdkit.patient.records import PatientRecord

FIELDS = {field.name: field for form in instruments() for field in form.fields}
HEADS = ("record_id", "redcap_repeat_instrument", "redcap_repeat_instance")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def exported(folder: Path, *records: PatientRecord) -> list[dict[str, str]]:
    write_redcap(folder, records or RECORDS)
    return rows_of(folder / "records.csv")


def imported(
    project: Mapping[tuple[str, ...], Mapping[str, str]], rows: list[dict[str, str]]
) -> dict[tuple[str, ...], dict[str, str]]:
    """Import as REDCap does with blank values ignored."""
    result = {key: dict(values) for key, values in project.items()}
    for row in rows:
        stored = result.setdefault(tuple(row[name] for name in HEADS), {})
        stored |= {name: value for name, value in row.items() if value and name not in HEADS}
    return result


def test_every_cell_obeys_the_dictionary(tmp_path: Path) -> None:
    rows = exported(tmp_path)
    dictionary = rows_of(tmp_path / "data_dictionary.csv")
    assert list(dictionary[0]) == list(DICTIONARY_COLUMNS)
    assert [each["Variable / Field Name"] for each in dictionary] == list(FIELDS)
    assert list(rows[0])[:3] == list(HEADS)
    assert set(rows[0]) - set(HEADS) == set(FIELDS) - {"record_id"}
    for row in rows:
        form = row["redcap_repeat_instrument"] or "subject"
        own = {field.name for each in instruments() if each.name == form for field in each.fields}
        for name in set(FIELDS) - {"record_id"}:
            assert obeys(FIELDS[name], row[name]), (name, row[name])
            assert not row[name] or name in own, "a field stands in the rows of its own instrument"


def test_names_of_fields_are_those_that_redcap_takes() -> None:
    for name, field in FIELDS.items():
        assert name.isidentifier()
        assert name == name.lower()
        assert all(code.replace("_", "").isalnum() for code in field.choices or ())
        assert not field.text or (field.choices is not None and "other" in field.choices)
    assert next(iter(FIELDS)) == "record_id"


@pytest.mark.parametrize("category", ["CR", "CRp", "CRi", "CR_OR_CRp", "a new one"])
def test_a_response_survives_as_text_and_as_a_choice(category: str, tmp_path: Path) -> None:
    (row,) = [
        each
        for each in exported(tmp_path, response(category))
        if each["redcap_repeat_instrument"] == "response"
    ]
    assert row["rs_response_text"] == category
    assert row["rs_response"] == (category if category in ("CR", "CRp", "CRi") else "other")


def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    rows = exported(tmp_path)
    project = imported({}, rows)
    assert imported(project, exported(tmp_path)) == project


def test_a_blank_cell_erases_nothing(tmp_path: Path) -> None:
    project = imported({}, exported(tmp_path))
    fewer = [replace(record, relapse_on=None, events=()) for record in RECORDS]
    after = imported(project, exported(tmp_path, *fewer))
    assert after["P-01", "", ""]["relapse_on"] == "2024-09-01"
    assert after.keys() == project.keys()


def test_what_a_person_typed_elsewhere_is_left_alone(tmp_path: Path) -> None:
    project = imported({}, exported(tmp_path))
    subject, own = ("P-01", "", ""), ("P-01", "home_diary", "1")
    project[subject] |= {"telephone_note": "called", "death_on": "2024-12-24"}
    project[own] = {"diary": "well"}
    after = imported(project, exported(tmp_path))
    assert after[subject]["telephone_note"] == "called"
    assert after[subject]["death_on"] == "2024-12-24", "the study has no death: its cell is blank"
    assert after[own] == {"diary": "well"}


def test_a_value_that_is_gone_is_named_until_it_is_back(tmp_path: Path) -> None:
    found = replace(RECORD.mrd[1], detected=True, fraction=2.3e-3)
    lost = replace(found, detected=None, fraction=None, status={"1e-4": "not_evaluable"})
    names = ("mrd", "1", "mrd_fraction")
    for measured, expected in ((found, []), (lost, [names]), (lost, [names]), (found, [])):
        _, notes = write_redcap(tmp_path, [replace(RECORD, mrd=(measured,))])
        listed = [row for row in rows_of(tmp_path / "withdrawn.csv") if row["field"] == "mrd_fraction"]
        assert [(row["instrument"], row["instance"], row["field"]) for row in listed] == expected
        noted = [note.place for note in notes if note.code == "WITHDRAWN" and note.place == "mrd_fraction"]
        assert noted == [field for *_, field in expected]


def test_a_subject_that_is_gone_is_named(tmp_path: Path) -> None:
    exported(tmp_path)
    exported(tmp_path, *(record for record in RECORDS if record.subject.subject_id != "P-02"))
    assert {row["record_id"] for row in rows_of(tmp_path / "withdrawn.csv")} == {"P-02"}


def test_a_result_keeps_its_number_when_an_earlier_one_is_added(tmp_path: Path) -> None:
    first, second = RECORD.responses[0], replace(RECORD.responses[0], visit="screening", marrow_date=None)
    (before,) = responses(exported(tmp_path, replace(RECORD, responses=(first,))))
    both = responses(exported(tmp_path, replace(RECORD, responses=(second, first))))
    numbers = {row["rs_visit"]: row["redcap_repeat_instance"] for row in both}
    assert numbers == {"course 1": before["redcap_repeat_instance"], "screening": "2"}
    assert [
        row["redcap_repeat_instance"]
        for row in responses(exported(tmp_path, replace(RECORD, responses=(second,))))
    ] == ["2"]


def responses(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in rows if row["redcap_repeat_instrument"] == "response"]


def test_two_results_of_one_question_have_two_numbers(tmp_path: Path) -> None:
    same = external("tp53", "mutated")
    rows = exported(tmp_path, record_with("P-01", calls=(), external=(same, same)))
    numbers = [row["redcap_repeat_instance"] for row in rows if row["gn_gene"]]
    assert numbers == ["1", "2"]


def test_the_same_study_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two", "two"):
        write_redcap(tmp_path / name, tuple(reversed(RECORDS)) if name == "two" else RECORDS)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_the_event_of_a_longitudinal_project(tmp_path: Path) -> None:
    write_redcap(tmp_path, RECORDS, event="study_arm_1")
    rows = rows_of(tmp_path / "records.csv")
    assert list(rows[0])[:2] == ["record_id", "redcap_event_name"]
    assert {row["redcap_event_name"] for row in rows} == {"study_arm_1"}


def test_a_word_without_a_choice_is_noted_and_left_out(tmp_path: Path) -> None:
    call = replace(RECORD.responses[0], mrd_flow="perhaps")
    _, notes = write_redcap(tmp_path, [replace(RECORD, responses=(call,))])
    assert [(note.place, note.code) for note in notes] == [("rs_mrd_flow", "NO_CHOICE")]


@pytest.mark.parametrize("number", ["0", "x", "1"])
def test_damaged_numbers_are_refused(number: str, tmp_path: Path) -> None:
    lines = ["record_id,instrument,key,instance", "P-01,mrd,a,1", f"P-01,mrd,b,{number}"]
    (tmp_path / "instances.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"instances\.csv, row|instances\.csv"):
        write_redcap(tmp_path, RECORDS)
    assert not (tmp_path / "records.csv").exists()


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(record=value_of(PatientRecord))
def test_any_record_obeys_the_dictionary(
    record: PatientRecord, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("redcap")
    for row in exported(folder, replace(record, subject=replace(record.subject, subject_id="S"))):
        assert all(obeys(FIELDS[name], value) for name, value in row.items() if name in FIELDS)
