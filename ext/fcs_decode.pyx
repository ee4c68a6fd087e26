"""DATA bytes of an FCS file -> float64.

An event is `event_bytes` bytes; column j stands at byte offsets[j] of it, stored as kinds[j] says (see
fcs_values.pxd); a value of an integer column is ANDed with masks[j].
"""

from fcs_values cimport column
from libc.stdint cimport int64_t, uint8_t, uint64_t

cdef enum:
    BLOCK = 512  # events per pass over the columns: source and target stay in the cache


def decode_events(
    const uint8_t[::1] raw, Py_ssize_t event_bytes, const int64_t[::1] offsets,
    const int64_t[::1] kinds, const uint64_t[::1] masks, bint big_endian, double[:, ::1] out,
):
    cdef Py_ssize_t n = out.shape[0], channels = out.shape[1], first = 0, count, j
    if channels == 0:
        return
    with nogil:
        while first < n:
            count = min(<Py_ssize_t>BLOCK, n - first)
            for j in range(channels):
                column(
                    &raw[first * event_bytes] + offsets[j], event_bytes, &out[first, j], channels,
                    count, kinds[j], masks[j], big_endian,
                )
            first += count


def decode_columns(
    const uint8_t[::1] raw, Py_ssize_t event_bytes, const int64_t[::1] offsets,
    const int64_t[::1] kinds, const uint64_t[::1] masks, bint big_endian, double[:, ::1] out,
):
    cdef Py_ssize_t n = out.shape[1], channels = out.shape[0], first = 0, count, j
    if channels == 0:
        return
    with nogil:
        while first < n:
            count = min(<Py_ssize_t>BLOCK, n - first)
            for j in range(channels):
                column(
                    &raw[first * event_bytes] + offsets[j], event_bytes, &out[j, first], 1,
                    count, kinds[j], masks[j], big_endian,
                )
            first += count
