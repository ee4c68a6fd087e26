# Rows of a tab-separated table; called by `mrdkit.ngs.table` only.

import numpy as np
from numpy.typing import NDArray

def split_rows(
    text: NDArray[np.uint8],
    stop: int,
    n_columns: int,
    tabs: NDArray[np.int32],
    begins: NDArray[np.int32],
    ends: NDArray[np.int32],
) -> tuple[int, int]: ...
def encode(
    text: NDArray[np.uint8],
    begins: NDArray[np.int32],
    ends: NDArray[np.int32],
    first: int,
    slots: NDArray[np.int32],
    keys: NDArray[np.uint64],
    pool_ends: NDArray[np.int64],
    pool: NDArray[np.uint8],
    n_known: int,
    codes: NDArray[np.int32],
) -> tuple[int, int]: ...
def place(keys: NDArray[np.uint64], n_known: int, slots: NDArray[np.int32]) -> None: ...
def gather(
    text: NDArray[np.uint8],
    begins: NDArray[np.int32],
    ends: NDArray[np.int32],
    longest: int,
    bases: NDArray[np.uint8],
    lengths: NDArray[np.int64],
) -> int: ...
