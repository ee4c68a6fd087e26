"""Where each contig of an indexed variant file begins and ends, and how many records it has.

A tabix (TBI) or CSI index lists, contig by contig, bins of chunks of virtual offsets (SAM specification,
section 5.2; tabix and CSIv1 specifications; little-endian). One bin, whose number no place has, sums a contig
up: its first chunk is where the contig lies, its second holds two counts of records. Three values of `out`
for each contig: first offset, end offset, number of records; the number is -1 where there are bins but no
such summary.
"""

from libc.stdint cimport int64_t, uint8_t

from loads cimport mrdkit_load4, mrdkit_load8

cdef enum:
    CHUNK = 16  # bytes of a pair of virtual offsets


cdef inline int64_t counted(const uint8_t* index, int64_t size, int64_t i) noexcept nogil:
    """Return the number at `i`, or -1 where the index ends before it."""
    return <int64_t> mrdkit_load4(index + i, 0) if i + 4 <= size else -1


cdef inline int64_t bins_end(
    const uint8_t* index, int64_t size, int64_t i, bint is_csi, int64_t summary, int64_t* out
) noexcept nogil:
    """Return the offset behind the bins of one contig, which begin with their number at `i`, or -1."""
    cdef int64_t n_bins = counted(index, size, i), _bin, number, n_chunks
    cdef int64_t head = 16 if is_csi else 8  # bin, with CSI an offset, and the number of chunks
    out[0] = out[1] = 0
    out[2] = -1 if n_bins > 0 else 0
    i += 4
    for _bin in range(n_bins):
        number = counted(index, size, i)
        n_chunks = counted(index, size, i + head - 4)
        i += head
        if n_chunks < 0 or n_chunks > (size - i) // CHUNK:
            return -1
        if number == summary and n_chunks == 2:
            out[0] = <int64_t> mrdkit_load8(index + i, 0)
            out[1] = <int64_t> mrdkit_load8(index + i + 8, 0)
            out[2] = <int64_t> (mrdkit_load8(index + i + 16, 0) + mrdkit_load8(index + i + 24, 0))
        i += n_chunks * CHUNK
    return i if n_bins >= 0 else -1


def read_places(
    const uint8_t[::1] index,
    int64_t start,
    bint is_csi,
    int64_t summary,
    int64_t[::1] out,
):
    """Fill `out` and return the offset behind the last contig, or -1 where the index does not fit."""
    cdef int64_t contig, n_intervals, size = index.shape[0]
    if size == 0:
        return -1
    with nogil:
        for contig in range(out.shape[0] // 3):
            start = bins_end(&index[0], size, start, is_csi, summary, &out[3 * contig])
            if start >= 0 and not is_csi:
                n_intervals = counted(&index[0], size, start)
                start += 4
                if n_intervals < 0 or n_intervals > (size - start) // 8:
                    start = -1
                else:
                    start += 8 * n_intervals
            if start < 0:
                break
    return start
