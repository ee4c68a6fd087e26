"""Sequences laid end to end: mismatches against one of them, equal ones, and digests of what lies around J.

Sequence i is bases[offsets[i]:offsets[i + 1]]; its anchor is the first base of its J segment, below 0 where
it has none. A letter N is no called base: it neither matches nor differs.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.string cimport memcmp


cdef extern from "tsv.h" nogil:
    uint64_t mrdkit_digest(const uint8_t* text, int64_t length, uint64_t start)


cdef inline int32_t _mismatches(
    const uint8_t* read,
    int64_t read_length,
    int64_t read_anchor,
    const uint8_t* target,
    int64_t target_length,
    int64_t target_anchor,
    int64_t min_overlap,
    int64_t max_mismatches,
) noexcept nogil:
    cdef int64_t left, right, i, called = 0, mismatches = 0
    cdef uint8_t a, b
    if read_anchor < 0 or target_anchor < 0:
        read_anchor = read_length
        target_anchor = target_length
    left = min(read_anchor, target_anchor)
    right = min(read_length - read_anchor, target_length - target_anchor)
    if left + right < min_overlap:
        return -1
    read += read_anchor
    target += target_anchor
    # What differs between clones lies left of J, nearest to it: most sequences end after a few bases.
    for i in range(-1, -left - 1, -1):
        a = read[i]
        b = target[i]
        if a == c"N" or b == c"N":
            continue
        called += 1
        if a != b:
            mismatches += 1
            if mismatches > max_mismatches:
                return -1
    for i in range(right):
        a = read[i]
        b = target[i]
        if a == c"N" or b == c"N":
            continue
        called += 1
        if a != b:
            mismatches += 1
            if mismatches > max_mismatches:
                return -1
    return <int32_t> mismatches if called >= min_overlap else -1


def count_mismatches(
    const uint8_t[::1] bases,
    const int64_t[::1] offsets,
    const int32_t[::1] anchors,
    const int64_t[::1] rows,
    const uint8_t[::1] target,
    int32_t target_anchor,
    int32_t min_overlap,
    int32_t max_mismatches,
    int32_t[::1] out,
):
    """Fill out[k] with the substitutions between sequence rows[k] and the target, both aligned on J.

    -1 where they are more than `max_mismatches`, or where fewer than `min_overlap` called bases lie opposite
    each other. Where one of the two has no anchor, both are aligned on their right ends.
    """
    cdef Py_ssize_t k, n = out.shape[0]
    cdef int64_t i
    if n == 0 or bases.shape[0] == 0 or target.shape[0] == 0:
        for k in range(n):
            out[k] = -1
        return
    with nogil:
        for k in range(n):
            i = rows[k]
            # Pointers are taken from index 0, since a sequence may be empty at the very end of `bases`.
            out[k] = _mismatches(
                &bases[0] + offsets[i], offsets[i + 1] - offsets[i], anchors[i],
                &target[0], target.shape[0], target_anchor,
                min_overlap, max_mismatches,
            )


def first_equal(
    const uint8_t[::1] bases,
    const int64_t[::1] offsets,
    const int32_t[::1] loci,
    int32_t[::1] slots,
    int32_t[::1] out,
):
    """Fill out[i] with the first sequence that equals sequence i in letters and locus.

    `slots` (a power of two, more than twice as many as sequences) is all -1.
    """
    cdef Py_ssize_t i, n = out.shape[0]
    cdef int64_t length
    cdef uint64_t mask = <uint64_t> (slots.shape[0] - 1), slot
    cdef int32_t other
    cdef const uint8_t* letters = &bases[0] if bases.shape[0] else NULL
    with nogil:
        for i in range(n):
            length = offsets[i + 1] - offsets[i]
            slot = mrdkit_digest(letters + offsets[i], length, <uint64_t> loci[i]) & mask
            out[i] = <int32_t> i
            while slots[slot] >= 0:
                other = slots[slot]
                if loci[other] == loci[i] and offsets[other + 1] - offsets[other] == length and memcmp(
                    letters + offsets[other], letters + offsets[i], length
                ) == 0:
                    out[i] = other
                    break
                slot = (slot + 1) & mask
            if out[i] == i:
                slots[slot] = <int32_t> i


def window_digests(
    const uint8_t[::1] bases,
    const int64_t[::1] offsets,
    const int32_t[::1] anchors,
    int32_t left,
    int32_t right,
    uint64_t[::1] out,
):
    """Fill out[i] with a digest of the `left` bases before and `right` from the anchor; 0 without them."""
    cdef Py_ssize_t i, n = out.shape[0]
    cdef int64_t anchor, length
    with nogil:
        for i in range(n):
            anchor = anchors[i]
            length = offsets[i + 1] - offsets[i]
            out[i] = 0
            if anchor >= left and anchor + right <= length:
                out[i] = mrdkit_digest(&bases[0] + offsets[i] + anchor - left, left + right, 0) | 1
