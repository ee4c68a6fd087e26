"""Which class a nucleus belongs to, by its fusions (F), isolated 3' (T) and isolated 5' (C) signals.

T and C: split. T alone: the 5' side is lost, as in P2RY8::CRLF2. C alone: the 3' side is lost, atypical.
Neither: normal at two fusions, gain above, loss below. A weaker (dim) signal is a class of its own.
Source: project decision on CRLF2 break-apart FISH.
"""

from enum import StrEnum
from typing import NamedTuple

from mrdkit.fish.patterns import Pattern
from mrdkit.fish.probes import End

__all__ = ["PRECEDENCE", "NucleusSignals", "SignalClass", "classify_nucleus", "signals_of"]


class SignalClass(StrEnum):
    """Class of one nucleus; the value is the word in results and in CUTOFFS.toml."""

    NORMAL = "normal"
    SPLIT = "split"
    DEL5 = "del5"
    DEL3 = "del3"
    GAIN = "gain"
    LOSS = "loss"
    DIM = "dim"
    UNINTERPRETABLE = "uninterpretable"

    __hash__ = str.__hash__  # that of enumerations is slow, and every nucleus is looked up by its class


#: Abnormal classes in the order in which they give the primary call; each has its own cut-off.
PRECEDENCE = (SignalClass.SPLIT, SignalClass.DEL5, SignalClass.DEL3, SignalClass.GAIN, SignalClass.LOSS)

_ISOLATED = {
    (True, True): SignalClass.SPLIT,
    (True, False): SignalClass.DEL5,
    (False, True): SignalClass.DEL3,
}


class NucleusSignals(NamedTuple):
    """Signals of one nucleus by the ends of the gene."""

    fusions: int
    isolated_3prime: int
    isolated_5prime: int


def signals_of(pattern: Pattern, *, red: End) -> NucleusSignals:
    """Return a pattern by ends instead of colours; green marks the other end than red."""
    three, five = (pattern.red, pattern.green) if red == "3prime" else (pattern.green, pattern.red)
    return NucleusSignals(pattern.fused, three, five)


def classify_nucleus(signals: NucleusSignals, *, dim: bool, normal_fusions: int) -> SignalClass:
    """Return the class of one nucleus.

    >>> classify_nucleus(NucleusSignals(1, 1, 0), dim=False, normal_fusions=2)
    <SignalClass.DEL5: 'del5'>
    """
    fusions, three, five = signals
    if dim:
        return SignalClass.DIM
    if three or five:
        return _ISOLATED[bool(three), bool(five)]
    if fusions in (0, normal_fusions):
        return SignalClass.NORMAL if fusions else SignalClass.UNINTERPRETABLE
    return SignalClass.GAIN if fusions > normal_fusions else SignalClass.LOSS
