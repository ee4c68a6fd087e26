"""The leukemic cluster of one tube: how many cells, which, and how far they moved since diagnosis.

The tube's cells are its own normal mixture plus the diagnosis phenotype, moved by one shift that all its
leukemic cells share. Share and shift are the most probable ones under the prior of the drift. A cell is
called where it is more probably leukemic than normal. A group that moved too far, or that its own model can
hardly tell from normal cells, is no cluster: it is reported, and neither counted nor passed over in silence.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.mrd.cluster_fit import Search, searched
from mrdkit.flow.mrd.detection_rules import DetectorSettings
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.flow.mrd.operating import Operating, called_above, expected_at, log_odds, observed
from mrdkit.flow.mrd.phenotype import Phenotype

__all__ = ["Cluster", "find_cluster"]

F64 = NDArray[np.float64]
Verdict: TypeAlias = Literal["cluster", "moved_too_far", "not_separable"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cluster:
    """What was found.

    Attributes:
        called: (n,) rising positions, among the events given, of the cells that are called.
        verdict: whether they are a cluster; only then they count.
        shift: (n_features,) decades since diagnosis.
        distance: sum of squares of the shift in standard deviations of the drift.
        found: recall and background of the calls at this share and shift.
        smallest: the same for the smallest number of cells that matters, with the phenotype of the diagnosis.
    """

    called: NDArray[np.intp] = field(repr=False)
    verdict: Verdict
    shift: F64
    distance: float
    found: Operating
    smallest: Operating

    @property
    def counted(self) -> NDArray[np.intp]:
        """The called cells of a cluster; none where they are no cluster."""
        return self.called if self.verdict == "cluster" else self.called[:0]


def find_cluster(
    events: F64, normal: NormalMixture, phenotype: Phenotype, smallest: float, settings: DetectorSettings
) -> Cluster:
    """Find the leukemic cluster of a tube.

    The tube's normal mixture and its cluster depend on each other: each is found in turns, first with the
    phenotype widened by its drift, then with the cluster that this gave. Two searches begin with many and
    with few leukemic cells, since a large cluster that moved is else taken for normal.

    Args:
        events: (n, n_features) aligned events of the lineage gate, at least one.
        normal: the normal reference.
        phenotype: of the patient.
        smallest: number of leukemic cells that must not be missed.
        settings: of the models.
    """
    n = len(events)
    starts = (settings.start_share, min(settings.start_events / n, settings.start_share))
    best = _best([searched(events, normal, phenotype, share, settings) for share in starts], phenotype)
    blasts = phenotype.blasts.shifted(best.shift)
    odds = log_odds(blasts.log_density(events), best.own.log_density(events), best.share)
    if (
        best.share > settings.start_share
    ):  # most cells near the cluster are its own: sampling them says little
        found = observed(odds, settings)
    else:
        found = expected_at(best.own, blasts, best.share, n, settings)
    return Cluster(
        called=np.flatnonzero(odds > called_above(settings)),
        verdict=_verdict(best, found, phenotype, settings),
        shift=best.shift,
        distance=best.distance,
        found=found,
        smallest=expected_at(best.own, phenotype.blasts, smallest / n, n, settings),
    )


def _best(searches: Sequence[Search], phenotype: Phenotype) -> Search:
    """Return the search with most leukemic cells among those within reach; the nearest where none is."""
    within = [search for search in searches if search.distance <= phenotype.reach]
    if within:
        return max(within, key=lambda search: search.share)
    return min(searches, key=lambda search: search.distance)


def _verdict(best: Search, found: Operating, phenotype: Phenotype, settings: DetectorSettings) -> Verdict:
    if best.distance > phenotype.reach:
        return "moved_too_far"
    if found.recall < settings.separable_recall_at_least:
        return "not_separable"
    return "cluster"
