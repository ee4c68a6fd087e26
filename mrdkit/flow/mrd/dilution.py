"""Dilution in silico: leukemic cells of a diagnosis tube in the place of nucleated cells of a normal tube.

Cells replace events of the denominator gate, drawn at random, so that the tube keeps its number of events,
its denominator, its times and its flow rate. Their number is Poisson around level x denominator, as when a
suspension is pipetted; within a tube no cell stands twice. A blank is the normal tube itself and is made
once, since copies of it would count as independent blanks. Every tube has a generator of its own, seeded by
(seed, place of the level among the levels, from 0, replicate).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError, UsageError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.fcs_writing import to_fcs
from mrdkit.flow.mrd.dilution_cells import Leukemia, NormalTube, TransferredCells
from mrdkit.flow.mrd.validation_table import LEAST_LEVEL

__all__ = ["DilutedTube", "Series", "diluted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Which tubes are to be made.

    Attributes:
        levels: leukemic cells per cell of the denominator; 0 asks for blanks.
        replicates: tubes per level above 0 and normal tube.
        seed: of the random numbers.

    Raises:
        UsageError: a level is out of range, too finely written to name a file, or stands twice.
    """

    levels: tuple[float, ...]
    replicates: int
    seed: int

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        for level in self.levels:
            if not (level == 0.0 or LEAST_LEVEL <= level < 1.0) or float(f"{level:g}") != level:
                raise _unclear(
                    f"0, or from {LEAST_LEVEL:g} to below 1 in at most six digits", found=f"{level!r}"
                )
        if not self.levels or len(set(self.levels)) != len(self.levels):
            raise _unclear("one level or more, each once", found=", ".join(f"{x:g}" for x in self.levels))
        if self.replicates < 1 or self.seed < 0:
            raise _unclear("at least one replicate, and a seed of at least 0")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DilutedTube:
    """One tube that was made.

    Attributes:
        level: that was asked for.
        replicate: counted from 1 over all normal tubes.
        n_denominator: events of the normal tube's denominator gate, whose number does not change.
        cells: (n_leukemic,) numbers of the leukemic cells in the diagnosis tube.
        replaced: (n_leukemic,) numbers of the events that they stand for.
        n_clipped: leukemic cells with a value cut off at an end of its scale.
        content: the tube as an FCS 3.1 file.
    """

    level: float
    replicate: int
    n_denominator: int
    cells: NDArray[np.intp] = field(repr=False)
    replaced: NDArray[np.intp] = field(repr=False)
    n_clipped: int
    content: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """The name of its file, which names no person."""
        return f"dilution_{self.level:g}_{self.replicate:03}.fcs"

    @property
    def true_fraction(self) -> float:
        """Leukemic cells per cell of the denominator."""
        return len(self.cells) / self.n_denominator


def diluted(
    leukemia: Leukemia, normal: NormalTube, cells: TransferredCells, series: Series, *, number: int
) -> Iterator[DilutedTube]:
    """Yield the tubes that are made of one normal tube, level by level.

    Args:
        leukemia: the leukemic cells.
        normal: the tube that they are put into.
        cells: the same cells as that tube would have measured them.
        series: which tubes to make.
        number: of the normal tube among those of the series, from 0.

    Raises:
        InputError: a tube needs more cells than there are; then none is made.
        UsageError: FCS cannot hold the values.
    """
    draws = [
        _drawn(len(leukemia.numbers), len(normal.denominator), series, place, replicate)
        for place, level in enumerate(series.levels)
        for replicate in _replicates(series.replicates if level else 1, number)
    ]
    stored = normal.dataset.stored()
    for draw in draws:
        replaced = normal.denominator[draw.places]
        yield DilutedTube(
            level=draw.level,
            replicate=draw.replicate,
            n_denominator=len(normal.denominator),
            cells=leukemia.numbers[draw.cells],
            replaced=replaced,
            n_clipped=int(np.count_nonzero(cells.clipped[draw.cells])),
            content=to_fcs(_with(normal.dataset, stored, cells, draw.cells, replaced), values="stored"),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Draw:
    """What chance decides of one tube: which leukemic cells stand for which events of the denominator."""

    level: float
    replicate: int
    cells: NDArray[np.intp] = field(repr=False)
    places: NDArray[np.intp] = field(repr=False)


def _replicates(per_tube: int, number: int) -> range:
    """Return the replicates of one normal tube, counted on from those before it."""
    return range(number * per_tube + 1, (number + 1) * per_tube + 1)


def _drawn(n_cells: int, n_denominator: int, series: Series, place: int, replicate: int) -> _Draw:
    level = series.levels[place]
    generator = np.random.default_rng([series.seed, place, replicate])
    n = int(generator.poisson(level * n_denominator))
    if n > min(n_cells, n_denominator):
        raise InputError(
            "too few cells for a level",
            code="DILUTION_CELLS_TOO_FEW",
            place=f"level {level:g}, replicate {replicate}",
            expected=f"at least {n} leukemic cells, and as many to replace",
            found=f"{n_cells} leukemic cells, {n_denominator} to replace",
            remedy="leave the level out, or use a diagnosis tube of more cells",
        )
    return _Draw(
        level=level,
        replicate=replicate,
        cells=generator.choice(n_cells, n, replace=False),
        places=generator.choice(n_denominator, n, replace=False),
    )


def _with(
    normal: FcsDataset,
    stored: NDArray[np.float64],
    cells: TransferredCells,
    chosen: NDArray[np.intp],
    replaced: NDArray[np.intp],
) -> FcsDataset:
    """Return the normal tube with leukemic cells in the place of events; Time stays that of the event."""
    events = stored.copy()
    events[np.ix_(replaced, np.array(cells.columns))] = cells.stored[chosen]
    return replace(normal, events=events, data=None)


def _unclear(expected: str, found: str | None = None) -> UsageError:
    return UsageError("the series cannot be made", code="SERIES_UNCLEAR", expected=expected, found=found)
