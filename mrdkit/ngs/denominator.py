"""How many nucleated cells a sample holds, and who says so.

A number that the user states comes first and is named as such, then reference loci (the file's total
nucleated cells), then a count by the vendor. DNA mass is a stand-in that can be wrong about two-fold, so it
is used only from the rule's mass on and always with a warning. No cells is a named outcome.
Source: `reference/ngs/cells.toml`.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from mrdkit.ngs.rules import CellsRule, DominanceRule
from mrdkit.ngs.sample import NgsSample, SampleWarning, StatedCells

__all__ = ["CellsSource", "Denominator", "denominator", "templates_by_like_group"]

CellsSource: TypeAlias = Literal["reference_loci", "vendor_count", "mass_6.5pg", "user", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Denominator:
    """Nucleated cells behind a sample's templates; `cells` is None where the source is "none"."""

    cells: float | None
    source: CellsSource
    warnings: tuple[SampleWarning, ...]


def denominator(sample: NgsSample, rule: CellsRule) -> Denominator:
    """Return the cells of a sample: the user's, by reference loci, by the vendor, by DNA mass, else none."""
    stated = sample.stated
    if stated.user is not None:
        return _of_user(stated.user, stated.reference_loci or stated.vendor_count)
    if stated.reference_loci is not None:
        if stated.reference_loci > 0.0:
            return Denominator(cells=stated.reference_loci, source="reference_loci", warnings=())
        return _none("CELLS_ZERO", "The file states 0 nucleated cells: nothing was measured.")
    if stated.vendor_count:
        return Denominator(cells=stated.vendor_count, source="vendor_count", warnings=())
    return _of_mass(stated, rule)


def _of_user(cells: float, of_file: float | None) -> Denominator:
    beside = "the file states none" if of_file is None else f"the file states {of_file:,.0f}"
    warning = SampleWarning(code="CELLS_FROM_USER", message=f"{cells:,.0f} cells are the user's; {beside}.")
    return Denominator(cells=cells, source="user", warnings=(warning,))


def _of_mass(stated: StatedCells, rule: CellsRule) -> Denominator:
    if stated.dna_ng is None and not stated.from_mass:
        return _none("CELLS_MISSING", "The file states neither nucleated cells nor input DNA.")
    if stated.dna_ng is not None and stated.dna_ng < rule.dna_mass_ng_at_least:
        return _none(
            "CELLS_MISSING",
            f"The file states no nucleated cells, and {stated.dna_ng:g} ng DNA is below the "
            f"{rule.dna_mass_ng_at_least:g} ng from which mass may stand in.",
        )
    cells = stated.from_mass or (stated.dna_ng or 0.0) / rule.genome_mass_ng_per_cell
    dna = f"{stated.dna_ng:g} ng DNA" if stated.dna_ng is not None else "DNA mass by the vendor"
    warning = SampleWarning(
        code="CELLS_FROM_MASS",
        message=f"WARNING: no nucleated cells by reference loci; {cells:,.0f} cells are estimated from "
        f"{dna} and can be wrong about two-fold.",
    )
    return Denominator(cells=cells, source="mass_6.5pg", warnings=(warning,))


def templates_by_like_group(sample: NgsSample, rule: DominanceRule) -> dict[str, int]:
    """Return templates per group of like sequences, groups in alphabetical order."""
    sums: dict[str, int] = {}
    for locus, templates in sample.rows.templates_by_locus().items():
        group = rule.like_group(locus)
        sums[group] = sums.get(group, 0) + templates
    return dict(sorted(sums.items()))


def _none(code: str, message: str) -> Denominator:
    return Denominator(cells=None, source="none", warnings=(SampleWarning(code=code, message=message),))
