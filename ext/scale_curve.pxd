"""Display coordinates of the curve of `mrdkit.flow.scale_curve`, by table, and solved beyond the table.

Adding q, a power of two about as wide as the linear region, makes 64 segments per octave resolve the linear
and the logarithmic part alike; within a segment a polynomial of degree 5 follows the exact curve to rounding
error. Segment and place in it are read off the bits of |x| + q.
"""

from libc.math cimport NAN, copysign, exp, expm1, fabs, log1p
from libc.stdint cimport int64_t
from libc.string cimport memcpy

cdef enum:
    SHIFT = 46  # 52 bits of mantissa, of which the upper 6 number the segments of an octave
    NODES = 6
    ROUNDS = 60
    # Places of the constants.
    Q = 0
    LIMIT = 1
    ZERO = 2
    A = 3
    B = 4
    R = 5
    D = 6
    C = 7


cdef inline int64_t first_segment(const double* constants) noexcept nogil:
    cdef int64_t first
    memcpy(&first, &constants[Q], sizeof(double))
    return first >> SHIFT


cdef inline double solved(double magnitude, const double* k) noexcept nogil:
    """Newton's method from above the root, on the curve divided by a."""
    cdef double target = magnitude / k[A], weight = k[C] / k[A]
    cdef double delta = log1p(target) / k[B], rise, fall, step
    cdef int i
    for i in range(ROUNDS):
        rise = expm1(k[B] * delta)
        fall = expm1(-k[D] * delta)
        step = (rise - k[R] * fall + weight * delta - target) / (
            k[B] * (rise + 1.0) + k[R] * k[D] * (fall + 1.0) + weight)
        delta -= step
        if not fabs(step) > 1e-16 * fabs(delta):
            break
    return delta


cdef inline double displayed(
    double value, const double* table, int64_t first, const double* k
) noexcept nogil:
    """Coordinate of one value; NaN for what is not finite."""
    cdef double magnitude = fabs(value), shifted, t
    cdef int64_t bits
    cdef const double* p
    if not magnitude < k[LIMIT]:
        return k[ZERO] + copysign(solved(magnitude, k), value) if magnitude - magnitude == 0.0 else NAN
    shifted = magnitude + k[Q]
    memcpy(&bits, &shifted, sizeof(double))
    p = table + NODES * ((bits >> SHIFT) - first)
    t = <double>(bits & ((<int64_t>1 << SHIFT) - 1)) * (1.0 / (<int64_t>1 << SHIFT)) - 0.5
    return k[ZERO] + copysign(
        p[0] + t * (p[1] + t * (p[2] + t * (p[3] + t * (p[4] + t * p[5])))), value)
