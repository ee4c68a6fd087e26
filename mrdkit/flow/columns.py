"""Which column a dimension means: markers by their label ($PnS), scatter and time by their name ($PnN).

Never by position, and never by the detector's name where the label says something else. A label may carry the
dye in any usual spelling (`CD19 PE-Cy7`, `CD19-PECy7`, `PE-Cy7 CD19`, `anti-CD19`); two antibodies in one
channel (`CD66c+CD123 PE`) are one marker of their own. No answer and two answers are errors.
"""

import re
from collections.abc import Sequence

from mrdkit.errors import InputError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.dyes import is_dye
from mrdkit.flow.strategy import Dimension

__all__ = ["channel_named", "column_of", "denotes", "written_names"]

_SEPARATORS = re.compile(r"[\s\-_:.,;()\[\]|\u2010-\u2015]+")
_TOGETHER = re.compile(r"[+&/]")
_AGAINST = "ANTI"


def column_of(dataset: FcsDataset, dimension: Dimension) -> int:
    """Return the column (from 0) of the one channel that the dimension means.

    Raises:
        InputError: no channel or more than one answers.
    """
    if dimension.by == "marker":
        found = [
            column
            for column, channel in enumerate(dataset.channels)
            if any(denotes(channel.label or channel.name, marker) for marker in dimension.spellings)
        ]
    else:
        found = _columns_named(dataset, dimension.spellings)
    if len(found) != 1:
        raise _not_one(dataset, dimension, found)
    return found[0]


def channel_named(dataset: FcsDataset, name: str) -> int | None:
    """Return the column of the one channel with this $PnN, or None where it is missing or repeated."""
    found = _columns_named(dataset, (name,))
    return found[0] if len(found) == 1 else None


def written_names(dataset: FcsDataset) -> list[str]:
    """Return every $PnN as the file writes it, so that a repeated name answers twice and is refused."""
    return [dataset.text.get(f"$P{c.index}N", c.name).strip() for c in dataset.channels]


def denotes(label: str, marker: str) -> bool:
    """Return whether a channel's label names the marker, whatever dye stands beside it.

    >>> denotes("CD19 PE-Cy7", "CD19"), denotes("anti-CD19_PECy7", "CD19"), denotes("CD66c+CD123 PE", "CD66c")
    (True, True, False)
    """
    wanted = sorted(_squeezed(part) for part in _TOGETHER.split(marker))
    parts = [
        part for part in _TOGETHER.split(label) if _squeezed(part) in wanted or not is_dye(_squeezed(part))
    ]
    if len(parts) != len(wanted):
        return False
    rest = list(wanted)
    for part in parts:
        match = next((name for name in rest if _names_marker(part, name)), None)
        if match is None:
            return False
        rest.remove(match)
    return True


def _columns_named(dataset: FcsDataset, names: Sequence[str]) -> list[int]:
    return [column for column, name in enumerate(written_names(dataset)) if name in names]


def _names_marker(part: str, marker: str) -> bool:
    tokens = [token.upper() for token in _SEPARATORS.split(part) if token]
    if tokens and tokens[0] == _AGAINST:
        tokens = tokens[1:]
    if not tokens:
        return False
    tokens[0] = tokens[0].removeprefix(_AGAINST) or tokens[0]
    whole = "".join(tokens)
    if whole == marker:
        return True
    for cut in range(1, len(tokens)):
        head, tail = "".join(tokens[:cut]), "".join(tokens[cut:])
        if (head == marker and is_dye(tail)) or (tail == marker and is_dye(head)):
            return True
    # Marker and dye without a blank: the marker must end inside the first token (CD19PE-Cy7).
    glued = tokens[0].startswith(marker) and len(tokens[0]) > len(marker)
    return glued and is_dye(whole.removeprefix(marker))


def _squeezed(text: str) -> str:
    return _SEPARATORS.sub("", text).upper().removeprefix(_AGAINST)


def _not_one(dataset: FcsDataset, dimension: Dimension, found: Sequence[int]) -> InputError:
    described = [f"{c.name} ({c.label})" if c.label else c.name for c in dataset.channels]
    kind = "MARKER" if dimension.by == "marker" else "CHANNEL"
    wanted = " or ".join(dimension.spellings)
    if found:
        return InputError(
            f"more than one channel answers to {dimension.by} {wanted}",
            code=f"{kind}_AMBIGUOUS",
            place=f"dimension {dimension.name}",
            found=", ".join(described[column] for column in found),
            remedy="name the one that is meant by its exact channel name",
        )
    return InputError(
        f"no channel answers to {dimension.by} {wanted}",
        code=f"{kind}_MISSING",
        place=f"dimension {dimension.name}",
        found=", ".join(described),
        remedy="check the labels ($PnS), or list this laboratory's spelling in the strategy",
    )
