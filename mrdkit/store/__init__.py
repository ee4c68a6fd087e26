"""The results database: its tables, what goes into them, and the documents that keep a call whole."""

from mrdkit.store.contents import Contents, Picture, StoredCall, digest_of
from mrdkit.store.database import (
    add_to_database,
    check_address,
    is_address_of,
    write_database,
)
from mrdkit.store.documents import (
    assay_of,
    call_from_document,
    document_of,
    record_document,
    record_from_document,
)
from mrdkit.store.reading import read_contents, read_records, study_ids

__all__ = [
    "Contents",
    "Picture",
    "StoredCall",
    "add_to_database",
    "assay_of",
    "call_from_document",
    "check_address",
    "digest_of",
    "document_of",
    "is_address_of",
    "read_contents",
    "read_records",
    "record_document",
    "record_from_document",
    "study_ids",
    "write_database",
]
