"""The bytes of a DATA segment -> events that the kernels can read.

Plain bytes stay a view of the file. What is stored otherwise is turned into plain bytes once. A storage that
contradicts $PnB is kept only if the values then look measured: a wrong $TOT makes a size that fits it too.
"""

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.channel import FcsWarning
from mrdkit.flow.decode import ColumnFormat, Layout, PackedEvents
from mrdkit.flow.fcs_ascii import delimited_values, fixed_width_values
from mrdkit.flow.fcs_fit import Fit
from mrdkit.flow.fcs_parameters import Parameters
from mrdkit.flow.fcs_plain import reordered, unpacked
from mrdkit.flow.fcs_plausibility import misread_fraction

__all__ = ["free_text_events", "stored_events"]

_MOST_MISREAD = 0.2  # fraction of the values of an inferred width


def stored_events(
    raw: NDArray[np.uint8], fit: Fit, parameters: Parameters
) -> tuple[PackedEvents, tuple[FcsWarning, ...]]:
    """Return the events of a segment and the doubts about their values.

    Args:
        raw: exactly the bytes of the events.
        fit: how they are stored.
        parameters: what an event consists of.

    Raises:
        InputError: a value is no number, or an inferred storage gives no measured values.
    """
    layout = fit.storage.layout
    if fit.storage.encoding == "text":
        values = fixed_width_values(raw, [channel.bits for channel in parameters.channels])
        return _kept(values), _decimals(raw)
    if fit.storage.encoding == "packed":
        raw = unpacked(raw, layout, [channel.bits for channel in parameters.channels], fit.n_events)
    elif parameters.byte_order.mixed:
        raw = reordered(raw, layout, parameters.byte_order.mixed)
    events = PackedEvents(raw=raw, n_events=fit.n_events, layout=layout)
    inferred = any(warning.code == "WIDTH_INFERRED" for warning in fit.warnings)
    if inferred and misread_fraction(events) > _MOST_MISREAD:
        raise InputError(
            "the size of the data contradicts $TOT and $PnB; the width that fits gives values beyond $PnR",
            code="DATA_LENGTH_CONFLICT",
            place="$TOT, $PnB, DATA",
            remedy="export the file again from the cytometer",
        )
    return events, ()


def free_text_events(
    raw: NDArray[np.uint8], n_events: int, n_channels: int
) -> tuple[PackedEvents, tuple[FcsWarning, ...]]:
    """Return events written as text of free width, and the doubts about their values.

    Raises:
        InputError: a value is no number.
    """
    return _kept(delimited_values(raw, n_events, n_channels)), _decimals(raw)


def _kept(values: NDArray[np.float64]) -> PackedEvents:
    column = ColumnFormat(number="D", width=8)
    layout = Layout(columns=(column,) * values.shape[1], big_endian=False)
    raw = values.astype("<f8", copy=False).reshape(-1).view(np.uint8)
    return PackedEvents(raw=raw, n_events=len(values), layout=layout)


def _decimals(raw: NDArray[np.uint8]) -> tuple[FcsWarning, ...]:
    if not (raw == ord(".")).any():
        return ()
    message = "values written as text have decimals, which the standard does not know"
    return (FcsWarning(code="TEXT_DECIMALS", message=message),)
