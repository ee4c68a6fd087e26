"""Synthetic flow tubes of a 13-colour B-ALL panel: raw, uncompensated, FCS 3.1.

Each population is a mean on a log10 scale per marker with normal scatter around it; leukemic cells differ
from normal precursors in CD38, CD45, CD58, CD81 and CD66c/CD123. Means are invented but follow textbook
phenotypes.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mrdkit.files import write_bytes
from mrdkit.flow import Channel, FcsDataset, Spillover
from mrdkit.flow.fcs_writing import to_fcs

__all__ = ["write_tube"]

MARKERS = (
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
)
DETECTORS = tuple(
    f"{dye}-A"
    for dye in "BV421 BV510 BV605 BV650 BV711 BV786 FITC PE PerCP-Cy5-5 PE-Cy7 APC APC-R700 APC-H7".split()
)
LABELS = (*MARKERS, "Viability")
RANGE = 262_144

#: population -> (share of nucleated cells, log10 FSC, log10 SSC, log10 mean of each marker)
POPULATIONS: dict[str, tuple[float, float, float, tuple[float, ...]]] = {
    "T": (0.23, 4.74, 4.10, (1.9, 4.6, 1.9, 2.0, 3.2, 4.4, 3.6, 1.9, 1.8, 1.9, 1.8, 2.8)),
    "NK": (0.05, 4.76, 4.18, (1.9, 4.6, 1.9, 2.0, 3.4, 2.0, 3.3, 2.1, 1.8, 1.9, 1.8, 3.5)),
    "granulocyte": (0.44, 4.96, 5.02, (2.1, 3.8, 2.2, 3.8, 3.0, 2.1, 2.3, 3.3, 2.0, 2.1, 2.8, 2.5)),
    "monocyte": (0.06, 4.95, 4.58, (2.1, 4.3, 2.2, 2.4, 3.7, 2.1, 3.5, 3.0, 2.0, 2.1, 1.9, 3.6)),
    "erythroid": (0.17, 4.58, 3.92, (1.8, 2.3, 1.8, 1.9, 3.2, 1.8, 3.0, 1.9, 1.8, 1.8, 1.8, 2.5)),
    "B": (0.03, 4.72, 4.08, (4.3, 4.5, 3.9, 3.6, 2.9, 1.9, 3.6, 1.9, 1.8, 4.0, 1.9, 2.7)),
    "plasma": (0.003, 4.85, 4.45, (1.9, 3.2, 2.0, 2.0, 3.9, 1.9, 3.4, 2.0, 1.9, 3.0, 1.9, 5.0)),
    "hematogone 1": (0.003, 4.70, 4.02, (1.9, 3.2, 3.2, 4.3, 2.9, 1.8, 4.3, 1.9, 3.9, 3.4, 4.5, 4.6)),
    "hematogone 2": (0.007, 4.70, 4.02, (3.2, 3.9, 3.5, 4.1, 2.7, 1.8, 4.2, 1.9, 1.9, 3.8, 3.8, 4.4)),
}
LEUKEMIC = (4.78, 4.06, (2.7, 3.0, 3.3, 4.2, 3.5, 1.8, 3.4, 2.9, 3.2, 3.5, 4.5, 3.5))
CELL_SD = 0.20
SIZE_SD = 0.06
DEAD_SHARE = 0.03
DOUBLET_SHARE = 0.015
DEBRIS_SHARE = 0.03
ELECTRONIC_SD = 40.0
EVENTS_PER_SECOND = 3_000.0
#: (fluorochrome, detector) -> share of its light that the detector sees, by position in DETECTORS
SPILL = {(0, 1): 0.08, (1, 2): 0.09, (2, 3): 0.15, (3, 4): 0.12, (4, 5): 0.14, (6, 7): 0.12, (7, 8): 0.1}
SPILL |= {(7, 2): 0.12, (8, 9): 0.08, (10, 11): 0.18, (11, 12): 0.1, (9, 12): 0.04, (3, 10): 0.08}


def write_tube(
    path: Path, *, events: int, residual: float, lost: frozenset[str], rng: np.random.Generator
) -> None:
    """Write one tube.

    Args:
        path: file to write.
        events: events to acquire.
        residual: leukemic fraction of the nucleated cells.
        lost: markers that therapy has removed from the B lineage.
        rng: source of all randomness.
    """
    tube = _dataset(_observe(_cells(events, residual, lost, rng), rng))
    write_bytes(path, to_fcs(tube, values="stored"))


def _cells(
    events: int, residual: float, lost: frozenset[str], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return log10 intensities (events, 2 + 13): FSC-A, SSC-A, markers, viability."""
    debris = round(events * DEBRIS_SHARE)
    nucleated = events - debris
    leukemic = round(nucleated * residual)
    shares = np.array([share for share, *_ in POPULATIONS.values()])
    counts = rng.multinomial(nucleated - leukemic, shares / shares.sum())
    means = [(fsc, ssc, *markers, 2.0) for _, fsc, ssc, markers in POPULATIONS.values()]
    rows = np.repeat(np.array([*means, _leukemic_mean(lost)]), [*counts, leukemic], axis=0)
    b_lineage = np.repeat(
        [name in {"B", "hematogone 1", "hematogone 2"} for name in [*POPULATIONS, ""]], [*counts, leukemic]
    )
    for marker in lost:
        rows[b_lineage, 2 + MARKERS.index(marker)] -= 1.0
    small = np.full((debris, 2 + len(LABELS)), 1.7)
    small[:, :2] = 4.0, 3.5
    cells = np.concatenate([rows, small])
    cells += rng.normal(0.0, CELL_SD, cells.shape) * np.array([0.28, 0.4, *[1.0] * len(LABELS)])
    cells += rng.normal(0.0, SIZE_SD, (events, 1))
    dead = rng.random(events) < DEAD_SHARE
    cells[dead, -1] = rng.normal(4.4, 0.2, int(dead.sum()))
    return cells[rng.permutation(events)]


