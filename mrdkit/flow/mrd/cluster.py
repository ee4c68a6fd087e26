"""The leukemic cluster of one tube: how many cells, which, and how far they moved since diagnosis.

The tube's cells are its own normal mixture plus the diagnosis phenotype, moved by one shift that all its
leukemic cells share. Share and shift are the most probable ones under the prior of the drift (expectation-
maximisation). A cell is called where it is more probably leukemic than normal. How many normal cells are called
with them, and how many leukemic ones are not, follows from the same two models by importance sampling.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.mrd.detection_rules import DetectorSettings
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.flow.mrd.normal import adapted, log_sum
from mrdkit.flow.mrd.phenotype import Phenotype

__all__ = ["Cluster", "Operating", "find_cluster", "operating"]

F64 = NDArray[np.float64]

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
    events: F64, normal: NormalMixture, phenotype: Phenotype, settings: DetectorSettings
) -> Cluster:
    """Find the leukemic cluster of a tube.

    The tube's normal mixture and its cluster depend on each other: each is found twice, first with the
    phenotype widened by its drift, then with the cluster that this gave.

    Args:
        events: (n, n_features) aligned events of the lineage gate, at least one.
        normal: the normal reference.
        phenotype: of the patient.
        settings: of the models.
    """
    best = _best(
        [
            _searched(events, normal, phenotype, share, settings)
            for share in (settings.start_share, settings.start_events / len(events))
        ],
        phenotype,
    )
    own, share, blasts = best.own, best.share, phenotype.blasts.shifted(best.shift)
    log_odds = _log_odds(blasts.log_density(events), own.log_density(events), share)
    threshold = np.log(settings.called_probability_above / (1.0 - settings.called_probability_above))
    return Cluster(
        called=np.flatnonzero(log_odds > threshold),
        log_odds=log_odds,
        shift=best.shift,
        share=share,
        distance=best.distance,
        operating=operating(own, blasts, share, len(events), settings),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """Where one search ended, and how probable that is."""

    own: NormalMixture
    share: float
    shift: F64
    distance: float
    log_posterior: float


def _best(searches: Sequence[_Search], phenotype: Phenotype) -> _Search:
    """Return the most probable search among those within reach; the nearest where none is."""
    within = [search for search in searches if search.distance <= phenotype.reach]
    if within:
        return max(within, key=lambda search: search.share)
    return min(searches, key=lambda search: search.distance)


def _searched(
    events: F64, normal: NormalMixture, phenotype: Phenotype, share: float, settings: DetectorSettings
) -> _Search:
    blasts = phenotype.widened
    for _ in range(settings.rounds):
        own = adapted(normal, blasts, share, events, settings)
        share, shift = _fitted(events, own.log_density(events), blasts, share, phenotype, settings)
        blasts = phenotype.blasts.shifted(shift)
    both = np.logaddexp(
        own.log_density(events) + np.log1p(-share), blasts.log_density(events) + np.log(share)
    )
    distance = float((shift**2 / phenotype.drift).sum())
    moved = float((((own.means - normal.means) / settings.adaptation_decades) ** 2).sum())
    return _Search(
        own=own,
        share=share,
        shift=shift,
        distance=distance,
        log_posterior=float(both.sum()) - 0.5 * (distance + moved),
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
    events: F64,
    normal: F64,
    start: NormalMixture,
    start_share: float,
    phenotype: Phenotype,
    settings: DetectorSettings,
) -> tuple[float, F64]:
    """Return share and shift; cells that no share could make leukemic are left out."""
    odds = start.log_density(events) - normal
    near = np.flatnonzero(odds >= min(settings.candidate_log_odds_at_least, odds.max()))
    blasts, cells, normal = phenotype.blasts, events[near], normal[near]
    precisions = np.linalg.inv(blasts.covariances)
    prior = np.diag(1.0 / phenotype.drift)
    shift = np.zeros(blasts.n_dimensions)
    share = max(float(_probability(odds[near] + np.log(start_share)).sum()), 1.0) / len(events)
    shares = _component_shares(blasts, cells, shift) * _probability(odds[near] + np.log(share))[:, None]
    for _ in range(settings.fit_iterations):
        moved = _most_probable_shift(cells, shares, blasts, precisions, prior)
        parts = blasts.shifted(moved).component_log_densities(cells)
        whole = log_sum(parts)
        probable = _probability(_log_odds(whole, normal, share))
        shares = np.exp(parts - whole[:, None]) * probable[:, None]
        share = max(float(probable.sum()), _LEAST_EVENTS) / len(events)
        settled = np.abs(moved - shift).max() < settings.fit_tolerance
        shift = moved
        if settled:
            break
    return share, shift


def _component_shares(blasts: NormalMixture, cells: F64, shift: F64) -> F64:
    """Return (n, n_components): how much of a leukemic cell belongs to each component."""
    parts = blasts.shifted(shift).component_log_densities(cells)
    return np.asarray(np.exp(parts - log_sum(parts)[:, None]))


def _most_probable_shift(near: F64, shares: F64, blasts: NormalMixture, precisions: F64, prior: F64) -> F64:
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
