"""The rows of one batch, table by table, each named by the digest of its natural key.

A result's identity is what was asked (study, subject, visit, specimen, assay, analyte, method, role,
replicate); its content is the answer and what it rests on. The n-th answer to one question (two alleles of
one key) has an identity of its own. Source: facts on the trial database, natural key and content hash.
"""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Table

from mrdkit.patient.records import EventKind, PatientRecord
from mrdkit.result_rows import ResultRow, result_rows
from mrdkit.results import Call, ResponseCall, Specimen
from mrdkit.store import schema
from mrdkit.store.canonical import canonical, digest_of, digest_of_text
from mrdkit.store.cells import Row, columns_of, object_text, objects_of, texts_of
from mrdkit.store.contents import Contents, StoredCall
from mrdkit.store.documents import WrittenCall, assay_of, written_call, written_record
from mrdkit.store.versioned import TABLES_OF_STUDY, VERSIONED, content_names

__all__ = ["Rows", "rows_of", "say_content"]

_ASKED = ("assay", "method", "specimen_id", "subject_id", "visit")
#: What a result answers, but for its analyte.
_ASKED_OF_RESULT = (*_ASKED, "study_id", "role", "replicate")
_OF_SPECIMEN = tuple(each.name for each in fields(Specimen))
#: What all result rows of one call share.
_SHARED = (*_ASKED, "collected_on", "inputs", "rules", "software_version")
_FIELDS = tuple(each.name for each in fields(ResultRow) if each.name not in _SHARED)
#: All members that a result gets here, so that its row is a copy that need not grow.
_EMPTY_RESULT: Row = dict.fromkeys((*_FIELDS, "occurrence", "result_id"))
_CELLS = attrgetter(*_FIELDS)
_CELLS_SHARED = attrgetter(*_SHARED)
_NUMBERS = ("value", "ci_low", "ci_high", "lob", "lod", "loq", "denominator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows without versions, each list in the order of the batch.

    Attributes:
        versioned: table name -> rows of it.
        specimens: by their digests, parents first; calls and figures alike.
        looked_at: result_id of a response -> results that it rests on.
        calls_of: key of a record -> the calls that it names.
        written: name of a call, and each call that was written so.
        records: key of a record -> what was written.
        queries: what somebody has to look at.
    """

    study_id: str
    versioned: dict[str, list[Row]]
    specimens: dict[str, Row] = field(default_factory=dict)
    calls: dict[str, Row] = field(default_factory=dict)
    figures: dict[str, Row] = field(default_factory=dict)
    looked_at: dict[str, tuple[str, ...]] = field(default_factory=dict)
    calls_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    written: list[tuple[str, Call]] = field(default_factory=list)
    records: dict[str, PatientRecord] = field(default_factory=dict)
    queries: list[Row] = field(default_factory=list)


class _Calls:
    """The calls of a batch, each written once, wherever it stands."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._written: dict[int, tuple[Call, str, WrittenCall]] = {}

    def add(self, call: Call) -> tuple[str, WrittenCall]:
        """Return a call's name and how it is stored."""
        known = self._written.get(id(call))  # kept below, so that its number stays its own
        if known is None:
            written = written_call(call)
            row = _named(schema.calls, {"assay": assay_of(call), "document": written.text})
            self._rows.calls.setdefault(row["call_id"], row)
            self._rows.written.append((row["call_id"], call))
            known = self._written[id(call)] = (call, row["call_id"], written)
        return known[1:]


def rows_of(contents: Contents) -> Rows:
    """Return the rows of everything in a batch.

    Raises:
        StoreError: a call or record has no canonical form.
    """
    rows = Rows(
        study_id=contents.study_id,
        versioned={name: [] for name in VERSIONED},
        queries=[
            {"number": number, **asdict(query)} for number, query in enumerate(contents.queries, start=1)
        ],
    )
    calls = _Calls(rows)
    for record in contents.records:
        _add_record(rows, record, calls)
    seen: Counter[object] = Counter()
    headlines = [_add_call(rows, stored, calls, seen) for stored in contents.calls]
    _add_assessments(rows, list(zip((one.call for one in contents.calls), headlines, strict=True)))
    return rows


def _add_record(rows: Rows, record: PatientRecord, calls: _Calls) -> None:
    subject = record.subject
    values: Row = {each.name: getattr(subject, each.name) for each in fields(subject)}
    numbers = {name: _number(values[name]) for name in ("age", "cr1_duration_months")}
    extra = document_cell(dict(subject.extra))
    _add(rows, "results_subjects", {**values, **numbers, "extra": extra})
    number: Counter[EventKind] = Counter()
    for event in sorted(record.events, key=lambda each: (each.date, each.detail)):
        number[event.kind] += 1
        same = {"subject_id": event.subject_id, "number": number[event.kind], "detail": event.detail}
        _add(rows, "results_events", {**same, "event": str(event.kind), "date": event.date})
        if event.kind is EventKind.COURSE_START:
            _add(rows, "results_courses", {**same, "started_on": event.date})
    own = [calls.add(call) for call in record.calls]
    written = written_record(record, [(name, call.answer) for name, call in own])
    best = {"best_response": record.best_response, "best_response_visit": record.best_response_visit}
    whole = {"subject_id": subject.subject_id, **best, "record": written.text}
    added = _add(rows, "results_records", {**whole, "content_hash": written.answer})
    rows.records[added["record_key"]] = record
    rows.calls_of[added["record_key"]] = tuple(name for name, _ in own)


def _add(rows: Rows, table: str, values: Row) -> Row:
    """Add one row of a versioned table, with the digest of its natural key."""
    spec = VERSIONED[table]
    asked = [table, rows.study_id, *(values[name] for name in spec.natural)]
    row = {spec.key: digest_of(asked), "study_id": rows.study_id, **values}
    rows.versioned[table].append(row)
    return row


def _add_call(rows: Rows, stored: StoredCall, calls: _Calls, seen: Counter[object]) -> str:
    """Add a call with its run, specimens, results and pictures; return the identity of its headline."""
    call = stored.call
    call_id, written = calls.add(call)
    for picture in stored.figures:
        figure = _named(schema.figures, {"call_id": call_id, **asdict(picture)})
        rows.figures.setdefault(figure["figure_id"], figure)
    found = result_rows(call)
    specimen_key = _add_specimen(rows, _specimen_of(call))
    said = {"specimen_key": specimen_key, "call_id": call_id, "instrument": stored.instrument}
    run = _add_run(rows, stored, found[0], seen, said=said, written=written)
    same: Row = {
        **_EMPTY_RESULT,
        **dict(zip(_SHARED, _CELLS_SHARED(found[0]), strict=True)),
        "assay_run_key": run["assay_run_key"],
        "specimen_key": specimen_key,
        "study_id": rows.study_id,
        "role": stored.role,
        "replicate": stored.replicate,
    }
    asked = canonical({name: same[name] for name in _ASKED_OF_RESULT})
    same |= {"inputs": _words_cell(same["inputs"]), "rules": _words_cell(same["rules"])}
    added = [_result(row, same, asked, seen) for row in found]
    rows.versioned["results"] += added
    headline: str = added[0]["result_id"]
    return headline


def _add_run(
    rows: Rows,
    stored: StoredCall,
    headline: ResultRow,
    seen: Counter[object],
    *,
    said: Row,
    written: WrittenCall,
) -> Row:
    asked: Row = {name: getattr(headline, name) for name in _ASKED}
    asked |= {"role": stored.role, "replicate": stored.replicate}
    same = ("results_assay_runs", *asked.values())
    seen[same] += 1
    rests_on = {
        "inputs": written.inputs,
        "rules": written.rules,
        "software_version": headline.software_version,
    }
    answer = digest_of([written.answer, said["specimen_key"], stored.instrument])
    whole = {**asked, "occurrence": seen[same], **said, **rests_on, "content_hash": answer}
    return _add(rows, "results_assay_runs", whole)


def _result(row: ResultRow, same: Row, asked: str, seen: Counter[object]) -> Row:
    """Return a row of a call: what it shares with the others, and its own; `asked` is the call's question."""
    values = same.copy()
    values.update(zip(_FIELDS, _CELLS(row), strict=True))
    for name in _NUMBERS:
        if values[name] is not None:
            values[name] = _number(values[name])
    values["flags"], values["reasons"] = _words_cell(tuple(row.flags)), _words_cell(tuple(row.reasons))
    # `analyte` is the first of all names in canonical order.
    natural = digest_of_text(f'{{"analyte":{canonical(row.analyte)},{asked[1:]}')
    number = seen[natural] = seen[natural] + 1
    values["occurrence"] = number
    values["result_id"] = natural if number == 1 else digest_of([natural, number])
    return values


def say_content(rows: Rows) -> None:
    """Give each result the digest of its content: what it says, and the files of its own that it rests on."""
    results, names = rows.versioned["results"], VERSIONED["results"].content
    columns = columns_of(results, names)
    columns["inputs"] = [_own_inputs(text) for text in columns["inputs"]]
    texts = objects_of(texts_of(schema.results, columns), names)
    for row, text in zip(results, texts, strict=True):
        row["content_hash"] = digest_of_text(text)


@lru_cache(maxsize=64)
def _own_inputs(text: str) -> str:
    own = [each for each in json.loads(text) if each.partition(":")[0] not in TABLES_OF_STUDY]
    return canonical(own)


@lru_cache(maxsize=4096)
def _words_cell(words: tuple[str, ...]) -> str:
    return canonical(words)


def document_cell(value: Any) -> Any:  # noqa: ANN401 - whatever stands there
    """Return a document's canonical text, or itself where it has none: the check of the batch names it."""
    try:
        return canonical(value)
    except (TypeError, ValueError):
        return value


def _number(value: Any) -> Any:  # noqa: ANN401 - whatever stands there
    """Return a number as its column gives it back: a float, without the sign of a zero."""
    if isinstance(value, float):
        return value + 0.0
    whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if whole and abs(value) < 2**63 else value


def _named(table: Table, content: Row) -> Row:
    """Return a row that is kept by the digest of what it holds, with that digest."""
    key = next(iter(table.primary_key)).name
    held = {name: content[name] for name in content_names(table)}
    return {key: digest_of_text(object_text(table, held)), **content}


def _specimen_of(call: Call) -> Specimen:
    if isinstance(call, ResponseCall):
        return Specimen(subject_id=call.subject_id, visit=call.visit, collected_on=call.marrow_date)
    return call.specimen


def _add_specimen(rows: Rows, specimen: Specimen) -> str:
    """Add a laboratory's specimen and the material it came from: what was drawn at that visit and day."""
    whole: Row = {"study_id": rows.study_id, **{name: getattr(specimen, name) for name in _OF_SPECIMEN}}
    parent = None
    if specimen.specimen_id is not None:
        parent = _keep_specimen(rows, {**whole, "specimen_id": None}, None)
    return _keep_specimen(rows, whole, parent)


def _keep_specimen(rows: Rows, content: Row, parent: str | None) -> str:
    key = digest_of(content)
    rows.specimens.setdefault(key, {"specimen_key": key, "parent_key": parent, **content})
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
