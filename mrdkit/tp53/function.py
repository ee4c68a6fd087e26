"""What is known of a missense change beside its name: hotspot codon, and transactivation in yeast.

Annotation only; whether a variant counts does not depend on it.
Source: `reference/tp53/hotspots.toml` and `reference/tp53/function.toml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.tp53.protein import RESIDUE_NAMES

__all__ = ["FunctionalClass", "MissenseTable", "load_missense_table"]

FunctionalClass: TypeAlias = Literal["non-functional", "partially functional", "functional", "supertrans"]

_Percent = Annotated[float, Field(ge=0)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Hotspots(Rule):
    codons: frozenset[int]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Functions(Rule):
    non_functional_percent_at_most: _Percent
    partially_functional_percent_at_most: _Percent
    functional_percent_at_most: _Percent
    percent_of_wild_type: Mapping[str, Mapping[str, _Percent]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissenseTable:
    """Hotspot codons, and the class of each measured protein change, such as `p.(Arg175His)`."""

    hotspot_codons: frozenset[int]
    classes: Mapping[str, FunctionalClass]
    rules: tuple[Rule, Rule]

    def is_hotspot(self, hgvs_p: str) -> bool:
        """Tell whether a missense change, such as `p.(Arg175His)`, is of a hotspot codon."""
        return int(hgvs_p[len("p.(Arg") : -len("His)")]) in self.hotspot_codons


@cache
def load_missense_table() -> MissenseTable:
    """Read both reference files once."""
    hotspots, functions = (
        read_rule("tp53", "hotspots", _Hotspots),
        read_rule("tp53", "function", _Functions),
    )
    classes = {
        f"p.({RESIDUE_NAMES[codon[0]]}{codon[1:]}{RESIDUE_NAMES[new]})": _class_of(functions, percent)
        for codon, measured in functions.percent_of_wild_type.items()
        for new, percent in measured.items()
    }
    return MissenseTable(hotspot_codons=hotspots.codons, classes=classes, rules=(hotspots, functions))


def _class_of(functions: _Functions, percent: float) -> FunctionalClass:
    if percent <= functions.non_functional_percent_at_most:
        return "non-functional"
    if percent <= functions.partially_functional_percent_at_most:
        return "partially functional"
    return "functional" if percent <= functions.functional_percent_at_most else "supertrans"
