"""Values as canonical JSON: sorted keys, no blanks, no escapes but those that JSON needs.

Members of an object whose names are in `skipped` are left out, at whatever depth. What JSON does not know is
asked of `plain`, which returns a text or raises TypeError.
"""

from json.encoder import encode_basestring

from libc.math cimport isfinite

cdef enum:
    DEEPEST = 500  # documents are a dozen levels deep; the stack holds far more


cdef int put(object value, object plain, frozenset skipped, int depth, list out) except -1:
    """Add the parts of one value."""
    if isinstance(value, str):
        out.append(encode_basestring(value))
    elif value is None:
        out.append("null")
    elif value is True:
        out.append("true")
    elif value is False:
        out.append("false")
    elif isinstance(value, float):
        if not isfinite(value):
            raise ValueError("a number is not finite")
        out.append(float.__repr__(value))
    elif isinstance(value, int):
        out.append(int.__repr__(value))
    elif isinstance(value, (dict, list, tuple)):
        if depth == DEEPEST:
            raise RecursionError("a document is nested too deeply")
        if isinstance(value, dict):
            put_object(value, plain, skipped, depth + 1, out)
        else:
            put_array(value, plain, skipped, depth + 1, out)
    else:
        out.append(encode_basestring(plain(value)))
    return 0


cdef int put_object(dict value, object plain, frozenset skipped, int depth, list out) except -1:
    cdef str before = "{"
    for name in sorted(value):
        if not isinstance(name, str):
            raise TypeError(f"no name of a member: {type(name).__name__}")
        if name not in skipped:
            out.append(before)
            out.append(encode_basestring(name))
            out.append(":")
            put(value[name], plain, skipped, depth, out)
            before = ","
    out.append("{}" if before == "{" else "}")
    return 0


cdef int put_array(object value, object plain, frozenset skipped, int depth, list out) except -1:
    cdef str before = "["
    for item in value:
        out.append(before)
        put(item, plain, skipped, depth, out)
        before = ","
    out.append("[]" if before == "[" else "]")
    return 0


def canonical_json(object value, object plain, frozenset skipped not None):
    """Return the canonical JSON of a value."""
    cdef list out = []
    put(value, plain, skipped, 0, out)
    return "".join(out)
