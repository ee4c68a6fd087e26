"""Sizes of the experiments and limits of a validation. Source: reference/flow/validation.toml."""

from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import Field

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule

__all__ = ["LimitRules", "QuantitationRules", "ValidationRules", "read_validation_rules"]

Error: TypeAlias = Annotated[float, Field(gt=0.0, lt=0.5)]
Number: TypeAlias = Annotated[int, Field(ge=1)]
Percent: TypeAlias = Annotated[float, Field(gt=0.0)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LimitRules:
    """When limits of blank and detection are provisional, and which lots are pooled."""

    source: str
    alpha: Error
    beta: Error
    blanks_at_least_per_lot: Number
    blanks_claimable_at_least: Number
    pool_at_least_lots: Annotated[int, Field(ge=2)]
    doses_at_least: Number
    replicates_at_least: Number
    poor_fit_p_less_than: Error


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class QuantitationRules:
    """What a level must keep to count as quantified."""

    source: str
    cv_at_most_percent: Percent
    bias_at_most_percent: Percent
    detected_at_least_percent: Annotated[float, Field(gt=0.0, le=100.0)]
    replicates_at_least: Annotated[int, Field(ge=2)]
    log_dose: bool


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ValidationRules(Rule):
    """The whole file."""

    limits: LimitRules
    quantitation: QuantitationRules


def read_validation_rules(name_or_path: str | Path = "validation") -> ValidationRules:
    """Read the shipped rules, or a laboratory's own.

    Raises:
        RuleError: no such rule, or not a complete and exact one.
    """
    return read_rule("flow", name_or_path, ValidationRules)