def _leukemic_mean(lost: frozenset[str]) -> tuple[float, ...]:
    fsc, ssc, markers = LEUKEMIC
    kept = (level - 1.3 if name in lost else level for name, level in zip(MARKERS, markers, strict=True))
    return (fsc, ssc, *kept, 2.0)


def _observe(cells: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return what the cytometer writes: areas, height, spillover, noise and time."""
    linear = 10.0**cells
    second = rng.permutation(len(linear))
    doublet = rng.random(len(linear)) < DOUBLET_SHARE
    linear[doublet] += linear[second[doublet]]
    height = 0.8 * linear[:, :1] * rng.normal(1.0, 0.025, (len(linear), 1))
    height[doublet] *= rng.uniform(0.52, 0.7, (int(doublet.sum()), 1))
    signals = linear[:, 2:] @ spillover()
    signals += rng.normal(0.0, 1.0, signals.shape) * np.sqrt(ELECTRONIC_SD**2 + 8.0 * signals)
    time = np.cumsum(rng.standard_exponential((len(linear), 1)), axis=0) / EVENTS_PER_SECOND * 100.0
    observed = np.hstack([linear[:, :1], height, linear[:, 1:2], np.clip(signals, -500.0, RANGE - 1), time])
    observed[:, :3] = np.clip(observed[:, :3], 0.0, RANGE - 1)
    return observed.astype("<f4")


def spillover() -> NDArray[np.float64]:
    """Return the spillover matrix (13, 13): rows are fluorochromes, columns detectors, diagonal 1."""
    matrix = np.eye(len(DETECTORS))
    for (source, detector), share in SPILL.items():
        matrix[source, detector] = share
    return matrix


def _dataset(events: NDArray[np.float32]) -> FcsDataset:
    """Return the events as what a cytometer stores, with its spillover matrix and time step."""
    names = ("FSC-A", "FSC-H", "SSC-A", *DETECTORS, "Time")
    labels = ("", "", "", *LABELS, "")
    channels = tuple(
        Channel(index=n, name=name, label=label, bits=32, range=RANGE, amplification=(0.0, 0.0), gain=1.0)
        for n, (name, label) in enumerate(zip(names, labels, strict=True), start=1)
    )
    return FcsDataset(
        index=0,
        version="3.1",
        cytometer="synthetic",
        text={"$TIMESTEP": "0.01"},
        channels=channels,
        n_events=len(events),
        n_events_declared=len(events),
        data_type="F",
        byte_order="little",
        offsets_used="text",
        spillover=Spillover(channels=DETECTORS, matrix=tuple(map(tuple, spillover().tolist()))),
        warnings=(),
        digest=str,
        events=events,
    )
