"""One parameter of a data set, and the flags that travel with the data."""

from dataclasses import dataclass

__all__ = ["Channel", "FcsWarning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One parameter.

    Attributes:
        index: n of $PnN, from 1.
        name: $PnN, a repeated one with `_2`, `_3` ... behind it.
        label: $PnS, empty where the file has none.
        bits: $PnB.
        range: $PnR.
        amplification: $PnE as (decades, value at zero).
        gain: $PnG, None where absent or not a number.
    """

    index: int
    name: str
    label: str
    bits: int
    range: float
    amplification: tuple[float, float]
    gain: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FcsWarning:
    """A repair or a doubt that travels with the data: a stable code and a sentence."""

    code: str
    message: str
