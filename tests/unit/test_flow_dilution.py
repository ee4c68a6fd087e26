"""Dilution in silico: what is put in, what stays, and which tubes are refused.

Tubes: marrows of 28,875 cells whose gates are found in the data; the diagnosis has 20,000 blasts more,
another spillover, and stands 0.2 decades higher in CD45 and 0.1 lower in CD20 than the normal tube.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flow_data import DETECTORS, HEALTHY, SIMULATED_MARKERS, marrow
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mrdkit.errors import InputError, RuleError, UsageError
from mrdkit.flow import FcsDataset, apply_gating, read_fcs, read_panel
from mrdkit.flow.channel import FcsWarning
from mrdkit.flow.dataset import Spillover
from mrdkit.flow.engine import coordinates
from mrdkit.flow.fcs_writing import to_fcs
from mrdkit.flow.mrd.dilution import DilutedTube, diluted
from mrdkit.flow.mrd.dilution_cells import (
    Leukemia,
    NormalTube,
    TransferredCells,
    leukemia_of,
    normal_tube,
    transferred,
)
from mrdkit.flow.mrd.dilution_draw import Series, draws_of
from mrdkit.flow.mrd.features import features_of

PANEL = read_panel("b_all_mrd")
CELLS = {name: count // 4 for name, count in HEALTHY.items()}
SHIFT = {"CD45": 0.2, "CD20": -0.1}
TIME = 3 + len(DETECTORS)


def tube(counts: dict[str, int], seed: int, **options: Any) -> FcsDataset:
    return marrow(counts, seed=seed, spread=5.0, height_noise=0.025, **options)


@cache
def diagnosis_file() -> FcsDataset:
    return tube({**CELLS, "blast": 20_000}, seed=1, brighter=SHIFT)


@cache
def normal_file() -> FcsDataset:
    return tube(CELLS, seed=2, spill=0.1)


@cache
def leukemia() -> Leukemia:
    return leukemia_of(diagnosis_file(), PANEL)


@cache
def normal() -> NormalTube:
    return normal_tube(normal_file(), PANEL)


@cache
def cells(*, aligned: bool) -> TransferredCells:
    return transferred(leukemia(), normal(), PANEL, aligned=aligned)


def made(*levels: float, aligned: bool = True, replicates: int = 1, seed: int = 5) -> list[DilutedTube]:
    series = Series(levels=levels, replicates=replicates, seed=seed)
    return list(diluted(leukemia(), normal(), cells(aligned=aligned), series, number=0))


def read(tube: DilutedTube, folder: Path) -> FcsDataset:
    path = folder / tube.name
    path.write_bytes(tube.content)
    return read_fcs(path)


def compensated(dataset: FcsDataset, numbers: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return (n_features, n) compensated values of some events."""
    axes = [feature.unscaled for feature in features_of(PANEL)]
    return coordinates(dataset, PANEL.strategy, axes)[:, numbers]


# --- what is put in ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("aligned", [False, True])
def test_compensated_values_are_those_of_the_diagnosis_tube_times_the_shift(
    tmp_path: Path, *, aligned: bool
) -> None:
    (one,) = made(1e-2, aligned=aligned)
    shifts = cells(aligned=aligned).shifts
    factors = [10.0 ** -(shifts[f.name] if aligned else 0.0) for f in features_of(PANEL)]
    expected = compensated(diagnosis_file(), one.cells) * np.array(factors)[:, None]
    assert one.n_clipped == 0
    found = compensated(read(one, tmp_path), one.replaced)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=0.05)


def test_the_shift_is_that_between_the_normal_populations() -> None:
    """A prior holds each shift back; markers without a bright normal population have none."""
    shifts = cells(aligned=True).shifts
    assert shifts["CD45"] == pytest.approx(0.2, abs=0.03)
    assert shifts["CD20"] == pytest.approx(-0.1, abs=0.02)
    rest = {name: shift for name, shift in shifts.items() if name not in SHIFT}
    assert max(abs(shift) for shift in rest.values()) < 0.03
    assert shifts["FSC-A log"] == shifts["SSC-A log"] == 0.0


