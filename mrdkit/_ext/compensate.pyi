from numpy import float64, int64
from numpy.typing import NDArray

def compensate(
    detectors: NDArray[float64],
    weights: NDArray[float64],
    order: NDArray[int64],
    out: NDArray[float64],
) -> None: ...
