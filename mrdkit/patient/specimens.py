"""Which specimens speak for the marrow: a negative from blood is no negative of the marrow.

A positive result counts wherever it was found. Source: `reference/specimens/types.toml`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.patient.findings import REVIEW, Finding, flags_of
from mrdkit.patient.mrd_reading import MrdReading
from mrdkit.results import Specimen

__all__ = ["MARROW", "for_marrow", "material_of"]

#: Material of every specimen whose type is not stated.
MARROW = "marrow"

_SEPARATORS = re.compile(r"[\s_-]+")
_WITHHELD = {"negative": "indeterminate"}


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class SpecimenTypes(Rule):
    """Words for marrow, and for other material by its name, in lower case."""

    marrow: tuple[str, ...]
    other: Mapping[str, tuple[str, ...]]


@cache
def _types() -> SpecimenTypes:
    return read_rule("specimens", "types", SpecimenTypes)


def material_of(specimen_type: str | None) -> str:
    """Return what a specimen is: `marrow`, other material by its name, or an unknown word as it is."""
    word = _SEPARATORS.sub(" ", specimen_type or "").strip().casefold()
    if not word or word in _types().marrow:
        return MARROW
    return next((name for name, words in _types().other.items() if word in words), word)


def for_marrow(reading: MrdReading, specimen: Specimen) -> MrdReading:
    """Return what a result says of the marrow: as it is from marrow, without negatives from elsewhere."""
    material = material_of(specimen.specimen_type)
    if material == MARROW:
        return reading
    if material in _types().other:
        reason = f"The specimen is {specimen.specimen_type}, not marrow: it cannot show the marrow negative."
        found = Finding(flag="SPECIMEN_NOT_MARROW", reason=reason)
        status = {threshold: _WITHHELD.get(each, each) for threshold, each in reading.status.items()}
        reading = reading._replace(status=status, overall=_WITHHELD.get(reading.overall, reading.overall))
        return _with(reading, (found,))
    reason = f"The specimen type {specimen.specimen_type!r} is not known; it is taken to be marrow."
    return _with(reading, (Finding(flag="SPECIMEN_TYPE_UNKNOWN", reason=reason), REVIEW))


def _with(reading: MrdReading, findings: tuple[Finding, ...]) -> MrdReading:
    measured = reading.measurement
    flags = tuple(dict.fromkeys((*measured.flags, *flags_of(findings))))
    return reading._replace(
        measurement=replace(measured, status=reading.status, flags=flags),
        findings=(*reading.findings, *findings),
    )
