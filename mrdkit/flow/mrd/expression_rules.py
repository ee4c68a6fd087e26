"""What a panel and the reference file say about antigens on blasts, as checked records.

Panel, `[[expression]]`: which population of the same tube is negative for a marker. Reference file,
reference/flow/expression.toml: how many blasts it takes, controls, loss, limits of therapies.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, TypeAlias

from pydantic import Field

from mrdkit.errors import RuleError
from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.flow.strategy import Dimension

__all__ = [
    "AntigenLimit",
    "BlastRules",
    "ChangeRules",
    "ControlRules",
    "ExpressionRule",
    "ExpressionSettings",
    "axis_of",
    "check_expression",
    "read_expression_settings",
]

Name: TypeAlias = Annotated[str, Field(min_length=1)]
Count: TypeAlias = Annotated[int, Field(ge=1)]
Percent: TypeAlias = Annotated[float, Field(gt=0.0, le=100.0)]
Share: TypeAlias = Annotated[float, Field(gt=0.0, lt=1.0)]
Quantile: TypeAlias = Annotated[float, Field(gt=0.5, lt=1.0)]
Code: TypeAlias = Annotated[str, Field(pattern="^[A-Z][A-Z0-9_]+$")]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ExpressionRule:
    """Where a marker's cut-off comes from in every tube: a quantile of a population that lacks the marker.

    Attributes:
        marker: the marker.
        negative_gate: a population of the same tube that does not carry it.
        quantile: of that population.
        at_least_events: that it must hold.
        cutoff_at_most: in units of the axis; a population that stands higher is not negative.
    """

    marker: Name
    negative_gate: Name
    quantile: Quantile
    at_least_events: Count
    cutoff_at_most: float


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class BlastRules:
    """How many blasts a percentage needs, and which share of the denominator where no gate holds them."""

    source: str
    at_least_events: Count
    by_phenotype_at_least_percent: Percent


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ControlRules:
    """The quantile of a control tube's blasts, and how many it takes."""

    source: str
    quantile: Quantile
    at_least_events: Count


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ChangeRules:
    """When a marker is lost or reduced since diagnosis."""

    source: str
    positive_at_least_percent: Percent
    lost_at_most_of_diagnosis: Share
    reduced_at_least_points: Percent
    reduced_median_at_most_of_diagnosis: Share


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AntigenLimit:
    """A percentage that a therapy asks for, and the flags of reaching and of missing it."""

    marker: Name
    at_least_percent: Percent
    reached: Code
    missed: Code
    source: str


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ExpressionSettings(Rule):
    """The reference file."""

    blasts: BlastRules
    control: ControlRules
    change: ChangeRules
    limit: tuple[AntigenLimit, ...]


def read_expression_settings() -> ExpressionSettings:
    """Read the shipped settings."""
    return read_rule("flow", "expression", ExpressionSettings)


def axis_of(axes: Mapping[str, Dimension], marker: str) -> Dimension | None:
    """Return a marker's first axis that has a scale, else its first one; None where it has none."""
    own = [axis for axis in axes.values() if axis.by == "marker" and axis.spellings[0] == marker]
    scaled = [axis for axis in own if axis.transform is not None]
    return next(iter([*scaled, *own]), None)


def check_expression(
    rules: Sequence[ExpressionRule], axes: Mapping[str, Dimension], gates: Collection[str]
) -> None:
    """Refuse a panel whose rules name an unknown gate, a marker without scale, or one marker twice.

    Raises:
        RuleError: the first of these.
    """
    if len({rule.marker for rule in rules}) != len(rules):
        raise RuleError("a marker has two rules", code="MARKER_REPEATED", place="expression")
    for rule in rules:
        place = f"expression {rule.marker}"
        if rule.negative_gate not in gates:
            raise RuleError("no gate of this id", code="GATE_UNKNOWN", place=place, found=rule.negative_gate)
        axis = axis_of(axes, rule.marker)
        if axis is None or axis.transform is None:
            raise RuleError("the marker has no axis with a scale", code="MARKER_WITHOUT_SCALE", place=place)
