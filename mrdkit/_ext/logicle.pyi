from numpy import float64
from numpy.typing import NDArray

def logicle(
    values: NDArray[float64],
    table: NDArray[float64],
    q: float,
    limit: float,
    x1: float,
    out: NDArray[float64],
) -> int: ...
