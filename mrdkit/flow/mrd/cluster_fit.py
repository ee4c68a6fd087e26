"""Expectation-maximisation of a tube's leukemic cluster: its share, and the one shift of all its cells."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.mrd.detection_rules import DetectorSettings
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.flow.mrd.normal import adapted, log_sum
from mrdkit.flow.mrd.operating import log_odds, probability
from mrdkit.flow.mrd.phenotype import Phenotype

__all__ = ["Search", "searched"]

F64 = NDArray[np.float64]

_LEAST_EVENTS = 0.1
_LEAST_START_EVENTS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Where one search ended.

    Attributes:
        own: the tube's normal mixture.
        share: of leukemic cells among the events.
        shift: (n_features,) decades since diagnosis.
        distance: sum of squares of the shift in standard deviations of the drift.
    """

    own: NormalMixture = field(repr=False)
    share: float
    shift: F64
    distance: float


def searched(
    events: F64, normal: NormalMixture, phenotype: Phenotype, share: float, settings: DetectorSettings
) -> Search:
    """Search a tube's cluster.

    Args:
        events: (n, n_features) aligned events of the lineage gate, at least one.
        normal: the normal reference.
        phenotype: of the patient.
        share: of leukemic cells that the search begins with.
        settings: of the models.
    """
    blasts, shift, own = phenotype.widened, np.zeros(events.shape[1]), normal
    for number in range(settings.rounds):
        own = adapted(normal, blasts, share, events, settings, begun=own if number else None)
        background = own.log_density(events)
        odds = blasts.log_density(events) - background
        near = odds >= min(settings.candidate_log_odds_at_least, float(odds.max()))
        cells = _Cells(events=events[near], normal=background[near], whole=len(events))
        share, shift = _fitted(cells, odds[near], share, phenotype, settings)
        blasts = phenotype.blasts.shifted(shift)
    return Search(own=own, share=share, shift=shift, distance=float((shift**2 / phenotype.drift).sum()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cells:
    """Events that may be leukemic, their log density as normal ones, and how many there are in all."""

    events: F64
    normal: F64
    whole: int


def _fitted(
    cells: _Cells, odds: F64, share: float, phenotype: Phenotype, settings: DetectorSettings
) -> tuple[float, F64]:
    """Return share and shift, from each cell's odds at the start."""
    share = max(float(probability(odds + np.log(share)).sum()), _LEAST_START_EVENTS) / cells.whole
    parts = phenotype.blasts.component_log_densities(cells.events)
    shares = np.exp(parts - log_sum(parts)[:, None]) * probability(odds + np.log(share))[:, None]
    shift = np.zeros(phenotype.blasts.n_dimensions)
    for _ in range(settings.fit_iterations):
        moved = _most_probable_shift(cells.events, shares, phenotype)
        parts = phenotype.blasts.shifted(moved).component_log_densities(cells.events)
        whole = log_sum(parts)
        leukemic = probability(log_odds(whole, cells.normal, share))
        shares = np.exp(parts - whole[:, None]) * leukemic[:, None]
        share = max(float(leukemic.sum()), _LEAST_EVENTS) / cells.whole
        settled = float(np.abs(moved - shift).max()) < settings.fit_tolerance
        shift = moved
        if settled:
            break
    return share, shift


def _most_probable_shift(events: F64, shares: F64, phenotype: Phenotype) -> F64:
    blasts = phenotype.blasts
    left, right = np.diag(1.0 / phenotype.drift), np.zeros(blasts.n_dimensions)
    for k, mean in enumerate(blasts.means):
        precision = np.linalg.inv(blasts.covariances[k])
        left = left + shares[:, k].sum() * precision
        right = right + precision @ (shares[:, k] @ (events - mean))
    return np.asarray(np.linalg.solve(left, right), dtype=np.float64)
