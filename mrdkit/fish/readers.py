"""Whether two readers of the same specimen disagree: Fisher's exact test, two-sided, or different calls.

The call is made on the sum of the readers; a disagreement asks for a third one. The p value is the
probability of all tables with the same margins that are not more probable than the one seen (Fisher 1935),
in whole-number arithmetic.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations
from math import comb

from mrdkit.fish.classes import SignalClass
from mrdkit.fish.decide import decide
from mrdkit.fish.limits import Cutoff
from mrdkit.fish.rules import FishRule
from mrdkit.fish.tally import Tally, assess

__all__ = ["disagreement", "fisher_two_sided"]


def disagreement(readers: Mapping[str, Tally], cutoffs: Mapping[str, Cutoff], rule: FishRule) -> str | None:
    """Return why a third reader is needed, or None; counts without a reader are compared with nobody."""
    read = [tally for name, tally in sorted(readers.items()) if name and tally.n_scored]
    if len(read) < 2:  # noqa: PLR2004 - nobody to compare with
        return None
    for one, other in combinations(read, 2):
        p = fisher_two_sided((_abnormal(one), _abnormal(other)), (one.n_scored, other.n_scored))
        if p < rule.third_reader_p_below:
            return f"Two readers differ (Fisher two-sided p = {p:.2g}); the call is made on the sum."
    # Too few nuclei of one reader are no finding that another one could contradict.
    if len({_call(tally, cutoffs, rule) for tally in read} - {"insufficient"}) > 1:
        return "The calls of two readers differ; the call is made on the sum."
    return None


@lru_cache(maxsize=4096)
def fisher_two_sided(abnormal: tuple[int, int], scored: tuple[int, int]) -> float:
    """Return the two-sided p of two readers' abnormal nuclei among those that each scored.

    Raises:
        ValueError: more abnormal than scored nuclei, or a negative number.

    >>> round(fisher_two_sided((50, 30), (100, 100)), 12)
    0.005937341166
    """
    for found, of in zip(abnormal, scored, strict=True):
        if not 0 <= found <= of:
            raise ValueError(f"abnormal must be between 0 and scored, got {found!r} of {of!r}")
    (first, second), marked = scored, sum(abnormal)
    low, high = max(0, marked - second), min(first, marked)
    weight = comb(first, low) * comb(second, marked - low)
    weights = [weight]
    for k in range(low, high):
        weight = weight * (first - k) * (marked - k) // ((k + 1) * (second - marked + k + 1))
        weights.append(weight)
    seen = weights[abnormal[0] - low]
    return sum(weight for weight in weights if weight <= seen) / sum(weights)


def _abnormal(tally: Tally) -> int:
    return tally.n_scored - tally.classes.get(SignalClass.NORMAL, 0)


def _call(tally: Tally, cutoffs: Mapping[str, Cutoff], rule: FishRule) -> str:
    classes = assess(tally, cutoffs, rule)
    return decide(classes, n_scored=tally.n_scored, has_cutoffs=bool(cutoffs), rule=rule).call
