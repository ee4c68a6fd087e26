"""One allele, one spelling: REF checked against the gene, trimmed, shifted to one end.

The order of work is that of the HGVS nomenclature: check REF, trim the common suffix, then the common prefix,
then shift 3' in the direction of the transcript. The gene lies on the minus strand, so that this is the
left-aligned form on the chromosome: the VCF key and the HGVS place are one and the same.
The shift runs across exon/intron borders, on the genomic sequence.
"""

from dataclasses import dataclass
from enum import StrEnum

from mrdkit.tp53.gene import Build, Gene

__all__ = [
    "Edit",
    "Problem",
    "edit_of_key",
    "left_aligned",
    "normalise",
    "right_aligned",
    "vcf_key",
]

_IUPAC = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip


class Problem(StrEnum):
    """Why an allele has no normalised form."""

    NO_CHANGE = "NO_CHANGE"
    REF_MISMATCH = "REF_MISMATCH"
    OUTSIDE_SEGMENT = "OUTSIDE_SEGMENT"
    STRUCTURAL = "STRUCTURAL"
    UNRESOLVED = "UNRESOLVED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Plus-strand bases `start` to `end` of GRCh38, 1-based and inclusive, replaced by `inserted`.

    A pure insertion lies between `end` and `start`, where `end` = `start` - 1.
    """

    start: int
    end: int
    inserted: str

    @property
    def n_deleted(self) -> int:
        """Number of reference bases that go."""
        return self.end - self.start + 1


def normalise(gene: Gene, build: Build, position: int, ref: str, alt: str) -> Edit | Problem:
    """Return the left-aligned GRCh38 edit of one REF/ALT pair, or the problem that prevents it.

    Args:
        gene: the reference.
        build: build that `position` is counted on, 1-based as in VCF.
        position: position of the first base of `ref`.
        ref: reference bases, any case; IUPAC codes stand for the compatible reference base.
        alt: alternate bases, any case.
    """
    ref, alt = ref.upper(), alt.upper()
    start = gene.to_grch38(build, position)
    plain = _is_bases(alt)
    if not plain and _is_symbolic(alt):
        return Problem.STRUCTURAL
    if start < gene.start or start + len(ref) - 1 > gene.end:
        return Problem.OUTSIDE_SEGMENT
    bases = gene.bases(start, start + len(ref) - 1)
    if not _agrees(ref, bases):
        return Problem.REF_MISMATCH
    if not ref or not plain:
        return Problem.UNRESOLVED
    edit = _trimmed(start, bases, alt)
    return Problem.NO_CHANGE if edit is None else left_aligned(gene, edit)


def left_aligned(gene: Gene, edit: Edit) -> Edit:
    """Return a pure insertion or deletion at its lowest position; other edits have only one place."""
    start, end, inserted = edit.start, edit.end, edit.inserted
    if inserted and edit.n_deleted:
        return edit
    while start - 1 > gene.start:
        before = gene.bases(start - 1, start - 1)
        if before != (inserted[-1] if inserted else gene.bases(end, end)):
            break
        inserted = before + inserted[:-1] if inserted else inserted
        start, end = start - 1, end - 1
    return edit if start == edit.start else Edit(start=start, end=end, inserted=inserted)


def right_aligned(gene: Gene, edit: Edit) -> Edit:
    """Return a pure insertion or deletion at its highest position: the 3' rule of a `g.` description."""
    start, end, inserted = edit.start, edit.end, edit.inserted
    if inserted and edit.n_deleted:
        return edit
    while end + 1 < gene.end:
        after = gene.bases(end + 1, end + 1)
        if after != (inserted[0] if inserted else gene.bases(start, start)):
            break
        inserted = inserted[1:] + after if inserted else inserted
        start, end = start + 1, end + 1
    return edit if start == edit.start else Edit(start=start, end=end, inserted=inserted)


def vcf_key(gene: Gene, edit: Edit) -> str:
    """Return `17-POS-REF-ALT` on GRCh38; insertions and deletions carry the base before them."""
    start, inserted = edit.start, edit.inserted
    if not inserted or not edit.n_deleted:
        start -= 1
        inserted = gene.bases(start, start) + inserted
    return f"17-{start}-{gene.bases(start, edit.end)}-{inserted}"


def edit_of_key(key: str) -> Edit:
    """Return the edit that `vcf_key` has written."""
    _, position, ref, alt = key.split("-")
    anchor = 1 if ref[0] == alt[0] else 0
    start = int(position) + anchor
    return Edit(start=start, end=int(position) + len(ref) - 1, inserted=alt[anchor:])


def _is_bases(text: str) -> bool:
    return text != "" and not text.strip("ACGT")


def _is_symbolic(alt: str) -> bool:
    return any(mark in alt for mark in "<>[]") or (len(alt) > 1 and "." in (alt[0], alt[-1]))


def _agrees(ref: str, bases: str) -> bool:
    if ref == bases:
        return True
    return len(ref) == len(bases) > 0 and all(
        base in _IUPAC.get(code, code) for code, base in zip(ref, bases, strict=True)
    )


def _trimmed(start: int, ref: str, alt: str) -> Edit | None:
    suffix, shortest = 0, min(len(ref), len(alt))
    while suffix < shortest and ref[-1 - suffix] == alt[-1 - suffix]:
        suffix += 1
    prefix, shortest = 0, shortest - suffix
    while prefix < shortest and ref[prefix] == alt[prefix]:
        prefix += 1
    end = len(ref) - suffix
    inserted = alt[prefix : len(alt) - suffix]
    if prefix == end and not inserted:
        return None
    return Edit(start=start + prefix, end=start + end - 1, inserted=inserted)
