"""Response criteria as data: limits with their strictness and unit, categories best first, windows, policies.

One profile is one file in `reference/criteria`; what one profile calls "or" is the fall from a category to
the next. Sections that a file leaves out are those of `reference/criteria_gaps/shared.toml`. Source: each
file names its own.
"""

from dataclasses import field
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic.dataclasses import dataclass as checked_dataclass

from mrdkit import reference
from mrdkit.files import Rule, read_rule
from mrdkit.files.rules import STRICT
from mrdkit.patient.criteria_limits import CountLimit
from mrdkit.patient.criteria_sections import (
    Category,
    CountRecoveryPolicy,
    CytogeneticPolicy,
    ExtramedullaryPolicy,
    Hypocellular,
    MrdPolicy,
    NamedAnswer,
    NotAsked,
    PartialRemission,
    PlateletTransfusion,
    Plausible,
    RelapseCriteria,
    Remission,
    Windows,
)
from mrdkit.patient.quantities import Span

__all__ = ["Criteria", "criteria_names", "read_criteria"]

_KIND = "criteria"
_SHARED = ("criteria_gaps", "shared")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Criteria(Rule):
    """One criteria profile.

    Attributes:
        shared: id, version and source of the file that the sections not stated here are from.

    Raises:
        ValueError: the categories do not answer every pair of counts, or a name stands twice.
    """

    title: str
    shared: Rule
    remission: Remission
    category: tuple[Category, ...]
    windows: Windows
    platelet_transfusion: PlateletTransfusion
    plausible: Plausible
    hypocellular: Hypocellular
    extramedullary: ExtramedullaryPolicy
    mrd: MrdPolicy
    cytogenetics: CytogeneticPolicy
    count_recovery: CountRecoveryPolicy
    relapse: RelapseCriteria = field(default_factory=RelapseCriteria)
    empty_marrow: NamedAnswer | None = None
    partial: PartialRemission | None = None
    not_asked: tuple[NotAsked, ...] = ()

    def __post_init__(self) -> None:
        """Check that every pair of counts finds a category."""
        names = [category.name for category in self.category]
        names += [answer.name for answer in (self.empty_marrow, self.partial) if answer]
        if not self.category or len(set(names)) < len(names):
            raise ValueError("a profile needs categories, each with its own name")
        if self.category[-1].neutrophils or self.category[-1].platelets:
            raise ValueError("the last category takes what is left and has no limits")

    def categories_of(self, neutrophils: Span, platelets: Span) -> tuple[Category, ...]:
        """Return the categories that two intervals of counts leave possible, best first."""
        if neutrophils.low == neutrophils.high and platelets.low == platelets.high:
            return (self._category(neutrophils.low, platelets.low),)
        possible = {
            self._category(one, other).name
            for one in neutrophils.representatives(self._limits("neutrophils"))
            for other in platelets.representatives(self._limits("platelets"))
        }
        return tuple(category for category in self.category if category.name in possible)

    def count_limits(self, count: Literal["neutrophils", "platelets"]) -> tuple[CountLimit, ...]:
        """Return the limits of one count over all categories, best first."""
        limits = [one.neutrophils if count == "neutrophils" else one.platelets for one in self.category]
        return tuple([limit for limit in limits if limit is not None])

    def _category(self, neutrophils: Decimal, platelets: Decimal) -> Category:
        for category in self.category[:-1]:
            if category.holds(neutrophils, platelets):
                return category
        return self.category[-1]  # which has no limits

    def _limits(self, count: Literal["neutrophils", "platelets"]) -> frozenset[Decimal]:
        return frozenset(limit.limit for limit in self.count_limits(count))


def criteria_names() -> tuple[str, ...]:
    """Return the names of the profiles shipped with mrdkit."""
    return reference.names(_KIND)


def read_criteria(name_or_path: str | Path) -> Criteria:
    """Read a shipped profile by its name, in any case, or a user's by its path.

    Raises:
        RuleError: no such profile (the message lists those available), or a value that is not exact.
    """
    name = str(name_or_path)
    shipped = name.lower() if name.lower() in criteria_names() else name_or_path
    return read_rule(_KIND, shipped, Criteria, shared=_SHARED)
