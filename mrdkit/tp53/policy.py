"""When a TP53 variant counts, and what wild type asks for; the numbers stand in `reference/tp53_policies`."""

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.tp53.consequence import Term

__all__ = ["Policy", "load_policy", "percent"]

_Percent = Annotated[float, Field(ge=0, le=100)]
_Count = Annotated[int, Field(ge=0)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Policy(Rule):
    """Thresholds of one laboratory or trial; `at_least` and `at_most` include the number itself.

    Attributes:
        counted_consequences: consequence terms that count as a mutation.
        trust_calls: whether a call counts of which neither reads nor a fraction are known.
    """

    counted_vaf_percent_at_least: _Percent
    counted_alt_reads_at_least: _Count
    counted_depth_at_least: _Count
    listed_vaf_percent_at_least: _Percent
    coverage_depth_at_least: Annotated[int, Field(ge=1)]
    coverage_bases_beside_exon: _Count
    high_vaf_percent_at_least: _Percent
    germline_vaf_percent_at_least: _Percent
    germline_vaf_percent_at_most: _Percent
    normal_sample_vaf_percent_at_least: _Percent
    inferred_loh_vaf_percent_more_than: _Percent
    counted_consequences: Annotated[tuple[Term, ...], Field(min_length=1)]
    trust_calls: bool = False


def load_policy(name_or_path: str | Path = "default") -> Policy:
    """Read a policy shipped with mrdkit by its name, or a user's TOML file by its path.

    Raises:
        RuleError: no such policy, or one that is not complete and exact.
    """
    return read_rule("tp53_policies", name_or_path, Policy)


@cache
def percent(value: float) -> Fraction:
    """Return a percentage as an exact fraction: 0.1 is one thousandth, not its binary neighbour."""
    return Fraction(repr(value)) / 100
