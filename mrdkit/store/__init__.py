"""The results database: what goes into it, by the one way in, and what is read back out of it."""

from mrdkit.store.canonical import digest_of
from mrdkit.store.check import BatchError, RowProblem
from mrdkit.store.contents import Contents, Picture, StoredCall
from mrdkit.store.database import (
    DATABASE,
    add_to_database,
    ingest_run,
    init_database,
    verify_database,
    write_database,
)
from mrdkit.store.documents import (
    assay_of,
    call_from_document,
    document_of,
)
from mrdkit.store.engine import check_address, is_address_of
from mrdkit.store.history import find_results, history_of
from mrdkit.store.ingest import Ingested
from mrdkit.store.reading import read_contents, read_records, study_ids
from mrdkit.store.verify import Verification

__all__ = [
    "DATABASE",
    "BatchError",
    "Contents",
    "Ingested",
    "Picture",
    "RowProblem",
    "StoredCall",
    "Verification",
    "add_to_database",
    "assay_of",
    "call_from_document",
    "check_address",
    "digest_of",
    "document_of",
    "find_results",
    "history_of",
    "ingest_run",
    "init_database",
    "is_address_of",
    "read_contents",
    "read_records",
    "study_ids",
    "verify_database",
    "write_database",
]
