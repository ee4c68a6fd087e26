"""Whether two items may describe the same change in two samples of one patient.

The same change may be written at another banding resolution, with other bands of the same arms, without
bands, with a question mark, in the detailed form, or inside a derivative: der(22)t(9;22). Only kind,
chromosomes and arms decide; a marker may be any other marker. Source: project decision; ISCN 2024.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeAlias

from mrdkit.karyotype.items import Item, parse_item
from mrdkit.karyotype.segments import Segment, breakpoints
from mrdkit.results import KaryotypeCall

__all__ = ["items_known_from", "same_change"]

#: Kind, and the arms that break on each chromosome; no arms where no bands are written.
_Arms: TypeAlias = tuple[str, dict[str, frozenset[str]]]
_UNKNOWN_ORIGIN = frozenset(("mar", "r", "dmin"))


def same_change(one: str, other: str) -> bool:
    """Tell whether two items may be the same change: kind, chromosomes and arms, bands set aside.

    >>> same_change("t(9;22)(q34;q11.2)", "der(22)t(9;22)")
    True
    >>> same_change("del(9)(p21)", "del(9)(p21p24)"), same_change("del(9)(p21)", "del(9)(q22)")
    (True, False)
    >>> same_change("+8", "+18"), same_change("r(1)(p36q42)", "der(1)t(1;7)(p36;q11)")
    (False, False)
    """
    return one == other or any(_alike(first, second) for first in _arms(one) for second in _arms(other))


def items_known_from(earlier: Iterable[KaryotypeCall]) -> tuple[str, ...]:
    """Return the patient's own changes in earlier samples, by which a single metaphase is clonal."""
    clones = (clone for call in earlier for clone in call.clones if clone.population == "recipient")
    return tuple(sorted({item for clone in clones for item in clone.items}))


@lru_cache(maxsize=4096)
def _arms(text: str) -> tuple[_Arms, ...]:
    item = parse_item(text)
    return tuple(found for reading in (item, *item.alternatives) for found in _of_reading(reading))


def _of_reading(item: Item) -> Iterator[_Arms]:
    if item.alternatives and item.kind == "number":
        for part in item.text.split(" or "):
            yield part.strip().replace("?", ""), {}
    elif item.kind == "number":
        yield f"{item.sign}{item.chromosome}", {}
    elif item.kind in _UNKNOWN_ORIGIN and not item.segments:
        yield item.kind, {}
    elif not item.understood:
        yield item.text, {}
    else:
        yield from (_of_segment(segment) for segment in item.own_changes)


def _of_segment(segment: Segment) -> _Arms:
    arms: dict[str, frozenset[str]] = {}
    written = segment.bands or ("",) * len(segment.chromosomes)
    for name, bands in zip(segment.chromosomes, written, strict=False):
        found = frozenset(band.strip("?")[0] for band in breakpoints(bands))
        arms[name.strip("?")] = arms.get(name.strip("?"), frozenset()) | found
    return segment.name, arms


def _alike(first: _Arms, second: _Arms) -> bool:
    """Return whether kind and chromosomes agree, and the arms where both are written."""
    arms, others = first[1], second[1]
    if first[0] != second[0] or arms.keys() != others.keys():
        return False
    return all(not arms[name] or not others[name] or arms[name] == others[name] for name in arms)
