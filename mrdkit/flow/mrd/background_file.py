"""Background files: one JSON document per panel and cytometer, or per patient; written and read exactly.

The blanks' cells stand in it as zlib-packed 16-bit steps, column by column, in base64. A file is hostile
until every size, shape and number was checked: nothing is unpacked beyond what the document promises.
"""

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from mrdkit.errors import InputError
from mrdkit.files import unreadable
from mrdkit.flow.mrd.background import Background, Patient, Reference, Screening
from mrdkit.flow.mrd.background_document import (
    StoredBackground,
    StoredCells,
    StoredLimit,
    StoredPatient,
    StoredReference,
    StoredScreening,
)
from mrdkit.flow.mrd.blank import Blank
from mrdkit.flow.mrd.blank_limit import BlankLimit
from mrdkit.flow.mrd.boosting import BoostedTrees
from mrdkit.flow.mrd.detection_rules import DetectorSettings, read_detector_settings
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.flow.mrd.normal import NormalReference
from mrdkit.flow.mrd.phenotype import Phenotype
from mrdkit.flow.mrd.second_opinion import SecondOpinion
from mrdkit.results import Json

__all__ = ["background_summary", "background_text", "read_background"]

_FORMAT = "mrdkit flow background 1"
_LARGEST_FILE = 1 << 30  # bytes
_LARGEST_RATIO = 64  # bytes of steps in one packed; real cells pack to about a half
_STEP_BYTES = 2
_PROVISIONAL = "The limits of blank are provisional: {} blanks are needed to claim them."


def background_summary(background: Background) -> dict[str, Json]:
    """Return what a background says, without the cells: the fields of the command's answer."""
    settings = read_detector_settings()
    limit = background.limit(settings)
    method = "gate" if background.reference is None else "screening"
    return {
        "format": _FORMAT,
        "panel": background.panel,
        "panel_version": background.panel_version,
        "settings": _name_of(settings),
        "n_blanks": len(background.blanks),
        "provisional": background.provisional,
        "method": method if background.patient is None else "diagnosis",
        "created_from": [{"path": blank.path, "sha256": blank.sha256} for blank in background.blanks],
        "alpha": limit.alpha,
        "dispersion": limit.dispersion,
        "lob": background.lob(settings),
        "blanks": [
            {
                "sha256": blank.sha256,
                "cytometer": blank.cytometer,
                "n_denominator": blank.n_denominator,
                "n_hematogones": blank.n_hematogones,
                "n_target": count,
            }
            for blank, count in zip(background.blanks, background.counts, strict=True)
        ],
        "flags": ["BACKGROUND_PROVISIONAL"] if background.provisional else [],
        "reasons": [_PROVISIONAL.format(settings.blanks_claimable)] if background.provisional else [],
    }


def _name_of(settings: DetectorSettings) -> str:
    """Return the settings' name and a digest of their values."""
    return f"{settings.id} {settings.version} {hashlib.sha256(repr(settings).encode()).hexdigest()[:16]}"


def background_text(background: Background) -> str:
    """Return the whole document; the same background gives the same text."""
    document = {
        **background_summary(background),
        "reference": None if background.reference is None else _reference(background.reference),
        "screening": None if background.screening is None else _screening(background.screening),
        "patient": None if background.patient is None else _patient(background.patient),
    }
    return json.dumps(document, indent=1, sort_keys=True, allow_nan=False) + "\n"


def _reference(reference: Reference) -> dict[str, Json]:
    return {
        "features": list(reference.features),
        "landmarks": {gate: dict(by_name) for gate, by_name in reference.landmarks.items()},
        "pooled": reference.normal.pooled.to_json(),
        "folds": [fold.to_json() for fold in reference.normal.folds],
        "cells": [{"n": len(steps), "steps": _packed(steps)} for steps in reference.steps],
    }


def _packed(steps: NDArray[np.int16]) -> str:
    columns = np.ascontiguousarray(steps.T).astype("<i2")
    return base64.b64encode(zlib.compress(columns.tobytes(), level=6)).decode("ascii")


def _screening(screening: Screening) -> dict[str, Json]:
    return {
        "below": screening.below,
        "counts": list(screening.counts),
        "limit": _limit(screening.limit),
    }


def _patient(patient: Patient) -> dict[str, Json]:
    phenotype = patient.phenotype
    return {
        "diagnosis_sha256": patient.diagnosis_sha256,
        "blasts": phenotype.blasts.to_json(),
        "share": phenotype.share,
        "drift": phenotype.drift.tolist(),
        "reach": phenotype.reach,
        "counts": list(patient.counts),
        "limit": _limit(patient.limit),
        "trees": patient.opinion.trees.to_json(),
        "trees_above": patient.opinion.above,
        "trees_counts": list(patient.opinion_counts),
        "trees_limit": _limit(patient.opinion_limit),
    }


def _limit(limit: BlankLimit) -> dict[str, Json]:
    return {"alpha": limit.alpha, "dispersion": limit.dispersion, "probability": limit.probability}


