"""A study's own rule that makes one status word of the words at several thresholds.

Such a rule loses what the laboratory said ("indeterminate" read as "negative"), so that it is never a
default: a map names it, its answer stands in a field of its own, and its name beside it. Source:
reference/ngs_collapse.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.results import MrdStatus

__all__ = ["CollapseRule", "read_collapse"]

_Threshold: TypeAlias = Literal["1e-4", "1e-5", "1e-6"]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Case:
    """An answer, and the words that must all stand for it."""

    when: Annotated[Mapping[_Threshold, MrdStatus], Field(min_length=1)]
    result: MrdStatus

    def holds(self, status: Mapping[str, MrdStatus | None]) -> bool:
        return all(status.get(threshold) is word for threshold, word in self.when.items())


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CollapseRule(Rule):
    """Cases in order; the first that holds answers.

    Attributes:
        needs: thresholds whose words the rule must be given.
        case: the cases.
    """

    needs: Annotated[tuple[_Threshold, ...], Field(min_length=1)]
    case: Annotated[tuple[_Case, ...], Field(min_length=1)]

    def __post_init__(self) -> None:
        """Refuse a case about a threshold that the rule does not ask for."""
        asked = {threshold for case in self.case for threshold in case.when}
        if not asked <= set(self.needs):
            raise ValueError(f"needs does not name {', '.join(sorted(asked - set(self.needs)))}")

    def collapsed(self, status: Mapping[str, MrdStatus | None]) -> MrdStatus:
        """Return the one word; not_evaluable where no case holds."""
        return next((case.result for case in self.case if case.holds(status)), MrdStatus.NOT_EVALUABLE)


def read_collapse(name_or_path: str | Path) -> CollapseRule:
    """Read a rule shipped with mrdkit by its name, or a study's own file by its path.

    Raises:
        RuleError: no such rule, or one that is not complete and exact.
    """
    return read_rule("ngs_collapse", name_or_path, CollapseRule)
