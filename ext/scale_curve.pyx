"""Display coordinates of one column; see scale_curve.pxd for the method."""

from libc.stdint cimport int64_t

from scale_curve cimport displayed, first_segment


def to_display(
    const double[::1] values, const double[:, ::1] table, const double[::1] constants, double[::1] out
):
    """Fill `out` with coordinates; `constants` are q, limit, x1, a, b, r, d, c."""
    cdef Py_ssize_t i
    cdef int64_t first
    cdef const double* rows = &table[0, 0] if table.shape[0] else NULL
    if not values.shape[0]:
        return
    with nogil:
        first = first_segment(&constants[0])
        for i in range(values.shape[0]):
            out[i] = displayed(values[i], rows, first, &constants[0])
