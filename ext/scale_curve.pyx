"""Display coordinates of one column; see scale_curve.pxd for the method."""

from multiversion cimport multiversion
from scale_curve cimport RUN, displayed


cdef multiversion column(const double* x, double* out, Py_ssize_t n, const double* k) noexcept nogil:
    cdef Py_ssize_t i = 0
    while i < n:
        displayed(x + i, out + i, min(<Py_ssize_t>RUN, n - i), k)
        i += RUN
    return 0


def to_display(const double[::1] values, const double[::1] constants, double[::1] out):
    """Fill `out`; `constants` are q, limit, x1, a, b, r, d, c, shift and the table row by row."""
    if not values.shape[0]:
        return
    with nogil:
        column(&values[0], &out[0], values.shape[0], &constants[0])
