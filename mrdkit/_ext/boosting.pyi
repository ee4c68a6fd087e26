# Leaves of boosted trees; called by `mrdkit.flow.mrd.boosting` only, which checks every index.

from numpy import float64, int32
from numpy.typing import NDArray

def add_leaves(
    events: NDArray[float64],
    features: NDArray[int32],
    thresholds: NDArray[float64],
    children: NDArray[int32],
    values: NDArray[float64],
    roots: NDArray[int32],
    out: NDArray[float64],
) -> None: ...
