# DATA bytes of an FCS file -> float64; called by `mrdkit.flow.decode` only.
#
# Kinds: 1 to 8 = unsigned integer of that many bytes; 104 = IEEE float32; 108 = IEEE float64.
# Integer values are ANDed with the column's mask, then converted to float64; float columns ignore the mask.
# No bounds are checked: `raw` holds n_events * event_bytes bytes, every column lies inside the event, every
# kind is one of those above; offsets, kinds and masks have one entry per column of `out`.

import numpy as np
from numpy.typing import NDArray

# Fills out (n_events, n_channels) with all columns.
def decode_events(
    raw: NDArray[np.uint8],
    event_bytes: int,
    offsets: NDArray[np.int64],
    kinds: NDArray[np.int64],
    masks: NDArray[np.uint64],
    big_endian: bool,
    out: NDArray[np.float64],
) -> None: ...

# Fills out (n_columns, n_events) with chosen columns, each contiguous.
def decode_columns(
    raw: NDArray[np.uint8],
    event_bytes: int,
    offsets: NDArray[np.int64],
    kinds: NDArray[np.int64],
    masks: NDArray[np.uint64],
    big_endian: bool,
    out: NDArray[np.float64],
) -> None: ...
