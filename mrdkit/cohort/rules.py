"""The settings of every cohort analysis: horizons, intervals, tests, matching.

Source: `reference/cohort/analysis.toml`.
"""

from functools import cache

from pydantic import Field

from mrdkit.files import Rule, read_rule
from mrdkit.files.rules import STRICT, checked_dataclass

__all__ = ["AnalysisRules", "analysis_rules"]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TimeRules:
    """The length of a month in days, and the horizon of survival."""

    days_per_month: float = Field(gt=0)
    horizon_months: int = Field(gt=0)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class EstimateRules:
    """Confidence of survival intervals, and how far below one half still counts as one half."""

    confidence: float = Field(gt=0, lt=1)
    median_tolerance: float = Field(ge=0, lt=1e-6)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class GroupRules:
    """How many groups are compared, and where an exact test is printed beside the chi-square."""

    at_most: int = Field(ge=2)
    expected_less_than: float = Field(ge=0)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RegressionRules:
    """Which covariates enter the multivariate model, and when it has too few events."""

    enters_at_p_at_most: float = Field(gt=0, lt=1)
    events_per_variable_at_least: int = Field(ge=1)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class MatchingRules:
    """Caliper of a matched pair in standard deviations of the logit, and what counts as balanced."""

    caliper_sd: float = Field(gt=0)
    balanced_at_most: float = Field(gt=0)
    separated_logit: float = Field(gt=0)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class StoppingRules:
    """The Beta prior of a monitored rate, and the largest trial that is tabulated."""

    prior_events: float = Field(gt=0)
    prior_others: float = Field(gt=0)
    patients_at_most: int = Field(ge=1)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AnalysisRules(Rule):
    """Everything that `reference/cohort/analysis.toml` says."""

    time: TimeRules
    estimate: EstimateRules
    groups: GroupRules
    regression: RegressionRules
    matching: MatchingRules
    stopping: StoppingRules

    @property
    def horizon_days(self) -> float:
        """The horizon of survival in days."""
        return self.time.horizon_months * self.time.days_per_month


@cache
def analysis_rules() -> AnalysisRules:
    """Return the shipped settings."""
    return read_rule("cohort", "analysis", AnalysisRules)
