"""Antigens on blasts: limits of therapies and changes since diagnosis, as tables for correction.

Numbers and their sources: reference/flow/expression.toml.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tables import rows

from mrdkit.errors import InputError
from mrdkit.flow.mrd.expression import Cutoff, MarkerExpression, cutoff_of, expression_of, limit_flags
from mrdkit.flow.mrd.expression_change import change_of
from mrdkit.flow.mrd.expression_rules import read_expression_settings
from mrdkit.stats import clopper_pearson

SETTINGS = read_expression_settings()

LIMITS = """
    marker | positive | blasts | flags                                       | why
    -------+----------+--------+---------------------------------------------+------------------------------------
    CD20   |    2000  |  10000 | CD20_AT_LEAST_20 CD20_AT_LEAST_20_UNDECIDED | exactly 20 % reaches it
    CD20   |    1999  |  10000 | CD20_BELOW_20 CD20_AT_LEAST_20_UNDECIDED    | 19.99 % misses it, within chance
    CD20   |    2100  |  10000 | CD20_AT_LEAST_20                            | 20.2 to 21.8 %
    CD20   |    1900  |  10000 | CD20_BELOW_20                               | 18.2 to 19.8 %
    CD20   |      21  |    100 | CD20_AT_LEAST_20 CD20_AT_LEAST_20_UNDECIDED | few blasts decide little
    CD20   |       0  |    100 | CD20_BELOW_20                               | at most 3.6 %
    CD22   |    9500  |  10000 | CD22_POSITIVE CD22_AT_LEAST_90              |
    CD22   |    5000  |  10000 | CD22_POSITIVE CD22_BELOW_90                 |
    CD22   |     100  |  10000 | CD22_NEGATIVE CD22_BELOW_90                 | 1 % are the tail of negative cells
    CD19   |   10000  |  10000 | CD19_POSITIVE                               |
    CD19   |    1000  |  10000 | CD19_NEGATIVE                               |
    CD34   |    5000  |  10000 |                                             | no therapy asks for it
"""

CHANGES = """
    at diagnosis | median | later | median | blasts | change  | why
    -------------+--------+-------+--------+--------+---------+-------------------------------------------
    95           |  2000  |  2    |    80  |  10000 | lost    | below 20 % and below half
    95           |  2000  | 19.9  |   300  |  10000 | lost    | just below 20 %
    95           |  2000  | 20    |   300  |  10000 | reduced | 20 % itself is positive
    95           |  2000  | 75    |  1500  |  10000 | reduced | a fall by exactly 20 points
    95           |  2000  | 76    |  1500  |  10000 | kept    | a fall by 19 points
    99           |  6000  | 98    |  1998  |  10000 | reduced | the median at a third
    99           |  6000  | 98    |  2000  |  10000 | kept    | the median just above a third
    21           |    90  | 19    |    80  |  10000 | kept    | across 20 %, but not to half
    38           |   150  | 19    |    80  |  10000 | lost    | exactly half
    30           |   150  | 15    |    80  |    100 | kept    | intervals of few blasts overlap
    10           |    50  | 40    |   150  |  10000 | gained  |
    10           |    50  |  5    |    10  |  10000 | absent  | never positive
"""


def found(marker: str, positive: int, n: int, median: float = 1000.0) -> MarkerExpression:
    """Return figures as the report gives them; the cut-off is 100."""
    interval = clopper_pearson(positive, n)
    return MarkerExpression(
        marker=marker,
        n=n,
        n_positive=positive,
        percent_positive=100.0 * positive / n,
        ci_low=100.0 * interval.low,
        ci_high=100.0 * interval.high,
        median=median,
        cutoff=100.0,
    )


@pytest.mark.parametrize(("marker", "positive", "blasts", "flags", "why"), rows(LIMITS))
def test_limit(marker: str, positive: str, blasts: str, flags: str, why: str) -> None:
    answer = limit_flags(found(marker, int(positive), int(blasts)), SETTINGS.limit)
    assert list(answer) == flags.split(), why


@pytest.mark.parametrize(
    ("before", "median_before", "now", "median_now", "blasts", "change", "why"), rows(CHANGES)
)
def test_change(  # noqa: PLR0917 (the columns of the table)
    before: str, median_before: str, now: str, median_now: str, blasts: str, change: str, why: str
) -> None:
    n = int(blasts)
    diagnosis = found("CD22", round(float(before) * n / 100.0), n, float(median_before))
    later = found("CD22", round(float(now) * n / 100.0), n, float(median_now))
    assert change_of(diagnosis, later, SETTINGS.change).change == change, why


def test_a_marker_that_was_not_told_has_no_flag_and_no_change() -> None:
    unknown = MarkerExpression(marker="CD22")
    assert not list(limit_flags(unknown, SETTINGS.limit))
    assert change_of(unknown, found("CD22", 1, 100), SETTINGS.change).change is None
    assert change_of(found("CD22", 99, 100), unknown, SETTINGS.change).change is None


FINITE = st.floats(-1e4, 1e5)


@given(values=arrays(np.float64, st.integers(1, 400), elements=FINITE), quantile=st.floats(0.51, 0.999))
def test_at_most_the_stated_share_of_negative_cells_is_positive(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], quantile: float
) -> None:
    cutoff = cutoff_of(values, quantile, at_least=1, source="t_cells")
    assert (values > cutoff.value).mean() <= 1.0 - quantile + 1e-12
    assert cutoff.value in values


@given(values=arrays(np.float64, st.integers(1, 300), elements=FINITE), cutoff=FINITE, higher=FINITE)
def test_a_higher_cutoff_never_gives_more_positive_blasts(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], cutoff: float, higher: float
) -> None:
    low, high = sorted((cutoff, higher))
    answers = [
        expression_of("CD20", values, Cutoff(value=value, method="test"), None, at_least=1)
        for value in (low, high)
    ]
    assert answers[0].n_positive == np.count_nonzero(values > low)
    shares = [answer.percent_positive or 0.0 for answer in answers]
    assert shares[0] >= shares[1]
    for answer in answers:
        assert answer.ci_low is not None
        assert answer.ci_high is not None
        assert answer.ci_low <= (answer.percent_positive or 0.0) <= answer.ci_high


def test_values_that_are_not_finite_are_left_out_and_too_few_are_refused() -> None:
    values = np.array([1.0, np.nan, np.inf, 3.0, -np.inf])
    cutoff = cutoff_of(values, 0.99, at_least=2, source="t_cells")
    assert (cutoff.value, cutoff.method) == (3.0, "t_cells:q0.99")
    assert expression_of("CD20", values, cutoff, None, at_least=2).n == 2
    with pytest.raises(InputError, match="at least 3 events of t_cells"):
        cutoff_of(values, 0.99, at_least=3, source="t_cells")
    with pytest.raises(InputError, match="at least 3"):
        expression_of("CD20", values, cutoff, None, at_least=3)
