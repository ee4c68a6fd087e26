"""Exact intervals, limits and fits: pure functions on numbers, known to every assay."""

from mrdkit.stats.dispersed import dispersion_of, over_dispersed_quantile, poisson_mean_exceeding
from mrdkit.stats.intervals import (
    Interval,
    binomial_upper_limit,
    clopper_pearson,
    garwood,
    zero_count_upper_limit,
)
from mrdkit.stats.limits import (
    classical_detection_limit,
    parametric_blank_limit,
    pooled_sd,
    rank_blank_limit,
)
from mrdkit.stats.lines import Line, fit_line
from mrdkit.stats.probit import ProbitFit, fit_probit
from mrdkit.stats.probit_doses import DoseHits
from mrdkit.stats.quantiles import binomial_quantile, poisson_quantile

__all__ = [
    "DoseHits",
    "Interval",
    "Line",
    "ProbitFit",
    "binomial_quantile",
    "binomial_upper_limit",
    "classical_detection_limit",
    "clopper_pearson",
    "dispersion_of",
    "fit_line",
    "fit_probit",
    "garwood",
    "over_dispersed_quantile",
    "parametric_blank_limit",
    "poisson_mean_exceeding",
    "poisson_quantile",
    "pooled_sd",
    "rank_blank_limit",
    "zero_count_upper_limit",
]
