"""Beckman Coulter list-mode files (.LMD of Gallios, Navios, FC500): the same events twice.

The first data set is FCS 2.0 with few bits, often logarithmic; the second is FCS 3.x, linear with more bits.
Residual disease is looked for in the second. It is told by its content, not by its position alone.
"""

from collections.abc import Iterator, Mapping, Sequence

from mrdkit.flow.fcs_chain import Part
from mrdkit.flow.fcs_keywords import real_number, real_numbers, whole_number

__all__ = ["second_of_lmd"]

_DATA_SETS = 2


def second_of_lmd(parts: Sequence[Part]) -> Part | None:
    """Return the FCS 3.x data set of a list-mode file, or None where the file is something else.

    Both hold the same number of events; the one returned is linear in all parameters and has the wider range.
    """
    old = [part for part in parts if part.header.version == "2.0"]
    new = [part for part in parts if part.header.version != "2.0"]
    if len(parts) != _DATA_SETS or len(old) != 1:
        return None
    first, second = old[0].keywords, new[0].keywords
    events = whole_number(first.get("$TOT"))
    same_events = events is not None and events == whole_number(second.get("$TOT"))
    wider = max(_ranges(second), default=0.0) > max(_ranges(first), default=0.0)
    return new[0] if same_events and wider and _is_linear(second) else None


def _ranges(keywords: Mapping[str, str]) -> Iterator[float]:
    for n in _parameters(keywords):
        yield real_number(keywords.get(f"$P{n}R")) or 0.0


def _is_linear(keywords: Mapping[str, str]) -> bool:
    amplifications = [real_numbers(keywords.get(f"$P{n}E", "0,0"), count=2) for n in _parameters(keywords)]
    return all(pair is not None and pair[0] == 0 for pair in amplifications)


def _parameters(keywords: Mapping[str, str]) -> range:
    count = whole_number(keywords.get("$PAR")) or 0
    return range(1, min(count, len(keywords)) + 1)
