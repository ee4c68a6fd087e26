"""Which specimens speak for the marrow: a negative from blood is no negative of the marrow.

A positive result counts wherever it was found. Source: `reference/specimens/types.toml`.
"""

import re
from dataclasses import replace
from functools import cache

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.mrd_reading import MrdReading
from mrdkit.results import Specimen

__all__ = ["for_marrow"]

_SEPARATORS = re.compile(r"[\s_-]+")
_WITHHELD = {"negative": "indeterminate"}


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class SpecimenTypes(Rule):
    """Words for marrow and for other material, in lower case."""

    marrow: tuple[str, ...]
    other: tuple[str, ...]


@cache
def _types() -> SpecimenTypes:
    return read_rule("specimens", "types", SpecimenTypes)


def for_marrow(reading: MrdReading, specimen: Specimen) -> MrdReading:
    """Return what a result says of the marrow: as it is from marrow, without negatives from elsewhere."""
    word = _SEPARATORS.sub(" ", specimen.specimen_type or "").strip().casefold()
    if not word or word in _types().marrow:
        return reading
    if word in _types().other:
        reason = f"The specimen is {specimen.specimen_type}, not marrow: it cannot show the marrow negative."
        found = Finding(flag="SPECIMEN_NOT_MARROW", reason=reason)
        return replace(
            reading,
            status={threshold: _WITHHELD.get(each, each) for threshold, each in reading.status.items()},
            overall=_WITHHELD.get(reading.overall, reading.overall),
            findings=(*reading.findings, found),
        )
    reason = f"The specimen type {specimen.specimen_type!r} is not known; it is taken to be marrow."
    found = Finding(flag="SPECIMEN_TYPE_UNKNOWN", reason=reason)
    return replace(reading, findings=(*reading.findings, found, REVIEW))
