"""DATA bytes of an FCS file -> float64.

An event is `event_bytes` bytes; column j stands at byte offsets[j] of it, stored as kinds[j] says (see
fcs_values.pxd); a value of an integer column is ANDed with masks[j].
"""

from fcs_values cimport column
from libc.stdint cimport int64_t, uint8_t, uint64_t
from multiversion cimport multiversion

cdef enum:
    BLOCK = 512  # events per pass over the columns: source and target stay in the cache


cdef inline bint alike(
    const int64_t* offsets, const int64_t* kinds, const uint64_t* masks, Py_ssize_t channels,
    Py_ssize_t event_bytes,
) noexcept nogil:
    """Whether an event is `channels` values of one kind and mask, one behind the other."""
    cdef Py_ssize_t j
    for j in range(channels):
        if kinds[j] != kinds[0] or masks[j] != masks[0] or offsets[j] * channels != j * event_bytes:
            return False
    return True


cdef multiversion decode(
    const uint8_t* raw, Py_ssize_t event_bytes, const int64_t* offsets, const int64_t* kinds,
    const uint64_t* masks, bint big_endian, double* out, Py_ssize_t n, Py_ssize_t channels, bint by_event,
) noexcept nogil:
    """Value j of event i goes to out[i * channels + j] by event, else to out[j * n + i]."""
    cdef Py_ssize_t first = 0, count, j
    if by_event and alike(offsets, kinds, masks, channels, event_bytes):
        column(raw, event_bytes // channels, out, 1, n * channels, kinds[0], masks[0], big_endian)
        return 0
    while first < n:
        count = min(<Py_ssize_t>BLOCK, n - first)
        for j in range(channels):
            column(
                raw + first * event_bytes + offsets[j], event_bytes,
                out + (first * channels + j if by_event else j * n + first), channels if by_event else 1,
                count, kinds[j], masks[j], big_endian,
            )
        first += count
    return 0


def decode_events(
    const uint8_t[::1] raw, Py_ssize_t event_bytes, const int64_t[::1] offsets,
    const int64_t[::1] kinds, const uint64_t[::1] masks, bint big_endian, double[:, ::1] out,
):
    if out.shape[0] and out.shape[1]:
        with nogil:
            decode(
                &raw[0], event_bytes, &offsets[0], &kinds[0], &masks[0], big_endian, &out[0, 0],
                out.shape[0], out.shape[1], True)


def decode_columns(
    const uint8_t[::1] raw, Py_ssize_t event_bytes, const int64_t[::1] offsets,
    const int64_t[::1] kinds, const uint64_t[::1] masks, bint big_endian, double[:, ::1] out,
):
    if out.shape[0] and out.shape[1]:
        with nogil:
            decode(
                &raw[0], event_bytes, &offsets[0], &kinds[0], &masks[0], big_endian, &out[0, 0],
                out.shape[1], out.shape[0], False)
