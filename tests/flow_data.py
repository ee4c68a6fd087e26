"""Flow data sets for tests, made from arrays."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mrdkit.files.rules import read_rule
from mrdkit.flow import apply_gating
from mrdkit.flow.compensation import CompensationLimits
from mrdkit.flow.dataset import Channel, FcsDataset, Spillover
from mrdkit.flow.gates import Box, Shape
from mrdkit.flow.strategy import UNCOMPENSATED, Axis, Dimension, Gate, GatingStrategy, ShapeGate

SIMULATED_MARKERS = (
    "CD20",
    "CD45",
    "CD22",
    "CD24",
    "CD58",
    "CD3",
    "CD81",
    "CD66c+CD123",
    "CD34",
    "CD19",
    "CD10",
    "CD38",
    "Viability",
)


def dataset(
    events: ArrayLike,
    names: Sequence[str],
    *,
    labels: Sequence[str] | None = None,
    spillover: Spillover | None = None,
    text: Mapping[str, str] | None = None,
) -> FcsDataset:
    """Return a data set whose linear values are `events`."""
    values = np.array(events, dtype=np.float64).reshape(-1, len(names))
    channels = tuple(
        Channel(index=i, name=name, label=label, bits=32, range=262144.0, amplification=(0.0, 0.0), gain=1.0)
        for i, (name, label) in enumerate(zip(names, labels or [""] * len(names), strict=True), start=1)
    )
    return FcsDataset(
        index=0,
        version="3.1",
        cytometer=None,
        text=dict(text or {}),
        channels=channels,
        n_events=len(values),
        n_events_declared=len(values),
        data_type="D",
        byte_order="little",
        offsets_used="text",
        spillover=spillover,
        warnings=(),
        digest=lambda: "0" * 64,
        events=values,
    )


def column(name: str) -> Dimension:
    """Return a channel as it stands in the file."""
    return Dimension(name=name, by="channel", spellings=(name,), compensation=UNCOMPENSATED, transform=None)


def strategy(*gates: Gate) -> GatingStrategy:
    """Return a strategy without matrices."""
    limits = read_rule("flow", "compensation", CompensationLimits)
    return GatingStrategy(id="t", version="1", source="test", gates=gates, matrices={}, limits=limits)


def shape_gate(path: Sequence[str], axes: Sequence[Axis], shape: Shape) -> ShapeGate:
    """Return a gate."""
    return ShapeGate(path=tuple(path), dimensions=tuple(axes), shape=shape)


def inside(
    shape: Shape, columns: Sequence[ArrayLike], parent: Sequence[bool] | None = None
) -> NDArray[np.bool_]:
    """Return which of the parent's events the engine finds inside a shape; `columns` are its axes."""
    names = [f"C{i}" for i in range(len(columns))]
    flags = np.ones(np.size(columns[0])) if parent is None else np.array(parent, dtype=np.float64)
    tube = dataset(np.column_stack([*columns, flags]), [*names, "parent"])
    gates = (
        shape_gate(("parent",), (column("parent"),), Box(bounds=((0.5, None),))),
        shape_gate(("parent", "shape"), [column(name) for name in names], shape),
    )
    return apply_gating(tube, strategy(*gates)).membership("shape")


#: log10 intensity of each marker in SIMULATED_MARKERS order, log10 FSC-A and SSC-A, of a made-up marrow.
_POPULATIONS: Mapping[str, tuple[tuple[float, ...], float, float]] = {
    "t": ((1.9, 4.6, 1.9, 2.0, 3.2, 4.4, 3.6, 1.9, 1.8, 1.9, 1.8, 2.8, 2.0), 4.74, 4.1),
    "granulocyte": ((2.1, 3.8, 2.2, 3.9, 3.0, 2.1, 2.3, 3.2, 2.0, 2.1, 3.0, 2.3, 2.0), 4.96, 5.0),
    "monocyte": ((2.1, 4.25, 2.2, 2.4, 3.7, 2.1, 3.5, 3.0, 2.0, 2.1, 1.9, 3.6, 2.0), 4.95, 4.58),
    "erythroid": ((1.8, 2.2, 1.8, 1.9, 3.2, 1.8, 3.0, 1.9, 1.8, 1.8, 1.8, 2.5, 2.0), 4.6, 3.9),
    "b": ((4.3, 4.5, 3.9, 3.6, 2.9, 1.9, 3.6, 1.9, 1.8, 4.0, 1.9, 2.7, 2.0), 4.72, 4.1),
    "hematogone": ((2.5, 3.6, 3.3, 4.2, 2.7, 1.8, 4.2, 1.9, 2.5, 3.6, 4.1, 4.5, 2.0), 4.7, 4.0),
    "blast without CD22": ((2.8, 3.0, 1.9, 4.2, 3.6, 1.8, 3.3, 2.9, 2.9, 3.5, 4.2, 3.4, 2.0), 4.78, 4.05),
    "blast with CD20": ((4.0, 3.0, 3.3, 4.2, 3.6, 1.8, 3.3, 2.9, 2.9, 3.5, 4.2, 3.4, 2.0), 4.78, 4.05),
    "blast without CD20": ((1.6, 3.0, 3.3, 4.2, 3.6, 1.8, 3.3, 2.9, 2.9, 3.5, 4.2, 3.4, 2.0), 4.78, 4.05),
    "blast": ((2.8, 3.0, 3.3, 4.2, 3.6, 1.8, 3.3, 2.9, 2.9, 3.5, 4.2, 3.4, 2.0), 4.78, 4.05),
}
_WAVE = np.random.default_rng(0).standard_normal(1000)  # noise that takes nothing from a tube's generator
#: A marrow without blasts, evaluable in every respect.
HEALTHY: Mapping[str, int] = {
    "t": 30_000,
    "granulocyte": 50_000,
    "monocyte": 5_000,
    "erythroid": 25_000,
    "b": 4_000,
    "hematogone": 1_500,
}
DETECTORS = tuple(f"D{number:02d}-A" for number in range(1, len(SIMULATED_MARKERS) + 1))


