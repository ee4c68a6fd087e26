"""Bands and ellipses on two axes: doublets do not pull, planted populations are covered, order is nothing."""

from dataclasses import replace

import numpy as np
import pytest
from flow_data import dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mrdkit.files.rules import read_rule
from mrdkit.flow.adaptive import DataGateRules, Found, Missing, Mixture, Singlet
from mrdkit.flow.adaptive_mixture import find_ellipse
from mrdkit.flow.adaptive_singlet import find_singlets
from mrdkit.flow.compensation import CompensationLimits
from mrdkit.flow.gates import Ellipsoid
from mrdkit.flow.gating import apply_gating
from mrdkit.flow.strategy import UNCOMPENSATED, Dimension, GatingStrategy, ShapeGate

F64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

RULES = read_rule("flow", "data_driven_gates", DataGateRules)
LIMITS = read_rule("flow", "compensation", CompensationLimits)
AXES = tuple(
    Dimension(name=name, by="channel", spellings=(name,), compensation=UNCOMPENSATED, transform=None)
    for name in ("X", "Y")
)
SINGLET = Singlet(level=0.99, min_events=1)
#: means, standard deviations and correlation of a marrow on CD45 and side scatter, and shares of its events
MARROW = (
    ((0.75, 0.15), (0.03, 0.02), -0.2, 0.25),
    ((0.55, 0.60), (0.06, 0.08), 0.4, 0.50),
    ((0.70, 0.35), (0.04, 0.04), 0.0, 0.08),
    ((0.25, 0.10), (0.07, 0.03), 0.0, 0.15),
)


def inside(found: Found | Missing, points: F64) -> Bool:
    assert isinstance(found, Found), found
    gate = ShapeGate(path=("found",), dimensions=AXES, shape=found.shape)
    strategy = GatingStrategy(id="t", version="1", source="test", gates=(gate,), matrices={}, limits=LIMITS)
    return apply_gating(dataset(points.T, ("X", "Y")), strategy).membership("found")


def pulses(n: int, doublets: float, seed: int, *, intercept: float = 0.0) -> tuple[F64, Bool]:
    """Return area and height (2, n) of cells of three sizes, scattering by 3 %, and which are single."""
    rng = np.random.default_rng(seed)
    size = rng.choice(3, size=n, p=[0.5, 0.3, 0.2])
    area = np.array([55e3, 80e3, 130e3])[size] * np.exp(rng.normal(0.0, 0.1, n))
    height = intercept + 0.8 * area * (1.0 + rng.normal(0.0, 0.03, n))
    pairs = rng.integers(0, n, (2, round(doublets * n)))
    overlap = rng.uniform(1.0, 1.25, pairs.shape[1])
    double = np.stack([area[pairs].sum(axis=0), height[pairs].max(axis=0) * overlap])
    single = np.arange(n) >= pairs.shape[1]
    return np.concatenate([double, np.stack([area, height])[:, single]], axis=1), single


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("intercept", [0.0, 5_000.0])
@pytest.mark.parametrize("doublets", [0.0, 0.05, 0.15, 0.3])
@pytest.mark.parametrize("n", [500, 10_000, 200_000])
def test_doublets_do_not_pull_the_line(n: int, doublets: float, intercept: float, seed: int) -> None:
    points, single = pulses(n, doublets, seed, intercept=intercept)
    found = find_singlets(points, SINGLET, RULES.singlet)
    kept = inside(found, points)
    assert isinstance(found, Found)
    assert found.figures["slope"] == pytest.approx(0.8, abs=0.15 / np.sqrt(n) + 0.003)
    assert found.figures["intercept"] == pytest.approx(intercept, abs=1e4 / np.sqrt(n) + 200.0)
    assert found.figures["sigma"] == pytest.approx(0.024, rel=2.5 / np.sqrt(n) + 0.05)
    assert kept[single].mean() == pytest.approx(0.99, abs=0.25 / np.sqrt(n) + 0.004)
    if doublets:
        assert kept[~single].mean() < 0.03
    assert found.flags == ()


