"""A cBioPortal study folder: clinical data of patients and samples, time lines, mutations of TP53.

Source: cBioPortal file formats. Every patient and sample has a pseudonym; days stand in place of dates.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mrdkit.export.cbioportal_clinical import (
    PATIENT_ATTRIBUTES,
    SAMPLE_ATTRIBUTES,
    TIMELINES,
    Attribute,
    patient_values,
    sample_values,
    timeline_rows,
)
from mrdkit.export.cbioportal_mutations import MAF_COLUMNS, is_sequenced, mutation_rows
from mrdkit.export.cbioportal_samples import samples_of
from mrdkit.export.cbioportal_terms import Identifiers, cell, study_name, terms
from mrdkit.export.values import Note
from mrdkit.files import write_text
from mrdkit.patient.records import PatientRecord
from mrdkit.results import Tp53Call

__all__ = ["write_cbioportal"]

#: Loaded into a portal once, before the study: without it every other gene would pass for wild type.
GENE_PANEL = "gene_panel_tp53.txt"


@dataclass(slots=True)
class _Study:
    """The rows of every table, as they are gathered."""

    patients: list[dict[str, object]] = field(default_factory=list)
    samples: list[dict[str, object]] = field(default_factory=list)
    timelines: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    mutations: list[dict[str, object]] = field(default_factory=list)
    sequenced: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def write_cbioportal(
    folder: Path, study_id: str, records: Sequence[PatientRecord]
) -> tuple[tuple[Path, ...], tuple[Note, ...]]:
    """Write the study folder; return the files and what could not be written as it was.

    Raises:
        InputError: two identifiers would become one.
    """
    study = _gathered(records)
    texts = {**_clinical(study_id, study), **_timelines(study_id, study), **_mutations(study_id, study)}
    for name, text in texts.items():
        write_text(folder / name, text)
    for stale in (*folder.glob("*.txt"), *folder.glob("case_lists/*.txt")):
        if stale.relative_to(folder).as_posix() not in texts and stale.name in _OPTIONAL:
            stale.unlink()
    return tuple(folder / name for name in texts), tuple(study.notes)


def _gathered(records: Sequence[PatientRecord]) -> _Study:
    study, patients, samples = _Study(), Identifiers(), Identifiers()
    for record in sorted(records, key=lambda each: each.subject.subject_id):
        patient = patients.of(record.subject.subject_id)
        study.patients.append(patient_values(record, patient, study.notes))
        for sample in samples_of(record):
            name = samples.of(f"{record.subject.subject_id}-{sample.name}")
            values = sample_values(record, patient, sample, name)
            study.samples.append({**values, "CANCER_TYPE": terms().cancer_type})
            _add_tp53(study, record.subject.subject_id, sample.tp53, name)
        for kind, row in timeline_rows(record, patient):
            study.timelines.setdefault(kind, []).append(row)
    return study


def _add_tp53(study: _Study, subject_id: str, calls: Sequence[Tp53Call], sample: str) -> None:
    """List a sample as sequenced where its rows say all that is known of it."""
    if not is_sequenced(calls):
        return
    rows = mutation_rows(calls, sample)
    if not rows and any(call.status == "mutated" for call in calls):
        message = f"{sample} is mutated, and no change has exact bases: it is not listed as sequenced"
        study.notes.append(
            Note(place="cases_sequenced", subject_id=subject_id, code="NO_EXACT_CHANGE", message=message)
        )
        return
    study.sequenced.append(sample)
    study.mutations += rows


def _clinical(study_id: str, study: _Study) -> dict[str, str]:
    identifier = study_name(study_id)
    meta = {
        "type_of_cancer": terms().type_of_cancer,
        "cancer_study_identifier": identifier,
        "name": study_id,
        "description": f"Results of study {study_id}",
        "reference_genome": "hg38",
        "add_global_case_list": "true",
    }
    return {
        "meta_study.txt": _meta(meta),
        "meta_clinical_patient.txt": _clinical_meta(identifier, "PATIENT_ATTRIBUTES", "patient"),
        "data_clinical_patient.txt": _attribute_table(PATIENT_ATTRIBUTES, study.patients),
        "meta_clinical_sample.txt": _clinical_meta(identifier, "SAMPLE_ATTRIBUTES", "sample"),
        "data_clinical_sample.txt": _attribute_table(SAMPLE_ATTRIBUTES, study.samples),
    }


def _timelines(study_id: str, study: _Study) -> dict[str, str]:
    texts: dict[str, str] = {}
    for kind, columns in TIMELINES.items():
        if rows := study.timelines.get(kind):
            meta = _clinical_meta(study_name(study_id), "TIMELINE", f"timeline_{kind}", prefix="")
            texts[f"meta_timeline_{kind}.txt"] = meta
            ordered = sorted(rows, key=lambda row: (str(row["PATIENT_ID"]), row["START_DATE"]))
            texts[f"data_timeline_{kind}.txt"] = _table(columns, ordered)
    return texts


def _mutations(study_id: str, study: _Study) -> dict[str, str]:
    if not study.sequenced:
        return {}
    identifier = study_name(study_id)
    meta = {
        "cancer_study_identifier": identifier,
        "genetic_alteration_type": "MUTATION_EXTENDED",
        "datatype": "MAF",
        "stable_id": "mutations",
        "show_profile_in_analysis_tab": "true",
        "profile_name": "Mutations of TP53",
        "profile_description": "TP53 changes that count by the policy of the study; no other gene was read",
        "variant_classification_filter": terms().never_written,
        "data_filename": "data_mutations.txt",
    }
    matrix = {
        "cancer_study_identifier": identifier,
        "genetic_alteration_type": "GENE_PANEL_MATRIX",
        "datatype": "GENE_PANEL_MATRIX",
        "data_filename": "data_gene_panel_matrix.txt",
    }
    panel = {
        "stable_id": terms().gene_panel,
        "description": "TP53 as read by mrdkit; no other gene",
        "gene_list": "TP53",
    }
    cases = {
        "cancer_study_identifier": identifier,
        "stable_id": f"{identifier}_sequenced",
        "case_list_name": "Samples with a TP53 result",
        "case_list_description": f"Samples called mutated or wild type ({len(study.sequenced)} samples)",
        "case_list_category": "all_cases_with_mutation_data",
        "case_list_ids": "\t".join(study.sequenced),
    }
    return {
        "meta_mutations.txt": _meta(meta),
        "data_mutations.txt": _table(MAF_COLUMNS, study.mutations),
        "case_lists/cases_sequenced.txt": _meta(cases),
        "meta_gene_panel_matrix.txt": _meta(matrix),
        "data_gene_panel_matrix.txt": _table(
            ("SAMPLE_ID", "mutations"),
            ({"SAMPLE_ID": sample, "mutations": terms().gene_panel} for sample in study.sequenced),
        ),
        GENE_PANEL: _meta(panel),
    }


#: Files that a folder has only where the study has something for them.
_OPTIONAL = frozenset(
    {
        *(f"{form}_timeline_{kind}.txt" for form in ("meta", "data") for kind in TIMELINES),
        "meta_mutations.txt",
        "data_mutations.txt",
        "cases_sequenced.txt",
        "meta_gene_panel_matrix.txt",
        "data_gene_panel_matrix.txt",
        GENE_PANEL,
    }
)


def _clinical_meta(identifier: str, datatype: str, name: str, prefix: str = "clinical_") -> str:
    return _meta(
        {
            "cancer_study_identifier": identifier,
            "genetic_alteration_type": "CLINICAL",
            "datatype": datatype,
            "data_filename": f"data_{prefix}{name}.txt",
        }
    )


def _meta(values: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in values.items())


def _attribute_table(attributes: Sequence[Attribute], rows: Iterable[Mapping[str, object]]) -> str:
    """Return a table with the four comment lines of clinical data: label, description, type, priority."""
    heads = (
        [each.label for each in attributes],
        [each.label for each in attributes],
        [each.kind for each in attributes],
        ["1"] * len(attributes),
    )
    comments = "".join("#" + "\t".join(line) + "\n" for line in heads)
    return comments + _table([each.name for each in attributes], rows)


def _table(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    lines = ["\t".join(columns), *("\t".join(cell(row.get(name)) for name in columns) for row in rows)]
    return "\n".join(lines) + "\n"
