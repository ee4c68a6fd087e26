"""A data set -> the same data set with other keywords: HEADER, one TEXT, and DATA byte for byte.

What the reader had to repair is written as it was read: the events that are there, the width in which they
are stored, DATA where it stands now. Supplemental TEXT, ANALYSIS and OTHER segments are left out. The check
word is `00000000`: none was computed. Source: FCS 2.0 to 3.2, HEADER, TEXT and $NEXTDATA.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.decode import PackedEvents
from mrdkit.flow.fcs_header import HEADER_BYTES

__all__ = ["Rewritten", "data_bytes", "joined", "layout_keywords", "offsets_of"]

_LARGEST_IN_HEADER = 99_999_999
_LARGEST_TEXT = 64 * 1024 * 1024  # bytes, which the reader accepts
_OFFSET_DIGITS = 20
_NO_CHECK_WORD = b"00000000"
_BYTE_ORDER = re.compile(r"[1-8](,[1-8])*")
_USUAL_DELIMITERS = "|\x0c\x1e\\/!~#%&*"
_ANY_DELIMITER = _USUAL_DELIMITERS + "".join(
    chr(code) for code in (*range(1, 9), *range(14, 32), *range(33, 127))
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rewritten:
    """One data set to be written.

    Attributes:
        version: as in the input, "2.0" to "3.2".
        keywords: all but the offsets, in the order in which they are written.
        data: (n_bytes,) uint8, the input's own bytes.
    """

    version: str
    keywords: Mapping[str, str]
    data: NDArray[np.uint8]


def data_bytes(dataset: FcsDataset) -> NDArray[np.uint8]:
    """Return (n_bytes,) the DATA bytes of a data set as they stand in its file.

    Raises:
        ValueError: it was not read from a file.
    """
    if dataset.data is None:
        raise ValueError("the data set was not read from a file")
    return dataset.data


def layout_keywords(dataset: FcsDataset) -> dict[str, str]:
    """Return the keywords that say how the events are stored, as they were read."""
    written = "".join(dataset.text.get("$BYTEORD", "").split())
    keywords = {
        "$MODE": "L",
        "$DATATYPE": dataset.text.get("$DATATYPE", "").strip() or dataset.data_type,
        "$BYTEORD": written if _BYTE_ORDER.fullmatch(written) else "1,2,3,4",
        "$PAR": str(len(dataset.channels)),
        "$TOT": str(dataset.n_events),
    }
    if dataset.version != "2.0":
        keywords |= dict.fromkeys(("$BEGINANALYSIS", "$ENDANALYSIS", "$BEGINSTEXT", "$ENDSTEXT"), "0")
    for position, channel in enumerate(dataset.channels):
        key = f"$P{channel.index}B"
        if isinstance(dataset.events, PackedEvents) and dataset.n_events:
            keywords[key] = str(8 * dataset.events.layout.columns[position].width)
        else:  # packed bit by bit, or as text: only what was declared describes it
            keywords[key] = "*" if dataset.text.get(key, "").strip() == "*" else str(channel.bits)
    return keywords


def joined(parts: Sequence[Rewritten]) -> bytes:
    """Return a whole file of these data sets, chained by $NEXTDATA.

    Raises:
        InputError: there is no byte that could delimit the keywords.
    """
    return b"".join(
        piece for i, part in enumerate(parts) for piece in _data_set(part, is_last=i == len(parts) - 1)
    )


def offsets_of(part: Rewritten, *, begin: int, end: int, next_data: int) -> dict[str, str]:
    """Return the keywords of the offsets, whose length never varies.

    FCS 2.0 places DATA in TEXT only where its HEADER might be too narrow.
    """
    offsets = {"$NEXTDATA": next_data}
    if part.version != "2.0" or len(part.data) > _LARGEST_IN_HEADER - _LARGEST_TEXT:
        offsets |= {"$BEGINDATA": begin, "$ENDDATA": end}
    return {key: str(value).zfill(_OFFSET_DIGITS) for key, value in offsets.items()}


def _data_set(part: Rewritten, *, is_last: bool) -> tuple[bytes, ...]:
    delimiter = _delimiter(part.keywords)
    size = len(part.data)
    first = HEADER_BYTES + len(_text(part, delimiter, offsets_of(part, begin=0, end=0, next_data=0)))
    begin, end = (first, first + size - 1) if size else (0, 0)
    # Digits behind values that are text would be read as more of them.
    is_text = part.keywords.get("$DATATYPE", "").upper() == "A"
    check_word = b"" if part.version == "2.0" or is_text else _NO_CHECK_WORD
    behind = 0 if is_last else first + size + len(check_word)
    text = _text(part, delimiter, offsets_of(part, begin=begin, end=end, next_data=behind))
    in_header = (begin, end) if end <= _LARGEST_IN_HEADER else (0, 0)
    header = b"".join(str(offset).rjust(8).encode() for offset in (HEADER_BYTES, first - 1, *in_header, 0, 0))
    return f"FCS{part.version}    ".encode() + header, text, part.data.tobytes(), check_word


def _text(part: Rewritten, delimiter: str, offsets: Mapping[str, str]) -> bytes:
    pairs = (f"{key}{delimiter}{value}{delimiter}" for key, value in {**offsets, **part.keywords}.items())
    return (delimiter + "".join(pairs)).encode("utf-8")


def _delimiter(keywords: Mapping[str, str]) -> str:
    used = set("".join((*keywords, *keywords.values())))
    for delimiter in _ANY_DELIMITER:
        if delimiter not in used and not delimiter.isalnum():
            return delimiter
    raise InputError(
        "every byte that could delimit keywords occurs in a name or label",
        code="DELIMITER_MISSING",
        place="TEXT",
        remedy="correct the names of the channels",
    )
