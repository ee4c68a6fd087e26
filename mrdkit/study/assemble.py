"""Where a study meets the patient, cohort and report rooms: all that is made from finished calls."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeAlias

from mrdkit.cohort.methods import methods_paragraph
from mrdkit.cohort.summary import summarize
from mrdkit.patient.criteria import Criteria, read_criteria
from mrdkit.patient.folder import Tables, records_of
from mrdkit.patient.records import PatientRecord
from mrdkit.patient.therapy import targeted_antigens
from mrdkit.report import Figure, multiqc_files, render_cohort, render_patient, survival_figures
from mrdkit.result_rows import QueryRow
from mrdkit.results import Call, InputDigest, Json, as_json
from mrdkit.store import Picture
from mrdkit.study.config import rule_of
from mrdkit.study.load import ASSESSMENTS, BLOOD_COUNTS, EVENTS, EXTERNAL, SUBJECTS, Study
from mrdkit.study.plan_flow import Targeted

__all__ = [
    "Endpoints",
    "check_criteria",
    "cohort_page",
    "cohort_texts",
    "endpoints_of",
    "patient_page",
    "patient_records",
    "targeted_by",
]

#: Rows of the cohort summary, as JSON records.
Endpoints: TypeAlias = tuple[Mapping[str, Json], ...]

_CLINICAL = (SUBJECTS, EVENTS, ASSESSMENTS, BLOOD_COUNTS, EXTERNAL)


def targeted_by(study: Study) -> Targeted:
    """Return what tells the antigens that a subject's earlier therapy was aimed at.

    Where a specimen has no date, every therapy of the subject counts as earlier: that can only make a
    negative answer rarer.
    """

    def targeted(subject_id: str, day: date | None) -> tuple[str, ...]:
        events = [event for event in study.events.rows if event.subject_id == subject_id]
        return tuple(sorted(targeted_antigens(events, day or date.max)))

    return targeted


def check_criteria(study: Study) -> None:
    """Read the study's response criteria.

    Raises:
        RuleError: there is no such profile, or it is not complete and exact.
    """
    _criteria(study)


def patient_records(study: Study, calls: Sequence[Call]) -> tuple[PatientRecord, ...]:
    """Return every subject's record, in the order of subjects.csv.

    Args:
        study: subjects and clinical tables.
        calls: calls of this software.
    """
    inputs = tuple(
        InputDigest(role=name.removesuffix(".csv"), sha256=study.digests[name])
        for name in _CLINICAL
        if name in study.digests
    )
    tables = Tables(
        assessments=study.assessments.rows,
        subjects=study.subjects.rows,
        events=study.events.rows,
        blood_counts=study.blood_counts.rows,
        external=study.external.rows,
        errors=study.row_errors,
        inputs=inputs,
    )
    return records_of(tables, _criteria(study), calls)


def endpoints_of(records: Sequence[PatientRecord]) -> Endpoints:
    """Return the endpoints of the whole cohort."""
    rows = (as_json(row) for row in summarize(records))
    return tuple(row for row in rows if isinstance(row, dict))


def patient_page(study: Study, record: PatientRecord, pictures: Sequence[Picture]) -> str:
    """Return a patient's report as one HTML page."""
    figures = tuple(
        Figure(
            specimen_id=picture.specimen_id,
            input_sha256=picture.input_sha256,
            section=picture.section,
            name=picture.name,
            title=picture.title,
            caption=picture.caption,
            png=picture.png,
        )
        for picture in pictures
    )
    return render_patient(record, figures, study_id=study.config.id, notice=study.config.notice)


def cohort_page(study: Study, records: Sequence[PatientRecord], queries: Sequence[QueryRow]) -> str:
    """Return the cohort's report as one HTML page."""
    return render_cohort(
        summarize(records),
        records,
        queries,
        study_id=study.config.id,
        notice=study.config.notice,
        methods=methods_paragraph(records),
    )


def cohort_texts(records: Sequence[PatientRecord]) -> Mapping[str, str]:
    """Return what stands beside the cohort's page: curves, a methods paragraph, files for MultiQC."""
    curves = {f"{figure.name}.svg": figure.svg for figure in survival_figures(records)}
    return {
        **curves,
        "methods.txt": methods_paragraph(records) + "\n",
        **multiqc_files(summarize(records), records),
    }


def _criteria(study: Study) -> Criteria:
    return read_criteria(rule_of(study.folder, "criteria", study.config.criteria))
