"""Spillover matrices in keywords: $SPILLOVER (FCS 3.1), SPILL and its relatives, $COMP (FCS 3.0).

All are listed; one is used: $SPILLOVER, else SPILL, $SPILL, SPILLOVER, $COMP. Layout: n, n names,
n * n numbers row by row (rows are fluorochromes, columns detectors). A name is a $PnN, with or without the
`Comp-` of exported files, or else a $PnS; the matrix is given by $PnN. $COMP has no names and is only clear
when it covers all parameters. A keyword that cannot be read gives no matrix and a flag, never a part of one.
"""

from collections.abc import Mapping, Sequence

from mrdkit.flow.channel import Channel, FcsWarning
from mrdkit.flow.dataset import Spillover
from mrdkit.flow.fcs_keywords import real_numbers, whole_number

__all__ = ["parse_spillover", "read_spillover", "spillover_keywords"]

_PREFERENCE = ("$SPILLOVER", "SPILL", "$SPILL", "SPILLOVER", "$COMP")
_MOST_CHANNELS = 1_000
_EXPORTED = "Comp-"


def spillover_keywords(text: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keywords that hold a spillover matrix, vendor keywords included, in alphabetical order."""
    return tuple(sorted(key for key in text if key.endswith(("SPILL", "SPILLOVER")) or key == "$COMP"))


def read_spillover(
    text: Mapping[str, str], channels: Sequence[Channel]
) -> tuple[Spillover | None, tuple[FcsWarning, ...]]:
    """Return the matrix to use, None where there is none or it cannot be read, and the doubts about it."""
    present = [key for key in _PREFERENCE if text.get(key, "").strip() not in {"", "0"}]
    if not present:
        return None, ()
    key = present[0]
    spillover = parse_spillover(text[key], names=[c.name for c in channels] if key == "$COMP" else None)
    warnings = []
    if spillover is None:
        message = f"{key} is not a square matrix with one name per row; no spillover was read"
        warnings.append(FcsWarning(code="SPILLOVER_INVALID", message=message))
    if key == "$COMP" and spillover is not None:
        message = "the matrix of $COMP was taken for a spillover matrix of all parameters"
        warnings.append(FcsWarning(code="SPILLOVER_FROM_COMP", message=message))
    if len({"".join(text[other].split()) for other in present}) > 1:
        message = f"{key} was used; different matrices stand in " + ", ".join(present[1:])
        warnings.append(FcsWarning(code="SPILLOVER_SEVERAL", message=message))
    if spillover is None:
        return None, tuple(warnings)
    names = [_channel_name(name, channels) for name in spillover.channels]
    unknown = [own for own, name in zip(spillover.channels, names, strict=True) if name is None]
    if unknown:
        message = f"{key} names channels that the data set does not have: " + ", ".join(unknown)
        warnings.append(FcsWarning(code="SPILLOVER_UNKNOWN_CHANNEL", message=message))
    if any(name is not None and name.startswith(_EXPORTED) for name in names):
        message = (
            f"{key} names channels whose values may be compensated already: their names begin with Comp-"
        )
        warnings.append(FcsWarning(code="PERHAPS_COMPENSATED", message=message))
    known = tuple(name or own for own, name in zip(spillover.channels, names, strict=True))
    if len(set(known)) < len(known):
        message = f"two names of {key} mean one channel; no spillover was read"
        return None, (*warnings, FcsWarning(code="SPILLOVER_INVALID", message=message))
    return Spillover(channels=known, matrix=spillover.matrix), tuple(warnings)


def parse_spillover(value: str, *, names: Sequence[str] | None = None) -> Spillover | None:
    """Return the matrix of one keyword, or None where it is not a square one with distinct names.

    Args:
        value: of the keyword.
        names: the channels of a matrix that is written without names.

    >>> parse_spillover("2,FL1-A,FL2-A,1,0.1,0.02,1").matrix
    ((1.0, 0.1), (0.02, 1.0))
    """
    parts = [part.strip() for part in value.split(",")]
    n = whole_number(parts[0])
    if not n or n > _MOST_CHANNELS or (names is not None and len(names) != n):
        return None
    written = parts[1 : n + 1] if names is None else list(names)
    first = n + 1 if names is None else 1
    numbers = real_numbers(",".join(parts[first:]), count=n * n)
    if numbers is None or len(set(written)) != n or "" in written:
        return None
    return Spillover(channels=tuple(written), matrix=tuple(numbers[n * i : n * (i + 1)] for i in range(n)))


def _channel_name(written: str, channels: Sequence[Channel]) -> str | None:
    """Return the $PnN that a name of the matrix means, None where no channel or several answer."""
    bare = written.removeprefix(_EXPORTED)
    rules = (
        [c.name for c in channels if c.name == written],
        [c.name for c in channels if c.name.removeprefix(_EXPORTED) == bare],
        [c.name for c in channels if c.label and c.label in {written, bare}],
    )
    found: list[str] = next((names for names in rules if names), [])
    return found[0] if len(found) == 1 else None
