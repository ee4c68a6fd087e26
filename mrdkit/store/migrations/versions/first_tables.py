"""The first tables, their guards and the view of what is valid now. Revision 0001, 2026."""

from collections.abc import Mapping
from typing import Any

from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, PrimaryKeyConstraint

from mrdkit.store import column_types
from mrdkit.store.guards import CURRENT_VIEW, guard

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0001"
down_revision = None

_VERSIONED = (
    "version >= 1",
    "action IN ('create', 'amend', 'delete')",
    "(version = 1) = (action = 'create')",
)
_REASONED = "action = 'create' OR length(trim(coalesce(reason, ''))) > 0"

_TABLES = (
    "audit",
    "results_studies",
    "results_batches",
    "results_calls",
    "results_courses",
    "results_events",
    "results_queries",
    "results_records",
    "results_specimens",
    "results_subjects",
    "results_assay_runs",
    "results_figures",
    "results",
    "results_assessments",
)


def upgrade() -> None:
    """Make everything. There is no way back: what was recorded stays."""
    _table(
        "audit",
        "number:Whole! batch:Whole! at:Words who:Words! action:Words! table_name:Words! row_key:Document! "
        "old:Document new:Document reason:Words tool:Words! row_hash:Words! previous_hash:Words! hash:Words!",
        key="number",
    )
    _table(
        "results_studies",
        "study_id:Words!",
        key="study_id",
    )
    _table(
        "results_batches",
        "number:Whole! study_id:Words! contents_hash:Words! software_version:Words! store_version:Whole! "
        "results_version:Whole! settings:Document!",
        key="number",
        references={
            "study_id": "results_studies.study_id",
        },
    )
    _table(
        "results_calls",
        "call_id:Words! assay:Words! document:Document! batch:Whole!",
        key="call_id",
        references={
            "batch": "results_batches.number",
        },
    )
    _table(
        "results_courses",
        "course_key:Words! version:Whole! action:Words! reason:Words content_hash:Words! batch:Whole! "
        "study_id:Words! subject_id:Words! number:Whole! started_on:Day detail:Words",
        key="course_key version",
        checks=(*_VERSIONED, _REASONED),
        references={
            "batch": "results_batches.number",
            "study_id": "results_studies.study_id",
        },
    )
    _table(
        "results_events",
        "event_key:Words! version:Whole! action:Words! reason:Words content_hash:Words! batch:Whole! "
        "study_id:Words! subject_id:Words! event:Words! number:Whole! date:Day detail:Words",
        key="event_key version",
        checks=(*_VERSIONED, _REASONED),
        references={
            "batch": "results_batches.number",
            "study_id": "results_studies.study_id",
        },
    )
    _table(
        "results_queries",
        "batch:Whole! number:Whole! kind:Words! file:Words row:Whole code:Words! subject_id:Words "
        "visit:Words assay:Words message:Words!",
        key="batch number",
        references={
            "batch": "results_batches.number",
        },
    )
    _table(
        "results_records",
        "record_key:Words! version:Whole! action:Words! reason:Words content_hash:Words! batch:Whole! "
        "study_id:Words! subject_id:Words! best_response:Words best_response_visit:Words record:Document",
        key="record_key version",
        checks=_VERSIONED,
        references={
            "batch": "results_batches.number",
            "study_id": "results_studies.study_id",
        },
    )
    _table(
        "results_specimens",
        "specimen_key:Words! parent_key:Words study_id:Words! subject_id:Words visit:Words specimen_id:Words "
        "collected_on:Day specimen_type:Words batch:Whole!",
        key="specimen_key",
        references={
            "parent_key": "results_specimens.specimen_key",
            "study_id": "results_studies.study_id",
            "batch": "results_batches.number",
        },
    )
    _table(
        "results_subjects",
        "subject_key:Words! version:Whole! action:Words! reason:Words content_hash:Words! batch:Whole! "
        "study_id:Words! subject_id:Words! sex:Words age:Number treatment_start:Day arm:Words salvage:Words "
        "cr1_duration_months:Number prior_sct:Words extra:Document",
        key="subject_key version",
        checks=(*_VERSIONED, _REASONED),
        references={
            "batch": "results_batches.number",
            "study_id": "results_studies.study_id",
        },
    )
    _table(
        "results_assay_runs",
        "assay_run_key:Words! version:Whole! action:Words! reason:Words content_hash:Words! batch:Whole! "
        "study_id:Words! subject_id:Words visit:Words specimen_id:Words assay:Words! method:Words role:Words "
        "replicate:Words occurrence:Whole! specimen_key:Words call_id:Words instrument:Words inputs:Document "
        "rules:Document software_version:Words",
        key="assay_run_key version",
        checks=_VERSIONED,
        references={
            "batch": "results_batches.number",
            "study_id": "results_studies.study_id",
            "specimen_key": "results_specimens.specimen_key",
            "call_id": "results_calls.call_id",
        },
    )
    _table(
        "results_figures",
        "figure_id:Words! call_id:Words! specimen_id:Words! input_sha256:Words! section:Words! name:Words! "
        "title:Words! caption:Words! png:Bytes! batch:Whole!",
        key="figure_id",
        references={
            "call_id": "results_calls.call_id",
            "batch": "results_batches.number",
        },
    )
    _table(
        "results",
        "result_id:Words! version:Whole! action:Words! reason:Words content_hash:Words! batch:Whole! "
        "assay_run_key:Words! assay_run_version:Whole! specimen_key:Words! study_id:Words! role:Words "
        "replicate:Words occurrence:Whole! subject_id:Words visit:Words specimen_id:Words collected_on:Day "
        "assay:Words! analyte:Words! method:Words result:Words value:Number unit:Words ci_low:Number "
        "ci_high:Number lob:Number lod:Number loq:Number numerator:Whole denominator:Number "
        "denominator_name:Words detected:Truth quantifiable:Truth flags:Document reasons:Document "
        "inputs:Document rules:Document software_version:Words",
        key="result_id version",
        checks=(*_VERSIONED, _REASONED),
        references={
            "batch": "results_batches.number",
            "assay_run_key assay_run_version": "results_assay_runs.assay_run_key results_assay_runs.version",
            "specimen_key": "results_specimens.specimen_key",
            "study_id": "results_studies.study_id",
        },
    )
    _table(
        "results_assessments",
        "assessment_key:Words! version:Whole! action:Words! reason:Words content_hash:Words! batch:Whole! "
        "study_id:Words! subject_id:Words! visit:Words! criteria:Words result_id:Words! result_version:Whole "
        "response:Words responder:Words inputs:Document",
        key="assessment_key version",
        checks=_VERSIONED,
        references={
            "batch": "results_batches.number",
            "study_id": "results_studies.study_id",
            "result_id result_version": "results.result_id results.version",
        },
    )
    op.create_index("results_by_study", "results", ["study_id", "subject_id"])
    op.execute(CURRENT_VIEW)
    guard(op.get_bind(), _TABLES)


def _table(
    name: str,
    columns: str,
    *,
    key: str,
    checks: tuple[str, ...] = (),
    references: Mapping[str, str] | None = None,
) -> None:
    op.create_table(
        name,
        *map(_column, columns.split()),
        PrimaryKeyConstraint(*key.split()),
        *map(CheckConstraint, checks),
        *(ForeignKeyConstraint(own.split(), other.split()) for own, other in (references or {}).items()),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _column(text: str) -> Column[Any]:
    """Return a column from `name:Type`, with `!` behind it where it may not be empty."""
    name, kind = text.removesuffix("!").split(":")
    return Column(name, getattr(column_types, kind)(), nullable=not text.endswith("!"))
