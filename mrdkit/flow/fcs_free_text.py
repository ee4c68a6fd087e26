"""Events written as text of free width ($DATATYPE A, $PnB *): how many there are, and where they end.

No width tells whether the first or last value is whole, so a value that goes on beyond the declared segment
is refused, and the last value of a file that was cut short counts only if a separator stands behind it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.channel import FcsWarning
from mrdkit.flow.fcs_ascii import count_values, is_in_number, is_separator
from mrdkit.flow.fcs_header import Span

__all__ = ["FreeText", "find_free_text"]

_CHECK_WORD_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeText:
    """The values of a segment.

    Attributes:
        n_events: whole events.
        n_values: values, those of the last event that is not whole included.
        end: the byte behind the segment, from the start of the data set.
        as_declared: nothing was repaired.
        warnings: each repair.
    """

    n_events: int
    n_values: int
    end: int
    as_declared: bool
    warnings: tuple[FcsWarning, ...]


def find_free_text(
    content: NDArray[np.uint8], span: Span, *, n_declared: int | None, n_channels: int, text_last: int
) -> FreeText:
    """Count the values of a segment.

    Args:
        content: the whole data set.
        span: the segment as stated.
        n_declared: $TOT, None where absent.
        n_channels: values of one event.
        text_last: last byte of TEXT, which may stand before the first value.

    Raises:
        InputError: the segment has no end or cuts a value, or the count of values is another than declared.
    """
    if span.last is None:
        raise _conflict("the end of values of free width is not declared", "an end of DATA", "none")
    end = min(span.last + 1, len(content))
    truncated = span.last >= len(content)
    raw = content[span.first : end]
    _check_edges(content, span, text_last)
    cut_value = truncated and raw.size > 0 and not is_separator(int(raw[-1]))
    n_values = count_values(raw) - cut_value
    n_events = n_values // n_channels
    warnings = []
    if not n_declared and n_values:
        message = f"$TOT gives no number above 0; the data hold {n_events} whole events"
        warnings.append(FcsWarning(code="TOT_MISSING", message=message))
    if truncated:
        message = f"the file ends within its data: {n_events} whole events were read"
        warnings.append(FcsWarning(code="DATA_TRUNCATED", message=message))
    whole = (n_declared or n_events) * n_channels
    if n_values > whole or (n_values < whole and not truncated):
        raise _conflict("the count of values is not the declared one", f"{whole} values", f"{n_values}")
    return FreeText(
        n_events=n_events, n_values=n_values, end=end, as_declared=not warnings, warnings=tuple(warnings)
    )


def _check_edges(content: NDArray[np.uint8], span: Span, text_last: int) -> None:
    """Refuse a segment whose first or last value goes on outside it."""
    end = (span.last or 0) + 1
    starts_within = span.first - 1 != text_last and _joined(content, span.first)
    # A check word may follow without a separator.
    if starts_within or (len(content) - end != _CHECK_WORD_BYTES and _joined(content, end)):
        raise _conflict("the segment cuts a value", "a separator at its edges", "a number that goes on")


def _joined(content: NDArray[np.uint8], place: int) -> bool:
    if not 0 < place < len(content):
        return False
    return is_in_number(int(content[place - 1])) and is_in_number(int(content[place]))


def _conflict(what: str, expected: str, found: str) -> InputError:
    return InputError(
        what,
        code="DATA_LENGTH_CONFLICT",
        place="$TOT, $PAR, DATA",
        expected=expected,
        found=found,
        remedy="export the file again from the cytometer",
    )
