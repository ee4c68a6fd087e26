"""Mismatches of many sequences against one, both aligned on their J segment.

out[i] = substitutions over the overlap of sequence i and the target, or -1 where they are more than
`max_mismatches` or where fewer than `min_overlap` called bases lie opposite each other. A letter N is no
called base: it neither matches nor differs. Where one of the two has no anchor, both are aligned on their
right ends.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t


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
    read += read_anchor - left
    target += target_anchor - left
    for i in range(left + right):
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
    const uint8_t[::1] target,
    int32_t target_anchor,
    int32_t min_overlap,
    int32_t max_mismatches,
    int32_t[::1] out,
):
    """Fill `out`; sequence i is bases[offsets[i]:offsets[i + 1]], its anchor below 0 where it has none."""
    cdef Py_ssize_t i, n = out.shape[0]
    if n == 0 or bases.shape[0] == 0 or target.shape[0] == 0:
        for i in range(n):
            out[i] = -1
        return
    with nogil:
        for i in range(n):
            # Pointers are taken from index 0, since a sequence may be empty at the very end of `bases`.
            out[i] = _mismatches(
                &bases[0] + offsets[i], offsets[i + 1] - offsets[i], anchors[i],
                &target[0], target.shape[0], target_anchor,
                min_overlap, max_mismatches,
            )
