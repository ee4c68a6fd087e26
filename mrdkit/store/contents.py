"""What a study hands to the database, as rows of its tables in a fixed order.

A result's identity is what was asked (study, subject, visit, specimen, assay, analyte, method); its content
is the answer and what it rests on. The software version and the wording of reasons are no content: a release
that answers the same changes nothing. Source: facts on the trial database, natural key and content hash.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeAlias

from sqlalchemy import Table

from mrdkit.patient.records import PatientRecord
from mrdkit.result_rows import SCHEMA_VERSION, QueryRow, ResultRow, result_rows
from mrdkit.results import Call, Json, as_json
from mrdkit.store import schema
from mrdkit.store.documents import assay_of, document_of, record_document

__all__ = ["Contents", "Picture", "StoredCall", "TableRows", "digest_of", "table_rows"]

TableRows: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]

_NATURAL_KEY = ("subject_id", "visit", "specimen_id", "assay", "analyte", "method")
_NOT_CONTENT = frozenset({"reasons", "software_version"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure of one specimen, already drawn.

    Attributes:
        specimen_id: the specimen that it shows.
        input_sha256: the file that it shows.
        section: where it stands in a report: "quality", "gating" or "visible".
        name: stable name within the specimen, such as the gate's.
        png: the picture as PNG.
    """

    specimen_id: str
    input_sha256: str
    section: Literal["quality", "gating", "visible"]
    name: str
    title: str
    caption: str
    png: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCall:
    """One call with what the manifest says about its file, and its pictures."""

    call: Call
    role: str | None = None
    replicate: str | None = None
    figures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything that one run of a study found.

    Attributes:
        settings: the study's configuration and the digests of all inputs; they name the run.
    """

    study_id: str
    software_version: str
    settings: Json
    records: tuple[PatientRecord, ...]
    calls: tuple[StoredCall, ...]
    queries: tuple[QueryRow, ...]


def digest_of(value: Json) -> str:
    """Return the sha256 of a JSON value in its canonical form: sorted keys, no blanks."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def table_rows(contents: Contents) -> TableRows:
    """Return the rows of every table, parents before children, each sorted by its key."""
    run = _run(contents)
    run_id = run["run_id"]
    tables: dict[str, list[dict[str, Any]]] = {table.name: [] for table in schema.metadata.sorted_tables}
    tables[schema.runs.name] = [run]
    tables[schema.patients.name] = [_patient(run_id, record) for record in contents.records]
    tables[schema.queries.name] = [
        {"run_id": run_id, "number": number, **asdict(query)}
        for number, query in enumerate(contents.queries, start=1)
    ]
    seen: Counter[str] = Counter()
    for stored in contents.calls:
        document = document_of(stored.call)
        call_id = digest_of(document)
        assay = assay_of(stored.call)
        tables[schema.calls.name].append({"call_id": call_id, "assay": assay, "document": document})
        tables[schema.figures.name] += _pictures(call_id, stored.figures)
        for row in result_rows(stored.call):
            specimen = _specimen(contents.study_id, row)
            tables[schema.specimens.name].append(specimen)
            result = _result(contents.study_id, stored, row, seen)
            keys = {"run_id": run_id, "call_id": call_id, "specimen_key": specimen["specimen_key"]}
            tables[schema.results.name].append({**result, **keys})
    return {table.name: list(_distinct(table, tables[table.name])) for table in schema.metadata.sorted_tables}


def _run(contents: Contents) -> dict[str, Any]:
    run: dict[str, Any] = {
        "study_id": contents.study_id,
        "software_version": contents.software_version,
        "store_version": schema.STORE_VERSION,
        "results_version": SCHEMA_VERSION,
        "settings": contents.settings,
    }
    return {"run_id": digest_of(run), **run}


def _patient(run_id: str, record: PatientRecord) -> dict[str, Any]:
    subject = record.subject
    return {
        "run_id": run_id,
        "subject_id": subject.subject_id,
        "sex": subject.sex,
        "age": subject.age,
        "treatment_start": subject.treatment_start,
        "arm": subject.arm,
        "salvage": subject.salvage,
        "best_response": record.best_response,
        "best_response_visit": record.best_response_visit,
        "record": record_document(record),
    }


def _specimen(study_id: str, row: ResultRow) -> dict[str, Any]:
    specimen = {
        "study_id": study_id,
        "subject_id": row.subject_id,
        "visit": row.visit,
        "specimen_id": row.specimen_id,
        "collected_on": row.collected_on,
    }
    return {"specimen_key": digest_of(as_json(specimen)), **specimen}


def _result(study_id: str, stored: StoredCall, row: ResultRow, seen: Counter[str]) -> dict[str, Any]:
    """Return one row; the n-th answer to one question (two alleles of one key) has an identity of its own."""
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    asked = {"study_id": study_id, "role": stored.role, "replicate": stored.replicate}
    natural = digest_of({**asked, **{name: values[name] for name in _NATURAL_KEY}})
    seen[natural] += 1
    content = as_json({name: value for name, value in values.items() if name not in _NOT_CONTENT})
    return {
        "result_id": natural if seen[natural] == 1 else digest_of([natural, seen[natural]]),
        "version": 1,
        "content_hash": digest_of(content),
        **asked,
        **{name: list(value) if isinstance(value, tuple) else value for name, value in values.items()},
    }


def _pictures(call_id: str, figures: Iterable[Picture]) -> Iterator[dict[str, Any]]:
    for figure in figures:
        parts = {
            "call_id": call_id,
            "specimen_id": figure.specimen_id,
            "input_sha256": figure.input_sha256,
            "section": figure.section,
            "name": figure.name,
            "title": figure.title,
            "caption": figure.caption,
        }
        digest = hashlib.sha256(figure.png).hexdigest()
        yield {"figure_id": digest_of({**parts, "png": digest}), **parts, "png": figure.png}


def _distinct(table: Table, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    keys = [column.name for column in table.primary_key]
    found = {tuple(row[key] for key in keys): row for row in rows}
    for key in sorted(found):
        yield found[key]
