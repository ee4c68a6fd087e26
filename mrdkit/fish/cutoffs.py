"""The laboratory's cut-offs as it wrote them down: CUTOFFS.toml, one record per probe, class and lot.

Every record says how it was made, so that it can be made again: method, alpha, false positives, nuclei,
controls, date, laboratory. `limits` turns a record into a cut-off.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from mrdkit.errors import RuleError
from mrdkit.files import rule_from_toml, sha256_of
from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.fish.limits import Cutoff, PooledMethod, betainv_cutoff, pooled_cutoff

__all__ = ["CutoffTable", "read_cutoffs"]

_CutoffClass: TypeAlias = Literal["split", "del5", "del3", "gain", "loss"]
_Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
_Nuclei: TypeAlias = Annotated[int, Field(ge=1, le=1_000_000)]
# The share of false positives, 0.05; a confidence of 0.95 written here is refused.
_Alpha: TypeAlias = Annotated[float, Field(gt=0.0, lt=0.5)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Entry:
    probe: _Text
    class_: Annotated[_CutoffClass, Field(alias="class")]
    n: _Nuclei
    lot: _Text | None = None
    controls: int | None = None
    date: dt.date | None = None
    laboratory: str | None = None
    source: _Text | None = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Betainv(_Entry):
    method: Literal["betainv"]
    alpha: _Alpha
    max_false: Annotated[int, Field(ge=0)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Pooled(_Entry):
    method: PooledMethod
    alpha: _Alpha
    false_positives: Annotated[int, Field(ge=0)]
    control_nuclei: Annotated[int, Field(ge=1, le=1_000_000_000)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Given(_Entry):
    method: Literal["given"]
    percent: Annotated[float, Field(ge=0.0, lt=100.0)]
    source: _Text


_Record: TypeAlias = _Betainv | _Pooled | _Given


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _CutoffsFile:
    cutoff: list[Annotated[_Record, Field(discriminator="method")]] = Field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutoffTable:
    """The cut-offs of one laboratory by probe and class, and the sha256 of the file they come from."""

    cutoffs: Mapping[tuple[str, str], tuple[Cutoff, ...]]
    sha256: str

    def of_probe(self, probe_id: str, lot: str | None = None) -> Mapping[str, Cutoff]:
        """Return class -> cut-off of one probe; empty where none is registered.

        Of several, that of the lot in use decides, else the one that names no lot. A single one of another
        lot is taken (and flagged with the call); of several other lots none is.
        """
        chosen = {
            name: _of_lot(cutoffs, lot)
            for (probe, name), cutoffs in self.cutoffs.items()
            if probe == probe_id
        }
        return {name: cutoff for name, cutoff in chosen.items() if cutoff is not None}


def _of_lot(cutoffs: tuple[Cutoff, ...], lot: str | None) -> Cutoff | None:
    for wanted in (lot, None):
        for cutoff in cutoffs:
            if cutoff.lot == wanted:
                return cutoff
    return cutoffs[0] if len(cutoffs) == 1 else None


def read_cutoffs(path: Path) -> CutoffTable:
    """Read CUTOFFS.toml.

    Raises:
        RuleError: an unknown key, class or method, a missing value, or a class that stands twice for a lot.
    """
    cutoffs: dict[tuple[str, str], tuple[Cutoff, ...]] = {}
    for place, entry in enumerate(rule_from_toml(path, _CutoffsFile).cutoff):
        key = (entry.probe, entry.class_)
        known = cutoffs.get(key, ())
        if any(other.lot == entry.lot for other in known):
            raise _refused(path, place, "a class has two cut-offs", "CUTOFF_DUPLICATE", found=", ".join(key))
        cutoffs[key] = (*known, _cutoff(entry, path, place))
    return CutoffTable(cutoffs=cutoffs, sha256=sha256_of(path))


def _cutoff(entry: _Record, path: Path, place: int) -> Cutoff:
    match entry:
        case _Given():
            return Cutoff(percent=entry.percent, n=entry.n, basis=f"given, {entry.source}", lot=entry.lot)
        case _Betainv():
            _check_controls(entry.max_false, entry.n, path, place)
            return betainv_cutoff(max_false=entry.max_false, n=entry.n, alpha=entry.alpha, lot=entry.lot)
        case _Pooled():
            _check_controls(entry.false_positives, entry.control_nuclei, path, place)
            cutoff = pooled_cutoff(
                method=entry.method,
                false_positives=entry.false_positives,
                control_nuclei=entry.control_nuclei,
                n=entry.n,
                alpha=entry.alpha,
                lot=entry.lot,
            )
            _check_controls(cutoff.highest_negative or 0, entry.n, path, place)
            return cutoff


def _check_controls(false: int, nuclei: int, path: Path, place: int) -> None:
    if false >= nuclei:
        raise _refused(
            path,
            place,
            "the controls leave nothing that could be positive",
            "CUTOFF_INVALID",
            found=f"{false} of {nuclei}",
        )


def _refused(path: Path, place: int, what: str, code: str, *, found: str) -> RuleError:
    return RuleError(what, code=code, file=path, place=f"cutoff {place + 1}", found=found)
