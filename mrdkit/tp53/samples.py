"""Which column of a file is the patient's tumour, and which its normal; the order of columns says nothing.

Order: the only sample; the sample asked for; a column named TUMOR or TUMOUR (never RNA_TUMOR); the header's
`##tumor_sample` or `##PEDIGREE=<Derived=...>`. Otherwise the choice is the user's.
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
    named = [name for name in header.samples if _TUMOR.fullmatch(name)]
    if named:
        return named[0] if len(named) == 1 else None
    return _one_of(header, (_TUMOR_LINE, _DERIVED))


def _normal(header: VcfHeader, tumor: str) -> int | None:
    named = [name for name in header.samples if _NORMAL.fullmatch(name)]
    name = named[0] if len(named) == 1 else _one_of(header, (_NORMAL_LINE, _ORIGINAL))
    return None if name is None or name == tumor else header.samples.index(name)


def _one_of(header: VcfHeader, patterns: Iterable[re.Pattern[str]]) -> str | None:
    """Return the one sample that the header's lines of these kinds name."""
    found = {
        match[1].strip()
        for line in header.meta
        for pattern in patterns
        if (match := pattern.match(line)) and match[1].strip() in header.samples
    }
    return found.pop() if len(found) == 1 else None


def _ambiguous(what: str, samples: tuple[str, ...], wanted: str | None) -> UsageError:
    return UsageError(
        what,
        code="SAMPLE_AMBIGUOUS" if wanted is None else "SAMPLE_UNKNOWN",
        expected="one of " + ", ".join(samples) if samples else "no --sample, since the file has no samples",
        found=wanted,
        remedy="name it with --sample" if samples else None,
    )
