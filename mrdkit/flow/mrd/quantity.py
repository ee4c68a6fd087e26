"""From called cells to a fraction: less the expected background, divided by the recall, with an interval.

The interval covers sampling (exact, Clopper and Pearson), the background (over-dispersed) and the recall. The
parts are combined at their unfavourable ends, so that it is rather too wide than too narrow.
"""

from dataclasses import dataclass

from mrdkit.flow.mrd.blank_limit import BlankLimit, limit_of_detection
from mrdkit.flow.mrd.decision import EventRules, Measured
from mrdkit.flow.mrd.detection_rules import read_detector_settings
from mrdkit.flow.mrd.operating import Operating
from mrdkit.stats import Interval, clopper_pearson, over_dispersed_quantile

__all__ = ["Counts", "measured"]

_TAIL = 0.025
_RECALL_ERRORS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Cells of one tube.

    Attributes:
        n_target: called cells.
        n_denominator: at least one.
        n_hematogones: normal precursors.
        n_open: a group of cells that may be leukemic and was not called; the interval reaches up to it.
    """

    n_target: int
    n_denominator: int
    n_hematogones: int
    n_open: int = 0


def measured(
    counts: Counts, limit: BlankLimit, rules: EventRules, *, found: Operating, smallest: Operating
) -> Measured:
    """Return what a background adds to the count of one tube.

    Args:
        counts: of the tube.
        limit: of blank.
        rules: the panel's.
        found: recall and background of this call.
        smallest: the same for the smallest share that matters; used where no cluster is seen.
    """
    settings = read_detector_settings()
    lob_events = limit.events(counts.n_hematogones)
    above = max(lob_events, rules.lod_at_least_events - 1)
    used = found if counts.n_target > above else smallest
    recall = max(used.recall, settings.recall_at_least)
    background = min(used.normal_called, float(counts.n_target))
    fraction = (counts.n_target - background) / (recall * counts.n_denominator)
    return Measured(
        fraction=min(fraction, 1.0),
        interval=_interval(counts, background, recall, limit, settings.recall_error),
        lob_events=lob_events,
        lod=limit_of_detection(
            above,
            limit.expected(counts.n_hematogones),
            smallest.recall,
            counts.n_denominator,
            settings.background_probability,
        ),
    )


def _interval(
    counts: Counts, background: float, recall: float, limit: BlankLimit, recall_error: float
) -> Interval:
    whole = counts.n_denominator
    sampling = clopper_pearson(counts.n_target, whole)
    highest = clopper_pearson(min(counts.n_target + counts.n_open, whole), whole).high
    least = min(over_dispersed_quantile(background, limit.dispersion, _TAIL), background)
    most = over_dispersed_quantile(background, limit.dispersion, 1.0 - _TAIL)
    error = _RECALL_ERRORS * recall_error
    low = (sampling.low * whole - most) / (recall * (1.0 + error) * whole)
    high = (highest * whole - least) / (recall * (1.0 - error) * whole)
    return Interval(min(max(low, 0.0), 1.0), min(high, 1.0))