def test_the_smallest_and_the_largest_cell_lie_in_the_band() -> None:
    points, _ = pulses(2_000, 0.0, 1)
    points[1, [points[0].argmin(), points[0].argmax()]] = 0.8 * np.array([points[0].min(), points[0].max()])
    kept = inside(find_singlets(points, SINGLET, RULES.singlet), points)
    assert kept[points[0].argmin()]
    assert kept[points[0].argmax()]


def test_events_without_area_are_counted_and_lie_outside() -> None:
    points, _ = pulses(2_000, 0.05, 1)
    clean = find_singlets(points, SINGLET, RULES.singlet)
    worse = np.concatenate([points, [[0.0, -50.0], [100.0, -40.0]]], axis=1)
    found = find_singlets(worse, SINGLET, RULES.singlet)
    assert isinstance(found, Found)
    assert isinstance(clean, Found)
    assert found.shape == clean.shape
    assert found.figures["n_area_not_positive"] == 2
    assert not inside(found, worse)[-2:].any()


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (np.array([[-1.0, 0.0], [1.0, 1.0]]), "SINGLET_NO_AREA"),
        (np.array([[5.0] * 50, np.linspace(1, 2, 50)]), "SINGLET_NO_LINE"),
        (np.array([np.linspace(1, 2, 200), 5.0 - np.linspace(1, 2, 200) ** 2]), "SINGLET_NO_LINE"),
        (np.array([np.linspace(1, 2, 200), 0.8 * np.linspace(1, 2, 200)]), "SINGLET_NO_SPREAD"),
    ],
)
def test_what_no_band_can_follow_is_a_named_outcome(points: F64, code: str) -> None:
    found = find_singlets(points, SINGLET, RULES.singlet)
    assert isinstance(found, Missing)
    assert found.code == code


@given(seed=st.integers(0, 10_000), n=st.integers(300, 2_000), scale=st.floats(1e-4, 1e4))
@settings(max_examples=25)
def test_a_band_ignores_the_order_and_the_unit_of_the_pulses(seed: int, n: int, scale: float) -> None:
    points, _ = pulses(n, 0.1, seed)
    shuffled = points[:, np.random.default_rng(seed).permutation(n)]
    results = [find_singlets(p, SINGLET, RULES.singlet) for p in (points, shuffled, scale * points)]
    first, second, third = (found.figures for found in results if isinstance(found, Found))
    for name, unit in (("slope", 1.0), ("intercept", scale), ("sigma", 1.0)):
        assert second[name] == pytest.approx(first[name], rel=1e-9, abs=1e-6)
        assert third[name] / unit == pytest.approx(first[name], rel=1e-3, abs=1.0 if unit is scale else 1e-4)


def plane(n: int, seed: int, *, noise: float = 0.02) -> tuple[F64, NDArray[np.int64]]:
    """Return the marrow's events (2, n) with even noise between them, and whose each is (-1: noise)."""
    rng = np.random.default_rng(seed)
    parts, owners = [rng.uniform(0.0, 1.0, (2, round(noise * n)))], [np.full(round(noise * n), -1)]
    for owner, (mean, (sx, sy), rho, share) in enumerate(MARROW):
        size = round(share * (1.0 - noise) * n)
        covariance = [[sx * sx, rho * sx * sy], [rho * sx * sy, sy * sy]]
        parts.append(rng.multivariate_normal(mean, covariance, size).T)
        owners.append(np.full(size, owner))
    return np.concatenate(parts, axis=1), np.concatenate(owners)


