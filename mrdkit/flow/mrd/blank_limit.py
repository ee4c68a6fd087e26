"""The limit of blank of one tube, from leukemia-free marrows and from its own hematogones.

Normal cells that are called leukemic come from precursors, whose number differs between marrows by a factor
of a hundred. So the background is a rate per hematogone, over-dispersed between marrows: expected count =
alpha x hematogones of this tube, limit = its 95th percentile (negative binomial). A fixed limit would be too
low in regenerating marrows and too high in empty ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mrdkit.flow.mrd.detection_rules import DetectorSettings
from mrdkit.stats import dispersion_of, over_dispersed_quantile, poisson_mean_exceeding

__all__ = ["BlankCount", "BlankLimit", "fit_blank_limit", "limit_of_detection"]

_NOT_SEEN = 0.5  # events added, since none seen in all blanks is no rate of 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BlankCount:
    """One blank: cells called leukemic, and hematogones."""

    n_target: int
    n_hematogones: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlankLimit:
    """Rate of the background per hematogone and how much it varies between marrows.

    Attributes:
        alpha: expected called cells per hematogone.
        dispersion: of the counts; variance = mean + dispersion x mean^2.
        probability: percentile of the limit.
    """

    alpha: float
    dispersion: float
    probability: float

    def expected(self, n_hematogones: int) -> float:
        """Return the expected number of called cells in a leukemia-free tube."""
        return self.alpha * n_hematogones

    def events(self, n_hematogones: int) -> int:
        """Return the limit of blank in events: more than these are above background."""
        return over_dispersed_quantile(self.expected(n_hematogones), self.dispersion, self.probability)


def fit_blank_limit(blanks: Sequence[BlankCount], settings: DetectorSettings) -> BlankLimit:
    """Fit the limit to the counts of leukemia-free tubes, at least one hematogone among them."""
    hematogones = max(sum(blank.n_hematogones for blank in blanks), 1)
    alpha = (sum(blank.n_target for blank in blanks) + _NOT_SEEN) / hematogones
    means = [alpha * max(blank.n_hematogones, 1) for blank in blanks]
    spread = dispersion_of([blank.n_target for blank in blanks], means)
    return BlankLimit(
        alpha=alpha,
        dispersion=max(spread, settings.dispersion_at_least),
        probability=settings.background_probability,
    )


def limit_of_detection(
    above_events: int, expected: float, recall: float, n_denominator: int, probability: float
) -> float:
    """Return the fraction of leukemic cells that is found with this probability; above 1 where none is.

    Args:
        above_events: a cluster has more events than these.
        expected: background among them.
        recall: share of the leukemic cells that is called.
        n_denominator: cells of the tube.
        probability: of detection.
    """
    needed = poisson_mean_exceeding(above_events, probability) - expected
    return needed / (recall * n_denominator) if recall > 0.0 else float("inf")
