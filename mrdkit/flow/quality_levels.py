"""Levels of each signal over time: quantiles of every run, on a scale that suits dim and bright cells.

A run departs where two things hold: the share of its events below the tube's own level is another than
chance and the noise between neighbouring runs explain, and the level itself moved by more than matters. The
share needs no assumption about the populations; a quantile that falls between two of them jumps without
being wrong. Limits: reference/flow/quality.toml.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.quality_rules import DriftRules
from mrdkit.flow.runs import Runs
from mrdkit.flow.scaling import scale

__all__ = ["Levels", "levels_of", "signal_columns"]

F64 = NDArray[np.float64]

_MAD_TO_SD = 1.4826  # of a normal distribution
_LARGEST = 1e300  # larger numbers have no finite differences
_SCALE_EVENTS = 10_000  # enough for the median absolute value of a column


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levels:
    """The course of one signal.

    Attributes:
        channel: $PnN of the column.
        heights: (n_quantiles, n_runs) the followed quantiles as asinh(x / median of |x|).
        shares: (n_quantiles, n_runs) share of the run's events below the tube's level.
        noise: (n_quantiles,) standard deviation of a share in a steady tube.
        departs: (n_runs,) True where a quantile left its level.
    """

    channel: str
    heights: F64 = field(repr=False)
    shares: F64 = field(repr=False)
    noise: F64 = field(repr=False)
    departs: NDArray[np.bool_] = field(repr=False)


def signal_columns(dataset: FcsDataset, not_a_signal: Sequence[str]) -> tuple[int, ...]:
    """Return the columns that measure cells: all but time, counters and the like."""
    begins = tuple(name.casefold() for name in not_a_signal)
    kinds = [dataset.text.get(f"$P{c.index}TYPE", "").strip().casefold() for c in dataset.channels]
    return tuple(
        column
        for column, channel in enumerate(dataset.channels)
        if not channel.name.strip().casefold().startswith(begins) and not kinds[column].startswith(begins)
    )


def levels_of(dataset: FcsDataset, column: int, runs: Runs, rules: DriftRules) -> Levels:
    """Follow one signal through the runs of a tube."""
    rows = runs.rows(dataset.stored_columns([column])[0])
    # Scaling is monotone, so that quantiles of stored numbers are scaled instead of all events.
    stored = _quantiles(rows, rules.quantiles)
    typical = np.array([_median(level) for level in stored])
    shares = np.array([_share_below(rows, level) for level in typical])
    usual = np.array([_median(share) for share in shares])
    noise = _noise(shares, usual, runs.size)
    heights = _scaled(dataset, column, stored) / _unit(dataset, column, rows)
    heights = np.arcsinh(np.clip(heights, -_LARGEST, _LARGEST))
    shift = np.abs(heights - np.array([[_median(height)] for height in heights]))
    departs = np.abs(shares - usual[:, None]) > rules.mad_more_than * noise[:, None]
    departs &= shift > rules.shift_more_than_asinh
    return Levels(
        channel=dataset.channels[column].name,
        heights=heights,
        shares=shares,
        noise=noise,
        departs=departs.any(axis=0),
    )


def _quantiles(rows: F64, quantiles: Sequence[float]) -> F64:
    """Return (n_quantiles, n_runs); a run without any number takes the level of the others."""
    if np.isfinite(rows).all():
        ranks = [int(quantile * (rows.shape[1] - 1)) for quantile in quantiles]
        return np.ascontiguousarray(np.partition(rows, ranks, axis=1)[:, ranks].T)
    out = np.full((len(quantiles), len(rows)), np.nan)
    for place, row in enumerate(rows):
        finite = row[np.isfinite(row)]
        if finite.size:
            out[:, place] = np.quantile(finite, quantiles, method="lower")
    for level in out:
        level[np.isnan(level)] = _median(level)
    return out


def _median(values: F64) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if finite.size else 0.0


def _share_below(rows: F64, level: float) -> F64:
    """Return the share (n_runs,) of each run's numbers below a level; half of those at it count."""
    below = np.count_nonzero(rows < level, axis=1) + 0.5 * np.count_nonzero(rows == level, axis=1)
    known = np.count_nonzero(np.isfinite(rows), axis=1)
    share = np.full(len(rows), np.nan)
    np.divide(below, known, out=share, where=known > 0)
    share[np.isnan(share)] = _median(share)
    return share


def _noise(shares: F64, usual: F64, size: int) -> F64:
    by_chance = np.sqrt(np.clip(usual * (1.0 - usual), 1.0 / size, None) / size)
    between = np.median(np.abs(np.diff(shares, axis=1)), axis=1) * _MAD_TO_SD / np.sqrt(2.0)
    return np.asarray(np.maximum(by_chance, between), dtype=np.float64)


def _scaled(dataset: FcsDataset, column: int, stored: F64) -> F64:
    linear = np.array(stored, order="C")
    scale(linear.reshape(-1), dataset.channels[column], dataset.text, integer=dataset.is_integer(column))
    return np.nan_to_num(linear)


def _unit(dataset: FcsDataset, column: int, rows: F64) -> float:
    """Return the median absolute linear value of the column, 1 where that is 0."""
    flat = rows.ravel()
    sample = flat[:: max(1, flat.size // _SCALE_EVENTS)]
    return _median(np.abs(_scaled(dataset, column, sample[np.isfinite(sample)]))) or 1.0
