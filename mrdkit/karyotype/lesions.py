"""Which recurrent rearrangements the bands show: KMT2A-r, Ph, the CRLF2 hint, established translocations.

Only the exact bands say yes. The right band with an unknown partner is suspect, a `?` or a missing breakpoint
is uncertain, a deletion of 11q23 is no. Text that was not read can hide a rearrangement and never ends in no.
Source: project decision; bands in reference/karyotype/lesions.toml.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from mrdkit.karyotype.items import Item, Segment
from mrdkit.karyotype.rules import Breakpoint, Lesion, Translocation

__all__ = ["Answer", "has_translocation", "lesion_of"]

Answer: TypeAlias = Literal["yes", "no", "suspect", "uncertain"]

_ORDER: tuple[Answer, ...] = ("yes", "suspect", "uncertain")
_JOINING = {"t", "ins"}


def lesion_of(
    lesion: Lesion, items: Iterable[Item], *, unread: Sequence[str], techniques: Sequence[str]
) -> Answer:
    """Return what banding says of one rearrangement.

    Args:
        lesion: its breakpoints.
        items: all items of the patient's lines that are not constitutional.
        unread: text of the patient's lines that was not understood.
        techniques: FISH parts, which are not read here.
    """
    answers = [_of_item(lesion, item) for item in items if item.sign != "-"]
    if any(_mentions(text, lesion.chromosome) for text in unread):
        answers.append("uncertain")
    if any(gene in text.upper() for text in techniques for gene in lesion.genes):
        answers.append("uncertain")
    return _strongest(answers)


def has_translocation(known: Sequence[Translocation], items: Iterable[Item]) -> bool:
    """Return whether an item joins the bands of one of the translocations."""
    segments = [segment for item in items for segment in item.segments if segment.name in _JOINING]
    return any(
        all(_breaks(segment, point) == "yes" for point in translocation.breakpoints)
        for translocation in known
        for segment in segments
    )


def _of_item(lesion: Lesion, item: Item) -> Answer:
    if not item.understood:
        return "uncertain" if _mentions(item.text, lesion.chromosome) else "no"
    answers = [_of_segment(lesion, segment, item) for segment in item.segments]
    answer = _strongest(answers)
    return "uncertain" if item.doubtful and answer != "no" else answer


def _of_segment(lesion: Lesion, segment: Segment, item: Item) -> Answer:
    own = _breaks(segment, lesion)
    partners = [_breaks(segment, partner) for partner in lesion.partners]
    partner = _strongest(partners)
    if segment.name not in _JOINING or len(segment.chromosomes) == 1:
        kinds = {segment.name, item.kind.rpartition(" ")[2]} & set(lesion.suspect_kinds)
        return "suspect" if kinds and own == "yes" else "no"
    if own == partner == "yes":
        return "yes"
    if "uncertain" in (own, partner):
        return _uncertain(lesion, segment, own, partner)
    if own == "yes":
        named = any(point.chromosome in segment.chromosomes for point in lesion.partners)
        return lesion.wrong_band if named and lesion.wrong_band == "suspect" else lesion.other_partner
    return lesion.wrong_band if partner == "yes" and lesion.chromosome in segment.chromosomes else "no"


def _uncertain(lesion: Lesion, segment: Segment, own: Answer, partner: Answer) -> Answer:
    """Return uncertain where both ends could still be the right ones."""
    if own == "no":
        unknown_chromosome = any("?" in name for name in segment.chromosomes)
        return "uncertain" if unknown_chromosome and partner == "yes" else "no"
    if partner == "no" and lesion.other_partner == "no":
        return "uncertain" if any("?" in name for name in segment.chromosomes) else "no"
    return "uncertain"


def _breaks(segment: Segment, point: Breakpoint) -> Answer:
    """Return whether a segment breaks a chromosome in certain bands."""
    names = [name.strip("?") for name in segment.chromosomes]
    if point.chromosome not in names:
        return "no"
    if len(segment.bands) != len(segment.chromosomes):
        return "uncertain"
    at = names.index(point.chromosome)
    bands = re.findall(r"\??[pq][^pq]*", segment.bands[at])
    if any(band.startswith(tuple(point.bands)) for band in bands):
        return "uncertain" if "?" in segment.chromosomes[at] else "yes"
    doubtful = "?" in segment.bands[at] or any(len(band.strip("?")) == 1 for band in bands) or not bands
    return "uncertain" if doubtful else "no"


def _strongest(answers: Sequence[Answer]) -> Answer:
    for answer in _ORDER:
        if answer in answers:
            return answer
    return "no"


def _mentions(text: str, chromosome: str) -> bool:
    return re.search(rf"(?<![\w.]){chromosome}(?![\d.])", text) is not None
