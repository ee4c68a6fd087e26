"""Which tubes a dilution has, and what chance decides of each.

The number of leukemic cells is Poisson around level x denominator, as when a suspension is pipetted; within a
tube no cell stands twice. A blank is the normal tube itself and is made once, since copies of it would count
as independent blanks. Every tube has a generator of its own, seeded by (seed, place of the level among the
levels, from 0, replicate), so that further replicates change no tube.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError, UsageError
from mrdkit.flow.mrd.validation_table import LEAST_LEVEL

__all__ = ["Draw", "Series", "draws_of"]


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
class Draw:
    """One tube: which leukemic cells stand for which events of the denominator.

    Attributes:
        level: that was asked for.
        replicate: counted from 1 over all normal tubes.
        cells: (n_leukemic,) places among the leukemic cells.
        places: (n_leukemic,) places among the events of the denominator.
    """

    level: float
    replicate: int
    cells: NDArray[np.intp] = field(repr=False)
    places: NDArray[np.intp] = field(repr=False)


def draws_of(series: Series, number: int, *, n_cells: int, n_denominator: int) -> tuple[Draw, ...]:
    """Return the tubes that are made of one normal tube, level by level.

    Args:
        series: which tubes to make.
        number: of the normal tube among those of the series, from 0.
        n_cells: leukemic cells that there are.
        n_denominator: events of the normal tube's denominator.

    Raises:
        InputError: a tube needs more cells than there are.
    """
    return tuple(
        _drawn(n_cells, n_denominator, series, place, replicate)
        for place, level in enumerate(series.levels)
        for replicate in _replicates(series.replicates if level else 1, number)
    )


def _replicates(per_tube: int, number: int) -> range:
    """Return the replicates of one normal tube, counted on from those before it."""
    return range(number * per_tube + 1, (number + 1) * per_tube + 1)


def _drawn(n_cells: int, n_denominator: int, series: Series, place: int, replicate: int) -> Draw:
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
    return Draw(
        level=level,
        replicate=replicate,
        cells=generator.choice(n_cells, n, replace=False),
        places=generator.choice(n_denominator, n, replace=False),
    )


def _unclear(expected: str, found: str | None = None) -> UsageError:
    return UsageError("the series cannot be made", code="SERIES_UNCLEAR", expected=expected, found=found)
