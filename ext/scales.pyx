"""Display coordinates of one column; see scales.pxd."""

from libc.stdint cimport int64_t

from multiversion cimport multiversion
from scales cimport scaled


cdef multiversion column(
    int64_t code, const double* x, double* out, Py_ssize_t n, const double* k, int64_t count
) noexcept nogil:
    scaled(code, x, out, n, k, count)
    return 0


def to_display(
    const double[::1] values, int64_t code, const double[::1] constants, double[::1] out
):
    """Fill `out` with the coordinates of the values."""
    if values.shape[0]:
        with nogil:
            column(code, &values[0], &out[0], values.shape[0], &constants[0], constants.shape[0])
