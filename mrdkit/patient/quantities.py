"""What a laboratory wrote in one cell, as an interval of exact decimals.

`<5`, `<=5`, `0-1`, `>100`, `1500 /uL` and `0.02 fraction` are answers; words are not. Decimals are made from
the text, never from a float, so that nothing is rounded across a threshold. Source: trial definitions, gap
rules.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

__all__ = ["COUNT_UNITS", "PERCENT_UNITS", "Measured", "Problem", "Span", "Units", "any_count", "measure"]

_ZERO = Decimal(0)
#: Ways to write a unit, without blanks and in lower case -> the usual one; a longer way before its part.
_USUAL = (
    ("percent", "%"),
    ("microliter", "ul"),
    ("microlitre", "ul"),
    ("liter", "l"),
    ("litre", "l"),
    ("mcl", "ul"),
    ("cumm", "mm3"),
    ("cmm", "mm3"),
    ("cells", ""),
    ("per", "/"),
    ("^^", "^"),
)
_EXACT = Context(prec=200)  # a cell holds at most 60 characters, so that no product is ever rounded
_LONGEST_CELL = 60


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The units of one quantity.

    Attributes:
        factors: unit, without blanks and in lower case -> factor to the base unit.
        at_most: largest possible value in the base unit.
    """

    factors: Mapping[str, Decimal]
    at_most: Decimal | None = None


#: To 10^9 per litre; no unit means 10^9 per litre.
COUNT_UNITS = Units(
    {
        **dict.fromkeys(
            (
                "",
                "10^9/l",
                "10e9/l",
                "g/l",
                "giga/l",
                "k/ul",
                "k/mm3",
                "k/mm^3",
                "10^3/ul",
                "10e3/ul",
                "10^3/mm3",
            ),
            Decimal(1),
        ),
        **dict.fromkeys(("10^3/mm^3", "10e3/mm3", "/nl", "thousand/ul"), Decimal(1)),
        **dict.fromkeys(("1000/ul", "1000/mm3", "thou/ul", "thou/mm3", "10(9)/l", "gpt/l"), Decimal(1)),
        **dict.fromkeys(("e9/l", "e3/ul", "10(3)/ul", "109/l", "103/ul", "103/mm3"), Decimal(1)),
        **dict.fromkeys(("/ul", "/mm3", "/mm^3", "10^6/l", "10e6/l"), Decimal("0.001")),
    }
)

#: To percent; no unit means percent.
PERCENT_UNITS = Units(
    {
        "": Decimal(1),
        "%": Decimal(1),
        "fraction": Decimal(100),
    },
    at_most=Decimal(100),
)

_MISSING_WORDS = frozenset({"", "nan", "na", "n/a", "null", "."})
_INFINITE = re.compile(r"[<>=]*[+-]?inf(inity)?")
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2}(?![0-9/]))?"
_CELL = re.compile(
    rf"(?P<sign><=|>=|=<|=>|<|>|=)?\s*(?P<first>{_NUMBER})"
    rf"(?:\s*(?:-|to)\s*(?P<second>{_NUMBER}))?\s*(?P<unit>[^0-9.,;].*)?"
)
_SPELLINGS = str.maketrans(
    {
        "≤": "<=",
        "≥": ">=",
        "\u2013": "-",
        "\u2212": "-",
        "µ": "u",
        "μ": "u",
        "\u00d7": "x",
        "³": "^3",
        "⁶": "^6",
        "⁹": "^9",
        "*": "^",
    }
)


