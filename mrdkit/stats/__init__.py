"""Exact intervals and limits: pure functions on counts, known to every assay."""

from mrdkit.stats.intervals import (
    Interval,
    binomial_upper_limit,
    clopper_pearson,
    garwood,
    zero_count_upper_limit,
)

__all__ = [
    "Interval",
    "binomial_upper_limit",
    "clopper_pearson",
    "garwood",
    "zero_count_upper_limit",
]
