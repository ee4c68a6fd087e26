"""Calls and patient records as JSON documents, and back, without any loss.

Dates, enums, tuples and the last digit of a float come back as they were. What would not come back equal (a
NaN, a value of the wrong type) is an error here, before it is stored.
"""

import json
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

__all__ = [
    "ASSAYS",
    "assay_of",
    "call_from_document",
    "document_of",
    "record_document",
    "record_from_document",
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
class _CallOfRecord:
    assay: str
    document: dict[str, Any]


_CALLS_OF_RECORD: TypeAdapter[list[_CallOfRecord]] = TypeAdapter(list[_CallOfRecord])


def assay_of(call: Call) -> str:
    """Return the assay's name of a call, as it stands in tables and documents."""
    return _NAMES[type(call)]


def document_of(call: Call) -> Json:
    """Return a call as JSON values.

    Raises:
        StoreError: the call would not come back as it was.
    """
    return _document(_CALLS[assay_of(call)], call)


def call_from_document(assay: str, document: Json) -> Call:
    """Return the call of a document that `document_of` made."""
    call: Call = _restored(_CALLS[assay], document)
    return call


def record_document(record: PatientRecord) -> Json:
    """Return a patient's record as JSON values.

    Raises:
        StoreError: the record would not come back as it was.
    """
    # Each call says of which assay it is: to find out by trial takes ten times as long.
    calls: list[Json] = [{"assay": assay_of(call), "document": document_of(call)} for call in record.calls]
    document = _document(_RECORD, replace(record, calls=()))
    return {**document, "calls": calls}


def record_from_document(document: Json) -> PatientRecord:
    """Return the record of a document that `record_document` made.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(document, dict) or not isinstance(document.get("calls"), list):
        raise ValueError("no document of a record")  # noqa: TRY004 - as pydantic says it
    found = _CALLS_OF_RECORD.validate_python(document["calls"])
    calls = tuple(call_from_document(one.assay, one.document) for one in found)
    return replace(_restored(_RECORD, {**document, "calls": []}), calls=calls)


def _document(adapter: TypeAdapter[T], value: T) -> dict[str, Json]:
    try:
        # A read-only view of a mapping is unknown to pydantic: `dict` copies it.
        text = adapter.dump_json(value, warnings="none", fallback=dict)
        whole = adapter.validate_json(text) == value
    except (TypeError, ValueError):  # what pydantic raises is a ValueError
        whole = False
    if not whole:
        raise StoreError(
            "a result cannot be stored without loss",
            code="RESULT_NOT_STORABLE",
            found=type(value).__name__,
            remedy="this is a bug; report it with the input's format",
        )
    document: dict[str, Json] = json.loads(text)
    return document


def _restored(adapter: TypeAdapter[T], document: Json) -> T:
    return adapter.validate_json(json.dumps(document))
