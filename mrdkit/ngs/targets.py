"""The sequences by which a subject's clone is recognised, and where they were found.

All candidates are kept with the criteria that they fail; the dominant ones are the targets. Identity is
subject, locus and nucleotide sequence, never the amino acid: two of three targets of a real calibration
have none. Source: clonoSEQ clonality report; `reference/ngs/dominance.toml`.
"""

import hashlib
import math
import re
from dataclasses import dataclass

from mrdkit.ngs.denominator import CellsSource
from mrdkit.ngs.sample import Compartment
from mrdkit.results import Evidence

__all__ = ["CRITERIA", "Target", "TargetSet", "target_id"]

#: Codes of the four dominance criteria, in the order of the report.
CRITERIA = ("LIKE_3PCT", "CELLS_0_2PCT", "DISCONTINUOUS", "GENOMES_40")

_SEQUENCE = re.compile(r"[ACGTN]+")
_ID_DIGITS = 16


def target_id(subject_id: str, locus: str, sequence: str) -> str:
    """Return the identity of a sequence in a subject: 16 hexadecimal digits of a sha256."""
    identity = f"{subject_id}\x1f{locus}\x1f{sequence}".encode()
    return hashlib.sha256(identity).hexdigest()[:_ID_DIGITS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One candidate of a calibration sample.

    Attributes:
        sequence: whole nucleotide sequence, 5' to 3'.
        frame: vendor's status (In, Out, Stop); it decides nothing.
        templates: the sequence's own templates.
        fraction_of_group: of all like sequences.
        fraction_of_cells: may exceed 1; None without a count of cells.
        n_next_decade: other like sequences with templates above a tenth of, and at most, its own.
        dominant: it passes all four criteria and is no variant of an earlier dominant sequence.
        failed_criteria: codes out of `CRITERIA`, in their order.
        vendor_dominant: the vendor tagged it `Dx`; None where the file has no tags.
        sensitivity_bin: smallest cellular level it is trackable to; -1 not trackable, None not stated.
        cell_free_sensitivity_bin: the same for plasma.
        collapsed_into: id of the dominant sequence that this one is a variant of.
        j_index: first base of the J segment, from 0; None where not stated.
        variant_templates: own templates and those of the collapsed variants.
        stem_start: first base of the shortest stem that sub-clones share with it; None where D is not known.
        evolved_from: id of the dominant sequence whose stem it shares, with another V.
        stem_length: bases of that stem.
    """

    target_id: str
    locus: str
    like_group: str
    sequence: str
    v: str | None
    d: str | None
    j: str | None
    frame: str | None
    templates: int
    fraction_of_group: float
    fraction_of_cells: float | None
    n_next_decade: int
    dominant: bool
    failed_criteria: tuple[str, ...]
    vendor_dominant: bool | None
    sensitivity_bin: float | None
    cell_free_sensitivity_bin: float | None
    clone_probability: float | None
    collapsed_into: str | None
    j_index: int | None
    variant_templates: int
    stem_start: int | None = None
    evolved_from: str | None = None
    stem_length: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no calibration can yield."""
        fraction = self.fraction_of_cells
        if not _SEQUENCE.fullmatch(self.sequence):
            raise ValueError("a sequence has letters out of A, C, G, T, N")
        if not 0 <= self.templates <= self.variant_templates or self.n_next_decade < 0:
            raise ValueError("counts must be at least 0, and variants include the sequence itself")
        if not 0.0 <= self.fraction_of_group <= 1.0:
            raise ValueError("fraction_of_group must be between 0 and 1")
        if fraction is not None and not (fraction >= 0.0 and math.isfinite(fraction)):
            raise ValueError("fraction_of_cells must be a number of at least 0")
        if any(code not in CRITERIA for code in self.failed_criteria):
            raise ValueError("failed_criteria must be codes of criteria")
        if self.dominant and (self.failed_criteria or self.collapsed_into):
            raise ValueError("a dominant sequence fails no criterion and is no variant")


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSet:
    """What the calibration of one subject found; several samples are joined by `merge_targets`.

    Attributes:
        sample_id: calibration sample, several joined by `+`.
        cells: nucleated cells of the sample; None where unknown or where several were joined.
        candidates: all listed sequences, most templates first.
        evolved: sub-clones of the targets, however few templates they have; no targets themselves.
    """

    subject_id: str
    sample_id: str
    compartment: Compartment
    cells: float | None
    cells_source: CellsSource
    candidates: tuple[Target, ...]
    evolved: tuple[Target, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    evidence: Evidence

    def __post_init__(self) -> None:
        """Refuse targets that belong to another subject or whose sequence was changed."""
        for target in (*self.candidates, *self.evolved):
            if target.target_id != target_id(self.subject_id, target.locus, target.sequence):
                raise ValueError("a target_id does not belong to its subject, locus and sequence")

    @property
    def targets(self) -> tuple[Target, ...]:
        """The dominant sequences: these are tracked."""
        return tuple(candidate for candidate in self.candidates if candidate.dominant)
