"""Whether the bands show KMT2A-r or Ph, and what a FISH part behind them says.

Only the exact bands say yes. The right band with an unknown partner is suspect, a `?` or a missing breakpoint
is uncertain, and so are `rea` and a bare `der` of the chromosome; a deletion of 11q23 is no. Text that was
not read can hide a rearrangement and never ends in no.
FISH says yes where it shows the break or the fusion itself; it never takes back what the bands show.
Source: project decision; bands in reference/karyotype/lesions.toml.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from mrdkit.karyotype.fish_part import FishPart
from mrdkit.karyotype.items import Item
from mrdkit.karyotype.rules import Breakpoint, Lesion
from mrdkit.karyotype.segments import UNKNOWN_KIND, Segment, breakpoints

__all__ = ["JOINING", "Answer", "breaks", "confirmed_by_fish", "lesion_of", "strongest"]

Answer: TypeAlias = Literal["yes", "no", "suspect", "uncertain"]

_DOUBT = re.compile(r"[?~-]")
_ORDER: tuple[Answer, ...] = ("yes", "suspect", "uncertain")
#: Operations that join two chromosomes at their breakpoints.
JOINING = frozenset(("t", "ins"))


def lesion_of(
    lesion: Lesion, items: Iterable[Item], *, unread: Sequence[str], fish: Sequence[FishPart]
) -> Answer:
    """Return what banding says of one rearrangement.

    Args:
        lesion: its breakpoints.
        items: all items of the patient's lines that are not constitutional.
        unread: text of the patient's lines that was not understood.
        fish: the FISH parts behind the karyotype.
    """
    related = {lesion.chromosome, "?"}
    changed = [item for item in items if item.sign != "-" and not _is_elsewhere(item, related)]
    answers = [_of_item(lesion, item) for item in changed]
    if any(lesion.may_be_in(text) for text in unread):
        answers.append("uncertain")
    answers += [_of_fish(lesion, part) for part in fish if part.reading != "normal"]
    return strongest(answers)


def confirmed_by_fish(
    lesions: Iterable[Lesion], items: Sequence[Item], fish: Sequence[FishPart]
) -> tuple[str, ...]:
    """Return the items whose rearrangement a FISH part shows too: one metaphase with one is clonal."""
    shown = [lesion for lesion in lesions if any(_of_fish(lesion, part) == "yes" for part in fish)]
    return tuple(item.text for item in items if any(_of_item(lesion, item) == "yes" for lesion in shown))


def _is_elsewhere(item: Item, related: set[str]) -> bool:
    """Return whether an item was read and names none of some chromosomes."""
    return item.understood and item.named.isdisjoint(related)


def _of_fish(lesion: Lesion, part: FishPart) -> Answer:
    text = part.text.upper()
    genes = [gene for gene in lesion.genes if gene in text]
    if not genes:
        return "no"
    shown = part.reading == "abnormal" and re.search(lesion.fish_shows, part.text, re.IGNORECASE)
    return "yes" if shown else "uncertain"


def _of_item(lesion: Lesion, item: Item) -> Answer:
    if not item.understood:
        return "uncertain" if lesion.may_be_in(item.text) else "no"
    if item.kind == "der" and len(item.segments) == 1 and item.abbreviated:
        return "uncertain"
    readings = (item, *item.alternatives)
    answers = [_of_segment(lesion, segment, one) for one in readings for segment in one.segments]
    answer = strongest(answers)
    return "uncertain" if item.doubtful and answer != "no" else answer


def _of_segment(lesion: Lesion, segment: Segment, item: Item) -> Answer:
    own = breaks(segment, lesion)
    if segment.name == UNKNOWN_KIND:
        return "no" if own == "no" else "uncertain"
    if segment.name in JOINING and len(segment.chromosomes) > 1:
        return _of_exchange(lesion, segment, own)
    kinds = {segment.name, item.kind} & set(lesion.suspect_kinds)
    return ("suspect" if own == "yes" else own) if kinds else "no"


def _of_exchange(lesion: Lesion, segment: Segment, own: Answer) -> Answer:
    """Return what two or more joined chromosomes say; an unknown one may be the right one."""
    ends = own, strongest([breaks(segment, partner) for partner in lesion.partners])
    if ends == ("yes", "yes"):
        return "yes"
    if ends != ("no", "no") and any("?" in name for name in segment.chromosomes):
        return "uncertain"
    if "uncertain" in ends:
        # With one end elsewhere only another partner could still matter.
        elsewhere = own == "no" or (ends[1] == "no" and lesion.other_partner == "no")
        return "no" if elsewhere else "uncertain"
    if own == "yes":
        named = any(point.chromosome in segment.chromosomes for point in lesion.partners)
        return lesion.wrong_band if named and lesion.wrong_band == "suspect" else lesion.other_partner
    return lesion.wrong_band if ends[1] == "yes" and lesion.chromosome in segment.chromosomes else "no"


def breaks(segment: Segment, point: Breakpoint) -> Answer:
    """Return whether a segment breaks a chromosome in certain bands."""
    if all(name.strip("?") != point.chromosome for name in segment.chromosomes):
        return "no"
    if len(segment.bands) != len(segment.chromosomes):
        return "uncertain"
    pairs = zip(segment.chromosomes, segment.bands, strict=True)
    return strongest(
        [_breaks_in(name, bands, point) for name, bands in pairs if name.strip("?") == point.chromosome]
    )


def _breaks_in(name: str, written: str, point: Breakpoint) -> Answer:
    bands = breakpoints(written)
    if any(band.startswith(tuple(point.bands)) and not _DOUBT.search(band) for band in bands):
        return "uncertain" if "?" in name else "yes"
    whole_arm = any(len(band.strip("?")) == 1 for band in bands)
    return "uncertain" if whole_arm or not bands or _DOUBT.search(written) else "no"


def strongest(answers: Sequence[Answer]) -> Answer:
    """Return the answer that says most for a rearrangement; no where there is none."""
    for answer in _ORDER:
        if answer in answers:
            return answer
    return "no"
