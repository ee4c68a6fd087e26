"""From how many nuclei on a class of patterns is positive: the laboratory's cut-offs, CUTOFFS.toml.

There is no consensus method and so no built-in cut-off. `betainv` is the exact one-sided upper limit of the
false positives in normal controls (BETAINV); `given` is a number that the laboratory states with its source.
Positive means more than the cut-off: equality is within normal limits. Whole nuclei are compared.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from mrdkit.errors import RuleError
from mrdkit.files import rule_from_toml, sha256_of
from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.stats import binomial_upper_limit

__all__ = ["Cutoff", "CutoffTable", "betainv_percent", "min_positive", "read_cutoffs"]

_CutoffClass: TypeAlias = Literal["split", "del5", "del3", "gain", "loss"]
_Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
_Nuclei: TypeAlias = Annotated[int, Field(ge=1, le=1_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """The cut-off of one class in percent, the nuclei it was set on, and how it was made."""

    percent: float
    n: int
    basis: str


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Entry:
    probe: _Text
    class_: Annotated[_CutoffClass, Field(alias="class")]
    n: _Nuclei
    lot: str | None = None
    controls: int | None = None
    date: dt.date | None = None
    laboratory: str | None = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Betainv(_Entry):
    method: Literal["betainv"]
    # The share of false positives, 0.05; a confidence of 0.95 written here would be refused.
    alpha: Annotated[float, Field(gt=0.0, lt=0.5)]
    max_false: Annotated[int, Field(ge=0)]
    source: str | None = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Given(_Entry):
    method: Literal["given"]
    percent: Annotated[float, Field(ge=0.0, lt=100.0)]
    source: _Text


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _CutoffsFile:
    cutoff: list[Annotated[_Betainv | _Given, Field(discriminator="method")]] = Field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutoffTable:
    """The cut-offs of one laboratory, and the sha256 of the file they come from."""

    cutoffs: Mapping[tuple[str, str], Cutoff]
    sha256: str

    def of_probe(self, probe_id: str) -> Mapping[str, Cutoff]:
        """Return class -> cut-off of one probe; empty where none is registered."""
        return {name: cutoff for (probe, name), cutoff in self.cutoffs.items() if probe == probe_id}


def read_cutoffs(path: Path) -> CutoffTable:
    """Read CUTOFFS.toml.

    Raises:
        RuleError: an unknown key, class or method, a missing value, or a class that stands twice.
    """
    cutoffs: dict[tuple[str, str], Cutoff] = {}
    for place, entry in enumerate(rule_from_toml(path, _CutoffsFile).cutoff):
        key = (entry.probe, entry.class_)
        if key in cutoffs:
            raise _refused(path, place, "a class has two cut-offs", "CUTOFF_DUPLICATE", found=", ".join(key))
        if isinstance(entry, _Betainv) and entry.max_false >= entry.n:
            found = f"{entry.max_false} of {entry.n}"
            raise _refused(path, place, "every control is false positive", "CUTOFF_INVALID", found=found)
        cutoffs[key] = _cutoff(entry)
    return CutoffTable(cutoffs=cutoffs, sha256=sha256_of(path))


def betainv_percent(max_false: int, n: int, alpha: float) -> float:
    """Return the cut-off in percent for at most `max_false` false positives among `n` control nuclei.

    >>> round(betainv_percent(1, 200, 0.05), 6)
    2.349847
    """
    return 100.0 * binomial_upper_limit(max_false, n, confidence=1.0 - alpha)


@lru_cache(maxsize=4096)
def min_positive(cutoff_percent: float, n: int) -> int:
    """Return the smallest number of nuclei among `n` that is more than the cut-off.

    The cut-off is taken as the decimal number that it is written as: 23 of 1000 are not more than 2.3 %.

    >>> min_positive(2.3, 1000)
    24
    """
    return Fraction(repr(cutoff_percent)) * n // 100 + 1


def _cutoff(entry: _Betainv | _Given) -> Cutoff:
    if isinstance(entry, _Given):
        return Cutoff(percent=entry.percent, n=entry.n, basis=f"given, {entry.source}")
    percent = betainv_percent(entry.max_false, entry.n, entry.alpha)
    basis = f"betainv, alpha {entry.alpha:g}, {entry.max_false} of {entry.n}"
    return Cutoff(percent=percent, n=entry.n, basis=basis)


def _refused(path: Path, place: int, what: str, code: str, *, found: str) -> RuleError:
    return RuleError(what, code=code, file=path, place=f"cutoff {place + 1}", found=found)