class Problem(StrEnum):
    """Why a cell gives no interval."""

    MISSING = "missing"
    UNPARSEABLE = "unparseable"
    RANGE = "out of range"
    UNIT_UNKNOWN = "unknown unit"
    UNIT_CONFLICT = "two different units"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """All values that a cell leaves possible; `high` None is unbounded."""

    low: Decimal
    high: Decimal | None
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, value: Decimal) -> bool:
        """Tell whether the value is possible."""
        above = value > self.low or (value == self.low and not self.low_open)
        return above and (
            self.high is None or value < self.high or (value == self.high and not self.high_open)
        )

    @property
    def exact(self) -> Decimal | None:
        """The value, where only one is possible."""
        return self.low if self.low == self.high else None

    def representatives(self, limits: frozenset[Decimal]) -> tuple[Decimal, ...]:
        """Return possible values, one on each side of every limit and each limit itself.

        Whatever compares a value with `limits` alone gives, over these, all its possible answers.
        """
        if self.exact is not None:
            return (self.exact,)
        ends = {self.low} if self.high is None else {self.low, self.high}
        points = sorted(limits | ends)
        between = [_middle(low, high) for low, high in pairwise(points)]
        beyond = [*points, *between, _EXACT.add(points[-1], Decimal(1))]
        return tuple(sorted(value for value in beyond if value in self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One cell as read.

    Attributes:
        text: the cell as written.
        span: possible values in the base unit, None where there is a problem.
        problem: why there is no span.
        censored: written with `<`, `<=`, `>` or `>=`.
        ranged: written as `a-b`.
        unit: unit as written, normalised; empty where there is none.
        converted: the unit was not the base unit.
    """

    text: str
    span: Span | None = None
    problem: Problem | None = None
    censored: bool = False
    ranged: bool = False
    unit: str = ""
    converted: bool = False


def any_count() -> Span:
    """Return the interval of a count that is not known."""
    return Span(low=_ZERO, high=None)


def measure(text: str, *, units: Units, unit: str = "") -> Measured:
    """Read one cell.

    Args:
        text: the cell as written; the unit may stand behind the number.
        units: the units that are read.
        unit: the cell of the unit column.

    >>> measure("<5", units=PERCENT_UNITS).span
    Span(low=Decimal('0'), high=Decimal('5'), low_open=False, high_open=True)
    """
    if len(text) > _LONGEST_CELL and len(text.strip()) > _LONGEST_CELL:
        return Measured(text=text, problem=Problem.UNPARSEABLE)
    return _measure(text, units, unit)


@lru_cache(maxsize=4096)
def _measure(text: str, units: Units, unit: str) -> Measured:
    cell = text.strip().translate(_SPELLINGS)
    match = _CELL.fullmatch(cell)
    if match is None:
        return Measured(text=text, problem=_problem_of_a_word(cell.casefold()))
    found = _with_unit(text, _unit(match["unit"] or ""), _unit(unit), units)
    if found.problem:
        return found
    sign, first, second = match["sign"] or "", match["first"], match["second"]
    span = _span(sign, Decimal(first), None if second is None else Decimal(second), units.factors[found.unit])
    if span is None:
        return replace(found, problem=Problem.UNPARSEABLE)
    if _impossible(span, units.at_most):
        return replace(found, problem=Problem.RANGE)
    return replace(found, span=span, censored=sign not in ("", "="), ranged=second is not None)


def _problem_of_a_word(word: str) -> Problem:
    if word in _MISSING_WORDS:
        return Problem.MISSING
    return Problem.RANGE if _INFINITE.fullmatch(word) else Problem.UNPARSEABLE


def _middle(low: Decimal, high: Decimal) -> Decimal:
    return _EXACT.divide(_EXACT.add(low, high), Decimal(2))


def _with_unit(text: str, inside: str, column: str, units: Units) -> Measured:
    unit = inside or column
    factors = units.factors
    if unit not in factors:
        a_unit = not inside or "/" in inside or "%" in inside
        problem = Problem.UNIT_UNKNOWN if a_unit else Problem.UNPARSEABLE
        return Measured(text=text, problem=problem, unit=unit)
    if inside and column and factors.get(column) != factors[inside]:
        return Measured(text=text, problem=Problem.UNIT_CONFLICT, unit=unit)
    return Measured(text=text, unit=unit, converted=factors[unit] != 1)


def _unit(text: str) -> str:
    unit = "".join(text.translate(_SPELLINGS).casefold().split())
    for written, usual in _USUAL:
        unit = unit.replace(written, usual)
    return unit.removeprefix("x")


def _span(sign: str, first: Decimal, second: Decimal | None, factor: Decimal) -> Span | None:
    value = _EXACT.multiply(first, factor)
    if second is not None:
        return None if sign else Span(low=value, high=_EXACT.multiply(second, factor))
    match sign:
        case "<":
            return Span(low=min(_ZERO, value), high=value, high_open=True)
        case "<=" | "=<":
            return Span(low=min(_ZERO, value), high=value)
        case ">":
            return Span(low=value, high=None, low_open=True)
        case ">=" | "=>":
            return Span(low=value, high=None)
        case _:
            return Span(low=value, high=value)


def _impossible(span: Span, at_most: Decimal | None) -> bool:
    empty = span.high is not None and (
        span.high < span.low or (span.high == span.low and (span.low_open or span.high_open))
    )
    if empty or span.low < 0:
        return True
    if at_most is None:
        return False
    beyond = span.low > at_most or (span.low == at_most and span.low_open)
    return beyond or (span.high is not None and span.high > at_most)
