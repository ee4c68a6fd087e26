"""What a study hands to the database: records, calls, pictures and queries of one batch."""

from dataclasses import dataclass
from typing import Literal

from mrdkit.patient.records import PatientRecord
from mrdkit.result_rows import QueryRow
from mrdkit.results import Call, Json

__all__ = ["Contents", "Picture", "StoredCall"]


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
    """One call with what the manifest says about its file, and its pictures.

    Attributes:
        instrument: what measured the file, as the file says.
    """

    call: Call
    role: str | None = None
    replicate: str | None = None
    instrument: str | None = None
    figures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything that one run of a study found: one batch.

    Attributes:
        settings: the study's configuration and the digests of all inputs; they name the run.
    """

    study_id: str
    software_version: str
    settings: Json
    records: tuple[PatientRecord, ...]
    calls: tuple[StoredCall, ...]
    queries: tuple[QueryRow, ...]
