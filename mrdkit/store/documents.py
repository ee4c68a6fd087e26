"""Calls and patient records as JSON documents, and back, without any loss.

Dates, enums, tuples and the last digit of a float come back as they were. What would not come back equal (a
NaN, a value of the wrong type) is an error here, before it is stored: `prove_call` is asked
of every call that the store has not, `prove_record` of every record that is new or changed. A record names
its calls: each call is a document of its own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import TypeAdapter

from mrdkit.errors import StoreError
from mrdkit.patient.records import PatientRecord
from mrdkit.results import (
    Call,
    FishCall,
    FlowMrdCall,
    Json,
    KaryotypeCall,
    NgsMrdCall,
    ResponseCall,
    Tp53Call,
)
from mrdkit.store.canonical import canonical, digest_of, digest_of_answer

__all__ = [
    "ASSAYS",
    "Written",
    "WrittenCall",
    "assay_of",
    "call_from_document",
    "call_from_text",
    "document_of",
    "prove_call",
    "prove_record",
    "record_from_text",
    "written_call",
    "written_record",
]

T = TypeVar("T")

_CALLS: dict[str, TypeAdapter[Any]] = {
    "flow_mrd": TypeAdapter(FlowMrdCall),
    "ngs_mrd": TypeAdapter(NgsMrdCall),
    "fish": TypeAdapter(FishCall),
    "karyotype": TypeAdapter(KaryotypeCall),
    "tp53": TypeAdapter(Tp53Call),
    "response": TypeAdapter(ResponseCall),
}
_NAMES: dict[type[Call], str] = {
    FlowMrdCall: "flow_mrd",
    NgsMrdCall: "ngs_mrd",
    FishCall: "fish",
    KaryotypeCall: "karyotype",
    Tp53Call: "tp53",
    ResponseCall: "response",
}
#: Names of the assays, as they stand in tables and documents.
ASSAYS = tuple(_CALLS)
_RECORD: TypeAdapter[PatientRecord] = TypeAdapter(PatientRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A call or record as it is stored.

    Attributes:
        text: every field, in canonical form.
        answer: digest of what it answers, whatever its words and its software.
    """

    text: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenCall(Written):
    """A call as it is stored.

    Attributes:
        inputs: canonical text of the inputs of its evidence; `rules` likewise.
    """

    inputs: str
    rules: str


def assay_of(call: Call) -> str:
    """Return the assay's name of a call, as it stands in tables and documents."""
    return _NAMES[type(call)]


def document_of(call: Call) -> Json:
    """Return a call as JSON values.

    Raises:
        StoreError: the call would not come back as it was.
    """
    return _proved(_CALLS[assay_of(call)], call)


def call_from_document(assay: str, document: Json) -> Call:
    """Return the call of a document that `document_of` made."""
    return call_from_text(assay, canonical(document))


def written_call(call: Call) -> WrittenCall:
    """Return a call as it is stored, once `prove_call` has shown that nothing of it is lost.

    Raises:
        StoreError: the call has no canonical form.
    """
    try:
        document = _document(_CALLS[assay_of(call)], call)
        evidence: Any = document["evidence"]
        return WrittenCall(
            text=canonical(document),
            answer=digest_of(_answer(document)),
            inputs=canonical(evidence["inputs"]),
            rules=canonical(evidence["rules"]),
        )
    except (TypeError, ValueError):
        raise _not_storable(call) from None


def prove_call(call: Call, text: str) -> None:
    """Refuse a call whose text does not give it back.

    Raises:
        StoreError: the call would not come back as it was.
    """
    _prove(_CALLS[assay_of(call)], call, text)


def _answer(document: Mapping[str, Json]) -> dict[str, Json]:
    """Return a call's document without its words: its reasons, and the software's version of its evidence."""
    evidence: Any = document["evidence"]
    answer = {name: value for name, value in document.items() if name != "reasons"}
    answer["evidence"] = {name: value for name, value in evidence.items() if name != "software_version"}
    return answer


def call_from_text(assay: str, text: str) -> Call:
    """Return the call that `written_call` wrote."""
    call: Call = _CALLS[assay].validate_json(text)
    return call


def written_record(record: PatientRecord, calls: Sequence[tuple[str, str]]) -> Written:
    """Return a patient's record as it is stored, once `prove_record` has shown that nothing of it is lost.

    Args:
        record: of the patient.
        calls: name and answer of each of its calls.

    Raises:
        StoreError: the record has no canonical form.
    """
    names: list[Json] = [name for name, _ in calls]
    answers: list[Json] = [answer for _, answer in calls]
    try:
        document = _document(_RECORD, replace(record, calls=()))
        text = canonical({**document, "calls": names})
        return Written(text=text, answer=digest_of([digest_of_answer(document), answers]))
    except (TypeError, ValueError):
        raise _not_storable(record) from None


def prove_record(record: PatientRecord, text: str) -> None:
    """Refuse a record whose text, with its calls, does not give it back.

    Raises:
        StoreError: the record would not come back as it was.
    """
    try:
        names = json.loads(text)["calls"]
        whole = record_from_text(text, dict(zip(names, record.calls, strict=True))) == record
    except (TypeError, ValueError):
        whole = False
    if not whole:
        raise _not_storable(record)


def record_from_text(text: str, calls: Mapping[str, Call]) -> PatientRecord:
    """Return the record that `written_record` wrote.

    Args:
        text: of the record.
        calls: name -> call.

    Raises:
        KeyError: a call of the record is not there.
        ValueError: it is no record.
    """
    document = json.loads(text)
    found = tuple(calls[name] for name in document["calls"])
    return replace(_RECORD.validate_json(canonical({**document, "calls": []})), calls=found)


def _document(adapter: TypeAdapter[T], value: T) -> dict[str, Json]:
    # A read-only view of a mapping is unknown to pydantic: `dict` copies it.
    document: dict[str, Json] = adapter.dump_python(value, mode="json", warnings="none", fallback=dict)
    return document


def _proved(adapter: TypeAdapter[T], value: T) -> dict[str, Json]:
    """Return a value as a document, after its canonical text gave the value back."""
    try:
        document = _document(adapter, value)
        text = canonical(document)
    except (TypeError, ValueError):
        raise _not_storable(value) from None
    _prove(adapter, value, text)
    return document


def _prove(adapter: TypeAdapter[T], value: T, text: str) -> None:
    try:
        whole = adapter.validate_json(text) == value
    except (TypeError, ValueError):  # what pydantic raises is a ValueError
        whole = False
    if not whole:
        raise _not_storable(value)


def _not_storable(value: object) -> StoreError:
    return StoreError(
        "a result cannot be stored without loss",
        code="RESULT_NOT_STORABLE",
        found=type(value).__name__,
        remedy="this is a bug; report it with the input's format",
    )