def mixture(wanted: int, *, off: float = 0.02) -> Mixture:
    (x, y), *_ = MARROW[wanted]
    return Mixture(components=4, target=(x + off, y - off), quantile=0.95, min_events=1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("wanted", range(4))
@pytest.mark.parametrize("n", [600, 1_000, 3_000, 10_000, 200_000])
def test_an_ellipse_covers_the_planted_share_of_its_population(n: int, wanted: int, seed: int) -> None:
    points, owners = plane(n, seed)
    found = find_ellipse(points, mixture(wanted), RULES.mixture)
    kept = inside(found, points)
    size = np.count_nonzero(owners == wanted)
    assert kept[owners == wanted].mean() == pytest.approx(0.95, abs=1.0 / np.sqrt(size) + 0.005)
    assert kept[owners != wanted].mean() < 0.02
    assert isinstance(found, Found)
    assert found.figures["component_share"] == pytest.approx(size / n, rel=3.0 / np.sqrt(size) + 0.02)
    assert found.flags == ()


def test_far_outliers_do_not_widen_an_ellipse() -> None:
    points, owners = plane(20_000, 1)
    points[:, :10] = 1e6
    found = find_ellipse(points, mixture(0), RULES.mixture)
    assert inside(found, points)[owners == 0].mean() == pytest.approx(0.95, abs=0.01)
    assert isinstance(found, Found)
    assert found.figures["n_outside_fit"] == 10


def test_a_target_beside_every_population_is_flagged() -> None:
    points, _ = plane(20_000, 1)
    away = find_ellipse(points, replace(mixture(0), target=(0.3, 0.9)), RULES.mixture)
    assert isinstance(away, Found)
    assert "TARGET_OUTSIDE_ELLIPSE" in away.flags
    between = find_ellipse(points, replace(mixture(0), target=(0.725, 0.26)), RULES.mixture)
    assert isinstance(between, Found)
    assert "TARGET_AMBIGUOUS" in between.flags


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (np.array([[1.0] * 100, [2.0] * 100]), "MIXTURE_NO_SPREAD"),
        (np.array([[0.0, 1.0] * 50, [0.0, 1.0] * 50]), "MIXTURE_DEGENERATE"),
        (np.array([np.linspace(0, 1, 12), np.linspace(0, 1, 12) ** 2]), "MIXTURE_DEGENERATE"),
    ],
)
def test_what_no_ellipse_can_hold_is_a_named_outcome(points: F64, code: str) -> None:
    found = find_ellipse(
        points, Mixture(components=2, target=(0.0, 0.0), quantile=0.9, min_events=1), RULES.mixture
    )
    assert isinstance(found, Missing)
    assert found.code == code


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(800, 3_000),
    scale=st.floats(1e-3, 1e3),
    shift=st.floats(-10, 10),
)
@settings(max_examples=15)
def test_an_ellipse_ignores_the_order_and_the_units_of_the_axes(
    seed: int, n: int, scale: float, shift: float
) -> None:
    points, _ = plane(n, seed)
    wanted = mixture(1)
    shuffled = points[:, np.random.default_rng(seed).permutation(points.shape[1])]
    first = find_ellipse(points, wanted, RULES.mixture)
    second = find_ellipse(shuffled, wanted, RULES.mixture)
    assert isinstance(first, Found)
    assert isinstance(second, Found)
    assert isinstance(first.shape, Ellipsoid)
    assert isinstance(second.shape, Ellipsoid)
    assert second.shape.mean == pytest.approx(first.shape.mean, rel=1e-9)
    assert np.array(second.shape.covariance) == pytest.approx(np.array(first.shape.covariance), rel=1e-9)
    x, y = wanted.target
    moved = find_ellipse(
        np.stack([scale * points[0] + shift, points[1]]),
        replace(wanted, target=(scale * x + shift, y)),
        RULES.mixture,
    )
    assert isinstance(moved, Found)
    assert isinstance(moved.shape, Ellipsoid)
    assert (moved.shape.mean[0] - shift) / scale == pytest.approx(first.shape.mean[0], abs=2e-3)
    assert moved.shape.mean[1] == pytest.approx(first.shape.mean[1], abs=2e-3)
