"""Dilution in silico: leukemic cells of a diagnosis tube in the place of nucleated cells of a normal tube.

Cells replace events of the denominator gate, drawn at random, so that the tube keeps its number of events,
its denominator, its times and its flow rate. Which and how many, `dilution_draw` decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.fcs_writing import to_fcs
from mrdkit.flow.mrd.dilution_cells import Leukemia, NormalTube, TransferredCells
from mrdkit.flow.mrd.dilution_draw import Series, draws_of

__all__ = ["DilutedTube", "diluted"]


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
    def n_leukemic(self) -> int:
        """Leukemic cells in the tube."""
        return len(self.cells)

    @property
    def true_fraction(self) -> float:
        """Leukemic cells per cell of the denominator."""
        return self.n_leukemic / self.n_denominator


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
    draws = draws_of(series, number, n_cells=len(leukemia.numbers), n_denominator=len(normal.denominator))
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
