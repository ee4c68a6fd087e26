"""The sections of a criteria profile, each with the clause it rests on.

What is None or empty is not asked by the profile. Source: each profile in `reference/criteria` names its own.
"""

from decimal import Decimal
from typing import Literal, TypeAlias

from pydantic.dataclasses import dataclass as checked_dataclass

from mrdkit.files.rules import STRICT
from mrdkit.patient.criteria_limits import CountLimit, PercentLimit

__all__ = [
    "Category",
    "CountRecoveryPolicy",
    "CytogeneticPolicy",
    "ExtramedullaryPolicy",
    "Hypocellular",
    "MrdPolicy",
    "NamedAnswer",
    "NotAsked",
    "PartialRemission",
    "PlateletTransfusion",
    "Plausible",
    "RelapseCriteria",
    "Remission",
    "Responder",
    "Section",
    "Windows",
]

#: Whether an answer counts as a response; NE where the source leaves it open.
Responder: TypeAlias = Literal["Y", "N", "NE"]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Section:
    """A part of a profile and, in our words, the sentence of its source; a decision of mrdkit says so."""

    clause: str


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class NamedAnswer(Section):
    """An answer by its name."""

    name: str
    responder: Responder


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Remission:
    """What marrow and blood must show before any category of remission; MRD where it is available."""

    marrow_blasts: PercentLimit
    blood_blasts: PercentLimit | None = None
    mrd: PercentLimit | None = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Category(NamedAnswer):
    """One category of remission by blood counts."""

    neutrophils: CountLimit | None = None
    platelets: CountLimit | None = None

    def holds(self, neutrophils: Decimal, platelets: Decimal) -> bool:
        """Tell whether two counts in 10^9 per litre keep the limits."""
        return (self.neutrophils is None or self.neutrophils.holds(neutrophils)) and (
            self.platelets is None or self.platelets.holds(platelets)
        )


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PartialRemission(NamedAnswer):
    """Fewer blasts without remission: the counts of the first category, blasts between two limits, a fall."""

    marrow_blasts_from: PercentLimit
    marrow_blasts_to: PercentLimit
    fall_at_least_percent: Decimal


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class NotAsked:
    """A clause of the profile that no table of a study can show, said with every remission."""

    flag: str
    reason: str


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RelapseCriteria:
    """Blasts of a relapse in marrow and blood."""

    marrow_blasts: PercentLimit | None = None
    blood_blasts: PercentLimit | None = None


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Windows(Section):
    """Windows of time, each inclusive."""

    cbc_within_days: int
    platelet_transfusion_within_days: int
    early_death_within_days: int
    best_mrd_within_courses: int


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PlateletTransfusion(Section):
    """What a recent platelet transfusion means: a review, or platelets that count as not recovered."""

    policy: Literal["review", "not_recovered"]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Plausible(Section):
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
class Hypocellular(Section):
    """Below these a remission may be an empty marrow and is reviewed."""

    cellularity_less_than_percent: Decimal
    neutrophils_less_than_e9_per_l: Decimal
    platelets_less_than_e9_per_l: Decimal


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ExtramedullaryPolicy(Section):
    """Which CNS words are disease, and which ask for a review."""

    cns_disease: tuple[str, ...]
    cns_review: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class MrdPolicy(Section):
    """What a cluster found below the flow threshold, or below its LoQ, means."""

    flow_threshold: Literal["1e-4"]
    flow_detected_below: Literal["positive", "negative", "indeterminate"]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CytogeneticPolicy(Section):
    """Metaphases that a complete cytogenetic response needs, and changes that are no disease alone."""

    metaphases_at_least: int
    limited_counts: bool
    age_related_alone: tuple[str, ...]
    heteromorphisms: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CountRecoveryPolicy(Section):
    """Platelets that are thrombocytopenia, and the days of a course beyond which it is prolonged."""

    thrombocytopenia: CountLimit
    prolonged_beyond_days: int
