"""The numbers of sequencing MRD, as records: what is dominant, how cells are counted, how MRD is called.

Source: the files in `reference/ngs`, each of which cites its own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import Field

from mrdkit.files import Rule, read_rule
from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.results import RuleUsed

__all__ = [
    "BatchRule",
    "CellsRule",
    "DominanceRule",
    "EvolutionRule",
    "NgsRules",
    "TrackingRule",
    "load_rules",
    "read_batch_rule",
]

_Positive: TypeAlias = Annotated[float, Field(gt=0)]
_Fraction: TypeAlias = Annotated[float, Field(gt=0, lt=1)]
_Count: TypeAlias = Annotated[int, Field(ge=1)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DominanceRule(Rule):
    """Which sequences of a calibration sample are tracked; see `reference/ngs/dominance.toml`."""

    like_fraction_at_least: _Fraction
    cells_fraction_at_least: _Fraction
    next_decade_sequences_at_most: Annotated[int, Field(ge=0)]
    next_decade_ratio: Annotated[int, Field(ge=2)]
    templates_at_least: _Count
    candidate_templates_at_least: _Count
    variant_mismatches_at_most: Annotated[int, Field(ge=0)]
    variant_overlap_nt_at_least: _Count
    like_groups: Mapping[str, tuple[str, ...]]

    def like_group(self, locus: str) -> str:
        """Return the group whose sequences are `like` those of this locus."""
        return next((group for group, loci in self.like_groups.items() if locus in loci), locus)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CellsRule(Rule):
    """How DNA mass becomes cells where reference loci are missing; see `reference/ngs/cells.toml`."""

    genome_mass_ng_per_cell: _Positive
    dna_mass_ng_at_least: _Positive


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TrackingRule(Rule):
    """How sequences are matched and MRD is called; see `reference/ngs/tracking.toml`.

    Attributes:
        mismatches_at_most: locus -> substitutions in the tolerant count, 0 where it is not named; the value
            of a sample never rests on it.
        lod_templates: a limit of detection measured by the laboratory, instead of the Poisson bound; it
            needs its own `lod_source`.
        loq_templates: a limit of quantitation measured by the laboratory.
    """

    overlap_nt_at_least: _Count
    mismatches_at_most: Mapping[str, Annotated[int, Field(ge=0, le=10)]]
    min_bin_at_most: _Fraction
    discordance_ratio_more_than: Annotated[float, Field(ge=1)]
    lod_source: str
    lod_confidence: _Fraction
    loq_total_error_at_most: _Positive
    plasma_linear_templates_per_ml_at_least: _Positive
    plasma_linear_templates_per_ml_at_most: _Positive
    lod_templates: _Positive | None = None
    loq_templates: _Positive | None = None

    def __post_init__(self) -> None:
        """Refuse a measured limit without a source, and a named source without its limit."""
        if (self.lod_source == "poisson") != (self.lod_templates is None):
            raise ValueError('lod_source is "poisson" exactly where lod_templates is absent')

    @property
    def lod(self) -> float:
        """Limit of detection in templates: at 95 %, 2.9957 under Poisson."""
        return self.lod_templates if self.lod_templates is not None else -math.log1p(-self.lod_confidence)

    @property
    def loq(self) -> float:
        """Limit of quantitation in templates: relative Poisson error 1 / sqrt(n), never below the LOD."""
        poisson = 1.0 / self.loq_total_error_at_most**2
        return self.loq_templates if self.loq_templates is not None else max(self.lod, poisson)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class EvolutionRule(Rule):
    """When a sequence is a sub-clone of a target; see `reference/ngs/evolution.toml`."""

    stem_d_nt_at_least: _Count
    beyond_stem_nt_at_least: _Count
    variant_mismatches_at_most: Annotated[int, Field(ge=0)]
    overlap_nt_at_least: _Count


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class BatchRule(Rule):
    """When samples of unrelated people share too much; see `reference/ngs/batch.toml`."""

    rare_probability_below: _Fraction
    shared_templates_at_least: _Count
    background_subjects_at_least: Annotated[int, Field(ge=2)]
    window_left_nt: _Count
    window_right_nt: _Count


@dataclass(frozen=True, slots=True, kw_only=True)
class NgsRules:
    """The rules that a sequencing call rests on."""

    cells: CellsRule
    dominance: DominanceRule
    tracking: TrackingRule
    evolution: EvolutionRule

    def used(self) -> tuple[RuleUsed, ...]:
        """Return the identity of each rule, for a call's evidence."""
        return tuple(
            RuleUsed(id=rule.id, version=rule.version, source=rule.source)
            for rule in (self.cells, self.dominance, self.tracking, self.evolution)
        )


def load_rules(*, tracking: str | Path = "tracking") -> NgsRules:
    """Read the shipped rules; `tracking` may be the path of a laboratory's own tracking rule.

    Raises:
        RuleError: a rule is missing or not complete and exact.
    """
    return NgsRules(
        cells=read_rule("ngs", "cells", CellsRule),
        dominance=read_rule("ngs", "dominance", DominanceRule),
        tracking=read_rule("ngs", tracking, TrackingRule),
        evolution=read_rule("ngs", "evolution", EvolutionRule),
    )


def read_batch_rule() -> BatchRule:
    """Read the shipped rule of the batch check."""
    return read_rule("ngs", "batch", BatchRule)
