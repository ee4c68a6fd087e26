"""Slow, readable twins of the compiled kernels. The kernels must agree with them on every input."""

# --- sequencing: mismatches of two sequences aligned on their J segment ---


def j_aligned_mismatches(
    read: str,
    read_j: int | None,
    target: str,
    target_j: int | None,
    *,
    min_overlap: int,
    max_mismatches: int,
) -> int:
    """Substitutions over the overlap, -1 where it is too short or they are too many."""
    if read_j is None or target_j is None:
        read_j, target_j = len(read), len(target)
    read_at = {position - read_j: base for position, base in enumerate(read)}
    target_at = {position - target_j: base for position, base in enumerate(target)}
    pairs = [(read_at[at], target_at[at]) for at in read_at.keys() & target_at.keys()]
    called = [pair for pair in pairs if "N" not in pair]
    found = sum(a != b for a, b in called)
    return found if len(called) >= min_overlap and found <= max_mismatches else -1
