"""Compensation: out[j, i] = sum over k of weights[j, k] * detectors[k, i], in the order of k.

Events are columns of contiguous values, taken in tiles that stay in the first cache. The order of the sum
does not depend on where a tile begins, so that the same event gives the same bits in any block.
"""


def compensate(
    const double[:, ::1] detectors,
    const double[:, ::1] weights,
    double[:, ::1] out,
):
    """Fill `out` (n_outputs, n_events) from `detectors` (n_detectors, n_events) and `weights`."""
    cdef Py_ssize_t start, stop, i, j, k
    cdef Py_ssize_t n_events = detectors.shape[1], n_detectors = detectors.shape[0]
    cdef double w0, w1
    with nogil:
        for start in range(0, n_events, 1024):
            stop = min(start + 1024, n_events)
            for j in range(weights.shape[0]):
                for i in range(start, stop):
                    out[j, i] = 0.0
                for k in range(0, n_detectors - 1, 2):
                    w0 = weights[j, k]
                    w1 = weights[j, k + 1]
                    for i in range(start, stop):
                        out[j, i] = out[j, i] + w0 * detectors[k, i] + w1 * detectors[k + 1, i]
                if n_detectors % 2:
                    w0 = weights[j, n_detectors - 1]
                    for i in range(start, stop):
                        out[j, i] = out[j, i] + w0 * detectors[n_detectors - 1, i]
