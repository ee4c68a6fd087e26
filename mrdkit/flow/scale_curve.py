"""Logicle, hyperlog and asinh: one curve, solved exactly, then read from a table.

All three are the root delta of

    B(delta) = a (expm1(b delta) - r expm1(-d delta)) + c delta = |x|,    y = x1 + sign(x) delta,

mirrored about the coordinate x1 of zero: logicle has r = (b/d)^2 and c = 0, hyperlog r = 0, and asinh is
r = 1 with d = b. Written about x1 the curve keeps every digit near zero. The exact root finder is slow, so it
fills a table once per parameter set, and the kernel reads the table; magnitudes beyond it are solved.

Source: Gating-ML 2.0, sections 6.2 to 6.4; Moore and Parks, Cytometry A 2012;81:273.
"""

import math
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mrdkit.flow.scale_form import ScaleCode, ScaleForm, display

__all__ = ["ScaleCurve", "asinh_curve", "from_display", "hyperlog_curve", "logicle_curve", "to_display"]

F64 = NDArray[np.float64]

_LN10 = math.log(10.0)
_ROW_BITS = (9, 10, 11)  # 512 rows per octave; more where the error asks for them
_MANTISSA_BITS = 52
_HEADROOM = 4.0  # the table reaches so many times the top of scale; beyond it roots are found one by one
_LARGEST_ERROR = 5e-13  # of a table, on a scale of length 1
_MOST_OCTAVES = 64
_NEWTON_STEPS = 60  # convergence is quadratic after at most a few dozen
_LAST_STEP = 1e-9  # relative; the root is then exact to rounding error
_BISECTIONS = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScaleCurve:
    """One parameter set, solved.

    Attributes:
        a: scale of the exponentials.
        b: slope of the positive branch.
        r: weight of the negative branch.
        d: slope of the negative branch.
        c: slope of the linear part.
        x1: display coordinate of zero.
        q: width of the linear region, a power of two in data units.
        limit: the table holds for magnitudes below it; 0 where no table is exact enough.
        row_bits: the table has 2**row_bits rows per octave of |x| + q.
        table: (n_rows, 4) coefficients of a cubic, lowest degree first, of the place 0 to 1 in the row.
    """

    a: float
    b: float
    r: float
    d: float
    c: float
    x1: float
    q: float
    limit: float
    row_bits: int
    table: F64 = field(repr=False)

    def magnitude(self, displacements: F64) -> F64:
        """Return B of displacements of at least 0, in data units."""
        fall = np.expm1(-self.d * displacements)
        exponentials = np.expm1(self.b * displacements) - self.r * fall
        return np.asarray(self.a * exponentials + self.c * displacements)

    def displacement(self, magnitudes: F64) -> F64:
        """Return delta with B(delta) = magnitude, by Newton's method from above the root."""
        weight = self.c / self.a
        target = magnitudes / self.a
        # expm1(b*delta) is at most target, since the other terms only add: the start is never below the root.
        delta = np.log1p(target) / self.b
        for _ in range(_NEWTON_STEPS):
            rise, fall = np.expm1(self.b * delta), np.expm1(-self.d * delta)
            slope = self.b * (rise + 1.0) + self.r * self.d * (fall + 1.0) + weight
            step = (rise - self.r * fall + weight * delta - target) / slope
            delta = delta - step
            if not np.any(np.abs(step) > _LAST_STEP * np.abs(delta)):
                break
        return delta

    def slope(self, displacements: F64) -> F64:
        """Return the derivative of B at displacements of at least 0."""
        rise, fall = np.exp(self.b * displacements), np.exp(-self.d * displacements)
        return np.asarray(self.a * (self.b * rise + self.r * self.d * fall) + self.c)

    def form(self) -> ScaleForm:
        """Return what the kernels read: q, limit, x1, a, b, r, d, c, the shift and the table row by row."""
        shift = _MANTISSA_BITS - self.row_bits
        numbers = [self.q, self.limit, self.x1, self.a, self.b, self.r, self.d, self.c, shift]
        constants = np.concatenate([numbers, self.table.ravel()])
        return ScaleForm(code=ScaleCode.CURVE, constants=constants)


def to_display(values: F64, curve: ScaleCurve, out: F64 | None = None) -> F64:
    """Return display coordinates of the values' shape; NaN and infinity give NaN.

    Args:
        values: data, any shape.
        curve: the solved parameter set.
        out: contiguous float64 array of the values' shape to fill, in place of a new one.

    Raises:
        ValueError: `out` does not fit.
    """
    return display(values, curve.form(), out)


def from_display(coordinates: F64, curve: ScaleCurve) -> F64:
    """Return the data values of display coordinates; what is not finite, or too large a number, gives NaN."""
    shift = np.asarray(coordinates, dtype=np.float64) - curve.x1
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.sign(shift) * curve.magnitude(np.abs(shift))
    return np.where(np.isfinite(values), values, np.nan)


