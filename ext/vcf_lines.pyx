"""Pass over the lines of a VCF that cannot touch TP53; most of a file is nothing else.

A line is passed over when it has the CHROM given, `n_tabs` tabs, a POS of at most ten digits above `beyond`,
and an ALT without breakend brackets. From `start` on, out[0] = offset of the first line that is not passed
over (or the end of the text) and out[1] = number of lines passed over. Lines end with a line feed.
"""

from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memchr, memcmp

from multiversion cimport multiversion

cdef enum:
    MOST_DIGITS = 10
    TABS_BEFORE_ALT = 4


cdef inline int64_t tabs_of(const uint8_t* line, int64_t length) noexcept nogil:
    cdef int64_t i, tabs = 0
    for i in range(length):
        tabs += line[i] == c"\t"
    return tabs


cdef inline bint has_bracket_in_alt(const uint8_t* line, int64_t length, int64_t i) noexcept nogil:
    """Tell whether ALT, which follows after two more tabs from `i` (just behind POS), has a bracket."""
    cdef int64_t tabs = 2
    while i < length:
        if line[i] == c"\t":
            tabs += 1
            if tabs > TABS_BEFORE_ALT:
                return False
        elif tabs == TABS_BEFORE_ALT and (line[i] == c"[" or line[i] == c"]"):
            return True
        i += 1
    return False


cdef inline bint passes(
    const uint8_t* line,
    int64_t length,
    const uint8_t* chrom,
    int64_t chrom_length,
    int64_t n_tabs,
    int64_t beyond,
) noexcept nogil:
    """Judge one line; `chrom` ends with its tab."""
    cdef int64_t i = chrom_length, pos = 0
    if length <= chrom_length or memcmp(line, chrom, chrom_length) != 0:
        return False
    while i < length and c"0" <= line[i] <= c"9" and i - chrom_length < MOST_DIGITS:
        pos = 10 * pos + line[i] - c"0"
        i += 1
    if i == chrom_length or i == length or line[i] != c"\t" or pos <= beyond:
        return False
    return tabs_of(line, length) == n_tabs and not has_bracket_in_alt(line, length, i + 1)


cdef multiversion walk(
    const uint8_t* text,
    int64_t size,
    int64_t start,
    const uint8_t* chrom,
    int64_t chrom_length,
    int64_t n_tabs,
    int64_t beyond,
    int64_t* out,
) noexcept nogil:
    cdef const uint8_t* end
    cdef int64_t length, passed = 0
    while start < size:
        end = <const uint8_t*> memchr(text + start, c"\n", size - start)
        length = end - (text + start) if end != NULL else size - start
        if end == NULL or not passes(text + start, length, chrom, chrom_length, n_tabs, beyond):
            break
        start += length + 1
        passed += 1
    out[0] = start
    out[1] = passed
    return 0


def pass_over(
    const uint8_t[::1] text,
    int64_t start,
    const uint8_t[::1] chrom,
    int64_t n_tabs,
    int64_t beyond,
    int64_t[::1] out,
):
    """Fill `out`; `chrom` is the name with the tab behind it, `beyond` -1 off chromosome 17."""
    if start >= text.shape[0]:
        out[0] = start
        out[1] = 0
        return
    with nogil:
        walk(
            &text[0], text.shape[0], start, &chrom[0], chrom.shape[0], n_tabs, beyond, &out[0]
        )
