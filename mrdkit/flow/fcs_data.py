"""Which of two stated places of the DATA segment is right.

HEADER and TEXT both place it and may disagree; either can be wrong. The places are compared by (1) the size
that $TOT events need, (2) no overlap with TEXT and no end behind the file's, (3) plausible values and (4) a
begin directly behind TEXT. Where (3) and (4) speak against each other, or neither tells a difference, the
file is refused.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.channel import FcsWarning
from mrdkit.flow.fcs_parameters import Parameters
from mrdkit.flow.fcs_plausibility import implausible_fraction
from mrdkit.flow.fcs_segment import DataSegment, Source, Stated, empty_segment, segment_at

__all__ = ["find_data"]

# Differences of the implausible fraction between two places.
_CLEAR = 0.05
_DECISIVE = 0.2
_GARBAGE = 0.5  # implausible fraction above which nothing was measured
_BLANK = ord(" ")


def find_data(content: NDArray[np.uint8], stated: Stated, parameters: Parameters) -> DataSegment:
    """Return the events of one data set.

    Args:
        content: bytes from the start of the data set to the end of the file.
        stated: where the segment is said to stand.
        parameters: what an event consists of.

    Raises:
        InputError: there are none, their number or size contradicts itself, or two places fit equally well.
    """
    if not stated.places:
        return empty_segment(stated, parameters)
    other: Source = "header" if stated.preferred == "text" else "text"
    sources = [source for source in (stated.preferred, other) if source in stated.places]
    if len({stated.places[source] for source in sources}) == 1:
        return segment_at(content, sources[0], stated, parameters)
    fitting, errors = _tried(content, sources, stated, parameters)
    if not fitting or _is_rescued(fitting, errors):
        raise errors[0]
    chosen, reason = _choose(content, fitting, stated, parameters)
    conflict = FcsWarning(
        code="OFFSET_CONFLICT",
        message=f"HEADER and TEXT place the data differently; {chosen.source.upper()} was used: {reason}",
    )
    return replace(chosen, warnings=(conflict, *chosen.warnings))


def _tried(
    content: NDArray[np.uint8], sources: Sequence[Source], stated: Stated, parameters: Parameters
) -> tuple[list[DataSegment], list[InputError]]:
    fitting: list[DataSegment] = []
    errors: list[InputError] = []
    for source in sources:
        try:
            fitting.append(segment_at(content, source, stated, parameters))
        except InputError as error:
            errors.append(error)
    return fitting, errors


def _is_rescued(fitting: Sequence[DataSegment], errors: Sequence[InputError]) -> bool:
    """Tell whether the one place left needs a repair itself while the other could be the true one."""
    return bool(errors) and not fitting[0].as_declared and errors[0].code != "DATA_OVERLAPS_TEXT"


def _choose(
    content: NDArray[np.uint8], fitting: Sequence[DataSegment], stated: Stated, parameters: Parameters
) -> tuple[DataSegment, str]:
    if len(fitting) == 1:
        return fitting[0], "only it agrees with $TOT, $PnB and the file"
    first, second = fitting
    if first.as_declared != second.as_declared:
        return (first if first.as_declared else second), "only its size is the declared one"
    if (first.first, first.end, first.events.layout) == (second.first, second.end, second.events.layout):
        return first, "both begin at the same byte and hold the same events"
    doubts = [
        1.0 if _in_padding(content, s, stated) else implausible_fraction(s.events, parameters.channels)
        for s in fitting
    ]
    if min(doubts) > _GARBAGE:
        raise _ambiguous(fitting, "neither place looks measured")
    difference = doubts[1] - doubts[0]
    behind_text = [s.first - stated.text_last == 1 for s in fitting]
    position = behind_text[0] - behind_text[1]
    if abs(difference) >= _DECISIVE or (position == 0 and abs(difference) >= _CLEAR):
        return fitting[difference < 0], "the values there look measured"
    if position and (difference * position >= 0 or abs(difference) < _CLEAR):
        return fitting[position < 0], "it begins directly behind TEXT"
    raise _ambiguous(fitting, "both places fit")


def _in_padding(content: NDArray[np.uint8], segment: DataSegment, stated: Stated) -> bool:
    """Tell whether a segment begins among the blanks that follow TEXT."""
    behind_text = stated.text_last + 1
    first_event = content[segment.first : segment.first + segment.events.layout.event_bytes]
    between = content[behind_text : segment.first]
    return segment.first >= behind_text and bool((between == _BLANK).all() and (first_event == _BLANK).all())


def _ambiguous(fitting: Sequence[DataSegment], why: str) -> InputError:
    return InputError(
        f"HEADER and TEXT place the data differently, and {why}",
        code="OFFSETS_AMBIGUOUS",
        place="offsets of DATA",
        found=" and ".join(f"{s.source.upper()} byte {s.first}" for s in fitting),
        remedy="export the file again from the cytometer",
    )
