"""Pass over the lines of a VCF that cannot touch TP53; most of a file is nothing else.

A line is passed over when it has the CHROM given, `n_tabs` tabs, an ALT without breakend brackets, and a POS
of at most ten digits above `beyond`, or one from which nothing reaches `first`: REF and END lie below it, and
without an END that is not before POS no allele is symbolic. From `start` on, out[0] = offset of the first
line that is not passed over (or the end of the text) and out[1] = number of lines passed over. Lines end with
a line feed.
"""

from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memchr, memcmp

from multiversion cimport multiversion

cdef enum:
    MOST_DIGITS = 10
    UNKNOWN = -1


cdef struct Line:
    const uint8_t* at
    int64_t length


cdef inline int64_t tabs_of(Line line) noexcept nogil:
    cdef int64_t i, tabs = 0
    for i in range(line.length):
        tabs += line.at[i] == c"\t"
    return tabs


cdef inline int64_t cell_end(Line line, int64_t i) noexcept nogil:
    cdef const uint8_t* tab
    tab = <const uint8_t*> memchr(line.at + i, c"\t", line.length - i)
    return tab - line.at if tab != NULL else line.length


cdef inline bint holds(Line line, int64_t i, int64_t end, uint8_t mark) noexcept nogil:
    return memchr(line.at + i, mark, end - i) != NULL


cdef inline int64_t number(Line line, int64_t* i) noexcept nogil:
    """Read the digits at `i`, at most ten, and go behind them; UNKNOWN where there are none."""
    cdef int64_t value = 0, first = i[0]
    while i[0] < line.length and c"0" <= line.at[i[0]] <= c"9" and i[0] - first < MOST_DIGITS:
        value = 10 * value + line.at[i[0]] - c"0"
        i[0] += 1
    return value if i[0] > first else UNKNOWN


cdef inline int64_t declared_end(Line line, int64_t i, int64_t end) noexcept nogil:
    """Return the last position that END in INFO declares, 0 without END, UNKNOWN where it cannot be read."""
    cdef int64_t value = 0
    cdef const uint8_t* next_item
    while i < end:
        if end - i >= 4 and memcmp(line.at + i, b"END=", 4) == 0:
            i += 4
            if value != 0:
                return UNKNOWN
            value = number(line, &i)
            if value <= 0 or (i < end and line.at[i] != c";"):
                return UNKNOWN
        next_item = <const uint8_t*> memchr(line.at + i, c";", end - i)
        i = next_item - line.at + 1 if next_item != NULL else end
    return value


cdef inline bint passes(
    Line line, const uint8_t* chrom, int64_t chrom_length, int64_t n_tabs, int64_t first, int64_t beyond
) noexcept nogil:
    """Judge one line; `chrom` ends with its tab."""
    cdef int64_t i = chrom_length, pos, ref, alt, info, declared
    if line.length <= chrom_length or memcmp(line.at, chrom, chrom_length) != 0:
        return False
    pos = number(line, &i)
    if pos == UNKNOWN or i == line.length or line.at[i] != c"\t" or tabs_of(line) != n_tabs:
        return False
    ref = cell_end(line, i + 1) + 1
    alt = cell_end(line, ref) + 1
    i = cell_end(line, alt)
    if holds(line, alt, i, c"[") or holds(line, alt, i, c"]"):
        return False
    if pos > beyond:
        return True
    info = cell_end(line, cell_end(line, i + 1) + 1) + 1
    declared = declared_end(line, info, cell_end(line, info))
    if declared == UNKNOWN or (declared < pos and holds(line, alt, i, c"<")):
        return False
    return pos + max(1, alt - 1 - ref) < first and declared + 1 < first


cdef multiversion walk(
    const uint8_t* text,
    int64_t size,
    int64_t start,
    const uint8_t* chrom,
    int64_t chrom_length,
    int64_t n_tabs,
    int64_t first,
    int64_t beyond,
    int64_t* out,
) noexcept nogil:
    cdef const uint8_t* end
    cdef Line line
    out[1] = 0
    while start < size:
        end = <const uint8_t*> memchr(text + start, c"\n", size - start)
        line.at = text + start
        line.length = end - line.at if end != NULL else 0
        if not passes(line, chrom, chrom_length, n_tabs, first, beyond):
            break
        start += line.length + 1
        out[1] += 1
    out[0] = start
    return 0


def pass_over(
    const uint8_t[::1] text,
    int64_t start,
    const uint8_t[::1] chrom,
    int64_t n_tabs,
    int64_t first,
    int64_t beyond,
    int64_t[::1] out,
):
    """Fill `out`; `chrom` is the name with the tab behind it, `n_tabs` at least seven."""
    out[0] = start
    out[1] = 0
    if start < text.shape[0]:
        with nogil:
            walk(
                &text[0], text.shape[0], start, &chrom[0], chrom.shape[0], n_tabs, first, beyond, &out[0]
            )
