"""The predicted protein change of one edit of the coding sequence.

Source: HGVS nomenclature (protein recommendations). Only proteins are compared: the change is named at its
most C-terminal place, from the first residue that changes; a duplication beats an insertion; an immediate
stop is a nonsense change, and so is the loss of the last residues; residues added behind the last one are an
extension before all else. A change that begins before the stop codon and takes it away is written as a
frameshift, whatever its length.
"""

from dataclasses import dataclass
from enum import StrEnum

from mrdkit.tp53.gene import Gene, translate

__all__ = ["RESIDUE_NAMES", "UNPREDICTED", "CodingEdit", "ProteinChange", "ProteinKind", "predict"]

UNPREDICTED = "p.?"

#: One-letter residues and the stop, and their HGVS names.
RESIDUE_NAMES = {
    "A": "Ala", "R": "Arg", "N": "Asn", "D": "Asp", "C": "Cys", "Q": "Gln", "E": "Glu",
    "G": "Gly", "H": "His", "I": "Ile", "L": "Leu", "K": "Lys", "M": "Met", "F": "Phe",
    "P": "Pro", "S": "Ser", "T": "Thr", "W": "Trp", "Y": "Tyr", "V": "Val", "*": "Ter",
}  # fmt: skip
_START_CODON = 3


class ProteinKind(StrEnum):
    """What a coding change does to the protein; the values are consequence terms."""

    SYNONYMOUS = "synonymous"
    MISSENSE = "missense"
    NONSENSE = "nonsense"
    FRAMESHIFT = "frameshift"
    INFRAME = "inframe_indel"
    START_LOST = "start_lost"
    STOP_LOST = "stop_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingEdit:
    """Bases `start` to `end` (0-based from c.1, `end` excluded, transcript strand) become `inserted`."""

    start: int
    end: int
    inserted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProteinChange:
    """A protein description in parentheses, such as `p.(Arg175His)`, and its kind."""

    text: str
    kind: ProteinKind


def predict(gene: Gene, edit: CodingEdit) -> ProteinChange:
    """Return the predicted protein change of an edit that touches the coding sequence."""
    if _touches_start(edit):
        return ProteinChange(text="p.(Met1?)", kind=ProteinKind.START_LOST)
    shift = len(edit.inserted) - (edit.end - edit.start)
    stop_codon = gene.coding_length - 3
    if shift % 3 or max(edit.end, edit.start + 1) > stop_codon:
        change = _read_through(gene, edit, shift)
        if change is not None:
            return change
    return _in_frame(gene, edit)


def _touches_start(edit: CodingEdit) -> bool:
    if edit.start == edit.end:
        return 0 < edit.start < _START_CODON
    return edit.start < _START_CODON


def _read_through(gene: Gene, edit: CodingEdit, shift: int) -> ProteinChange | None:
    """Describe a shifted frame or a changed stop codon; None where the stop stays and the frame holds."""
    first = edit.start // 3
    old, new = gene.protein[first:] + "*", _tail(gene, edit, first)
    if new == old:
        return ProteinChange(text=f"p.({_name(gene, len(gene.protein))}=)", kind=ProteinKind.SYNONYMOUS)
    stop = new.find("*")
    if shift % 3 == 0 and stop >= 0 and len(new) <= len(old) + shift // 3:
        return None
    at = next((i for i in range(len(new)) if old[i] != new[i]), None)
    if at is None:
        # The transcript ends before any residue changes: nothing is known of what follows.
        return ProteinChange(text=UNPREDICTED, kind=ProteinKind.STOP_LOST)
    if new[at] == "*":
        return _nonsense(gene, first + at)
    if first + at == len(gene.protein):
        return _extension(gene, new[at], stop - at if stop >= 0 else None, ProteinKind.STOP_LOST)
    ending = f"Ter{stop - at + 1}" if stop >= 0 else "Ter?"
    text = f"p.({_name(gene, first + at)}{RESIDUE_NAMES[new[at]]}fs{ending})"
    return ProteinChange(text=text, kind=ProteinKind.FRAMESHIFT)


