"""The tables of the results database; docs/schema/store-v1.md says what each column means.

Rows are only ever added. A row of a versioned table is one version of what its key names: a changed value
is the next version, a deletion is a version without values (a tombstone). What nothing may change later (a
specimen, a call, a picture) is keyed by the digest of its content instead.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Table,
)

from mrdkit.store.column_types import Bytes, Day, Document, Number, Truth, Whole, Words

__all__ = [
    "STORE_VERSION",
    "assay_runs",
    "assessments",
    "audit",
    "batches",
    "calls",
    "courses",
    "events",
    "figures",
    "metadata",
    "queries",
    "records",
    "results",
    "specimens",
    "studies",
    "subjects",
]

#: Version of these tables; stands in each row of results_batches.
STORE_VERSION = 1

metadata = MetaData()

_OPTIONS: Any = {"sqlite_strict": True, "sqlite_with_rowid": False}


def _text(name: str, *, null: bool = True) -> Column[str]:
    return Column(name, Words, nullable=null)


def _batch() -> Column[int]:
    return Column("batch", ForeignKey("results_batches.number"), nullable=False)


def _of_study() -> Column[str]:
    return Column("study_id", ForeignKey("results_studies.study_id"), nullable=False)


def _versioned(key: str) -> Iterator[Column[Any] | CheckConstraint]:
    """Yield what every versioned table begins with; without a reason there is no second version."""
    yield Column(key, Words, primary_key=True)
    yield Column("version", Whole, primary_key=True)
    yield Column("action", Words, nullable=False)
    yield Column("reason", Words)
    yield Column("content_hash", Words, nullable=False)
    yield Column("batch", ForeignKey("results_batches.number"), nullable=False)
    yield CheckConstraint("version >= 1")
    yield CheckConstraint("action IN ('create', 'amend', 'delete')")
    yield CheckConstraint("(version = 1) = (action = 'create')")


def _reasoned() -> CheckConstraint:
    return CheckConstraint("action = 'create' OR length(trim(coalesce(reason, ''))) > 0")


studies = Table("results_studies", metadata, Column("study_id", Words, primary_key=True), **_OPTIONS)

#: One row per ingest that added something.
batches = Table(
    "results_batches",
    metadata,
    Column("number", Whole, primary_key=True),
    _of_study(),
    _text("contents_hash", null=False),
    _text("software_version", null=False),
    Column("store_version", Whole, nullable=False),
    Column("results_version", Whole, nullable=False),
    Column("settings", Document, nullable=False),
    **_OPTIONS,
)

subjects = Table(
    "results_subjects",
    metadata,
    *_versioned("subject_key"),
    _reasoned(),
    _of_study(),
    _text("subject_id", null=False),
    _text("sex"),
    Column("age", Number),
    Column("treatment_start", Day),
    _text("arm"),
    _text("salvage"),
    Column("cr1_duration_months", Number),
    _text("prior_sct"),
    Column("extra", Document),
    **_OPTIONS,
)

courses = Table(
    "results_courses",
    metadata,
    *_versioned("course_key"),
    _reasoned(),
    _of_study(),
    _text("subject_id", null=False),
    Column("number", Whole, nullable=False),
    Column("started_on", Day),
    _text("detail"),
    **_OPTIONS,
)

events = Table(
    "results_events",
    metadata,
    *_versioned("event_key"),
    _reasoned(),
    _of_study(),
    _text("subject_id", null=False),
    _text("event", null=False),
    Column("number", Whole, nullable=False),
    Column("date", Day),
    _text("detail"),
    **_OPTIONS,
)

#: The patient's whole record, derived from everything else.
records = Table(
    "results_records",
    metadata,
    *_versioned("record_key"),
    _of_study(),
    _text("subject_id", null=False),
    _text("best_response"),
    _text("best_response_visit"),
    Column("record", Document),
    **_OPTIONS,
)

#: The material drawn, and the laboratory's specimens that came from it.
specimens = Table(
    "results_specimens",
    metadata,
    Column("specimen_key", Words, primary_key=True),
    Column("parent_key", ForeignKey("results_specimens.specimen_key")),
    _of_study(),
    _text("subject_id"),
    _text("visit"),
    _text("specimen_id"),
    Column("collected_on", Day),
    _text("specimen_type"),
    _batch(),
    **_OPTIONS,
)

calls = Table(
    "results_calls",
    metadata,
    Column("call_id", Words, primary_key=True),
    _text("assay", null=False),
    Column("document", Document, nullable=False),
    _batch(),
    **_OPTIONS,
)

assay_runs = Table(
    "results_assay_runs",
    metadata,
    *_versioned("assay_run_key"),
    _of_study(),
    _text("subject_id"),
    _text("visit"),
    _text("specimen_id"),
    _text("assay", null=False),
    _text("method"),
    _text("role"),
    _text("replicate"),
    Column("occurrence", Whole, nullable=False),
    Column("specimen_key", ForeignKey("results_specimens.specimen_key")),
    Column("call_id", ForeignKey("results_calls.call_id")),
    _text("instrument"),
    Column("inputs", Document),
    Column("rules", Document),
    _text("software_version"),
    **_OPTIONS,
)

#: The long table of docs/schema/results-v1.md, with the identity and version of each row.
results = Table(
    "results",
    metadata,
    *_versioned("result_id"),
    _reasoned(),
    Column("assay_run_key", Words, nullable=False),
    Column("assay_run_version", Whole, nullable=False),
    Column("specimen_key", ForeignKey("results_specimens.specimen_key"), nullable=False),
    _of_study(),
    _text("role"),
    _text("replicate"),
    Column("occurrence", Whole, nullable=False),
    _text("subject_id"),
    _text("visit"),
    _text("specimen_id"),
    Column("collected_on", Day),
    _text("assay", null=False),
    _text("analyte", null=False),
    _text("method"),
    _text("result"),
    Column("value", Number),
    _text("unit"),
    Column("ci_low", Number),
    Column("ci_high", Number),
    Column("lob", Number),
    Column("lod", Number),
    Column("loq", Number),
    Column("numerator", Whole),
    Column("denominator", Number),
    _text("denominator_name"),
    Column("detected", Truth),
    Column("quantifiable", Truth),
    Column("flags", Document),
    Column("reasons", Document),
    Column("inputs", Document),
    Column("rules", Document),
    _text("software_version"),
    ForeignKeyConstraint(
        ["assay_run_key", "assay_run_version"],
        ["results_assay_runs.assay_run_key", "results_assay_runs.version"],
    ),
    Index("results_by_study", "study_id", "subject_id"),
    **_OPTIONS,
)

#: A response with the exact versions of the results that it rests on.
assessments = Table(
    "results_assessments",
    metadata,
    *_versioned("assessment_key"),
    _of_study(),
    _text("subject_id", null=False),
    _text("visit", null=False),
    _text("criteria"),
    Column("result_id", Words, nullable=False),
    Column("result_version", Whole),
    _text("response"),
    _text("responder"),
    Column("inputs", Document),
    ForeignKeyConstraint(["result_id", "result_version"], ["results.result_id", "results.version"]),
    **_OPTIONS,
)

figures = Table(
    "results_figures",
    metadata,
    Column("figure_id", Words, primary_key=True),
    Column("call_id", ForeignKey("results_calls.call_id"), nullable=False),
    _text("specimen_id", null=False),
    _text("input_sha256", null=False),
    _text("section", null=False),
    _text("name", null=False),
    _text("title", null=False),
    _text("caption", null=False),
    Column("png", Bytes, nullable=False),
    _batch(),
    **_OPTIONS,
)

#: What somebody has to look at, per batch.
queries = Table(
    "results_queries",
    metadata,
    Column("batch", ForeignKey("results_batches.number"), primary_key=True),
    Column("number", Whole, primary_key=True),
    _text("kind", null=False),
    _text("file"),
    Column("row", Whole),
    _text("code", null=False),
    _text("subject_id"),
    _text("visit"),
    _text("assay"),
    _text("message", null=False),
    **_OPTIONS,
)

#: One row per row of all other tables, each chained to the one before it.
audit = Table(
    "audit",
    metadata,
    Column("number", Whole, primary_key=True),
    Column("batch", Whole, nullable=False),
    _text("at"),
    _text("who", null=False),
    _text("action", null=False),
    _text("table_name", null=False),
    Column("row_key", Document, nullable=False),
    Column("old", Document),
    Column("new", Document),
    _text("reason"),
    _text("tool", null=False),
    _text("row_hash", null=False),
    _text("previous_hash", null=False),
    _text("hash", null=False),
    **_OPTIONS,
)