@lru_cache(maxsize=64)
def logicle_curve(*, t: float, w: float, m: float, a: float) -> ScaleCurve:
    """Solve a logicle scale.

    Args:
        t: top of scale, in data units.
        w: linearisation width, in decades.
        m: decades of the whole scale.
        a: additional negative decades.

    Raises:
        ValueError: the parameters define no logicle scale.
    """
    if not (t > 0.0 and m > 0.0 and 0.0 <= w <= m / 2.0 and -w <= a <= m - 2.0 * w) or math.isinf(t + m):
        raise ValueError(
            f"a logicle scale needs T > 0, M > 0, 0 <= W <= M/2, -W <= A <= M-2W; got T={t} W={w} M={m} A={a}"
        )
    width = w / (m + a)
    b = (m + a) * _LN10
    d = negative_slope(b, width)
    return _solved(t=t, x1=a / (m + a) + width, b=b, r=(b / d) ** 2, d=d, c=0.0)


@lru_cache(maxsize=64)
def hyperlog_curve(*, t: float, w: float, m: float, a: float) -> ScaleCurve:
    """Solve a hyperlog scale; the parameters mean what they mean to logicle.

    Raises:
        ValueError: the parameters define no hyperlog scale.
    """
    if not (t > 0.0 and m > 0.0 and 0.0 < w <= m / 2.0 and -w <= a <= m - 2.0 * w) or math.isinf(t + m):
        raise ValueError(
            f"a hyperlog scale needs T > 0, M > 0, 0 < W <= M/2, -W <= A <= M-2W; got T={t} W={w} M={m} A={a}"
        )
    width = w / (m + a)
    b = (m + a) * _LN10
    return _solved(t=t, x1=a / (m + a) + width, b=b, r=0.0, d=0.0, c=_exp(b * width) / width)


@lru_cache(maxsize=64)
def asinh_curve(*, t: float, m: float, a: float) -> ScaleCurve:
    """Solve an asinh scale: (asinh(x sinh(M ln 10) / T) + A ln 10) / ((M + A) ln 10).

    Raises:
        ValueError: the parameters define no asinh scale.
    """
    if not (t > 0.0 and m > 0.0 and 0.0 <= a <= m) or math.isinf(t + m):
        raise ValueError(f"an asinh scale needs T > 0, M > 0, 0 <= A <= M; got T={t} M={m} A={a}")
    b = (m + a) * _LN10
    return _solved(t=t, x1=a / (m + a), b=b, r=1.0, d=b, c=0.0)


def negative_slope(b: float, width: float) -> float:
    """Return d in (0, b] with 2 (ln d - ln b) + width (d + b) = 0; the left side grows with d."""
    low, high = 0.0, b
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        if not low < middle < high:
            break
        if 2.0 * math.log(middle / b) + width * (middle + b) < 0.0:
            low = middle
        else:
            high = middle
    return high


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _solved(*, t: float, x1: float, b: float, r: float, d: float, c: float) -> ScaleCurve:
    """Scale the curve so that `t` maps to 1, and build its table."""
    bare = ScaleCurve(
        a=1.0, b=b, r=r, d=d, c=c, x1=x1, q=1.0, limit=0.0, row_bits=_ROW_BITS[0], table=np.empty((0, 4))
    )
    with np.errstate(over="ignore", invalid="ignore"):
        a = t / float(bare.magnitude(np.array(1.0 - x1)))
    slope = a * (b + r * d + c)
    if not (0.0 < a < math.inf and 0.0 < slope < math.inf and slope / b > 0.0):
        raise ValueError(f"the scale with T={t} and {b / _LN10:g} decades exceeds double precision")
    q = 2.0 ** math.floor(math.log2(slope / b))
    return _with_table(replace(bare, a=a, c=a * c, q=q), top=t)


def _with_table(bare: ScaleCurve, *, top: float) -> ScaleCurve:
    """Add the coarsest table that is exact enough; without one (limit 0) every value is solved."""
    octaves = math.ceil(math.log2(_HEADROOM * top / bare.q + 1.0))
    if octaves > _MOST_OCTAVES:
        return bare
    for row_bits in _ROW_BITS:
        rows = 2**row_bits
        starts = np.concatenate([np.arange(1.0, 2.0, 1.0 / rows) * 2.0**k for k in range(octaves)])
        edges = bare.q * (np.append(starts, 2.0**octaves) - 1.0)
        table = _cubics(bare, edges)
        middle = bare.displacement((edges[:-1] + edges[1:]) / 2.0)
        fitted = table @ np.array([1.0, 0.5, 0.25, 0.125])
        if np.abs(fitted - middle).max() <= _LARGEST_ERROR:
            return replace(bare, limit=float(edges[-1]), row_bits=row_bits, table=table)
    return bare


def _cubics(bare: ScaleCurve, edges: F64) -> F64:
    """Return (n_edges - 1, 4) cubics that take value and slope of the curve at both ends of each row."""
    y = bare.displacement(edges)
    widths = np.diff(edges)
    inverse_slopes = 1.0 / bare.slope(y)
    rise, left, right = np.diff(y), widths * inverse_slopes[:-1], widths * inverse_slopes[1:]
    return np.column_stack([y[:-1], left, 3.0 * rise - 2.0 * left - right, left + right - 2.0 * rise])
