"""Pass over the records of a BCF that cannot touch TP53, without unpacking their fields.

A record is two lengths, then CHROM and POS (from 0) as 32-bit numbers, further numbers, ID and the alleles as
typed strings (VCF 4.3 specification, section 6.3; little-endian). It is passed over when it is whole, has the
contig number given, alleles without breakend brackets, and a POS (from 1) above `beyond`, or one from which
neither the record's own length nor a symbolic allele reaches `first`. From `start` on, out[0] = offset of
the first record that is not passed over and out[1] = number of those passed over.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t

from loads cimport mrdkit_load2, mrdkit_load4

cdef enum:
    LENGTHS = 8  # bytes of the two lengths before a record
    FIXED = 24  # bytes before ID in the shared part
    POS = 4  # offsets in the shared part
    LENGTH = 8
    N_ALLELE = 18
    LONG = 15  # a length that stands in a number of its own
    TEXT = 7  # type of characters; 0 is a missing value
    INT8 = 1
    INT16 = 2
    INT32 = 3


cdef struct Marks:
    bint bracket
    bint symbolic


cdef inline int64_t string_end(const uint8_t* shared, int64_t size, int64_t i, Marks* marks) noexcept nogil:
    """Return the offset behind the typed string at `i`, or -1 where it is none or does not fit."""
    cdef int64_t length, kind, k
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
    for k in range(i, i + length):
        marks.bracket |= shared[k] == c"[" or shared[k] == c"]"
        marks.symbolic |= shared[k] == c"<"
    return i + length


cdef inline bint passes(const uint8_t* shared, int64_t size, int64_t first, int64_t beyond) noexcept nogil:
    """Judge one record on the contig given."""
    cdef int64_t i, _allele, n = <int64_t> mrdkit_load2(shared + N_ALLELE, 0)
    cdef int64_t pos = <int64_t> <int32_t> mrdkit_load4(shared + POS, 0) + 1
    cdef int64_t length = <int64_t> <int32_t> mrdkit_load4(shared + LENGTH, 0)
    cdef Marks marks
    i = string_end(shared, size, FIXED, &marks)
    marks.bracket = marks.symbolic = False  # an ID may have such letters
    for _allele in range(n):
        if i < 0:
            break
        i = string_end(shared, size, i, &marks)
    if i < 0 or marks.bracket:
        return False
    return pos > beyond or (length >= 0 and pos + length < first and not marks.symbolic)


def pass_over(
    const uint8_t[::1] records,
    int64_t start,
    int32_t contig,
    int64_t first,
    int64_t beyond,
    int64_t[::1] out,
):
    """Fill `out`."""
    cdef int64_t size = records.shape[0], shared, individual, passed = 0
    cdef const uint8_t* record
    with nogil:
        while start + LENGTHS + FIXED <= size:
            record = &records[0] + start
            shared = <int64_t> mrdkit_load4(record, 0)
            individual = <int64_t> mrdkit_load4(record + 4, 0)
            if shared < FIXED or shared + individual > size - start - LENGTHS:
                break
            if <int32_t> mrdkit_load4(record + LENGTHS, 0) != contig:
                break
            if not passes(record + LENGTHS, shared, first, beyond):
                break
            start += LENGTHS + shared + individual
            passed += 1
    out[0] = start
    out[1] = passed
