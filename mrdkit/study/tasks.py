"""What a worker is asked to do with one file, and what it answers.

A task holds values only, so that it can cross to another process and so that its digest names the answer. The
answer is an outcome (calls, pictures, notes, a background file) or one named failure.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from mrdkit.errors import MrdkitError
from mrdkit.results import Call, Specimen
from mrdkit.store import Picture, assay_of, call_from_document, document_of
from mrdkit.study.config import NgsOptions, Tp53Options

__all__ = [
    "BackgroundTask",
    "BlankTube",
    "CalibrationTask",
    "DiagnosisTask",
    "Failure",
    "FishTask",
    "FlowTask",
    "KaryotypeTask",
    "Limits",
    "Made",
    "Note",
    "Outcome",
    "Task",
    "Tp53Task",
    "TrackingTask",
    "decode_outcome",
    "encode_outcome",
    "failure_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The background that a flow task needs.

    Attributes:
        kind: limits of blank of a target gate, of the screening, or of a patient's diagnosis phenotype.
        path: its file.
        key: of the task that writes the file; None for a ready one.
    """

    kind: Literal["gate", "screening", "diagnosis"]
    path: Path
    key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlankTube:
    """One leukemia-free tube; `name` is its path as the study names it."""

    name: str
    path: Path
    sample: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundTask:
    """Make the limits of blank of a panel from its blanks and write them to `output`."""

    panel: str | Path
    blanks: tuple[BlankTube, ...]
    output: Path

    @property
    def path(self) -> Path:
        """The file that the task is about."""
        return self.output


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisTask:
    """Make a panel's background that of the patient of a diagnosis tube and write it to `output`."""

    specimen: Specimen
    path: Path
    sha256: str
    panel: str | Path
    sample: str
    background: Limits
    output: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTask:
    """Call the MRD of one FCS file; `targeted` are the antigens that earlier therapy was aimed at."""

    specimen: Specimen
    path: Path
    panel: str | Path
    sample: str
    targeted: tuple[str, ...]
    background: Limits | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationTask:
    """Find the dominant sequences of a diagnosis (ID) file."""

    specimen: Specimen
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingTask:
    """Look for the subject's dominant sequences, found in `calibrations`, in a follow-up file."""

    specimen: Specimen
    path: Path
    calibrations: tuple[Path, ...]
    options: NgsOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Tp53Task:
    """Call TP53 of one sample of a VCF; `karyotype` is that of the subject's same visit, if there is one."""

    specimen: Specimen
    path: Path
    sample: str
    options: Tp53Options
    policy: str | Path | None
    coverage: Path | None
    karyotype: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FishTask:
    """Call one specimen and probe of the FISH counts; `karyotype` is that of the same specimen, if any."""

    specimen: Specimen
    path: Path
    probe_id: str
    probes: Path
    cutoffs: Path
    karyotype: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KaryotypeTask:
    """Call one karyotype as written in the table; `earlier` are those of the subject's earlier specimens."""

    specimen: Specimen
    path: Path
    text: str
    earlier: tuple[str, ...]


Task: TypeAlias = (
    BackgroundTask
    | DiagnosisTask
    | FlowTask
    | CalibrationTask
    | TrackingTask
    | Tp53Task
    | FishTask
    | KaryotypeTask
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that a person should know of an item that gave no call of its own."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why one task gave nothing: a stable code, the place, the reason; no path of this machine."""

    code: str
    place: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A background that a task wrote.

    Attributes:
        sha256: of its file; None where there is none.
        lack: why there is none.
        refused: sha256 of a blank that could not be used -> why.
    """

    sha256: str | None
    lack: Failure | None = None
    refused: Mapping[str, Failure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one task gave; `instrument` is what measured the file, as the file says."""

    calls: tuple[Call, ...] = ()
    pictures: tuple[Picture, ...] = ()
    notes: tuple[Note, ...] = ()
    made: Made | None = None
    instrument: str | None = None


def encode_outcome(outcome: Outcome) -> bytes:
    """Return an outcome as bytes from which `decode_outcome` makes an equal one.

    Raises:
        StoreError: a call would not come back as it was.
    """
    document = {
        "calls": [{"assay": assay_of(call), "document": document_of(call)} for call in outcome.calls],
        "pictures": [
            {**asdict(picture), "png": b64encode(picture.png).decode("ascii")} for picture in outcome.pictures
        ],
        "notes": [asdict(note) for note in outcome.notes],
        "made": None if outcome.made is None else asdict(outcome.made),
        "instrument": outcome.instrument,
    }
    return json.dumps(document, ensure_ascii=True, allow_nan=False).encode("ascii")


def decode_outcome(content: bytes) -> Outcome:
    """Return the outcome that `encode_outcome` wrote."""
    document = json.loads(content)
    return Outcome(
        calls=tuple(call_from_document(call["assay"], call["document"]) for call in document["calls"]),
        pictures=tuple(
            Picture(**{**picture, "png": b64decode(picture["png"])}) for picture in document["pictures"]
        ),
        notes=tuple(Note(**note) for note in document["notes"]),
        made=None if document["made"] is None else _made(**document["made"]),
        instrument=document.get("instrument"),
    )


def _made(*, sha256: str | None, lack: dict[str, str] | None, refused: dict[str, dict[str, str]]) -> Made:
    return Made(
        sha256=sha256,
        lack=None if lack is None else Failure(**lack),
        refused={digest: Failure(**failure) for digest, failure in refused.items()},
    )


def failure_of(error: MrdkitError, *, file: str) -> Failure:
    """Return a named error as a failure.

    Args:
        error: what was raised.
        file: name of the file that the task is about; another one that the error names stands in the place.
    """
    parts = [error.what]
    parts += [f"expected {error.expected}"] if error.expected else []
    parts += [f"found {error.found}"] if error.found else []
    parts += [error.remedy] if error.remedy else []
    other = Path(error.file).name if error.file else Path(file).name
    place = [other] if other != Path(file).name else []
    place += [error.place] if error.place else []
    return Failure(code=error.code, place=", ".join(place) or None, reason="; ".join(parts))
