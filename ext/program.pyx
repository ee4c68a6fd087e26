"""A gating strategy, compiled to a flat program, over the events of a file.

Events are taken in tiles whose columns stay in the first caches. An instruction fills a slot (one
column of a tile) or a row of bits (one population), in words of 64 events; a word without an event of the
population that the instruction needs is passed over. Slots hold anything for such words.

Populations: row 0 holds all events. `undefined` are events that a gate or what it is made of cannot place,
because a coordinate is not finite; they are in no gate and in no complement.
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t

from columns cimport combined, linear, ratio
from fcs_values cimport column
from gates cimport WORD, ellipsoid, finite, interval, polygon
from multiversion cimport multiversion
from scales cimport scaled

cdef enum:
    TILE = 128
    FIELDS = 8
    # Fields of an instruction.
    CODE = 0
    TARGET = 1  # slot, population or row of `out`
    NEED = 2  # population
    FIRST = 3  # slot, or the place in `lists` of several
    SECOND = 4
    COUNT = 5
    CONSTANT = 6  # place in `constants`
    # Codes.
    LOAD = 0
    LINEAR = 1
    COMBINE = 2
    RATIO = 3
    # 4 to 8 are the scales of scales.pxd.
    BOX = 9
    POLYGON = 10
    ELLIPSOID = 11
    AND = 12
    OR = 13
    STORE = 14


cdef inline void convert(
    const int64_t* op, double* slots, Py_ssize_t at, const double* k
) noexcept nogil:
    """Fill 64 values of a slot from one or two others."""
    cdef double* out = slots + TILE * op[TARGET] + at
    cdef const double* x = slots + TILE * op[FIRST] + at
    cdef const double* y = slots + TILE * op[SECOND] + at
    cdef int64_t code = op[CODE]
    cdef int i
    if code == LINEAR:
        linear(out, 1, WORD, op[COUNT], k)
    elif code == RATIO:
        for i in range(WORD):
            out[i] = ratio(x[i], y[i], k)
    else:
        scaled(code, x, out, WORD, k, op[COUNT])


cdef inline uint64_t inside(
    const int64_t* op, const double* slots, const int64_t* axes, const double* k
) noexcept nogil:
    """Membership of 64 events in a shape; `slots` points at their first event."""
    cdef uint64_t word = ~(<uint64_t>0)
    cdef int64_t a
    if op[CODE] == POLYGON:
        return polygon(slots + TILE * axes[0], slots + TILE * axes[1], k, op[SECOND])
    if op[CODE] == ELLIPSOID:
        return ellipsoid(slots, TILE, axes, op[COUNT], k)
    for a in range(op[COUNT]):
        word &= interval(slots + TILE * axes[a], k[2 * a], k[2 * a + 1])
    return word


cdef inline void shape(
    const int64_t* op, const double* slots, const int64_t* axes, const double* k,
    uint64_t* members, uint64_t* undefined, Py_ssize_t n_words,
) noexcept nogil:
    """One word of a shape's population; the pointers stand at that word."""
    cdef uint64_t parent = members[n_words * op[NEED]], placed = ~(<uint64_t>0)
    cdef int64_t a
    if parent:
        for a in range(op[COUNT]):
            placed &= finite(slots + TILE * axes[a])
        members[n_words * op[TARGET]] = parent & placed & inside(op, slots, axes, k)
    else:
        members[n_words * op[TARGET]] = 0
    undefined[n_words * op[TARGET]] = (parent & ~placed) | undefined[n_words * op[NEED]]


cdef inline void combination(
    const int64_t* op, const int64_t* operands, uint64_t* members, uint64_t* undefined, Py_ssize_t n_words,
) noexcept nogil:
    """One word of a boolean gate; an operand is twice its population, plus 1 for the complement."""
    cdef uint64_t word = 0 if op[CODE] == OR else ~(<uint64_t>0), unknown = 0, own
    cdef int64_t a
    for a in range(op[COUNT]):
        own = members[n_words * (operands[a] >> 1)] ^ (<uint64_t>0 - <uint64_t>(operands[a] & 1))
        word = word | own if op[CODE] == OR else word & own
        unknown |= undefined[n_words * (operands[a] >> 1)]
    members[n_words * op[TARGET]] = members[n_words * op[NEED]] & word & ~unknown
    undefined[n_words * op[TARGET]] = unknown | undefined[n_words * op[NEED]]


