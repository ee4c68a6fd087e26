"""The settings of the visible gates as a checked record. Source: reference/flow/visible_gates.toml."""

from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import Field

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule

__all__ = ["VisibleRules", "read_visible_rules"]

Share: TypeAlias = Annotated[float, Field(gt=0.0, lt=1.0)]
Positive: TypeAlias = Annotated[float, Field(gt=0.0)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class VisibleRules(Rule):
    """How scored events are shown as polygons.

    Attributes:
        share_at_least: of the scored events, inside all polygons; below it the gates are flagged.
        precision_at_least: scored share of the events inside; below it the gates are flagged.
        events_at_least: scored events; with fewer no gate is drawn.
        pairs_at_least: marker pairs.
        pairs_at_most: marker pairs.
        vertices_at_most: of one polygon.
        excludes_at_least_share: of the other events left, which a pair beyond the least number must exclude.
        excludes_at_least_per_scored: times the scored events, which it must exclude too.
        others_per_scored_at_least: other events that a side must exclude per scored event that it gives up.
        core_share: of the scored events, the least outlying ones that decide pairs and scale.
        margin_deviations: widening in standard deviations of the core, times n ** (-1/6).
        step_share: of the scored events that a side gives up in one step.
        spread_at_least_share: of a marker's range, the least standard deviation that a cluster may have.
        scored_searched_at_most: scored events that the search looks at.
        others_searched_at_most: other events that the search looks at.
    """

    share_at_least: Share
    precision_at_least: Share
    events_at_least: Annotated[int, Field(ge=3)]
    pairs_at_least: Annotated[int, Field(ge=1)]
    pairs_at_most: Annotated[int, Field(ge=1)]
    vertices_at_most: Annotated[int, Field(ge=3)]
    excludes_at_least_share: Share
    excludes_at_least_per_scored: Positive
    others_per_scored_at_least: Positive
    core_share: Share
    margin_deviations: Positive
    step_share: Share
    spread_at_least_share: Share
    scored_searched_at_most: Annotated[int, Field(ge=100)]
    others_searched_at_most: Annotated[int, Field(ge=100)]

    def __post_init__(self) -> None:
        """Refuse settings that contradict each other."""
        if self.pairs_at_least > self.pairs_at_most:
            raise ValueError("pairs_at_least must not be above pairs_at_most")
        if self.core_share < self.share_at_least:
            raise ValueError("core_share must not be below share_at_least")


def read_visible_rules(name_or_path: str | Path = "visible_gates") -> VisibleRules:
    """Read the shipped settings, or a laboratory's by path.

    Raises:
        RuleError: incomplete, unknown or contradictory.
    """
    return read_rule("flow", name_or_path, VisibleRules)
