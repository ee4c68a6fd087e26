"""Different from normal: the largest group of cells that normal marrow explains least, without a diagnosis.

A group is a chain of neighbours (DBSCAN: Ester, KDD 1996) among the least typical cells of the lineage gate.
It is a screening only: a leukemia that looks like normal precursors is not seen, so it excludes nothing.
"""

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.mrd.detection_rules import DetectorSettings
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.flow.mrd.normal import drawn

__all__ = ["atypical_below", "largest_group"]

F64 = NDArray[np.float64]


def atypical_below(densities: list[F64], settings: DetectorSettings) -> float:
    """Return the log density below which a cell is atypical: a small quantile of the blanks' own cells.

    Args:
        densities: per blank (n,) log densities under the mixture fitted without it.
        settings: of the models.
    """
    samples = [
        drawn(values, settings.normal_events_per_blank, settings.seed) for values in densities if len(values)
    ]
    return float(np.quantile(np.concatenate(samples), settings.atypical_share))


def largest_group(
    events: F64, normal: NormalMixture, below: float, settings: DetectorSettings
) -> NDArray[np.intp]:
    """Return (n,) rising positions of the cells in the largest group of atypical ones.

    Args:
        events: (n_events, n_features) aligned events of the lineage gate.
        normal: the normal reference.
        below: log density below which a cell is atypical.
        settings: of the models.
    """
    from sklearn.cluster import DBSCAN
    from sklearn.neighbors import NearestNeighbors

    atypical = np.flatnonzero(normal.log_density(events) < below)
    if len(atypical) < settings.group_neighbours:
        return np.empty(0, dtype=np.intp)
    sample = drawn(events[atypical], settings.group_events_at_most, settings.seed)
    model = DBSCAN(
        eps=settings.group_radius_decades, min_samples=settings.group_neighbours, algorithm="kd_tree"
    )
    labels = model.fit(sample).labels_
    if labels.max(initial=-1) < 0:
        return np.empty(0, dtype=np.intp)
    core = sample[labels == np.bincount(labels[labels >= 0]).argmax()]
    nearest = NearestNeighbors(n_neighbors=1, algorithm="kd_tree").fit(core)
    near = nearest.kneighbors(events[atypical])[0][:, 0] <= settings.group_radius_decades
    return np.asarray(atypical[near])
