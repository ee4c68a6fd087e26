"""Gate membership in float64. `out` holds 1 for the parent's events on entry and for the gate's on return.

An event with a coordinate that is NaN or infinite lies outside every gate.
"""

from libc.math cimport isfinite


def interval(const double[::1] values, double low, double high, unsigned char[::1] out):
    """Keep the events with low <= value < high; a missing bound is infinite."""
    cdef Py_ssize_t i
    cdef double value
    with nogil:
        for i in range(values.shape[0]):
            value = values[i]
            out[i] &= (value - value == 0.0) & (value >= low) & (value < high)


def polygon(
    const double[::1] x,
    const double[::1] y,
    const double[:, ::1] vertices,
    const double[::1] box,
    unsigned char[::1] out,
):
    """Keep the events with an odd number of edges to their right; `box` is (x min, x max, y min, y max).

    An edge owns its lower end and not its upper one; an event on an edge is not left of it. So a square keeps
    its bottom and left edges and of its corners only the lower left.
    """
    cdef Py_ssize_t i, k, last = vertices.shape[0] - 1
    cdef double px, py, x0, y0, x1, y1, side
    cdef unsigned char odd
    with nogil:
        for i in range(x.shape[0]):
            if not out[i]:
                continue
            px = x[i]
            py = y[i]
            if not (box[0] <= px <= box[1] and box[2] <= py <= box[3]):
                out[i] = 0
                continue
            odd = 0
            x0 = vertices[last, 0]
            y0 = vertices[last, 1]
            for k in range(last + 1):
                x1 = vertices[k, 0]
                y1 = vertices[k, 1]
                if (y0 <= py) != (y1 <= py):
                    side = (x1 - x0) * (py - y0) - (px - x0) * (y1 - y0)
                    odd ^= side > 0.0 if y0 <= py else side < 0.0
                x0 = x1
                y0 = y1
            out[i] = odd


def ellipsoid(
    const double[:, ::1] columns,
    const double[::1] mean,
    const double[:, ::1] inverse,
    double distance_square,
    unsigned char[::1] out,
):
    """Keep events with (x - mean) inverse (x - mean) <= distance_square; `columns` (n_axes, n_events)."""
    cdef Py_ssize_t i, a, b, n_axes = columns.shape[0]
    cdef double total, row
    with nogil:
        for i in range(columns.shape[1]):
            if not out[i]:
                continue
            total = 0.0
            for a in range(n_axes):
                row = 0.0
                for b in range(n_axes):
                    row += inverse[a, b] * (columns[b, i] - mean[b])
                total += row * (columns[a, i] - mean[a])
            out[i] = isfinite(total) and total <= distance_square