def read_background(path: Path) -> Background:
    """Read a background file.

    Raises:
        InputError: unreadable, no background file, or its numbers contradict each other.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise _refused(f"at most {_LARGEST_FILE} bytes", "a larger file")
        document = json.loads(path.read_bytes())
        stored = TypeAdapter(StoredBackground).validate_python(document)
        return _agreeing(_background(stored), stored)
    except OSError as error:
        raise unreadable(path, error) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _refused(first["msg"], None).at(place or "document").in_file(path) from None
    except (ValueError, RecursionError):
        raise _refused("a JSON document", "something else").in_file(path) from None
    except InputError as error:
        raise error.in_file(path) from None


def _background(stored: StoredBackground) -> Background:
    settings, n = read_detector_settings(), stored.n_blanks
    if stored.settings != _name_of(settings):
        raise _refused(f"settings {_name_of(settings)}", stored.settings).at("settings")
    counts = [blank.n_target for blank in stored.blanks]
    lengths = {"blanks": len(stored.blanks), "created_from": len(stored.created_from)}
    if stored.reference is not None:
        lengths["reference.cells"] = len(stored.reference.cells)
    if stored.screening is not None:
        lengths["screening.counts"] = len(stored.screening.counts)
    if stored.patient is not None:
        lengths["patient.counts"] = len(stored.patient.counts)
        lengths["patient.trees_counts"] = len(stored.patient.trees_counts)
    for place, length in lengths.items():
        if length != n:
            raise _refused(f"{n} entries, one per blank", str(length)).at(place)
    if (stored.reference is None) != (stored.screening is None):
        raise _refused("reference and screening, or neither", "one of them")
    if stored.patient is not None and stored.reference is None:
        raise _refused("a reference beside a patient", "none")
    return Background(
        panel=stored.panel,
        panel_version=stored.panel_version,
        blanks=tuple(_blanks(stored)),
        gate_counts=tuple(counts) if stored.reference is None else None,
        reference=None if stored.reference is None else _read_reference(stored.reference),
        screening=None if stored.screening is None else _read_screening(stored.screening),
        patient=None if stored.patient is None else _read_patient(stored.patient, stored.reference),
        provisional=n < settings.blanks_claimable,
    )


def _agreeing(background: Background, stored: StoredBackground) -> Background:
    """Return the background if the document's summary says the same as its parts."""
    summary = background_summary(background)
    said = [blank.n_target for blank in stored.blanks]
    if said != list(background.counts):
        raise _refused("the counts of the most specific method", "others").at("blanks.n_target")
    for name in ("method", "provisional", "alpha", "dispersion", "lob"):
        if getattr(stored, name) != summary[name]:
            raise _refused(str(summary[name]), str(getattr(stored, name))).at(name)
    return background


def _blanks(stored: StoredBackground) -> Sequence[Blank]:
    return [
        Blank(
            path=origin.path,
            sha256=blank.sha256,
            cytometer=blank.cytometer,
            n_denominator=blank.n_denominator,
            n_hematogones=blank.n_hematogones,
        )
        for origin, blank in zip(stored.created_from, stored.blanks, strict=True)
    ]


def _read_reference(stored: StoredReference) -> Reference:
    pooled, *folds = [NormalMixture.from_json(each) for each in (stored.pooled, *stored.folds)]
    n_features = len(stored.features)
    if {mixture.n_dimensions for mixture in (pooled, *folds)} != {n_features}:
        raise _refused(f"mixtures of {n_features} features", "others").at("reference")
    return Reference(
        features=tuple(stored.features),
        landmarks=stored.landmarks,
        normal=NormalReference(pooled=pooled, folds=tuple(folds)),
        steps=tuple(_unpacked(cells, n_features) for cells in stored.cells),
    )


def _unpacked(cells: StoredCells, n_features: int) -> NDArray[np.int16]:
    size = cells.n * n_features * _STEP_BYTES
    try:
        packed = base64.b64decode(cells.steps, validate=True)
        if size > _LARGEST_RATIO * len(packed):
            raise _refused(f"at most {_LARGEST_RATIO} bytes of steps in one", "more").at("reference.cells")
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, size + 1)
    except (binascii.Error, zlib.error):
        raise _refused("zlib-packed steps in base64", "something else").at("reference.cells") from None
    if len(content) != size or not unpacker.eof:
        raise _refused(f"{size} bytes of steps", "another number").at("reference.cells")
    steps = np.frombuffer(content, dtype="<i2").reshape(n_features, cells.n).T
    return np.ascontiguousarray(steps, dtype=np.int16)


def _read_screening(stored: StoredScreening) -> Screening:
    return Screening(below=stored.below, counts=tuple(stored.counts), limit=_read_limit(stored.limit))


def _read_patient(stored: StoredPatient, reference: StoredReference | None) -> Patient:
    blasts = NormalMixture.from_json(stored.blasts)
    trees = BoostedTrees.from_json(stored.trees)
    n_features = 0 if reference is None else len(reference.features)
    if {blasts.n_dimensions, trees.n_dimensions, len(stored.drift)} != {n_features}:
        raise _refused(f"a patient of {n_features} features", "another number").at("patient")
    return Patient(
        diagnosis_sha256=stored.diagnosis_sha256,
        phenotype=Phenotype(
            blasts=blasts, share=stored.share, drift=np.array(stored.drift), reach=stored.reach
        ),
        counts=tuple(stored.counts),
        limit=_read_limit(stored.limit),
        opinion=SecondOpinion(trees=trees, above=stored.trees_above),
        opinion_counts=tuple(stored.trees_counts),
        opinion_limit=_read_limit(stored.trees_limit),
    )


def _read_limit(stored: StoredLimit) -> BlankLimit:
    return BlankLimit(alpha=stored.alpha, dispersion=stored.dispersion, probability=stored.probability)


def _refused(expected: str, found: str | None) -> InputError:
    return InputError(
        "the file is no background of this version",
        code="BACKGROUND_INVALID",
        expected=expected,
        found=found,
        remedy="make it again with mrdkit flow background",
    )
