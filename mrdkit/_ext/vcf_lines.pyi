# Called by `mrdkit.tp53.scan` only.

from array import array

def pass_over(
    text: bytes,
    start: int,
    chrom: bytes,
    n_tabs: int,
    first: int,
    beyond: int,
    out: array[int],
) -> None: ...
