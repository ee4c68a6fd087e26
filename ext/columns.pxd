"""Columns from columns: linear values, sums of detectors, ratios."""

from libc.math cimport pow
from libc.stdint cimport int64_t

cdef enum:
    # How stored numbers become linear values.
    MULTIPLY = 1
    DIVIDE = 2
    AMPLIFY = 3


cdef inline void linear(
    double* x, Py_ssize_t step, Py_ssize_t n, int64_t mode, const double* k
) noexcept nogil:
    """In place: x * k0, x / k0, or k0 * 10 ** (k1 * x / k2)."""
    cdef Py_ssize_t i
    if mode == MULTIPLY:
        for i in range(n):
            x[i * step] = x[i * step] * k[0]
    elif mode == DIVIDE:
        for i in range(n):
            x[i * step] = x[i * step] / k[0]
    elif mode == AMPLIFY:
        for i in range(n):
            x[i * step] = k[0] * pow(10.0, k[1] * x[i * step] / k[2])


cdef inline void combined(
    const double* slots, Py_ssize_t stride, const int64_t* sources, int64_t n_sources,
    const double* weights, Py_ssize_t n, double* out,
) noexcept nogil:
    """out[i] = sum over k of weights[k] * source k [i], in the order of k.

    Source k is the n values at slots + stride * sources[k]; there is at least one. The order does not depend
    on where a run of events begins, so that the same event gives the same bits in any run.
    """
    cdef const double* s0
    cdef const double* s1
    cdef const double* s2
    cdef const double* s3
    cdef double w0, w1, w2, w3
    cdef int64_t k = 1
    cdef Py_ssize_t i
    s0 = slots + stride * sources[0]
    w0 = weights[0]
    for i in range(n):
        out[i] = w0 * s0[i]
    while k + 3 < n_sources:
        s0 = slots + stride * sources[k]
        s1 = slots + stride * sources[k + 1]
        s2 = slots + stride * sources[k + 2]
        s3 = slots + stride * sources[k + 3]
        w0, w1, w2, w3 = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        for i in range(n):
            out[i] = out[i] + w0 * s0[i] + w1 * s1[i] + w2 * s2[i] + w3 * s3[i]
        k += 4
    while k < n_sources:
        s0, w0 = slots + stride * sources[k], weights[k]
        for i in range(n):
            out[i] = out[i] + w0 * s0[i]
        k += 1


cdef inline double ratio(double numerator, double denominator, const double* k) noexcept nogil:
    """k0 * (numerator - k1) / (denominator - k2)."""
    return k[0] * (numerator - k[1]) / (denominator - k[2])
