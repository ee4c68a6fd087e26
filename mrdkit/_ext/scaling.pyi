from numpy import float64
from numpy.typing import NDArray

def to_linear(values: NDArray[float64], mode: int, constants: NDArray[float64]) -> None: ...
