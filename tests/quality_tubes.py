"""Simulated tubes for the quality checks: doublets and debris are known, defects are planted."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from flow_data import dataset
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

RATE = 2000.0  # events per second
NAMES = ("FSC-A", "FSC-H", "SSC-A", "V1-A", "V2-A", "B1-A", "R1-A")

#: share, log10 FSC-A, log10 SSC-A and log10 intensity of the four dyes of a made-up marrow
_POPULATIONS = (
    (0.25, 4.74, 4.10, (1.9, 4.6, 3.2, 2.0)),
    (0.45, 4.96, 5.02, (3.9, 3.8, 2.1, 2.1)),
    (0.25, 4.60, 3.92, (1.8, 2.3, 1.9, 1.8)),
    (0.05, 4.72, 4.08, (4.3, 4.5, 3.9, 4.0)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tube:
    """Columns by name, time in seconds, and the truth about each event."""

    columns: Mapping[str, F64] = field(repr=False)
    seconds: F64 = field(repr=False)
    doublet: Mask = field(repr=False)
    debris: Mask = field(repr=False)

    def dataset(self, *, time: F64 | None = None, step: str | None = "0.01") -> FcsDataset:
        """Return the tube as read from a file; the clock counts hundredths of a second."""
        clock = np.floor(100.0 * self.seconds) if time is None else time
        columns = np.column_stack([*self.columns.values(), clock])
        text = {} if step is None else {"$TIMESTEP": step}
        return dataset(columns, (*self.columns, "Time"), text=text)

    def with_columns(self, **changed: F64) -> "Tube":
        """Return a tube with other values in some columns; `_` stands for `-` in their names."""
        names = {name.replace("_", "-"): values for name, values in changed.items()}
        return replace(self, columns={**self.columns, **names})

    def slowed(self, where: slice, factor: float) -> "Tube":
        """Return a tube in which the events of a stretch came `factor` times as slowly."""
        intervals = np.diff(self.seconds, prepend=0.0)
        intervals[where] *= factor
        return replace(self, seconds=np.cumsum(intervals))

    def paused(self, before: int, seconds: float) -> "Tube":
        """Return a tube in which nothing was measured for a while before one event."""
        later = np.zeros(len(self.seconds))
        later[before:] = seconds
        return replace(self, seconds=self.seconds + later)

    def dimmed(self, where: slice, factor: float | F64) -> "Tube":
        """Return a tube in which the signals of all dyes are weaker in a stretch."""
        changed = {name: np.array(values) for name, values in self.columns.items()}
        for name in NAMES[3:]:
            changed[name][where] *= factor
        return replace(self, columns=changed)


def clean_tube(seed: int, n_events: int = 40_000, *, doublets: float = 0.02, debris: float = 0.04) -> Tube:
    """Return a tube with nothing wrong but the usual doublets and debris."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(len(_POPULATIONS), n_events, p=[population[0] for population in _POPULATIONS])
    fsc = np.array([population[1] for population in _POPULATIONS])[kind] + rng.normal(0, 0.06, n_events)
    ssc = np.array([population[2] for population in _POPULATIONS])[kind] + rng.normal(0, 0.09, n_events)
    dyes = np.array([population[3] for population in _POPULATIONS])[kind]
    dyes = dyes + rng.normal(0.0, 0.2, dyes.shape)
    small = rng.random(n_events) < debris
    fsc[small] = rng.normal(4.0, 0.2, small.sum())
    ssc[small] = rng.normal(3.6, 0.2, small.sum())
    dyes[small] = rng.normal(1.7, 0.3, (small.sum(), dyes.shape[1]))
    area = 10.0**fsc
    height = 0.8 * area * (1.0 + rng.normal(0.0, 0.025, n_events))
    double = (rng.random(n_events) < doublets) & ~small
    area[double] *= 2.0
    height[double] = 0.8 * area[double] * rng.uniform(0.52, 0.72, double.sum())
    bright = 10.0**dyes + rng.normal(0.0, 45.0, dyes.shape)
    swing = 1.0 + 0.15 * np.sin(np.linspace(0.0, rng.uniform(2.0, 9.0), n_events))
    seconds = np.cumsum(rng.exponential(1.0 / RATE, n_events) * swing)
    columns = dict(zip(NAMES, (area, height, 10.0**ssc, *bright.T), strict=True))
    return Tube(columns=columns, seconds=seconds, doublet=double, debris=small)
