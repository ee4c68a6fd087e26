"""Faults of FlowIO and fcsparser that are known, and the data sets in which they give other numbers.

A fault explains a difference only where the data set has what triggers it and, for a fault that touches
single columns, where no other column differs. Source: reading both packages; FlowIO 1.4.0, fcsparser 0.2.4.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.decode import Layout, PackedEvents
from mrdkit.flow.fcs_keywords import whole_number

__all__ = ["Fault", "known_fault"]

F64 = NDArray[np.float64]

_SMALLEST_RANGE = 2.0
_UNPADDED = 3  # bytes of a 24-bit integer
_LENGTH_REPAIRS = frozenset(
    ("DATA_TRUNCATED", "TOT_MISSING", "DATA_LENGTH_OFF_BY_ONE", "DATA_END_INFERRED", "WIDTH_INFERRED")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A difference to explain: both matrices (n_events, n_channels) and the columns that differ."""

    dataset: FcsDataset
    ours: F64
    theirs: F64
    different: Sequence[int]

    @property
    def repairs(self) -> set[str]:
        """Codes of what our reader had to repair."""
        return {warning.code for warning in self.dataset.warnings}

    @property
    def layout(self) -> Layout | None:
        """Where each column stands, None where the events are not stored column by column."""
        return self.dataset.events.layout if isinstance(self.dataset.events, PackedEvents) else None

    def only_in(self, columns: Sequence[int]) -> bool:
        """Tell whether both have the same events and differ in some of these columns alone."""
        return self.ours.shape == self.theirs.shape and set(self.different) <= set(columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A known fault: its code, what it does in one sentence, and whether it explains a case."""

    code: str
    sentence: str
    readers: tuple[str, ...]
    explains: Callable[[_Case], bool]


def known_fault(
    reader: str, dataset: FcsDataset, *, ours: F64, theirs: F64, different: Sequence[int]
) -> Fault | None:
    """Return the fault of a reader that explains a difference, None where none does.

    Args:
        reader: its name.
        dataset: as mrdkit read it.
        ours: stored numbers, (n_events, n_channels).
        theirs: those of the reader, of any shape.
        different: columns, from 0, in which they differ.
    """
    case = _Case(dataset=dataset, ours=ours, theirs=theirs, different=different)
    return next((fault for fault in _FAULTS if reader in fault.readers and fault.explains(case)), None)


def _types_ignored(case: _Case) -> bool:
    """Tell whether columns of a type of their own differ alone, or DATA was read as one type throughout."""
    events = case.dataset.events
    if case.dataset.data_type != "mixed" or not isinstance(events, PackedEvents):
        return False
    stated = case.dataset.text.get("$DATATYPE", "").strip().upper()
    if case.only_in([i for i, column in enumerate(events.layout.columns) if column.number != stated]):
        return True
    size = {"F": 4, "D": 8}.get(stated, 0)
    if not size or case.theirs.size * size > events.raw.size:
        return False
    dtype = np.dtype(f"{'>' if events.layout.big_endian else '<'}f{size}")
    throughout = events.raw[: case.theirs.size * size].view(dtype)
    return np.array_equal(throughout.astype(np.float64), case.theirs.ravel(), equal_nan=True)


def _other_place(case: _Case) -> bool:
    return "OFFSET_CONFLICT" in case.repairs


def _placed_by_header_only(case: _Case) -> bool:
    stated = [whole_number(case.dataset.text.get(key)) for key in ("$BEGINDATA", "$ENDDATA")]
    return not any(stated) and case.theirs.size == 0


def _length_trusted(case: _Case) -> bool:
    return bool(case.repairs & _LENGTH_REPAIRS)


def _all_bits_masked(case: _Case) -> bool:
    unusable = [
        position
        for position, channel in enumerate(case.dataset.channels)
        if channel.range < _SMALLEST_RANGE and case.dataset.is_integer(position)
    ]
    return case.only_in(unusable) and not case.theirs[:, case.different].any()


def _mask_of_float(case: _Case) -> bool:
    """Tell whether only columns differ whose $PnR takes as many bits as they have, or more."""
    if case.layout is None:
        return False
    full = [
        position
        for position, (channel, column) in enumerate(
            zip(case.dataset.channels, case.layout.columns, strict=True)
        )
        if column.number == "I" and channel.range >= 2.0 ** (8 * column.width)
    ]
    return case.only_in(full)


def _24_bits_padded(case: _Case) -> bool:
    """Tell whether 24-bit integers are there that are little endian, or stand behind another one."""
    if case.layout is None:
        return False
    narrow = [
        position
        for position, column in enumerate(case.layout.columns)
        if column.number == "I" and column.width == _UNPADDED
    ]
    misplaced = not case.layout.big_endian or len(narrow) < len(case.layout.columns)
    return bool(narrow) and misplaced and case.ours.shape == case.theirs.shape


_BOTH = ("flowio", "fcsparser")
_FAULTS = (
    Fault(
        code="PARAMETER_TYPES_IGNORED",
        sentence="it ignores $PnDATATYPE and reads every column as $DATATYPE",
        readers=_BOTH,
        explains=_types_ignored,
    ),
    Fault(
        code="OFFSETS_TRUSTED",
        sentence="it takes the place of DATA from HEADER or TEXT alone, and here they contradict each other",
        readers=_BOTH,
        explains=_other_place,
    ),
    Fault(
        code="ZERO_OFFSETS_TRUSTED",
        sentence="it reads nothing where $BEGINDATA and $ENDDATA are 0, although HEADER places DATA",
        readers=("flowio",),
        explains=_placed_by_header_only,
    ),
    Fault(
        code="LENGTH_TRUSTED",
        sentence="it does not notice that $TOT, $PnB and the size of DATA contradict each other",
        readers=_BOTH,
        explains=_length_trusted,
    ),
    Fault(
        code="RANGE_BELOW_TWO_MASKED",
        sentence="it masks every bit of a column whose $PnR is below 2",
        readers=_BOTH,
        explains=_all_bits_masked,
    ),
    Fault(
        code="MASK_OF_FULL_WIDTH",
        sentence="its mask of a column whose $PnR fills or exceeds $PnB overflows",
        readers=("fcsparser",),
        explains=_mask_of_float,
    ),
    Fault(
        code="THREE_BYTES_PADDED_IN_FRONT",
        sentence="it pads 24-bit integers as if they were big endian and stood alone",
        readers=("fcsparser",),
        explains=_24_bits_padded,
    ),
)
