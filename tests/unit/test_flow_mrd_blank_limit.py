"""Limits of blank from a tube's own hematogones, and the quantity that follows; printed figures."""

import math

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from tables import rows

from mrdkit.flow.mrd.blank_limit import BlankCount, BlankLimit, fit_blank_limit, limit_of_detection
from mrdkit.flow.mrd.decision import EventRules
from mrdkit.flow.mrd.detection_rules import read_detector_settings
from mrdkit.flow.mrd.operating import Operating
from mrdkit.flow.mrd.quantity import Counts, measured
from mrdkit.stats import over_dispersed_quantile, poisson_mean_exceeding

SETTINGS = read_detector_settings()
RULES = EventRules(
    threshold_at_least_fraction=1e-4,
    lod_at_least_events=10,
    loq_at_least_events=40,
    lineage_at_least_events=100,
)

#: Fact sheet of flow MRD, "Physics of the limit": 95 % detection, recall 0.9, a background of known rate per
#: cell of the denominator, Poisson; in brackets where 10 events are needed for a cluster.
PHYSICS = """
    N       | 0                | 1e-6             | 1e-5             | 5e-5   | 1e-4   | 2e-4
    --------+------------------+------------------+------------------+--------+--------+-------
    100000  | 3.3e-5 (1.7e-4)  | 5.2e-5 (1.7e-4)  | 7.5e-5 (1.6e-4)  | 1.2e-4 | 1.5e-4 | 2.0e-4
    300000  | 1.1e-5 (5.8e-5)  | 1.6e-5 (5.7e-5)  | 3.3e-5 (4.7e-5)  | 6.1e-5 | 7.8e-5 | 1.1e-4
    500000  | 6.7e-6 (3.5e-5)  | 1.3e-5 (3.4e-5)  | 2.4e-5           | 4.3e-5 | 5.9e-5 | 8.1e-5
    1000000 | 3.3e-6 (1.7e-5)  | 7.5e-6 (1.6e-5)  | 1.5e-5           | 3.0e-5 | 4.0e-5 | 5.6e-5
    4000000 | 8.3e-7 (4.4e-6)  | 2.9e-6 (3.3e-6)  | 6.8e-6           | 1.4e-5 | 1.9e-5 | 2.7e-5
"""
RATES = (0.0, 1e-6, 1e-5, 5e-5, 1e-4, 2e-4)

#: The same sheet, "Counting statistics": events so that at a true 1e-4 at least k are seen with 95 %.
NEEDED = """
    k   | events
    ----+----------
    1   |    29958
    5   |    91536
    10  |   157053
    20  |   278793
    30  |   395410
    40  |   509398
    50  |   621711
    100 |  1169972
"""


def cells_of_physics() -> list[tuple[int, float, int, float]]:
    found = []
    for whole, *cells in rows(PHYSICS):
        for rate, cell in zip(RATES, cells, strict=True):
            for least, printed in zip((1, 10), cell.replace(")", "").split("("), strict=False):
                found.append((int(whole), rate, least, float(printed)))
    return found


@pytest.mark.parametrize(("whole", "rate", "least", "printed"), cells_of_physics())
def test_physics_of_the_limit(whole: int, rate: float, least: int, printed: float) -> None:
    background = rate * whole
    above = max(over_dispersed_quantile(background, 0.0, 0.95), least - 1)
    found = limit_of_detection(above, background, 0.9, whole, 0.95)
    last_digit = 10.0 ** (math.floor(math.log10(printed)) - 1)
    assert found == pytest.approx(printed, abs=0.51 * last_digit)


def test_every_printed_limit_is_looked_at() -> None:
    assert len(cells_of_physics()) == 5 * 6 + 3 + 3 + 2 + 2 + 2


@pytest.mark.parametrize(("k", "events"), rows(NEEDED))
def test_events_needed_for_1e4(k: str, events: str) -> None:
    assert math.ceil(poisson_mean_exceeding(int(k) - 1, 0.95) / 1e-4) == int(events)


@given(st.integers(0, 60), st.floats(0.2, 1.0), st.integers(10_000, 4_000_000))
def test_a_fraction_at_the_limit_is_detected_as_often_as_asked(above: int, recall: float, whole: int) -> None:
    fraction = limit_of_detection(above, 0.0, recall, whole, 0.95)
    assert scipy.stats.poisson.sf(above, fraction * recall * whole) == pytest.approx(0.95, abs=1e-8)


