"""The rows of one batch, table by table, each named by the digest of its natural key.

A result's identity is what was asked (study, subject, visit, specimen, assay, analyte, method, role,
replicate); its content is the answer and what it rests on. The n-th answer to one question (two alleles of
one key) has an identity of its own. Source: facts on the trial database, natural key and content hash.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeAlias

from mrdkit.patient.records import EventKind, PatientRecord
from mrdkit.result_rows import ResultRow, result_rows
from mrdkit.results import Call, Json, ResponseCall, Specimen, as_json
from mrdkit.store.canonical import digest_of, stable
from mrdkit.store.contents import Contents, Picture, StoredCall
from mrdkit.store.documents import assay_of, document_of, record_document
from mrdkit.store.versioned import VERSIONED

__all__ = ["Row", "Rows", "rows_of"]

Row: TypeAlias = dict[str, Any]

_ASKED = ("subject_id", "visit", "specimen_id", "assay", "analyte", "method")
_OF_SPECIMEN = tuple(each.name for each in fields(Specimen))
_FIELDS = tuple(each.name for each in fields(ResultRow))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows without versions, each list in the order of the batch.

    Attributes:
        versioned: table name -> rows of it.
        specimens: by their digests, parents first; calls and figures alike.
        looked_at: result_id of a response -> results that it rests on.
        said: key of a derived row -> its content, where that is a whole document.
        queries: what somebody has to look at.
    """

    study_id: str
    versioned: dict[str, list[Row]]
    specimens: dict[str, Row] = field(default_factory=dict)
    calls: dict[str, Row] = field(default_factory=dict)
    figures: dict[str, Row] = field(default_factory=dict)
    looked_at: dict[str, tuple[str, ...]] = field(default_factory=dict)
    said: dict[str, Json] = field(default_factory=dict)
    queries: list[Row] = field(default_factory=list)


def rows_of(contents: Contents) -> Rows:
    """Return the rows of everything in a batch.

    Raises:
        StoreError: a call or record would not come back as it was.
    """
    rows = Rows(
        study_id=contents.study_id,
        versioned={name: [] for name in VERSIONED},
        queries=[
            {"number": number, **asdict(query)} for number, query in enumerate(contents.queries, start=1)
        ],
    )
    for record in contents.records:
        _add_record(rows, record)
    seen: Counter[object] = Counter()
    headlines = [_add_call(rows, stored, seen) for stored in contents.calls]
    _add_assessments(rows, list(zip((one.call for one in contents.calls), headlines, strict=True)))
    return rows


def _add_record(rows: Rows, record: PatientRecord) -> None:
    subject = record.subject
    values = {each.name: getattr(subject, each.name) for each in fields(subject)}
    _add(rows, "results_subjects", {**values, "extra": dict(sorted(subject.extra.items()))})
    number: Counter[EventKind] = Counter()
    for event in sorted(record.events, key=lambda each: (each.date, each.detail)):
        number[event.kind] += 1
        same = {"subject_id": event.subject_id, "number": number[event.kind], "detail": event.detail}
        _add(rows, "results_events", {**same, "event": str(event.kind), "date": event.date})
        if event.kind is EventKind.COURSE_START:
            _add(rows, "results_courses", {**same, "started_on": event.date})
    document = record_document(record)
    best = {"best_response": record.best_response, "best_response_visit": record.best_response_visit}
    whole = {"subject_id": subject.subject_id, **best, "record": document}
    added = _add(rows, "results_records", whole)
    rows.said[added["record_key"]] = stable(document)


def _add(rows: Rows, table: str, values: Row) -> Row:
    """Add one row of a versioned table, with the digest of its natural key."""
    spec = VERSIONED[table]
    asked = [table, rows.study_id, *(values[name] for name in spec.natural)]
    row = {spec.key: digest_of(asked), "study_id": rows.study_id, **values}
    rows.versioned[table].append(row)
    return row


def _add_call(rows: Rows, stored: StoredCall, seen: Counter[object]) -> str:
    """Add a call with its run, specimens, results and pictures; return the identity of its headline."""
    call = stored.call
    document = document_of(call)
    call_id = digest_of(document)
    rows.calls.setdefault(call_id, {"call_id": call_id, "assay": assay_of(call), "document": document})
    for picture in stored.figures:
        figure = _picture(call_id, picture)
        rows.figures.setdefault(figure["figure_id"], figure)
    found = result_rows(call)
    specimen_key = _add_specimen(rows, _specimen_of(call))
    run = _add_run(rows, stored, found[0], seen, specimen_key=specimen_key, call_id=call_id)
    same = {
        "assay_run_key": run["assay_run_key"],
        "specimen_key": specimen_key,
        "study_id": rows.study_id,
        "role": stored.role,
        "replicate": stored.replicate,
    }
    added = [_result(row, same, seen) for row in found]
    rows.versioned["results"] += added
    headline: str = added[0]["result_id"]
    return headline


