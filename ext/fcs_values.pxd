"""Values of one column of an FCS event -> float64; header-only, for every kernel that reads DATA bytes.

A value of an integer column is its unsigned integer AND the mask; a float column ignores the mask. The result
depends neither on the machine's byte order nor on alignment.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy
from loads cimport mrdkit_load2, mrdkit_load4, mrdkit_load8

cdef enum:
    FLOAT32 = 104
    FLOAT64 = 108


cdef inline uint64_t whole(const uint8_t* p, int width, bint big_endian) noexcept nogil:
    """The unsigned integer of `width` bytes."""
    cdef uint64_t value = 0
    cdef int k
    if width == 2:
        return mrdkit_load2(p, big_endian)
    if width == 4:
        return mrdkit_load4(p, big_endian)
    if width == 8:
        return mrdkit_load8(p, big_endian)
    for k in range(width):
        value |= <uint64_t>p[k] << (8 * (width - 1 - k) if big_endian else 8 * k)
    return value


cdef inline void integers(
    const uint8_t* source, Py_ssize_t step, double* target, Py_ssize_t target_step,
    Py_ssize_t n, int width, bint big_endian, uint64_t mask,
) noexcept nogil:
    cdef Py_ssize_t i
    if big_endian:
        for i in range(n):
            target[i * target_step] = <double>(whole(source + i * step, width, True) & mask)
    else:
        for i in range(n):
            target[i * target_step] = <double>(whole(source + i * step, width, False) & mask)


cdef inline void floats(
    const uint8_t* source, Py_ssize_t step, double* target, Py_ssize_t target_step,
    Py_ssize_t n, bint big_endian,
) noexcept nogil:
    cdef Py_ssize_t i
    cdef uint32_t bits
    cdef float value
    for i in range(n):
        bits = <uint32_t>mrdkit_load4(source + i * step, big_endian)
        memcpy(&value, &bits, 4)
        target[i * target_step] = value


cdef inline void doubles(
    const uint8_t* source, Py_ssize_t step, double* target, Py_ssize_t target_step,
    Py_ssize_t n, bint big_endian,
) noexcept nogil:
    cdef Py_ssize_t i
    cdef uint64_t bits
    for i in range(n):
        bits = mrdkit_load8(source + i * step, big_endian)
        memcpy(&target[i * target_step], &bits, 8)


cdef inline void column(
    const uint8_t* source, Py_ssize_t step, double* target, Py_ssize_t target_step,
    Py_ssize_t n, int64_t kind, uint64_t mask, bint big_endian,
) noexcept nogil:
    # The literal widths let the compiler make one load of each value.
    if kind == FLOAT32:
        floats(source, step, target, target_step, n, big_endian)
    elif kind == FLOAT64:
        doubles(source, step, target, target_step, n, big_endian)
    elif kind == 1:
        integers(source, step, target, target_step, n, 1, big_endian, mask)
    elif kind == 2:
        integers(source, step, target, target_step, n, 2, big_endian, mask)
    elif kind == 3:
        integers(source, step, target, target_step, n, 3, big_endian, mask)
    elif kind == 4:
        integers(source, step, target, target_step, n, 4, big_endian, mask)
    elif kind == 5:
        integers(source, step, target, target_step, n, 5, big_endian, mask)
    elif kind == 6:
        integers(source, step, target, target_step, n, 6, big_endian, mask)
    elif kind == 7:
        integers(source, step, target, target_step, n, 7, big_endian, mask)
    elif kind == 8:
        integers(source, step, target, target_step, n, 8, big_endian, mask)
