"""Exact intervals against scipy, against printed numbers and against their own definition."""

import math

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from real_data import real
from tables import rows

from mrdkit.stats import binomial_upper_limit, clopper_pearson, garwood, zero_count_upper_limit

PRINTED = """
    k   | N         | low     | high    | flow MRD page, "Counting statistics"
    ----+-----------+---------+---------+-------------------------------------
    0   |   300_000 | 0       | 1.23e-5 | 0/3e5
    10  |   100_000 | 4.8e-5  | 1.84e-4 | 10/1e5
    10  |   500_000 | 9.6e-6  | 3.7e-5  | 10/5e5
    30  |   300_000 | 6.8e-5  | 1.43e-4 | 30/3e5
    50  |   500_000 | 7.4e-5  | 1.32e-4 | 50/5e5
    100 | 1_000_000 | 8.1e-5  | 1.22e-4 | 100/1e6
"""


def last_digit(printed: str) -> float:
    mantissa, _, exponent = printed.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 10.0 ** (int(exponent or 0) - decimals)


@pytest.mark.parametrize(("k", "n", "low", "high", "source"), rows(PRINTED))
def test_printed_intervals(k: str, n: str, low: str, high: str, source: str) -> None:
    found = clopper_pearson(int(k), int(n))
    for value, printed in zip(found, (low, high), strict=True):
        # One unit of the last printed digit: 30/3e5 is printed as 6.8e-5, exact arithmetic gives 6.747e-5.
        assert value == pytest.approx(float(printed), abs=last_digit(printed)), source


def test_proportions_of_the_cytogenetics_table() -> None:
    lines = real("cytogenetics/proportion_ci.csv").read_text().splitlines()[1:]
    for k, n, low, high, *_ in (line.split(",") for line in lines):
        found = clopper_pearson(int(k), int(n))
        assert 100 * found.low == pytest.approx(float(low), abs=1e-8)
        assert 100 * found.high == pytest.approx(float(high), abs=1e-8)


def test_cutoffs_of_the_cytogenetics_table() -> None:
    lines = real("cytogenetics/fish_cutoffs.csv").read_text().splitlines()[1:]
    for _, alpha, n, false_positives, cutoff, *_ in (line.split(",") for line in lines):
        limit = binomial_upper_limit(int(false_positives), int(n), confidence=float(alpha))
        assert 100 * limit == pytest.approx(float(cutoff), abs=1e-6)


@given(st.integers(1, 5_000_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_clopper_pearson_equals_scipy(counts: tuple[int, int]) -> None:
    k, n = counts
    found = clopper_pearson(k, n)
    low = scipy.stats.beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = scipy.stats.beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    assert found.low == pytest.approx(low, rel=1e-9)
    assert found.high == pytest.approx(high, rel=1e-9)
    assert found.low <= k / n <= found.high


@given(st.integers(0, 1_000_000))
def test_garwood_equals_the_chi_square_form(k: int) -> None:
    found = garwood(k)
    assert found.low == pytest.approx(scipy.stats.chi2.ppf(0.025, 2 * k) / 2 if k else 0.0)
    assert found.high == pytest.approx(scipy.stats.chi2.ppf(0.975, 2 * k + 2) / 2)


def test_cells_needed_for_one_in_a_million() -> None:
    """Sequencing page: "-ln(0.05)/1e-6 = 2,995,732 cells"."""
    assert zero_count_upper_limit(2_995_732) == pytest.approx(1e-6, rel=1e-6)


@pytest.mark.parametrize(("count", "total"), [(-1, 10), (11, 10), (0, 0)])
def test_impossible_counts_are_refused(count: int, total: int) -> None:
    with pytest.raises(ValueError, match="count must be between 0 and a positive total"):
        clopper_pearson(count, total)
    with pytest.raises(ValueError, match="count must be between 0 and a positive total"):
        binomial_upper_limit(count, total)


@pytest.mark.parametrize("total", [0.0, -1.0, math.nan, math.inf])
def test_a_limit_needs_cells(total: float) -> None:
    with pytest.raises(ValueError, match="total must be positive"):
        zero_count_upper_limit(total)
