"""The SDTM folder: valid against the published schema, every coded value a term or a documented extension."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pyreadstat
import pytest
from export_examples import RECORDS, record_with
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from real_data import real, real_rows
from strategies.calls import value_of

from mrdkit.errors import InputError
from mrdkit.export.sdtm import write_sdtm
from mrdkit.export.sdtm.datasets import Dataset
from mrdkit.export.sdtm.model import codelists, domains
from mrdkit.export.sdtm.writing import sdtm_findings
from mrdkit.patient.records import PatientRecord
from mrdkit.results import THRESHOLDS_FLOW, THRESHOLDS_NGS

THRESHOLDS = {"flow": THRESHOLDS_FLOW, "ngs": THRESHOLDS_NGS}
DOMAINS = ("DM", "LB", "MI", "CP", "GF", "RS", "BE", "RELSPEC")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sdtm")
    write_sdtm(path, "T1", RECORDS)
    return path


def documents(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def test_every_domain_is_there_twice_and_the_extensions_are_named(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names >= {f"{name.lower()}.{form}" for name in DOMAINS for form in ("xpt", "json")}
    extensions = (folder / "codelist_extensions.csv").read_text(encoding="utf-8")
    assert "C96785,Oncology Response Assessment Result,CRp,complete remission but for platelets" in extensions


def test_dataset_json_is_valid(folder: Path) -> None:
    schema = json.loads(real("trial/dataset-json-1.1.schema.json").read_text(encoding="utf-8"))
    found = documents(folder)
    assert len(found) >= len(DOMAINS)
    for document in found:
        jsonschema.validate(document, schema)
        assert document["records"] == len(document["rows"])
        assert all(len(row) == len(document["columns"]) for row in document["rows"])


def test_transport_files_read_back_equal_to_dataset_json(folder: Path) -> None:
    for document in documents(folder):
        frame, meta = pyreadstat.read_xport(str(folder / f"{document['name'].lower()}.xpt"))
        assert list(frame.columns) == [column["name"] for column in document["columns"]]
        assert meta.column_labels == [column["label"] for column in document["columns"]]
        read = [[None if cell == "" or pd.isna(cell) else cell for cell in row] for row in frame.to_numpy()]
        assert read == document["rows"], document["name"]


def test_the_same_study_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_sdtm(tmp_path, "T1", tuple(reversed(RECORDS)))
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in folder.iterdir()}
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


def test_the_time_of_creation_is_the_given_one(tmp_path: Path) -> None:
    write_sdtm(tmp_path, "T1", RECORDS, datetime(2024, 2, 29, 12, 0, 0))  # noqa: DTZ001
    document = json.loads((tmp_path / "dm.json").read_text(encoding="utf-8"))
    assert document["datasetJSONCreationDateTime"] == "2024-02-29T12:00:00"
    assert b"29FEB24:12:00:00" in (tmp_path / "dm.xpt").read_bytes()


def coded_values(datasets: tuple[Dataset, ...]) -> set[tuple[str, str]]:
    found = set()
    for dataset in datasets:
        for at, variable in enumerate(dataset.variables):
            if variable.codelist:
                found |= {(variable.codelist, str(row[at])) for row in dataset.rows if row[at] is not None}
    return found


def test_every_coded_value_is_a_published_term_or_a_documented_extension() -> None:
    findings = sdtm_findings("T1", RECORDS)
    published = {(row["codelist_code"], row["submission_value"]) for row in read_terms()}
    covered = {code for code, _ in published}
    extended = {(use.codelist, use.value) for use in findings.extensions}
    documented = {
        (codelist.code, each.value) for codelist in codelists().values() for each in codelist.extensions
    }
    values = coded_values(findings.datasets)
    assert extended <= documented
    assert {value for value in values if value[0] in covered} - published <= extended


def read_terms() -> list[dict[str, str]]:
    real("trial/cdisc_ct_subset.csv")
    return real_rows("trial/cdisc_ct_subset.csv")


def test_shipped_terms_are_the_published_ones() -> None:
    published = {
        (row["codelist_code"], row["submission_value"]): (row["term_code"], row["extensible"])
        for row in read_terms()
    }
    covered = {code for code, _ in published}
    for codelist in codelists().values():
        if codelist.code in covered:
            for term in codelist.terms:
                assert published[codelist.code, term.value] == (term.code, str(codelist.extensible)), term
            assert all((codelist.code, each.value) not in published for each in codelist.extensions)
    assert all(codelist.extensible for codelist in codelists().values() if codelist.extensions)


def test_variables_are_those_of_the_guide_in_its_order() -> None:
    real("trial/sdtmig34_variable_facts.csv")
    facts = real_rows("trial/sdtmig34_variable_facts.csv")
    for name in sorted({row["domain"] for row in facts}):
        of_guide = {row["variable"]: row for row in facts if row["domain"] == name}
        ours = domains()[name].variables
        assert [each.name for each in ours] == [each for each in of_guide if domains()[name].has(each)]
        for variable in ours:
            fact = of_guide[variable.name]
            assert (variable.label, variable.type, variable.core) == (
                fact["label"],
                fact["type"],
                fact["core"],
            )
            assert not variable.codelist or variable.codelist in fact["codelists"].split(";")
        required = {each for each, row in of_guide.items() if row["core"] in ("Req", "Exp")}
        assert required <= {each.name for each in ours}, name


def test_rows_are_numbered_per_subject_and_identify_themselves() -> None:
    for dataset in sdtm_findings("T1", RECORDS).datasets:
        names = [variable.name for variable in dataset.variables]
        keys = [tuple(row[names.index(key)] for key in dataset.keys) for row in dataset.rows]
        assert len(keys) == len(set(keys)), dataset.name
        if f"{dataset.name}SEQ" in names:
            at, subject = names.index(f"{dataset.name}SEQ"), names.index("USUBJID")
            numbers: dict[Any, list[Any]] = {}
            for row in dataset.rows:
                numbers.setdefault(row[subject], []).append(row[at])
            assert all(each == list(range(1, len(each) + 1)) for each in numbers.values())


def test_text_that_is_no_ascii_is_escaped_and_noted() -> None:
    subject = replace(RECORDS[1].subject, arm="Arm \u00b5")
    findings = sdtm_findings("T1", [replace(RECORDS[1], subject=subject)])
    (dm,) = [each for each in findings.datasets if each.name == "DM"]
    assert r"Arm \xb5" in dm.rows[0]
    assert [note.place for note in findings.notes if note.code == "NOT_ASCII"] == ["DM.ARM", "DM.ACTARM"]


@pytest.mark.parametrize("subject_id", ["P-\u00fc1", "P" * 201])
def test_an_identifier_is_never_changed_but_refused(subject_id: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="identifier") as caught:
        write_sdtm(tmp_path / "out", "T1", [record_with(subject_id)])
    assert caught.value.code == "SDTM_IDENTIFIER"
    assert not (tmp_path / "out").exists()


def test_what_the_study_does_not_hold_is_noted() -> None:
    notes = sdtm_findings("T1", RECORDS).notes
    assert {note.place for note in notes if note.code == "REQUIRED_EMPTY"} == {"DM.SITEID", "DM.COUNTRY"}


def test_qualifiers_of_an_earlier_export_are_removed(tmp_path: Path) -> None:
    write_sdtm(tmp_path, "T1", RECORDS)
    assert (tmp_path / "supprs.xpt").exists()
    write_sdtm(tmp_path, "T1", [record_with("P-01", responses=(), calls=(), mrd=())])
    assert not (tmp_path / "supprs.xpt").exists()


ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=6)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(value_of(PatientRecord, ASCII))
def test_any_record_gives_data_sets_whose_text_fits(record: PatientRecord) -> None:
    known = tuple(replace(point, status=dict.fromkeys(THRESHOLDS[point.method], "a")) for point in record.mrd)
    findings = sdtm_findings("T1", [replace(record, mrd=known)])
    assert [each.name for each in findings.datasets if not each.name.startswith("SUPP")] == list(DOMAINS)
    texts = [cell for each in findings.datasets for row in each.rows for cell in row if isinstance(cell, str)]
    assert all(text.isascii() and text.isprintable() and 0 < len(text) <= 200 for text in texts)
