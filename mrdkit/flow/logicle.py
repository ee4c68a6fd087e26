"""The logicle scale: root y of a*exp(b*y) - c*exp(-d*y) - f = x, mirrored about its zero point x1 for x < 0.

Source: Moore and Parks, Cytometry A 2012;81:273 and Gating-ML 2.0. Written about x1 the curve is
B(x1 + delta) = a1 * (expm1(b*delta) - (b/d)^2 * expm1(-d*delta)), which keeps every digit near zero. The
exact root finder is slow, so it fills a table once per parameter set and the kernel reads the table.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mrdkit._ext import logicle as kernel

__all__ = ["LogicleCurve", "logicle", "logicle_curve"]

F64 = NDArray[np.float64]

_SEGMENTS_PER_OCTAVE = 64  # the kernel reads them off 6 bits
_NODES = 6  # of a polynomial of degree 5
_HEADROOM = 16.0  # the table reaches so many times the top of scale; beyond it roots are found one by one
_LARGEST_ERROR = 2e-13  # of a table, on a scale of length 1
_NEWTON_STEPS = 60  # convergence is quadratic after at most a few dozen
_BISECTIONS = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogicleCurve:
    """One parameter set, solved.

    Attributes:
        a1: scale of the curve at x1.
        b: slope of the positive branch.
        d: slope of the negative branch.
        x1: display coordinate of zero.
        q: width of the linear region, a power of two in data units.
        limit: the table holds for magnitudes below it; 0 where no table is exact enough.
        table: (n_segments, 6) polynomial coefficients, lowest degree first.
    """

    a1: float
    b: float
    d: float
    x1: float
    q: float
    limit: float
    table: F64 = field(repr=False)

    def displacement(self, magnitudes: F64) -> F64:
        """Return delta with B(x1 + delta) = magnitude, by Newton's method from above the root."""
        ratio = (self.b / self.d) ** 2
        target = magnitudes / self.a1
        # expm1(b*delta) is at most target, since the other term only adds: the start is never below the root.
        delta = np.log1p(target) / self.b
        for _ in range(_NEWTON_STEPS):
            rise, fall = np.expm1(self.b * delta), np.expm1(-self.d * delta)
            slope = self.b * (rise + 1.0) + ratio * self.d * (fall + 1.0)
            step = (rise - ratio * fall - target) / slope
            delta = delta - step
            if not np.any(np.abs(step) > np.spacing(np.abs(delta))):
                break
        return delta


def logicle(values: F64, curve: LogicleCurve) -> F64:
    """Return display coordinates of the values' shape; NaN and infinity give NaN.

    The top of scale maps to 1 and zero to x1. Values beyond the table are solved exactly.
    """
    flat = np.ascontiguousarray(values, dtype=np.float64).reshape(-1)
    out = np.empty_like(flat)
    if kernel.logicle(flat, curve.table, curve.q, curve.limit, curve.x1, out):
        beyond = np.isfinite(flat) & (np.abs(flat) >= curve.limit)
        out[beyond] = curve.x1 + np.sign(flat[beyond]) * curve.displacement(np.abs(flat[beyond]))
    return out.reshape(np.shape(values))


@lru_cache(maxsize=64)
def logicle_curve(*, t: float, w: float, m: float, a: float) -> LogicleCurve:
    """Solve one parameter set and build its table.

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
    x1 = a / (m + a) + width
    b = (m + a) * math.log(10.0)
    d = _negative_slope(b, width)
    try:
        a1 = t / (math.expm1(b * (1.0 - x1)) - (b / d) ** 2 * math.expm1(-d * (1.0 - x1)))
        q = 2.0 ** math.floor(math.log2(a1 * (1.0 + b / d)))
    except (OverflowError, ValueError):
        raise ValueError(f"the scale T={t} W={w} M={m} A={a} exceeds double precision") from None
    bare = LogicleCurve(a1=a1, b=b, d=d, x1=x1, q=q, limit=0.0, table=np.empty((0, _NODES)))
    return _with_table(bare, top=t)


def _negative_slope(b: float, width: float) -> float:
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


def _with_table(bare: LogicleCurve, *, top: float) -> LogicleCurve:
    octaves = math.ceil(math.log2(_HEADROOM * top / bare.q + 1.0))
    edges = np.concatenate([np.arange(1.0, 2.0, 1.0 / _SEGMENTS_PER_OCTAVE) * 2.0**k for k in range(octaves)])
    widths = np.repeat(2.0 ** np.arange(octaves) / _SEGMENTS_PER_OCTAVE, _SEGMENTS_PER_OCTAVE)
    # Chebyshev nodes in t, the place within a segment from -1/2 to 1/2.
    nodes = 0.5 * np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES)
    exact = bare.displacement(_magnitudes(bare.q, edges, widths, nodes))
    table = np.linalg.solve(np.vander(nodes, increasing=True), exact.T).T
    probes = np.linspace(-0.5, 0.5, 9, endpoint=False)
    fitted = table @ np.vander(probes, _NODES, increasing=True).T
    error = np.abs(fitted - bare.displacement(_magnitudes(bare.q, edges, widths, probes))).max()
    good = bool(error <= _LARGEST_ERROR)  # else limit 0: every value is solved exactly
    return LogicleCurve(
        a1=bare.a1,
        b=bare.b,
        d=bare.d,
        x1=bare.x1,
        q=bare.q,
        limit=bare.q * (2.0**octaves - 1.0) if good else 0.0,
        table=np.ascontiguousarray(table),
    )


def _magnitudes(q: float, edges: F64, widths: F64, places: F64) -> F64:
    """Return (n_segments, n_places) magnitudes |x|, from |x| + q = q * (edge + width * (1/2 + t))."""
    shifted = q * (edges[:, None] + widths[:, None] * (0.5 + places[None, :]))
    return np.maximum(shifted - q, 0.0)
