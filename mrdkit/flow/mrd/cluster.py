"""The leukemic cluster of one tube: how many cells, which, and how far they moved since diagnosis.

The tube's cells are its own normal mixture plus the diagnosis phenotype, moved by one shift that all its
leukemic cells share. Share and shift are the most probable ones under the prior of the drift (expectation-
maximisation). A cell is called where it is more probably leukemic than normal. How many normal cells are called
with them, and how many leukemic ones are not, follows from the same two models by importance sampling.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.mrd.detection_rules import DetectorSettings
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.flow.mrd.normal import log_sum
from mrdkit.flow.mrd.phenotype import Phenotype

__all__ = ["Cluster", "Operating", "find_cluster", "operating"]

F64 = NDArray[np.float64]

_START_EVENTS = 10.0
_START_ITERATIONS = 20
_LEAST_EVENTS = 0.1
_SAMPLED = 4000
_SAMPLE_INFLATION = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """What calling cells at some share of leukemic cells means in this tube.

    Attributes:
        recall: share of the leukemic cells in the lineage gate that are called.
        normal_called: normal cells that are called with them, expected.
    """

    recall: float
    normal_called: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cluster:
    """What was found.

    Attributes:
        called: (n,) rising positions, among the events given, of the cells that are called.
        log_odds: (n_events,) of being leukemic; -inf far from the phenotype.
        shift: (n_features,) decades since diagnosis.
        share: of leukemic cells among the events given.
        distance: sum of squares of the shift in standard deviations of the drift.
        operating: recall and background of the calls at this share and shift.
    """

    called: NDArray[np.intp]
    log_odds: F64 = field(repr=False)
    shift: F64
    share: float
    distance: float
    operating: Operating


def find_cluster(
    events: F64, own: NormalMixture, phenotype: Phenotype, settings: DetectorSettings
) -> Cluster:
    """Find the leukemic cluster of a tube.

    Args:
        events: (n, n_features) aligned events of the lineage gate, at least one.
        own: the tube's own normal mixture.
        phenotype: of the patient.
        settings: of the models.
    """
    normal = own.log_density(events)
    wide = phenotype.widened.log_density(events)
    share = _START_EVENTS / len(events)
    for _ in range(_START_ITERATIONS):
        share = max(float(_probability(wide - normal + np.log(share)).mean()), 1.0 / len(events))
    start = wide - normal + np.log(share)
    near = np.flatnonzero(start >= min(settings.candidate_log_odds_at_least, start.max()))
    share, shift = _fitted(events[near], normal[near], len(events), phenotype, settings, share)
    log_odds = np.full(len(events), -np.inf)
    moved = phenotype.blasts.shifted(shift)
    log_odds[near] = _log_odds(moved.log_density(events[near]), normal[near], share)
    threshold = np.log(settings.called_probability_above / (1.0 - settings.called_probability_above))
    return Cluster(
        called=np.flatnonzero(log_odds > threshold),
        log_odds=log_odds,
        shift=shift,
        share=share,
        distance=float((shift**2 / phenotype.drift).sum()),
        operating=operating(own, moved, share, len(events), settings),
    )


def operating(
    own: NormalMixture, blasts: NormalMixture, share: float, n_events: int, settings: DetectorSettings
) -> Operating:
    """Return recall and background of calling cells at a share of leukemic cells."""
    random = np.random.default_rng(settings.seed)
    component = random.choice(len(blasts.weights), _SAMPLED, p=blasts.weights)
    factors = np.linalg.cholesky(blasts.covariances * _SAMPLE_INFLATION)
    noise = random.standard_normal((_SAMPLED, blasts.n_dimensions))
    cells = blasts.means[component] + np.einsum("nij,nj->ni", factors[component], noise)
    proposal = NormalMixture(
        weights=blasts.weights, means=blasts.means, covariances=blasts.covariances * _SAMPLE_INFLATION
    ).log_density(cells)
    leukemic, normal = blasts.log_density(cells), own.log_density(cells)
    threshold = np.log(settings.called_probability_above / (1.0 - settings.called_probability_above))
    called = _log_odds(leukemic, normal, share) > threshold
    weights = np.exp(leukemic - proposal)
    return Operating(
        recall=float((weights * called).sum() / weights.sum()),
        normal_called=float(n_events * (np.exp(normal - proposal) * called).mean()),
    )


def _fitted(
    near: F64,
    normal: F64,
    n_events: int,
    phenotype: Phenotype,
    settings: DetectorSettings,
    share: float,
) -> tuple[float, F64]:
    """Return share and shift; `near` are the events that may be leukemic at all."""
    blasts = phenotype.blasts
    precisions = np.linalg.inv(blasts.covariances)
    prior = np.diag(1.0 / phenotype.drift)
    shift = np.zeros(blasts.n_dimensions)
    for _ in range(settings.fit_iterations):
        parts = blasts.shifted(shift).component_log_densities(near)
        whole = log_sum(parts)
        probable = _probability(_log_odds(whole, normal, share))
        shares = np.exp(parts - whole[:, None]) * probable[:, None]
        share = max(float(probable.sum()), _LEAST_EVENTS) / n_events
        moved = _most_probable_shift(near, shares, blasts, precisions, prior)
        settled = np.abs(moved - shift).max() < settings.fit_tolerance
        shift = moved
        if settled:
            break
    return share, shift


def _most_probable_shift(
    near: F64, shares: F64, blasts: NormalMixture, precisions: F64, prior: F64
) -> F64:
    left, right = prior.copy(), np.zeros(blasts.n_dimensions)
    for k, mean in enumerate(blasts.means):
        left += shares[:, k].sum() * precisions[k]
        right += precisions[k] @ (shares[:, k] @ (near - mean))
    return np.asarray(np.linalg.solve(left, right))


def _log_odds(leukemic: F64, normal: F64, share: float) -> F64:
    share = min(max(share, 1e-12), 1.0 - 1e-12)
    return np.asarray(leukemic - normal + np.log(share) - np.log1p(-share))


def _probability(log_odds: F64) -> F64:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -50.0, 50.0))))
