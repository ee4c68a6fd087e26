"""A limit of a response criterion: its direction, its unit, and the answers an interval leaves possible.

"More than" and "at least" are different operators. Source: each profile in `reference/criteria`.
"""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Literal, TypeAlias

from pydantic.dataclasses import dataclass as checked_dataclass

from mrdkit.files.rules import STRICT
from mrdkit.patient.quantities import Span

__all__ = ["BOTH", "NO", "YES", "CountLimit", "Limit", "PercentLimit"]

_Operator: TypeAlias = Literal["at_most", "less_than", "at_least", "more_than"]
_HOLDS: Mapping[_Operator, Callable[[Decimal, Decimal], bool]] = {
    "at_most": operator.le,
    "less_than": operator.lt,
    "at_least": operator.ge,
    "more_than": operator.gt,
}

#: The answers that an interval can give to a limit.
YES, NO = frozenset({True}), frozenset({False})
BOTH = YES | NO


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Limit(ABC):
    """One limit and its direction; the value stands in the subclass, with its unit.

    Attributes:
        operator: how a value must stand to the limit.
        at_limit_flag: flag of a value that is exactly the limit.
    """

    operator: _Operator
    at_limit_flag: str | None = None

    @property
    @abstractmethod
    def limit(self) -> Decimal:
        """The limit itself."""

    @property
    def words(self) -> str:
        """The limit as a reader says it, without its unit."""
        return f"{self.operator.replace('_', ' ')} {self.limit}"

    def holds(self, value: Decimal) -> bool:
        """Tell whether one value keeps the limit."""
        return _HOLDS[self.operator](value, self.limit)

    def answers(self, span: Span) -> frozenset[bool]:
        """Return the answers that are possible over an interval: one, or both where it straddles."""
        if span.low == span.high:
            return YES if _HOLDS[self.operator](span.low, self.limit) else NO
        return frozenset(self.holds(value) for value in span.representatives(frozenset({self.limit})))

    def answers_each(self, spans: Iterable[Span]) -> list[frozenset[bool]]:
        """Return the answers of many intervals, the limit looked up once."""
        holds, limit = _HOLDS[self.operator], self.limit
        return [
            (YES if holds(span.low, limit) else NO) if span.low == span.high else self.answers(span)
            for span in spans
        ]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PercentLimit(Limit):
    """A limit of a percentage, with the sentence of its source in our words."""

    limit_percent: Decimal
    clause: str

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
