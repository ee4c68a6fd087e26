"""How many whole events, stored in which way, a DATA segment of a stated size holds.

$TOT, the segment's size and $PnB say the same thing three times. Where they agree to one byte, the segment is
read as declared. Otherwise it is read only if one reading remains, and with a flag: $TOT missing, the file
cut short, a $PnB that only one other width can replace, or values packed without regard to bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mrdkit.errors import InputError
from mrdkit.flow.channel import FcsWarning
from mrdkit.flow.fcs_layout import Storage, declared_storage, empty_layout, other_storages, packed_storage
from mrdkit.flow.fcs_parameters import Parameters

__all__ = ["Fit", "fit_events"]

_OFF_BY_ONE_NEEDS = 3  # bytes per event, below which a byte more or less is no longer clear


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A reading of a segment.

    Attributes:
        storage: how its events stand there.
        n_events: whole events.
        as_declared: nothing but a length off by one was repaired.
        warnings: each repair.
    """

    storage: Storage
    n_events: int
    as_declared: bool
    warnings: tuple[FcsWarning, ...] = ()

    @classmethod
    def empty(cls, parameters: Parameters) -> "Fit":
        """Return the reading of a data set without events, which may declare any width."""
        layout = empty_layout(parameters)
        any_width = Storage(encoding="plain", event_bits=8 * layout.event_bytes, layout=layout)
        return cls(storage=declared_storage(parameters) or any_width, n_events=0, as_declared=True)


def fit_events(parameters: Parameters, *, n_declared: int | None, size: int | None, available: int) -> Fit:
    """Return the whole events of a segment.

    Args:
        parameters: what an event consists of; not text of free width.
        n_declared: $TOT, None where absent.
        size: bytes of the segment as stated, None where its end is not.
        available: bytes from the segment's begin to the end of the data set.

    Raises:
        InputError: no reading, or more than one, agrees with what is declared.
    """
    if n_declared == 0 and (size is None or size <= 1):
        return Fit.empty(parameters)
    if not n_declared:
        return _counted(parameters, size, available)
    fit = _declared(parameters, n_declared, size) or _inferred(parameters, n_declared, size)
    whole = min(n_declared, 8 * available // fit.storage.event_bits)
    if whole == n_declared:
        return fit
    cut = FcsWarning(
        code="DATA_TRUNCATED",
        message=f"the file ends within its data: {whole} of {n_declared} declared events were read",
    )
    return Fit(storage=fit.storage, n_events=whole, as_declared=False, warnings=(*fit.warnings, cut))


def _counted(parameters: Parameters, size: int | None, available: int) -> Fit:
    storage = declared_storage(parameters)
    if size is None or storage is None:
        raise InputError(
            "neither the number of events nor the size of the data is declared",
            code="EVENTS_UNKNOWN",
            place="$TOT",
            expected="a number of events",
            remedy="export the file again from the cytometer",
        )
    width = storage.n_bytes(1)
    exclusive_end = width >= _OFF_BY_ONE_NEEDS and (size + 1) % width == 0 and available > size
    n_events = min(size + exclusive_end, available) // width
    warnings = [
        FcsWarning(
            code="TOT_MISSING", message=f"$TOT gives no number above 0; the data hold {n_events} whole events"
        )
    ]
    if size > available:
        warnings.append(FcsWarning(code="DATA_TRUNCATED", message="the file ends within its data"))
    return Fit(storage=storage, n_events=n_events, as_declared=False, warnings=tuple(warnings))


def _declared(parameters: Parameters, n_declared: int, size: int | None) -> Fit | None:
    storage = declared_storage(parameters)
    if storage is None:
        return None
    needed = storage.n_bytes(n_declared)
    if size is None:
        warning = FcsWarning(code="DATA_END_INFERRED", message="the end of the data was computed from $TOT")
        return Fit(storage=storage, n_events=n_declared, as_declared=False, warnings=(warning,))
    if not _nearly(size, needed):
        return None
    warning = FcsWarning(
        code="DATA_LENGTH_OFF_BY_ONE",
        message=f"the data segment is declared with {size} bytes, its events take {needed}",
    )
    return Fit(
        storage=storage, n_events=n_declared, as_declared=True, warnings=(warning,) if size != needed else ()
    )


def _inferred(parameters: Parameters, n_declared: int, size: int | None) -> Fit:
    near = [s for s in other_storages(parameters) if _nearly(size, s.n_bytes(n_declared))]
    packed = packed_storage(parameters)
    if packed is not None and _nearly(size, packed.n_bytes(n_declared)):
        _check_packed(parameters, packed, n_declared, size, near)
        message = f"values are packed without regard to bytes, {packed.event_bits} bits per event"
        warning = FcsWarning(code="BIT_PACKED", message=message)
        return Fit(storage=packed, n_events=n_declared, as_declared=True, warnings=(warning,))
    fitting = [s for s in near if size == s.n_bytes(n_declared)] or near
    if len(fitting) != 1:
        raise _contradiction(parameters, n_declared, size, fitting)
    warning = FcsWarning(
        code="WIDTH_INFERRED",
        message=f"$PnB contradicts the size of the data; {_widths(fitting[0])} bytes per value fit",
    )
    return Fit(storage=fitting[0], n_events=n_declared, as_declared=False, warnings=(warning,))


def _check_packed(
    parameters: Parameters, packed: Storage, n_declared: int, size: int | None, others: Sequence[Storage]
) -> None:
    """Refuse packed values unless the size proves that they are packed, and their order is defined."""
    if others:
        raise _contradiction(parameters, n_declared, size, [packed, *others])
    big_endian = parameters.byte_order.name == "big"
    if big_endian and size == packed.n_bytes(n_declared):
        return
    raise InputError(
        "values that are packed without regard to bytes are defined only for bytes in falling order, "
        "and only their exact size proves them",
        code="BIT_PACKED_UNSUPPORTED",
        place="$BYTEORD, $PnB",
        expected=f"$BYTEORD 4,3,2,1 and {packed.n_bytes(n_declared)} bytes",
        found=f"{size} bytes" if big_endian else "another byte order",
        remedy="export the file with whole bytes per value",
    )


def _nearly(size: int | None, needed: int) -> bool:
    return size is not None and abs(size - needed) <= 1


def _widths(storage: Storage) -> str:
    return ", ".join(str(width) for width in dict.fromkeys(column.width for column in storage.layout.columns))


def _contradiction(
    parameters: Parameters, n_declared: int, size: int | None, fitting: Sequence[Storage]
) -> InputError:
    declared = declared_storage(parameters)
    per_event = f"{declared.n_bytes(1)} bytes each" if declared else "a $PnB that is no whole number of bytes"
    return InputError(
        "the number of events, the bits per value and the size of the data contradict each other",
        code="DATA_LENGTH_CONFLICT",
        place="$TOT, $PnB, DATA",
        expected=f"{n_declared} events with {per_event}",
        found=f"{size} bytes, which {len(fitting)} other readings fit",
        remedy="export the file again from the cytometer",
    )
