"""Normal B-lineage cells: one mixture over many leukemia-free marrows, and the same adapted to one tube.

The mixture is fitted to as many cells of each blank, so that none dominates; a broad component of small
weight stands for what no blank holds. Adaptation to a tube: its own shares of the components, and means moved
towards its own cells as far as a prior allows (Gauvain and Lee, IEEE Trans Speech Audio Process 1994;2:291).
The broad component never gains weight, since it would swallow a leukemia that moved. A blank is judged by a
mixture that was fitted without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.mrd.detection_rules import DetectorSettings
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.flow.mrd.mixture_fit import fit_mixture
from mrdkit.flow.mrd.operating import probability

__all__ = ["NormalReference", "adapted", "drawn", "fit_normal", "log_sum"]

F64 = NDArray[np.float64]

_RARE = 0.5  # events added to each component, so that none dies out
_STAGES = 4  # iterations before means may move


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalReference:
    """The mixture of all blanks, and per fold the mixture of the others; blank i is in fold i mod n."""

    pooled: NormalMixture = field(repr=False)
    folds: tuple[NormalMixture, ...] = field(repr=False)

    def without(self, blank: int) -> NormalMixture:
        """Return the mixture that was fitted without the blank of this number."""
        return self.folds[blank % len(self.folds)]


def fit_normal(blanks: Sequence[F64], settings: DetectorSettings) -> NormalReference:
    """Fit the normal reference.

    Args:
        blanks: per blank (n, n_features) aligned events.
        settings: of the models.

    Raises:
        InputError: too few events for the components.
    """
    samples = [drawn(events, settings.normal_events_per_blank, settings.seed) for events in blanks]
    return NormalReference(
        pooled=_fitted(samples, settings),
        folds=tuple(
            _fitted([s for i, s in enumerate(samples) if i % settings.folds != fold], settings)
            for fold in range(settings.folds)
        ),
    )


def drawn(events: F64, at_most: int, seed: int) -> F64:
    """Return at most so many of the events, drawn without replacement, in their order."""
    if len(events) <= at_most:
        return events
    chosen = np.random.default_rng(seed).choice(len(events), at_most, replace=False)
    return events[np.sort(chosen)]


def _fitted(samples: Sequence[F64], settings: DetectorSettings) -> NormalMixture:
    events = np.concatenate(samples)
    fitted = fit_mixture(
        events,
        settings.normal_components,
        variance_floor=settings.variance_at_least,
        seed=settings.seed,
    )
    broad = np.cov(events.T) * settings.normal_broad_inflation
    share = settings.normal_broad_share
    return NormalMixture(
        weights=np.append(fitted.weights * (1.0 - share), share),
        means=np.vstack([fitted.means, events.mean(axis=0)]),
        covariances=np.concatenate([fitted.covariances, 0.5 * (broad + broad.T)[None]]),
    ).rounded(settings.significant_digits)


def adapted(
    normal: NormalMixture,
    blasts: NormalMixture,
    share: float,
    events: F64,
    settings: DetectorSettings,
    *,
    begun: NormalMixture | None = None,
) -> NormalMixture:
    """Return the tube's own normal mixture; cells that look leukemic do not pull at it.

    Args:
        normal: the reference; its last component is the broad one, whose mean stays.
        blasts: the leukemic phenotype.
        share: of leukemic cells among the events, to start with.
        events: (n, n_features) aligned events of the tube.
        settings: of the models.
        begun: where an earlier adaptation to the same events ended, to go on from.
    """
    events = drawn(events, settings.adaptation_events_at_most, settings.seed)
    n = len(events)
    if n == 0:
        return normal
    leukemic = blasts.log_density(events)
    own = normal if begun is None else begun
    prior = np.eye(events.shape[1]) / settings.adaptation_decades**2
    precisions = np.linalg.inv(normal.covariances)
    for iteration in range(0 if begun is None else _STAGES, settings.adaptation_iterations):
        parts = own.component_log_densities(events)
        whole = log_sum(parts)
        blast = probability(leukemic - whole + np.log(share))
        shares = np.exp(parts - whole[:, None]) * (1.0 - blast)[:, None]
        counts = shares.sum(axis=0)
        share = max(float(blast.mean()), 1.0 / n)
        means = own.means.copy()
        if iteration >= _STAGES:
            for k in np.flatnonzero(counts[:-1] >= settings.adaptation_events_at_least):
                pull = prior @ normal.means[k] + precisions[k] @ (shares[:, k] @ events)
                means[k] = np.linalg.solve(prior + counts[k] * precisions[k], pull)
        own = own.placed(_weights(counts + _RARE, float(normal.weights[-1])), means)
    return own


def _weights(counts: F64, broad_at_most: float) -> F64:
    """Return shares of the counts, the last one bounded."""
    last = min(float(counts[-1] / counts.sum()), broad_at_most)
    return np.append(counts[:-1] * ((1.0 - last) / counts[:-1].sum()), last)


def log_sum(parts: F64) -> F64:
    """Return (n,) log of the sum over the columns of exp(parts)."""
    top = parts.max(axis=1)
    return np.asarray(top + np.log(np.exp(parts - top[:, None]).sum(axis=1)))
