"""The V(D)J designation of a clone: gene names, and where J starts, counted from 0.

In 2016b the parts are objects and positions count from 1; in 2014.10 they are plain keys (`"3": "TRGJ1*02",
"3start": 89`) and count from 0. In any other form a position has no certain meaning, and none is given: a J
start that is wrong by one aligns a clone with nothing. Source: both specifications, the tool's changelog of
2016-07-13, and the J genes at these positions in files of both versions.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Genes", "genes_of"]

#: Version -> the number of the first base, of the form that the version has.
_NESTED_FROM = {"2016b": 1}
_PLAIN_FROM = {"2014.10": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Genes:
    """Names as written, None where not designated; several D are joined by a comma."""

    v: str | None
    d: str | None
    j: str | None
    j_start: int | None
    flags: tuple[str, ...]


def genes_of(seg: Mapping[str, object], version: str, sequence: str | None) -> Genes:
    """Return the genes of a clone's `seg`, and where J starts in its sequence."""
    j_start, flags = _j_start(seg, version, sequence)
    d_genes = [_name(seg, key) for key in sorted(seg) if key in ("4", "4a", "4b", "4c")]
    return Genes(
        v=_name(seg, "5"),
        d=",".join(name for name in d_genes if name) or None,
        j=_name(seg, "3"),
        j_start=j_start,
        flags=flags,
    )


def _name(seg: Mapping[str, object], key: str) -> str | None:
    part = seg.get(key)
    name = part.get("name") if isinstance(part, dict) else part
    return name if isinstance(name, str) and name else None


def _j_start(
    seg: Mapping[str, object], version: str, sequence: str | None
) -> tuple[int | None, tuple[str, ...]]:
    part = seg.get("3")
    nested = isinstance(part, dict)
    written = part.get("start") if isinstance(part, dict) else seg.get("3start")
    if written is None or sequence is None:
        return None, ()
    first = (_NESTED_FROM if nested else _PLAIN_FROM).get(version)
    if first is None:
        return None, ("POSITIONS_NOT_KNOWN",)
    if type(written) is not int or not 0 <= written - first < len(sequence):
        return None, ("J_START_INVALID",)
    return written - first, ()
