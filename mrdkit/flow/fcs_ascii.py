"""Values written as ASCII text ($DATATYPE A) -> float64.

$PnB is the number of characters of a value, padded with blanks, or `*`: values separated by blanks, tabs,
commas or ends of lines, several in a row being one. The standard knows unsigned integers only. Decimals with
a point are read too, except where the point could as well group thousands (1.024); whatever else is no number
is refused. Source: FCS 2.0 to 3.1, $DATATYPE A and $PnB.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError

__all__ = ["count_values", "delimited_values", "fixed_width_values", "is_in_number", "is_separator"]

_SEPARATORS = b" \t,\r\n"
# NumPy leaves out zero bytes at the end of a text, so they would not be noticed.
_SHOW_ZEROS = bytes.maketrans(b"\0", b"?")
_TO_BLANKS = bytes.maketrans(_SEPARATORS + b"\0", b" " * len(_SEPARATORS) + b"?")
_IN_NUMBERS = b"0123456789."
_NUMBER = re.compile(rb" *(\d+(?:\.\d*)?) *")
_PERHAPS_THOUSANDS = re.compile(rb"[1-9]\d{0,2}\.\d{3}")
_LONGEST = 64  # characters of one value
_BLOCK = 2**16  # bytes read at once
_LARGEST_EXACT = 2.0**53  # whole numbers that float64 holds exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fields:
    """Some values as text: of consecutive events in one parameter, or one behind the other."""

    texts: NDArray[np.bytes_]
    first: int
    step: int
    n_channels: int

    def place(self, position: int) -> str:
        event, channel = divmod(self.first + position * self.step, self.n_channels)
        return f"event {event + 1}, parameter {channel + 1}"


def is_separator(byte: int) -> bool:
    """Tell whether a byte separates values of free width."""
    return byte in _SEPARATORS


def is_in_number(byte: int) -> bool:
    """Tell whether a byte may be one of a number."""
    return byte in _IN_NUMBERS


def count_values(raw: NDArray[np.uint8]) -> int:
    """Count the values of free width in some bytes."""
    total, before = 0, True
    for first in range(0, raw.size, _BLOCK):
        separates = np.isin(raw[first : first + _BLOCK], np.frombuffer(_SEPARATORS, dtype=np.uint8))
        total += int((~separates[1:] & separates[:-1]).sum()) + (before and not separates[0])
        before = bool(separates[-1])
    return total


def fixed_width_values(raw: NDArray[np.uint8], widths: Sequence[int]) -> NDArray[np.float64]:
    """Return values of fixed width.

    Args:
        raw: (n_events * sum(widths),) bytes.
        widths: characters of each parameter.

    Returns:
        (n_events, n_channels) float64.

    Raises:
        InputError: one of them is no number; the place names it.
    """
    events = raw.reshape(-1, sum(widths))
    values = np.empty((len(events), len(widths)), dtype=np.float64)
    step = max(_BLOCK // events.shape[1], 1)
    for first in range(0, len(events), step):
        block = events[first : first + step]
        begin = 0
        for channel, width in enumerate(widths):
            text = block[:, begin : begin + width].tobytes().translate(_SHOW_ZEROS)
            fields = _Fields(
                texts=np.frombuffer(text, dtype=f"S{width}"),
                first=first * len(widths) + channel,
                step=len(widths),
                n_channels=len(widths),
            )
            values[first : first + step, channel] = _numbers(fields, text)
            begin += width
    return values


def delimited_values(raw: NDArray[np.uint8], n_events: int, n_channels: int) -> NDArray[np.float64]:
    """Return the first values of free width.

    Args:
        raw: bytes that hold at least n_events * n_channels of them.
        n_events: number of events.
        n_channels: values of one event.

    Returns:
        (n_events, n_channels) float64.

    Raises:
        InputError: one of them is no number; the place names it.
    """
    values = np.empty(n_events * n_channels, dtype=np.float64)
    first = 0
    for block in _blocks(raw):
        texts = block.translate(_TO_BLANKS).split(b" ")
        texts = [text for text in texts if text][: values.size - first]
        if not texts:
            continue
        # An array gives each text the room of the longest.
        short = np.array([text[: _LONGEST + 1] for text in texts], dtype=np.bytes_)
        fields = _Fields(texts=short, first=first, step=1, n_channels=n_channels)
        values[first : first + len(texts)] = _numbers(fields, b" ".join(texts))
        first += len(texts)
    return values.reshape(n_events, n_channels)


def _blocks(raw: NDArray[np.uint8]) -> Iterator[bytes]:
    """Give the bytes in pieces that end with a separator, if one stands in them."""
    first = 0
    while first < raw.size:
        block = raw[first : first + _BLOCK].tobytes()
        if first + len(block) < raw.size:
            end = max(block.rfind(separator) for separator in _SEPARATORS) + 1
            block = block[:end] if end else block
        first += len(block)
        yield block


def _numbers(fields: _Fields, content: bytes) -> NDArray[np.float64]:
    plain = not content.translate(None, _IN_NUMBERS + b" ") and fields.texts.dtype.itemsize <= _LONGEST
    if not plain or b"." in content:
        _check_each(fields)
    try:
        values = fields.texts.astype(np.float64)
    except ValueError:
        _check_each(fields)
        raise
    too_large = values >= _LARGEST_EXACT
    if too_large.any():
        raise InputError(
            "a number is too large to be kept exactly",
            code="INTEGER_TOO_LARGE",
            place=fields.place(int(too_large.argmax())),
            expected="less than 2**53",
        )
    return values


def _check_each(fields: _Fields) -> None:
    for position, text in enumerate(fields.texts.tolist()):
        match = _NUMBER.fullmatch(text)
        if match and len(text) <= _LONGEST and not _PERHAPS_THOUSANDS.fullmatch(match[1]):
            continue
        # The bytes are not shown: misplaced ones may be of a keyword that names a person.
        raise InputError(
            "a value is no unsigned number",
            code="ASCII_VALUE_INVALID",
            place=fields.place(position),
            expected="digits, with a decimal point only where it cannot group thousands",
            found=f"{len(text)} characters that are none, or more than one",
            remedy="export the file again as binary FCS",
        )
