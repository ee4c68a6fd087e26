from numpy import float64
from numpy.typing import NDArray

def to_display(
    values: NDArray[float64], code: int, constants: NDArray[float64], out: NDArray[float64]
) -> None: ...