def _add_run(
    rows: Rows,
    stored: StoredCall,
    headline: ResultRow,
    seen: Counter[object],
    *,
    specimen_key: str,
    call_id: str,
) -> Row:
    asked = {
        "subject_id": headline.subject_id,
        "visit": headline.visit,
        "specimen_id": headline.specimen_id,
        "assay": headline.assay,
        "method": headline.method,
        "role": stored.role,
        "replicate": stored.replicate,
    }
    same = ("results_assay_runs", *asked.values())
    seen[same] += 1
    evidence = stored.call.evidence
    said = {
        "specimen_key": specimen_key,
        "call_id": call_id,
        "instrument": stored.instrument,
        "inputs": as_json(evidence.inputs),
        "rules": as_json(evidence.rules),
        "software_version": evidence.software_version,
    }
    added = _add(rows, "results_assay_runs", {**asked, "occurrence": seen[same], **said})
    document = stable(rows.calls[call_id]["document"])
    rows.said[added["assay_run_key"]] = [document, specimen_key, stored.instrument]
    return added


def _result(row: ResultRow, same: Mapping[str, Any], seen: Counter[object]) -> Row:
    values = {name: getattr(row, name) for name in _FIELDS}
    asked = {name: same[name] for name in ("study_id", "role", "replicate")}
    natural = digest_of({**asked, **{name: values[name] for name in _ASKED}})
    seen[natural] += 1
    lists = {name: list(value) for name, value in values.items() if isinstance(value, tuple)}
    result_id = natural if seen[natural] == 1 else digest_of([natural, seen[natural]])
    return {"result_id": result_id, "occurrence": seen[natural], **same, **values, **lists}


def _specimen_of(call: Call) -> Specimen:
    if isinstance(call, ResponseCall):
        return Specimen(subject_id=call.subject_id, visit=call.visit, collected_on=call.marrow_date)
    return call.specimen


def _add_specimen(rows: Rows, specimen: Specimen) -> str:
    """Add a laboratory's specimen and the material it came from: what was drawn at that visit and day."""
    whole: Row = {"study_id": rows.study_id, **{name: getattr(specimen, name) for name in _OF_SPECIMEN}}
    drawn = {**whole, "specimen_id": None}
    parent = None
    if specimen.specimen_id is not None:
        parent = digest_of(drawn)
        rows.specimens.setdefault(parent, {"specimen_key": parent, "parent_key": None, **drawn})
    key = digest_of(whole)
    rows.specimens.setdefault(key, {"specimen_key": key, "parent_key": parent, **whole})
    return key


def _add_assessments(rows: Rows, calls: list[tuple[Call, str]]) -> None:
    """Add each response with what it looked at: the calls of its subject whose inputs are its own."""
    measured: dict[str | None, list[tuple[Call, str]]] = {}
    for call, headline in calls:
        if not isinstance(call, ResponseCall):
            measured.setdefault(call.specimen.subject_id, []).append((call, headline))
    for response, result_id in calls:
        if isinstance(response, ResponseCall):
            own = frozenset(response.evidence.inputs)
            found = [
                key for call, key in measured.get(response.subject_id, ()) if own & set(call.evidence.inputs)
            ]
            rows.looked_at[result_id] = tuple(sorted(found))
            rows.versioned["results_assessments"].append(_assessment(rows.study_id, response, result_id))


def _assessment(study_id: str, response: ResponseCall, result_id: str) -> Row:
    return {
        "assessment_key": digest_of(["results_assessments", result_id]),
        "study_id": study_id,
        "subject_id": response.subject_id,
        "visit": response.visit,
        "criteria": response.criteria,
        "result_id": result_id,
        "response": response.response,
        "responder": response.responder,
    }


def _picture(call_id: str, figure: Picture) -> Row:
    parts: Row = {
        "call_id": call_id,
        **{name: value for name, value in asdict(figure).items() if name != "png"},
    }
    digest = hashlib.sha256(figure.png).hexdigest()
    return {"figure_id": digest_of({**parts, "png": digest}), **parts, "png": figure.png}