def test_cells_are_blasts_each_once_in_the_place_of_nucleated_cells(tmp_path: Path) -> None:
    (one,) = made(1e-2)
    assert len(set(one.cells)) == len(set(one.replaced)) == len(one.cells)
    assert set(one.cells) <= set(leukemia().numbers)
    assert set(one.replaced) <= set(normal().denominator)
    gating = apply_gating(read(one, tmp_path), PANEL.strategy)
    assert gating.membership("nucleated")[one.replaced].mean() > 0.99
    assert gating.counts["nucleated"] == pytest.approx(one.n_denominator, abs=10)


def test_leukemic_cells_are_found_again_at_their_level(tmp_path: Path) -> None:
    """The gate of the fixture's blasts: CD10 bright without the CD38 of hematogones, in the lineage gate."""
    (one,) = made(2e-2, aligned=False)
    dataset = read(one, tmp_path)
    values = compensated(dataset, np.arange(dataset.n_events))
    names = [feature.name for feature in features_of(PANEL)]
    bright = (values[names.index("CD10")] > 5e3) & (values[names.index("CD38")] < 1e4)
    assert bright[one.replaced].mean() > 0.97
    assert bright.sum() == pytest.approx(len(one.cells), rel=0.05)


# --- what stays -------------------------------------------------------------------------------------------


def test_other_events_and_all_times_keep_their_bytes(tmp_path: Path) -> None:
    path = tmp_path / "normal.fcs"
    path.write_bytes(to_fcs(normal_file(), values="stored"))
    before = read_fcs(path)
    (one,) = made(1e-2)
    after = read(one, tmp_path)
    assert before.data is not None
    assert after.data is not None
    rows = [dataset.reshape(before.n_events, -1) for dataset in (before.data, after.data)]
    changed = (rows[0] != rows[1]).any(axis=1)
    assert sorted(np.flatnonzero(changed)) == sorted(one.replaced)
    assert after.stored()[:, TIME].tolist() == before.stored()[:, TIME].tolist()
    assert (after.channels, after.spillover) == (before.channels, before.spillover)


def test_a_blank_is_the_normal_tube_once() -> None:
    tubes = made(0.0, 1e-3, replicates=3)
    assert [(tube.level, tube.replicate) for tube in tubes] == [(0.0, 1), (1e-3, 1), (1e-3, 2), (1e-3, 3)]
    assert tubes[0].content == to_fcs(normal_file(), values="stored")
    assert tubes[0].true_fraction == 0.0


def test_no_keyword_of_the_diagnosis_tube_is_written() -> None:
    """Nor any of the normal tube that may name a person; voltages tell that the settings were alike."""
    named = {"$SRC": "DONOR-NAME", "$FIL": "donor.fcs", "$P4V": "428", "$P5V": "Dr. Name"}
    own = replace(normal(), dataset=replace(normal_file(), text={**normal_file().text, **named}))
    ill = replace(leukemia(), dataset=replace(diagnosis_file(), text={"$SRC": "PATIENT-NAME"}))
    series = Series(levels=(1e-3,), replicates=1, seed=1)
    (one,) = diluted(ill, own, cells(aligned=True), series, number=0)
    assert b"NAME" not in one.content[:5000].upper()
    assert b"donor" not in one.content[:5000]
    assert b"$P4V|428|" in one.content[:5000]


# --- how many ---------------------------------------------------------------------------------------------


def test_numbers_are_poisson_around_the_level() -> None:
    """1,000 tubes of 45 cells: mean within 4 standard errors, variance over mean within its 99.9 % range."""
    series = Series(levels=(1e-4,), replicates=1000, seed=11)
    numbers = [len(draw.cells) for draw in draws_of(series, 0, n_cells=10_000, n_denominator=450_000)]
    assert np.mean(numbers) == pytest.approx(45.0, abs=4.0 * np.sqrt(45.0 / 1000))
    assert 0.86 < np.var(numbers, ddof=1) / np.mean(numbers) < 1.15


@given(st.integers(0, 2**64), st.sampled_from([1e-4, 1e-3, 3e-2]), st.integers(1, 4), st.integers(0, 3))
def test_a_tube_depends_on_seed_level_and_replicate_only(
    seed: int, level: float, replicates: int, number: int
) -> None:
    """Replicates are counted on over the normal tubes, and no cell or place stands twice."""
    series = Series(levels=(level,), replicates=replicates, seed=seed)
    one = Series(levels=(level,), replicates=1, seed=seed)
    for draw in draws_of(series, number, n_cells=3000, n_denominator=20_000):
        (alone,) = draws_of(one, draw.replicate - 1, n_cells=3000, n_denominator=20_000)
        assert draw.replicate == alone.replicate
        assert (draw.cells.tolist(), draw.places.tolist()) == (alone.cells.tolist(), alone.places.tolist())
        assert len(set(draw.cells)) == len(set(draw.places)) == len(draw.cells)


