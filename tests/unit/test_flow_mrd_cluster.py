"""Normal cells, a patient's phenotype and a tube's cluster on made-up clouds of four features.

A mature population, two precursors and a phenotype beside them, each with a standard deviation of 0.15
decades. `a`, `b` and `c` drift by 0.1 decades, `d` by 0.4.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.mrd.cluster import Cluster, find_cluster
from mrdkit.flow.mrd.detection_rules import (
    AlignmentRules,
    DetectionRules,
    DetectorSettings,
    LandmarkRule,
    read_detector_settings,
)
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.flow.mrd.normal import NormalReference, adapted, drawn, fit_normal
from mrdkit.flow.mrd.operating import expected_at
from mrdkit.flow.mrd.phenotype import Phenotype, drift_variances, fit_phenotype
from mrdkit.flow.mrd.screening import atypical_below, largest_group
from mrdkit.flow.mrd.second_opinion import fit_second_opinion

F64 = NDArray[np.float64]

SETTINGS: DetectorSettings = replace(
    read_detector_settings(), normal_components=4, normal_events_per_blank=1_500
)
RULES = DetectionRules(
    lineage_gate="lineage",
    features=("a", "b", "c", "d"),
    drift_decades=0.1,
    drift={"d": 0.4},
    alignment=AlignmentRules(
        shift_at_most_decades=0.5,
        residual_at_most_decades=0.5,
        landmarks_at_least=2,
        landmark=tuple(LandmarkRule(gate=gate, at_least_events=1, features=("a",)) for gate in "xy"),
    ),
)
MATURE, LATE, EARLY = (0.0, 2.0, 1.0, 0.5), (1.0, 1.0, 2.0, 1.0), (1.6, 0.4, 2.6, 2.0)
LEUKEMIC = (2.2, 1.2, 1.0, 1.8)
SPREAD = 0.15


def cloud(centre: Sequence[float], n: int, seed: int) -> F64:
    return np.array(centre) + np.random.default_rng(seed).normal(0.0, SPREAD, (n, len(centre)))


def healthy(n: int, seed: int, shares: Sequence[float] = (0.6, 0.3, 0.1)) -> F64:
    parts = [round(n * share) for share in shares]
    return np.concatenate(
        [cloud(c, k, seed + i) for i, (c, k) in enumerate(zip((MATURE, LATE, EARLY), parts, strict=True))]
    )


def leukemic(n: int, shift: Sequence[float] = (0.0, 0.0, 0.0, 0.0), seed: int = 7) -> F64:
    return cloud(np.array(LEUKEMIC) + np.array(shift), n, seed)


@cache
def reference() -> NormalReference:
    return fit_normal([healthy(1_500, 10 * i) for i in range(10)], SETTINGS)


@cache
def phenotype() -> Phenotype:
    diagnosis = np.concatenate([leukemic(4_000), healthy(600, 990)])
    return fit_phenotype(diagnosis, reference().pooled, RULES, SETTINGS)


def found_in(events: F64, of: Phenotype | None = None) -> Cluster:
    return find_cluster(events, reference().pooled, of or phenotype(), 10.0, SETTINGS)


def tube(n: int, shift: Sequence[float] = (0.0, 0.0, 0.0, 0.0)) -> F64:
    return np.concatenate([healthy(20_000, 300), leukemic(n, shift)])


# --- normal cells ------------------------------------------------------------------------------------------


def test_a_blank_is_judged_by_a_mixture_that_never_saw_it() -> None:
    odd = cloud((5.0, 5.0, 5.0, 5.0), 1_500, 3)
    blanks = [odd, *(healthy(1_500, 10 * i) for i in range(1, 10))]
    normal = fit_normal(blanks, SETTINGS)
    assert len(normal.folds) == SETTINGS.folds
    assert np.median(normal.without(0).log_density(odd)) < np.median(normal.pooled.log_density(odd)) - 5.0
    assert normal.without(0) is normal.without(SETTINGS.folds)


def test_no_blank_dominates() -> None:
    assert len(drawn(healthy(20_000, 1), 1_500, 1)) == 1_500
    few = healthy(100, 1)
    assert drawn(few, 1_500, 1) is few


def test_a_tube_has_its_own_shares_and_the_broad_component_never_grows() -> None:
    normal = reference().pooled
    early = healthy(5_000, 50, (0.1, 0.1, 0.8))
    own = adapted(
        normal, phenotype().widened, 0.01, np.concatenate([early, leukemic(500, (1, 1, 1, 1))]), SETTINGS
    )
    near = np.argmin(np.abs(normal.means[:-1] - EARLY).sum(axis=1))
    assert own.weights[near] > 5.0 * normal.weights[near]
    assert own.weights[-1] <= normal.weights[-1]
    assert own.weights.sum() == pytest.approx(1.0)
    np.testing.assert_array_equal(own.means[-1], normal.means[-1])


def test_a_tube_that_stands_a_little_elsewhere_takes_the_normal_cells_with_it() -> None:
    normal = reference().pooled
    moved = healthy(5_000, 60) + 0.1
    own = adapted(normal, phenotype().widened, 0.01, moved, SETTINGS)
    shifts = (own.means - normal.means)[:-1][own.weights[:-1] > 0.05]
    np.testing.assert_allclose(shifts, 0.1, atol=0.06)
    assert own.log_density(moved).mean() > normal.log_density(moved).mean()


def test_leukemic_cells_do_not_pull_at_normal_ones() -> None:
    cells = healthy(5_000, 60)
    alone = adapted(reference().pooled, phenotype().blasts, 1e-3, cells, SETTINGS)
    beside = adapted(
        reference().pooled, phenotype().blasts, 1e-3, np.concatenate([cells, leukemic(2_000)]), SETTINGS
    )
    np.testing.assert_allclose(beside.means, alone.means, atol=0.02)


def test_an_empty_tube_has_the_reference_itself() -> None:
    assert (
        adapted(reference().pooled, phenotype().blasts, 0.1, np.empty((0, 4)), SETTINGS) is reference().pooled
    )


# --- the diagnosis -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("blasts", "others"), [(4_000, 600), (1_000, 4_000), (2_000, 8_000)])
def test_a_diagnosis_is_told_from_its_normal_cells(blasts: int, others: int) -> None:
    events = np.concatenate([leukemic(blasts), healthy(others, 990)])
    found = fit_phenotype(events, reference().pooled, RULES, SETTINGS)
    assert found.share == pytest.approx(blasts / (blasts + others), abs=0.02)
    np.testing.assert_allclose(found.blasts.weights @ found.blasts.means, LEUKEMIC, atol=0.04)


def test_drift_is_the_panels() -> None:
    np.testing.assert_allclose(drift_variances(RULES), [0.01, 0.01, 0.01, 0.16])
    np.testing.assert_allclose(
        np.diagonal(phenotype().widened.covariances[0] - phenotype().blasts.covariances[0]),
        [0.01] * 3 + [0.16],
    )


def test_the_reach_ends_short_of_the_nearest_normal_population() -> None:
    near = np.concatenate([cloud((1.6, 1.0, 1.6, 1.8), 4_000, 8), healthy(600, 990)])
    found = fit_phenotype(near, reference().pooled, RULES, SETTINGS)
    away = reference().pooled.means[:-1] - found.blasts.weights @ found.blasts.means
    nearest = (away**2 / found.drift).sum(axis=1).min()
    part_of_way = SETTINGS.shift_part_of_way_at_most * nearest
    assert part_of_way < SETTINGS.shift_distance_at_most
    assert found.reach == pytest.approx(part_of_way, rel=1e-6)


@pytest.mark.parametrize(
    "events",
    [healthy(20_000, 70), leukemic(400), np.concatenate([healthy(20_000, 70), leukemic(600)])],
    ids=["a healthy marrow", "too few cells", "3 % blasts"],
)
def test_a_tube_without_enough_blasts_is_no_diagnosis(events: F64) -> None:
    with pytest.raises(InputError) as caught:
        fit_phenotype(events, reference().pooled, RULES, SETTINGS)
    assert caught.value.code == "DIAGNOSIS_BLASTS_NOT_FOUND"


# --- the cluster -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [200, 210, 220])
def test_a_blank_has_no_cluster(seed: int) -> None:
    found = found_in(healthy(20_000, seed))
    assert len(found.counted) <= 1
    assert found.smallest.recall > 0.9


@pytest.mark.parametrize("n", [20, 200, 2_000])
@pytest.mark.parametrize(
    "shift",
    [(0.0, 0.0, 0.0, 0.0), (0.1, 0.0, -0.1, 0.4), (0.2, -0.1, 0.2, -0.6), (0.3, 0.0, 0.0, 0.0)],
    ids=["as at diagnosis", "a little elsewhere", "far in what drifts", "three deviations in one"],
)
def test_cells_and_their_shift_are_found(n: int, shift: tuple[float, ...]) -> None:
    events = tube(n, shift)
    found = found_in(events)
    assert found.verdict == "cluster"
    assert found.found.recall == pytest.approx(
        np.mean(np.isin(np.arange(20_000, 20_000 + n), found.called)), abs=0.06
    )
    assert np.count_nonzero(found.called < 20_000) <= found.found.normal_called + 3
    np.testing.assert_allclose(found.shift, shift, atol=0.15 if n == 20 else 0.05)


def test_cells_beyond_reach_are_reported_and_not_counted() -> None:
    found = found_in(tube(200, (0.9, 0.0, 0.0, 0.0)))
    assert found.verdict == "moved_too_far"
    assert found.distance > phenotype().reach
    assert len(found.called) >= 190
    assert len(found.counted) == 0


def test_cells_that_look_normal_are_no_cluster() -> None:
    inside = replace(
        phenotype(),
        blasts=NormalMixture(
            weights=np.ones(1), means=np.array([LATE]), covariances=SPREAD**2 * np.eye(4)[None]
        ),
    )
    found = found_in(np.concatenate([healthy(20_000, 300), cloud(LATE, 500, 5)]), inside)
    assert found.verdict == "not_separable"
    assert len(found.counted) == 0
    assert found.found.recall < SETTINGS.separable_recall_at_least


@pytest.mark.parametrize("shift", [(0.0, 0.0, 0.0, 0.0), (0.2, -0.1, 0.2, -0.6)])
@pytest.mark.parametrize(("normal", "tolerance"), [(7_000, 1e-9), (20_000, 1e-3)])
def test_the_order_of_events_decides_nothing(normal: int, tolerance: float, shift: tuple[float, ...]) -> None:
    """In large tubes the own normal cells are a drawn sample, so that the last digits differ."""
    events = np.concatenate([healthy(normal, 300), leukemic(100, shift)])
    order = np.random.default_rng(3).permutation(len(events))
    one, other = found_in(events), found_in(events[order])
    assert sorted(order[other.called]) == one.called.tolist()
    assert other.verdict == one.verdict
    np.testing.assert_allclose(other.shift, one.shift, atol=tolerance)


def test_the_same_tube_gives_the_same_bits() -> None:
    events = tube(100, (0.1, 0.0, -0.1, 0.4))
    one, other = found_in(events), found_in(events.copy())
    assert one.called.tobytes() == other.called.tobytes()
    assert one.shift.tobytes() == other.shift.tobytes()
    assert (one.found, one.smallest, one.distance) == (other.found, other.smallest, other.distance)


def test_one_event_is_a_tube() -> None:
    found = found_in(healthy(20_000, 300)[:1])
    assert (len(found.called) <= 1, found.distance < 1e-6) == (True, True)


# --- what calling means ------------------------------------------------------------------------------------


def test_recall_and_background_are_those_of_drawn_cells() -> None:
    """A phenotype that overlaps with precursors; counted on cells that the models themselves give."""
    blasts = NormalMixture(
        weights=np.ones(1), means=np.array([[1.35, 1.0, 1.8, 1.2]]), covariances=SPREAD**2 * np.eye(4)[None]
    )
    own, share, n = reference().pooled, 0.05, 100_000
    expected = expected_at(own, blasts, share, n, SETTINGS)
    normal, leukemic_cells = healthy(n, 400), cloud((1.35, 1.0, 1.8, 1.2), 20_000, 9)

    def called(events: F64) -> float:
        odds = blasts.log_density(events) - own.log_density(events) + np.log(share / (1.0 - share))
        return float(np.mean(odds > 0.0))

    assert expected.recall == pytest.approx(called(leukemic_cells), abs=0.03)
    assert expected.normal_called == pytest.approx(n * called(normal), rel=0.2)


def test_screening_finds_the_largest_group_unlike_normal_cells() -> None:
    normal = reference().pooled
    below = atypical_below([normal.log_density(healthy(1_500, 500 + i)) for i in range(10)], SETTINGS)
    events = np.concatenate([healthy(20_000, 300), leukemic(150), cloud((4.0, 4.0, 4.0, 4.0), 60, 4)])
    found = largest_group(events, normal, below, SETTINGS)
    assert np.count_nonzero((found >= 20_000) & (found < 20_150)) >= 145
    assert np.count_nonzero(found >= 20_150) == 0
    assert len(largest_group(healthy(5, 1), normal, below, SETTINGS)) == 0


def test_a_second_opinion_allows_as_many_cells_per_blank_as_its_settings() -> None:
    blanks = [healthy(1_500, 600 + 10 * i) for i in range(10)]
    opinion = fit_second_opinion(leukemic(2_000), phenotype().drift, blanks, SETTINGS)
    counts = [opinion.count(cells) for cells in blanks]
    assert sum(counts) <= SETTINGS.boosting_background_events * len(blanks)
    assert opinion.count(leukemic(500, seed=77)) > 450
