"""A data set -> FCS 3.1, float32, little endian.

Only what the numbers need is written: names, labels, ranges, gains, voltages, the time step, the spillover
matrix and the cytometer's name; no keyword that may name a person. What float32 would change silently is
refused: whole numbers above 2**24, numbers above its range, and stored logarithms, because float data have no
amplification.
"""

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import UsageError
from mrdkit.flow.channel import Channel
from mrdkit.flow.dataset import FcsDataset, Spillover
from mrdkit.flow.fcs_header import HEADER_BYTES
from mrdkit.flow.fcs_keywords import real_number
from mrdkit.flow.scaling import is_log_amplified, scale

__all__ = ["to_fcs"]

_LARGEST_IN_HEADER = 99_999_999
_DELIMITERS = "|\x0c\x1e\\/!"
_OFFSET_DIGITS = 20


def to_fcs(dataset: FcsDataset, *, values: Literal["linear", "stored"]) -> bytes:
    """Return one data set as a whole FCS 3.1 file.

    Raises:
        UsageError: float32 cannot hold what was asked for.
    """
    if values == "stored":
        _refuse_logarithms(dataset)
    matrix = dataset.stored() if values == "stored" else dataset.linear()
    data = _as_float32(matrix).tobytes()
    keywords = _keywords(dataset, values)
    delimiter = _delimiter(keywords)
    text_size = len(_text(keywords, delimiter, first=0, last=0))
    first = HEADER_BYTES + text_size
    last = first + len(data) - 1
    return b"".join(
        (
            _header(first, last),
            _text(keywords, delimiter, first=first, last=last),
            data,
            b"00000000",
        )
    )


def _refuse_logarithms(dataset: FcsDataset) -> None:
    for position, channel in enumerate(dataset.channels):
        if is_log_amplified(channel, integer=dataset.is_integer(position)):
            raise UsageError(
                "stored logarithms cannot be written as FCS with float values",
                code="VALUES_NOT_WRITABLE",
                place=f"$P{channel.index}E",
                remedy="write linear values, or stored ones to .parquet or .csv",
            )


def _as_float32(matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        single = matrix.astype("<f4")
    whole = matrix == np.rint(matrix)
    changed = np.isfinite(matrix) & (np.isinf(single) | (whole & (single != matrix)))
    if changed.any():
        raise UsageError(
            "float32 cannot hold all values",
            code="VALUES_NOT_WRITABLE",
            found=f"{int(changed.sum())} values that it would change",
            remedy="write .parquet or .csv",
        )
    return single


def _keywords(dataset: FcsDataset, values: Literal["linear", "stored"]) -> dict[str, str]:
    keywords = {
        "$BEGINANALYSIS": "0",
        "$ENDANALYSIS": "0",
        "$BEGINSTEXT": "0",
        "$ENDSTEXT": "0",
        "$NEXTDATA": "0",
        "$MODE": "L",
        "$DATATYPE": "F",
        "$BYTEORD": "1,2,3,4",
        "$PAR": str(len(dataset.channels)),
        "$TOT": str(dataset.n_events),
    }
    if dataset.cytometer:
        keywords["$CYT"] = dataset.cytometer
    step = dataset.text.get("$TIMESTEP", "").strip()
    if step and not any(warning.code == "TIMESTEP_MISSING" for warning in dataset.warnings):
        keywords["$TIMESTEP"] = step if values == "stored" else "1"
    if dataset.spillover is not None:
        keywords["$SPILLOVER"] = _spillover(dataset.spillover)
    for position, channel in enumerate(dataset.channels):
        highest = channel.range if values == "stored" else _linear_range(dataset, position)
        keywords |= _parameter(channel, position + 1, highest, with_gain=values == "stored")
        voltage = dataset.text.get(f"$P{channel.index}V", "").strip()
        if real_number(voltage) is not None:
            keywords[f"$P{position + 1}V"] = voltage
    return keywords


def _parameter(channel: Channel, n: int, highest: float, *, with_gain: bool) -> dict[str, str]:
    parts = {
        "N": channel.name,
        "B": "32",
        "E": "0,0",
        "R": str(max(math.ceil(highest), 1)),
        "S": channel.label,
        "G": f"{channel.gain!r}" if with_gain and channel.gain is not None else "",
    }
    return {f"$P{n}{what}": value for what, value in parts.items() if value}


def _linear_range(dataset: FcsDataset, position: int) -> float:
    channel, text = dataset.channels[position], dataset.text
    highest = np.array([channel.range])
    scale(highest, channel, text, integer=dataset.is_integer(position))
    return float(highest[0]) if math.isfinite(highest[0]) else channel.range


def _spillover(spillover: Spillover) -> str:
    numbers = (f"{value!r}" for row in spillover.matrix for value in row)
    return ",".join((str(len(spillover.channels)), *spillover.channels, *numbers))


def _delimiter(keywords: Mapping[str, str]) -> str:
    used = "".join(keywords.values())
    for delimiter in _DELIMITERS:
        if delimiter not in used:
            return delimiter
    raise UsageError(
        "every usual delimiter occurs in a name or label",
        code="VALUES_NOT_WRITABLE",
        remedy="write .parquet or .csv",
    )


def _text(keywords: Mapping[str, str], delimiter: str, *, first: int, last: int) -> bytes:
    offsets = {"$BEGINDATA": str(first).zfill(_OFFSET_DIGITS), "$ENDDATA": str(last).zfill(_OFFSET_DIGITS)}
    pairs = (f"{key}{delimiter}{value}{delimiter}" for key, value in {**offsets, **keywords}.items())
    return (delimiter + "".join(pairs)).encode("utf-8")


def _header(first: int, last: int) -> bytes:
    in_header = (first, last) if last <= _LARGEST_IN_HEADER else (0, 0)
    offsets = (HEADER_BYTES, first - 1, *in_header, 0, 0)
    return b"FCS3.1    " + b"".join(str(offset).rjust(8).encode() for offset in offsets)
