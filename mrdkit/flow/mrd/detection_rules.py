"""What a panel says about finding leukemic cells by their phenotype, and the settings of the models.

A panel names the features, how far a phenotype may drift between diagnosis and follow-up, and the internal
normal populations. The settings of the models hold for every panel. Lengths are in decades of intensity.
"""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import Field

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule

__all__ = ["AlignmentRules", "DetectionRules", "DetectorSettings", "LandmarkRule", "read_detector_settings"]

Name: TypeAlias = Annotated[str, Field(min_length=1)]
Positive: TypeAlias = Annotated[float, Field(gt=0.0)]
Count: TypeAlias = Annotated[int, Field(ge=1)]
Share: TypeAlias = Annotated[float, Field(gt=0.0, lt=1.0)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LandmarkRule:
    """A normal population inside every tube, and the features that it keeps from tube to tube."""

    gate: Name
    at_least_events: Count
    features: Annotated[tuple[Name, ...], Field(min_length=1)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AlignmentRules:
    """How far a feature may be moved, and how far a landmark may then still stand from its reference.

    Attributes:
        shift_at_most_decades: beyond it the tube is not evaluable (BATCH_SHIFT).
        residual_at_most_decades: beyond it a label contradicts its population (MARKER_IDENTITY).
        landmarks_at_least: landmarks that a tube must hold.
        landmark: the populations.
    """

    shift_at_most_decades: Positive
    residual_at_most_decades: Positive
    landmarks_at_least: Count
    landmark: Annotated[tuple[LandmarkRule, ...], Field(min_length=2)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DetectionRules:
    """Detection by phenotype: inside which gate, on which features.

    Attributes:
        lineage_gate: its events are scored; the union of the lineage arms.
        features: names of axes with a scale.
        drift_decades: standard deviation of the shift of any feature between diagnosis and follow-up.
        drift: the same for features that are known to drift, or that therapy targets.
        alignment: the internal normal populations.
    """

    lineage_gate: Name
    features: Annotated[tuple[Name, ...], Field(min_length=2, max_length=32)]
    drift_decades: Positive
    drift: Mapping[Name, Positive]
    alignment: AlignmentRules

    def __post_init__(self) -> None:
        """Refuse a name that is no feature."""
        named = [*self.drift, *(name for mark in self.alignment.landmark for name in mark.features)]
        unknown = sorted(set(named) - set(self.features))
        if unknown or len(set(self.features)) != len(self.features):
            raise ValueError(f"no feature of this name, or one named twice: {', '.join(unknown)}")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DetectorSettings(Rule):
    """Settings of the models; see reference/flow/detection.toml for their meaning and origin."""

    seed: int
    significant_digits: Count
    variance_at_least: Positive
    normal_components: Count
    normal_events_per_blank: Count
    normal_broad_share: Share
    normal_broad_inflation: Positive
    folds: Annotated[int, Field(ge=2)]
    diagnosis_components: Count
    diagnosis_events: Count
    diagnosis_blasts_at_least: Count
    diagnosis_blast_share_at_least: Share
    diagnosis_normal_share_at_most: Share
    adaptation_decades: Positive
    adaptation_events_at_least: Count
    adaptation_events_at_most: Count
    adaptation_iterations: Count
    start_share: Share
    fit_iterations: Count
    fit_tolerance: Positive
    candidate_log_odds_at_least: float
    called_probability_above: Share
    shift_distance_at_most: Positive
    shift_part_of_way_at_most: Share
    separable_recall_at_least: Share
    start_events: Count
    rounds: Count
    alignment_prior_decades: Positive
    alignment_error_decades: Positive
    alignment_offset_of_top: Positive
    background_probability: Share
    dispersion_at_least: Annotated[float, Field(ge=0.0)]
    blanks_at_least: Count
    blanks_claimable: Count
    recall_error: Share
    recall_at_least: Share
    reference_step_decades: Positive
    atypical_share: Share
    group_radius_decades: Positive
    group_neighbours: Count
    group_events_at_most: Count
    boosting_events: Count
    boosting_events_per_blank: Count
    boosting_background_events: Positive
    boosting_learning_rate: Positive
    boosting_l2: Positive
    boosting_leaf_at_least_events: Count
    boosting_iterations: Count
    boosting_leaves_at_most: Count


def read_detector_settings() -> DetectorSettings:
    """Read the shipped settings."""
    return read_rule("flow", "detection", DetectorSettings)
