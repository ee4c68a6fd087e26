"""Flow data sets for tests: made from arrays, or read from a real file by `read`, the one place to do so."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import flowio
import numpy as np
from numpy.typing import ArrayLike

from mrdkit.flow.dataset import Channel, FcsDataset, Spillover

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
        sha256="0" * 64,
        events=values,
    )


def read(path: Path) -> FcsDataset:
    """Return a real file's data set, linear values and own spillover matrix."""
    file = flowio.FlowData(str(path), ignore_offset_discrepancy=True)
    names = [file.channels[i]["pnn"] for i in sorted(file.channels)]
    labels = [file.channels[i].get("pns", "") for i in sorted(file.channels)]
    written = {key.upper().lstrip("$"): value for key, value in file.text.items()}
    keyword = written.get("SPILLOVER") or written.get("SPILL")
    return dataset(
        file.as_array(preprocess=True),
        names,
        labels=labels,
        spillover=_spillover(keyword) if keyword else None,
    )


def _spillover(keyword: str) -> Spillover:
    cells = [cell.strip() for cell in keyword.split(",")]
    size = int(cells[0])
    numbers = [float(cell) for cell in cells[1 + size :]]
    return Spillover(
        channels=tuple(cells[1 : 1 + size]),
        matrix=tuple(tuple(numbers[row * size : (row + 1) * size]) for row in range(size)),
    )
