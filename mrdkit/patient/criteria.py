"""Response criteria as data: limits with their strictness and unit, categories best first, windows, policies.

One profile is one file in `reference/criteria`. "More than" and "at least" are different operators; what one
profile calls "or" is the fall from a category to the next. Source: each file names its own.
"""

from abc import ABC, abstractmethod
from dataclasses import field
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic.dataclasses import dataclass as checked_dataclass

from mrdkit import reference
from mrdkit.files import Rule, read_rule
from mrdkit.files.rules import STRICT
from mrdkit.patient.quantities import Span

__all__ = [
    "Category",
    "CountLimit",
    "Criteria",
    "CytogeneticPolicy",
    "ExtramedullaryPolicy",
    "Hypocellular",
    "Limit",
    "MrdPolicy",
    "PercentLimit",
    "PlateletTransfusion",
    "Plausible",
    "RelapseCriteria",
    "Remission",
    "Windows",
    "criteria_names",
    "read_criteria",
]

_KIND = "criteria"


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Limit(ABC):
    """One limit and its direction; the value stands in the subclass, with its unit.

    Attributes:
        operator: how a value must stand to the limit.
        at_limit_flag: flag of a value that is exactly the limit.
    """

    operator: Literal["at_most", "less_than", "at_least", "more_than"]
    at_limit_flag: str | None = None

    @property
    @abstractmethod
    def limit(self) -> Decimal:
        """The limit itself."""

    def holds(self, value: Decimal) -> bool:
        """Tell whether one value keeps the limit."""
        match self.operator:
            case "at_most":
                return value <= self.limit
            case "less_than":
                return value < self.limit
            case "at_least":
                return value >= self.limit
            case "more_than":
                return value > self.limit

    def answers(self, span: Span) -> frozenset[bool]:
        """Return the answers that are possible over an interval: one, or both where it straddles."""
        return frozenset(self.holds(value) for value in span.representatives(frozenset({self.limit})))


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PercentLimit(Limit):
    """A limit of a percentage."""

    limit_percent: Decimal

    @property
    def limit(self) -> Decimal:
        """The limit in percent."""
        return self.limit_percent


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CountLimit(Limit):
    """A limit of a blood count."""

    limit_e9_per_l: Decimal

    @property
    def limit(self) -> Decimal:
        """The limit in 10^9 per litre."""
        return self.limit_e9_per_l


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Remission:
    """What marrow and blood must show before any category of remission; `blood_blasts` None is not asked."""

    marrow_blasts: PercentLimit
    blood_blasts: PercentLimit | None = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Category:
    """One category of remission by blood counts; a limit that is None is not asked."""

    name: str
    responder: Literal["Y", "N", "NE"]
    neutrophils: CountLimit | None = None
    platelets: CountLimit | None = None

    def holds(self, neutrophils: Decimal, platelets: Decimal) -> bool:
        """Tell whether two counts in 10^9 per litre keep the limits."""
        return (self.neutrophils is None or self.neutrophils.holds(neutrophils)) and (
            self.platelets is None or self.platelets.holds(platelets)
        )


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RelapseCriteria:
    """Marrow blasts of a relapse; None where the profile gives no limit."""

    marrow_blasts: PercentLimit | None = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Windows:
    """Windows of time, each inclusive."""

    cbc_within_days: int
    platelet_transfusion_within_days: int
    early_death_within_days: int


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PlateletTransfusion:
    """What a recent platelet transfusion means: a review, or platelets that count as not recovered."""

    policy: Literal["review", "not_recovered"]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Plausible:
    """Largest plausible counts; beyond, the unit must be wrong.

    Attributes:
        neutrophils_at_most_e9_per_l: beyond, a row is refused.
        platelets_at_most_e9_per_l: beyond, a row is refused.
        neutrophils_without_unit_at_most_e9_per_l: beyond, a number without a unit is reviewed; None never.
    """

    neutrophils_at_most_e9_per_l: Decimal
    platelets_at_most_e9_per_l: Decimal
    neutrophils_without_unit_at_most_e9_per_l: Decimal | None = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Hypocellular:
    """Below these a remission may be an empty marrow and is reviewed."""

    cellularity_less_than_percent: Decimal
    neutrophils_less_than_e9_per_l: Decimal
    platelets_less_than_e9_per_l: Decimal


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ExtramedullaryPolicy:
    """Which CNS words are disease, and which ask for a review."""

    cns_disease: tuple[str, ...]
    cns_review: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class MrdPolicy:
    """What a cluster found below the flow threshold, or below its LoQ, means."""

    flow_threshold: Literal["1e-4"]
    flow_detected_below: Literal["positive", "negative", "indeterminate"]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CytogeneticPolicy:
    """Metaphases that a complete cytogenetic response needs, and changes that are no disease alone."""

    metaphases_at_least: int
    limited_counts: bool
    age_related_alone: tuple[str, ...]
    heteromorphisms: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Criteria(Rule):
    """One criteria profile.

    Raises:
        ValueError: the categories do not answer every pair of counts, or a name stands twice.
    """

    title: str
    remission: Remission
    category: tuple[Category, ...]
    windows: Windows
    platelet_transfusion: PlateletTransfusion
    plausible: Plausible
    hypocellular: Hypocellular
    extramedullary: ExtramedullaryPolicy
    mrd: MrdPolicy
    cytogenetics: CytogeneticPolicy
    relapse: RelapseCriteria = field(default_factory=RelapseCriteria)

    def __post_init__(self) -> None:
        """Check that every pair of counts finds a category."""
        names = [category.name for category in self.category]
        if not names or len(set(names)) < len(names):
            raise ValueError("a profile needs categories, each with its own name")
        if self.category[-1].neutrophils or self.category[-1].platelets:
            raise ValueError("the last category takes what is left and has no limits")

    def categories_of(self, neutrophils: Span, platelets: Span) -> tuple[Category, ...]:
        """Return the categories that two intervals of counts leave possible, best first."""
        possible = {
            self._category(one, other).name
            for one in neutrophils.representatives(self._limits("neutrophils"))
            for other in platelets.representatives(self._limits("platelets"))
        }
        return tuple(category for category in self.category if category.name in possible)

    def _category(self, neutrophils: Decimal, platelets: Decimal) -> Category:
        return next(category for category in self.category if category.holds(neutrophils, platelets))

    def _limits(self, count: Literal["neutrophils", "platelets"]) -> frozenset[Decimal]:
        limits = (getattr(category, count) for category in self.category)
        return frozenset(limit.limit_e9_per_l for limit in limits if limit is not None)


def criteria_names() -> tuple[str, ...]:
    """Return the names of the profiles shipped with mrdkit."""
    return reference.names(_KIND)


def read_criteria(name_or_path: str | Path) -> Criteria:
    """Read a shipped profile by its name, in any case, or a user's by its path.

    Raises:
        RuleError: no such profile (the message lists those available), or a value that is not exact.
    """
    name = str(name_or_path)
    return read_rule(_KIND, name.lower() if name.lower() in criteria_names() else name_or_path, Criteria)
