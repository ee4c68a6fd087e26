"""The cBioPortal folder: what the portal reads, days instead of dates, nobody silently wild type."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from export_examples import RECORDS, record_with, tp53_call, variant
from report_examples import RECORD, measurement

from mrdkit.errors import InputError
from mrdkit.export import write_cbioportal
from mrdkit.export.cbioportal_mutations import mutation_rows
from mrdkit.export.cbioportal_terms import study_name, terms
from mrdkit.patient.records import Event, EventKind, PatientRecord
from mrdkit.tp53.consequence import Term


def table(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    names = lines[0].split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines[1:]]


def meta(path: Path) -> dict[str, str]:
    pairs = (line.partition(": ") for line in path.read_text(encoding="utf-8").splitlines())
    return {name: value for name, _, value in pairs}


def written(folder: Path, *records: PatientRecord) -> Path:
    write_cbioportal(folder, "T-1", records or RECORDS)
    return folder


def test_each_data_file_has_its_meta_file(tmp_path: Path) -> None:
    folder = written(tmp_path)
    assert meta(folder / "meta_study.txt")["add_global_case_list"] == "true"
    for path in folder.glob("data_*.txt"):
        described = meta(folder / path.name.replace("data_", "meta_"))
        assert described["data_filename"] == path.name
        assert described["cancer_study_identifier"] == "t_1"


def test_clinical_tables_have_their_four_comment_lines(tmp_path: Path) -> None:
    for name in ("patient", "sample"):
        lines = (written(tmp_path) / f"data_clinical_{name}.txt").read_text(encoding="utf-8").splitlines()
        assert [line[0] for line in lines[:5]] == ["#", "#", "#", "#", "P"]
        assert {line.count("\t") for line in lines} == {lines[4].count("\t")}
        assert set(lines[2][1:].split("\t")) <= {"STRING", "NUMBER"}


def test_no_attribute_is_one_of_patients_and_of_samples(tmp_path: Path) -> None:
    folder = written(tmp_path)
    patients, samples = (
        table(folder / "data_clinical_patient.txt"),
        table(folder / "data_clinical_sample.txt"),
    )
    assert set(patients[0]) & set(samples[0]) == {"PATIENT_ID"}
    assert {row["PATIENT_ID"] for row in samples} <= {row["PATIENT_ID"] for row in patients}


def test_crp_and_survival(tmp_path: Path) -> None:
    first, second = table(written(tmp_path) / "data_clinical_patient.txt")
    assert (first["BEST_RESPONSE"], first["OS_STATUS"]) == ("CRp", "0:LIVING")
    assert second["OS_STATUS"] == "1:DECEASED"
    days = (date(2024, 5, 1) - date(2024, 1, 8)).days
    assert float(second["OS_MONTHS"]) == pytest.approx(days / 30.4375, abs=1e-4)


def test_a_negative_time_is_left_out_and_noted(tmp_path: Path) -> None:
    event = Event(subject_id="P-01", date=date(2020, 1, 1), kind=EventKind.DEATH, detail="")
    _, notes = write_cbioportal(tmp_path, "T1", [replace(RECORD, events=(event,))])
    (row,) = table(tmp_path / "data_clinical_patient.txt")
    assert (row["OS_STATUS"], row["OS_MONTHS"]) == ("", "")
    assert [(note.place, note.code) for note in notes] == [("OS_MONTHS", "DATE_ORDER")]


def test_files_hold_days_and_no_dates(tmp_path: Path) -> None:
    for path in written(tmp_path).rglob("*.txt"):
        assert "2024-" not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize(
    ("status", "listed"),
    [("mutated", True), ("wild_type", True), ("indeterminate", False), ("not_tested", False)],
)
def test_only_samples_with_an_answer_are_listed_as_sequenced(
    *, status: str, listed: bool, tmp_path: Path
) -> None:
    call = tp53_call(status, *([variant()] if status == "mutated" else []))
    folder = written(tmp_path, replace(RECORD, calls=(call,)))
    assert (folder / "case_lists" / "cases_sequenced.txt").exists() is listed
    if listed:
        assert meta(folder / "case_lists" / "cases_sequenced.txt")["case_list_ids"] == "P-01-S-0"


@pytest.mark.parametrize(
    ("statuses", "listed", "word"),
    [
        (("mutated", "wild_type"), True, "mutated | wild_type"),
        (("wild_type", "mutated"), True, "wild_type | mutated"),
        (("wild_type", "wild_type"), True, "wild_type"),
        (("wild_type", "indeterminate"), False, "wild_type | indeterminate"),
        (("mutated", "mutated"), True, "mutated"),
    ],
)
def test_of_two_calls_of_one_sample_none_hides_the_other(
    *, statuses: tuple[str, str], listed: bool, word: str, tmp_path: Path
) -> None:
    calls = tuple(tp53_call(each, *([variant()] if each == "mutated" else [])) for each in statuses)
    folder = written(tmp_path, replace(RECORD, calls=calls, mrd=()))
    (sample,) = table(folder / "data_clinical_sample.txt")
    assert sample["TP53_SAMPLE"] == word
    assert (folder / "case_lists" / "cases_sequenced.txt").exists() is listed
    if listed:
        assert len(table(folder / "data_mutations.txt")) == ("mutated" in statuses)


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_mrd_results_of_one_sample_the_one_that_found_disease_speaks(
    *, turned: bool, tmp_path: Path
) -> None:
    day = date(2024, 2, 4)
    found = measurement("flow", "course 1", day, fraction=3e-3, detected=True)
    results = (found, measurement("flow", "course 1", day, fraction=None, detected=False))
    folder = written(tmp_path, replace(RECORD, calls=(), mrd=tuple(reversed(results)) if turned else results))
    (sample,) = table(folder / "data_clinical_sample.txt")
    assert (sample["MRD_FLOW_FRACTION"], sample["MRD_FLOW_1E4"]) == ("0.003", "positive")


def test_no_other_gene_passes_for_wild_type(tmp_path: Path) -> None:
    folder = written(tmp_path)
    panel = meta(folder / "gene_panel_tp53.txt")
    assert panel["gene_list"] == "TP53"
    rows = table(folder / "data_gene_panel_matrix.txt")
    assert {row["mutations"] for row in rows} == {panel["stable_id"]}
    listed = meta(folder / "case_lists" / "cases_sequenced.txt")["case_list_ids"].split("\t")
    assert [row["SAMPLE_ID"] for row in rows] == listed


def test_the_portal_leaves_out_no_class_that_is_written(tmp_path: Path) -> None:
    left_out = meta(written(tmp_path) / "meta_mutations.txt")["variant_classification_filter"].split(", ")
    by_length = {name for each in terms().by_length.values() for name in each.values()}
    assert not set(left_out) & (set(terms().classification.values()) | by_length)


def test_a_mutated_sample_without_exact_bases_is_not_listed(tmp_path: Path) -> None:
    call = tp53_call("mutated", variant(key="17-7675088-C-<DEL>", consequence="structural"))
    _, notes = write_cbioportal(tmp_path, "T1", [replace(RECORD, calls=(call,))])
    assert [note.code for note in notes] == ["NO_EXACT_CHANGE"]
    assert not (tmp_path / "data_mutations.txt").exists()


CHANGES = [
    ("17-100-C-T", "missense", "p.(Arg175His)", (100, 100, "C", "T", "SNP", "Missense_Mutation", "p.R175H")),
    (
        "17-100-CC-TT",
        "nonsense",
        "p.(Arg213Ter)",
        (100, 101, "CC", "TT", "DNP", "Nonsense_Mutation", "p.R213*"),
    ),
    (
        "17-100-CAT-C",
        "frameshift",
        "p.(Arg175fsTer5)",
        (101, 102, "AT", "-", "DEL", "Frame_Shift_Del", "p.R175fs*5"),
    ),
    (
        "17-100-C-CA",
        "frameshift",
        "p.(Arg175fsTer5)",
        (100, 101, "-", "A", "INS", "Frame_Shift_Ins", "p.R175fs*5"),
    ),
    (
        "17-100-CATG-C",
        "inframe_indel",
        "p.(Arg175del)",
        (101, 103, "ATG", "-", "DEL", "In_Frame_Del", "p.R175del"),
    ),
    ("17-100-CA-CGGG", "inframe_indel", "p.?", (101, 101, "A", "GGG", "INS", "In_Frame_Ins", "")),
    ("17-100-G-A", "splice_site", "p.?", (100, 100, "G", "A", "SNP", "Splice_Site", "")),
]


@pytest.mark.parametrize(("key", "consequence", "protein", "expected"), CHANGES)
def test_a_change_as_the_portal_names_it(
    key: str, consequence: str, protein: str, expected: tuple[object, ...]
) -> None:
    call = tp53_call("mutated", variant(key=key, consequence=consequence, hgvs_p=protein))
    (row,) = mutation_rows([call], "S")
    names = ("Start_Position", "End_Position", "Reference_Allele", "Tumor_Seq_Allele2", "Variant_Type")
    found = (*(row[name] for name in names), row["Variant_Classification"], row["HGVSp_Short"])
    assert found == expected
    assert (row["NCBI_Build"], row["t_alt_count"], row["t_ref_count"]) == ("GRCh38", 30, 70)


def test_a_variant_that_does_not_count_is_no_mutation() -> None:
    assert mutation_rows([tp53_call("wild_type", variant(counted=False))], "S") == []


def test_every_consequence_has_a_name() -> None:
    named = set(terms().classification) | set(terms().by_length)
    assert named == {*get_args(Term), "structural", "unresolved"}


def test_identifiers_that_would_be_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two identifiers") as caught:
        write_cbioportal(tmp_path / "out", "T1", [record_with("P 1"), record_with("P/1")])
    assert caught.value.code == "IDENTIFIERS_COLLIDE"
    assert not (tmp_path / "out").exists()


def test_the_same_study_gives_the_same_bytes_and_stale_files_go(tmp_path: Path) -> None:
    one = {path.name: path.read_bytes() for path in written(tmp_path, *RECORDS).rglob("*.txt")}
    two = {path.name: path.read_bytes() for path in written(tmp_path, *reversed(RECORDS)).rglob("*.txt")}
    assert one == two
    written(tmp_path, record_with("P-09", calls=(), responses=(), mrd=(), events=()))
    assert not list(tmp_path.rglob("*mutations*"))
    assert not list(tmp_path.rglob("cases_sequenced.txt"))


@pytest.mark.parametrize(("study", "name"), [("MINI-HCVD-INO", "mini_hcvd_ino"), ("\u00e9", "study")])
def test_the_name_of_a_study(study: str, name: str) -> None:
    assert study_name(study) == name
