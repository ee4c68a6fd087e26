"""Run a flat program over the events of a data set: the one wrapper around its kernel.

Populations come back as bit sets, one row of 64-bit words each. The file is read in place; beside it there
are a few columns of one tile, and one bit per event and population.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit._ext import program as kernel
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.decode import PackedEvents
from mrdkit.flow.plan import plan_of
from mrdkit.flow.program import Code, Program, compiled
from mrdkit.flow.strategy import Axis, GatingStrategy

__all__ = ["Populations", "coordinates", "run"]

_TILE = 128  # events; as in the kernel
_WORD = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Populations:
    """Which events are in which population, and which cannot be placed.

    Attributes:
        n_events: number of events.
        members: (n_populations, n_words) bit i of word w is event 64 w + i; row 0 holds all events.
        undefined: the same for events that a gate cannot place, because a coordinate is not finite.
        stored: (n_stored, n_events) coordinates that were asked for.
    """

    n_events: int
    members: NDArray[np.uint64] = field(repr=False)
    undefined: NDArray[np.uint64] = field(repr=False)
    stored: NDArray[np.float64] = field(repr=False)

    def mask(self, row: int) -> NDArray[np.bool_]:
        """Return (n_events,) membership of one population as a new array."""
        octets = self.members[row].astype("<u8", copy=False).view(np.uint8)
        return np.unpackbits(octets, count=self.n_events, bitorder="little").view(np.bool_)

    def size(self, row: int) -> int:
        """Return the number of events in one population."""
        return int(np.bitwise_count(self.members[row]).sum(dtype=np.int64))

    def n_undefined(self, row: int, parent: int) -> int:
        """Return how many of the parent's events cannot be placed by a gate."""
        return int(np.bitwise_count(self.undefined[row] & self.members[parent]).sum(dtype=np.int64))


def run(program: Program, events: PackedEvents) -> Populations:
    """Run a program.

    Raises:
        ValueError: the program was not compiled for events of this layout, or points outside its arrays.
    """
    if program.layout != events.layout:
        raise ValueError("the program was compiled for events of another layout")
    _check(program)
    n_words = -(-events.n_events // _WORD)
    members = np.zeros((program.n_populations, n_words), dtype=np.uint64)
    undefined = np.zeros_like(members)
    members[0] = np.iinfo(np.uint64).max
    if events.n_events % _WORD:
        members[0, -1] = (1 << events.n_events % _WORD) - 1
    stored = np.empty((program.n_stored, events.n_events))
    events.check_source()
    kernel.run(
        events.raw,
        events.layout.event_bytes,
        events.layout.big_endian,
        events.n_events,
        program.ops,
        program.masks,
        program.lists,
        program.constants,
        np.zeros((program.n_slots, _TILE)),
        members,
        undefined,
        stored,
    )
    return Populations(n_events=events.n_events, members=members, undefined=undefined, stored=stored)


def coordinates(dataset: FcsDataset, strategy: GatingStrategy, axes: Sequence[Axis]) -> NDArray[np.float64]:
    """Return (n_axes, n_events) coordinates of axes, with compensation and display scale applied.

    Raises:
        InputError: a column is missing or ambiguous, or a matrix does not fit the file or is refused.
        RuleError: a dimension is no fluorochrome of the named matrix it asks for.
    """
    plan = plan_of(dataset, strategy, axes)
    return run(compiled(dataset, plan, (), stored=axes), dataset.packed()).stored


def _check(program: Program) -> None:
    """Refuse what would make the kernel, which checks nothing, read or write outside its arrays."""
    code, target, need, first, second, count, constant, _ = program.ops.T
    several = (code == Code.COMBINE) | ((code >= Code.BOX) & (code != Code.STORE))
    population = (code >= Code.BOX) & (code != Code.STORE)
    single = ~several & (code != Code.LOAD)
    limits = (
        (target, np.where(population, program.n_populations, program.n_slots), code != Code.STORE),
        (target, program.n_stored, code == Code.STORE),
        (need, program.n_populations, np.True_),
        (first, program.n_slots, single),
        (second, program.n_slots, code == Code.RATIO),
        (second, len(program.masks), code == Code.LOAD),
        (first + count, len(program.lists) + 1, several),
        (first, program.layout.event_bytes, code == Code.LOAD),
        (constant, len(program.constants) + 1, code != Code.LOAD),
    )
    for values, limit, applies in limits:
        if np.any(applies & ((values < 0) | (values >= limit))):
            raise ValueError("an instruction points outside the program")
