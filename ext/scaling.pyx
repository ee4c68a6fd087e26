"""Stored numbers to linear values, in place; see columns.pxd for the modes."""

from libc.stdint cimport int64_t

from columns cimport linear


def to_linear(double[:] values, int64_t mode, const double[::1] constants):
    """Scale (n_events,) values, which need not be contiguous."""
    if not values.shape[0]:
        return
    with nogil:
        linear(&values[0], values.strides[0] // sizeof(double), values.shape[0], mode, &constants[0])
