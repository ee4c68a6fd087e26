# A flat gating program; called by `mrdkit.flow.engine` only, which checks every index against the arrays.

from numpy import float64, int64, uint8, uint64
from numpy.typing import NDArray

def run(
    raw: NDArray[uint8],
    event_bytes: int,
    big_endian: bool,
    n_events: int,
    ops: NDArray[int64],
    masks: NDArray[uint64],
    lists: NDArray[int64],
    constants: NDArray[float64],
    slots: NDArray[float64],
    members: NDArray[uint64],
    undefined: NDArray[uint64],
    out: NDArray[float64],
) -> None: ...
