"""The numbers and bands by which karyotypes are called, from `reference/`."""

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from mrdkit.errors import RuleError
from mrdkit.files import Rule, read_rule
from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.results import RuleUsed

__all__ = [
    "RISK_PROFILES",
    "Breakpoint",
    "Finding",
    "Group",
    "KaryotypeRule",
    "Lesion",
    "LesionRule",
    "PloidyBand",
    "PloidyRule",
    "RiskProfile",
    "names_chromosome",
    "read_karyotype_rule",
]

Group: TypeAlias = Literal["HoTr", "HeH", "masked_near_haploid"]
#: The shipped profiles that every call answers.
RISK_PROFILES = ("minihcvd2023", "ukall14")
_ANSWERS = ("HoTr", "complex_all", "kmt2a", "ph")
_Positive: TypeAlias = Annotated[int, Field(ge=1)]
_Chromosome: TypeAlias = Annotated[str, Field(pattern=r"^(?:[1-9]|1[0-9]|2[0-2]|X|Y)$")]


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
    HoTr_lost_against_3n: list[_Chromosome]
    HeH_gained_against_2n: list[_Chromosome]
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


def names_chromosome(text: str, chromosome: str) -> bool:
    """Return whether a text that was not read names a chromosome.

    >>> names_chromosome("del(11q", "11"), names_chromosome("del(1)(q11", "11")
    (True, False)
    """
    return re.search(rf"(?<![\w.]){chromosome}(?![\d.])", text) is not None


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
    named: str
    other_partner: Literal["suspect", "no"]
    wrong_band: Literal["suspect", "no"]
    suspect_kinds: list[str]
    fish_shows: str

    def __post_init__(self) -> None:
        """Check that what FISH shows and what names it are patterns."""
        re.compile(self.fish_shows)
        re.compile(self.named)

    def may_be_in(self, unread: str) -> bool:
        """Return whether text that was not read names the chromosome or the rearrangement itself."""
        return names_chromosome(unread, self.chromosome) or bool(re.search(self.named, unread, re.IGNORECASE))


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Finding:
    """A recurrent finding that is reported by name.

    Attributes:
        name: key in the call.
        established: with it a karyotype of many changes is no "complex" one.
        translocations: the breakpoints that it joins; one of several.
        kinds: operations on `chromosome` that show it; empty for a translocation or a loss.
        chromosome: the chromosome changed or lost.
        bands: beginnings of the bands in which it is changed.
        lost: the finding is the loss of the whole chromosome.
        groups: the chromosomes that are named together in each way of writing the finding.
        related: all of them.
        point: where `chromosome` breaks, None for a translocation.
    """

    name: str
    established: bool = False
    translocations: list[list[Breakpoint]] = dataclasses.field(default_factory=list)
    kinds: list[str] = dataclasses.field(default_factory=list)
    chromosome: str | None = None
    bands: list[str] = dataclasses.field(default_factory=list)
    lost: bool = False
    groups: tuple[tuple[str, ...], ...] = dataclasses.field(init=False)
    related: frozenset[str] = dataclasses.field(init=False)
    point: Breakpoint | None = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        """Collect the chromosomes once for all karyotypes."""
        own = None if self.chromosome is None else Breakpoint(chromosome=self.chromosome, bands=self.bands)
        pairs = self.translocations if own is None else [[own]]
        object.__setattr__(self, "point", own)
        object.__setattr__(self, "groups", tuple(tuple(each.chromosome for each in pair) for pair in pairs))
        object.__setattr__(self, "related", frozenset(name for group in self.groups for name in group))


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Heteromorphism:
    items: list[str]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LesionRule(Rule):
    """Which breakpoints are KMT2A-r, Ph or a finding by name, and which make a karyotype no complex one."""

    kmt2a: Lesion
    ph: Lesion
    finding: list[Finding]
    heteromorphism: _Heteromorphism


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RiskProfile(Rule):
    """What a study or guideline calls high-risk cytogenetics: any of these.

    Attributes:
        key: its name in the call.
        any_of: `HoTr`, `complex_all`, `kmt2a`, `ph` or the name of a finding.
    """

    key: str
    title: str
    any_of: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KaryotypeRule:
    """Everything a karyotype is called by; `used` is what its calls name of it."""

    ploidy: PloidyRule
    lesions: LesionRule
    risks: tuple[RiskProfile, ...]
    used: tuple[RuleUsed, ...] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        """Name the rules once for all calls."""
        rules = (self.ploidy, self.lesions, *self.risks)
        used = tuple(RuleUsed(id=each.id, version=each.version, source=each.source) for each in rules)
        object.__setattr__(self, "used", used)


def read_karyotype_rule(
    ploidy: str = "b_all", lesions: str = "lesions", risks: Sequence[str] = RISK_PROFILES
) -> KaryotypeRule:
    """Read the rules by shipped name or path.

    Raises:
        RuleError: no such rule, or a value that is missing or wrong.
    """
    found = KaryotypeRule(
        ploidy=read_rule("karyotype", ploidy, PloidyRule),
        lesions=read_rule("karyotype", lesions, LesionRule),
        risks=tuple(read_rule("cytogenetic_risk", name, RiskProfile) for name in risks),
    )
    known = {*_ANSWERS, *(finding.name for finding in found.lesions.finding)}
    for profile in found.risks:
        if unknown := set(profile.any_of) - known:
            raise RuleError(
                "a risk profile asks for something that no karyotype answers",
                code="RISK_UNKNOWN",
                place=profile.id,
                found=", ".join(sorted(unknown)),
                expected="one of " + ", ".join(sorted(known)),
            )
    return found
