"""One tube, gated and ready to be scored: the cells of its lineage gate and where its landmarks stand.

Values are compensated and on no display scale; alignment and scale come later, so that the same tube can be
read against any reference.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.engine import coordinates
from mrdkit.flow.gating import GatingResult
from mrdkit.flow.mrd.detection_rules import LandmarkRule
from mrdkit.flow.mrd.features import Feature, features_of
from mrdkit.flow.mrd.panel import Panel

__all__ = ["Landmark", "Tube", "tube_of"]

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmark:
    """A normal population of one tube.

    Attributes:
        gate: its gate.
        n: events in it.
        decades: feature -> median in decades, where it is finite; empty where the population is too small.
    """

    gate: str
    n: int
    decades: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tube:
    """What scoring needs of a tube.

    Attributes:
        gating: the panel's gates in this tube.
        numbers: (n,) numbers of the lineage gate's events in the file, rising.
        values: (n, n_features) their compensated values.
        landmarks: the normal populations, in the panel's order.
        n_denominator: events of the denominator gate.
        n_hematogones: events of the hematogone gate.
    """

    gating: GatingResult = field(repr=False)
    numbers: NDArray[np.intp] = field(repr=False)
    values: F64 = field(repr=False)
    landmarks: tuple[Landmark, ...]
    n_denominator: int
    n_hematogones: int


def tube_of(dataset: FcsDataset, panel: Panel, gating: GatingResult) -> Tube:
    """Return a gated tube ready to be scored.

    Raises:
        InputError: fewer landmarks than the panel asks for.
        ValueError: the panel does not detect by phenotype.
    """
    rules = panel.rule.detection
    if rules is None:
        raise ValueError(f"panel {panel.rule.id} does not detect by phenotype")
    features = features_of(panel)
    columns = coordinates(dataset, gating.strategy, [feature.unscaled for feature in features])
    lineage = gating.membership(rules.lineage_gate)
    values = np.ascontiguousarray(columns[:, lineage].T)
    placed = np.isfinite(np.column_stack([f.decades(v) for f, v in zip(features, values.T, strict=True)]))
    finite = np.asarray(placed.all(axis=1))
    landmarks = tuple(_landmark(mark, gating, features, columns) for mark in rules.alignment.landmark)
    found = [mark for mark in landmarks if mark.decades]
    if len(found) < rules.alignment.landmarks_at_least:
        raise InputError(
            "too few of the normal populations that a tube is aligned on",
            code="LANDMARKS_MISSING",
            expected=f"at least {rules.alignment.landmarks_at_least} of {_names(landmarks)}",
            found=_names(tuple(found)) or "none",
        )
    return Tube(
        gating=gating,
        numbers=np.flatnonzero(lineage)[finite],
        values=values[finite],
        landmarks=landmarks,
        n_denominator=gating.counts[panel.rule.denominator_gate],
        n_hematogones=gating.counts[panel.rule.hematogone_gate],
    )


def _landmark(
    rule: LandmarkRule, gating: GatingResult, features: tuple[Feature, ...], columns: F64
) -> Landmark:
    inside = gating.membership(rule.gate)
    decades: dict[str, float] = {}
    if gating.counts[rule.gate] >= rule.at_least_events:
        for feature, column in zip(features, columns, strict=True):
            if feature.name in rule.features:
                median = float(feature.decades(np.array([np.median(column[inside])]))[0])
                if np.isfinite(median):
                    decades[feature.name] = median
    return Landmark(gate=rule.gate, n=gating.counts[rule.gate], decades=decades)


def _names(landmarks: tuple[Landmark, ...]) -> str:
    return ", ".join(mark.gate for mark in landmarks)
