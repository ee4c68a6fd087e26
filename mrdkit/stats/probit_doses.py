"""Which counts of detected replicates have a probit fit, and the named error of those that have none.

A fit exists only where the doses that were missed and the doses that were detected overlap (Albert and
Anderson 1984).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mrdkit.errors import InputError
from mrdkit.stats.intervals import clopper_pearson

__all__ = ["DoseHits", "check_doses", "no_fit", "not_rising"]

_SAME = 1e-9  # doses no further apart are one dose with rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseHits:
    """How many of `total` replicates at one dose were detected; dose 0 is a blank."""

    dose: float
    hits: int
    total: int

    def __post_init__(self) -> None:
        """Refuse what cannot have been counted."""
        if not (math.isfinite(self.dose) and self.dose >= 0.0 and 0 <= self.hits <= self.total != 0):
            raise ValueError(f"impossible: {self.hits} of {self.total} at dose {self.dose}")


def check_doses(rows: Sequence[DoseHits]) -> None:
    """Refuse doses above zero that have no probit fit.

    Raises:
        InputError: fewer than two doses, none or all detected, a hit rate that falls with the dose, or doses
            that part into missed and detected ones.
    """
    doses = [row.dose for row in rows] or [0.0]
    if math.isclose(min(doses), max(doses), rel_tol=_SAME):
        raise no_fit("a probit needs at least two doses above zero", "PROBIT_DOSES_TOO_FEW")
    missed = [row.dose for row in rows if row.hits < row.total]
    detected = [row.dose for row in rows if row.hits > 0]
    if not detected:
        raise no_fit("no replicate at any dose was detected", "PROBIT_NONE_DETECTED")
    if not missed:
        raise no_fit(
            "every replicate at every dose was detected: the limit lies below the lowest dose",
            "PROBIT_ALL_DETECTED",
            remedy="measure lower doses",
        )
    _check_order(rows)
    if min(missed) >= max(detected):
        raise not_rising(f"detected up to {max(detected):g}, missed from {min(missed):g} on")
    if max(missed) <= min(detected):
        raise no_fit(
            "the doses part into missed and detected ones, so that no slope is the most likely one",
            "PROBIT_SEPARATED",
            found=f"missed up to {max(missed):g}, detected from {min(detected):g} on",
            remedy="measure doses between them",
        )


def _check_order(rows: Sequence[DoseHits]) -> None:
    """Refuse a hit rate that falls with the dose beyond chance: the intervals of two doses lie apart."""
    best: tuple[float, float] | None = None
    for dose in sorted({row.dose for row in rows}):
        same = [row for row in rows if row.dose == dose]
        rate = clopper_pearson(sum(row.hits for row in same), sum(row.total for row in same))
        if best and rate.high < best[1]:
            raise not_rising(f"a lower hit rate at dose {dose:g} than at dose {best[0]:g}")
        if best is None or rate.low > best[1]:
            best = dose, rate.low


def not_rising(found: str) -> InputError:
    """Return the error of a hit rate that falls with the dose."""
    return no_fit(
        "the hit rate does not rise with the dose",
        "PROBIT_NOT_RISING",
        found=found,
        remedy="check the doses and the counts",
    )


def no_fit(what: str, code: str, *, found: str | None = None, remedy: str | None = None) -> InputError:
    """Return the error of counts that have no probit fit."""
    return InputError(
        what, code=code, found=found, remedy=remedy or "measure doses on both sides of the limit"
    )
