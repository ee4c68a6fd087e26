"""What calling a cell leukemic, where that is more probable than normal, means in one tube.

Recall and background follow from the two models by importance sampling: cells are drawn near the leukemic
cluster and weighted by what each model says of them; the same seed gives the same figures. Of a cluster that
is most of what lies near it they follow from the probabilities of its own cells.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.mrd.detection_rules import DetectorSettings
from mrdkit.flow.mrd.mixture import NormalMixture

__all__ = ["Operating", "called_above", "expected_at", "log_odds", "observed", "probability", "sampled"]

F64 = NDArray[np.float64]

_SAMPLED = 4000
_INFLATION = 1.5
_SMALLEST_SHARE = 1e-12
_LARGEST_ODDS = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """Recall and background at one share of leukemic cells.

    Attributes:
        recall: share of the leukemic cells in the lineage gate that are called.
        normal_called: normal cells that are called with them, expected.
    """

    recall: float
    normal_called: float


def observed(odds: F64, settings: DetectorSettings) -> Operating:
    """Return recall and background of the calls that were made.

    Args:
        odds: (n_events,) log odds of being leukemic.
        settings: of the models.
    """
    leukemic = probability(odds)
    called = odds > called_above(settings)
    whole = float(leukemic.sum())
    return Operating(
        recall=float(leukemic[called].sum()) / whole if whole > 0.0 else 0.0,
        normal_called=float((1.0 - leukemic[called]).sum()),
    )


def expected_at(
    own: NormalMixture, blasts: NormalMixture, share: float, n_events: int, settings: DetectorSettings
) -> Operating:
    """Return recall and background at a share of leukemic cells.

    Args:
        own: the tube's normal mixture.
        blasts: the leukemic cluster.
        share: of leukemic cells among the lineage gate's events.
        n_events: events in the lineage gate.
        settings: of the models.
    """
    proposal = NormalMixture(
        weights=blasts.weights, means=blasts.means, covariances=blasts.covariances * _INFLATION
    )
    cells = sampled(proposal, _SAMPLED, settings.seed)
    drawn, leukemic, normal = (mixture.log_density(cells) for mixture in (proposal, blasts, own))
    called = log_odds(leukemic, normal, share) > called_above(settings)
    weights = np.exp(leukemic - drawn)
    return Operating(
        recall=float((weights * called).sum() / weights.sum()),
        normal_called=float(n_events * (np.exp(normal - drawn) * called).mean()),
    )


def sampled(mixture: NormalMixture, n: int, seed: int) -> F64:
    """Return (n, n_dimensions) cells drawn from a mixture."""
    random = np.random.default_rng(seed)
    component = random.choice(len(mixture.weights), n, p=mixture.weights)
    factors = np.linalg.cholesky(mixture.covariances)
    noise = random.standard_normal((n, mixture.n_dimensions))
    return np.asarray(mixture.means[component] + np.einsum("nij,nj->ni", factors[component], noise))


def log_odds(leukemic: F64, normal: F64, share: float) -> F64:
    """Return (n,) log odds of being leukemic from two log densities and the share of leukemic cells."""
    share = min(max(share, _SMALLEST_SHARE), 1.0 - _SMALLEST_SHARE)
    return np.asarray(leukemic - normal + np.log(share) - np.log1p(-share))


def probability(log_odds: F64) -> F64:
    """Return (n,) probabilities of log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -_LARGEST_ODDS, _LARGEST_ODDS))))


def called_above(settings: DetectorSettings) -> float:
    """Return the log odds above which a cell is called."""
    return float(np.log(settings.called_probability_above / (1.0 - settings.called_probability_above)))