cdef struct Run:
    const uint8_t* raw
    Py_ssize_t event_bytes
    bint big_endian
    Py_ssize_t n_events
    const int64_t* ops
    Py_ssize_t n_ops
    const uint64_t* masks
    const int64_t* lists
    const double* constants
    double* slots
    uint64_t* members
    uint64_t* undefined
    Py_ssize_t n_words
    double* out


cdef inline void words(const int64_t* op, const Run* r, Py_ssize_t start, Py_ssize_t n) noexcept nogil:
    """One instruction over the words of a tile."""
    cdef const double* k = r.constants + op[CONSTANT]
    cdef const int64_t* several = r.lists + op[FIRST]
    cdef uint64_t* members = r.members + start // WORD
    cdef uint64_t* undefined = r.undefined + start // WORD
    cdef double* slots = r.slots
    cdef int64_t code = op[CODE]
    cdef Py_ssize_t w
    for w in range((n + WORD - 1) // WORD):
        if code == AND or code == OR:
            combination(op, several, members + w, undefined + w, r.n_words)
        elif code >= BOX:
            shape(op, slots + WORD * w, several, k, members + w, undefined + w, r.n_words)
        elif members[r.n_words * op[NEED] + w]:
            if code == COMBINE:
                combined(
                    slots + WORD * w, TILE, several, op[COUNT], k, WORD, slots + TILE * op[TARGET] + WORD * w)
            else:
                convert(op, slots, WORD * w, k)


cdef multiversion tiles(const Run* r) noexcept nogil:
    """All instructions over all events, tile by tile."""
    cdef Py_ssize_t start = 0, n, p, i
    cdef const int64_t* op
    while start < r.n_events:
        n = min(<Py_ssize_t>TILE, r.n_events - start)
        for p in range(r.n_ops):
            op = r.ops + FIELDS * p
            if op[CODE] == LOAD:
                column(
                    r.raw + start * r.event_bytes + op[FIRST], r.event_bytes, r.slots + TILE * op[TARGET], 1,
                    n, op[COUNT], r.masks[op[SECOND]], r.big_endian)
            elif op[CODE] == STORE:
                for i in range(n):
                    r.out[r.n_events * op[TARGET] + start + i] = r.slots[TILE * op[FIRST] + i]
            else:
                words(op, r, start, n)
        start += TILE
    return 0


def run(
    const uint8_t[::1] raw, Py_ssize_t event_bytes, bint big_endian, Py_ssize_t n_events,
    const int64_t[:, ::1] ops, const uint64_t[::1] masks, const int64_t[::1] lists,
    const double[::1] constants, double[:, ::1] slots, uint64_t[:, ::1] members,
    uint64_t[:, ::1] undefined, double[:, ::1] out,
):
    """Run all instructions over all events; row 0 of `members` holds the events that exist."""
    cdef Run r
    if slots.shape[1] != TILE or ops.shape[1] != FIELDS:
        raise ValueError("the wrapper's tile or instruction is not as long as the kernel's")
    if not n_events or not ops.shape[0]:
        return
    r.raw, r.event_bytes, r.big_endian, r.n_events = &raw[0], event_bytes, big_endian, n_events
    r.ops, r.n_ops = &ops[0, 0], ops.shape[0]
    r.masks, r.lists, r.constants = &masks[0], &lists[0], &constants[0]
    r.slots, r.members, r.undefined = &slots[0, 0], &members[0, 0], &undefined[0, 0]
    r.n_words = members.shape[1]
    r.out = &out[0, 0] if out.shape[0] else NULL
    with nogil:
        tiles(&r)
