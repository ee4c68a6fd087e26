"""Compensation: out[j, i] = sum over k of weights[j, k] * detectors[k, i], in the order of k.

Events are columns of contiguous values, taken in tiles that stay in the first cache.
"""

from libc.stdint cimport int64_t

from columns cimport combined
from multiversion cimport multiversion

cdef enum:
    TILE = 1024


cdef multiversion outputs(
    const double* detectors, Py_ssize_t n_events, const int64_t* order, Py_ssize_t n_detectors,
    const double* weights, Py_ssize_t n_outputs, double* out,
) noexcept nogil:
    cdef Py_ssize_t start = 0, n, j
    while start < n_events:
        n = min(<Py_ssize_t>TILE, n_events - start)
        for j in range(n_outputs):
            combined(
                detectors + start, n_events, order, n_detectors, weights + n_detectors * j, n,
                out + n_events * j + start)
        start += n
    return 0


def compensate(
    const double[:, ::1] detectors,
    const double[:, ::1] weights,
    const int64_t[::1] order,
    double[:, ::1] out,
):
    """Fill `out` (n_outputs, n_events) from `detectors` (n_detectors, n_events); `order` is 0, 1, 2 ..."""
    if out.shape[0] and out.shape[1] and order.shape[0]:
        with nogil:
            outputs(
                &detectors[0, 0], detectors.shape[1], &order[0], order.shape[0], &weights[0, 0],
                weights.shape[0], &out[0, 0])
