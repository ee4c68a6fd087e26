"""Numbers in the file -> linear values: amplification, gain, and Time in seconds.

Source: FCS 3.1. $PnE f1,f2 with f1 > 0, integer data only: f2 * 10**(f1 * x / $PnR), f2 = 0 being read as 1.
Otherwise x / $PnG. Time: x * $TIMESTEP, whatever its $PnG; without $TIMESTEP it stays as stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit._ext import scaling as kernel
from mrdkit.flow.channel import Channel, FcsWarning
from mrdkit.flow.fcs_keywords import real_number

__all__ = ["Scaling", "is_log_amplified", "is_time", "scale", "scale_warnings", "scaling_of", "unscaled"]

# The kernel's modes.
_MULTIPLY, _DIVIDE, _AMPLIFY = 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """What turns one column's stored numbers x into linear values.

    Attributes:
        mode: 0 nothing, 1 x * c0, 2 x / c0, 3 c0 * 10 ** (c1 * x / c2).
        constants: c0, c1 ...
    """

    mode: int
    constants: tuple[float, ...]


_UNCHANGED = Scaling(mode=0, constants=())


def is_time(channel: Channel, text: Mapping[str, str]) -> bool:
    """Tell whether a parameter is the acquisition time, by $PnN or by $PnTYPE of FCS 3.2."""
    name = text.get(f"$P{channel.index}N", channel.name)
    kind = text.get(f"$P{channel.index}TYPE", "")
    return "time" in (name.strip().casefold(), kind.strip().casefold())


def is_log_amplified(channel: Channel, *, integer: bool) -> bool:
    """Tell whether a parameter's numbers are logarithms."""
    return integer and channel.amplification[0] > 0


def scaling_of(channel: Channel, text: Mapping[str, str], *, integer: bool) -> Scaling:
    """Return how a channel's stored numbers become linear values."""
    if is_time(channel, text):
        step = _time_step(text)
        return Scaling(mode=_MULTIPLY, constants=(step,)) if step is not None else _UNCHANGED
    if is_log_amplified(channel, integer=integer):
        decades, at_zero = channel.amplification
        return Scaling(mode=_AMPLIFY, constants=(at_zero or 1.0, decades, channel.range))
    if channel.gain is not None and channel.gain != 1.0:
        return Scaling(mode=_DIVIDE, constants=(channel.gain,))
    return _UNCHANGED


def scale(values: NDArray[np.float64], channel: Channel, text: Mapping[str, str], *, integer: bool) -> None:
    """Turn one column of stored numbers (n_events,) into linear values, in place.

    A value too large for float64 becomes infinite.
    """
    scaling = scaling_of(channel, text, integer=integer)
    if scaling.mode:
        kernel.to_linear(values, scaling.mode, np.array(scaling.constants))


def unscaled(
    values: NDArray[np.float64], channel: Channel, text: Mapping[str, str], *, integer: bool
) -> NDArray[np.float64]:
    """Return the stored numbers of linear values (n_events,): the opposite of `scale`, whole where integer.

    Raises:
        ValueError: the channel stores logarithms, which negative values do not have.
    """
    scaling = scaling_of(channel, text, integer=integer)
    if scaling.mode == _AMPLIFY:
        raise ValueError(f"channel {channel.name} stores logarithms")
    stored = values * scaling.constants[0] if scaling.mode == _DIVIDE else values
    if scaling.mode == _MULTIPLY:
        stored = values / scaling.constants[0]
    return np.asarray(np.rint(stored) if integer else stored)


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
