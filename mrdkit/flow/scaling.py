"""Numbers in the file -> linear values: amplification, gain, and Time in seconds.

Source: FCS 3.1. $PnE f1,f2 with f1 > 0, integer data only: f2 * 10**(f1 * x / $PnR), f2 = 0 being read as 1.
Otherwise x / $PnG. Time: x * $TIMESTEP, whatever its $PnG; without $TIMESTEP it stays as stored.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.channel import Channel, FcsWarning
from mrdkit.flow.fcs_keywords import real_number

__all__ = ["is_log_amplified", "is_time", "scale", "scale_warnings"]


def is_time(channel: Channel, text: Mapping[str, str]) -> bool:
    """Tell whether a parameter is the acquisition time, by $PnN or by $PnTYPE of FCS 3.2."""
    name = text.get(f"$P{channel.index}N", channel.name)
    kind = text.get(f"$P{channel.index}TYPE", "")
    return "time" in (name.strip().casefold(), kind.strip().casefold())


def is_log_amplified(channel: Channel, *, integer: bool) -> bool:
    """Tell whether a parameter's numbers are logarithms."""
    return integer and channel.amplification[0] > 0


def scale(values: NDArray[np.float64], channel: Channel, text: Mapping[str, str], *, integer: bool) -> None:
    """Turn one column of stored numbers (n_events,) into linear values, in place.

    A value too large for float64 becomes infinite.
    """
    with np.errstate(over="ignore"):
        if is_time(channel, text):
            values *= _time_step(text) or 1.0
        elif is_log_amplified(channel, integer=integer):
            decades, at_zero = channel.amplification
            values[:] = (at_zero or 1.0) * 10.0 ** (decades * values / channel.range)
        elif channel.gain not in {None, 1.0}:
            values /= channel.gain


def scale_warnings(
    channels: Iterable[tuple[Channel, bool]], text: Mapping[str, str]
) -> tuple[FcsWarning, ...]:
    """Return what scaling leaves undone at Time; each channel comes with whether it is integer."""
    warnings = []
    for channel, integer in channels:
        if not is_time(channel, text):
            continue
        if _time_step(text) is None:
            message = "$TIMESTEP is missing or no number above 0; Time is not in seconds but as stored"
            warnings.append(FcsWarning(code="TIMESTEP_MISSING", message=message))
        if channel.gain not in {None, 1.0}:
            message = f"$P{channel.index}G of Time was not applied; $TIMESTEP is its unit"
            warnings.append(FcsWarning(code="TIME_GAIN_IGNORED", message=message))
        if is_log_amplified(channel, integer=integer):
            message = f"$P{channel.index}E of Time was not applied; Time is linear"
            warnings.append(FcsWarning(code="TIME_AMPLIFICATION_IGNORED", message=message))
    return tuple(dict.fromkeys(warnings))


def _time_step(text: Mapping[str, str]) -> float | None:
    step = real_number(text.get("$TIMESTEP"))
    return step if step is not None and step > 0 else None
