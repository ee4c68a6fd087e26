"""The leukemic cells of a diagnosis or relapse tube, found without anyone's gate.

With a normal reference: what it does not explain. Without one, the tube's own normal B cells (its landmarks
inside the lineage gate) and a broad component stand for normal marrow. Then hematogones may be taken for
blasts, which matters little where blasts are many: the flag BLASTS_WITHOUT_REFERENCE says so.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.gating import GatingResult, apply_gating
from mrdkit.flow.mrd.detection_rules import DetectionRules, DetectorSettings, read_detector_settings
from mrdkit.flow.mrd.evaluability import require_markers
from mrdkit.flow.mrd.features import features_of
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.flow.mrd.mixture_fit import fit_mixture
from mrdkit.flow.mrd.normal import drawn
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.mrd.phenotype import Phenotype, fit_phenotype
from mrdkit.flow.mrd.tube import Tube, tube_of

__all__ = ["Blasts", "blasts_among", "find_blasts", "leukemic"]

F64 = NDArray[np.float64]

_COMPONENTS = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blasts:
    """The leukemic cells of one tube.

    Attributes:
        gating: the panel's gates in this tube.
        numbers: (n,) their numbers in the file, rising.
        share: of the cells in the lineage gate that are leukemic.
        flags: doubts.
    """

    gating: GatingResult = field(repr=False)
    numbers: NDArray[np.intp] = field(repr=False)
    share: float
    flags: tuple[str, ...]


def find_blasts(dataset: FcsDataset, panel: Panel) -> Blasts:
    """Find the blasts of a diagnosis or relapse tube, without a normal reference.

    Raises:
        InputError: the tube cannot be gated, or holds too few cells that its normal B cells do not explain.
        ValueError: the panel does not detect by phenotype.
    """
    require_markers(dataset, panel)
    return blasts_among(dataset, panel, apply_gating(dataset, panel.strategy))


def blasts_among(dataset: FcsDataset, panel: Panel, gating: GatingResult) -> Blasts:
    """Find the blasts of a tube that was gated and holds every marker; see `find_blasts`."""
    rules = panel.rule.detection
    if rules is None:
        raise ValueError(f"panel {panel.rule.id} does not detect by phenotype")
    tube = tube_of(dataset, panel, gating)
    features = features_of(panel)
    events = np.column_stack([f.decades(v) for f, v in zip(features, tube.values.T, strict=True)])
    settings = read_detector_settings()
    normal = _own_normal(events, tube, rules, settings)
    phenotype = fit_phenotype(events, normal, rules, settings)
    return Blasts(
        gating=gating,
        numbers=tube.numbers[leukemic(events, normal, phenotype)],
        share=phenotype.share,
        flags=("BLASTS_WITHOUT_REFERENCE",),
    )


def leukemic(events: F64, normal: NormalMixture, phenotype: Phenotype) -> NDArray[np.bool_]:
    """Return (n,) which events of a diagnosis tube are more probably leukemic than normal."""
    blast = phenotype.blasts.log_density(events) + np.log(phenotype.share)
    return np.asarray(blast > normal.log_density(events) + np.log1p(-phenotype.share))


def _own_normal(events: F64, tube: Tube, rules: DetectionRules, settings: DetectorSettings) -> NormalMixture:
    inside = np.zeros(tube.gating.n_events, dtype=np.bool_)
    for mark in rules.alignment.landmark:
        inside |= tube.gating.membership(mark.gate)
    known = events[inside[tube.numbers]]
    if len(events) <= events.shape[1] + 1:
        raise InputError(
            "the lineage gate holds too few cells",
            code="LINEAGE_EMPTY",
            expected=f"more than {events.shape[1] + 1}",
            found=str(len(events)),
        )
    broad = np.cov(events.T) * settings.normal_broad_inflation + settings.variance_at_least * np.eye(
        events.shape[1]
    )
    broad = 0.5 * (broad + broad.T)
    if len(known) < settings.diagnosis_blasts_at_least // 2:
        return NormalMixture(weights=np.ones(1), means=events.mean(axis=0)[None], covariances=broad[None])
    fitted = fit_mixture(
        drawn(known, settings.normal_events_per_blank, settings.seed),
        _COMPONENTS,
        variance_floor=settings.variance_at_least,
        seed=settings.seed,
    )
    return NormalMixture(
        weights=np.append(fitted.weights * 0.5, 0.5),
        means=np.vstack([fitted.means, events.mean(axis=0)]),
        covariances=np.concatenate([fitted.covariances, broad[None]]),
    )
