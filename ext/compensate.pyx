"""Compensation: out[j, i] = sum over k of weights[j, k] * detectors[k, i], in the order of k.

Events are columns of contiguous values, taken in tiles that stay in the first cache.
"""

from libc.stdint cimport int64_t

from columns cimport combined

cdef enum:
    TILE = 1024


def compensate(
    const double[:, ::1] detectors,
    const double[:, ::1] weights,
    const int64_t[::1] order,
    double[:, ::1] out,
):
    """Fill `out` (n_outputs, n_events) from `detectors` (n_detectors, n_events); `order` is 0, 1, 2 ..."""
    cdef Py_ssize_t start = 0, n, j, n_events = detectors.shape[1]
    if not n_events or not order.shape[0]:
        return
    with nogil:
        while start < n_events:
            n = min(<Py_ssize_t>TILE, n_events - start)
            for j in range(weights.shape[0]):
                combined(
                    &detectors[0, start], n_events, &order[0], order.shape[0], &weights[j, 0], n,
                    &out[j, start])
            start += n