@pytest.mark.parametrize(("n_cells", "n_denominator"), [(50, 10_000), (10_000, 5)])
def test_too_few_cells_are_refused(n_cells: int, n_denominator: int) -> None:
    series = Series(levels=(0.0, 0.9), replicates=50, seed=3)
    with pytest.raises(InputError) as refused:
        draws_of(series, 0, n_cells=n_cells, n_denominator=n_denominator)
    assert refused.value.code == "DILUTION_CELLS_TOO_FEW"


@pytest.mark.parametrize(
    ("levels", "replicates", "seed"),
    [
        ((), 1, 1),
        ((1e-3, 1e-3), 1, 1),
        ((1.0,), 1, 1),
        ((-1e-3,), 1, 1),
        ((float("nan"),), 1, 1),
        ((1e-13,), 1, 1),
        ((1.2345678e-4,), 1, 1),
        ((1e-3,), 0, 1),
        ((1e-3,), 1, -1),
    ],
)
def test_an_unclear_series_is_refused(levels: tuple[float, ...], replicates: int, seed: int) -> None:
    with pytest.raises(UsageError) as refused:
        Series(levels=levels, replicates=replicates, seed=seed)
    assert refused.value.code == "SERIES_UNCLEAR"


# --- ends of scales ---------------------------------------------------------------------------------------


def test_values_beyond_the_scale_are_cut_off_and_counted(tmp_path: Path) -> None:
    """A cytometer whose CD24 detector ends at 20,000 and that clips at -50, as its own events show."""
    column = 3 + SIMULATED_MARKERS.index("CD24")
    dataset = normal_file()
    events = dataset.stored()
    events[:, column] = np.clip(events[:, column], None, 20_000.0)
    events[:2, column] = -50.0
    channels = list(dataset.channels)
    channels[column] = replace(channels[column], range=20_000.0)
    short = normal_tube(replace(dataset, events=events, channels=tuple(channels)), PANEL)
    cut = transferred(leukemia(), short, PANEL, aligned=False)
    whole = cells(aligned=False).stored[:, column]
    assert 0.05 < cut.clipped.mean() < 0.95
    assert cut.clipped.tolist() == (whole > 20_000.0).tolist()
    assert cut.stored[:, column].tolist() == np.clip(whole, -50.0, 20_000.0).tolist()
    (one,) = diluted(leukemia(), short, cut, Series(levels=(1e-2,), replicates=1, seed=5), number=0)
    top = read(one, tmp_path).stored()[one.replaced, column] == 20_000.0
    assert one.n_clipped == int(top.sum()) > 0


def test_gains_and_whole_numbers_are_those_of_the_normal_tube() -> None:
    """The same tube stored with gain 4 as integers: its stored numbers are 4 times the linear values."""
    dataset = normal_file()
    stored = np.rint(np.clip(dataset.stored() * 4.0, 0.0, None))
    stored[:, TIME] = dataset.stored()[:, TIME]
    channels = tuple(
        replace(c, gain=4.0 if c.name != "Time" else None, range=2.0**24) for c in dataset.channels
    )
    whole = normal_tube(replace(dataset, events=stored, channels=channels, data_type="I"), PANEL)
    found = transferred(leukemia(), whole, PANEL, aligned=False).stored
    np.testing.assert_allclose(found, np.clip(cells(aligned=False).stored * 4.0, 0.0, None), atol=0.51)
    assert (found == np.rint(found)).all()


# --- refused ----------------------------------------------------------------------------------------------


def without_marker(dataset: FcsDataset) -> FcsDataset:
    return replace(
        dataset, channels=tuple(replace(c, label=c.label.replace("CD58", "X")) for c in dataset.channels)
    )


def with_warning(dataset: FcsDataset) -> FcsDataset:
    return replace(dataset, warnings=(FcsWarning(code="DATA_TRUNCATED", message="events are missing"),))