def marrow(
    counts: Mapping[str, int],
    *,
    labels: Sequence[str] | None = None,
    without_spillover: bool = False,
    clogged: bool = False,
    seed: int = 7,
    spread: float = 1.0,
    height_noise: float = 0.0,
    spill: float = 0.05,
    brighter: Mapping[str, float] | None = None,
) -> FcsDataset:
    """Return a tube with tight populations and spillover between neighbouring detectors.

    Every cell sits within a few percent of its population's mean, so that fixed gates hold exactly the cells
    that a reader of the test expects. Gates that are found in the data need wider populations.

    Args:
        counts: cells per population.
        labels: $PnS of the fluorescence channels.
        without_spillover: leave the matrix out of the file.
        clogged: let the flow rate collapse.
        seed: of the random numbers.
        spread: times the usual width of the populations.
        height_noise: standard deviation of pulse height, as a share of it.
        spill: of each detector into the next one.
        brighter: marker -> decades by which this tube is brighter.
    """
    rng = np.random.default_rng(seed)
    matrix = np.eye(len(DETECTORS)) + spill * np.eye(len(DETECTORS), k=1)
    batch = np.array([(brighter or {}).get(marker, 0.0) for marker in SIMULATED_MARKERS])
    rows = []
    for name, count in counts.items():
        means, fsc, ssc = _POPULATIONS[name]
        true = 10.0 ** (np.array(means) + batch + spread * rng.normal(0.0, 0.02, (count, len(means))))
        area = 10.0 ** (fsc + spread * rng.normal(0.0, 0.01, count))
        side = 10.0 ** (ssc + spread * rng.normal(0.0, 0.02, count))
        height = 0.8 * area * (1.0 + height_noise * np.resize(_WAVE, count))
        rows.append(np.column_stack([area, height, side, true @ matrix]))
    events = np.vstack(rows)[rng.permutation(sum(counts.values()))]
    gaps = np.ones(len(events))
    if clogged:
        gaps[len(events) // 3 :] = 8.0
    spillover = Spillover(channels=DETECTORS, matrix=tuple(map(tuple, matrix.tolist())))
    return dataset(
        np.column_stack([events, np.cumsum(gaps)]),
        ("FSC-A", "FSC-H", "SSC-A", *DETECTORS, "Time"),
        labels=("", "", "", *(labels or [f"{marker} PE" for marker in SIMULATED_MARKERS]), ""),
        spillover=None if without_spillover else spillover,
    )


def measured(counts: Mapping[str, int], *, doublets: float = 0.0) -> FcsDataset:
    """Return a marrow whose pulse height scatters by 2 %, with events added that are two cells at once."""
    tube = marrow(counts)
    rng = np.random.default_rng(3)
    events = tube.linear()
    events[:, 1] *= 1.0 + rng.normal(0.0, 0.02, len(events))
    one, two = (events[rng.integers(0, len(events), round(doublets * len(events)))] for _ in range(2))
    pairs = one + two
    pairs[:, 1] = np.maximum(one[:, 1], two[:, 1])
    return dataset(
        np.concatenate([events, pairs]),
        [channel.name for channel in tube.channels],
        labels=[channel.label for channel in tube.channels],
        spillover=tube.spillover,
    )
