"""Display scales of Gating-ML 2.0 and of FlowJo: values that turn data into coordinates, and back.

T is the top of scale in data units, M the decades, W the linearisation width and A the additional negative
decades. A value without a finite coordinate (NaN, infinity, the logarithm of zero or less) becomes NaN or
infinite and so lies outside every gate. Source: Gating-ML 2.0, sections 6.2 to 6.5; FlowJo 10 workspaces.
"""

from abc import ABC, abstractmethod
from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.flow.biex import CHANNELS, biex_table
from mrdkit.flow.scale_curve import ScaleCurve, asinh_curve, from_display, hyperlog_curve, logicle_curve
from mrdkit.flow.scale_form import ScaleCode, ScaleForm, display

__all__ = ["Asinh", "Biex", "FlowJoLog", "Hyperlog", "Linear", "Log", "Logicle", "Transform"]

F64 = NDArray[np.float64]


class _Scale(ABC):
    """What every scale can do."""

    __slots__ = ()

    @abstractmethod
    def form(self) -> ScaleForm:
        """Return the scale as the kernels read it."""

    @abstractmethod
    def inverse(self, coordinates: F64) -> F64:
        """Return the data values of display coordinates."""

    def apply(self, values: F64) -> F64:
        """Return display coordinates of the values' shape; not finite where a value has none."""
        return display(values, self.form())


class _CurvedScale(_Scale):
    """A scale that is solved exactly and read from a table."""

    __slots__ = ()

    @abstractmethod
    def curve(self) -> ScaleCurve:
        """Return the solved curve."""

    def __post_init__(self) -> None:
        """Refuse parameters that define no scale."""
        self.curve()

    def form(self) -> ScaleForm:
        """Return the scale as the kernels read it."""
        return self.curve().form()

    def inverse(self, coordinates: F64) -> F64:
        """Return the data values of display coordinates; NaN where there is no finite one."""
        return from_display(coordinates, self.curve())


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Logicle(_CurvedScale):
    """Linear around zero, logarithmic above, mirrored below; T maps to 1."""

    kind: Literal["logicle"] = "logicle"
    T: float
    W: float
    M: float
    A: float

    def curve(self) -> ScaleCurve:
        """Return the solved curve."""
        return logicle_curve(t=self.T, w=self.W, m=self.M, a=self.A)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Hyperlog(_CurvedScale):
    """As logicle, with a linear term in place of the negative exponential; W must be above 0."""

    kind: Literal["hyperlog"] = "hyperlog"
    T: float
    W: float
    M: float
    A: float

    def curve(self) -> ScaleCurve:
        """Return the solved curve."""
        return hyperlog_curve(t=self.T, w=self.W, m=self.M, a=self.A)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Asinh(_CurvedScale):
    """(asinh(x sinh(M ln 10) / T) + A ln 10) / ((M + A) ln 10)."""

    kind: Literal["asinh"] = "asinh"
    T: float
    M: float
    A: float

    def curve(self) -> ScaleCurve:
        """Return the solved curve."""
        return asinh_curve(t=self.T, m=self.M, a=self.A)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Log(_Scale):
    """log10(x / T) / M + 1; NaN where x is not positive."""

    kind: Literal["log"] = "log"
    T: float
    M: float

    def __post_init__(self) -> None:
        """Refuse parameters that define no scale."""
        _require("T > 0, M > 0", self, holds=self.T > 0.0 and self.M > 0.0)

    def form(self) -> ScaleForm:
        """Return the scale as the kernels read it."""
        return ScaleForm(code=ScaleCode.LOG, constants=np.array([self.T, self.M]))

    def inverse(self, coordinates: F64) -> F64:
        """Return the data values of display coordinates."""
        with np.errstate(over="ignore"):
            return np.asarray(self.T * 10.0 ** ((np.asarray(coordinates) - 1.0) * self.M))


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Linear(_Scale):
    """(x + A) / (T + A)."""

    kind: Literal["linear"] = "linear"
    T: float
    A: float

    def __post_init__(self) -> None:
        """Refuse parameters that define no scale."""
        _require("T > 0, 0 <= A <= T", self, holds=self.T > 0.0 and 0.0 <= self.A <= self.T)

    def form(self) -> ScaleForm:
        """Return the scale as the kernels read it."""
        return ScaleForm(code=ScaleCode.STRAIGHT, constants=np.array([self.A, self.T + self.A]))

    def inverse(self, coordinates: F64) -> F64:
        """Return the data values of display coordinates."""
        return np.asarray(np.asarray(coordinates) * (self.T + self.A) - self.A)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Biex(_Scale):
    """FlowJo's biexponential scale, from 0 to 4096; a value beyond the scale stands at its end."""

    kind: Literal["biex"] = "biex"
    top: float
    positive: float
    negative: float
    width: float

    def __post_init__(self) -> None:
        """Refuse parameters that define no scale."""
        self.form()

    def form(self) -> ScaleForm:
        """Return the scale as the kernels read it: the data values of coordinates 0, 1 ... 4096."""
        table = biex_table(top=self.top, positive=self.positive, negative=self.negative, width=self.width)
        return ScaleForm(code=ScaleCode.BETWEEN, constants=table)

    def inverse(self, coordinates: F64) -> F64:
        """Return the data values of display coordinates; NaN where a coordinate is not finite."""
        found = np.interp(coordinates, np.arange(CHANNELS + 1.0), self.form().constants)
        return np.where(np.isfinite(coordinates), found, np.nan)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class FlowJoLog(_Scale):
    """log10(max(x, offset) / offset) / decades: FlowJo's logarithm, which piles low values up at 0."""

    kind: Literal["flowjo_log"] = "flowjo_log"
    offset: float
    decades: float

    def __post_init__(self) -> None:
        """Refuse parameters that define no scale."""
        _require("offset > 0, decades > 0", self, holds=self.offset > 0.0 and self.decades > 0.0)

    def form(self) -> ScaleForm:
        """Return the scale as the kernels read it."""
        return ScaleForm(code=ScaleCode.PILED_LOG, constants=np.array([self.offset, self.decades]))

    def inverse(self, coordinates: F64) -> F64:
        """Return the data values of display coordinates."""
        with np.errstate(over="ignore"):
            return np.asarray(self.offset * 10.0 ** (np.asarray(coordinates) * self.decades))


Transform: TypeAlias = Annotated[
    Logicle | Hyperlog | Asinh | Log | Linear | Biex | FlowJoLog, Field(discriminator="kind")
]


def _require(condition: str, found: object, *, holds: bool) -> None:
    if not holds:
        raise ValueError(f"the scale needs {condition}; got {found}")