def _tail(gene: Gene, edit: CodingEdit, first: int) -> str:
    """Return the new residues from codon `first` (from 0) up to and with the stop, if there is one."""
    local = gene.coding[3 * first : edit.start] + edit.inserted
    resumed = edit.end + -len(local) % 3
    local += gene.coding[edit.end : resumed]
    residues = translate(local) + gene.frames[resumed % 3][resumed // 3 :]
    return residues[: residues.index("*") + 1] if "*" in residues else residues


def _in_frame(gene: Gene, edit: CodingEdit) -> ProteinChange:
    """Describe a change that keeps the frame and the stop codon's place, from the changed codons alone."""
    first, end = edit.start // 3, -(-edit.end // 3)
    old = (gene.protein + "*")[first:end]
    new = translate(gene.coding[3 * first : edit.start] + edit.inserted + gene.coding[edit.end : 3 * end])
    if end > len(gene.protein) + 1:
        # The edit runs into the 3'UTR; what follows the first stop is no protein.
        new = new[: new.index("*") + 1].ljust(len(old), "*")
    if old == new:
        return ProteinChange(text=f"p.({_range(gene, first, end)}=)", kind=ProteinKind.SYNONYMOUS)
    while old and new and old[0] == new[0]:
        old, new, first = old[1:], new[1:], first + 1
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return _replaced(gene, first, old, new)


def _replaced(gene: Gene, first: int, old: str, new: str) -> ProteinChange:
    """Describe residues `old` from index `first` on that become `new`, which begin and end differently."""
    if "*" in new and (new[0] == "*" or first < len(gene.protein)):
        return _early_stop(gene, first, old, new[: new.index("*") + 1])
    if not new:
        return _deletion(gene, first, len(old))
    if first == len(gene.protein):
        return _extension(gene, new[0], len(new.partition("*")[0]), ProteinKind.INFRAME)
    if not old:
        return _insertion(gene, first, new)
    if len(old) == len(new) == 1:
        text = f"p.({_name(gene, first)}{RESIDUE_NAMES[new]})"
        return ProteinChange(text=text, kind=ProteinKind.MISSENSE)
    text = f"p.({_range(gene, first, first + len(old))}delins{_letters(new)})"
    return ProteinChange(text=text, kind=ProteinKind.INFRAME)


def _early_stop(gene: Gene, first: int, old: str, new: str) -> ProteinChange:
    """Describe a stop inside the replaced residues: nonsense once the residues before it are unchanged."""
    protein = gene.protein + "*"
    while new and new[0] == protein[first]:
        old, new, first = old[1:], new[1:], first + 1
    if not new:
        return ProteinChange(text=f"p.({_name(gene, first - 1)}=)", kind=ProteinKind.SYNONYMOUS)
    if new == "*":
        return _nonsense(gene, first)
    if old:
        text = f"p.({_range(gene, first, first + len(old))}delins{_letters(new)})"
    else:
        text = f"p.({_between(gene, first)}ins{_letters(new)})"
    return ProteinChange(text=text, kind=ProteinKind.NONSENSE)


def _deletion(gene: Gene, first: int, length: int) -> ProteinChange:
    protein = gene.protein + "*"
    while first + length < len(gene.protein) and protein[first] == protein[first + length]:
        first += 1
    if first + length == len(gene.protein):
        # Of the proteins alone, the loss of the last residues is a stop in the place of the first of them.
        return _nonsense(gene, first)
    return ProteinChange(text=f"p.({_range(gene, first, first + length)}del)", kind=ProteinKind.INFRAME)


def _insertion(gene: Gene, first: int, new: str) -> ProteinChange:
    while first < len(gene.protein) and gene.protein[first] == new[0]:
        new, first = new[1:] + new[0], first + 1
    if first == len(gene.protein):
        return _extension(gene, new[0], len(new), ProteinKind.INFRAME)
    if gene.protein[max(0, first - len(new)) : first] == new:
        text = f"p.({_range(gene, first - len(new), first)}dup)"
    else:
        text = f"p.({_between(gene, first)}ins{_letters(new)})"
    return ProteinChange(text=text, kind=ProteinKind.INFRAME)


def _nonsense(gene: Gene, index: int) -> ProteinChange:
    return ProteinChange(text=f"p.({_name(gene, index)}Ter)", kind=ProteinKind.NONSENSE)


def _extension(gene: Gene, residue: str, added: int | None, kind: ProteinKind) -> ProteinChange:
    """Describe residues behind the last one: any change of that kind is an extension before all else."""
    stop = "?" if added is None else added
    return ProteinChange(
        text=f"p.({_name(gene, len(gene.protein))}{RESIDUE_NAMES[residue]}extTer{stop})", kind=kind
    )


def _name(gene: Gene, index: int) -> str:
    residue = gene.protein[index] if index < len(gene.protein) else "*"
    return f"{RESIDUE_NAMES[residue]}{index + 1}"


def _range(gene: Gene, first: int, end: int) -> str:
    if end - first == 1:
        return _name(gene, first)
    return f"{_name(gene, first)}_{_name(gene, end - 1)}"


def _between(gene: Gene, first: int) -> str:
    return f"{_name(gene, first - 1)}_{_name(gene, first)}"


def _letters(residues: str) -> str:
    return "".join(RESIDUE_NAMES[residue] for residue in residues)
