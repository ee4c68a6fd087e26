# Called by `mrdkit.tp53.index` only.

from array import array

def read_places(
    index: bytes,
    start: int,
    is_csi: bool,
    summary: int,
    out: array[int],
) -> int: ...
