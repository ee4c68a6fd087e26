"""From how many nuclei on a class is positive, by the method that a laboratory chose.

`betainv` is the exact one-sided upper limit of the false positives of the worst normal control (BETAINV);
`binomial` and `poisson` are the highest count that the pooled rate of all controls explains in the nuclei of
one case; `given` is a number that the laboratory states with its source. There is no consensus and so no
default. Positive means more than the cut-off, equality is within normal limits; whole nuclei are compared.
Source: Ciolino 2009, J Mol Diagn 11:330 (comparison of methods); Shetty 2020 (BETAINV in use).
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal, TypeAlias

from mrdkit.stats import binomial_quantile, binomial_upper_limit, poisson_quantile

__all__ = ["Cutoff", "PooledMethod", "betainv_cutoff", "betainv_percent", "min_positive", "pooled_cutoff"]

PooledMethod: TypeAlias = Literal["binomial", "poisson"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """The cut-off of one class.

    Attributes:
        percent: the cut-off; more is positive.
        n: nuclei that it was set on.
        basis: how it was made, for people.
        highest_negative: where a count of the `n` nuclei is the cut-off, that count.
        lot: lot of the probe that it was set with.
    """

    percent: float
    n: int
    basis: str
    highest_negative: int | None = None
    lot: str | None = None

    def min_positive(self, n: int) -> int:
        """Return the smallest number of nuclei among `n` that is more than the cut-off."""
        if self.highest_negative is None:
            return min_positive(self.percent, n)
        return self.highest_negative * n // self.n + 1


@lru_cache(maxsize=4096)
def min_positive(cutoff_percent: float, n: int) -> int:
    """Return the smallest number of nuclei among `n` that is more than a percentage.

    The percentage is taken as the decimal number that it is written as: 23 of 1000 are not more than 2.3 %.

    >>> min_positive(2.3, 1000)
    24
    """
    return Fraction(repr(cutoff_percent)) * n // 100 + 1


def betainv_percent(max_false: int, n: int, alpha: float) -> float:
    """Return the cut-off in percent for at most `max_false` false positives among `n` control nuclei.

    >>> round(betainv_percent(1, 200, 0.05), 6)
    2.349847
    """
    return 100.0 * binomial_upper_limit(max_false, n, confidence=1.0 - alpha)


def betainv_cutoff(*, max_false: int, n: int, alpha: float, lot: str | None = None) -> Cutoff:
    """Return the cut-off of the worst normal control: `max_false` of its `n` nuclei were false positive.

    Raises:
        ValueError: `max_false` is not a number from 0 to `n`.
    """
    return Cutoff(
        percent=betainv_percent(max_false, n, alpha),
        n=n,
        basis=f"betainv, alpha {alpha:g}, {max_false} of {n}",
        lot=lot,
    )


def pooled_cutoff(
    *,
    method: PooledMethod,
    false_positives: int,
    control_nuclei: int,
    n: int,
    alpha: float,
    lot: str | None = None,
) -> Cutoff:
    """Return the cut-off of all normal controls together, for cases of `n` nuclei.

    Raises:
        ValueError: more false positives than control nuclei.
    """
    rate = false_positives / control_nuclei
    if method == "binomial":
        highest = binomial_quantile(n, rate, confidence=1.0 - alpha)
    else:
        highest = min(n, poisson_quantile(rate * n, confidence=1.0 - alpha))
    pooled = f"{false_positives} of {control_nuclei} pooled, at most {highest} of {n} by chance"
    return Cutoff(
        percent=100.0 * highest / n,
        n=n,
        basis=f"{method}, alpha {alpha:g}, {pooled}",
        highest_negative=highest,
        lot=lot,
    )
