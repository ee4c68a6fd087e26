"""Whether a band exists: 16q24 does, 16q25 does not.

Bands written coarser or finer than the table count as existing, and so do centromeres, ends and whole arms.
What is doubtful (`?`, ranges) is not checked. Source: ISCN idiograms, in reference/karyotype/bands.toml.
"""

import re
from functools import lru_cache

from mrdkit.files import Rule, read_rule
from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.karyotype.items import Item
from mrdkit.karyotype.segments import breakpoints

__all__ = ["no_such_band"]

_EVERYWHERE = frozenset(("p", "q", "p10", "q10", "pter", "qter"))
_CHECKED = re.compile(r"[pq]\d[\d.]*")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _BandTable(Rule):
    bands: dict[str, str]


def no_such_band(item: Item) -> str | None:
    """Return which band of an item does not exist, None where all do."""
    for segment in item.segments:
        for chromosome, bands in zip(segment.chromosomes, segment.bands, strict=False):
            for band in breakpoints(bands):
                if not _exists(chromosome, band):
                    return f"chromosome {chromosome} has no band {band}"
    return None


@lru_cache(maxsize=4096)
def _exists(chromosome: str, band: str) -> bool:
    known = _table().get(chromosome)
    if known is None or band in _EVERYWHERE or not _CHECKED.fullmatch(band):
        return True
    coarser = (f"{band}.", band if "." in band or band[2:] == "" else f"{band}.")
    finer = (name for name in known if "." in name)
    return band in known or any(name.startswith(coarser) for name in known) or band.startswith(tuple(finer))


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[str, ...]]:
    table = read_rule("karyotype", "bands", _BandTable)
    return {chromosome: tuple(names.split()) for chromosome, names in table.bands.items()}
