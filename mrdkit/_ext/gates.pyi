from numpy import float64, uint8
from numpy.typing import NDArray

def interval(values: NDArray[float64], low: float, high: float, out: NDArray[uint8]) -> None: ...
def polygon(
    x: NDArray[float64],
    y: NDArray[float64],
    vertices: NDArray[float64],
    box: NDArray[float64],
    out: NDArray[uint8],
) -> None: ...
def ellipsoid(
    columns: NDArray[float64],
    mean: NDArray[float64],
    inverse: NDArray[float64],
    distance_square: float,
    out: NDArray[uint8],
) -> None: ...
