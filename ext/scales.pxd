"""Display coordinates of every scale, by the code that a program names it with."""

from libc.math cimport NAN, log10
from libc.stdint cimport int64_t

from scale_curve cimport RUN, curved

cdef enum:
    CURVE = 4  # logicle, hyperlog, asinh
    LOG = 5
    STRAIGHT = 6
    BETWEEN = 7
    PILED_LOG = 8


cdef inline double between(double x, const double* places, int64_t n) noexcept nogil:
    """Coordinate on straight lines between places 0, 1 ... n - 1, which rise; the ends hold beyond them."""
    cdef int64_t low = 0, high = n - 1, middle
    if x - x != 0.0:
        return NAN
    if x <= places[0]:
        return 0.0
    if x >= places[n - 1]:
        return <double>(n - 1)
    while high - low > 1:
        middle = (low + high) >> 1
        if places[middle] <= x:
            low = middle
        else:
            high = middle
    # A slope first, as interpolation libraries have it.
    return 1.0 / (places[low + 1] - places[low]) * (x - places[low]) + <double>low


cdef inline void scaled(
    int64_t code, const double* x, double* out, Py_ssize_t n, const double* k, int64_t count
) noexcept nogil:
    """Fill n coordinates; the `count` constants k are those of `mrdkit.flow.scale_form`."""
    cdef Py_ssize_t i = 0
    if code == CURVE:
        while i < n:
            curved(x + i, out + i, min(<Py_ssize_t>RUN, n - i), k)
            i += RUN
    elif code == LOG:
        for i in range(n):
            out[i] = log10(x[i] / k[0]) / k[1] + 1.0 if x[i] > 0.0 else NAN
    elif code == STRAIGHT:
        for i in range(n):
            out[i] = (x[i] + k[0]) / k[1]
    elif code == BETWEEN:
        for i in range(n):
            out[i] = between(x[i], k, count)
    elif code == PILED_LOG:
        for i in range(n):
            out[i] = log10((k[0] if x[i] < k[0] else x[i]) / k[0]) / k[1] if x[i] - x[i] == 0.0 else NAN
