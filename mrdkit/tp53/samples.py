"""Which column of a file is the patient's tumour, and which its normal; the order of columns says nothing.

Order: the only sample; the sample asked for; a column named TUMOR or TUMOUR (never RNA_TUMOR); the header's
`##tumor_sample`, or the derived sample of `##PEDIGREE`. Where these name several columns, or one that the
header also names as the normal, the choice is the user's: a normal taken for the tumour would be wild type.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mrdkit.errors import UsageError
from mrdkit.tp53.records import VcfHeader

__all__ = ["Columns", "choose_columns"]

_TUMOR = re.compile(r"(?i)(DNA_)?TUMOU?R")
_NORMAL = re.compile(r"(?i)(DNA_)?(NORMAL|GERMLINE)")
_DERIVED = re.compile(r"(?i)PEDIGREE=<.*Derived=([^,>]+)")
_DERIVED_BY_ID = re.compile(r"(?i)PEDIGREE=<ID=([^,>]+),.*Original=")  # since VCF 4.3
_ORIGINAL = re.compile(r"(?i)PEDIGREE=<.*Original=([^,>]+)")
_TUMOR_LINE = re.compile(r"(?i)tumou?r_sample=(.+)")
_NORMAL_LINE = re.compile(r"(?i)normal_sample=(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Indices of the sample columns; both None in a file without samples."""

    name: str | None
    tumor: int | None
    normal: int | None


def choose_columns(header: VcfHeader, wanted: str | None) -> Columns:
    """Return the columns of the sample that the call is about and of its normal.

    Raises:
        UsageError: the sample asked for is absent, or several stand to choose and nothing tells them apart.
    """
    samples = header.samples
    if wanted is not None and wanted not in samples:
        raise _ambiguous("the file has no such sample", samples, wanted)
    name = wanted if wanted is not None else _tumor(header)
    if name is None:
        if samples:
            raise _ambiguous("the file has several samples", samples, None)
        return Columns(name=None, tumor=None, normal=None)
    return Columns(name=name, tumor=samples.index(name), normal=_normal(header, name))


def _tumor(header: VcfHeader) -> str | None:
    if len(header.samples) == 1:
        return header.samples[0]
    tumors = {name for name in header.samples if _TUMOR.fullmatch(name)}
    tumors |= _told(header, (_TUMOR_LINE, _DERIVED, _DERIVED_BY_ID))
    certain = len(tumors) == 1 and not tumors & _normals(header)
    return tumors.pop() if certain else None


def _normal(header: VcfHeader, tumor: str) -> int | None:
    normals = _normals(header) - {tumor}
    return header.samples.index(normals.pop()) if len(normals) == 1 else None


def _normals(header: VcfHeader) -> set[str]:
    named = {name for name in header.samples if _NORMAL.fullmatch(name)}
    return named | _told(header, (_NORMAL_LINE, _ORIGINAL))


def _told(header: VcfHeader, patterns: Iterable[re.Pattern[str]]) -> set[str]:
    """Return the samples that the header's lines of these kinds name."""
    matches = (pattern.match(line) for line in header.meta for pattern in patterns)
    return {match[1].strip() for match in matches if match} & set(header.samples)


def _ambiguous(what: str, samples: tuple[str, ...], wanted: str | None) -> UsageError:
    return UsageError(
        what,
        code="SAMPLE_AMBIGUOUS" if wanted is None else "SAMPLE_UNKNOWN",
        expected="one of " + ", ".join(samples) if samples else "no --sample, since the file has no samples",
        found=wanted,
        remedy="name it with --sample" if samples else None,
    )
