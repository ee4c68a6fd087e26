"""FCS files, versions 2.0 to 3.2, list mode: which data sets a file holds, and which one a caller means.

A file is read as it declares itself; what it declares wrongly is repaired only where one reading remains, and
each repair is a flag of the data set. Anything else is refused: a wrong number is worse than none.
"""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError, UsageError
from mrdkit.flow.channel import FcsWarning
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.decode import PackedEvents
from mrdkit.flow.fcs_chain import Part, read_chain
from mrdkit.flow.fcs_channel import StoredAs
from mrdkit.flow.fcs_crc import check_crc
from mrdkit.flow.fcs_data import find_data
from mrdkit.flow.fcs_file import FcsFile
from mrdkit.flow.fcs_keywords import whole_number
from mrdkit.flow.fcs_listmode import second_of_lmd
from mrdkit.flow.fcs_parameters import Parameters, parse_parameters
from mrdkit.flow.fcs_plausibility import misread_warnings
from mrdkit.flow.fcs_segment import DataSegment, stated_data
from mrdkit.flow.fcs_spillover import read_spillover
from mrdkit.flow.scaling import scale_warnings

__all__ = ["read_fcs", "read_fcs_datasets"]

_LARGEST_EXACT = 2.0**53  # whole numbers that float64 holds exactly


def read_fcs_datasets(path: str | Path) -> tuple[FcsDataset, ...]:
    """Return every data set of an FCS file, in the file's order.

    Raises:
        InputError: a data set cannot be read or is refused; the error names the place.
    """
    path = Path(path)
    file = FcsFile(path)
    try:
        return tuple(_dataset(file, part) for part in read_chain(file.content))
    except InputError as error:
        raise error.in_file(path) from None


def read_fcs(path: str | Path, dataset: int | None = None) -> FcsDataset:
    """Return one data set of an FCS file.

    Args:
        path: the file.
        dataset: its position from 0. Without it: the only one, or the linear FCS 3.x one of a Beckman
            list-mode file that holds the same events twice.

    Raises:
        InputError: the data set cannot be read or is refused.
        UsageError: the file has several data sets, or not the one asked for.
    """
    path = Path(path)
    file = FcsFile(path)
    try:
        part, notes = _chosen(read_chain(file.content, only_to=dataset), dataset)
        return _dataset(file, part, notes)
    except (InputError, UsageError) as error:
        raise error.in_file(path) from None


def _chosen(parts: tuple[Part, ...], dataset: int | None) -> tuple[Part, tuple[FcsWarning, ...]]:
    if dataset is not None:
        if 0 <= dataset < len(parts):
            return parts[dataset], ()
        raise UsageError(
            "the file has no such data set",
            code="DATASET_UNKNOWN",
            expected=f"0 to {len(parts) - 1}",
            found=str(dataset),
            remedy="ask for one of these: " + _list(parts),
        )
    if len(parts) == 1:
        return parts[0], ()
    part = second_of_lmd(parts)
    if part is None:
        raise UsageError(
            "the file has several data sets",
            code="DATASET_AMBIGUOUS",
            found=_list(parts),
            remedy="choose one by its number",
        )
    message = f"data set {part.index} was used: the same events, linear and with more bits"
    return part, (FcsWarning(code="DATASET_CHOSEN", message=message),)


def _list(parts: tuple[Part, ...]) -> str:
    shown = [
        f"{part.index} (FCS {part.header.version}, {whole_number(part.keywords.get('$TOT'))} events, "
        f"{whole_number(part.keywords.get('$PAR'))} parameters)"
        for part in parts[:20]
    ]
    return ", ".join(shown) + (" ..." if len(parts) > len(shown) else "")


def _dataset(file: FcsFile, part: Part, notes: tuple[FcsWarning, ...] = ()) -> FcsDataset:
    content = file.content[part.start : part.end]
    parameters = parse_parameters(part.keywords, version=part.header.version)
    stated = stated_data(
        part.keywords, version=part.header.version, header=part.header.data, text_segment=part.text
    )
    segment = find_data(content, stated, parameters)
    file.check_unchanged()
    _check_exact(segment.events)
    spillover, doubts = read_spillover(part.keywords, parameters.channels)
    integers = [number in {"I", "A"} for number in parameters.numbers]
    return FcsDataset(
        index=part.index,
        version=part.header.version,
        cytometer=part.keywords.get("$CYT", "").strip() or None,
        text=part.keywords,
        channels=parameters.channels,
        n_events=segment.events.n_events,
        n_events_declared=stated.n_events,
        data_type=_data_type(parameters),
        byte_order=parameters.byte_order.name,
        offsets_used=segment.source,
        spillover=spillover,
        warnings=(
            *notes,
            *part.warnings,
            *parameters.warnings,
            *segment.warnings,
            *misread_warnings(segment.events),
            *scale_warnings(zip(parameters.channels, integers, strict=True), part.keywords),
            *doubts,
            *_crc_warnings(file, part, segment),
        ),
        digest=file.sha256,
        events=_kept(segment, parameters, file),
        data=content[segment.first : segment.end],
    )


def _kept(segment: DataSegment, parameters: Parameters, file: FcsFile) -> PackedEvents | NDArray[np.float64]:
    """Return events in the file's own bytes as these, and others as their values."""
    if segment.is_view:
        return replace(segment.events, check_source=file.check_unchanged)
    if parameters.are_text:
        return segment.events.raw.view("<f8").reshape(segment.events.shape)
    return segment.events.matrix()


def _data_type(parameters: Parameters) -> StoredAs | Literal["mixed"]:
    kinds = set(parameters.numbers)
    return kinds.pop() if len(kinds) == 1 else "mixed"


def _check_exact(events: PackedEvents) -> None:
    for position, column in enumerate(events.layout.columns):
        if column.number != "I" or column.mask < _LARGEST_EXACT or not events.n_events:
            continue
        if float(np.max(events.columns([position]))) >= _LARGEST_EXACT:
            raise InputError(
                "an integer is too large to be kept exactly",
                code="INTEGER_TOO_LARGE",
                place=f"parameter {position + 1}",
                expected="less than 2**53",
            )


def _crc_warnings(file: FcsFile, part: Part, segment: DataSegment) -> tuple[FcsWarning, ...]:
    if any(warning.code == "DATA_TRUNCATED" for warning in segment.warnings):
        return ()
    analysis = part.header.analysis
    ends = [segment.end - 1, part.text.last, None if analysis is None else analysis.last]
    ends += [whole_number(part.keywords.get(key)) for key in ("$ENDSTEXT", "$ENDANALYSIS")]
    data_set = file.content[part.start : part.end].data
    return check_crc(data_set, last=max(end for end in ends if end is not None))
