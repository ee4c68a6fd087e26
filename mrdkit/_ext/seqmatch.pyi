# Sequences end to end; called by `mrdkit.ngs.sequences` and `mrdkit.ngs.matching` only.

import numpy as np
from numpy.typing import NDArray

def count_mismatches(
    bases: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    anchors: NDArray[np.int32],
    rows: NDArray[np.int64],
    target: NDArray[np.uint8],
    target_anchor: int,
    min_overlap: int,
    max_mismatches: int,
    out: NDArray[np.int32],
) -> None: ...
def first_equal(
    bases: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    loci: NDArray[np.int32],
    slots: NDArray[np.int32],
    out: NDArray[np.int32],
) -> None: ...
def window_digests(
    bases: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    anchors: NDArray[np.int32],
    left: int,
    right: int,
    out: NDArray[np.uint64],
) -> None: ...
