"""Log density of a mixture of multivariate normal distributions, event by event.

A component is c - |T (x - mean)|^2 / 2, where T is the inverse of the Cholesky factor of its covariance, a
lower triangle packed row by row, and c holds the rest of its logarithm and that of its weight. Components are
added as log sums of exponentials about the largest so far, so that nothing overflows.

Events are taken in tiles whose columns stay in the first cache; every loop over a tile has its full length,
so that an event's bits do not depend on its neighbours.
"""

from libc.math cimport INFINITY, fabs, floor, log
from libc.stdint cimport int64_t
from libc.string cimport memcpy

from multiversion cimport multiversion

cdef enum:
    TILE = 64
    WIDEST = 32  # dimensions


cdef inline double small_exp(double x) noexcept nogil:
    """exp(x) for x <= 0, to a few units in the last place; x below -708, or NaN, counts as -708.

    Not the library's, which differs from processor to processor and does one at a time.
    """
    cdef double n, r, p, power
    cdef int64_t bits
    x = x if x > -708.0 else -708.0
    n = floor(x * 1.4426950408889634 + 0.5)
    # ln 2 in two parts, of which the first has so few bits that its product is exact.
    r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    # 2**n by its bits: adding this number leaves n + 1023 in the lowest ones.
    n = n + (6755399441055744.0 + 1023.0)
    memcpy(&bits, &n, sizeof(double))
    bits = bits << 52
    memcpy(&power, &bits, sizeof(double))
    return p * power


cdef inline void squared_distance(
    const double* x, const double* mean, const double* triangle, Py_ssize_t n_dims, double* out
) noexcept nogil:
    """|T (x - mean)|^2 of a tile; column a of the tile is the TILE values at x + TILE * a."""
    cdef double centred[WIDEST * TILE]
    cdef double row[TILE]
    cdef const double* s
    cdef double t0, t1, t2, t3
    cdef Py_ssize_t a, b
    cdef int i
    for i in range(TILE):
        out[i] = 0.0
    for a in range(n_dims):
        for i in range(TILE):
            centred[TILE * a + i] = x[TILE * a + i] - mean[a]
    for a in range(n_dims):
        for i in range(TILE):
            row[i] = triangle[a] * centred[TILE * a + i]
        b = 0
        while b + 3 < a:
            s = centred + TILE * b
            t0, t1, t2, t3 = triangle[b], triangle[b + 1], triangle[b + 2], triangle[b + 3]
            for i in range(TILE):
                row[i] = (
                    row[i] + (t0 * s[i] + t1 * s[TILE + i]) + (t2 * s[2 * TILE + i] + t3 * s[3 * TILE + i]))
            b += 4
        while b < a:
            s, t0 = centred + TILE * b, triangle[b]
            for i in range(TILE):
                row[i] = row[i] + t0 * s[i]
            b += 1
        for i in range(TILE):
            out[i] = out[i] + row[i] * row[i]
        triangle += a + 1


cdef inline void add_component(const double* square, double c, double* top, double* total) noexcept nogil:
    """Keep log(sum of exponentials) = top + log(total), where top is the largest component so far."""
    cdef double value, apart, less
    cdef int i
    for i in range(TILE):
        value = c - 0.5 * square[i]
        apart = value - top[i]
        less = small_exp(-fabs(apart))
        total[i] = total[i] * less + 1.0 if apart > 0.0 else total[i] + less
        top[i] = value if apart > 0.0 else top[i]


cdef inline void loaded(
    const double* events, Py_ssize_t n, Py_ssize_t n_dims, double* x, double* unknown
) noexcept nogil:
    """Turn n rows into columns, zeros behind them; `unknown` is NaN where a value is not finite, else 0."""
    cdef Py_ssize_t a, i
    for a in range(n_dims):
        for i in range(n):
            x[TILE * a + i] = events[n_dims * i + a]
        for i in range(n, TILE):
            x[TILE * a + i] = 0.0
    for i in range(TILE):
        unknown[i] = 0.0
    for a in range(n_dims):
        for i in range(TILE):
            unknown[i] += x[TILE * a + i] - x[TILE * a + i]


cdef struct Mixture:
    const double* constants
    const double* means
    const double* triangles
    Py_ssize_t n_components
    Py_ssize_t n_dims


cdef multiversion densities(
    const Mixture* m, const double* events, Py_ssize_t n_events, double* out
) noexcept nogil:
    cdef double x[WIDEST * TILE]
    cdef double square[TILE]
    cdef double unknown[TILE]
    cdef double top[TILE]
    cdef double total[TILE]
    cdef Py_ssize_t start = 0, n, k, i
    while start < n_events:
        n = min(<Py_ssize_t>TILE, n_events - start)
        loaded(events + m.n_dims * start, n, m.n_dims, x, unknown)
        for i in range(TILE):
            top[i] = -INFINITY
            total[i] = 0.0
        for k in range(m.n_components):
            squared_distance(
                x, m.means + m.n_dims * k, m.triangles + m.n_dims * (m.n_dims + 1) // 2 * k, m.n_dims, square)
            add_component(square, m.constants[k], top, total)
        for i in range(n):
            out[start + i] = top[i] + log(total[i]) + unknown[i]
        start += TILE
    return 0


def log_density(
    const double[:, ::1] events, const double[::1] constants, const double[:, ::1] means,
    const double[:, ::1] triangles, double[::1] out,
):
    """Fill `out` (n_events,) from `events` (n_events, n_dims)."""
    cdef Mixture m
    cdef Py_ssize_t n_dims = means.shape[1], n_below = n_dims * (n_dims + 1) // 2
    if not 0 < n_dims <= WIDEST or events.shape[1] != n_dims or triangles.shape[1] != n_below:
        raise ValueError("the wrapper's dimensions are not the kernel's")
    if not means.shape[0] or constants.shape[0] != means.shape[0] or triangles.shape[0] != means.shape[0]:
        raise ValueError("a component lacks its mean, its constant or its triangle")
    if out.shape[0] != events.shape[0]:
        raise ValueError("out has not one place per event")
    if not events.shape[0]:
        return
    m.constants, m.means, m.triangles = &constants[0], &means[0, 0], &triangles[0, 0]
    m.n_components, m.n_dims = means.shape[0], n_dims
    with nogil:
        densities(&m, &events[0, 0], events.shape[0], &out[0])