@pytest.mark.parametrize(("recall", "whole"), [(0.0, 500_000), (1e-6, 500_000), (1.0, 10)])
def test_where_nothing_can_be_seen_nothing_below_the_whole_is_excluded(recall: float, whole: int) -> None:
    assert limit_of_detection(9, 0.0, recall, whole, 0.95) == 1.0


@pytest.mark.parametrize(
    ("counts", "alpha", "dispersion"),
    [
        ([(0, 100)] * 20, 0.5 / 2000, 0.3),  # none seen is no rate of 0; the panel's least dispersion
        ([(2, 100)] * 20, 40.5 / 2000, 0.3),
        ([(0, 100), (40, 100)] * 10, 200.25 / 1000, 0.98),
        ([(0, 0)] * 20, 0.5, 0.3),  # no hematogone at all
    ],
)
def test_rate_and_dispersion_of_blanks(
    counts: list[tuple[int, int]], alpha: float, dispersion: float
) -> None:
    limit = fit_blank_limit([BlankCount(n_target=k, n_hematogones=h) for k, h in counts], SETTINGS)
    assert limit.alpha == pytest.approx(alpha)
    assert limit.dispersion == pytest.approx(dispersion, abs=0.06)
    assert limit.probability == 0.95


def test_the_limit_follows_the_tubes_own_hematogones() -> None:
    limit = BlankLimit(alpha=0.01, dispersion=0.3, probability=0.95)
    assert [limit.events(n) for n in (0, 100, 1_000, 10_000)] == [0, 3, 22, 205]
    assert limit.expected(1_000) == 10.0


def of(
    k: int, limit: BlankLimit, *, hematogones: int = 1_000, recall: float = 0.9, normal: float = 0.0
) -> tuple[float, float, float]:
    one = Operating(recall=recall, normal_called=normal)
    counts = Counts(n_target=k, n_denominator=500_000, n_hematogones=hematogones)
    found = measured(counts, limit, RULES, found=one, smallest=one)
    return found.interval.low, found.fraction, found.interval.high


def test_a_quantity_is_less_the_background_and_divided_by_the_recall() -> None:
    limit = BlankLimit(alpha=1e-3, dispersion=0.3, probability=0.95)
    low, fraction, high = of(100, limit, recall=0.8, normal=20.0)
    assert fraction == pytest.approx(80.0 / (0.8 * 500_000))
    assert low < fraction < high
    exact_low, _, exact_high = of(100, limit, recall=1.0)
    assert (exact_low, exact_high) != (low, high)


def test_a_small_recall_is_not_divided_by() -> None:
    limit = BlankLimit(alpha=1e-3, dispersion=0.3, probability=0.95)
    assert of(50, limit, recall=0.01)[1] == pytest.approx(50 / (SETTINGS.recall_at_least * 500_000))


@given(
    st.integers(0, 5_000),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1e4),
    st.integers(0, 50_000),
    st.floats(1e-6, 1.0),
)
def test_a_fraction_lies_within_its_interval(
    k: int, recall: float, normal: float, hematogones: int, alpha: float
) -> None:
    limit = BlankLimit(alpha=alpha, dispersion=0.3, probability=0.95)
    low, fraction, high = of(k, limit, hematogones=hematogones, recall=recall, normal=normal)
    assert 0.0 <= low <= fraction <= high <= 1.0


def test_below_the_limit_of_blank_the_recall_of_the_smallest_cluster_counts() -> None:
    limit = BlankLimit(alpha=0.01, dispersion=0.3, probability=0.95)
    counts = Counts(n_target=20, n_denominator=500_000, n_hematogones=1_000)
    found, smallest = Operating(recall=0.9, normal_called=0.0), Operating(recall=0.5, normal_called=2.0)
    below = measured(counts, limit, RULES, found=found, smallest=smallest)
    assert below.lob_events == 22
    assert below.fraction == pytest.approx(18 / (0.5 * 500_000))
    assert below.lod == limit_of_detection(22, 10.0, 0.5, 500_000, 0.95)


def test_the_interval_reaches_up_to_a_group_that_was_not_called() -> None:
    exact = Operating(recall=1.0, normal_called=0.0)
    limit = BlankLimit(alpha=1e-4, dispersion=0.3, probability=0.95)
    highs = []
    for n_open in (0, 400):
        counts = Counts(n_target=0, n_denominator=400_000, n_hematogones=1_000, n_open=n_open)
        found = measured(counts, limit, RULES, found=exact, smallest=exact)
        assert (found.fraction, found.interval.low) == (0.0, 0.0)
        highs.append(found.interval.high)
    assert highs[0] < 2e-5
    assert highs[1] > 1e-3
