"""What a person must know beside the call of a karyotype: stable flags and short sentences."""

from collections.abc import Iterator

from mrdkit.karyotype.clonality import JudgedLine
from mrdkit.karyotype.conclude import Conclusions
from mrdkit.karyotype.reading import Reading
from mrdkit.karyotype.rules import LesionRule
from mrdkit.results import Metaphases

__all__ = ["flags_of", "reasons_of"]

_ABNORMAL = ("stem", "side")
_FISH_FLAGS = {
    "normal": "FISH_PART_NORMAL",
    "abnormal": "FISH_PART_ABNORMAL",
    "not_read": "FISH_PART_NOT_READ",
}


def flags_of(
    reading: Reading, metaphases: Metaphases | None, found: Conclusions, lesions: LesionRule
) -> Iterator[str]:
    """Yield the flags of the text, the cells, the clones, the changes and the class, in this order."""
    yield from dict.fromkeys(error.code for error in reading.errors)
    yield from sorted({_FISH_FLAGS[part.reading] for part in reading.fish})
    yield from _of_cells(reading, metaphases)
    yield from _of_asides(reading)
    yield from _of_clones(reading)
    yield from _of_changes(reading, lesions)
    if found.findings["crlf2_translocation"] == "yes":
        yield "CRLF2_SUSPECT"
    yield from found.flags


def reasons_of(reading: Reading, metaphases: Metaphases | None, found: Conclusions) -> Iterator[str]:
    """Yield what was found and what was left open."""
    yield from (str(error) + "." for error in reading.errors)
    if reading.both_sexes:
        yield "Clones of both sexes stand without //: whose cells they are is open, and so is the class."
    elif metaphases is None:
        yield "A clone does not state its metaphases; none are counted."
    elif metaphases.donor:
        yield f"{metaphases.donor} of {metaphases.total} metaphases are the donor's."
    for each in _not_clonal(reading):
        clone, kind = (
            each.line.clone,
            "read as lost in preparation" if each.only_lost else "sets no class",
        )
        yield f"{clone.modal} chromosomes in {clone.cells} cells are no clone: {kind}."
    if any(part.reading == "abnormal" for part in reading.fish):
        yield "The FISH part is abnormal; a normal karyotype before it is no normal case."
    if reading.unread:
        yield f"Parts of the text not understood: {len(reading.unread)}; nothing is concluded from them."
    elif found.iscn.low is None and not reading.errors:
        yield "The number of abnormalities is open: the weights do not settle it."


def _not_clonal(reading: Reading) -> list[JudgedLine]:
    return [each for each in reading.recipient if each.line.role in _ABNORMAL and not each.clonal]


def _of_cells(reading: Reading, metaphases: Metaphases | None) -> Iterator[str]:
    if metaphases is None:
        yield "SEX_MISMATCH" if reading.both_sexes else "CELLS_NOT_STATED"
    elif metaphases.donor:
        yield "MIXED_CHIMERA" if metaphases.recipient else "DONOR_100PCT"
    if any(each.line.role in _ABNORMAL for each in reading.donor):
        yield "DONOR_ABNORMAL"


def _of_asides(reading: Reading) -> Iterator[str]:
    remarks = reading.parsed.remarks
    kinds = {aside.kind for clone in reading.parsed.clones for aside in clone.asides}
    kinds |= {remark.kind for remark in remarks if remark.kind != "unread"}
    if "nonclonal" in kinds or any(remark.kind == "unread" for remark in remarks):
        yield "NONCLONAL_CELLS"
    if any(remark.of_clone or remark.items for remark in remarks):
        yield "NONCLONAL_WITH_CLONAL"
    if "polyploid" in kinds:
        yield "POLYPLOID_CELLS"
    lines = _not_clonal(reading)
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


def _of_changes(reading: Reading, lesions: LesionRule) -> Iterator[str]:
    items = reading.recipient_items
    texts = {item.text for item in items}
    if any(item.kind == "inc" for item in items):
        yield "INCOMPLETE"
    if any(item.alternatives for item in items):
        yield "ALTERNATIVE"
    if any(item.constitutional for each in reading.recipient for item in each.line.items):
        yield "CONSTITUTIONAL"
    if any(segment.name == "dic" for item in items for segment in item.segments):
        yield "DICENTRIC_COUNT"
    if texts == {"-Y"}:
        yield "AGE_RELATED_Y_LOSS"
    if texts & set(lesions.heteromorphism.items):
        yield "HETEROMORPHISM"