def with_identity(dataset: FcsDataset) -> FcsDataset:
    identity = tuple(map(tuple, np.eye(len(DETECTORS)).tolist()))
    return replace(dataset, spillover=Spillover(channels=DETECTORS, matrix=identity))


def without_cd34(dataset: FcsDataset) -> FcsDataset:
    """Return a tube whose matrix leaves out one channel."""
    assert dataset.spillover is not None
    keep = [i for i, marker in enumerate(SIMULATED_MARKERS) if marker != "CD34"]
    matrix = tuple(tuple(dataset.spillover.matrix[i][j] for j in keep) for i in keep)
    return replace(dataset, spillover=Spillover(channels=tuple(DETECTORS[i] for i in keep), matrix=matrix))


def with_logarithms(dataset: FcsDataset) -> FcsDataset:
    channels = list(dataset.channels)
    column = 3 + SIMULATED_MARKERS.index("CD34")
    channels[column] = replace(channels[column], amplification=(4.0, 1.0))
    return replace(dataset, channels=tuple(channels), data_type="I")


def with_other_label(dataset: FcsDataset) -> FcsDataset:
    return replace(dataset, channels=(replace(dataset.channels[0], label="CD7"), *dataset.channels[1:]))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (without_marker, "MARKER_MISSING"),
        (with_warning, "DATA_TRUNCATED"),
        (with_identity, "SPILLOVER_IDENTITY"),
        (without_cd34, "CHANNEL_NOT_COMPENSATED"),
        (lambda dataset: replace(dataset, spillover=None), "NO_SPILLOVER"),
        (with_logarithms, "VALUES_NOT_WRITABLE"),
        (with_other_label, "CHANNELS_DIFFER"),
    ],
)
def test_a_normal_tube_that_does_not_fit_is_refused(
    change: Callable[[FcsDataset], FcsDataset], code: str
) -> None:
    with pytest.raises(InputError) as refused:
        transferred(leukemia(), normal_tube(change(normal_file()), PANEL), PANEL, aligned=True)
    assert refused.value.code == code


@pytest.mark.parametrize("change", [with_warning, with_identity, lambda tube: replace(tube, spillover=None)])
def test_a_diagnosis_tube_that_proves_nothing_is_refused(change: Callable[[FcsDataset], FcsDataset]) -> None:
    with pytest.raises(InputError) as refused:
        leukemia_of(change(diagnosis_file()), PANEL)
    assert refused.value.code in {"DATA_TRUNCATED", "SPILLOVER_IDENTITY", "NO_SPILLOVER"}


def test_markers_on_other_detectors_are_found_by_label() -> None:
    """The same normal tube with two detectors exchanged, labels and matrix with them."""
    dataset = normal_file()
    order = list(range(len(dataset.channels)))
    order[5], order[9] = order[9], order[5]
    names = [channel.name for channel in dataset.channels]
    channels = tuple(
        replace(dataset.channels[old], index=new + 1, name=names[new]) for new, old in enumerate(order)
    )
    assert dataset.spillover is not None
    spillover = Spillover(
        channels=tuple(names[order.index(names.index(name))] for name in DETECTORS),
        matrix=dataset.spillover.matrix,
    )
    moved = replace(dataset, events=dataset.stored()[:, order], channels=channels, spillover=spillover)
    found = transferred(leukemia(), normal_tube(moved, PANEL), PANEL, aligned=False)
    np.testing.assert_allclose(found.stored, cells(aligned=False).stored[:, order[:-1]], rtol=1e-9)
    assert sorted(found.other_detectors) == sorted(dataset.channels[i].label for i in (5, 9))


def test_a_batch_shift_is_refused_or_named() -> None:
    far = normal_tube(tube(CELLS, seed=3, brighter={"CD45": -0.7}), PANEL)
    with pytest.raises(InputError) as refused:
        transferred(leukemia(), far, PANEL, aligned=True)
    assert refused.value.code == "BATCH_SHIFT"
    assert transferred(leukemia(), far, PANEL, aligned=False).problems == ("BATCH_SHIFT",)


def test_a_panel_without_phenotype_detection_is_refused() -> None:
    with pytest.raises(RuleError) as refused:
        leukemia_of(diagnosis_file(), read_panel("b_all_fixed"))
    assert refused.value.code == "PANEL_WITHOUT_DETECTION"
