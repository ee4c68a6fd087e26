"""A second opinion on the leukemic cells of a tube: boosted trees, which assume no distribution.

The trees learn the diagnosis cells, each moved by a random drift, against cells of the blanks. They decide no
call: where they and the mixture disagree, a person looks (flag SECOND_OPINION_DISAGREES).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.mrd.boosting import BoostedTrees
from mrdkit.flow.mrd.boosting_fit import BoostingSettings, fit_boosting
from mrdkit.flow.mrd.detection_rules import DetectorSettings
from mrdkit.flow.mrd.normal import drawn

__all__ = ["SecondOpinion", "boosting_settings", "fit_second_opinion"]

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOpinion:
    """Trees, and the log odds above which they call a cell."""

    trees: BoostedTrees = field(repr=False)
    above: float

    def count(self, events: F64) -> int:
        """Return how many of the events the trees call leukemic."""
        return int(np.count_nonzero(self.trees.log_odds(events) > self.above))


def fit_second_opinion(
    blasts: F64, drift: F64, blanks: Sequence[F64], settings: DetectorSettings
) -> SecondOpinion:
    """Fit the trees and set the log odds so that a blank has, on average, few called cells.

    Args:
        blasts: (n, n_features) leukemic cells of the diagnosis tube.
        drift: (n_features,) variances of their shift since then.
        blanks: per blank (n, n_features) events.
        settings: of the models.

    Raises:
        InputError: too few events.
    """
    random = np.random.default_rng(settings.seed)
    sample = drawn(blasts, settings.boosting_events, settings.seed)
    moved = sample + random.standard_normal(sample.shape) * np.sqrt(drift)
    normal = np.concatenate([drawn(b, settings.boosting_events_per_blank, settings.seed) for b in blanks])
    trees = fit_boosting(moved, normal, boosting_settings(settings), seed=settings.seed)
    odds = np.sort(np.concatenate([trees.log_odds(events) for events in blanks]))[::-1]
    allowed = min(int(settings.boosting_background_events * len(blanks)), len(odds) - 1)
    return SecondOpinion(trees=trees, above=float(odds[allowed]))


def boosting_settings(settings: DetectorSettings) -> BoostingSettings:
    """Return how the trees are grown."""
    return BoostingSettings(
        learning_rate=settings.boosting_learning_rate,
        l2=settings.boosting_l2,
        leaf_at_least_events=settings.boosting_leaf_at_least_events,
        iterations=settings.boosting_iterations,
        leaves_at_most=settings.boosting_leaves_at_most,
    )
