"""Logicle by table: y = x1 + sign(x) * P_s(t), segment s and place t in it read off the bits of |x| + q.

Adding q, a power of two about as wide as the linear region, makes 64 segments per octave resolve the linear
and the logarithmic part alike; within a segment a polynomial of degree 5 follows the exact curve to rounding
error.
"""

from libc.math cimport NAN, copysign, fabs
from libc.string cimport memcpy

cdef enum:
    SHIFT = 46  # 52 bits of mantissa, of which the upper 6 number the segments of an octave


def logicle(
    const double[::1] values,
    const double[:, ::1] table,
    double q,
    double limit,
    double x1,
    double[::1] out,
):
    """Fill `out` and return how many values lie outside the table; those, NaN and infinity become NaN."""
    cdef Py_ssize_t i, segment, missed = 0
    cdef long long bits, first
    cdef double magnitude, shifted, t
    memcpy(&first, &q, sizeof(double))
    first >>= SHIFT
    with nogil:
        for i in range(values.shape[0]):
            magnitude = fabs(values[i])
            if not magnitude < limit:
                out[i] = NAN
                missed += 1
                continue
            shifted = magnitude + q
            memcpy(&bits, &shifted, sizeof(double))
            segment = (bits >> SHIFT) - first
            t = <double>(bits & ((1LL << SHIFT) - 1)) * (1.0 / (1LL << SHIFT)) - 0.5
            magnitude = table[segment, 0] + t * (table[segment, 1] + t * (table[segment, 2] + t * (
                table[segment, 3] + t * (table[segment, 4] + t * table[segment, 5]))))
            out[i] = x1 + copysign(magnitude, values[i])
    return missed
