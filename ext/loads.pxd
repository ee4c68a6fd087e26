"""One load of an unsigned value in either byte order, from any address (see bytes.h)."""

from libc.stdint cimport uint8_t, uint64_t

cdef extern from "bytes.h":
    uint64_t mrdkit_load2(const uint8_t* p, bint big_endian) noexcept nogil
    uint64_t mrdkit_load4(const uint8_t* p, bint big_endian) noexcept nogil
    uint64_t mrdkit_load8(const uint8_t* p, bint big_endian) noexcept nogil
