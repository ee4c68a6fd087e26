"""Whether groups differ: the tests of counts and of values, each with its name.

Counts: Pearson's chi-square without Yates' correction, as recovered from the trial's printed P values; where
an expected count is small, Fisher's exact P of a 2x2 table is named beside it. Values: Mann-Whitney for two
groups, Kruskal-Wallis for more. Source: trial definitions, section 3.1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Comparison", "compare_counts", "compare_values"]

_TWO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A P value, None where nothing can be compared, and the test in words."""

    p_value: float | None
    method: str


def compare_counts(counts: Sequence[tuple[int, int]], *, expected_less_than: float) -> Comparison:
    """Compare shares, each as (n, of how many).

    Args:
        counts: one pair per group.
        expected_less_than: an expected count below it asks for the exact test beside the chi-square.
    """
    table = [[n for n, _ in counts], [total - n for n, total in counts]]
    name = "Pearson chi-square without Yates"
    if len(counts) < _TWO or not all(total for _, total in counts):
        return Comparison(p_value=None, method="no test: a group is empty")
    if not all(any(row) for row in table):
        return Comparison(p_value=None, method="no test: all or none in every group")
    from scipy.stats import chi2_contingency, fisher_exact

    found = chi2_contingency(table, correction=False)
    if float(found.expected_freq.min()) < expected_less_than:
        exact = f": Fisher's exact P {fisher_exact(table).pvalue:.3g}" if len(counts) == _TWO else ""
        name += f" (an expected count is below {expected_less_than:g}{exact})"
    return Comparison(p_value=float(found.pvalue), method=name)


def compare_values(groups: Sequence[Sequence[float]]) -> Comparison:
    """Compare values by their ranks."""
    if len(groups) < _TWO or not all(groups):
        return Comparison(p_value=None, method="no test: a group is empty")
    if len({value for group in groups for value in group}) == 1:
        return Comparison(p_value=None, method="no test: all values are equal")
    from scipy.stats import kruskal, mannwhitneyu

    if len(groups) == _TWO:
        p_value, name = float(mannwhitneyu(*groups).pvalue), "Mann-Whitney, two-sided"
    else:
        p_value, name = float(kruskal(*groups).pvalue), "Kruskal-Wallis"
    return Comparison(p_value=p_value if math.isfinite(p_value) else None, method=name)
