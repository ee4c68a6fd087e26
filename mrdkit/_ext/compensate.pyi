from numpy import float64
from numpy.typing import NDArray

def compensate(
    detectors: NDArray[float64],
    weights: NDArray[float64],
    out: NDArray[float64],
) -> None: ...
