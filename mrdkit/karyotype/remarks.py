"""What a person must know beside the call of a karyotype: stable flags and short sentences."""

from collections.abc import Iterator

from mrdkit.karyotype.lesions import has_translocation
from mrdkit.karyotype.reading import Reading, has_both_sexes
from mrdkit.karyotype.rules import LesionRule
from mrdkit.results import Metaphases

__all__ = ["flags_of", "reasons_of"]


def flags_of(reading: Reading, metaphases: Metaphases | None, lesions: LesionRule) -> Iterator[str]:
    """Yield the flags of the text, the cells, the clones and the changes, in this order."""
    yield from dict.fromkeys(error.code for error in reading.errors)
    if reading.parsed.techniques:
        yield "FISH_PART_NOT_READ"
    yield from _of_cells(reading, metaphases)
    yield from _of_clones(reading)
    yield from _of_changes(reading, lesions)


def reasons_of(reading: Reading, metaphases: Metaphases | None) -> Iterator[str]:
    """Yield what was found and what was left open."""
    yield from (str(error) + "." for error in reading.errors)
    if metaphases is None:
        yield "A clone does not state its metaphases; none are counted."
    elif metaphases.donor:
        yield f"{metaphases.donor} of {metaphases.total} metaphases are the donor's."
    for each in reading.recipient:
        if each.line.role in ("stem", "side") and not each.clonal:
            clone, kind = (
                each.line.clone,
                "read as lost in preparation" if each.only_lost else "sets no class",
            )
            yield f"{clone.modal} chromosomes in {clone.cells} cells are no clone: {kind}."
    if reading.unread:
        yield f"Parts of the text not understood: {len(reading.unread)}; nothing is concluded from them."


def _of_cells(reading: Reading, metaphases: Metaphases | None) -> Iterator[str]:
    if metaphases is None:
        yield "CELLS_NOT_STATED"
    elif metaphases.donor:
        yield "MIXED_CHIMERA" if metaphases.recipient else "DONOR_100PCT"
    if any(each.line.role in ("stem", "side") for each in reading.donor):
        yield "DONOR_ABNORMAL"
    if reading.parsed.remarks:
        yield "NONCLONAL_CELLS"
    lines = [each for each in reading.recipient if each.line.role in ("stem", "side") and not each.clonal]
    if any(each.only_lost for each in lines):
        yield "NONCLONAL_LOSS"
    if any(not each.only_lost for each in lines):
        yield "NONCLONAL_SINGLE_CELL"


def _of_clones(reading: Reading) -> Iterator[str]:
    words = {clone.reference.word for clone in reading.parsed.clones if clone.reference}
    if "idem" in words and len(words) > 1:
        yield "IDEM_AND_SL_MIXED"
    if any(clone.composite for clone in reading.parsed.clones):
        yield "COMPOSITE"
    if has_both_sexes(each.line for each in reading.recipient):
        yield "SEX_MISMATCH"


def _of_changes(reading: Reading, lesions: LesionRule) -> Iterator[str]:
    items = reading.recipient_items
    texts = {item.text for item in items}
    if any(item.kind == "inc" for item in items):
        yield "INCOMPLETE"
    if any(" or " in item.text for item in items):
        yield "ALTERNATIVE"
    if any(item.constitutional for each in reading.recipient for item in each.line.items):
        yield "CONSTITUTIONAL"
    if any(item.kind in ("dic", "psu dic") for item in items):
        yield "DICENTRIC_COUNT"
    if texts == {"-Y"}:
        yield "AGE_RELATED_Y_LOSS"
    if texts & set(lesions.heteromorphism.items):
        yield "HETEROMORPHISM"
    if has_translocation(lesions.crlf2, items):
        yield "CRLF2_SUSPECT"
