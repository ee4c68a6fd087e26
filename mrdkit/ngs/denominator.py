"""How many nucleated cells a sample holds, and who says so.

Reference loci (the file's total nucleated cells) come first. DNA mass is a stand-in that can be wrong about
two-fold, so it is used only from the rule's mass on and always with a warning. No cells is a named outcome.
Source: `reference/ngs/cells.toml`.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from mrdkit.ngs.rules import CellsRule, DominanceRule
from mrdkit.ngs.sample import NgsSample, SampleWarning

__all__ = ["CellsSource", "Denominator", "denominator", "templates_by_like_group"]

CellsSource: TypeAlias = Literal["reference_loci", "vendor_count", "mass_6.5pg", "user", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Denominator:
    """Nucleated cells behind a sample's templates; `cells` is None where the source is "none"."""

    cells: float | None
    source: CellsSource
    warnings: tuple[SampleWarning, ...]


def denominator(sample: NgsSample, rule: CellsRule) -> Denominator:
    """Return the cells of a sample: by reference loci, else by DNA mass, else none."""
    if sample.stated_cells is not None:
        if sample.stated_cells > 0.0:
            return Denominator(cells=sample.stated_cells, source="reference_loci", warnings=())
        return _none("CELLS_ZERO", "The file states 0 nucleated cells: nothing was measured.")
    if sample.dna_ng is None:
        return _none("CELLS_MISSING", "The file states neither nucleated cells nor input DNA.")
    if sample.dna_ng < rule.dna_mass_ng_at_least:
        return _none(
            "CELLS_MISSING",
            f"The file states no nucleated cells, and {sample.dna_ng:g} ng DNA is below the "
            f"{rule.dna_mass_ng_at_least:g} ng from which mass may stand in.",
        )
    cells = sample.dna_ng / rule.genome_mass_ng_per_cell
    warning = SampleWarning(
        code="CELLS_FROM_MASS",
        message=f"WARNING: no nucleated cells by reference loci; {cells:,.0f} cells are estimated from "
        f"{sample.dna_ng:g} ng DNA and can be wrong about two-fold.",
    )
    return Denominator(cells=cells, source="mass_6.5pg", warnings=(warning,))


def templates_by_like_group(sample: NgsSample, rule: DominanceRule) -> dict[str, int]:
    """Return templates per group of like sequences, groups in alphabetical order."""
    sums: dict[str, int] = {}
    for locus, templates in sample.templates_by_locus.items():
        group = rule.like_group(locus)
        sums[group] = sums.get(group, 0) + templates
    return dict(sorted(sums.items()))


def _none(code: str, message: str) -> Denominator:
    return Denominator(cells=None, source="none", warnings=(SampleWarning(code=code, message=message),))
