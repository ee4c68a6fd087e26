"""How many metaphases were seen, whose they are, and what the normal ones exclude.

Recipient and donor are never merged: recipient + donor = total. Normal are the patient's own normal and
constitutional lines, without cells of theirs that are told to be nonclonal, and cells that lost whole
chromosomes without being a clone. n normal metaphases exclude
a clone of 1 - (1 - confidence)^(1/n) (Hook 1977).
"""

from mrdkit.karyotype.clonality import JudgedLine
from mrdkit.karyotype.reading import Reading
from mrdkit.results import Metaphases

__all__ = ["count_metaphases", "excluded_level", "is_normal"]


def count_metaphases(reading: Reading) -> Metaphases | None:
    """Return the metaphases by population, or None where a clone does not state its own."""
    parts = [(clone.population, clone.cells) for clone in reading.parsed.clones]
    parts += [(remark.population, remark.cells) for remark in reading.parsed.remarks]
    if any(cells is None for _, cells in parts):
        return None
    recipient = sum(cells or 0 for population, cells in parts if population == "recipient")
    donor = sum(cells or 0 for population, cells in parts if population == "donor")
    normal = sum(_normal_cells(each) for each in reading.recipient if is_normal(each))
    return Metaphases(total=recipient + donor, recipient=recipient, donor=donor, normal=normal)


def excluded_level(reading: Reading, metaphases: Metaphases | None, *, confidence: float) -> float | None:
    """Return the share of cells that a clone may have had unseen, where no abnormal cell was seen."""
    lines = (*reading.recipient, *reading.donor)
    all_normal = all(each.line.role in ("normal", "constitutional") for each in lines)
    all_normal = all_normal and not any(remark.of_clone for remark in reading.parsed.remarks)
    if metaphases is None or not all_normal or not reading.whole:
        return None
    n = metaphases.normal + sum(_normal_cells(each) for each in reading.donor)
    return 1.0 - (1.0 - confidence) ** (1.0 / n) if n else None


def is_normal(each: JudgedLine) -> bool:
    """Return whether the cells of a line count as normal."""
    return each.line.role in ("normal", "constitutional") or each.only_lost


def _normal_cells(each: JudgedLine) -> int:
    nonclonal = sum(aside.n for aside in each.line.clone.asides if aside.kind == "nonclonal")
    return max(0, (each.line.clone.cells or 0) - nonclonal)
