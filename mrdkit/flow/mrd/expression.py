"""How many of the blasts carry a marker, how brightly, and what follows for therapy: from values to records.

Positive is above the cut-off, the upper end of cells that lack the marker. A limit decides by the percentage;
where its exact interval (Clopper and Pearson, 95 %) holds the limit, a flag says that it is undecided. The
interval is that of counting only, not of the cut-off. Limits: reference/flow/expression.toml.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.mrd.expression_rules import AntigenLimit
from mrdkit.flow.transforms import Transform
from mrdkit.stats import clopper_pearson

__all__ = [
    "Cutoff",
    "MarkerExpression",
    "cutoff_of",
    "expression_of",
    "limit_flags",
]

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """A compensated linear value above which a cell is positive, and where it comes from."""

    value: float
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerExpression:
    """One marker on the blasts of one tube. All but the marker is None where it could not be told.

    Attributes:
        marker: its name in the panel.
        n: blasts with a finite value.
        n_positive: of them, above the cut-off.
        percent_positive: their share.
        ci_low: exact 95 % interval of the share, in percent.
        ci_high: the same.
        median: of the blasts' compensated linear values.
        median_display: the median in units of the panel's axis; None where that has no value there.
        cutoff: compensated linear value.
        cutoff_display: the same in units of the axis.
        cutoff_method: source and quantile, such as internal_negative:t_cells:q0.99.
    """

    marker: str
    n: int | None = None
    n_positive: int | None = None
    percent_positive: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    median: float | None = None
    median_display: float | None = None
    cutoff: float | None = None
    cutoff_display: float | None = None
    cutoff_method: str | None = None


def cutoff_of(values: F64, quantile: float, *, at_least: int, source: str) -> Cutoff:
    """Return the quantile of negative cells, an observed value that at most 1 - quantile of them exceed.

    Args:
        values: (n,) compensated linear values; those that are not finite are left out.
        quantile: between 0 and 1.
        at_least: how many finite values it takes.
        source: what the cells are.

    Raises:
        InputError: too few.
    """
    finite = values[np.isfinite(values)]
    if len(finite) < at_least:
        raise InputError(
            "too few negative cells for a cut-off",
            code="NEGATIVE_CELLS_TOO_FEW",
            expected=f"at least {at_least} events of {source}",
            found=str(len(finite)),
        )
    value = float(np.quantile(finite, quantile, method="higher"))
    return Cutoff(value=value, method=f"{source}:q{quantile:g}")


def expression_of(
    marker: str, values: F64, cutoff: Cutoff, transform: Transform | None, *, at_least: int
) -> MarkerExpression:
    """Return how the blasts express a marker.

    Args:
        marker: its name in the panel.
        values: (n,) compensated linear values of the blasts; those that are not finite are left out.
        cutoff: of the marker.
        transform: display scale of the axis.
        at_least: how many finite values it takes.

    Raises:
        InputError: too few.
    """
    finite = values[np.isfinite(values)]
    if len(finite) < at_least:
        raise InputError(
            "too few blasts have a finite value",
            code="BLASTS_TOO_FEW",
            expected=f"at least {at_least}",
            found=str(len(finite)),
        )
    positive = int(np.count_nonzero(finite > cutoff.value))
    interval = clopper_pearson(positive, len(finite))
    median = float(np.median(finite))
    return MarkerExpression(
        marker=marker,
        n=len(finite),
        n_positive=positive,
        percent_positive=100.0 * positive / len(finite),
        ci_low=100.0 * interval.low,
        ci_high=100.0 * interval.high,
        median=median,
        median_display=_displayed(median, transform),
        cutoff=cutoff.value,
        cutoff_display=_displayed(cutoff.value, transform),
        cutoff_method=cutoff.method,
    )


def limit_flags(found: MarkerExpression, limits: Sequence[AntigenLimit]) -> Iterator[str]:
    """Yield the flags of a marker's limits: reached or missed, and undecided where the interval holds one."""
    if found.percent_positive is None or found.ci_low is None or found.ci_high is None:
        return
    for limit in limits:
        if limit.marker != found.marker:
            continue
        yield limit.reached if found.percent_positive >= limit.at_least_percent else limit.missed
        if found.ci_low <= limit.at_least_percent <= found.ci_high:
            yield f"{limit.reached}_UNDECIDED"


def _displayed(value: float, transform: Transform | None) -> float | None:
    if transform is None:
        return None
    coordinate = float(transform.apply(np.array([value]))[0])
    return coordinate if np.isfinite(coordinate) else None
