"""Real leukemic cells against real normal cells of the B lineage: 13 surface markers of one patient.

Source: the data of keyes-timothy/tidytof (MIT), 2,500 healthy and 2,500 BCP-ALL cells by mass cytometry.
Labels are per sample, not per cell. 0.1 % of 2,500 are 2 cells, so the second column says little.
"""

import csv
import gzip
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from real_data import real

from mrdkit.flow.mrd.boosting_fit import fit_boosting
from mrdkit.flow.mrd.detection_rules import read_detector_settings
from mrdkit.flow.mrd.mixture_fit import fit_mixture
from mrdkit.flow.mrd.second_opinion import boosting_settings

F64 = NDArray[np.float64]
Score: TypeAlias = Callable[[F64, F64, F64], F64]

MARKERS = "cd45 cd19 cd22 cd79b cd20 cd34 cd123 cd10 cd24 cd127 cd43 cd38 cd58".split()
PARTS = 5
TREES = boosting_settings(read_detector_settings())


def cells() -> tuple[F64, F64]:
    """Return leukemic and normal cells, asinh(x / 5)."""
    with gzip.open(real("flow_mrd/tidytof_BCPALL/ddpr_data.csv.gz"), "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    values = np.arcsinh(np.array([[float(row[marker]) for marker in MARKERS] for row in rows]) / 5.0)
    healthy = np.array([row["sample_name"].startswith("Healthy") for row in rows])
    return values[~healthy], values[healthy]


def held_out(score: Score, leukemic: F64, normal: F64) -> tuple[F64, F64]:
    """Score every cell by models that never saw it."""
    found = np.empty(len(leukemic)), np.empty(len(normal))
    parts = [np.random.default_rng(0).permutation(len(group)) % PARTS for group in (leukemic, normal)]
    for part in range(PARTS):
        asked = [own == part for own in parts]
        known, events = (leukemic[~asked[0]], normal[~asked[1]]), (leukemic[asked[0]], normal[asked[1]])
        scores = score(*known, np.concatenate(events))
        found[0][asked[0]], found[1][asked[1]] = np.split(scores, [len(events[0])])
    return found


def recall(leukemic: F64, normal: F64, false_positive_rate: float) -> float:
    """Return the share of leukemic cells above all normal ones but this share of them."""
    allowed = int(false_positive_rate * len(normal))
    return float((leukemic > np.sort(normal)[-1 - allowed]).mean())


def mixture_ratio(leukemic: F64, normal: F64, events: F64) -> F64:
    diagnosis = fit_mixture(leukemic, 3, variance_floor=0.05, seed=0)
    background = fit_mixture(normal, 12, variance_floor=0.05, seed=0)
    return diagnosis.log_density(events) - background.log_density(events)


def boosted_trees(leukemic: F64, normal: F64, events: F64) -> F64:
    return fit_boosting(leukemic, normal, TREES, seed=0).log_odds(events)


@pytest.mark.parametrize(
    ("score", "at_one_percent", "at_one_in_thousand"),
    [(boosted_trees, 0.95, 0.85), (mixture_ratio, 0.90, 0.75)],
)
def test_recall_of_leukemic_cells(score: Score, at_one_percent: float, at_one_in_thousand: float) -> None:
    scores = held_out(score, *cells())
    assert recall(*scores, 0.01) >= at_one_percent
    assert recall(*scores, 0.001) >= at_one_in_thousand
