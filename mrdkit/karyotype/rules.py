"""The numbers and bands by which karyotypes are called: `reference/karyotype/*.toml`."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from mrdkit.files import Rule, read_rule
from mrdkit.files.rules import STRICT, checked_dataclass

__all__ = [
    "Breakpoint",
    "Group",
    "KaryotypeRule",
    "Lesion",
    "LesionRule",
    "PloidyBand",
    "PloidyRule",
    "Translocation",
    "read_karyotype_rule",
]

Group: TypeAlias = Literal["HoTr", "HeH", "masked_near_haploid"]
_Positive: TypeAlias = Annotated[int, Field(ge=1)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PloidyBand:
    """A ploidy class and the chromosome counts that belong to it, both limits included."""

    name: str
    lowest: int
    highest: int


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Masked:
    lowest: int
    highest: int
    at_least_pairs: int


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Overlap:
    HoTr_lost_against_3n: list[str]
    HeH_gained_against_2n: list[str]
    HoTr_related_class: str


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _NotEvaluable:
    phrases: list[str]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PloidyRule(Rule):
    """Clonality, ploidy classes and groups, complexity, and what normal metaphases exclude."""

    clonal_gain_or_structural_at_least_cells: _Positive
    clonal_loss_at_least_cells: _Positive
    complex_at_least_abnormalities: _Positive
    exclusion_confidence: Annotated[float, Field(gt=0.0, lt=1.0)]
    ploidy: list[PloidyBand]
    groups: dict[str, Group]
    masked: _Masked
    overlap: _Overlap
    not_evaluable: _NotEvaluable


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Breakpoint:
    """A chromosome and the beginnings of the bands in which it breaks."""

    chromosome: str
    bands: list[str]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Lesion(Breakpoint):
    """A recurrent rearrangement: the breakpoint that names it, its partners, and what other findings mean."""

    partners: list[Breakpoint]
    genes: list[str]
    other_partner: Literal["suspect", "no"]
    wrong_band: Literal["suspect", "no"]
    suspect_kinds: list[str]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Translocation:
    """A translocation by the bands it joins."""

    breakpoints: list[Breakpoint]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Heteromorphism:
    items: list[str]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LesionRule(Rule):
    """Which breakpoints are KMT2A-r, Ph or a hint at CRLF2, and which make a karyotype not complex."""

    kmt2a: Lesion
    ph: Lesion
    established: list[Translocation]
    crlf2: list[Translocation]
    heteromorphism: _Heteromorphism


@dataclass(frozen=True, slots=True, kw_only=True)
class KaryotypeRule:
    """Everything a karyotype is called by."""

    ploidy: PloidyRule
    lesions: LesionRule


def read_karyotype_rule(ploidy: str = "b_all", lesions: str = "lesions") -> KaryotypeRule:
    """Read the two rules by shipped name or path.

    Raises:
        RuleError: no such rule, or a value that is missing or wrong.
    """
    return KaryotypeRule(
        ploidy=read_rule("karyotype", ploidy, PloidyRule),
        lesions=read_rule("karyotype", lesions, LesionRule),
    )
