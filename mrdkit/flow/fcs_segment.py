"""The DATA segment at one stated place: what HEADER and TEXT say, and the whole events that stand there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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

__all__ = ["DataSegment", "Source", "Stated", "empty_segment", "segment_at", "stated_data"]

Source: TypeAlias = Literal["header", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What HEADER and TEXT say about DATA, all offsets from the start of the data set.

    Attributes:
        preferred: whose word counts where both say the same: TEXT's from FCS 3.0 on.
        places: DATA as placed by HEADER, and by $BEGINDATA and $ENDDATA, where they do.
        text_first: first byte of TEXT.
        text_last: last byte of TEXT.
        n_events: $TOT, None where absent.
    """

    preferred: Source
    places: Mapping[Source, Span]
    text_first: int
    text_last: int
    n_events: int | None


def stated_data(
    keywords: Mapping[str, str], *, version: str, header: Span | None, text_segment: Span
) -> Stated:
    """Collect what was stated; a place without its end is completed by one with the same begin."""
    first, last = whole_number(keywords.get("$BEGINDATA")), whole_number(keywords.get("$ENDDATA"))
    text = Span(first=first, last=last or None) if first else None
    if header is not None and text is not None and header.first == text.first:
        header = text if header.last is None else header
        text = header if text.last is None else text
    found: dict[Source, Span | None] = {"header": header, "text": text}
    return Stated(
        preferred="text" if text is not None and version != "2.0" else "header",
        places={source: span for source, span in found.items() if span is not None},
        text_first=text_segment.first,
        text_last=text_segment.last or text_segment.first,
        n_events=whole_number(keywords.get("$TOT")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSegment:
    """The events found.

    Attributes:
        fit: how many events of which layout.
        first: their first byte, from the start of the data set.
        source: which of the two placed them.
        warnings: each repair.
    """

    fit: Fit
    first: int
    source: Source
    warnings: tuple[FcsWarning, ...]

    @property
    def end(self) -> int:
        """The byte behind the last event."""
        return self.first + self.fit.n_events * self.fit.layout.event_bytes

    def events(
        self, content: NDArray[np.uint8], *, check_source: Callable[[], None] = lambda: None
    ) -> PackedEvents:
        """Return a view of the events in the data set's bytes."""
        return PackedEvents(
            raw=content[self.first : self.end],
            n_events=self.fit.n_events,
            layout=self.fit.layout,
            check_source=check_source,
        )


def empty_segment(stated: Stated, parameters: Parameters) -> DataSegment:
    """Return the segment of a data set that places no DATA.

    Raises:
        InputError: $TOT announces events.
    """
    if stated.n_events:
        raise _missing(stated, "no offsets of DATA")
    return DataSegment(fit=Fit.empty(parameters), first=0, source=stated.preferred, warnings=())


def segment_at(
    content: NDArray[np.uint8], source: Source, stated: Stated, parameters: Parameters
) -> DataSegment:
    """Return the events at the place that `source` states.

    Raises:
        InputError: there are none, they lie in TEXT, or their number or size contradicts itself.
    """
    span = stated.places[source]
    size = span.size
    if size is not None and size < -1:
        raise InputError(
            "the data segment ends before it begins",
            code="OFFSETS_INVALID",
            place="offsets of DATA",
            found=f"{span.first} to {span.last}",
        )
    _check_overlap(stated, span.first, span.first if span.last is None else span.last)
    available = max(len(content) - span.first, 0)
    fit = fit_events(parameters, n_declared=stated.n_events, size=size, available=available)
    if not fit.n_events and (stated.n_events or (size or 0) >= fit.layout.event_bytes):
        raise _missing(stated, f"{available} bytes behind the begin of DATA")
    if not fit.n_events:
        return DataSegment(fit=fit, first=0, source=source, warnings=fit.warnings)
    segment = DataSegment(fit=fit, first=span.first, source=source, warnings=fit.warnings)
    _check_overlap(stated, segment.first, segment.end - 1)
    return segment


def _check_overlap(stated: Stated, first: int, last: int) -> None:
    # One byte in common is an end that was declared as the byte behind the segment.
    if min(last, stated.text_last) - max(first, stated.text_first) >= 1:
        raise InputError(
            "the data segment overlaps the TEXT segment",
            code="DATA_OVERLAPS_TEXT",
            place="offsets of DATA",
            expected=f"nothing of bytes {stated.text_first} to {stated.text_last}",
            found=f"{first} to {last}",
        )


def _missing(stated: Stated, found: str) -> InputError:
    return InputError(
        "the events are missing",
        code="DATA_MISSING",
        place="DATA",
        expected=f"{stated.n_events} events" if stated.n_events else "the events that the offsets enclose",
        found=found,
        remedy="the file was not copied or exported whole; get it again",
    )
