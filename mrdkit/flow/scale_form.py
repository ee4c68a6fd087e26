"""A display scale as the kernels read it: a code and its numbers. One code path for events and for bounds.

An event and a bound that are the same number must get the same coordinate, so nothing else computes one.
"""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from mrdkit._ext import scales as kernel

__all__ = ["ScaleCode", "ScaleForm", "display"]

F64 = NDArray[np.float64]


class ScaleCode(IntEnum):
    """How the kernels compute a coordinate y from a value x and constants k.

    CURVE: the curve of `mrdkit.flow.scale_curve`. LOG: log10(x / k0) / k1 + 1. STRAIGHT: (x + k0) / k1.
    BETWEEN: straight lines between places 0, 1 ... whose values are k.
    PILED_LOG: log10(max(x, k0) / k0) / k1.
    """

    CURVE = 4
    LOG = 5
    STRAIGHT = 6
    BETWEEN = 7
    PILED_LOG = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScaleForm:
    """A code and its constants."""

    code: ScaleCode
    constants: F64 = field(repr=False)


def display(values: F64, form: ScaleForm, out: F64 | None = None) -> F64:
    """Return display coordinates of the values' shape; not finite where a value has none.

    Args:
        values: data, any shape.
        form: the scale.
        out: contiguous float64 array of the values' shape to fill, in place of a new one.

    Raises:
        ValueError: `out` does not fit.
    """
    flat = np.ascontiguousarray(values, dtype=np.float64).reshape(-1)
    if out is None:
        out = np.empty(np.shape(values))
    if out.shape != np.shape(values) or out.dtype != np.float64 or not out.flags.c_contiguous:
        raise ValueError("out must be contiguous, float64 and of the values' shape")
    kernel.to_display(flat, form.code, form.constants, out.reshape(-1))
    return out
