"""Precision, bias and detection at each level of a dilution series, and how straight the series is."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from mrdkit.flow.mrd.validation_rules import QuantitationRules
from mrdkit.flow.mrd.validation_table import DilutionTube
from mrdkit.stats import clopper_pearson, fit_line

__all__ = ["Deviation", "Level", "Linearity", "level_of", "linearity_of"]

ROUNDING = 1e-9
FEWEST_LEVELS = 3  # of a line whose slope has an error


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The tubes at one level above zero.

    Attributes:
        level: the true fraction.
        n, n_detected: evaluable tubes, and those in which a cluster was seen.
        n_not_evaluable: tubes that count nowhere else.
        detected_percent, ci_low, ci_high: in percent, with the exact 95 % interval; None without a tube.
        mean, sd: of the measured fractions; None with no tube, with one.
        cv_percent: 100 sd / mean; None where the mean is zero.
        bias_percent: 100 (mean / level - 1).
        quantified: detected, precise and unbiased enough; False where that is not known.
    """

    level: float
    n: int
    n_detected: int
    n_not_evaluable: int
    detected_percent: float | None
    ci_low: float | None
    ci_high: float | None
    mean: float | None
    sd: float | None
    cv_percent: float | None
    bias_percent: float | None
    quantified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """How far the mean of a level lies from the line, in percent of the line."""

    level: float
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Linearity:
    """The line of log10(mean measured fraction) over log10(level); a slope of 1 is proportional.

    Attributes:
        slope, ci_low, ci_high: with the 95 % interval by Student's t.
        r_squared: None where the means do not vary.
        deviations: of each level on the line.
        largest_deviation_percent: the one furthest from zero.
    """

    slope: float
    ci_low: float
    ci_high: float
    r_squared: float | None
    deviations: tuple[Deviation, ...]
    largest_deviation_percent: float


def level_of(level: float, tubes: Sequence[DilutionTube], rules: QuantitationRules) -> Level:
    """Return the figures of the tubes of one level above zero."""
    fractions = [tube.fraction for tube in tubes if tube.fraction is not None]
    n, detected = len(fractions), sum(tube.detected for tube in tubes)
    share = clopper_pearson(detected, n) if n else None
    mean = statistics.fmean(fractions) if n else None
    sd = statistics.stdev(fractions) if n > 1 else None
    cv = 100.0 * sd / mean if sd is not None and mean else None
    bias = 100.0 * (mean / level - 1.0) if mean is not None else None
    return Level(
        level=level,
        n=n,
        n_detected=detected,
        n_not_evaluable=len(tubes) - n,
        detected_percent=100.0 * detected / n if n else None,
        ci_low=100.0 * share.low if share else None,
        ci_high=100.0 * share.high if share else None,
        mean=mean,
        sd=sd,
        cv_percent=cv,
        bias_percent=bias,
        quantified=n >= rules.replicates_at_least
        and 100.0 * detected >= rules.detected_at_least_percent * n
        and _within(cv, bias, rules),
    )


def _within(cv: float | None, bias: float | None, rules: QuantitationRules) -> bool:
    return (
        cv is not None
        and bias is not None
        and _at_most(cv, rules.cv_at_most_percent)
        and _at_most(abs(bias), rules.bias_at_most_percent)
    )


def _at_most(value: float, limit: float) -> bool:
    """Return whether a value keeps its limit; rounding in the last digits never decides."""
    return value <= limit or math.isclose(value, limit, rel_tol=ROUNDING)


def linearity_of(levels: Sequence[Level]) -> Linearity | None:
    """Return the line through all levels with a mean above zero, None where they are fewer than three."""
    points = [(level.level, level.mean) for level in levels if level.mean]
    if len(points) < FEWEST_LEVELS:
        return None
    line = fit_line([math.log10(level) for level, _ in points], [math.log10(mean) for _, mean in points])
    deviations = tuple(
        Deviation(level=level, percent=100.0 * (10.0**residual - 1.0))
        for (level, _), residual in zip(points, line.residuals, strict=True)
    )
    return Linearity(
        slope=line.slope,
        ci_low=line.slope_interval.low,
        ci_high=line.slope_interval.high,
        r_squared=line.r_squared,
        deviations=deviations,
        largest_deviation_percent=max((each.percent for each in deviations), key=abs),
    )
