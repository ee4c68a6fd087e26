"""Pass over the records of a BCF that cannot touch TP53, without unpacking their fields.

A record is two lengths, then CHROM and POS (from 0) as 32-bit numbers, further numbers, ID and the alleles as
typed strings (VCF 4.3 specification, section 6.3; little-endian). It is passed over when it is whole, has the
contig number given, a POS (from 1) above `beyond`, and alleles without breakend brackets. From `start`
on, out[0] = offset of the first record that is not passed over and out[1] = number of those passed over.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.string cimport memchr

from loads cimport mrdkit_load2, mrdkit_load4

cdef enum:
    LENGTHS = 8  # bytes of the two lengths before a record
    FIXED = 24  # bytes before ID in the shared part
    N_ALLELE = 18  # offset of the number of alleles in the shared part
    LONG = 15  # a length that stands in a number of its own
    TEXT = 7  # type of characters; 0 is a missing value
    INT8 = 1
    INT16 = 2
    INT32 = 3


cdef inline int64_t string_end(const uint8_t* shared, int64_t size, int64_t i, bint* bracket) noexcept nogil:
    """Return the offset behind the typed string at `i`, or -1 where it is none or does not fit."""
    cdef int64_t length, kind
    if i >= size:
        return -1
    length = shared[i] >> 4
    kind = shared[i] & 15
    i += 1
    if kind != TEXT and not (kind == 0 and length == 0):
        return -1
    if length == LONG:
        if i + 5 > size:
            return -1
        if shared[i] == (1 << 4 | INT8):
            length = shared[i + 1]
            i += 2
        elif shared[i] == (1 << 4 | INT16):
            length = <int64_t> mrdkit_load2(shared + i + 1, 0)
            i += 3
        elif shared[i] == (1 << 4 | INT32):
            length = <int64_t> mrdkit_load4(shared + i + 1, 0)
            i += 5
        else:
            return -1
    if length > size - i:
        return -1
    if length > 0 and (memchr(shared + i, c"[", length) != NULL or memchr(shared + i, c"]", length) != NULL):
        bracket[0] = True
    return i + length


cdef inline bint has_plain_alleles(const uint8_t* shared, int64_t size) noexcept nogil:
    """Tell whether ID and alleles fit into the shared part and no allele has a bracket."""
    cdef int64_t i, _allele, n = <int64_t> mrdkit_load2(shared + N_ALLELE, 0)
    cdef bint bracket = False
    i = string_end(shared, size, FIXED, &bracket)
    bracket = False  # an ID may have one
    for _allele in range(n):
        if i < 0:
            break
        i = string_end(shared, size, i, &bracket)
    return i >= 0 and not bracket


def pass_over(
    const uint8_t[::1] records,
    int64_t start,
    int32_t contig,
    int64_t beyond,
    int64_t[::1] out,
):
    """Fill `out`; `beyond` is -1 off chromosome 17."""
    cdef int64_t size = records.shape[0], shared, individual, passed = 0
    cdef const uint8_t* record
    if start < size:
        with nogil:
            while start + LENGTHS + FIXED <= size:
                record = &records[0] + start
                shared = <int64_t> mrdkit_load4(record, 0)
                individual = <int64_t> mrdkit_load4(record + 4, 0)
                if shared < FIXED or shared + individual > size - start - LENGTHS:
                    break
                if <int32_t> <uint32_t> mrdkit_load4(record + 8, 0) != contig:
                    break
                if <int64_t> <int32_t> <uint32_t> mrdkit_load4(record + 12, 0) + 1 <= beyond:
                    break
                if not has_plain_alleles(record + LENGTHS, shared):
                    break
                start += LENGTHS + shared + individual
                passed += 1
    out[0] = start
    out[1] = passed
