"""One reader's opinion of one data set: the same stored numbers, or where and by how much they differ.

An event that only one of the two has counts as different in every channel; NaN equals NaN. A difference is
explained only by a known fault of the reader (`mrdkit.flow.verify_faults`).
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.verify_faults import known_fault

__all__ = ["ChannelComparison", "Opinion", "Outcome", "compared"]

F64 = NDArray[np.float64]
Outcome: TypeAlias = Literal["agrees", "differs", "failed", "not_installed", "not_applicable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelComparison:
    """One channel: how many stored values differ, and by how much at most (None where that is no number)."""

    index: int
    name: str
    n_different: int
    max_difference: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one reader says about one data set.

    Attributes:
        reader: its name.
        version: as installed, None where it is not.
        outcome: whether it gives the same stored numbers.
        n_events: how many events it gives, None where it gave none.
        known_fault: code of the fault that explains a difference.
        message: one sentence, without anything that the reader said.
        channels: every channel that was compared.
    """

    reader: str
    version: str | None
    outcome: Outcome
    n_events: int | None = None
    known_fault: str | None = None
    message: str
    channels: tuple[ChannelComparison, ...] = ()


def compared(name: str, version: str, dataset: FcsDataset, theirs: F64) -> Opinion:
    """Return the opinion of a reader that gave numbers.

    Args:
        name: of the reader.
        version: of the reader.
        dataset: as mrdkit read it.
        theirs: stored numbers of the reader, (n_events, n_channels) where it counts as we do.
    """
    ours = dataset.stored()
    comparable = theirs.ndim == ours.ndim and theirs.shape[1] == ours.shape[1]
    channels = _channels(dataset, ours, theirs) if comparable else ()
    if comparable and len(theirs) == len(ours) and not any(channel.n_different for channel in channels):
        return Opinion(
            reader=name,
            version=version,
            outcome="agrees",
            n_events=len(theirs),
            message=f"{name} gives the same {len(ours)} events in every channel",
            channels=channels,
        )
    different = [position for position, channel in enumerate(channels) if channel.n_different]
    fault = known_fault(name, dataset, ours=ours, theirs=theirs, different=different)
    said = (
        f"{name} gives {len(theirs)} events, {len(ours)} were read; {len(different)} channels differ"
        if comparable
        else f"{name} gives another number of channels"
    )
    return Opinion(
        reader=name,
        version=version,
        outcome="differs",
        n_events=len(theirs),
        known_fault=None if fault is None else fault.code,
        message=said if fault is None else f"{said}; known fault: {fault.sentence}",
        channels=channels,
    )


def _channels(dataset: FcsDataset, ours: F64, theirs: F64) -> tuple[ChannelComparison, ...]:
    """Compare the events that both have; those that only one has count as different in every channel."""
    common = min(len(ours), len(theirs))
    extra = max(len(ours), len(theirs)) - common
    found = []
    for position, channel in enumerate(dataset.channels):
        first, second = ours[:common, position], theirs[:common, position]
        same = (first == second) | (np.isnan(first) & np.isnan(second))
        with np.errstate(all="ignore"):
            largest = float(np.max(np.abs(first - second), where=~same, initial=0.0))
        found.append(
            ChannelComparison(
                index=channel.index,
                name=channel.name,
                n_different=int((~same).sum()) + extra,
                max_difference=largest if np.isfinite(largest) else None,
            )
        )
    return tuple(found)
