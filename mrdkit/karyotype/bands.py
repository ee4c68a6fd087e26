"""Whether a band exists: 16q24 does, 16q25 does not.

Bands written coarser or finer than the table count as existing, and so do centromeres, ends and whole arms.
What is doubtful (`?`, ranges) counts as existing. Source: ISCN idiograms, in reference/karyotype/bands.toml.
"""

import re
from functools import lru_cache

from mrdkit.files import Rule, read_rule
from mrdkit.files.rules import STRICT, checked_dataclass

__all__ = ["band_exists"]

_EVERYWHERE = frozenset(("p", "q", "p10", "q10", "pter", "qter"))
_CHECKED = re.compile(r"[pq]\d[\d.]*")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _BandTable(Rule):
    bands: dict[str, str]


@lru_cache(maxsize=4096)
def band_exists(chromosome: str, band: str) -> bool:
    """Return whether a chromosome has a band.

    >>> band_exists("16", "q24"), band_exists("16", "q25"), band_exists("9", "q34.13")
    (True, False, True)
    """
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
