import numpy as np
from numpy.typing import NDArray

def count_mismatches(
    bases: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    anchors: NDArray[np.int32],
    target: NDArray[np.uint8],
    target_anchor: int,
    min_overlap: int,
    max_mismatches: int,
    out: NDArray[np.int32],
) -> None: ...
