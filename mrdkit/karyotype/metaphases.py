"""How many metaphases were seen, whose they are, and what the normal ones exclude.

Recipient and donor are never merged: recipient + donor = total. Normal are the patient's own normal and
constitutional lines, without cells of theirs that are told to be nonclonal, and cells that lost whole
chromosomes without being a clone. n normal metaphases exclude
a clone of 1 - (1 - confidence)^(1/n) (Hook 1977); a clone that needs two or three cells may be larger.
"""

from functools import lru_cache
from typing import NamedTuple

from mrdkit.karyotype.clonality import JudgedLine
from mrdkit.karyotype.reading import Reading
from mrdkit.results import Metaphases
from mrdkit.stats import binomial_upper_limit

__all__ = ["ExcludedLevels", "count_metaphases", "excluded_levels", "is_normal"]


def count_metaphases(reading: Reading) -> Metaphases | None:
    """Return the metaphases by population, None where a clone does not state them or may be the donor's."""
    parts = [(clone.population, clone.cells) for clone in reading.parsed.clones]
    parts += [(remark.population, remark.cells) for remark in reading.parsed.remarks]
    if reading.both_sexes or any(cells is None for _, cells in parts):
        return None
    recipient = sum(cells or 0 for population, cells in parts if population == "recipient")
    donor = sum(cells or 0 for population, cells in parts if population == "donor")
    normal = sum(_normal_cells(each) for each in reading.recipient if is_normal(each))
    return Metaphases(total=recipient + donor, recipient=recipient, donor=donor, normal=normal)


class ExcludedLevels(NamedTuple):
    """Shares of cells that a clone may have had unseen, where one, two or three cells make it a clone."""

    one_cell: float | None = None
    two_cells: float | None = None
    three_cells: float | None = None


def excluded_levels(reading: Reading, metaphases: Metaphases | None, *, confidence: float) -> ExcludedLevels:
    """Return what the normal cells exclude, nothing where an abnormal cell was seen."""
    lines = (*reading.recipient, *reading.donor)
    all_normal = all(each.line.role in ("normal", "constitutional") for each in lines)
    all_normal = all_normal and not any(remark.of_clone for remark in reading.parsed.remarks)
    if metaphases is None or not all_normal or not reading.whole:
        return ExcludedLevels()
    n = metaphases.normal + sum(_normal_cells(each) for each in reading.donor)
    return _levels(n, confidence)


@lru_cache(maxsize=1024)
def _levels(n: int, confidence: float) -> ExcludedLevels:
    """Return the levels that n normal metaphases exclude; too few to hold a clone exclude nothing."""
    return ExcludedLevels(
        *(
            binomial_upper_limit(needed - 1, n, confidence=confidence) if n >= needed else None
            for needed in (1, 2, 3)
        )
    )


def is_normal(each: JudgedLine) -> bool:
    """Return whether the cells of a line count as normal."""
    return each.line.role in ("normal", "constitutional") or each.only_lost


def _normal_cells(each: JudgedLine) -> int:
    nonclonal = sum(aside.n for aside in each.line.clone.asides if aside.kind == "nonclonal")
    return max(0, (each.line.clone.cells or 0) - nonclonal)
