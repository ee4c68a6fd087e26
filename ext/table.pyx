"""Rows of a tab-separated table: where their fields stand, distinct texts as numbers, sequences end to end.

Text is a block of whole lines, each with its line feed, and 64 readable bytes behind it. A carriage return
before the line feed belongs to the line end. Positions are bytes from the start of the block.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.string cimport memcmp, memcpy

from multiversion cimport multiversion


cdef extern from "tsv.h" nogil:
    uint64_t mrdkit_mask64(const uint8_t* text, uint8_t byte)
    int mrdkit_count_bits(uint64_t mask)
    int mrdkit_lowest_bit(uint64_t mask)
    uint64_t mrdkit_word(const uint8_t* text, int64_t length)
    uint64_t mrdkit_mixed(uint64_t hash, uint64_t word)
    uint64_t mrdkit_digest(const uint8_t* text, int64_t length, uint64_t start)
    bint mrdkit_copy_bases(const uint8_t* text, int64_t length, uint8_t* bases)


cdef struct Rows:
    Py_ssize_t n        # rows filled
    Py_ssize_t behind   # position behind the last of them


cdef multiversion _split(
    const uint8_t* text,
    Py_ssize_t stop,
    int32_t n_columns,
    const int32_t[:, ::1] tabs,
    int32_t[:, ::1] begins,
    int32_t[:, ::1] ends,
    Rows* rows,
) noexcept nogil:
    cdef Py_ssize_t at = 0, line_end, capacity = begins.shape[1], last = begins.shape[0] - 1
    cdef Py_ssize_t n_events = tabs.shape[0] - 1, event = 0, row = 0, start = 0
    cdef bint from_first = tabs[n_events, 1] == 1, to_last = tabs[n_events, 2] == 1
    cdef int32_t seen = 0, count, skip
    cdef uint64_t all_tabs, lines, part
    while at < stop and row < capacity:
        all_tabs = mrdkit_mask64(text + at, 9)
        lines = mrdkit_mask64(text + at, 10)
        while True:
            part = all_tabs & (lines ^ (lines - 1)) if lines else all_tabs  # of this row
            all_tabs ^= part
            count = mrdkit_count_bits(part)
            while event < n_events and tabs[event, 0] <= seen + count:
                skip = tabs[event, 0] - seen - 1
                count -= skip + 1
                seen = tabs[event, 0]
                while skip > 0:
                    part &= part - 1
                    skip -= 1
                line_end = at + mrdkit_lowest_bit(part)
                part &= part - 1
                if tabs[event, 1] >= 0:
                    ends[tabs[event, 1], row] = <int32_t> line_end
                if tabs[event, 2] >= 0:
                    begins[tabs[event, 2], row] = <int32_t> (line_end + 1)
                event += 1
            seen += count
            if not lines:
                break
            line_end = at + mrdkit_lowest_bit(lines)
            if line_end >= stop or seen != n_columns - 1:
                rows.n, rows.behind = row, start
                return 0
            if from_first:
                begins[0, row] = <int32_t> start
            if to_last:
                ends[last, row] = <int32_t> line_end - (line_end > start and text[line_end - 1] == 13)
            row += 1
            start = line_end + 1
            seen = 0
            event = 0
            lines &= lines - 1
            if row == capacity:
                break
        at += 64
    rows.n, rows.behind = row, start
    return 0


def split_rows(
    const uint8_t[::1] text,
    Py_ssize_t stop,
    int32_t n_columns,
    const int32_t[:, ::1] tabs,
    int32_t[:, ::1] begins,
    int32_t[:, ::1] ends,
):
    """Fill begin and end of the wanted fields; return rows filled, and the position behind them.

    tabs[:, 0] are the numbers (from 1, rising) of the tabs at which a wanted field ends (its row in
    tabs[:, 1], else -1) or begins (tabs[:, 2]). Row 0 of `begins` is column 0 where tabs[-1, 1] is 1, and the
    last row of `ends` is the last column where tabs[-1, 2] is 1. It stops before a row that has another
    number of fields.
    """
    cdef Rows rows
    rows.n = rows.behind = 0
    if stop > 0:
        with nogil:
            _split(&text[0], stop, n_columns, tabs, begins, ends, &rows)
    return rows.n, rows.behind


def encode(
    const uint8_t[::1] text,
    const int32_t[::1] begins,
    const int32_t[::1] ends,
    Py_ssize_t first,
    int32_t[::1] slots,
    uint64_t[:, ::1] keys,
    int64_t[::1] pool_ends,
    uint8_t[::1] pool,
    Py_ssize_t n_known,
    int32_t[::1] codes,
):
    """Give each field from `first` on the number of its text; return the row it stopped at, and texts known.

    It stops before a row whose text has no room. `slots` (a power of two, -1 where free) is at most half
    full; text k is pool[pool_ends[k]:pool_ends[k + 1]], keys[k] its digest and its first 16 bytes.
    """
    cdef Py_ssize_t i = first, n = codes.shape[0], known = n_known
    cdef uint64_t last_head = 0, last_tail = 0
    cdef int64_t last_length = -1
    cdef uint64_t digest, head, tail, mask = <uint64_t> (slots.shape[0] - 1), slot
    cdef int64_t length, start
    cdef int32_t code
    cdef const uint8_t* field
    with nogil:
        while i < n:
            field = &text[0] + begins[i]
            length = ends[i] - begins[i]
            head = mrdkit_word(field, length)
            tail = mrdkit_word(field + 8, length - 8)
            if length <= 16 and length == last_length and head == last_head and tail == last_tail:
                codes[i] = codes[i - 1]
                i += 1
                continue
            last_length, last_head, last_tail = length, head, tail
            digest = mrdkit_mixed(mrdkit_mixed(<uint64_t> length, head), tail)
            if length > 16:
                digest = mrdkit_digest(field, length, 0)
            slot = digest & mask
            while slots[slot] >= 0:
                code = slots[slot]
                start = pool_ends[code]
                if (
                    keys[code, 0] == digest and keys[code, 1] == head and keys[code, 2] == tail
                    and pool_ends[code + 1] - start == length
                    and (length <= 16 or memcmp(&pool[0] + start, field, length) == 0)
                ):
                    break
                slot = (slot + 1) & mask
            if slots[slot] < 0:
                start = pool_ends[known]
                if 2 * (known + 1) > slots.shape[0] or known >= keys.shape[0] or (
                    start + length > pool.shape[0]
                ):
                    break
                memcpy(&pool[0] + start, field, length)
                pool_ends[known + 1] = start + length
                keys[known, 0], keys[known, 1], keys[known, 2] = digest, head, tail
                slots[slot] = <int32_t> known
                known += 1
            codes[i] = slots[slot]
            i += 1
    return i, known


def place(const uint64_t[:, ::1] keys, Py_ssize_t n_known, int32_t[::1] slots):
    """Put the known texts into larger `slots`, all of which are -1 and more than half of which stay so."""
    cdef Py_ssize_t i
    cdef uint64_t mask = <uint64_t> (slots.shape[0] - 1), slot
    with nogil:
        for i in range(n_known):
            slot = keys[i, 0] & mask
            while slots[slot] >= 0:
                slot = (slot + 1) & mask
            slots[slot] = <int32_t> i


def gather(
    const uint8_t[::1] text,
    const int32_t[::1] begins,
    const int32_t[::1] ends,
    int64_t longest,
    uint8_t[::1] bases,
    int64_t[::1] lengths,
):
    """Copy each field to `bases` in upper case; return rows done, stopping at one that is no sequence."""
    cdef Py_ssize_t i, done = 0, position = 0
    cdef int64_t length
    with nogil:
        for i in range(lengths.shape[0]):
            length = ends[i] - begins[i]
            if length < 1 or length > longest or position + length > bases.shape[0]:
                break
            if not mrdkit_copy_bases(&text[0] + begins[i], length, &bases[0] + position):
                break
            lengths[i] = length
            position += length
            done += 1
    return done
