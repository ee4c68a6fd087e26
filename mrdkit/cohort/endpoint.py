"""One row of the endpoint table, and how a share of patients becomes one."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from mrdkit.stats import clopper_pearson

__all__ = ["Endpoint", "share", "spread"]

_EXACT = "exact (Clopper-Pearson) 95 % interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint of one group.

    Attributes:
        endpoint: id of the endpoint.
        group: value of the grouping column, None for the whole cohort.
        n: patients who reached it; of survival, patients with the event.
        denominator: patients who could have.
        percent: 100 n / denominator, None where nobody could have; of survival, the estimate.
        value: what is not a share, in `unit`.
        ci_low: lower limit, in percent or in `unit`; `method` says where it is the smallest value instead.
        ci_high: upper limit, or the largest value.
        p_value: of the comparison between groups, None without groups or where nothing can be compared.
        method: how it was estimated and compared, and whom it is about.
        flags: stable codes of what a reader must know; `reasons` explains each.
    """

    endpoint: str
    group: str | None
    n: int
    denominator: int
    percent: float | None
    value: float | None
    unit: str | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    method: str
    flags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def share(endpoint: str, group: str | None, n: int, among: int, note: str) -> Endpoint:
    """Return a share with its exact interval; of nobody it has neither."""
    low, high = (100.0 * limit for limit in clopper_pearson(n, among)) if among else (None, None)
    return Endpoint(
        endpoint=endpoint,
        group=group,
        n=n,
        denominator=among,
        percent=100.0 * n / among if among else None,
        value=None,
        unit=None,
        ci_low=low,
        ci_high=high,
        p_value=None,
        method=f"{_EXACT}; {note}",
    )


def spread(
    endpoint: str, group: str | None, values: Sequence[float], among: int, *, unit: str, note: str
) -> Endpoint:
    """Return the median of values with their range."""
    return Endpoint(
        endpoint=endpoint,
        group=group,
        n=len(values),
        denominator=among,
        percent=None,
        value=float(median(values)) if values else None,
        unit=unit,
        ci_low=float(min(values)) if values else None,
        ci_high=float(max(values)) if values else None,
        p_value=None,
        method=f"median; the interval is the range; {note}",
    )
