"""Display coordinates of the curve of `mrdkit.flow.scale_curve`, by table, and solved beyond the table.

Adding q, a power of two about as wide as the linear region, makes the rows of an octave resolve the linear
and the logarithmic part alike; within a row a cubic follows the exact curve. Row and place in it are read off
the bits of |x| + q (rows.h).
"""

from libc.math cimport NAN, copysign, expm1, fabs, log1p
from libc.stdint cimport int64_t
from libc.string cimport memcpy

cdef extern from "rows.h":
    double mrdkit_row(double shifted, const double* table, int64_t first, int64_t shift) noexcept nogil
    void mrdkit_rows(
        const double* x, double* out, int n, const double* table, int64_t first, int64_t shift, double q,
        double x1) noexcept nogil

cdef enum:
    ROUNDS = 60
    RUN = 64  # values that are looked up together
    # Places of the constants; the table stands behind them.
    Q = 0
    LIMIT = 1
    ZERO = 2
    A = 3
    B = 4
    R = 5
    D = 6
    C = 7
    SHIFT = 8
    TABLE = 9


cdef inline double solved(double magnitude, const double* k) noexcept nogil:
    """Newton's method from above the root, on the curve divided by a."""
    cdef double target = magnitude / k[A], weight = k[C] / k[A]
    cdef double delta = log1p(target) / k[B], rise, fall, step
    cdef int _
    for _ in range(ROUNDS):
        rise = expm1(k[B] * delta)
        fall = expm1(-k[D] * delta)
        step = (rise - k[R] * fall + weight * delta - target) / (
            k[B] * (rise + 1.0) + k[R] * k[D] * (fall + 1.0) + weight)
        delta -= step
        if not fabs(step) > 1e-16 * fabs(delta):
            break
    return delta


cdef inline void curved(const double* x, double* out, Py_ssize_t n, const double* k) noexcept nogil:
    """Coordinates of n values, at most RUN; NaN for what is not finite."""
    cdef int64_t first, shift = <int64_t>k[SHIFT], beyond = 0
    cdef double magnitude
    cdef Py_ssize_t i
    memcpy(&first, &k[Q], sizeof(double))
    first >>= shift
    for i in range(n):
        beyond |= not fabs(x[i]) < k[LIMIT]
    if n == RUN and not beyond:
        mrdkit_rows(x, out, RUN, k + TABLE, first, shift, k[Q], k[ZERO])
        return
    for i in range(n):
        magnitude = fabs(x[i])
        if magnitude < k[LIMIT]:
            magnitude = mrdkit_row(magnitude + k[Q], k + TABLE, first, shift)
        else:
            magnitude = solved(magnitude, k) if magnitude - magnitude == 0.0 else NAN
        out[i] = k[ZERO] + copysign(magnitude, x[i])
