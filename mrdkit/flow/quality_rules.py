"""The thresholds of the quality checks as checked records. Source: reference/flow/quality.toml."""

from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import Field

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule

__all__ = [
    "ClogRules",
    "DebrisRules",
    "DoubletRules",
    "DriftRules",
    "FlowRateRules",
    "GapRules",
    "MarginRules",
    "QualityRules",
    "RunRules",
    "TimeRules",
    "read_quality_rules",
]

Percent: TypeAlias = Annotated[float, Field(ge=0.0, le=100.0)]
Positive: TypeAlias = Annotated[float, Field(gt=0.0)]
Share: TypeAlias = Annotated[float, Field(gt=0.0, lt=1.0)]
Names: TypeAlias = tuple[Annotated[str, Field(min_length=1)], ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RunRules:
    """How a tube is cut into runs of equal event numbers."""

    source: str
    at_most: Annotated[int, Field(ge=2)]
    at_least_events: Annotated[int, Field(ge=2)]
    fewest: Annotated[int, Field(ge=3)]
    at_least_ticks: Annotated[int, Field(ge=1)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TimeRules:
    """What may be a time axis, when its counter began again, when it does not rise."""

    source: str
    other_names: Names
    counter_values: tuple[Annotated[int, Field(ge=2)], ...]
    wrap_within_percent: Annotated[float, Field(gt=0.0, lt=25.0)]
    backward_more_than_percent: Percent
    still_more_than_percent: Percent
    still_more_than_ratio: Annotated[float, Field(gt=1.0)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class FlowRateRules:
    """When the rate of a run departs from the tube's."""

    source: str
    mad_more_than: Positive
    departs_more_than_ratio: Annotated[float, Field(gt=1.0)]
    slow_less_than_ratio: Share
    flag_more_than_percent: Percent


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class GapRules:
    """How long nothing must have been measured; both limits hold."""

    source: str
    more_than_intervals: Positive
    more_than_percent_of_duration: Percent
    flag_more_than_percent: Percent


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ClogRules:
    """How many slow runs in a row, and which share of the signals elsewhere, make a clog."""

    source: str
    at_least_runs: Annotated[int, Field(ge=1)]
    shifted_at_least_percent: Percent
    flag_more_than_percent: Percent


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DriftRules:
    """When a signal's level in a run departs from the tube's; both limits hold.

    Attributes:
        source: where the numbers come from.
        quantiles: the levels that are followed.
        mad_more_than: robust standard deviations of the noise between neighbouring runs.
        shift_more_than_asinh: on the scale asinh(x / the channel's median absolute value).
        flag_more_than_percent: of the events.
    """

    source: str
    quantiles: Annotated[tuple[Share, ...], Field(min_length=1)]
    mad_more_than: Positive
    shift_more_than_asinh: Positive
    flag_more_than_percent: Percent


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class MarginRules:
    """When events at the ends of the scale are worth a flag."""

    source: str
    flag_more_than_percent: Percent


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DoubletRules:
    """The scatter columns, the fit of the singlets and the band about it."""

    source: str
    area: Names
    height: Names
    width: Names
    below_more_than_sd: Positive
    fit_at_most_events: Annotated[int, Field(ge=100)]
    fit_at_least_events: Annotated[int, Field(ge=10)]
    spread_more_than_percent: Percent
    flag_more_than_percent: Percent


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DebrisRules:
    """What makes a valley between debris and cells."""

    source: str
    other_names: Names
    fit_at_least_events: Annotated[int, Field(ge=10)]
    valley_less_than_ratio: Share
    size_less_than_ratio: Share
    at_least_percent: Percent
    at_most_percent: Percent
    flag_more_than_percent: Percent


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class QualityRules(Rule):
    """All thresholds of the quality checks.

    Attributes:
        not_a_signal: beginnings of the $PnN of columns that measure no cell.
        runs: how a tube is cut.
        time: the time axis.
        flow_rate: events per second.
        gaps: nothing measured.
        clogs: slow and shifted.
        drift: signals over time.
        margin: the ends of the scale.
        doublets: two cells in one event.
        debris: too small for a cell.
    """

    not_a_signal: Names
    runs: RunRules
    time: TimeRules
    flow_rate: FlowRateRules
    gaps: GapRules
    clogs: ClogRules
    drift: DriftRules
    margin: MarginRules
    doublets: DoubletRules
    debris: DebrisRules


def read_quality_rules(name_or_path: str | Path = "quality") -> QualityRules:
    """Read the shipped thresholds, or a laboratory's own.

    Raises:
        RuleError: no such rule, or not a complete and exact one.
    """
    return read_rule("flow", name_or_path, QualityRules)
