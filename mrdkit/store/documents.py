"""Calls and patient records as JSON documents, and back, without any loss.

Dates, enums, tuples and the last digit of a float come back as they were. What would not come back equal (a
NaN, a value of the wrong type) is an error here, before it is stored.
"""

import json
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
    return _document(_RECORD, record)


def record_from_document(document: Json) -> PatientRecord:
    """Return the record of a document that `record_document` made."""
    return _restored(_RECORD, document)


def _document(adapter: TypeAdapter[T], value: T) -> Json:
    try:
        # A read-only view of a mapping is unknown to pydantic: `dict` copies it.
        document: Json = json.loads(adapter.dump_json(value, warnings="none", fallback=dict))
        whole = _restored(adapter, document) == value
    except (TypeError, ValueError):  # what pydantic raises is a ValueError
        whole = False
    if not whole:
        raise StoreError(
            "a result cannot be stored without loss",
            code="RESULT_NOT_STORABLE",
            found=type(value).__name__,
            remedy="this is a bug; report it with the input's format",
        )
    return document


def _restored(adapter: TypeAdapter[T], document: Json) -> T:
    return adapter.validate_json(json.dumps(document))
