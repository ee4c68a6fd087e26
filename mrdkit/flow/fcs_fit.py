"""How many whole events of which layout a DATA segment of a stated size holds.

$TOT, the segment's size and $PnB say the same thing three times. Where they agree to one byte, the segment is
read as declared. Otherwise it is read only if one reading remains, and with a flag: $TOT missing, the file
cut short, or a $PnB that only one other width can replace.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mrdkit.errors import InputError
from mrdkit.flow.channel import FcsWarning
from mrdkit.flow.decode import ColumnFormat, Layout
from mrdkit.flow.fcs_layout import declared_layout, other_layouts, packed_bits
from mrdkit.flow.fcs_parameters import Parameters

__all__ = ["Fit", "fit_events"]

_OFF_BY_ONE_NEEDS = 3  # bytes per event, below which a byte more or less is no longer clear


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A reading of a segment: `as_declared` where nothing but a length off by one was repaired."""

    layout: Layout
    n_events: int
    as_declared: bool
    warnings: tuple[FcsWarning, ...] = ()

    @classmethod
    def empty(cls, parameters: Parameters) -> "Fit":
        """Return the reading of a data set without events, which may declare any width."""
        widest = tuple(ColumnFormat(number="D", width=8) for _ in parameters.channels)
        layout = declared_layout(parameters) or Layout(columns=widest, big_endian=False)
        return cls(layout=layout, n_events=0, as_declared=True)


def fit_events(parameters: Parameters, *, n_declared: int | None, size: int | None, available: int) -> Fit:
    """Return the whole events of a segment.

    Args:
        parameters: what an event consists of.
        n_declared: $TOT, None where absent.
        size: bytes of the segment as stated, None where its end is not.
        available: bytes from the segment's begin to the end of the file.

    Raises:
        InputError: no reading, or more than one, agrees with what is declared.
    """
    if n_declared == 0 and (size is None or size <= 1):
        return Fit.empty(parameters)
    if not n_declared:
        return _counted(parameters, size, available)
    fit = _declared(parameters, n_declared, size) or _inferred(parameters, n_declared, size)
    whole = min(n_declared, max(available, 0) // fit.layout.event_bytes)
    if whole == n_declared:
        return fit
    cut = FcsWarning(
        code="DATA_TRUNCATED",
        message=f"the file ends within its data: {whole} of {n_declared} declared events were read",
    )
    return Fit(layout=fit.layout, n_events=whole, as_declared=False, warnings=(*fit.warnings, cut))


def _counted(parameters: Parameters, size: int | None, available: int) -> Fit:
    layout = declared_layout(parameters)
    if size is None or layout is None:
        raise InputError(
            "neither the number of events nor the size of the data is declared",
            code="EVENTS_UNKNOWN",
            place="$TOT",
            expected="a number of events",
            remedy="export the file again from the cytometer",
        )
    width = layout.event_bytes
    exclusive_end = width >= _OFF_BY_ONE_NEEDS and (size + 1) % width == 0 and available > size
    n_events = min(size + exclusive_end, available) // width
    warnings = [
        FcsWarning(code="TOT_MISSING", message=f"$TOT is missing or 0; the data hold {n_events} whole events")
    ]
    if size > available:
        warnings.append(FcsWarning(code="DATA_TRUNCATED", message="the file ends within its data"))
    return Fit(layout=layout, n_events=n_events, as_declared=False, warnings=tuple(warnings))


def _declared(parameters: Parameters, n_declared: int, size: int | None) -> Fit | None:
    layout = declared_layout(parameters)
    if layout is None:
        return None
    needed = n_declared * layout.event_bytes
    if size is None:
        warning = FcsWarning(code="DATA_END_INFERRED", message="the end of the data was computed from $TOT")
        return Fit(layout=layout, n_events=n_declared, as_declared=False, warnings=(warning,))
    if abs(size - needed) > 1:
        return None
    warning = FcsWarning(
        code="DATA_LENGTH_OFF_BY_ONE",
        message=f"the data segment is declared with {size} bytes, its events take {needed}",
    )
    return Fit(
        layout=layout, n_events=n_declared, as_declared=True, warnings=(warning,) if size != needed else ()
    )


def _inferred(parameters: Parameters, n_declared: int, size: int | None) -> Fit:
    declared = declared_layout(parameters)
    packed = packed_bits(parameters)
    if packed is not None and size is not None and abs(size + (-n_declared * packed // 8)) <= 1:
        raise InputError(
            "values that are packed without regard to bytes are not supported",
            code="BIT_PACKED_UNSUPPORTED",
            place="$PnB",
            expected="8, 16, 24, 32 or 64 bits per parameter",
            remedy="export the file with whole bytes per value",
        )
    others = other_layouts(parameters)
    exact = [layout for layout in others if size == n_declared * layout.event_bytes]
    fitting = exact or [
        layout for layout in others if size is not None and abs(size - n_declared * layout.event_bytes) <= 1
    ]
    if len(fitting) != 1:
        raise _contradiction(n_declared, size, declared, fitting)
    warning = FcsWarning(
        code="WIDTH_INFERRED",
        message=f"$PnB contradicts the size of the data; {_widths(fitting[0])} bytes per value fit",
    )
    return Fit(layout=fitting[0], n_events=n_declared, as_declared=False, warnings=(warning,))


def _widths(layout: Layout) -> str:
    return ", ".join(str(width) for width in dict.fromkeys(column.width for column in layout.columns))


def _contradiction(
    n_declared: int, size: int | None, declared: Layout | None, fitting: Sequence[Layout]
) -> InputError:
    per_event = (
        f"{declared.event_bytes} bytes each" if declared else "a $PnB that is no whole number of bytes"
    )
    return InputError(
        "the number of events, the bits per value and the size of the data contradict each other",
        code="DATA_LENGTH_CONFLICT",
        place="$TOT, $PnB, DATA",
        expected=f"{n_declared} events with {per_event}",
        found=f"{size} bytes, which {len(fitting)} other widths fit",
        remedy="export the file again from the cytometer",
    )
