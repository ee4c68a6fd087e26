"""The tables of the results database: what was found, on what, by which rules. All are named `results...`.

Rows are only ever added. No table holds a clock or a path, so the same study gives the same database.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

__all__ = [
    "STORE_VERSION",
    "calls",
    "figures",
    "metadata",
    "patients",
    "queries",
    "results",
    "runs",
    "specimens",
]

#: Version of these tables; stands in each row of results_runs.
STORE_VERSION = 1

metadata = MetaData()

_SHA256 = String(64)

#: One row per state of a study: its inputs, settings and software.
runs = Table(
    "results_runs",
    metadata,
    Column("run_id", _SHA256, primary_key=True),
    Column("study_id", Text, nullable=False),
    Column("software_version", Text, nullable=False),
    Column("store_version", Integer, nullable=False),
    Column("results_version", Integer, nullable=False),
    Column("settings", JSON, nullable=False),
)

#: One row per subject and run, with the patient's whole record as JSON.
patients = Table(
    "results_subjects",
    metadata,
    Column("run_id", ForeignKey("results_runs.run_id"), primary_key=True),
    Column("subject_id", Text, primary_key=True),
    Column("sex", Text),
    Column("age", Float),
    Column("treatment_start", Date),
    Column("arm", Text),
    Column("salvage", Text),
    Column("best_response", Text, nullable=False),
    Column("best_response_visit", Text),
    Column("record", JSON, nullable=False),
)

#: One row per material; `specimen_key` is a digest of the other columns.
specimens = Table(
    "results_specimens",
    metadata,
    Column("specimen_key", _SHA256, primary_key=True),
    Column("study_id", Text, nullable=False),
    Column("subject_id", Text),
    Column("visit", Text),
    Column("specimen_id", Text),
    Column("collected_on", Date),
)

#: One row per call, whole, as JSON; `call_id` is a digest of it.
calls = Table(
    "results_calls",
    metadata,
    Column("call_id", _SHA256, primary_key=True),
    Column("assay", Text, nullable=False),
    Column("document", JSON, nullable=False),
)

#: The long table of docs/schema/results-v1.md, with the identity and version of each row.
results = Table(
    "results",
    metadata,
    Column("result_id", _SHA256, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content_hash", _SHA256, nullable=False),
    Column("run_id", ForeignKey("results_runs.run_id"), nullable=False),
    Column("call_id", ForeignKey("results_calls.call_id"), nullable=False),
    Column("specimen_key", ForeignKey("results_specimens.specimen_key"), nullable=False),
    Column("study_id", Text, nullable=False),
    Column("role", Text),
    Column("replicate", Text),
    Column("subject_id", Text),
    Column("visit", Text),
    Column("specimen_id", Text),
    Column("collected_on", Date),
    Column("assay", Text, nullable=False),
    Column("analyte", Text, nullable=False),
    Column("method", Text),
    Column("result", Text),
    Column("value", Float),
    Column("unit", Text),
    Column("ci_low", Float),
    Column("ci_high", Float),
    Column("lob", Float),
    Column("lod", Float),
    Column("loq", Float),
    Column("numerator", BigInteger),
    Column("denominator", Float),
    Column("denominator_name", Text),
    Column("detected", Boolean),
    Column("quantifiable", Boolean),
    Column("flags", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("rules", JSON, nullable=False),
    Column("software_version", Text, nullable=False),
)

#: Pictures that belong to a call.
figures = Table(
    "results_figures",
    metadata,
    Column("figure_id", _SHA256, primary_key=True),
    Column("call_id", ForeignKey("results_calls.call_id"), nullable=False),
    Column("specimen_id", Text, nullable=False),
    Column("input_sha256", _SHA256, nullable=False),
    Column("section", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("caption", Text, nullable=False),
    Column("png", LargeBinary, nullable=False),
)

#: What somebody has to look at, per run.
queries = Table(
    "results_queries",
    metadata,
    Column("run_id", ForeignKey("results_runs.run_id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("file", Text),
    Column("row", Integer),
    Column("code", Text, nullable=False),
    Column("subject_id", Text),
    Column("visit", Text),
    Column("assay", Text),
    Column("message", Text, nullable=False),
)
