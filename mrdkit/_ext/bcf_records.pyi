# Called by `mrdkit.tp53.bcf` only.

from array import array

def pass_over(
    records: bytes,
    start: int,
    contig: int,
    first: int,
    beyond: int,
    out: array[int],
) -> None: ...
