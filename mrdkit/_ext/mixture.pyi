# Log density of a normal mixture; called by `mrdkit.flow.mrd.mixture` only.

from numpy import float64
from numpy.typing import NDArray

def log_density(
    events: NDArray[float64],
    constants: NDArray[float64],
    means: NDArray[float64],
    triangles: NDArray[float64],
    out: NDArray[float64],
) -> None: ...
