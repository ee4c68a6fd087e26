"""What a background file may hold: every field with its type and bounds, no other field."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from mrdkit.files.rules import STRICT, checked_dataclass

__all__ = [
    "StoredBackground",
    "StoredCells",
    "StoredLimit",
    "StoredPatient",
    "StoredReference",
    "StoredScreening",
]

Count: TypeAlias = Annotated[int, Field(ge=0, lt=2**31)]
Number: TypeAlias = Annotated[float, Field(strict=True)]
Text: TypeAlias = Annotated[str, Field(max_length=4096)]

_LARGEST_RATE = 1e9  # beyond any count of cells


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class StoredOrigin:
    """Where a blank came from."""

    path: Text
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class StoredBlank:
    """One blank and its called cells."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    cytometer: Text | None
    n_denominator: Annotated[int, Field(ge=1, lt=2**31)]
    n_hematogones: Count
    n_target: Count


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class StoredLimit:
    """A limit of blank."""

    alpha: Annotated[float, Field(gt=0.0, le=_LARGEST_RATE)]
    dispersion: Annotated[float, Field(ge=0.0, le=_LARGEST_RATE)]
    probability: Annotated[float, Field(gt=0.0, lt=1.0)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class StoredCells:
    """Packed cells of one blank."""

    n: Annotated[int, Field(ge=1, lt=2**31)]
    steps: str


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class StoredReference:
    """Normal cells of the blanks."""

    features: Annotated[list[Text], Field(min_length=2, max_length=32)]
    landmarks: Mapping[Text, Mapping[Text, Number]]
    pooled: object
    folds: Annotated[list[object], Field(min_length=2, max_length=64)]
    cells: list[StoredCells]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class StoredScreening:
    """The screening."""

    below: Number
    counts: list[Count]
    limit: StoredLimit


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class StoredPatient:
    """What the blanks hold of one patient."""

    diagnosis_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    blasts: object
    share: Annotated[float, Field(gt=0.0, lt=1.0)]
    drift: list[Annotated[float, Field(gt=0.0)]]
    reach: Annotated[float, Field(gt=0.0)]
    counts: list[Count]
    limit: StoredLimit
    trees: object
    trees_above: Number
    trees_counts: list[Count]
    trees_limit: StoredLimit


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class StoredBackground:
    """The whole document."""

    format: Literal["mrdkit flow background 1"]
    panel: Text
    panel_version: Text
    settings: Text
    n_blanks: Count
    provisional: bool
    method: Literal["diagnosis", "screening", "gate"]
    created_from: list[StoredOrigin]
    alpha: Number
    dispersion: Number
    lob: Number
    blanks: list[StoredBlank]
    reference: StoredReference | None
    screening: StoredScreening | None
    patient: StoredPatient | None
    flags: list[Text]
    reasons: list[Text]
