"""Events at the ends of what the cytometer could measure, and values that are no numbers.

At the top: the highest value of an integer column, at or above $PnR of a float column, or piled up at the
column's own highest value just below $PnR, where some makers clip. At the floor: the smallest value, if it is
negative and shared. Values that are no numbers can stand in no gate. Limit: reference/flow/quality.toml.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.quality_check import QualityCheck, judged
from mrdkit.flow.quality_rules import MarginRules
from mrdkit.results import Json

__all__ = ["ChannelQuality", "ScaleEnds", "channel_quality", "margin_events", "scale_ends", "top_of_scale"]

Mask = NDArray[np.bool_]

_SHARED = 2  # one event at an extreme value is only the extreme
_JUST_BELOW_RANGE = 0.99  # of $PnR; DiVa clips floats at $PnR - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelQuality:
    """Events of one column that are no ordinary measurement.

    Attributes:
        n_clipped: at the top of the column.
        n_at_floor: at the smallest value, if it is negative and shared.
        n_not_finite: NaN or infinite.
    """

    n_clipped: int
    n_at_floor: int
    n_not_finite: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleEnds:
    """Stored values at which a column's scale ends; None where it shows no end."""

    top: float | None
    floor: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Margins:
    top: Mask
    floor: Mask
    not_finite: Mask


def channel_quality(dataset: FcsDataset, columns: Sequence[int] | None = None) -> Iterator[ChannelQuality]:
    """Give the counts of some columns, or of all, in order, decoding one column at a time."""
    for column in range(len(dataset.channels)) if columns is None else columns:
        yield _counts(_margins(dataset, column))


def margin_events(dataset: FcsDataset, signals: Sequence[int], rules: MarginRules) -> QualityCheck:
    """Flag the events that stand at an end of at least one signal."""
    union = np.zeros(dataset.n_events, dtype=np.bool_)
    found: list[Json] = []
    names: list[str] = []
    n_not_finite = 0
    for column in signals:
        margins = _margins(dataset, column)
        union |= margins.top | margins.floor | margins.not_finite
        counts = _counts(margins)
        n_not_finite += counts.n_not_finite
        if counts.n_clipped or counts.n_at_floor or counts.n_not_finite:
            names.append(dataset.channels[column].name)
            found.append({"channel": names[-1], **_figures(counts)})
    sentence = f"Events stand at an end of the scale in {', '.join(names)}"
    return judged(
        "margin",
        code="MARGIN_EVENTS",
        mask=union,
        more_than_percent=rules.flag_more_than_percent,
        figures={"n_channels": len(signals), "channels": found},
        sentence=sentence if names else "No event stands at an end of the scale",
        flags=("NOT_FINITE_VALUES",) if n_not_finite else (),
    )


def top_of_scale(dataset: FcsDataset, column: int) -> Mask:
    """Tell which events (n_events,) stand at the top of one column."""
    return _margins(dataset, column).top


def _figures(counts: ChannelQuality) -> dict[str, Json]:
    return {
        "n_clipped": counts.n_clipped,
        "n_at_floor": counts.n_at_floor,
        "n_not_finite": counts.n_not_finite,
    }


def _counts(margins: _Margins) -> ChannelQuality:
    return ChannelQuality(
        n_clipped=int(np.count_nonzero(margins.top)),
        n_at_floor=int(np.count_nonzero(margins.floor)),
        n_not_finite=int(np.count_nonzero(margins.not_finite)),
    )


def scale_ends(dataset: FcsDataset, column: int, stored: NDArray[np.float64]) -> ScaleEnds:
    """Return where the scale of a column ends, by its declaration and its own stored values (n_events,)."""
    known = stored[np.isfinite(stored)]
    if not known.size:
        return ScaleEnds(top=None, floor=None)
    smallest = float(known.min())
    shared = smallest < 0.0 and np.count_nonzero(known == smallest) >= _SHARED
    return ScaleEnds(top=_top_value(dataset, column, known), floor=smallest if shared else None)


def _margins(dataset: FcsDataset, column: int) -> _Margins:
    stored = dataset.stored_columns([column])[0]
    finite = np.isfinite(stored)
    ends = scale_ends(dataset, column, stored)
    nowhere = np.zeros(stored.size, dtype=np.bool_)
    return _Margins(
        top=nowhere if ends.top is None else (stored >= ends.top) & finite,
        floor=nowhere if ends.floor is None else stored == ends.floor,
        not_finite=~finite,
    )


def _top_value(dataset: FcsDataset, column: int, known: NDArray[np.float64]) -> float | None:
    """Return the value from which on an event is clipped, None where the column has no top."""
    declared = dataset.channels[column].range
    if declared <= 0.0:
        return None
    if dataset.is_integer(column):
        return declared - 1.0
    highest = float(known.max())
    if not _JUST_BELOW_RANGE * declared <= highest < declared:
        return declared
    return highest if np.count_nonzero(known == highest) >= _SHARED else declared
