"""Display scales of Gating-ML 2.0: logicle, asinh, log and linear, as values that turn data into coordinates.

T is the top of scale in data units, M the decades, W the linearisation width and A the additional negative
decades. A value without a finite coordinate (NaN, infinity, the logarithm of zero or less) becomes NaN or
infinite and so lies outside every gate. Source: Gating-ML 2.0, sections 6.2 to 6.5.
"""

import math
from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.flow.logicle import logicle, logicle_curve

__all__ = ["Asinh", "Linear", "Log", "Logicle", "Transform"]

F64 = NDArray[np.float64]

_LN10 = math.log(10.0)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Logicle:
    """Linear around zero, logarithmic above, mirrored below; T maps to 1."""

    kind: Literal["logicle"] = "logicle"
    T: float
    W: float
    M: float
    A: float

    def __post_init__(self) -> None:
        """Refuse parameters that define no scale."""
        logicle_curve(t=self.T, w=self.W, m=self.M, a=self.A)

    def apply(self, values: F64) -> F64:
        """Return display coordinates of the values' shape."""
        return logicle(values, logicle_curve(t=self.T, w=self.W, m=self.M, a=self.A))


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Asinh:
    """(asinh(x sinh(M ln 10) / T) + A ln 10) / ((M + A) ln 10)."""

    kind: Literal["asinh"] = "asinh"
    T: float
    M: float
    A: float

    def __post_init__(self) -> None:
        """Refuse parameters that define no scale."""
        holds = self.T > 0.0 and self.M > 0.0 and 0.0 <= self.A <= self.M
        _require("T > 0, M > 0, 0 <= A <= M", self, holds=holds)

    def apply(self, values: F64) -> F64:
        """Return display coordinates of the values' shape."""
        scaled = np.arcsinh(values * (math.sinh(self.M * _LN10) / self.T))
        return np.asarray((scaled + self.A * _LN10) / ((self.M + self.A) * _LN10))


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Log:
    """log10(x / T) / M + 1; only for positive x."""

    kind: Literal["log"] = "log"
    T: float
    M: float

    def __post_init__(self) -> None:
        """Refuse parameters that define no scale."""
        _require("T > 0, M > 0", self, holds=self.T > 0.0 and self.M > 0.0)

    def apply(self, values: F64) -> F64:
        """Return display coordinates of the values' shape; NaN where x is not positive."""
        positive = np.where(values > 0.0, values, np.nan)
        return np.asarray(np.log10(positive / self.T) / self.M + 1.0)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Linear:
    """(x + A) / (T + A)."""

    kind: Literal["linear"] = "linear"
    T: float
    A: float

    def __post_init__(self) -> None:
        """Refuse parameters that define no scale."""
        _require("T > 0, 0 <= A <= T", self, holds=self.T > 0.0 and 0.0 <= self.A <= self.T)

    def apply(self, values: F64) -> F64:
        """Return display coordinates of the values' shape."""
        return np.asarray((values + self.A) / (self.T + self.A))


Transform: TypeAlias = Annotated[Logicle | Asinh | Log | Linear, Field(discriminator="kind")]


def _require(condition: str, found: object, *, holds: bool) -> None:
    if not holds:
        raise ValueError(f"the scale needs {condition}; got {found}")
