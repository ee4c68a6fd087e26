"""Which columns are the area, height and width of forward scatter: by $PnN, in the spellings of the makers.

The spellings stand in reference/flow/quality.toml. Case and separators do not matter. Two columns that answer
to one name are no answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mrdkit.flow.columns import written_names
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.quality_rules import DoubletRules

__all__ = ["Scatter", "find_column", "scatter_of"]

_SEPARATORS = re.compile(r"[\s\-_.:()]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """Columns of forward scatter, counted from 0; None where missing or repeated."""

    area: int | None
    height: int | None
    width: int | None


def scatter_of(dataset: FcsDataset, rules: DoubletRules) -> Scatter:
    """Find the columns of forward scatter."""
    return Scatter(
        area=find_column(dataset, rules.area),
        height=find_column(dataset, rules.height),
        width=find_column(dataset, rules.width),
    )


def find_column(dataset: FcsDataset, spellings: Sequence[str]) -> int | None:
    """Return the one column with one of these names, None where there is none or more than one."""
    wanted = {_squeezed(spelling) for spelling in spellings}
    found = [column for column, name in enumerate(written_names(dataset)) if _squeezed(name) in wanted]
    return found[0] if len(found) == 1 else None


def _squeezed(name: str) -> str:
    return _SEPARATORS.sub("", name).casefold()
