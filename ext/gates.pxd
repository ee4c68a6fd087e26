"""Gate membership of 64 events, as the bits of one word; decided in float64.

The caller clears the bits of events with a coordinate that is not finite: they lie outside every gate.
"""

from libc.stdint cimport int64_t, uint64_t

cdef enum:
    WORD = 64
    EDGE = 6  # numbers of one edge: x0, y0, dx, dy, lower y, upper y


cdef inline uint64_t packed(const uint64_t* flags) noexcept nogil:
    """Flags 0 or 1 as bits; the counter has the flags' width, so that compilers shift several at once."""
    cdef uint64_t word = 0, i
    for i in range(<uint64_t>WORD):
        word |= flags[i] << i
    return word


cdef inline uint64_t finite(const double* x) noexcept nogil:
    cdef uint64_t flags[WORD]
    cdef uint64_t all_finite = 1
    cdef int i
    for i in range(WORD):
        flags[i] = x[i] - x[i] == 0.0
        all_finite &= flags[i]
    return ~(<uint64_t>0) if all_finite else packed(flags)


cdef inline uint64_t interval(const double* x, double low, double high) noexcept nogil:
    """low <= x < high; a missing bound is infinite."""
    cdef uint64_t flags[WORD]
    cdef int i
    for i in range(WORD):
        flags[i] = (x[i] >= low) & (x[i] < high)
    return packed(flags)


cdef inline uint64_t left_of(double x, double y, const double* e) noexcept nogil:
    return (y >= e[4]) & (y < e[5]) & (e[2] * (y - e[1]) - (x - e[0]) * e[3] > 0.0)


cdef inline uint64_t polygon(
    const double* x, const double* y, const double* edges, int64_t n_edges
) noexcept nogil:
    """An odd number of edges to the right.

    An edge owns its lower end and not its upper one; an event on an edge is not left of it. So a square keeps
    its bottom and left edges and of its corners only the lower left. dx and dy have the sign that makes the
    test positive for an event to the left, whether the edge rises or falls.
    """
    cdef uint64_t odd[WORD]
    cdef const double* e
    cdef int64_t k
    cdef int i
    if not n_edges:
        return 0
    for i in range(WORD):
        odd[i] = left_of(x[i], y[i], edges)
    for k in range(1, n_edges):
        e = edges + EDGE * k
        for i in range(WORD):
            odd[i] ^= left_of(x[i], y[i], e)
    return packed(odd)


cdef inline uint64_t ellipsoid(
    const double* slots, Py_ssize_t stride, const int64_t* axes, int64_t n_axes, const double* k
) noexcept nogil:
    """(x - mean)' inverse (x - mean) <= limit; `k` holds the limit, the mean and the rows of the inverse.

    Axis a is the 64 values at slots + stride * axes[a].
    """
    cdef double total[WORD]
    cdef double row[WORD]
    cdef uint64_t flags[WORD]
    cdef const double* x
    cdef const double* mean = k + 1
    cdef const double* inverse = k + 1 + n_axes
    cdef int64_t a, b
    cdef int i
    for a in range(n_axes):
        x = slots + stride * axes[0]
        for i in range(WORD):
            row[i] = inverse[a * n_axes] * (x[i] - mean[0])
        for b in range(1, n_axes):
            x = slots + stride * axes[b]
            for i in range(WORD):
                row[i] += inverse[a * n_axes + b] * (x[i] - mean[b])
        x = slots + stride * axes[a]
        for i in range(WORD):
            row[i] *= x[i] - mean[a]
            total[i] = row[i] if a == 0 else total[i] + row[i]
    for i in range(WORD):
        flags[i] = total[i] <= k[0]
    return packed(flags)
