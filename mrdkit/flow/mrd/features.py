"""The features that a phenotype is described by: compensated values on a display scale, in decades.

One unit is one decade at the top of the scale; towards zero a scale becomes linear and a decade of intensity
covers less. `sensitivity` says how much: 1 at the top, 0 at zero.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import RuleError
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.strategy import Dimension
from mrdkit.flow.transforms import Asinh, Hyperlog, Log, Logicle, Transform

__all__ = ["Feature", "features_of"]

F64 = NDArray[np.float64]

_STEP = 0.01  # decades; of the difference that stands for a slope


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One axis of a panel as a feature.

    Attributes:
        name: name of the axis in the panel.
        dimension: the axis itself, display scale included.
        unit: display units of one decade at the top of the scale.
    """

    name: str
    dimension: Dimension
    unit: float

    @property
    def transform(self) -> Transform:
        """The display scale."""
        assert self.dimension.transform is not None  # noqa: S101  # checked by the panel
        return self.dimension.transform

    @property
    def unscaled(self) -> Dimension:
        """The axis without its display scale."""
        return replace(self.dimension, transform=None)

    def decades(self, values: F64, shift: float = 0.0) -> F64:
        """Return coordinates in decades of (n,) compensated values whose intensity is lowered by `shift`."""
        return self.transform.apply(values * 10.0**-shift) / self.unit

    def sensitivity(self, decades: float) -> float:
        """Return by how many units a coordinate moves per decade of intensity."""
        value = self.transform.inverse(np.array([decades * self.unit]))
        low, high = self.decades(value, _STEP)[0], self.decades(value, -_STEP)[0]
        return float(abs(high - low) / (2.0 * _STEP))

    def offset_error(self, decades: float, of_top: float) -> float:
        """Return by how many units a coordinate moves when its value errs by a share of the top of scale."""
        value = self.transform.inverse(np.array([decades * self.unit]))
        error = of_top * self.transform.inverse(np.array([1.0]))
        low, high = self.decades(value - 0.5 * error)[0], self.decades(value + 0.5 * error)[0]
        return float(high - low) if np.isfinite(low) else float(abs(decades))


def features_of(panel: Panel) -> tuple[Feature, ...]:
    """Return the features of a panel that detects by phenotype, in its order.

    Raises:
        RuleError: a feature's scale has no decades.
    """
    rules = panel.rule.detection
    return () if rules is None else tuple(_feature(name, panel.axes[name]) for name in rules.features)


def _feature(name: str, dimension: Dimension) -> Feature:
    match dimension.transform:
        case Logicle(T=top) | Hyperlog(T=top) | Asinh(T=top) | Log(T=top):
            low, high = dimension.transform.apply(np.array([top / 10.0, top]))
            return Feature(name=name, dimension=dimension, unit=float(high - low))
        case _:
            raise RuleError(
                "the scale of a feature has no decades",
                code="FEATURE_WITHOUT_DECADES",
                place=f"axis {name}",
                expected="logicle, hyperlog, asinh or log",
            )
