"""Where the DATA segment stands and how many whole events it holds.

HEADER and TEXT both place it and may disagree; either can be wrong. The places are compared by (1) the size
that $TOT events need, (2) no overlap with TEXT and no end behind the file's, (3) plausible values and (4) a
begin directly behind TEXT. Where (3) and (4) speak against each other, or neither tells a difference, the
file is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.channel import FcsWarning
from mrdkit.flow.decode import PackedEvents
from mrdkit.flow.fcs_fit import Fit, fit_events
from mrdkit.flow.fcs_header import Span
from mrdkit.flow.fcs_keywords import whole_number
from mrdkit.flow.fcs_parameters import Parameters
from mrdkit.flow.fcs_plausibility import implausible_fraction

__all__ = ["DataSegment", "Stated", "find_data"]

Source: TypeAlias = Literal["header", "text"]

# Differences of the implausible fraction between two places.
_CLEAR = 0.05
_DECISIVE = 0.2
_GARBAGE = 0.5  # implausible fraction above which nothing was measured
_BLANK = ord(" ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What HEADER and TEXT say about DATA, all offsets from the start of the data set.

    Attributes:
        version: of the HEADER.
        header: DATA as placed by HEADER.
        text: DATA as placed by $BEGINDATA and $ENDDATA.
        text_segment: the bytes of TEXT.
        n_events: $TOT, None where absent.
    """

    version: str
    header: Span | None
    text: Span | None
    text_segment: Span
    n_events: int | None

    @classmethod
    def read(
        cls, keywords: Mapping[str, str], *, version: str, header: Span | None, text_segment: Span
    ) -> "Stated":
        """Collect what was stated."""
        first, last = whole_number(keywords.get("$BEGINDATA")), whole_number(keywords.get("$ENDDATA"))
        return cls(
            version=version,
            header=header,
            text=Span(first=first, last=last or None) if first else None,
            text_segment=text_segment,
            n_events=whole_number(keywords.get("$TOT")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSegment:
    """The events found.

    Attributes:
        fit: how many events of which layout.
        span: the bytes they take, from the start of the data set.
        source: which of the two placed them.
        warnings: each repair.
    """

    fit: Fit
    span: Span
    source: Source
    warnings: tuple[FcsWarning, ...]

    def events(
        self, content: NDArray[np.uint8], *, check_source: Callable[[], None] = lambda: None
    ) -> PackedEvents:
        """Return a view of the events in the data set's bytes."""
        return PackedEvents(
            raw=content[self.span.first : (self.span.last or 0) + 1],
            n_events=self.fit.n_events,
            layout=self.fit.layout,
            check_source=check_source,
        )


def find_data(content: NDArray[np.uint8], stated: Stated, parameters: Parameters) -> DataSegment:
    """Return where the events of one data set stand.

    Args:
        content: bytes from the start of the data set to the end of the file.
        stated: where the segment is said to stand.
        parameters: what an event consists of.

    Raises:
        InputError: there are none, their number or size contradicts itself, or two places fit equally well.
    """
    preferred: Source = "text" if stated.text is not None and stated.version != "2.0" else "header"
    spans: dict[Source, Span | None] = {"header": stated.header, "text": stated.text}
    found = [source for source in (preferred, _other(preferred)) if spans[source] is not None]
    if not found:
        return _without_offsets(stated, parameters, preferred)
    if len(found) == 1 or stated.header == stated.text:
        return _segment(content, found[0], stated, parameters)
    return _better(content, preferred, stated, parameters)


def _other(source: Source) -> Source:
    return "header" if source == "text" else "text"


def _without_offsets(stated: Stated, parameters: Parameters, source: Source) -> DataSegment:
    if stated.n_events:
        raise _missing(stated.n_events, "no offsets of DATA")
    fit = Fit.empty(parameters)
    return DataSegment(fit=fit, span=Span(first=0, last=-1), source=source, warnings=())


def _segment(
    content: NDArray[np.uint8], source: Source, stated: Stated, parameters: Parameters
) -> DataSegment:
    span = stated.header if source == "header" else stated.text
    if span is None:
        raise AssertionError("only places that were stated are asked for")
    _check_place(span, stated.text_segment)
    available = max(len(content) - span.first, 0)
    fit = fit_events(parameters, n_declared=stated.n_events, size=span.size, available=available)
    if stated.n_events and not fit.n_events:
        raise _missing(stated.n_events, f"{available} bytes behind the begin of DATA")
    last = span.first + fit.n_events * fit.layout.event_bytes - 1
    first = span.first if fit.n_events else 0
    return DataSegment(
        fit=fit,
        span=Span(first=first, last=last if fit.n_events else -1),
        source=source,
        warnings=fit.warnings,
    )


def _check_place(span: Span, text: Span) -> None:
    size = span.size
    if size is not None and size < -1:
        raise InputError(
            "the data segment ends before it begins",
            code="OFFSETS_INVALID",
            place="offsets of DATA",
            found=f"{span.first} to {span.last}",
        )
    # TEXT's last byte is sometimes declared as DATA's first one.
    if text.last is not None and span.first < text.last and size != 0:
        raise InputError(
            "the data segment overlaps the TEXT segment",
            code="DATA_OVERLAPS_TEXT",
            place="offsets of DATA",
            expected=f"a begin behind byte {text.last}",
            found=str(span.first),
        )


def _better(
    content: NDArray[np.uint8], preferred: Source, stated: Stated, parameters: Parameters
) -> DataSegment:
    """Compare the two stated places and return the better one with a flag that tells the choice."""
    fitting: list[DataSegment] = []
    errors: list[InputError] = []
    for source in (preferred, _other(preferred)):
        try:
            fitting.append(_segment(content, source, stated, parameters))
        except InputError as error:
            errors.append(error)
    if not fitting or _is_rescued(fitting, errors):
        raise errors[0]
    chosen, reason = _choose(content, fitting, stated.text_segment, parameters)
    conflict = FcsWarning(
        code="OFFSET_CONFLICT",
        message=f"HEADER and TEXT place the data differently; {chosen.source.upper()} was used: {reason}",
    )
    return replace(chosen, warnings=(conflict, *chosen.warnings))


def _is_rescued(fitting: list[DataSegment], errors: list[InputError]) -> bool:
    """Tell whether one place is left that needs a repair itself, while the other could be the true one."""
    return bool(errors) and not fitting[0].fit.as_declared and errors[0].code != "DATA_OVERLAPS_TEXT"


def _choose(
    content: NDArray[np.uint8], fitting: list[DataSegment], text: Span, parameters: Parameters
) -> tuple[DataSegment, str]:
    if len(fitting) == 1:
        return fitting[0], "only it agrees with $TOT, $PnB and the file"
    first, second = fitting
    if first.fit.as_declared != second.fit.as_declared:
        return (first if first.fit.as_declared else second), "only its size is the declared one"
    if first.span == second.span and first.fit.layout == second.fit.layout:
        return first, "both begin at the same byte and hold the same events"
    doubts = [
        1.0 if _in_padding(content, s, text) else implausible_fraction(s.events(content), parameters.channels)
        for s in fitting
    ]
    if min(doubts) > _GARBAGE:
        raise _ambiguous(fitting, "neither place looks measured")
    difference = doubts[1] - doubts[0]
    adjacent = [s.span.first - (text.last or 0) == 1 for s in fitting]
    position = adjacent[0] - adjacent[1]
    if abs(difference) >= _DECISIVE or (position == 0 and abs(difference) >= _CLEAR):
        return fitting[difference < 0], "the values there look measured"
    if position and (difference * position >= 0 or abs(difference) < _CLEAR):
        return fitting[position < 0], "it begins directly behind TEXT"
    raise _ambiguous(fitting, "both places fit")


def _ambiguous(fitting: list[DataSegment], why: str) -> InputError:
    return InputError(
        f"HEADER and TEXT place the data differently, and {why}",
        code="OFFSETS_AMBIGUOUS",
        place="offsets of DATA",
        found=" and ".join(f"{s.source.upper()} byte {s.span.first}" for s in fitting),
        remedy="export the file again from the cytometer",
    )


def _in_padding(content: NDArray[np.uint8], segment: DataSegment, text: Span) -> bool:
    """Tell whether a segment begins among the blanks that follow TEXT."""
    first_event_end = segment.span.first + segment.fit.layout.event_bytes
    return bool((content[(text.last or 0) + 1 : first_event_end] == _BLANK).all())


def _missing(n_declared: int, found: str) -> InputError:
    return InputError(
        "the events are missing",
        code="DATA_MISSING",
        place="DATA",
        expected=f"{n_declared} events",
        found=found,
        remedy="the file was not copied or exported whole; get it again",
    )
