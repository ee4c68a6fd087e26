"""The DATA segment at one stated place: what HEADER and TEXT say, and the whole events that stand there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.channel import FcsWarning
from mrdkit.flow.decode import PackedEvents
from mrdkit.flow.fcs_events import free_text_events, stored_events
from mrdkit.flow.fcs_fit import Fit, fit_events
from mrdkit.flow.fcs_free_text import find_free_text
from mrdkit.flow.fcs_header import HEADER_BYTES, Span
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
        events: the whole events.
        is_view: these are the file's own bytes, not ones that another storage was turned into.
        first: their first byte, from the start of the data set.
        end: the byte behind the last event.
        as_declared: nothing but a length off by one was repaired.
        source: which of the two placed them.
        warnings: each repair.
    """

    events: PackedEvents
    is_view: bool
    first: int
    end: int
    as_declared: bool
    source: Source
    warnings: tuple[FcsWarning, ...]


def empty_segment(stated: Stated, parameters: Parameters) -> DataSegment:
    """Return the segment of a data set that places no DATA.

    Raises:
        InputError: $TOT announces events, or does not tell that there are none.
    """
    if stated.n_events != 0:
        raise _missing(stated, "no offsets of DATA")
    return _without_events(stated.preferred, Fit.empty(parameters))


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
    is_empty = stated.n_events == 0 and (size is None or size <= 1)
    if parameters.are_text and not parameters.channels[0].bits and not is_empty:
        return _free_text(content, source, stated, parameters)
    available = max(len(content) - span.first, 0)
    fit = fit_events(parameters, n_declared=stated.n_events, size=size, available=available)
    if not fit.n_events and (stated.n_events or (size or 0) >= fit.storage.n_bytes(1)):
        raise _missing(stated, f"{available} bytes behind the begin of DATA")
    if not fit.n_events:
        return _without_events(source, fit)
    end = span.first + fit.storage.n_bytes(fit.n_events)
    _check_overlap(stated, span.first, end - 1)
    events, notes = stored_events(content[span.first : end], fit, parameters)
    return DataSegment(
        events=events,
        is_view=fit.storage.encoding == "plain" and not parameters.byte_order.mixed,
        first=span.first,
        end=end,
        as_declared=fit.as_declared,
        source=source,
        warnings=(*fit.warnings, *notes),
    )


def _free_text(
    content: NDArray[np.uint8], source: Source, stated: Stated, parameters: Parameters
) -> DataSegment:
    span = stated.places[source]
    text = find_free_text(
        content,
        span,
        n_declared=stated.n_events,
        n_channels=len(parameters.channels),
        text_last=stated.text_last,
    )
    if not text.n_events and (stated.n_events or text.n_values):
        raise _missing(stated, f"{text.n_values} values")
    events, notes = free_text_events(content[span.first : text.end], text.n_events, len(parameters.channels))
    return DataSegment(
        events=events,
        is_view=False,
        first=span.first if text.n_events else 0,
        end=text.end if text.n_events else 0,
        as_declared=text.as_declared,
        source=source,
        warnings=(*text.warnings, *notes),
    )


def _without_events(source: Source, fit: Fit) -> DataSegment:
    nothing = PackedEvents(raw=np.empty(0, dtype=np.uint8), n_events=0, layout=fit.storage.layout)
    return DataSegment(
        events=nothing,
        is_view=True,
        first=0,
        end=0,
        as_declared=fit.as_declared,
        source=source,
        warnings=fit.warnings,
    )


def _check_overlap(stated: Stated, first: int, last: int) -> None:
    # One byte in common is an end that was declared as the byte behind the segment.
    if first < HEADER_BYTES or min(last, stated.text_last) - max(first, stated.text_first) >= 1:
        raise InputError(
            "the data segment overlaps the HEADER or the TEXT segment",
            code="DATA_OVERLAPS_TEXT",
            place="offsets of DATA",
            expected=f"no byte before {HEADER_BYTES}, or from {stated.text_first} to {stated.text_last}",
            found=f"{first} to {last}",
        )


def _missing(stated: Stated, found: str) -> InputError:
    return InputError(
        "the events are missing",
        code="DATA_MISSING",
        place="DATA",
        expected=f"{stated.n_events} events"
        if stated.n_events
        else "$TOT 0, or events where the offsets say",
        found=found,
        remedy="the file was not copied or exported whole; get it again",
    )
