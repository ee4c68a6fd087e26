"""Sum of the leaves of an ensemble of binary trees, event by event.

An event goes to the second child of a node where its feature is more than the threshold, else to the first.
A leaf is its own child, so that several events can go down a tree side by side until none moves; a child's
number is more than its parent's, so that they arrive.
"""

from libc.stdint cimport int32_t

cdef enum:
    TILE = 64  # events that meet one tree after the other while they are in the first cache
    ABREAST = 8

cdef struct Trees:
    const int32_t* features
    const double* thresholds
    const int32_t* children
    const double* values
    const int32_t* roots
    Py_ssize_t n_trees
    Py_ssize_t n_dims


cdef inline int32_t next_node(const Trees* t, const double* event, int32_t node) noexcept nogil:
    return t.children[2 * node + (event[t.features[node]] > t.thresholds[node])]


cdef inline int32_t leaf(const Trees* t, const double* event, int32_t node) noexcept nogil:
    cdef int32_t child = next_node(t, event, node)
    while child != node:
        node = child
        child = next_node(t, event, node)
    return node


cdef inline void add_abreast(const Trees* t, const double* events, int32_t root, double* out) noexcept nogil:
    """Add the leaves of ABREAST events in one tree; their memory accesses don't wait for each other."""
    cdef int32_t nodes[ABREAST]
    cdef int32_t child, moved = 1
    cdef int i
    for i in range(ABREAST):
        nodes[i] = root
    while moved:
        moved = 0
        for i in range(ABREAST):
            child = next_node(t, events + t.n_dims * i, nodes[i])
            moved |= child ^ nodes[i]
            nodes[i] = child
    for i in range(ABREAST):
        out[i] += t.values[nodes[i]]


cdef void sums(const Trees* t, const double* events, Py_ssize_t n_events, double* out) noexcept nogil:
    cdef Py_ssize_t start = 0, stop, k, i
    while start < n_events:
        stop = min(start + TILE, n_events)
        for k in range(t.n_trees):
            i = start
            while i + ABREAST <= stop:
                add_abreast(t, events + t.n_dims * i, t.roots[k], out + i)
                i += ABREAST
            while i < stop:
                out[i] += t.values[leaf(t, events + t.n_dims * i, t.roots[k])]
                i += 1
        start = stop


def add_leaves(
    const double[:, ::1] events, const int32_t[::1] features, const double[::1] thresholds,
    const int32_t[:, ::1] children, const double[::1] values, const int32_t[::1] roots, double[::1] out,
):
    """Add to `out` (n_events,) the leaves of `events` (n_events, n_dims) in all trees, in their order."""
    cdef Trees t
    cdef Py_ssize_t n_nodes = values.shape[0]
    if features.shape[0] != n_nodes or thresholds.shape[0] != n_nodes or children.shape[0] != n_nodes:
        raise ValueError("a node lacks its feature, threshold, children or value")
    if children.shape[1] != 2 or out.shape[0] != events.shape[0]:
        raise ValueError("a node has not two children, or out not one place per event")
    if not events.shape[0] or not roots.shape[0]:
        return
    t.features, t.thresholds, t.children = &features[0], &thresholds[0], &children[0, 0]
    t.values, t.roots, t.n_trees, t.n_dims = &values[0], &roots[0], roots.shape[0], events.shape[1]
    with nogil:
        sums(&t, &events[0, 0], events.shape[0], &out[0])
